SELECT s div 2 FROM t
