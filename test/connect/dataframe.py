"""The DataFrame calls people make, each with what it printed on real Spark (dataframe.out).

    SPARK_REMOTE=sc://HOST:PORT python dataframe.py | diff dataframe.out -

A case prints its name, then what it shows; an error prints its Python class and condition. Rows
are sorted wherever their order is not part of the question. Two rows differ from what Spark 4.1.1
printed: its Connect server loses the arguments of SQL texts (UNBOUND_SQL_PARAMETER), and raises an
unknown source as UnknownException.
"""
import datetime
import decimal
import os
import shutil
import sys
import tempfile
import time

from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import *
from pyspark.sql.window import Window

spark = SparkSession.builder.appName("dataframe").config("spark.sql.shuffle.partitions", "2").getOrCreate()
home = tempfile.mkdtemp(prefix="kappa-connect-")
CASES = []


def case(f):
    CASES.append(f)
    return f


def rows(df):
    for r in sorted(df.collect(), key=str):
        print(r)


def S(**fields):
    return StructType([StructField(name, t) for name, t in fields.items()])


people = spark.createDataFrame(
    [(1, "anna", 30.5, "b"), (2, "bob", None, "a"), (3, "carl", 12.25, "a"), (4, None, 7.0, "b")],
    S(id=IntegerType(), name=StringType(), score=DoubleType(), team=StringType()))
teams = spark.createDataFrame([("a", "Alpha"), ("c", "Gamma")], S(team=StringType(), title=StringType()))


@case
def session():
    print(spark.version.split(".")[:2], spark.conf.get("spark.sql.shuffle.partitions"))
    spark.conf.set("kappa.test", "x")
    print(spark.conf.get("kappa.test"), spark.conf.get("kappa.nothing", "default"))
    spark.conf.unset("kappa.test")
    print(spark.conf.get("kappa.test", None))


@case
def show():
    people.orderBy("id").show()
    people.orderBy("id").show(2)
    people.orderBy("id").show(truncate=False)
    people.orderBy("id").show(2, truncate=3)
    people.orderBy("id").show(1, vertical=True)
    people.limit(0).show()


@case
def show_types():
    spark.sql("""SELECT array(1, NULL) a, map('k', 1.50) m, struct(1 x, NULL y) s, X'6162' b, 1e10 d, float('nan') n,
                 TIMESTAMP '2024-01-31 12:30:00.5' t, DATE '2024-01-31' dt, TRUE bo, NULL v, 'a
b' txt, INTERVAL '1' DAY i""").show(truncate=False)


@case
def schema():
    people.printSchema()
    print(people.columns, people.dtypes, people.isStreaming)
    print(people.schema.json())
    print(people.withColumn("m", F.create_map("team", "id")).select("m", F.array("id").alias("l"), F.struct("id", "name").alias("s")).schema.simpleString())


@case
def select():
    rows(people.select("id", F.col("score") * 2, (people.id + 1).alias("next"), F.lit("x"), -people.id))
    rows(people.select("*", people.team.alias("t2")).drop("name"))
    rows(people.selectExpr("id + 1 AS n", "upper(name)", "*").select("n", "upper(name)"))


@case
def filters():
    rows(people.filter(people.score > 10))
    rows(people.where("name IS NULL OR team = 'a'").select("id"))
    rows(people.filter(people.name.isNotNull() & ~people.team.isin("b") | (people.id == 4)).select("id"))
    rows(people.filter(people.name.startswith("a") | people.name.contains("ob") | people.name.like("c%")).select("id"))
    rows(people.filter(people.id.between(2, 3)).select("id"))


@case
def columns():
    rows(people.withColumn("double", people.id * 2).withColumn("name", F.upper("name")).withColumnRenamed("team", "group"))
    rows(people.withColumns({"a": F.lit(1), "id": F.col("id") + 10}).drop("score", people.team))
    rows(people.toDF("a", "b", "c", "d").select("a", "d"))
    rows(people.select(F.when(people.score > 20, "high").when(people.score > 10, "mid").otherwise("low").alias("level")))
    rows(people.select(people.id.cast("string"), people.score.cast(IntegerType()), people.id.cast(DecimalType(6, 2))))


