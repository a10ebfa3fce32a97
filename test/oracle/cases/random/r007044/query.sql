SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts
FROM events e LEFT JOIN clicks c
  ON lower(e.k) = c.k AND e.ts >= c.ts AND e.id + c.id < 20
