SELECT * FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts, v.id AS vid
FROM events e RIGHT JOIN clicks c
  ON e.k = c.k AND e.ts > c.ts - INTERVAL 4 SECONDS AND e.ts < c.ts + INTERVAL 9 SECONDS AND e.id < c.id
  LEFT JOIN views v ON v.k = e.k AND e.ts >= v.ts) j WHERE cid > 3
