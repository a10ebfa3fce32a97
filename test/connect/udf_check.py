"""Python functions: udf(), spark.udf.register and SQL that calls them. What comes in and out of each type is what Spark 4.1.1 said."""
import array, datetime as D, decimal, sys, threading, time
import pyspark
from check import *
from pyspark.sql import Row, functions as F
from pyspark.sql.functions import call_udf, col, expr, lit, udf
from pyspark.sql.types import IntegerType, StringType, StructField, StructType

spark = session(**{"spark.sql.session.timeZone": "UTC"})
spark.conf.set("spark.sql.execution.pyspark.python", sys.executable)
one, four, dec = spark.range(1), spark.range(4), decimal.Decimal

kept = bytes if pyspark.__version__ >= "4.1" else bytearray  # what collect() makes of BINARY
# ---- values: type, what the function returned -> the column
AWARE = D.datetime(2024, 1, 2, tzinfo=D.timezone.utc)
for t, table in {
    "boolean": [(None, None), (True, True), (1, None), ("a", None)],
    "tinyint": [(1, 1), (True, None), (-300, -44), (3000000000, 94 - 94), (2**63, None), (1.0, None)],
    "smallint": [(1, 1), (-300, -300), (2**63, None)],
    "int": [(1, 1), (True, None), (3000000000, -1294967296), (2**63, None), (1.5, None), ("12", None), (dec("1.25"), None)],
    "bigint": [(3000000000, 3000000000), (2**63, None), ([1], None)],
    "float": [(1.5, 1.5), (1, None), (True, None)],
    "double": [(1.5, 1.5), (1, None), (1e10, 1e10), (dec("1.25"), None)],
    "decimal(5,1)": [(dec("1.25"), dec("1.3")), (dec("1E+3"), dec("1000.0")), (1, None), (1.5, None), (dec("NaN"), None)],
    "string": [("a", "a"), (1, "1"), (True, "true"), (1.0, "1.0"), (1e10, "1.0E10"), (1e-5, "1.0E-5"), (float("nan"), "NaN"), (dec("1.25"), "1.25"),
               ([1, 2], "[1, 2]"), (["a", None, 1.5], "[a, null, 1.5]"), ({1: 2}, "{1=2}"), ({"a": None}, "{a=null}"), ({7}, "[7]"), ([[1], [2]], "[[1], [2]]")],
    "binary": [(b"ab", kept(b"ab")), (bytearray(b"cd"), kept(b"cd")), ("a", kept(b"a")), (1, None)],
    "date": [(D.date(2024, 1, 2), D.date(2024, 1, 2)), (D.datetime(2024, 1, 2, 3), D.date(2024, 1, 2)), (None, None)],
    "timestamp_ntz": [(D.datetime(2024, 1, 2, 3, 4, 5, 6), D.datetime(2024, 1, 2, 3, 4, 5, 6))],
    "interval day to second": [(D.timedelta(days=1, seconds=2), D.timedelta(days=1, seconds=2))],
    "array<int>": [([1, None], [1, None]), ((1, 2), [1, 2]), (["a", 1], [None, 1]), (array.array("i", [1, 2]), [1, 2]), (b"ab", [97, 98]), ({1}, None), ("a", None)],
    "array<string>": [([1, "x", None], ["1", "x", None])],
    "map<string,int>": [({"a": 1, "b": "x"}, {"a": 1, "b": None}), ({1: 2}, {"1": 2}), ([1], None)],
    "struct<a:int,b:string>": [((1, 2), Row(a=1, b="2")), ([1, "x"], Row(a=1, b="x")), (Row(a=1, b="x"), Row(a=1, b="x")), ({"b": "y", "a": "z"}, Row(a=None, b="y")), ({"a": 1}, Row(a=1, b=None))],
    "void": [(1, None)],
}.items():
    got = one.select(*[udf((lambda v: lambda x: v)(v), t)("id").alias("c%d" % i) for i, (v, _) in enumerate(table)]).first()
    for i, (v, want) in enumerate(table): same((got[i], type(got[i])), (want, type(want)), "%s: %r" % (t, v))
