SELECT e.id AS eid, e.k AS ek, e.ts AS ets
FROM (SELECT ts, id, k FROM events UNION ALL SELECT ts, id, k FROM more) e LEFT SEMI JOIN clicks c
  ON e.k = c.k AND unix_seconds(e.ts) = unix_seconds(c.ts)
