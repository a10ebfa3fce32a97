SELECT id, s + 1 AS a, s + s AS b, s / 2 AS c, pmod(s, '2') AS d, -s AS e, NULL + s AS f, try_add(s, 1) AS g, s > 1 AS h FROM t
