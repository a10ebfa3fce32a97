SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts, u.tier
FROM events e JOIN clicks c ON e.k = c.k AND e.ts > c.ts - INTERVAL 60 SECONDS AND e.ts < c.ts + INTERVAL 60 SECONDS
  LEFT JOIN users u ON e.k = u.k