@case
def groups():
    rows(people.groupBy("team").agg(F.count("*").alias("n"), F.sum("score"), F.avg("score"), F.min("name"), F.max("id")))
    rows(people.groupBy("team").count())
    rows(people.groupBy((people.id % 2).alias("odd")).agg({"score": "max"}))
    rows(people.agg(F.countDistinct("team"), F.approx_count_distinct("team"), F.stddev("id")))
    rows(people.coalesce(1).orderBy("id").agg(F.first("name", True), F.last("team")))
    rows(people.groupBy("team").agg(F.sort_array(F.collect_set("id")), F.sort_array(F.collect_list("name"))))
    print(people.count(), people.distinct().count(), people.dropDuplicates(["team"]).count())
    rows(people.rollup("team").agg(F.sum("id"), F.grouping("team")))
    rows(people.cube("team").count())
    rows(people.groupBy("team").pivot("id", [1, 2]).sum("score"))
    rows(people.groupBy("team").pivot("id").agg(F.count("name")))


@case
def joins():
    rows(people.join(teams, "team").select("id", "title"))
    rows(people.join(teams, "team", "full_outer"))
    rows(people.join(teams, people.team == teams.team, "left_anti"))
    rows(people.join(teams, people.team == teams.team, "left").select(people.team, teams.team, "title"))
    rows(people.alias("l").join(people.alias("r"), F.col("l.team") == F.col("r.team")).select("l.id", "r.id"))
    rows(people.crossJoin(teams).select("id", "title"))
    rows(people.join(teams, ["team"], "left_semi"))


@case
def sets():
    two = people.select("id", "team")
    rows(two.union(two).select("id"))
    rows(two.unionByName(two.select("team", "id")).distinct())
    rows(two.unionByName(teams, allowMissingColumns=True))
    rows(two.intersect(two.limit(10)).subtract(two.filter("id = 1")))


@case
def order():
    print(people.orderBy(F.desc("score")).collect()[0], people.orderBy(people.score.asc_nulls_last()).collect()[-1])
    print([r.id for r in people.orderBy("team", F.col("id").desc()).collect()])
    print(people.orderBy("id").first(), people.orderBy("id").head(2), people.orderBy("id").take(1), people.orderBy("id").tail(1))
    print([r.id for r in people.orderBy("id").offset(1).limit(2).collect()], people.isEmpty())


@case
def windows():
    w = Window.partitionBy("team").orderBy("id")
    rows(people.select("id", F.row_number().over(w), F.sum("id").over(w), F.lag("id", 1).over(w), F.lead("id", 1, -1).over(w)))
    rows(people.select("id", F.avg("id").over(Window.orderBy("id").rowsBetween(-1, 1)), F.rank().over(Window.orderBy("team"))))


@case
def nested():
    df = spark.createDataFrame([(1, [1, 2], {"k": "v"}, Row(x=1, y="z"))], S(id=LongType(), l=ArrayType(IntegerType()), m=MapType(StringType(), StringType()), s=S(x=IntegerType(), y=StringType())))
    rows(df.select("s.x", df.s.y, df.l[0], df.m["k"], F.size("l"), "s.*", df.s.getField("x").alias("q")))
    rows(df.select("id", F.explode("l").alias("e")))
    rows(df.select(F.explode("m")))
    rows(df.select(F.transform("l", lambda x: x + 1), F.filter("l", lambda x: x > 1), F.exists("l", lambda x: x > 5)))
    rows(df.select(F.to_json("s"), F.from_json(F.lit('{"a": 1, "b": [2]}'), S(a=IntegerType(), b=ArrayType(IntegerType()))).alias("j")).select("*", "j.b"))
    print(df.collect()[0].asDict(recursive=True))


