SELECT id, b = n AS a, b = 1 AS b, b <=> 0 AS c, b <> n AS d, b = 2 AS e, CASE b WHEN 1 THEN 'one' WHEN 0 THEN 'none' END AS f FROM t WHERE NOT (b = 5)
