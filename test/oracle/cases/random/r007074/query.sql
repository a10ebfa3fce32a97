SELECT e.id AS eid, e.k AS ek, e.ts AS ets
FROM events e LEFT SEMI JOIN clicks c
  ON lower(e.k) = c.k
