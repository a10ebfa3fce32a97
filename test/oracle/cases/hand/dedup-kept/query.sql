SELECT k, ts FROM once
