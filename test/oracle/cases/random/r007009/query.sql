SELECT e.id AS eid, e.k AS ek, e.ts AS ets
FROM events e LEFT SEMI JOIN events c
  ON e.k = c.k AND c.ts >= e.ts - INTERVAL 25 SECONDS AND c.ts <= e.ts + INTERVAL 0 SECONDS AND e.k <> 'b'
