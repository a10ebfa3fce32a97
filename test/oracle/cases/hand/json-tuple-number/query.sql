SELECT json_tuple(j, id) FROM t
