SELECT * FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts, v.id AS vid
FROM events e JOIN clicks c
  ON e.k <=> c.k AND e.ts > c.ts - INTERVAL 240 SECONDS AND e.ts < c.ts + INTERVAL 180 SECONDS AND c.k IS NOT NULL AND e.id > 1
  JOIN views v ON v.k = e.k AND e.ts > v.ts - INTERVAL 240 SECONDS AND e.ts < v.ts + INTERVAL 540 SECONDS) j WHERE cid > eid OR ck = 'a'
