SELECT id, x, y FROM t LATERAL VIEW json_tuple(j, k, concat('', 'b')) v AS x, y
