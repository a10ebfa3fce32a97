"""What every client from 3.5 on must be able to do. A version's own names only where they differ."""
import json, os, sys, tempfile
import pandas as pd
import pyspark
from check import *
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession, functions as F

spark = session()
data = tempfile.mkdtemp(dir=os.environ.get("CHECK_DATA"))
same(tuple(int(x) for x in spark.version.split("."))[:2], (4, 1))

# Frames: made here, made there, shown, grouped.
df = spark.range(5)
df.show()
same(df._show_string() if hasattr(df, "_show_string") else df._jdf.showString(20, 20, False),
     "+---+\n| id|\n+---+\n|  0|\n|  1|\n|  2|\n|  3|\n|  4|\n+---+\n")
rows = spark.createDataFrame([(1, "a", 1.5), (2, "b", None), (3, "a", 2.5)], "id int, k string, x double")
same(rows.groupBy("k").agg(F.sum("x").alias("s"), F.count("*").alias("n")).orderBy("k").collect(), [("a", 4.0, 2), ("b", None, 1)])
same(spark.createDataFrame([{"a": 1, "b": "x"}]).collect()[0].asDict(), {"a": 1, "b": "x"})
frame = pd.DataFrame({"i": [1, 2], "s": ["p", "q"]})
same(spark.createDataFrame(frame).orderBy("i").collect(), [(1, "p"), (2, "q")])
same(rows.toPandas()["id"].tolist(), [1, 2, 3])
same(rows.filter(F.col("id") > 1).select((F.col("id") * 2).alias("d")).collect(), [(4,), (6,)])
same([f.name for f in rows.schema.fields], ["id", "k", "x"])
same(rows.join(spark.createDataFrame([("a", "A")], "k string, u string"), "k", "left").orderBy("id").select("id", "u").collect(),
     [(1, "A"), (2, None), (3, "A")])

# SQL, views, errors, settings.
rows.createOrReplaceTempView("rows")
same(spark.sql("select k, count(*) n from rows group by k order by k").collect(), [("a", 2), ("b", 1)])
same(spark.sql("select :n + 1", args={"n": 41}).collect(), [(42,)])
same(spark.table("rows").count(), 3)
holds("rows" in [t.name for t in spark.catalog.listTables()])
try:
    spark.sql("select nothing from rows").collect()
    holds(False, "no error")
except AnalysisException as e:
    holds("[UNRESOLVED_COLUMN.WITH_SUGGESTION]" in str(e), str(e))
    if pyspark.__version__ >= "4": same(e.getErrorClass(), "UNRESOLVED_COLUMN.WITH_SUGGESTION") # 3.5 keeps the words only
try:
    spark.sql("select 1 / 0").collect()
    holds(False, "no error")
except Exception as e:
    holds("DIVIDE_BY_ZERO" in str(e), str(e)[:300])
spark.conf.set("spark.sql.shuffle.partitions", "3")
same(spark.conf.get("spark.sql.shuffle.partitions"), "3")

# Files.
for f in ("json", "parquet"):
    at = f"{data}/{f}"
    rows.write.mode("overwrite").format(f).save(at)
    same(spark.read.schema("id int, k string, x double").format(f).load(at).orderBy("id").collect(), rows.orderBy("id").collect(), f)

# A stream.
rate = spark.readStream.format("rate").option("rowsPerSecond", 50).load()
holds(rate.isStreaming)
q = rate.selectExpr("value % 3 m").writeStream.format("memory").queryName("smoke").option("checkpointLocation", f"{data}/c").start()
eventually(lambda: spark.table("smoke").count() > 0, "rows in the memory table", 60)
holds(q.isActive)
eventually(lambda: q.lastProgress is not None, "progress", 30)
q.stop()
same((q.isActive, q.exception()), (False, None))
if hasattr(spark._client, "_get_operation_statuses"): # from 4.2 on
    name = type(spark._client._get_operation_statuses().operation_statuses[0]).OperationState.Name
    ended = [name(s.state) for s in spark._client._get_operation_statuses().operation_statuses]
    holds("OPERATION_STATE_SUCCEEDED" in ended and "OPERATION_STATE_FAILED" in ended, ended)
    none = "00000000-0000-4000-8000-000000000000"
    same([(s.operation_id, name(s.state)) for s in spark._client._get_operation_statuses([none]).operation_statuses],
         [(none, "OPERATION_STATE_UNKNOWN")])
spark.stop()
print(f"client {pyspark.__version__}, python {sys.version.split()[0]}")
