SELECT window.start AS ws, ek, count(*) AS n FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts
FROM events e LEFT JOIN events c
  ON lower(e.k) = c.k AND unix_seconds(e.ts) = unix_seconds(c.ts) AND c.k IS NOT NULL AND e.id > 1) j GROUP BY window(ets, '240 seconds', '120 seconds'), ek
