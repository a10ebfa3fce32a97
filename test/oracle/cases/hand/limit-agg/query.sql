SELECT k, count(*) AS n FROM (SELECT * FROM events LIMIT 4) GROUP BY k
