SELECT k, session_window.start AS s, count(*) AS n FROM (SELECT CAST(ts AS TIMESTAMP_NTZ) AS t, k FROM events) GROUP BY k, session_window(t, '10 seconds')
