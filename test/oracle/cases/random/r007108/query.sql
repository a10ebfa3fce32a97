SELECT * FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts, u.tier
FROM events e LEFT JOIN users u ON e.k = u.k
  LEFT JOIN clicks c ON e.id % 3 = c.id % 3 AND c.ts >= e.ts - INTERVAL 5 SECONDS AND c.ts <= e.ts + INTERVAL 10 SECONDS AND e.id < c.id) j WHERE cid > eid OR ck = 'a'