local = D.datetime(2024, 1, 2, 3, 4, 5, 6)
same(one.select(udf(lambda x: local, "timestamp")("id").cast("string")).first()[0], local.astimezone(D.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f"), "local time")
for t, v in [("date", 5), ("timestamp", "a"), ("struct<a:int>", 5), ("struct<a:int,b:int>", (1,)), ("decimal(3,1)", dec("123.4")), ("int", Row(a=1)), ("string", AWARE), ("double", __import__("numpy").float64(1))]:
    fails(lambda: one.select(udf((lambda v: lambda x: v)(v), t)("id")).collect(), "PythonException", text="Error")
# ---- values: an argument -> as the function sees it
for a, want in {
    "true": "bool True", "1Y": "int 1", "1L": "int 1", "1.5F": "float 1.5", "1.50BD": "Decimal Decimal('1.50')", "'x'": "str 'x'", "X'01'": "bytes b'\\x01'",
    "DATE'2024-01-02'": "date datetime.date(2024, 1, 2)", "TIMESTAMP_NTZ'2024-01-02 03:04:05'": "datetime datetime.datetime(2024, 1, 2, 3, 4, 5)",
    "INTERVAL '1 2:3:4.5' DAY TO SECOND": "timedelta datetime.timedelta(days=1, seconds=7384, microseconds=500000)", "INTERVAL '1-2' YEAR TO MONTH": "int 14",
    "array(1,null)": "list [1, None]", "map('a',1)": "dict {'a': 1}", "struct(1 as a,'x' as b)": "Row Row(a=1, b='x')", "null": "NoneType None", "cast(null as int)": "NoneType None",
    "map(1,array(DATE'2024-01-02'))": "dict {1: [datetime.date(2024, 1, 2)]}", "named_struct('a',named_struct('b',1))": "Row Row(a=Row(b=1))", "time'12:13:14'": "time datetime.time(12, 13, 14)",
}.items():
    same(one.select(udf(lambda x: type(x).__name__ + " " + repr(x))(expr(a))).first()[0], want, a)
seen = one.select(udf(lambda r: repr((r.t, r.a[0].t.tzinfo)))(expr("struct(timestamp_micros(1704164645000006) as t, array(struct(timestamp_micros(5) as t)) as a)"))).first()[0]
row = one.select(udf(lambda x: type(x).__name__)(expr("X'01'")))
spark.conf.set("spark.sql.execution.pyspark.binaryAsBytes", "false")
same(row.first()[0], "bytearray")
spark.conf.unset("spark.sql.execution.pyspark.binaryAsBytes")
same(seen, repr((D.datetime.fromtimestamp(1704164645).replace(microsecond=6), None)))

# ---- where a call may stand
new = pyspark.__version__ >= "4"
f, g, h = udf(lambda x: x + 1, "int"), udf(lambda x: str(x), "string"), udf(lambda a, b: a + b, IntegerType())
rows = lambda df: sorted(map(tuple, df.collect()), key=str)
same(four.select(f("id"), f(f("id")), h("id", lit(1)), f(four.id + 1), f(col("id").cast("string"))).columns,
     ["<lambda>(id)", "<lambda>(<lambda>(id))", "<lambda>(id, 1)", "<lambda>((id + 1))", "<lambda>(cast(id as string))"])
if new: same(four.select(h(b="id", a=lit(10)), f(x="id")).columns, ["<lambda>(b => id, a => 10)", "<lambda>(x => id)"])  # by keyword
same(four.select(f("id")).schema, StructType([StructField("<lambda>(id)", IntegerType())]))
same(rows(four.select(f("id"), f(f("id")), h(f("id"), "id"))), [(i + 1, i + 2, 2 * i + 1) for i in range(4)])
if new: same(rows(four.select(h(b="id", a=lit(10)))), [(i + 10,) for i in range(4)])
same(rows(four.filter((f("id") > 1) & (col("id") < 3))), [(1,), (2,)])
same(rows(four.groupBy(f("id") % 2).agg(f(F.sum(f("id"))), F.max(h("id", lit(1))))), [(0, 7, 4), (1, 5, 3)])
same(four.orderBy(f("id").desc()).limit(2).collect(), [Row(id=3), Row(id=2)])
same(rows(four.select(F.explode(udf(lambda x: [x] * x, "array<int>")("id")))), [(1,), (2,), (2,), (3,), (3,), (3,)])
same(rows(four.select(g(udf(lambda x: "q%d" % x, "int")("id")))), [("q%d" % i,) for i in range(4)])  # f(g(x)): what g gave, as it is
same(rows(four.select(udf(lambda: 7, "int")(), udf(lambda x: None, "int")("id"))), [(7, None)] * 4)
same(four.select(udf(lambda x: (x, str(x)), "struct<a:int,b:string>")("id").alias("s")).select("s.b", "s.a").collect()[1], Row(b="1", a=1))
same(spark.range(20000).select(f("id").alias("i")).agg(F.sum("i"), F.count("i")).first()[:], (200010000, 20000))
a, b = spark.range(3).toDF("a"), spark.range(3).toDF("b")
both = udf(lambda x, y: x == y, "boolean")
for how in ("inner", "cross"): same(rows(a.join(b, both("a", "b"), how)), [(0, 0), (1, 1), (2, 2)], how)
for how, width in (("left", 2), ("right", 2), ("full", 2), ("semi", 1)): same(rows(a.join(b, f("a") == f("b"), how)), [(i,) * width for i in range(3)], how)
for how in ("left", "right", "full", "semi", "anti"):
    fails(lambda: a.join(b, both("a", "b"), how).collect(), "AnalysisException", "UNSUPPORTED_FEATURE.PYTHON_UDF_IN_ON_CLAUSE", "0A000")
dice = udf(lambda: 4, "int").asNondeterministic()
same(rows(four.select(dice(), dice()).groupBy(dice()).count()), [(4, 4)])
fails(lambda: four.agg(F.sum(dice())).collect(), "AnalysisException", "AGGREGATE_FUNCTION_WITH_NONDETERMINISTIC_EXPRESSION", "42845")
fails(lambda: four.select(F.transform(F.array("id"), lambda x: f(x))).collect(), "AnalysisException", "UNSUPPORTED_FEATURE.LAMBDA_FUNCTION_WITH_PYTHON_UDF")
fails(lambda: four.select(F.pandas_udf(lambda s: s, "long")("id")).collect(), "UnsupportedOperationException", "UNSUPPORTED_FEATURE", text="pandas function <lambda>")

# ---- names
spark.udf.register("ff", lambda a, b: a + b, "int")
spark.udf.register("gg", udf(lambda x: x, "int").asNondeterministic())
same(spark.sql("select ff(id, 1), FF(b => id, a => 2) from range(2)").columns, ["ff(id, 1)", "ff(b => id, a => 2)"])
same(rows(spark.sql("select ff(id, 1), FF(b => id, a => 2) from range(2)")), [(1, 2), (2, 3)])
same(rows(four.select(call_udf("ff", "id", lit(1)), expr("ff(id, 1)"))), [(i + 1, i + 1) for i in range(4)])
same([tuple(r) for r in spark.sql("select sum(ff(id, 2)) over (partition by ff(id, 1) % 2 order by ff(id, 0)) s from range(4)").collect()], [(3,), (8,), (2,), (6,)])
same(rows(spark.sql("select id % 2 k, ff(count(*), 1) c from range(5) group by id % 2 having ff(count(*), 0) > 2")), [(0, 4)])
same(rows(spark.sql("select * from range(3) where id in (select ff(id, 1) from range(2))")), [(1,), (2,)])
same(rows(spark.sql("select window(t, '1 minute').start s, ff(count(*), 1) c from (select timestamp'2024-01-01 00:00:00' t from range(3)) group by window(t, '1 minute')"))[0][1], 4)
spark.sql("create or replace temp view tv as select ff(1, 2) x")
same(rows(spark.table("tv")), [(3,)])
for sql, condition in {
    "select ff(b => id, 2) from range(2)": "UNEXPECTED_POSITIONAL_ARGUMENT", "select ff(a => id, a => 2) from range(2)": "DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT.DOUBLE_NAMED_ARGUMENT_REFERENCE",
    "select ff(distinct id, 2) from range(2)": "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "select ff(id, 2) over () from range(2)": "UNSUPPORTED_EXPR_FOR_WINDOW",
    "select ff(id, 1), count(*) from range(3)": "MISSING_GROUP_BY", "select * from values (ff(1, 2))": "INVALID_INLINE_TABLE.CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE",
    "select 1 limit ff(1, 2)": "INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE", "create view kept as select ff(1, 2) x": "INVALID_TEMP_OBJ_REFERENCE",
}.items():
    fails(lambda: spark.sql(sql).collect(), "AnalysisException", condition)
own = spark.catalog.getFunction("ff")
same((own.name, own.catalog, own.namespace, own.description, own.isTemporary), ("ff", None, None, "N/A.", True))
same([x.name for x in spark.catalog.listFunctions(pattern="ff*")], ["ff"])
same((spark.catalog.functionExists("ff"), spark.catalog.functionExists("nope"), spark.catalog.functionExists("abs")), (True, False, True))
same(rows(spark.sql("show user functions")), [("ff",), ("gg",)])
same(spark.sql("describe function ff").collect()[0][0], "Function: ff")
spark.sql("drop temporary function gg")
spark.sql("drop temporary function if exists gg")
fails(lambda: spark.sql("drop temporary function gg"), "AnalysisException", "ROUTINE_NOT_FOUND", "42883")
fails(lambda: spark.sql("select gg(1)").collect(), "AnalysisException", "UNRESOLVED_ROUTINE", "42883")
spark.udf.register("abs", lambda x: "mine")
same(rows(spark.sql("select abs(-1)")), [("mine",)])
spark.sql("drop temporary function abs")
same(rows(spark.sql("select abs(-1)")), [(1,)])

# ---- failures
def boom(x):
    def deep(): raise ValueError("no %s" % x)
    return deep()
e = fails(lambda: one.select(udf(boom, "int")("id")).collect(), "PythonException", text="ValueError: no 0\n")
holds("in boom\n" in str(e) and "in deep\n" in str(e) and "in answer" not in str(e) and "[" not in str(e).split("\n")[1], str(e))
same(e.getCondition(), None)
fails(lambda: four.select(F.when(col("id") > 0, udf(lambda x: 10 // x, "int")("id"))).collect(), "PythonException", text="ZeroDivisionError")
fails(lambda: one.select(udf(lambda: 1, "int")("id")).collect(), "PythonException", text="TypeError")
def over(x): raise StopIteration
fails(lambda: one.select(udf(over, "int")("id")).collect(), "PythonException", text="STOP_ITERATION_OCCURRED")
fails(lambda: one.select(udf(lambda x: __import__("os")._exit(3), "int")("id")).collect(), "PythonException", text="ended with code 3")
same(rows(one.select(f("id"))), [(1,)])  # and the session goes on

# ---- a function that hangs ends when it is interrupted
def hang(x):
    time.sleep(600)
found = []
def try_it():
    spark.addTag("hang")
    try: one.select(udf(hang, "int")("id")).collect()
    except Exception as e: found.append(e)
thread = threading.Thread(target=try_it, daemon=True)
thread.start()
eventually(lambda: spark.interruptTag("hang") or not thread.is_alive(), "something to interrupt", 30)
thread.join(60)
same([x.getCondition() for x in found], ["OPERATION_CANCELED"])

# ---- streams
rate = spark.readStream.format("rate").option("rowsPerSecond", 200).load()
q = rate.select(f("value").alias("v"), (col("value") + 1).alias("w")).filter(f("v") > 1).writeStream.format("memory").queryName("udf_rows").start()
eventually(lambda: spark.table("udf_rows").count() > 20, "rows", 60)
q.stop()
same(spark.table("udf_rows").filter("v <> w").count(), 0)
q = rate.groupBy(f("value") % 2).agg(h(F.count("value"), lit(1)).alias("c")).writeStream.format("memory").queryName("udf_groups").outputMode("complete").start()
eventually(lambda: spark.table("udf_groups").count() == 2, "groups", 60)
q.stop()
q = rate.select(udf(lambda x: 1 // (x - x), "int")("value")).writeStream.format("noop").start()
fails(lambda: q.awaitTermination(60), "StreamingQueryException", "STREAM_FAILED", text="ZeroDivisionError")
q = rate.select(udf(hang, "int")("value")).writeStream.format("noop").start()
eventually(lambda: q.status["isTriggerActive"], "an epoch", 30)
q.stop()
same((q.isActive, q.exception()), (False, None))
def each(df, epoch):
    df.sparkSession.udf.register("twice", lambda x: 2 * x, "bigint")
    df.selectExpr("twice(value) as v").write.mode("append").saveAsTable("udf_each")
q = spark.readStream.format("rate").option("rowsPerSecond", 50).load().writeStream.foreachBatch(each).start()
eventually(lambda: spark.catalog.tableExists("udf_each") and spark.table("udf_each").count() > 10, "rows of foreachBatch", 60)
q.stop()
same(spark.table("udf_each").filter("v % 2 <> 0").count(), 0)
spark.sql("DROP TABLE udf_each")
spark.stop()
