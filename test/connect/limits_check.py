"""What must not hurt other sessions: clients that die in a result, noise on the port, many sessions, deep plans, wide rows."""
import os, socket, subprocess, sys, threading, time
from check import *
from pyspark.sql import SparkSession, functions as F

url = os.environ["SPARK_REMOTE"]
host, port = url[5:].split(":")
spark = session()
def rss(): return int(next(l for l in open(f"/proc/{os.environ['CHECK_SERVER']}/status") if l.startswith("VmRSS")).split()[1])
spark.range(1000).collect()
before = rss()

# Clients that die in the middle of a result: what was not read is bounded.
dying = f"""
import os
from pyspark.sql import SparkSession
s = SparkSession.builder.remote("{url}").getOrCreate()
for i, r in enumerate(s.sql("select id, repeat('x', 1000) x from range(2000000)").toLocalIterator()):
    if i > 1000: os._exit(0)
"""
for _ in range(3): subprocess.run([sys.executable, "-c", dying], timeout=60, stderr=subprocess.DEVNULL)
same(spark.sql("select 1").collect(), [(1,)])
holds(rss() - before < 200_000, f"{before} kB, then {rss()} kB")

# Noise, silence, and a rapid reset flood.
preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
for noise in (b"\0" * 100, os.urandom(1000), b"GET / HTTP/1.1\r\n\r\n", preface + os.urandom(500), preface):
    s = socket.create_connection((host, int(port)))
    s.sendall(noise)
    s.close()
silent = [socket.create_connection((host, int(port))) for _ in range(50)]
flood = socket.create_connection((host, int(port)))
head = b"\x83\x86\x44\x01/\x41\x01x"  # POST http / x
try:
    flood.sendall(preface)
    for k in range(5000):
        stream = (2 * k + 1).to_bytes(4, "big")
        flood.sendall(len(head).to_bytes(3, "big") + b"\1\4" + stream + head + b"\0\0\4\3\0" + stream + b"\0\0\0\x08")
    flood.settimeout(5)
    while flood.recv(65536): pass
    flooded = True
except OSError:
    flooded = True
holds(flooded, "a flood of resets ends the connection")
same(spark.sql("select 2").collect(), [(2,)])
for s in silent: s.close()

# Plans: chains of 300 withColumn pass, what is too deep is an error.
df = spark.range(1)
for i in range(300): df = df.withColumn(f"c{i % 10}", F.lit(i))
same(df.first()["c9"], 299)
try:
    df = spark.range(1)
    sys.setrecursionlimit(100_000)
    for i in range(1500): df = df.withColumn("x", F.lit(i))
    df.collect()
except Exception as e:
    holds(type(e).__name__ != "SparkConnectGrpcException" or "UNAVAILABLE" not in str(e), str(e)[:200])
same(spark.sql("select 3").collect(), [(3,)])

# One value near what a message can hold, and many threads at once.
same(len(spark.sql("select repeat('x', 50000000) s").first().s), 50_000_000)
def work(out):
    s = SparkSession.builder.remote(url).create()
    for i in range(20): out.append(s.range(i).count() == i)
    s.stop()
out = []
threads = [threading.Thread(target=work, args=(out,)) for _ in range(16)]
for t in threads: t.start()
for t in threads: t.join(60)
same((len(out), all(out)), (320, True))
spark.stop()
