SELECT count(*) AS n FROM once
