-- What Spark's runner makes before a file that names it: a statement a line, told by the name after CREATE TABLE.
-- {onek} and the like are the jar's data files as JSON.
CREATE TABLE testdata AS SELECT CAST(id AS INT) AS key, CAST(id AS STRING) AS value FROM range(1, 101)
CREATE TABLE arraydata AS SELECT * FROM VALUES (array(1, 2, 3), array(array(1, 2, 3))), (array(2, 3, 4), array(array(2, 3, 4))) AS t(arraycol, nestedarraycol)
CREATE TABLE mapdata AS SELECT * FROM VALUES (map(1, 'a1', 2, 'b1', 3, 'c1', 4, 'd1', 5, 'e1')), (map(1, 'a2', 2, 'b2', 3, 'c2', 4, 'd2')), (map(1, 'a3', 2, 'b3', 3, 'c3')), (map(1, 'a4', 2, 'b4')), (map(1, 'a5')) AS t(mapcol)
CREATE TABLE aggtest AS SELECT j.* FROM (SELECT from_json(value, 'a INT, b FLOAT') AS j FROM text.`{agg}`)
CREATE TABLE onek AS SELECT j.* FROM (SELECT from_json(value, 'unique1 INT, unique2 INT, two INT, four INT, ten INT, twenty INT, hundred INT, thousand INT, twothousand INT, fivethous INT, tenthous INT, odd INT, even INT, stringu1 STRING, stringu2 STRING, string4 STRING') AS j FROM text.`{onek}`)
CREATE TABLE tenk1 AS SELECT j.* FROM (SELECT from_json(value, 'unique1 INT, unique2 INT, two INT, four INT, ten INT, twenty INT, hundred INT, thousand INT, twothousand INT, fivethous INT, tenthous INT, odd INT, even INT, stringu1 STRING, stringu2 STRING, string4 STRING') AS j FROM text.`{tenk}`)
