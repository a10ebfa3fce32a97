SELECT e.id AS eid, e.k AS ek, e.ts AS ets
FROM events e LEFT SEMI JOIN clicks c
  ON e.id % 3 = c.id % 3 AND e.id < c.id
