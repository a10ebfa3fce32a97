SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts, v.id AS vid
FROM events e FULL JOIN clicks c
  ON lower(e.k) = c.k AND e.ts = c.ts AND e.id % 2 = 0
  LEFT JOIN views v ON v.k = e.k AND v.ts BETWEEN e.ts AND e.ts + INTERVAL 3000 SECONDS
