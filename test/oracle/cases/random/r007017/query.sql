SELECT window.start AS ws, ek, count(*) AS n FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts
FROM events e RIGHT JOIN clicks c
  ON CAST(e.id AS DOUBLE) % 2 = c.id % 2 AND e.ts >= c.ts AND c.k IS NOT NULL AND e.id > 1) j GROUP BY window(cts, '4 seconds', '2 seconds'), ek
