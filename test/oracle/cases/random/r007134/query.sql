SELECT e.id AS eid, e.k AS ek, e.ts AS ets, c.id AS cid, c.k AS ck, c.ts AS cts, u.tier
FROM events e FULL JOIN clicks c ON e.k = c.k AND unix_seconds(e.ts) = unix_seconds(c.ts) AND c.id >= 3
  JOIN users u ON e.k = u.k
