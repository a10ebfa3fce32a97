SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts
FROM (SELECT ts, id, k FROM events UNION ALL SELECT ts, id, k FROM more) e LEFT JOIN clicks c
  ON e.k = c.k AND unix_seconds(e.ts) = unix_seconds(c.ts) AND e.id > 2
