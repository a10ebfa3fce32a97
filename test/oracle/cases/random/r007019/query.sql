SELECT e.id AS eid, e.k AS ek, e.w.start AS ews, c.id AS cid, c.w.end AS cwe
FROM (SELECT id, k, window(ts, '20 seconds') AS w FROM events) e LEFT JOIN (SELECT id, k, window(ts, '20 seconds') AS w FROM clicks) c
  ON e.w = c.w AND e.k = c.k AND c.id >= 3