@case
def functions():
    df = spark.range(1).select(
        F.concat(F.lit("a"), F.lit("b")), F.coalesce(F.lit(None), F.lit(2)), F.round(F.lit(2.345), 2), F.to_date(F.lit("2024-01-31")),
        F.year(F.lit(datetime.date(2024, 1, 31))), F.date_format(F.lit(datetime.datetime(2024, 1, 31, 12, 30)), "yyyy/MM"), F.lit(decimal.Decimal("1.50")),
        F.substring(F.lit("hello"), 2, 3), F.expr("1 + 1"), F.lit(b"ab"), F.lit(True), F.sha2(F.lit("a"), 256).substr(1, 8), F.split(F.lit("a,b"), ","))
    rows(df)
    print(df.columns)


@case
def frames():
    print(people.na.fill(0).orderBy("id").collect())
    print(people.fillna({"name": "?", "score": 1.5}).orderBy("id").collect())
    print([r.id for r in people.dropna().orderBy("id").collect()], [r.id for r in people.dropna(subset=["name"]).orderBy("id").collect()])
    rows(people.replace("a", "A", "team").replace({12.25: 12.0}))
    people.describe("score", "name").show()
    people.summary("count", "min", "50%", "max").show()
    rows(people.unpivot("id", ["name", "team"], "what", "value"))
    rows(people.unpivot(["id", "team"], ["team", "name"], "what", "value"))
    try:
        people.sample(-0.1).count()
    except Exception as e:
        print(type(e).__name__, "Sampling fraction" in str(e))
    print(people.stat.corr("id", "score"), people.approxQuantile("id", [0.5], 0.0), people.stat.cov("id", "id"))
    print(people.sample(1.0).count(), people.repartition(4).coalesce(1).count(), people.hint("broadcast").count(), people.cache().count())
    print(people.select(people.colRegex("`(id|team)`")).columns)


@case
def sql():
    people.createOrReplaceTempView("people")
    rows(spark.sql("SELECT team, count(*) AS n FROM people GROUP BY team"))
    rows(spark.sql("SELECT id FROM people WHERE team = :t AND id > :n", args={"t": "a", "n": 1}))
    rows(spark.sql("SELECT id + ? FROM people WHERE id = ?", args=[10, 1]))
    rows(spark.sql("SELECT max(id) FROM {df}", df=people))
    rows(spark.table("people").select("id"))
    spark.sql("SELECT 1 AS one, 'x' AS two").show()


@case
def local():
    print(spark.createDataFrame([{"b": 1, "a": "x"}, {"a": "y"}]).collect())
    print(spark.createDataFrame([(1, "a")], ["n", "s"]).schema.simpleString())
    spark.createDataFrame([], "id INT, t TIMESTAMP").printSchema()
    types = spark.createDataFrame([(datetime.datetime(2024, 1, 31, 1, 2, 3, 4), datetime.date(2024, 1, 31), decimal.Decimal("1.23"), b"xy", True, 1.5, datetime.timedelta(hours=1))],
                                  S(t=TimestampType(), d=DateType(), dec=DecimalType(5, 2), b=BinaryType(), o=BooleanType(), f=FloatType(), i=DayTimeIntervalType()))
    print(types.collect())
    print(types.dtypes)
    print(spark.range(3).toPandas().to_dict())
    print(spark.range(2, 8, 3).toArrow().to_pylist())
    many = spark.createDataFrame([(i, "text %d" % i) for i in range(5000)], S(i=IntegerType(), s=StringType()))
    print(many.count(), many.agg(F.sum("i"), F.max("s")).collect())


@case
def catalog():
    people.createOrReplaceTempView("people")
    print(spark.catalog.tableExists("people"), spark.catalog.tableExists("nobody"), spark.catalog.functionExists("upper"))
    print([(t.name, t.tableType, t.isTemporary) for t in spark.catalog.listTables() if t.name == "people"])
    print([(c.name, c.dataType, c.nullable) for c in spark.catalog.listColumns("people")])
    print(spark.catalog.dropTempView("people"), spark.catalog.dropTempView("people"), spark.catalog.tableExists("people"))


