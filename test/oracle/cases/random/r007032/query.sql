SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts
FROM events e RIGHT JOIN events c
  ON CAST(e.id AS DOUBLE) % 2 = c.id % 2 AND c.ts BETWEEN e.ts AND e.ts + INTERVAL 0 SECONDS
