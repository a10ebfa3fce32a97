SELECT x.id, y.id AS other FROM t x, t y WHERE x.id > 2
