SELECT upper(k) AS u, session_window.start AS s, max(v) + count(*) AS m FROM events WHERE v < 3 GROUP BY upper(k), session_window(ts, '10 seconds') HAVING count(*) > 0
