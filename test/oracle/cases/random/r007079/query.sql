SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts
FROM (SELECT ts, id, k FROM events UNION ALL SELECT ts, id, k FROM more) e RIGHT JOIN clicks c
  ON e.k = c.k AND e.ts > c.ts - INTERVAL 1 SECONDS AND e.ts < c.ts + INTERVAL 1 SECONDS AND c.k IS NOT NULL AND e.id > 1
