SELECT k, session_window.start AS s, session_window.end AS e, count(*) AS n FROM events GROUP BY k, session_window(ts, '1 day')
