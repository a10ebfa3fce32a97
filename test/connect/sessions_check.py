"""Sessions, settings, operations: what the books of the server hold."""
import os, signal, threading, time, warnings, grpc
from check import *
from pyspark.sql import SparkSession
from pyspark.sql.connect.client import core
import pyspark.sql.connect.proto as pb2

url = os.environ["SPARK_REMOTE"]
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    spark = SparkSession.builder.config("spark.jars.packages", "a:b:1").config("spark.sql.shuffle.partitions", "7").getOrCreate()
holds(any("spark.jars.packages" in str(w.message) for w in told), "a static setting is a warning")
same(spark.conf.get("spark.sql.shuffle.partitions"), "7")
same(spark.conf.get("spark.sql.session.localRelationSizeLimit"), "3221225472")
same(spark.conf.get("nope", "dflt"), "dflt")
holds(spark.conf.isModifiable("spark.sql.ansi.enabled") and not spark.conf.isModifiable("zzz"))
spark.conf.set("my.own", "1"); same(spark.conf.get("my.own"), "1")
spark.conf.unset("my.own"); same(spark.conf.get("my.own", None), None)
spark.conf.set("spark.hadoop.fs.s3a.secret.key", "hunter2")
holds("hunter2" not in str(spark.conf.getAll))

# Sessions do not see each other's views; a clone has what the first had.
spark.range(3).createOrReplaceTempView("mine")
other = SparkSession.builder.remote(url).create()
fails(lambda: other.table("mine").count(), "AnalysisException", "TABLE_OR_VIEW_NOT_FOUND")
twin = spark.cloneSession() if hasattr(spark, "cloneSession") else None
if twin:
    same(twin.table("mine").count(), 3)
    same(twin.conf.get("spark.sql.shuffle.partitions"), "7")
    # The first one's queries end with it, whoever was cloned from it; the clone keeps its views.
    first, out = SparkSession.builder.remote(url).create(), os.environ["CHECK_DATA"] + "/cloned"
    first.range(4).createOrReplaceTempView("four")
    first.readStream.format("rate").option("rowsPerSecond", 20).load().writeStream.format("json").option("checkpointLocation", out + ".c").start(out)
    clone = first.cloneSession()
    files = lambda: len(os.listdir(out)) if os.path.isdir(out) else 0
    eventually(lambda: files() > 2, "files of the first session's query", 30)
    first.stop()
    def still():
        n = files()
        time.sleep(1.5)
        return files() == n
    eventually(still, "the query of a session that was released stops", 30)
    same(clone.table("four").count(), 4)

# A stream of responses that ends early is attached again: the cut is a setting.
spark.conf.set("spark.connect.execute.reattachable.senderMaxStreamSize", "100")
same(len(spark.range(100_000).collect()), 100_000)
spark.conf.set("spark.connect.execute.reattachable.senderMaxStreamDuration", "50ms")
same(len(spark.range(100_000).collect()), 100_000)
spark.conf.unset("spark.connect.execute.reattachable.senderMaxStreamSize")

# Interrupts end what runs.
def run(ended):
    spark.addTag("t") # of this thread
    try: spark.sql("select count(*) from range(1000000000000)").collect()
    except Exception as e: ended.append(e)
for how in (lambda: spark.interruptAll(), lambda: spark.interruptTag("t")):
    ended = []
    t = threading.Thread(target=run, args=(ended,), daemon=True)
    t.start()
    eventually(lambda: how() != [], "an operation to interrupt")
    t.join(20)
    holds(ended and "OPERATION_CANCELED" in str(ended[0]), str(ended))

# A session that ended is not made again in silence; release may come twice.
client = other._client
other.stop()
fails(lambda: SparkSession.builder.remote(f"{url}/;session_id={client._session_id}").create().range(1).collect(),
      "SparkException", "INVALID_HANDLE.SESSION_CLOSED", "HY000")
fails(lambda: SparkSession.builder.remote(f"{url}/;session_id=nonsense").create().range(1).collect(), "PySparkValueError")

# A view of SQL means what its text means now, a DataFrame's what the frame meant: it may be made of the one it replaces.
spark.range(5).createOrReplaceTempView("one")
spark.sql("CREATE OR REPLACE TEMPORARY VIEW two AS SELECT id FROM one")
spark.table("one").where("id > 2").createOrReplaceTempView("one")
same([r[0] for r in spark.table("two").orderBy("id").collect()], [3, 4])
spark.table("two").where("id > 3").createOrReplaceTempView("two")
spark.range(1).createOrReplaceTempView("one")
same(spark.table("two").collect(), [(4,)])
fails(lambda: spark.sql("CREATE OR REPLACE TEMPORARY VIEW three AS SELECT * FROM two UNION ALL SELECT * FROM three"), "AnalysisException", "TABLE_OR_VIEW_NOT_FOUND")
spark.sql("CREATE OR REPLACE TEMPORARY VIEW three AS SELECT * FROM two")
fails(lambda: spark.sql("CREATE OR REPLACE TEMPORARY VIEW three AS SELECT * FROM three"), "AnalysisException", "RECURSIVE_VIEW", "42K0H")

spark.sql("CACHE TABLE four AS SELECT * FROM one")
spark.range(7).createOrReplaceTempView("one")
same(spark.table("four").count(), 7)
spark.sql("ALTER VIEW four AS SELECT id + 1 AS id FROM one WHERE id > 4")
same(spark.table("four").orderBy("id").collect(), [(6,), (7,)])

# A DataFrame's view reads its table as it is now.
spark.sql("CREATE TABLE grows (a INT)")
spark.table("grows").where("a > 0").createOrReplaceTempView("grown")
spark.sql("INSERT INTO grows VALUES (0), (1), (2)")
same(spark.table("grown").count(), 2)
spark.sql("DROP TABLE grows")

# Statements that change the session, also from inside another.
def ask(text): return spark.sql(text).collect()
ask("DECLARE VARIABLE q INT DEFAULT 5")
same(ask("SELECT q"), [(5,)])
ask("SET VARIABLE q = (SELECT max(id) FROM four)")
same((ask("SELECT q"), spark.range(9).where("id > q").collect()), ([(7,)], [(8,)]))
ask("EXECUTE IMMEDIATE 'SET VARIABLE q = q + ?' USING 1")
ask("EXECUTE IMMEDIATE 'CREATE TEMPORARY VIEW six AS SELECT q AS x'")
ask("EXECUTE IMMEDIATE 'SELECT x + 1 FROM six' INTO q")
ask("EXECUTE IMMEDIATE 'SET a.b.c = 3'")
same((ask("SELECT q, x FROM six"), ask("SET a.b.c")[0].value), ([(9, 9)], "3"))
ask("DROP TABLE six")  # of a temporary view, as Spark allows
fails(lambda: ask("SELECT * FROM six"), "AnalysisException", "TABLE_OR_VIEW_NOT_FOUND")
ask("DROP TEMPORARY VARIABLE q")
fails(lambda: ask("SELECT q"), "AnalysisException", "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION")

# 300 sessions opened and dropped; memory does not stay.
def rss(): return int(next(l for l in open(f"/proc/{os.environ['CHECK_SERVER']}/status") if l.startswith("VmRSS")).split()[1])
def open_and_drop(n):
    for _ in range(n):
        s = SparkSession.builder.remote(url).create()
        s.sql("select 1").collect()
        s.stop()
open_and_drop(50)
before = rss()
open_and_drop(200)
holds(rss() - before < 20_000, f"{before} kB, then {rss()} kB")
same(spark.sql("select 2").collect(), [(2,)])
spark.stop()
