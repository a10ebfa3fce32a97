SELECT v, k, session_window.start AS s, st.x AS x, count(*) AS n FROM (SELECT *, struct(v AS x, k AS y) AS st FROM events) GROUP BY v, session_window(ts, '10 seconds'), k, st
