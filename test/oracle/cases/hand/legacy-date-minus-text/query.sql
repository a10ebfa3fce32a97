SELECT d - s FROM t
