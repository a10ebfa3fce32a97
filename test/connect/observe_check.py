"""DataFrame.observe(): metrics of every type beside a query's rows, in a stream's progress, and what may not be one."""
import datetime as D, decimal, pyspark, time
from check import *
from pyspark.sql import Observation, Row, Window, functions as F

spark = session(**{"spark.sql.session.timeZone": "UTC"})
ten = spark.range(10)

def metrics(df, *exprs, run=lambda x: x.collect()):
    o = Observation()
    seen = df.observe(o, *exprs)
    same(seen.schema, df.schema)
    run(seen)
    return o.get

same(metrics(ten, F.count("id"), F.max("id")), {"count(id)": 10, "max(id)": 9})
same(metrics(ten, F.sum("id").alias("x"), F.lit(3)), {"x": 45, "3": 3})
if pyspark.__version__ >= "4.1":  # clients before it cannot read these of any server
    same(metrics(ten, F.avg("id") / 2, F.struct(F.max("id"))), {"(avg(id) / 2)": 2.25, "struct(max(id))": Row(col1=9)})
    same(metrics(ten, F.create_map(F.lit("k"), F.max("id")).alias("m")), {"m": {"k": 9}})
same(metrics(ten, F.avg("id").cast("decimal(10,2)").alias("d"), F.array(F.min("id"), F.max("id")).alias("a"), F.lit(None).alias("n"), F.max(F.timestamp_seconds("id")).alias("t"),
             F.max(F.expr("date_from_unix_date(cast(id as int))")).alias("dt"), F.max(F.col("id") > 5).alias("b")),
     {"d": decimal.Decimal("4.50"), "a": [0, 9], "n": None, "t": D.datetime(1970, 1, 1, 0, 0, 9), "dt": D.date(1970, 1, 10), "b": True})
same(metrics(ten.filter("id < 0"), F.count("id"), F.max("id")), {"count(id)": 0, "max(id)": None})
same(metrics(spark.range(100000), F.count("id").alias("n"), run=lambda x: x.groupBy((F.col("id") % 10).alias("k")).count().collect()), {"n": 100000})
same(metrics(ten, F.count("id").alias("n"), run=lambda x: x.filter("id > 5").count()), {"n": 10})  # the filter comes after
same(metrics(ten, F.count("id").alias("n"), run=lambda x: x.write.format("noop").mode("overwrite").save()), {"n": 10})
same(metrics(ten, F.count("id").alias("n"), run=lambda x: x.write.saveAsTable("observed_check")), {"n": 10})
spark.sql("DROP TABLE observed_check")
below, above = Observation("below"), Observation("above")
ten.observe(below, F.sum("id").alias("s")).groupBy(F.col("id") % 3).count().observe(above, F.count("count").alias("n")).collect()
same((below.get, above.get), ({"s": 45}, {"n": 3}))

def refused(condition, *exprs):
    fails(lambda: ten.observe("n", *exprs).collect(), "AnalysisException", "INVALID_OBSERVED_METRICS." + condition, "42K0E")
refused("NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE", F.col("id"))
refused("NON_AGGREGATE_FUNC_ARG_IS_NON_DETERMINISTIC", F.sum("id") + F.rand())
refused("WINDOW_EXPRESSIONS_UNSUPPORTED", F.count("id").over(Window.partitionBy("id")))
refused("AGGREGATE_EXPRESSION_WITH_DISTINCT_UNSUPPORTED", F.countDistinct("id"))
refused("NESTED_AGGREGATES_UNSUPPORTED", F.sum(F.sum("id")))

rate = spark.readStream.format("rate").option("rowsPerSecond", 100).load()
q = rate.observe("o", F.count("value").alias("n"), F.struct(F.min("value").alias("t"), F.lit("x").alias("y")).alias("s")) \
        .groupBy().count().observe("z", F.max("count").alias("c")).writeStream.format("noop").outputMode("complete").start()
eventually(lambda: len([p for p in q.recentProgress if p["numInputRows"]]) > 1, "two batches", 30)
q.stop()
total = 0
for p in q.recentProgress:
    seen = p["observedMetrics"]
    total += p["numInputRows"]
    same((seen["o"]["n"], seen["z"]["c"]), (p["numInputRows"], total))
    if p["numInputRows"]: same(seen["o"]["s"], {"t": total - p["numInputRows"], "y": "x"})
spark.stop()
