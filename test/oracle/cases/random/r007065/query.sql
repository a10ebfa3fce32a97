SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts, u.tier
FROM events e JOIN users u ON e.k = u.k
  LEFT JOIN clicks c ON CAST(e.id AS DOUBLE) % 2 = c.id % 2 AND e.ts >= c.ts AND e.id < c.id
