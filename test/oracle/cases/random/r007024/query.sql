SELECT e.id AS eid, e.k AS ek, e.w.start AS ews, c.id AS cid, c.w.end AS cwe
FROM (SELECT id, k, window(ts, '25 seconds') AS w FROM events) e FULL JOIN (SELECT id, k, window(ts, '25 seconds') AS w FROM clicks) c
  ON e.w = c.w AND e.k = c.k AND c.k IS NOT NULL AND e.id > 1
