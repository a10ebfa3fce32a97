SELECT k, w.end AS e FROM once
