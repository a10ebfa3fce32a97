SELECT avg(ts) AS a, sum(ts) AS b, avg(make_ym_interval(0, n)) AS c, avg(ts - TIMESTAMP'2020-01-01 00:00:00') AS e FROM t
