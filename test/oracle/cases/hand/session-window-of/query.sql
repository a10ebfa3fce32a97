SELECT window.start AS s, count(*) AS c FROM (SELECT k, session_window AS w FROM events GROUP BY k, session_window(ts, '10 seconds')) GROUP BY window(w, '1 minute')
