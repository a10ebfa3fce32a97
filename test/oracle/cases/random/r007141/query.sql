SELECT * FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, v.id AS vid
FROM events e LEFT SEMI JOIN clicks c
  ON e.id % 3 = c.id % 3 AND e.ts > c.ts - INTERVAL 8 SECONDS AND e.ts < c.ts + INTERVAL 2 SECONDS AND c.id >= 3
  JOIN views v ON v.k = e.k AND e.ts >= v.ts) j WHERE eid % 2 = 1
