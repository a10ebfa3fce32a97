SELECT x.id, y.id AS other, (SELECT max(n) FROM t) AS m FROM t x CROSS JOIN (SELECT a.id FROM t a, t b WHERE a.id < b.id AND b.n = 2) y WHERE EXISTS (SELECT 1 FROM t)
