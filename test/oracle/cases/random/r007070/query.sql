SELECT e.id AS eid, e.k AS ek, e.ts AS ets
FROM events e LEFT SEMI JOIN clicks c
  ON e.k <=> c.k AND c.ts >= e.ts - INTERVAL 300 SECONDS AND c.ts <= e.ts + INTERVAL 0 SECONDS AND c.k IS NOT NULL AND e.id > 1
