SELECT window.start AS s, count(*) AS n FROM once GROUP BY window(ts, '10 seconds')
