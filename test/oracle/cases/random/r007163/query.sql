SELECT window.start AS ws, count(*) AS n, max(eid) AS last_id FROM (SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts, v.id AS vid
FROM events e LEFT JOIN clicks c
  ON e.k = c.k AND e.ts = c.ts AND c.k IS NOT NULL AND e.id > 1
  LEFT JOIN views v ON v.k = e.k AND e.ts = v.ts) j GROUP BY window(cts, '600 seconds')
