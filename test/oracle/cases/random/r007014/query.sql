SELECT window.start AS ws, count(*) AS n, max(eid) AS last_id FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts
FROM events e RIGHT JOIN clicks c
  ON e.k = c.k AND c.ts BETWEEN e.ts AND e.ts + INTERVAL 10 SECONDS AND e.id * 2 >= c.id) j GROUP BY window(ets, '2 seconds')
