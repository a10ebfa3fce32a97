SELECT e.id AS eid, e.k AS ek, e.ts AS ets
FROM events e LEFT SEMI JOIN events c
  ON e.k = c.k AND e.ts >= c.ts AND c.id >= 3
