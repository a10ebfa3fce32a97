SELECT window.start AS ws, ek, count(*) AS n FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts
FROM events e LEFT JOIN clicks c
  ON e.id = c.id AND e.ts >= c.ts AND e.id < c.id) j GROUP BY window(ets, '1200 seconds', '600 seconds'), ek
