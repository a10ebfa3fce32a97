SELECT k, session_window.start AS s, count(*) AS n FROM events GROUP BY ROLLUP(k), session_window(ts, '10 seconds')
