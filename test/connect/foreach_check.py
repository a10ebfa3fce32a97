"""foreachBatch: the function runs in a worker of this Python, as a client of the same session."""
import os, sys, time
from check import *
from pyspark.sql import functions as F

spark = session()
data = os.environ["CHECK_DATA"]
spark.conf.set("spark.sql.execution.pyspark.python", sys.executable)
src = f"{data}/foreach_in"; os.mkdir(src)
def put(name, *values):
    with open(f"{src}/{name}.tmp", "w") as f: f.write("".join(f'{{"v":{v},"s":"é{v}"}}\n' for v in values))
    os.rename(f"{src}/{name}.tmp", f"{src}/{name}.json")
def lines(path):
    return open(path).read().split() if os.path.exists(path) else []
events = spark.readStream.schema("v long, s string").option("maxFilesPerTrigger", 1).json(src)

# Batches in order; each is used several times: counted, written to two tables, read by SQL through a view.
heard = f"{data}/heard"
def both(df, n):
    rows = df.count()
    df.write.saveAsTable("lake.default.fb_all", mode="append")
    df.groupBy().agg(F.sum("v").alias("total")).withColumn("batch", F.lit(n)).writeTo("lake.default.fb_totals").append()
    df.createOrReplaceTempView("fb_now")
    top = df.sparkSession.sql("select max(v) m from fb_now").first().m
    with open(heard, "a") as f: f.write(f"{n}:{rows}:{top}\n")
spark.sql("create table lake.default.fb_totals (total bigint, batch int)")
put("a", 1, 2, 3); put("b", 10, 20); put("c", 100)
q = events.writeStream.foreachBatch(both).option("checkpointLocation", f"{data}/fb").trigger(availableNow=True).start()
same(q.awaitTermination(60), True)
same(lines(heard), ["0:3:3", "1:2:20", "2:1:100"])
same(spark.sql("select v, s from lake.default.fb_all order by v").collect(), [(v, f"é{v}") for v in (1, 2, 3, 10, 20, 100)])
same(spark.sql("select * from lake.default.fb_totals order by batch").collect(), [(6, 0), (30, 1), (100, 2)])
same(q.lastProgress.sink.description, "ForeachBatchSink")

# A function that fails: its traceback reaches the client; after a restart the same batch comes again, with the same rows.
put("d", 7, 8)
def bad(df, n):
    with open(heard, "a") as f: f.write(f"bad {n}:{df.count()}\n".replace(" ", ""))
    raise ValueError(f"no luck with batch {n}")
q = events.writeStream.foreachBatch(bad).option("checkpointLocation", f"{data}/fb").start()
e = fails(lambda: q.awaitTermination(60), "StreamingQueryException", "STREAM_FAILED")
for piece in ("FOREACH_BATCH_USER_FUNCTION_ERROR", "Traceback", "no luck with batch 3", "in bad"):
    holds(piece in str(e), f"{piece}: {e}")
holds("ValueError" in str(q.exception()))
put("e", 9)
q = events.writeStream.foreachBatch(both).option("checkpointLocation", f"{data}/fb").trigger(availableNow=True).start()
same(q.awaitTermination(60), True)
same(lines(heard)[3:], ["bad3:2", "3:2:8", "4:1:9"])
spark.streams.resetTerminated()

# A stateful query in each mode; rows of the whole result in complete mode.
sums = f"{data}/sums"
def total(df, n):
    with open(sums, "a") as f: f.write(f"{n}:{df.agg(F.sum('c')).first()[0]}\n")
for mode, want in (("complete", ["0:3", "1:5", "2:6", "3:8", "4:9"]), ("update", ["0:3", "1:2", "2:1", "3:2", "4:1"])):
    if os.path.exists(sums): os.remove(sums)
    q = events.groupBy((F.col("v") % 1).alias("k"), "v").agg(F.count("*").alias("c")).writeStream.outputMode(mode) \
        .foreachBatch(total).trigger(availableNow=True).start()
    same(q.awaitTermination(60), True)
    same(lines(sums), want, mode)

