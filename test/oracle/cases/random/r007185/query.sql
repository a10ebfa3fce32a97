SELECT e.id AS eid, e.k AS ek, e.ts AS ets
FROM (SELECT ts, id, k FROM events UNION ALL SELECT ts, id, k FROM more) e LEFT SEMI JOIN clicks c
  ON lower(e.k) = c.k AND c.ts BETWEEN e.ts AND e.ts + INTERVAL 0 SECONDS AND e.id > 2
