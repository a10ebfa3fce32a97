"""What the names of a DataFrame's filter and sort mean: its columns, then what a select below left out; of groups, what HAVING means."""
from check import *
from pyspark.sql import functions as F

spark = session()
d = spark.createDataFrame([(1, 2), (3, -9), (1, 5)], "a int, b int")
d.createOrReplaceTempView("names_check")

def rows(df, *expected):
    same(sorted(tuple(r) for r in df.collect()), sorted(expected))

def unknown(df, condition="UNRESOLVED_COLUMN.WITH_SUGGESTION", state="42703"):
    fails(lambda: df().collect(), "AnalysisException", condition, state)

rows(d.select("a").where("b = 2"), (1,))
rows(d.select("a").where(d.b == 2), (1,))
same(d.select("a").where("b = 2").columns, ["a"])
rows(d.select("a", "b").select("a").where("b = 2"), (1,))
rows(d.select((d.a + 1).alias("z")).where("a = 1 and z = 2").where("b = 5"), (2,))
rows(d.select((d.a + 1).alias("z")).where("z + b < 0"), (4,))
rows(d.selectExpr("a as b").where("b = 3"), (3,))  # the nearest of the name
rows(d.alias("t").select("t.a").where("t.b = 5"), (1,))
rows(d.drop("b").where("b = 2"), (1,))
rows(d.withColumnRenamed("b", "q").where("b = 2"), (1, 2))
rows(d.withColumn("b", F.lit(7)).where("b = 7"), (1, 7), (1, 7), (3, 7))
rows(d.select("a").distinct().where("b = 2"), (1,))
rows(d.select("a").orderBy("b").limit(3).where("b < 0"), (3,))
rows(d.selectExpr("explode(array(a, b)) e").where("b = 5"), (1,), (5,))
rows(d.selectExpr("row_number() over (order by b) n").where("b = 5"), (3,))
same([r.z for r in d.select((d.a + 1).alias("z")).orderBy(F.expr("z + b")).collect()], [4, 2, 2])
same([r.a for r in d.select("a").limit(3).sort("b").collect()], [3, 1, 1])
same([r.q for r in d.select(d.a.alias("q")).sort(d.b.desc()).collect()], [1, 1, 3])
unknown(lambda: d.select("a").where("b = 2").select("b"))
unknown(lambda: d.select("a").withColumn("c", F.col("b")))
unknown(lambda: d.select("a").union(d.select("a")).where("b = 2"))
unknown(lambda: d.alias("x").join(d.alias("y"), F.expr("x.a = y.a")).select("x.a").alias("z").where("y.b = 5"))
for text in ("SELECT a FROM (SELECT a FROM names_check) WHERE b = 2", "TABLE names_check |> SELECT a |> WHERE b = 2", "TABLE names_check |> SELECT a |> ORDER BY b",
             "SELECT DISTINCT a + 1 AS z FROM names_check ORDER BY b"):
    unknown(lambda: spark.sql(text))
for text, expected in (("SELECT a + 1 AS z FROM names_check ORDER BY z + b", [4, 2, 2]), ("SELECT a + 1 AS z FROM names_check GROUP BY a ORDER BY z + sum(b)", [4, 2]),
                       ("SELECT row_number() OVER (ORDER BY b) w FROM names_check ORDER BY w - b DESC", [1, 2, 3])):
    same([r[0] for r in spark.sql(text).collect()], expected)

g = d.groupBy("a").agg(F.sum("b").alias("s"))
rows(g.where("s > 0"), (1, 7))
rows(g.where("sum(b) > 0"), (1, 7))
rows(g.where(F.max("b") < 0), (3, -9))
rows(g.where("max(b) = 5 and s = 7 and a = 1"), (1, 7))
rows(d.groupBy("a").count().where("count > 1"), (1, 2))
rows(d.groupBy("a").count().where("count(1) > 1"), (1, 2))
rows(d.groupBy((d.a + 1).alias("q")).agg(F.sum("b")).where("a + 1 > 2"), (4, -9))
rows(d.agg(F.sum("b").alias("s")).where("sum(b) > 0"))
same([r.a for r in g.orderBy(F.max("b")).collect()], [3, 1])
unknown(lambda: g.where("b > 0"))
unknown(lambda: g.where("s > 0").where("max(b) > 0"))
unknown(lambda: d.where("sum(b) > 0"), "INVALID_WHERE_CONDITION", "42903")
unknown(lambda: d.agg(F.sum(F.rand())), "AGGREGATE_FUNCTION_WITH_NONDETERMINISTIC_EXPRESSION", "42845")
unknown(lambda: spark.sql("SELECT sum(a) FILTER (WHERE rand() < 2) FROM names_check"), "INVALID_AGGREGATE_FILTER.NON_DETERMINISTIC", "42903")
j = spark.sql("SELECT * FROM VALUES (1, 2) a(x, y) JOIN VALUES (1) b(x) USING (x) JOIN VALUES (2, 5) c(y, z) USING (y)")
same((j.columns, [tuple(r) for r in j.collect()]), (["y", "x", "z"], [(2, 1, 5)]))
k = spark.createDataFrame([(1, 3)], "a int, y int")  # the key of the other side is in no alias
same([tuple(r) for r in d.join(k, "a").alias("q").where("q.y = 3 and b = 2").collect()], [(1, 2, 3)])
spark.stop()
