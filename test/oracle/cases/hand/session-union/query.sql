SELECT k, session_window.start AS s, session_window.end AS e, count(*) AS n, sum(v) AS total FROM (SELECT * FROM events UNION ALL SELECT * FROM other) GROUP BY k, session_window(ts, '10 seconds')
