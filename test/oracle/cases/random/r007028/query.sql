SELECT e.id AS eid, e.k AS ek, e.w.start AS ews, c.id AS cid, c.w.end AS cwe
FROM (SELECT id, k, window(ts, '10 seconds') AS w FROM events) e FULL JOIN (SELECT id, k, window(ts, '10 seconds') AS w FROM clicks) c
  ON e.w = c.w AND e.k = c.k
