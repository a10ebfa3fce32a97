SELECT id, to_json(map(d, 1)) AS a, to_json(map(ts, n)) AS b, to_json(map(id, s)) AS c, to_json(named_struct('m', map(b, 1))) AS e FROM t WHERE id < 4
