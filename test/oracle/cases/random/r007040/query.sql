SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts
FROM (SELECT ts, id, k FROM events UNION ALL SELECT ts, id, k FROM more) e RIGHT JOIN clicks c
  ON e.id % 3 = c.id % 3 AND c.ts BETWEEN e.ts AND e.ts + INTERVAL 25 SECONDS AND e.id % 2 = 0
