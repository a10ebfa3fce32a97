"""Files: the column _metadata, input_file_name() and its kin, which files a condition leaves out, files that cannot be read."""
import datetime as D, glob, os
from check import *
from pyspark.sql import Row, functions as F

spark = session(**{"spark.sql.session.timeZone": "UTC"})
top = os.path.join(os.environ["CHECK_DATA"], "files", "a b")
for path, text in (("js/k=1/f1 é.json", '{"x":1}\n{"x":2}\n'), ("js/k=2/f2 é.json", '{"x":1}\n{"x":2}\n'), ("c.csv", "x,y\n1,2\n3,4\n"), ("t.txt", "l1\nl2\n")):
    os.makedirs(os.path.dirname(f"{top}/{path}"), exist_ok=True)
    open(f"{top}/{path}", "w").write(text)
    os.utime(f"{top}/{path}", ns=(1704164645678 * 10**6,) * 2)
uri = top.replace(" ", "%20")
F1, F2 = "f1%20é.json", "f2%20é.json"
js = spark.read.schema("x int, k int").json(f"{top}/js")
csv = spark.read.option("header", True).schema("x int, y int").csv(f"{top}/c.csv")
txt = spark.read.text(f"{top}/t.txt")
spark.range(3000).coalesce(1).write.mode("overwrite").parquet(f"{top}/pq")
pq = spark.read.parquet(f"{top}/pq")

def rows(df, *expected):
    same(sorted(tuple(r) for r in df.collect()), sorted(expected))

# ---- the column ----
six = "file_path:string,file_name:string,file_size:bigint,file_block_start:bigint,file_block_length:bigint,file_modification_time:timestamp"
same(js.select("_metadata").schema.simpleString(), f"struct<_metadata:struct<{six}>>")
same(pq.select("_metadata").schema.simpleString(), f"struct<_metadata:struct<{six},row_index:bigint>>")
when = D.datetime(2024, 1, 2, 3, 4, 5, 678000)
rows(csv.select("_metadata.*").distinct(), (f"file:{uri}/c.csv", "c.csv", 12, 0, 12, when))
rows(js.select("x", "_metadata.file_path").where("x = 1"), (1, f"file:{uri}/js/k=1/{F1}"), (1, f"file:{uri}/js/k=2/{F2}"))
rows(txt.select("*", "_metadata.file_name"), ("l1", "t.txt"), ("l2", "t.txt"))
same(pq.select("_metadata.row_index").where("id = 2345").collect(), [Row(row_index=2345)])
same(pq.selectExpr("count(distinct _metadata.row_index)", "sum(id - _metadata.row_index)").first()[:], (3000, 0))
same((js.columns, js.select("*").columns, js.where("_metadata.file_size > 0").columns), (["x", "k"],) * 3)  # never unasked

both = ((1, F1), (1, F2), (2, F1), (2, F2))
rows(js.select("x").select("x", "_metadata.file_name"), *both)
rows(js.withColumn("z", F.lit(1)).where("z = 1").select("x", "_metadata.file_name"), *both)
rows(js.withColumn("_metadata", F.col("_metadata")).select("x", "_metadata.file_name"), *both)
rows(js.orderBy("x").limit(4).select("x", "_metadata.file_name"), *both)
rows(js.dropDuplicates(["x"]).select("x", F.length("_metadata.file_name")), (1, 11), (2, 11))
rows(js.alias("a").select("a.x", "a._metadata.file_name"), *both)
rows(js.select("x", js.metadataColumn("_metadata").getField("file_name")), *both)
rows(js.where("_metadata.file_name like 'f1%'").select("x"), (1,), (2,))
rows(js.select("x").where("_metadata.file_size = 16").orderBy("_metadata.file_name").limit(2), (1,), (2,))
rows(js.groupBy(F.col("_metadata.file_name")).count(), (F1, 2), (F2, 2))
rows(js.join(csv, js.x == csv.x).select(js.x, "y", "k"), (1, 2, 1), (1, 2, 2))
rows(js.withColumn("_metadata", F.lit(5)).select("_metadata").distinct(), (5,))
sql = lambda text: spark.sql(text.replace("JS", f"json.`{top}/js`"))
rows(sql("SELECT a._metadata.file_name, b.k FROM JS a JOIN JS b ON a.x = b.x AND a.k < b.k WHERE a.x = 1"), (F1, 2))
rows(sql("SELECT DISTINCT a._metadata.file_name IS NULL FROM range(3) r LEFT JOIN JS a ON a.x = r.id"), (True,), (False,))
rows(sql("SELECT _metadata.file_name AS n, length(n), e FROM JS LATERAL VIEW explode(array(1)) t AS e WHERE x = 1"), (F1, 11, 1), (F2, 11, 1))
rows(sql("SELECT x, k, row_number() OVER (PARTITION BY _METADATA.FILE_NAME ORDER BY x) FROM JS"), (1, 1, 1), (1, 2, 1), (2, 1, 2), (2, 2, 2))
rows(sql("SELECT id FROM range(4) WHERE EXISTS (SELECT 1 FROM JS j WHERE j._metadata.file_size > 0 AND j.x = id)"), (1,), (2,))
spark.sql("CREATE TABLE files_check USING csv OPTIONS (header true) LOCATION '%s/c.csv'" % top)
rows(sql("SELECT DISTINCT t._metadata.file_name FROM files_check t"), ("c.csv",))
spark.sql("DROP TABLE files_check")

