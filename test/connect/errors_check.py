"""Failures become the Python exceptions that Spark's become, with condition, SQLSTATE, parameters and place."""
import os
from check import *
from pyspark.sql import functions as F

spark = session()
e = fails(lambda: spark.sql("select nope from range(1)"), "AnalysisException", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703")
same(e.getMessageParameters().get("objectName"), "`nope`")
c = e.getQueryContext()[0]
same((c.fragment(), c.startIndex(), c.stopIndex(), c.summary()), ("nope", 7, 10, "== SQL (line 1, position 8) ==\nselect nope from range(1)\n       ^^^^\n"))
e = fails(lambda: spark.sql("select 1,\n id / 0, 2 from range(1)").collect(), "ArithmeticException", "DIVIDE_BY_ZERO", "22012")
c = e.getQueryContext()[0]
same((c.fragment(), c.startIndex()), ("id / 0", 11))
holds("\n id / 0, 2 from range(1)\n ^^^^^^\n" in str(e), str(e))
d = spark.range(1)
for column, method, cls in ((d.id / 0, "__truediv__", "ArithmeticException"), (d.id + "x", "__add__", "NumberFormatException"),
                            (d.id.cast("date"), "cast", "AnalysisException"), (F.col("idd"), "col", "AnalysisException")):
    e = fails(lambda: d.select(column).collect(), cls)
    c = e.getQueryContext()[0]
    holds(c.contextType().name == "DataFrame" and c.fragment() == method and "errors_check.py:" in c.callSite(), (method, str(e)))
    holds(f'"{method}" was called from' in str(e), str(e))
e = fails(lambda: spark.sql("select * from non-existing-table"), "ParseException", "INVALID_IDENTIFIER", "42602")
same((e.getMessageParameters(), e.getQueryContext()), ({"ident": "non-existing-table"}, []))
fails(lambda: spark.sql("selec 1"), "ParseException", "PARSE_SYNTAX_ERROR", "42601")
fails(lambda: spark.sql("select 1/0").collect(), "ArithmeticException", "DIVIDE_BY_ZERO", "22012")
fails(lambda: spark.sql("select cast('a' as int)").collect(), "NumberFormatException", "CAST_INVALID_INPUT", "22018")
fails(lambda: spark.sql("select cast('a' as date)").collect(), "DateTimeException", "CAST_INVALID_INPUT", "22018")
fails(lambda: spark.table("no_such").collect(), "AnalysisException", "TABLE_OR_VIEW_NOT_FOUND", "42P01")
fails(lambda: spark.sql("select * from range(1) where " + " + ".join(["nope"] * 400)), "AnalysisException")
# df["*"] means the columns of one relation: not of two, and not those that are gone
one = spark.sql("select 1 as a, 2 as b")
same(one.join(spark.sql("select 3 as a"), one.b == 2).select(one["*"]).collect(), [(1, 2)])
fails(lambda: one.join(one).select(one["*"]).schema, "AnalysisException", "AMBIGUOUS_COLUMN_REFERENCE", "42702")
fails(lambda: one.withColumn("a", F.lit(0)).select(one["*"]).schema, "AnalysisException", "CANNOT_RESOLVE_DATAFRAME_COLUMN", "42704")
fails(lambda: one.unpivot("a", spark.range(1).exists(), "v", "w").schema, "AnalysisException",
      "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_IN_EXISTS_SUBQUERY", "0A000")
fails(lambda: spark.conf.get("no.such.key"), "SparkNoSuchElementException", "SQL_CONF_NOT_FOUND", "42K0I")
fails(lambda: spark.conf.set("spark.sql.warehouse.dir", "x"), "AnalysisException", "CANNOT_MODIFY_STATIC_CONFIG", "46110")
fails(lambda: spark.conf.set("spark.sql.shuffle.partitions", "many"), "IllegalArgumentException")
fails(lambda: spark.range(1).select("nope").schema, "AnalysisException", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703")
for text, cls, condition in (
    ("next_day(c, 'xx')", "IllegalArgumentException", "ILLEGAL_DAY_OF_WEEK"),
    ("encode('a', 'xx')", "IllegalArgumentException", "INVALID_PARAMETER_VALUE.CHARSET"),
    ("getbit(5, 64)", "IllegalArgumentException", "INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE"),
    ("to_char(1.5, 'abc')", "AnalysisException", "INVALID_FORMAT.WRONG_NUM_DIGIT"),
    ("to_binary('xyz')", "IllegalArgumentException", "CONVERSION_INVALID_INPUT"),
    ("date_part('foo', c)", "AnalysisException", "INVALID_EXTRACT_FIELD"),
    ("date_format(c, 'YYYY')", "SparkUpgradeException", "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION"),
    ("from_json('{', 'a int', map('mode', 'FAILFAST'))", "SparkException", "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION"),
    ("sequence(1, 5, -1)", "IllegalArgumentException", None),
):
    fails(lambda: spark.sql(f"select {text} from values (date'2024-01-01') t(c)").collect(), cls, condition)
rate = spark.readStream.format("rate").load()
start = lambda df, mode="append", **trigger: df.writeStream.format("noop").outputMode(mode).trigger(**(trigger or {"availableNow": True})).start()
e = fails(lambda: start(rate.orderBy("value")), "AnalysisException", "_LEGACY_ERROR_TEMP_3102")
same(e.getSqlState(), None, "conditions without a name have no SQLSTATE")
fails(lambda: start(spark.range(3)), "AnalysisException", "WRITE_STREAM_NOT_ALLOWED", "42601")
fails(lambda: start(rate, "foo"), "IllegalArgumentException", "STREAMING_OUTPUT_MODE.INVALID")
fails(lambda: start(rate, continuous="-1 second"), "IllegalArgumentException")
fails(lambda: start(rate.withWatermark("timestamp", "foo")), "AnalysisException", "CANNOT_PARSE_INTERVAL", "22006")
fails(lambda: start(rate.withWatermark("timestamp", "-10 seconds")), "IllegalArgumentException")
fails(lambda: spark.readStream.format("rate").option("rowsPerSecond", "abc").load().schema, "IllegalArgumentException")
fails(lambda: spark.readStream.format("kafka").load().schema, "IllegalArgumentException")
bad = os.environ["CHECK_DATA"] + "/bad.csv"
with open(bad, "w") as f: f.write("1,2024-01-01\n2,x\n")
frame = spark.read.schema("a int, d date, _corrupt_record string").csv(bad)
fails(lambda: frame.where("_corrupt_record is not null").count(), "AnalysisException", "UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN", "0A000")
same(frame.where("_corrupt_record is not null").select("a", "d").collect(), [(2, None)])
same(spark.sql("select 1").collect(), [(1,)], "after all this")
spark.stop()
