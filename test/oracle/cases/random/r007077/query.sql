SELECT DISTINCT ek, ets FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets
FROM events e LEFT SEMI JOIN events c
  ON e.id % 3 = c.id % 3 AND c.ts >= e.ts - INTERVAL 300 SECONDS AND c.ts <= e.ts + INTERVAL 600 SECONDS) j
