SELECT window.start AS s, count(*) AS n FROM (SELECT * FROM events LIMIT 5) GROUP BY window(ts, '10 seconds')
