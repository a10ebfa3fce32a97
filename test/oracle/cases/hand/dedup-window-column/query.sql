SELECT k, v, w.end AS e FROM once
