SELECT k, session_window(ts, '10 seconds').end AS e FROM events
