SELECT k, session_window.start AS s, count(*) AS n FROM once GROUP BY k, session_window(ts, '10 seconds')
