SELECT e.id AS eid, e.k AS ek, e.w.start AS ews
FROM (SELECT id, k, window(ts, '4 seconds') AS w FROM events) e LEFT SEMI JOIN (SELECT id, k, window(ts, '4 seconds') AS w FROM clicks) c
  ON e.w = c.w AND e.id * 2 >= c.id