@case
def files():
    path = os.path.join(home, "out")
    people.write.mode("overwrite").parquet(path)
    rows(spark.read.parquet(path))
    people.write.mode("append").format("parquet").save(path)
    print(spark.read.load(path).count())
    people.write.partitionBy("team").json(os.path.join(home, "json"))
    rows(spark.read.schema("id INT, name STRING, team STRING").json(os.path.join(home, "json")))
    print(sorted(d for d in os.listdir(os.path.join(home, "json")) if "=" in d))
    people.select("name", "id").write.option("header", True).csv(os.path.join(home, "csv"))
    rows(spark.read.option("header", "true").csv(os.path.join(home, "csv")))


@case
def mistakes():
    def fails(f):
        try:
            print("no error:", f())
        except Exception as e:
            print(type(e).__name__, getattr(e, "getCondition", lambda: None)(), getattr(e, "getSqlState", lambda: None)())

    fails(lambda: people.select("nobody").collect())
    fails(lambda: people.select(teams.title).collect())
    fails(lambda: spark.sql("SELEC 1"))
    fails(lambda: spark.sql("SELECT nothing FROM nowhere"))
    fails(lambda: people.select(F.expr("1 +")).collect())
    fails(lambda: people.select(F.col("name") / F.array("id")).collect())
    fails(lambda: spark.sql("SELECT 1 / 0").collect())
    fails(lambda: spark.sql("SELECT CAST('x' AS INT)").collect())
    fails(lambda: people.groupBy("team").agg(people.name).collect())
    fails(lambda: people.join(people, people.id == people.id).collect())
    fails(lambda: people.select(F.call_function("nobody", "id")).collect())
    fails(lambda: spark.read.format("nothing").load().collect())
    fails(lambda: spark.table("nowhere").collect())
    fails(lambda: people.toDF("a").collect())
    fails(lambda: people.union(teams).collect())
    fails(lambda: people.createTempView("people") or people.createTempView("people"))
    fails(lambda: people.filter("id").collect())


@case
def streams():
    path = os.path.join(home, "in")
    os.makedirs(path)
    with open(os.path.join(path, "a.json"), "w") as f:
        for i in range(6):
            f.write('{"ts": "2024-01-01T00:00:%02d", "k": "%s", "v": %d}\n' % (i * 10, "ab"[i % 2], i))
    lines = spark.readStream.schema("ts TIMESTAMP, k STRING, v INT").json(path)
    print(lines.isStreaming, lines.schema.simpleString())
    q = lines.groupBy("k").agg(F.sum("v").alias("s")).writeStream.format("memory").queryName("sums").outputMode("complete").start()
    q.processAllAvailable()
    rows(spark.table("sums"))
    print(q.isActive, q.name, q.exception(), q.lastProgress["batchId"] >= 0, len(q.recentProgress) > 0, len(spark.streams.active))
    q.stop()
    print(q.isActive)
    w = (lines.withWatermark("ts", "10 seconds").groupBy(F.window("ts", "20 seconds"), "k").count()
         .writeStream.format("memory").queryName("wins").outputMode("append").trigger(availableNow=True).start())
    print(w.awaitTermination(60))
    rows(spark.sql("SELECT window.start, k, count FROM wins"))
    f = (lines.select("k", "v").writeStream.format("parquet").option("checkpointLocation", os.path.join(home, "cp"))
         .trigger(once=True).start(os.path.join(home, "streamed")))
    print(f.awaitTermination(60))
    rows(spark.read.parquet(os.path.join(home, "streamed")))
    try:
        lines.groupBy("k").count().writeStream.format("memory").queryName("bad").outputMode("append").start()
    except Exception as e:
        print(type(e).__name__, e.getCondition())


only = sys.argv[1:]
for f in CASES:
    if only and f.__name__ not in only:
        continue
    print("==", f.__name__)
    try:
        f()
    except Exception as e:
        print("FAILED", type(e).__name__, str(e).split("\n")[0][:300])
shutil.rmtree(home, ignore_errors=True)
