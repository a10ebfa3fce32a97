SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts
FROM events e FULL JOIN clicks c
  ON e.id = c.id AND c.id >= 3
