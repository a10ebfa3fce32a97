SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts, v.id AS vid
FROM events e JOIN clicks c
  ON e.k <=> c.k AND e.ts >= c.ts AND e.id > 2
  JOIN views v ON v.k = e.k AND v.ts >= e.ts - INTERVAL 0 SECONDS AND v.ts <= e.ts + INTERVAL 2400 SECONDS
