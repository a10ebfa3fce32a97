SELECT e.w.start AS ews, e.k AS ek, e.n AS en, c.n AS cn
FROM (SELECT window AS w, k, count(*) AS n FROM events GROUP BY window(ts, '3000 seconds'), k) e LEFT JOIN (SELECT window AS w, k, count(*) AS n FROM clicks GROUP BY window(ts, '3000 seconds'), k) c
  ON e.w = c.w AND e.k = c.k
