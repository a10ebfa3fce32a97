SELECT * FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts, v.id AS vid
FROM events e LEFT JOIN clicks c
  ON e.k = c.k AND e.ts >= c.ts
  JOIN views v ON v.k = e.k AND unix_seconds(e.ts) = unix_seconds(v.ts)) j WHERE cts IS NOT NULL
