SELECT x.id, y.id AS other FROM t x LEFT JOIN t y ON x.id > 2
