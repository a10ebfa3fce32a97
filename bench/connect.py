"""What a PySpark client sees of a Spark Connect server: run it with SPARK_REMOTE at kappa, then at Spark, and divide.

    SPARK_REMOTE=sc://127.0.0.1:15002 test/peers/pyspark_client.sh run bench/connect.py [ROWS]
Prints a figure a line: name, value, unit. SERVER=PID adds the server's CPU time.
"""
import os, statistics, sys, tempfile, time
from pyspark.sql import SparkSession
from pyspark.sql.functions import col

rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
url = os.environ["SPARK_REMOTE"]
server = os.environ.get("SERVER")


def cpu():
    if not server: return 0.0
    f = open(f"/proc/{server}/stat").read().rsplit(")", 1)[1].split()
    return (int(f[11]) + int(f[12])) / os.sysconf("SC_CLK_TCK")


def rss():
    return next(int(l.split()[1]) for l in open(f"/proc/{server}/status") if l.startswith("VmRSS:")) / 1024 if server else 0.0


def median(n, fn):
    took = []
    for _ in range(n):
        t = time.perf_counter()
        fn()
        took.append((time.perf_counter() - t) * 1000)
    return statistics.median(took)


def say(name, value, unit): print(f"{name}\t{value:.2f}\t{unit}", flush=True)


spark = SparkSession.builder.getOrCreate()
spark.sql("select 1").collect()


def session():
    s = SparkSession.builder.remote(url).create()
    s.version
    s.stop()


say("session start, version, stop", median(20, session), "ms")
say("conf.get", median(200, lambda: spark.conf.get("spark.app.name", "x")), "ms")
say("select 1", median(100, lambda: spark.sql("select 1").collect()), "ms")
source = spark.readStream.format("rate").load()
started = []


def start():
    started.append(source.writeStream.format("noop").option("checkpointLocation", tempfile.mkdtemp()).start())


say("writeStream.start()", median(5, start), "ms")
for q in started: q.stop()
frame = spark.range(rows).select("id", (col("id") / 3).alias("d"), (col("id") % 1000).cast("string").alias("s"))
c, t = cpu(), time.perf_counter()
table = frame.toArrow()
assert table.num_rows == rows
say(f"toArrow of {rows} rows", time.perf_counter() - t, "s")
say("the server's CPU of it", cpu() - c, "s")
del table
before = rss()
idle = [SparkSession.builder.remote(url).create() for _ in range(200)]
for s in idle: s.version
say("200 idle sessions", rss() - before, "MiB")
