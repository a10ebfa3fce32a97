SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts, v.id AS vid
FROM events e RIGHT JOIN clicks c
  ON CAST(e.id AS DOUBLE) % 2 = c.id % 2 AND e.ts > c.ts - INTERVAL 1 SECONDS AND e.ts < c.ts + INTERVAL 9 SECONDS AND e.id > 2
  JOIN views v ON v.k = e.k AND e.ts > v.ts - INTERVAL 4 SECONDS AND e.ts < v.ts + INTERVAL 3 SECONDS