def unknown(df, condition="UNRESOLVED_COLUMN.WITH_SUGGESTION", state="42703"):
    fails(lambda: df().collect(), "AnalysisException", condition, state)
js.createOrReplaceTempView("files_view")
unknown(lambda: js.groupBy("x").count().select("_metadata.file_name"))
unknown(lambda: js.union(js).select("_metadata.file_name"))
unknown(lambda: spark.range(1).select("_metadata"))
for text in ("SELECT _metadata.file_name FROM files_view", "SELECT _metadata FROM (SELECT x FROM JS)", "WITH c AS (SELECT x FROM JS) SELECT _metadata FROM c"):
    unknown(lambda: sql(text))
unknown(lambda: js.select("_metadata.row_index"), "FIELD_NOT_FOUND", "42704")

# ---- input_file_name() ----
name = F.input_file_name()
I1, I2 = f"file://{uri}/js/k=1/{F1}", f"file://{uri}/js/k=2/{F2}"
same(js.select(name).columns, ["input_file_name()"])
rows(js.select("x", name), (1, I1), (2, I1), (1, I2), (2, I2))
rows(js.select(F.expr("input_file_block_start()"), F.expr("input_file_block_length()")).distinct(), (0, 16))
rows(js.where(name.contains("f1")).select("x"), (1,), (2,))
rows(js.groupBy(name).count(), (I1, 2), (I2, 2))
rows(spark.sql("SELECT input_file_name() f, count(*) FROM files_view GROUP BY 1"), (I1, 2), (I2, 2))
rows(spark.sql("SELECT x, row_number() OVER (PARTITION BY input_file_name() ORDER BY x) FROM files_view"), (1, 1), (1, 1), (2, 2), (2, 2))
rows(spark.sql("SELECT * FROM (SELECT x FROM files_view ORDER BY input_file_name() LIMIT 2) UNION ALL SELECT 7"), (1,), (2,), (7,))
rows(js.select("x", name.alias("f")).join(csv, "x"), (1, I1, 2), (1, I2, 2))
rows(spark.range(1).select(name, F.expr("input_file_block_start()"), F.expr("input_file_block_length()")), ("", -1, -1))
for moved in (js.orderBy("x"), js.limit(4), js.groupBy("x", "k").count()):  # rows come from elsewhere then
    rows(moved.select(name).distinct(), ("",))
unknown(lambda: js.join(csv, "x").select(name), "MULTI_SOURCES_UNSUPPORTED_FOR_EXPRESSION", "42K0E")
unknown(lambda: js.agg(F.max(name)), "AGGREGATE_FUNCTION_WITH_NONDETERMINISTIC_EXPRESSION", "42845")

