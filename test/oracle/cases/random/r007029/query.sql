SELECT e.id AS eid, e.k AS ek, e.ts AS ets
FROM events e LEFT SEMI JOIN clicks c
  ON e.id = c.id AND e.ts = c.ts
