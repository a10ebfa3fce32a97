SELECT e.id AS eid, e.k AS ek, e.ts AS ets
FROM events e LEFT SEMI JOIN clicks c
  ON e.k = c.k AND e.ts >= c.ts
