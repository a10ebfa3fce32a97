SELECT e.id AS eid, e.k AS ek, e.ts AS ets
FROM events e LEFT SEMI JOIN events c
  ON e.id = c.id AND unix_seconds(e.ts) = unix_seconds(c.ts) AND e.id % 2 = 0
