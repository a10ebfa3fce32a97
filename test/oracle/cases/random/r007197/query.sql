SELECT DISTINCT ek, cts FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts, u.tier
FROM events e LEFT JOIN users u ON e.k = u.k
  FULL JOIN clicks c ON e.k = c.k AND e.ts = c.ts AND c.k IS NOT NULL AND e.id > 1) j
