SELECT w.start AS s, w.end AS e, count(*) AS c FROM (SELECT k, session_window AS w, count(*) AS n FROM events GROUP BY k, session_window(ts, '10 seconds')) GROUP BY w
