SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts, v.id AS vid
FROM events e LEFT JOIN clicks c
  ON e.k <=> c.k AND e.ts = c.ts AND e.id + c.id < 20
  JOIN views v ON v.k = e.k AND e.ts >= v.ts