# ---- paths: where no table has the name, and where nothing is ----
rows(sql(f"SELECT * FROM text.`file:{top}/t.txt`"), ("l1",), ("l2",))
rows(sql(f"SELECT max(x) FROM Json.`{top}/js/k=[12]`"), (2,))
rows(sql("SELECT x FROM JS WITH (primitivesAsString = 'true') WHERE k = 1"), ("1",), ("2",))
rows(spark.read.table(f"text.`{top}/t.txt`"), ("l1",), ("l2",))
nothing = lambda make: same(fails(make, "AnalysisException", "PATH_NOT_FOUND", "42K03").getQueryContext(), [])
for path in ("none", f"{top}/none", f"{top}/none*", f"{top}/js/k={{3,4}}"):
    nothing(lambda: sql(f"SELECT * FROM json.`{path}`").schema)
    nothing(lambda: spark.read.schema("x int").json([path, f"{top}/js"]).schema)
same(spark.readStream.schema("x int").json(f"{top}/none*").columns, ["x"])  # what comes, comes
unknown(lambda: sql("SELECT * FROM json.``"), "INVALID_EMPTY_LOCATION", "42K05")
unknown(lambda: sql("SELECT * FROM kafka.`t`"), "UNSUPPORTED_DATASOURCE_FOR_DIRECT_QUERY", "0A000")
unknown(lambda: sql("SELECT * FROM JS VERSION AS OF 1"), "UNSUPPORTED_FEATURE.TIME_TRAVEL", "0A000")
unknown(lambda: sql("SELECT * FROM jsn.`x`"), "TABLE_OR_VIEW_NOT_FOUND", "42P01")

# ---- streams ----
def stream(name, make, mode="append"):
    df = spark.readStream.schema("x int, k int").json(f"{top}/js")
    q = make(df).writeStream.format("memory").queryName(name).outputMode(mode).trigger(availableNow=True).start()
    q.awaitTermination()
    return spark.table(name)
rows(stream("f_s1", lambda d: d.select("x", "_metadata.file_name")), *both)
rows(stream("f_s2", lambda d: d.where("x = 1").select(F.input_file_name())), (I1,), (I2,))
rows(stream("f_s3", lambda d: d.groupBy(F.col("_metadata.file_name")).count(), "complete"), (F1, 2), (F2, 2))
same(stream("f_s4", lambda d: d.where("_metadata.file_size > 0")).columns, ["x", "k"])
one_source = lambda d: d.select("x", F.lit("-").alias("f")).union(d.select("x", "_metadata.file_name"))
rows(stream("f_s5", one_source).where("x = 1"), (1, "-"), (1, "-"), (1, F1), (1, F2))

# ---- files left out: those of k=2 cannot be read any more ----
spark.range(10).select("id", (F.col("id") % 3).alias("k")).write.partitionBy("k").mode("overwrite").parquet(f"{top}/p")
for path in glob.glob(f"{top}/p/k=2/*.parquet"):
    open(path, "w").write("junk")
p = spark.read.schema("id bigint, k int").parquet(f"{top}/p")
ones = ((1, 1), (4, 1), (7, 1))
for condition in ("k = 1", "k + 1 = 2", "k in (1, 5)", "k < 2 and k > 0", "k not in (0, 2)", "_metadata.file_path like '%/k=1/%'", "k = 1 and id >= 0"):
    rows(p.where(condition), *ones)
rows(p.where("k = 1 or k = 0").select("k").distinct(), (0,), (1,))
rows(p.groupBy("k").count().where("k = 1"), (1, 3))

# ---- files that cannot be read ----
def unread(df, condition="NO_HINT"):
    return fails(lambda: df.collect(), "SparkException", "FAILED_READ_FILE." + condition, "KD001")
unread(p)
unread(spark.read.option("mode", "FAILFAST").schema("id bigint").json(f"{top}/t.txt"))
unread(spark.read.option("mode", "FAILFAST").schema("id bigint").csv(f"{top}/t.txt"))
unread(spark.read.schema("id timestamp").parquet(f"{top}/pq"), "PARQUET_COLUMN_DATA_TYPE_MISMATCH")
rows(spark.read.option("ignoreCorruptFiles", True).schema("id bigint, k int").parquet(f"{top}/p").where("k > 0"), *ones)
spark.stop()
