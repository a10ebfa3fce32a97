"""Rows of every type, empty results, many rows, what show() prints."""
import datetime, decimal, io, contextlib, pyspark
from check import *
from pyspark.sql import functions as F

spark = session()
same(spark.version, "4.1.4")
same(spark.sql("select 1").collect(), [(1,)])
row = spark.sql("""select true b, 1Y t, 2S s, 3 i, 4L l, 1.5f f, 2.5d d, 12.34 dec, 'x' st, X'0102' bin, date'2024-02-03' dt,
    timestamp'2024-01-01 00:00:00.123456' ts, timestamp_ntz'2024-01-01 00:00:00' ntz, null n, interval '1 02:03:04' day to second idt,
    array(1,null,3) a, map('k',1,'l',null) m, named_struct('x',1,'y',array('p','q')) st2, array(named_struct('a',1)) ast,
    array(array(1),array(),null) aa""").first()
D = datetime
same(tuple(row)[:15], (True, 1, 2, 3, 4, 1.5, 2.5, decimal.Decimal("12.34"), "x", b"\x01\x02", D.date(2024, 2, 3),
     D.datetime(2024, 1, 1, 0, 0, 0, 123456), D.datetime(2024, 1, 1), None, D.timedelta(days=1, seconds=7384)))
same((row.a, row.m, row.st2.asDict(), [r.asDict() for r in row.ast], row.aa),
     ([1, None, 3], {"k": 1, "l": None}, {"x": 1, "y": ["p", "q"]}, [{"a": 1}], [[1], [], None]))
# freqItems: what Spark's counters leave, for 2, 3 and 4 of them
items = lambda values, share: set(spark.createDataFrame([(v,) for v in values], "v int").freqItems(["v"], share).first()["v_freqItems"])
same(items([1 if i % 2 == 0 else i for i in range(100)], 0.4), {1, 99})
same(items([7, 7, None, 3, 7, None, 5, 9, 7, None], 0.33), {7, None, 9})
same(items([i % 7 if i % 3 else 0 for i in range(200)], 0.25), {0, 1, 3})
same(spark.range(3).freqItems(["id"]).schema.simpleString(), "struct<id_freqItems:array<bigint>>")
fails(lambda: spark.range(3).freqItems(["id"], 2.0).collect(), "IllegalArgumentException", text="Support must be in")
same(spark.range(0).collect(), [])
same(list(spark.range(0).toPandas().columns), ["id"])
same(spark.sql("select 1 as a, 2 as a").collect(), [(1, 2)])
n = 250_000
t = spark.range(n).select("id", (F.col("id") % 7).cast("string").alias("s"), (F.col("id") / 2).alias("d")).toArrow()
same((t.num_rows, t.column("id").to_numpy().sum()), (n, n * (n - 1) // 2))
same(t.column("s").to_pylist()[-3:], [str((n - k) % 7) for k in (3, 2, 1)])
same(spark.range(0, n, 1, 8).filter("id % 3 = 0").count(), (n + 2) // 3)
wide = spark.sql("select id, repeat('x', 100000) s from range(300)").collect()
same((len(wide), {len(r.s) for r in wide}), (300, {100000}))
# Two subqueries that one method made are not one.
few, more = spark.range(3), spark.range(9)
is_in = lambda d: ~F.col("id").isin(d)
if pyspark.__version__ >= "4.1": same(more.where(is_in(more) | is_in(few)).count(), 6)

def shown(df, *args, **kw):
    out = io.StringIO()
    with contextlib.redirect_stdout(out): df.show(*args, **kw)
    return out.getvalue()

same(shown(spark.sql("select 1 a, 'x' b, null c")), "+---+---+----+\n|  a|  b|   c|\n+---+---+----+\n|  1|  x|NULL|\n+---+---+----+\n\n")
same(shown(spark.range(3), 2), "+---+\n| id|\n+---+\n|  0|\n|  1|\n+---+\nonly showing top 2 rows\n")
same(shown(spark.sql("select 'abcdefgh' s"), truncate=5), "+-----+\n|    s|\n+-----+\n|ab...|\n+-----+\n\n")
same(spark.range(3).schema.simpleString(), "struct<id:bigint>")
same(spark.createDataFrame([(1, "a"), (2, None)], "id int, s string").collect(), [(1, "a"), (2, None)])
same(spark.createDataFrame([], "id int").collect(), [])
big = [(i, "x" * 100) for i in range(30_000)]  # goes up as an artifact
same(spark.createDataFrame(big, "id int, s string").agg(F.sum("id"), F.count("s")).collect(), [(sum(range(30_000)), 30_000)])
same(spark.range(5).cache().count(), 5)
holds(spark.range(3).sameSemantics(spark.range(3)))
holds(not spark.range(3).sameSemantics(spark.range(4)))
same(spark.range(3).semanticHash(), spark.range(3).semanticHash())
holds("range" in spark.range(3)._explain_string().lower())
spark.stop()
