SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts
FROM events e LEFT JOIN clicks c
  ON e.k = c.k AND e.ts >= c.ts
