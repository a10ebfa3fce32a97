SELECT k, session_window.start AS s, first(v) AS f, last(v) AS l, collect_list(v) AS list FROM events GROUP BY k, session_window(ts, '10 seconds')
