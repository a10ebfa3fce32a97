SELECT * FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts
FROM events e RIGHT JOIN events c
  ON e.k = c.k AND e.id % 2 = c.id % 2 AND e.ts = c.ts AND e.id < c.id) j WHERE cts IS NOT NULL
