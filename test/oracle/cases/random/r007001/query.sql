SELECT DISTINCT ek, cts FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts
FROM events e LEFT JOIN clicks c
  ON lower(e.k) = c.k AND c.ts BETWEEN e.ts AND e.ts + INTERVAL 3000 SECONDS AND e.id * 2 >= c.id) j
