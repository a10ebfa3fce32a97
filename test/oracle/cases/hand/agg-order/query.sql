SELECT k, count(*) AS n FROM events GROUP BY k ORDER BY k
