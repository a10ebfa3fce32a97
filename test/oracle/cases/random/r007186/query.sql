SELECT DISTINCT ek, ets FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, u.tier
FROM events e LEFT SEMI JOIN clicks c ON lower(e.k) = c.k AND e.ts = c.ts
  JOIN users u ON e.k = u.k) j
