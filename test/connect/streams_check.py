"""Streaming queries: start, progress, status, ends, listeners, memory tables, restarts."""
import json, os, time
from check import *
from pyspark.sql import functions as F
from pyspark.sql.streaming.listener import StreamingQueryListener

spark = session()
data = os.environ["CHECK_DATA"]

class Heard(StreamingQueryListener):
    def __init__(self): self.events = []
    def onQueryStarted(self, e): self.events.append(("started", str(e.id), e.name))
    def onQueryProgress(self, e): self.events.append(("progress", str(e.progress.id), e.progress.numInputRows))
    def onQueryIdle(self, e): pass
    def onQueryTerminated(self, e): self.events.append(("terminated", str(e.id), e.exception))

heard = Heard()
spark.streams.addListener(heard)
rate = spark.readStream.format("rate").option("rowsPerSecond", 100).load()
holds(rate.isStreaming)
q = rate.writeStream.format("noop").start()
q.processAllAvailable()  # Spark's first batch of it comes at once and is empty
same((q.recentProgress[0]["batchId"], q.recentProgress[0]["numInputRows"]), (0, 0))
q.stop()
q = rate.writeStream.format("memory").queryName("m").start()
same((q.name, q.isActive, q.exception()), ("m", True, None))
holds(("started", q.id, "m") in heard.events, "a listener hears the start before start() returns")
eventually(lambda: spark.table("m").count() > 0, "rows in the memory table")
holds(spark.sql("select count(*) from m").first()[0] > 0)
eventually(lambda: q.lastProgress is not None, "progress")
p = json.loads(q.lastProgress.json)
same([k for k in ("id", "runId", "name", "timestamp", "batchId", "batchDuration", "numInputRows", "inputRowsPerSecond",
     "processedRowsPerSecond", "durationMs", "stateOperators", "sources", "sink") if k not in p], [])
same((p["name"], p["sink"]["description"]), ("m", "MemorySink"))
same(sorted(q.status), ["isDataAvailable", "isTriggerActive", "message"])
same([x.id for x in spark.streams.active], [q.id])
same(spark.streams.get(q.id).runId, q.runId)
same(spark.streams.get("00000000-0000-0000-0000-000000000000"), None)
same(q.awaitTermination(1), False)
q.explain()
q.stop()
same((q.isActive, spark.streams.active, q.awaitTermination(1)), (False, [], True))
same(spark.streams.awaitAnyTermination(1), True)
spark.streams.resetTerminated()
same(spark.streams.awaitAnyTermination(1), False)
eventually(lambda: ("terminated", q.id, None) in heard.events, "the end, by the listener")
holds(any(e[0] == "progress" and e[1] == q.id for e in heard.events))

# A query that fails.
q = rate.selectExpr("1 / (value - value) x").writeStream.format("noop").start()
fails(lambda: q.awaitTermination(20), "StreamingQueryException", "STREAM_FAILED", "XXKST")
holds("DIVIDE_BY_ZERO" in str(q.exception()))
eventually(lambda: any(e[0] == "terminated" and e[1] == q.id and e[2] for e in heard.events), "the failure, by the listener")
spark.streams.resetTerminated()
fails(lambda: rate.writeStream.outputMode("complete").format("noop").start(), "AnalysisException", "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "42KDE")
fails(lambda: rate.writeStream.format("no such").start(), "AnalysisException", "DATA_SOURCE_NOT_FOUND")

# Windows into a table, from files, twice with one checkpoint.
src = f"{data}/in"; os.mkdir(src)
def put(name, *rows):
    with open(f"{src}/{name}.tmp", "w") as f: f.write("".join(f'{{"t":"{t}","k":"{k}"}}\n' for t, k in rows))
    os.rename(f"{src}/{name}.tmp", f"{src}/{name}.json")
events = spark.readStream.schema("t timestamp, k string").json(src)
counts = events.withWatermark("t", "10 seconds").groupBy(F.window("t", "10 seconds"), "k").count()
def run():
    q = counts.writeStream.option("checkpointLocation", f"{data}/ck").trigger(availableNow=True).toTable("lake.default.counts")
    same(q.awaitTermination(30), True)
    return q
put("a", ("2024-01-01T00:00:01Z", "a"), ("2024-01-01T00:00:02Z", "b"), ("2024-01-01T00:00:03Z", "a"))
one = run()
put("b", ("2024-01-01T00:01:01Z", "a"))
two = run()
same((one.id, one.runId == two.runId), (two.id, False), "the same query, another run")
same(spark.sql("select k, count from lake.default.counts order by k").collect(), [("a", 2), ("b", 1)])
q = counts.writeStream.outputMode("complete").format("memory").queryName("now").start()
q.processAllAvailable()
same(sorted(tuple(r) for r in spark.sql("select k, sum(count) from now group by k").collect()), [("a", 3), ("b", 1)])
later = spark.table("now")
put("c", ("2024-01-01T00:01:02Z", "c"))
q.processAllAvailable()
same(later.where("k = 'c'").count(), 1, "a frame over a memory table sees later rows")
q.stop()
# the static side of a join is what its table is in each epoch, but for one that a version was asked of
spark.sql("CREATE TABLE lake.default.names (k STRING, name STRING)")
spark.sql("INSERT INTO lake.default.names VALUES ('a', 'A')")
names = spark.table("lake.default.names")
names.createOrReplaceTempView("named")
then = spark.sql("SELECT k, name AS old FROM lake.default.names VERSION AS OF " + str(spark.sql("SELECT snapshot_id FROM lake.default.names.snapshots").first()[0]))
joined = events.select("k").join(names, "k", "left").join(spark.table("named").withColumnRenamed("name", "view"), "k", "left").join(then, "k", "left")
q = joined.writeStream.format("memory").queryName("joined").start()
q.processAllAvailable()
same({tuple(r) for r in spark.table("joined").collect()}, {("a", "A", "A", "A"), ("b", None, None, None), ("c", None, None, None)})
spark.sql("INSERT INTO lake.default.names VALUES ('d', 'D')")
put("d", ("2024-01-01T00:01:03Z", "d"))
q.processAllAvailable()
same([tuple(r) for r in spark.table("joined").where("k = 'd'").collect()], [("d", "D", "D", None)])
q.stop()
for trigger in ({"once": True}, {"processingTime": "100 milliseconds"}, {"continuous": "1 second"}):
    q = events.writeStream.format("memory").queryName("t" + list(trigger)[0]).trigger(**trigger).start()
    q.processAllAvailable()
    same(spark.table(q.name).count(), 6, str(trigger))
    q.stop()
# The client of 4.1 waits for itself when an event comes while the listener is taken away: the last one first.
eventually(lambda: any(e[:2] == ("terminated", q.id) for e in heard.events), "the end of the last query")
spark.streams.removeListener(heard)
spark.stop()