# stop() while the function works, and while nothing comes.
began = f"{data}/began"
def slow(df, n):
    open(began, "a").write("x")
    time.sleep(120)
q = events.writeStream.foreachBatch(slow).start()
eventually(lambda: os.path.exists(began), "the function began", 60)
at = time.time()
q.stop()
holds(time.time() - at < 15, "stop() does not wait for the function")
same((q.isActive, q.exception()), (False, None))
quick = events.writeStream.foreachBatch(lambda df, n: None).start()
quick.processAllAvailable()
same(quick.lastProgress.batchId, 4)
at = time.time()
quick.stop()
holds(time.time() - at < 5)

# A worker that dies; what cannot run here; what is not built.
q = events.writeStream.foreachBatch(lambda df, n: os._exit(7)).start()
fails(lambda: q.awaitTermination(60), "StreamingQueryException", "STREAM_FAILED", text="code 7")
spark.streams.resetTerminated()
def start(): return events.writeStream.foreachBatch(both).start()
for python in ("/no/such/python", "/bin/false"):
    spark.conf.set("spark.sql.execution.pyspark.python", python)
    fails(start, "StreamingPythonRunnerInitializationException", "STREAMING_PYTHON_RUNNER_INITIALIZATION_FAILURE", "XXKST", text=python)
spark.conf.set("spark.sql.execution.pyspark.python", sys.executable)
def wrong():
    w = events.writeStream.foreachBatch(both)
    w._write_proto.foreach_batch.python_function.python_ver = "2.7"
    return w.start()
fails(wrong, "StreamingPythonRunnerInitializationException", "STREAMING_PYTHON_RUNNER_INITIALIZATION_FAILURE", text="not Python 2.7")
spark.conf.set("spark.sql.execution.pyspark.python", f"{sys.base_prefix}/bin/python3")
fails(start, "StreamingPythonRunnerInitializationException", "STREAMING_PYTHON_RUNNER_INITIALIZATION_FAILURE", text="pyspark is not installed")

spark.conf.set("spark.sql.execution.pyspark.python", sys.executable)
# foreach: a function of a row; an object that is opened and closed around each batch; one that fails, and gets its rows again.
each = f"{data}/each_row"
def note(row):
    with open(each, "a") as f: f.write(f"{row.v}{row['s']}\n")
def run(f, checkpoint):
    q = events.writeStream.foreach(f).option("checkpointLocation", f"{data}/{checkpoint}").trigger(availableNow=True).start()
    same(q.awaitTermination(60), True)
    return q
same(run(note, "each").lastProgress.sink.description, "ForeachWriterTable")
values = [1, 2, 3, 10, 20, 100, 7, 8, 9]
same(lines(each), [f"{v}é{v}" for v in values])
class Book:
    def __init__(self, path): self.path, self.sum = path, 0
    def say(self, text):
        with open(self.path, "a") as f: f.write(text + "\n")
    def open(self, partition, epoch):
        self.sum, self.epoch = 0, epoch
        return epoch != 1
    def process(self, row):
        if row.v == self.bad: raise ValueError(f"no luck with {row.v}")
        self.sum += row.v
    def close(self, error): self.say(f"{self.epoch}:{self.sum}:{type(error).__name__}")
class Fine(Book): bad = None
class Bad(Book): bad = 8
e = fails(lambda: run(Bad(f"{data}/book_said"), "book"), "StreamingQueryException", "STREAM_FAILED")
for piece in ("FOREACH_USER_FUNCTION_ERROR", "no luck with 8", "in process"): holds(piece in str(e), f"{piece}: {e}")
same(lines(f"{data}/book_said"), ["0:6:NoneType", "1:0:NoneType", "2:100:NoneType", "3:7:ValueError"])
run(Fine(f"{data}/book_said"), "book")
same(lines(f"{data}/book_said")[4:], ["3:15:NoneType", "4:9:NoneType"])
spark.streams.resetTerminated()
same(spark.streams.active, [])
spark.stop()
