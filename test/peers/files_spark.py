"""What files.sh asks of real Spark: files_spark.py FOLDER
   reads what kappa wrote below FOLDER/kappa, writes FOLDER/spark, prints `name|answer` lines."""
import os
import sys

from pyspark.sql import SparkSession

top = os.path.abspath(sys.argv[1])
spark = SparkSession.builder.config("spark.ui.enabled", "false").getOrCreate()
SUMS = "count(*) AS n, sum(id) AS ids, count(s) AS texts, sum(length(s)) AS letters, sum(p) AS parts"
TYPED = "id LONG, s STRING, d DOUBLE, c DECIMAL(12,2), t TIMESTAMP, dt DATE, p INT"
ROWS = """SELECT id, IF(id % 7 = 0, NULL, concat('a"b\\\\,', id, IF(id % 5 = 0, '\\n', ''))) AS s, id / 4D AS d,
    CAST(id AS DECIMAL(12,2)) / 8 AS c, timestamp_micros(1700000000123456 + id * 1000000) AS t,
    date_add(DATE '2024-02-27', CAST(id % 5 AS INT)) AS dt, CAST(id % 3 AS INT) AS p FROM range(1000)"""
ROWS = ROWS.replace("CAST(id AS DECIMAL(12,2)) / 8 AS c", "CAST(id / 8 AS DECIMAL(12,2)) AS c")


def say(name, rows):
    for r in rows:
        print(name + "|" + "|".join("NULL" if v is None else str(v) for v in r), flush=True)


def read(kind, path, schema=None, **options):
    r = spark.read.format(kind).options(**options)
    return (r.schema(schema) if schema else r).load(path)


def sums(df):
    return df.selectExpr("count(*)", "sum(id)", "count(s)", "sum(length(s))", "sum(p)", "sum(d)", "sum(c)",
                         "max(t)", "max(dt)").collect()


CSV = {"multiLine": "true", "header": "true"}
for kind, options in (("parquet", {}), ("json", {}), ("csv", CSV)):
    schema = None if kind == "parquet" else TYPED
    say("kappa " + kind, sums(read(kind, f"{top}/kappa/{kind}", schema, **options)))
    say("kappa stream " + kind, sums(read(kind, f"{top}/kappa/stream_{kind}", schema, **options)))
    say("kappa schema " + kind, [[read(kind, f"{top}/kappa/{kind}", **options).schema.simpleString()]])

rows = spark.sql(ROWS)
for kind, options in (("parquet", {}), ("json", {}), ("csv", {"header": "true"})):
    rows.repartition(3).write.format(kind).options(**options).partitionBy("p").mode("overwrite").save(
        f"{top}/spark/{kind}")
for kind, options in (("parquet", {}), ("json", {}), ("csv", {"header": "true"})):
    q = (spark.readStream.schema(TYPED).option("maxFilesPerTrigger", "1").json(f"{top}/kappa/json")
         .writeStream.format(kind).options(**options).partitionBy("p")
         .option("checkpointLocation", f"{top}/check_{kind}").trigger(availableNow=True)
         .start(f"{top}/spark/stream_{kind}"))
    q.awaitTermination()

# How fields are written and read: the texts, not only their sums.
odd = ["plain", "", " blanks ", 'q"q', "a,b", "back\\slash", 'b\\"q', "#x", "car\rret", "tab\t", "lf\nlf", None, "1", "\\"]
spark.createDataFrame([(i, v) for i, v in enumerate(odd)], "i INT, s STRING").coalesce(1).write.mode(
    "overwrite").csv(f"{top}/spark/odd")
spark.createDataFrame([(i, v) for i, v in enumerate(odd)], "i INT, s STRING").coalesce(1).write.mode(
    "overwrite").option("quoteAll", "true").option("escape", '"').csv(f"{top}/spark/odd_all")
for name, options in (("inferred", {"header": "true", "inferSchema": "true"}), ("plain", {}),
                      ("nulls", {"nullValue": "NA", "emptyValue": "E"}), ("trim", {
                          "ignoreLeadingWhiteSpace": "true", "ignoreTrailingWhiteSpace": "true"}),
                      ("multi", {"multiLine": "true"}), ("escape", {"escape": '"'}), ("drop", {"mode": "DROPMALFORMED"})):
    df = read("csv", f"{top}/texts/odd.csv", **options)
    say("csv " + name + " schema", [[df.schema.simpleString()]])
    say("csv " + name, [[repr(tuple(r))] for r in df.collect()])
for schema in ("a INT, b STRING, c DATE, _corrupt_record STRING", "a DOUBLE, b BOOLEAN, c TIMESTAMP"):
    df = read("csv", f"{top}/texts/typed.csv", schema)
    say("csv typed", [[repr(tuple(str(v) for v in r))] for r in df.collect()])
df = read("csv", f"{top}/texts/dates.csv", inferSchema="true")
say("csv dates schema", [[df.schema.simpleString()]])
