SELECT id, s - d AS a, s = d AS b, s < ts AS c, CAST(s + INTERVAL 1 DAY AS STRING) AS e, date_add(d, '3') AS f, date_sub(s, 1) AS g FROM t
