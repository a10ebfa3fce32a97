"""A door that speaks TLS and asks for a token: who may come in, and what the others are told."""
import os, socket, ssl, subprocess, sys, urllib.parse
from check import *
from pyspark.sql import SparkSession, functions as F

port, token = int(os.environ["CHECK_PORT"]), os.environ["CHECK_TOKEN"]
right = urllib.parse.quote(token, safe="")
def open_(url): return SparkSession.builder.remote(url).create()

spark = open_(f"sc://localhost:{port}/;use_ssl=true;token={right}")
same(spark.range(10).count(), 10)
same(len(spark.range(300_000).toPandas()), 300_000)
same(spark.createDataFrame([(i, "x" * 100) for i in range(20_000)], "i int, s string").count(), 20_000)
same(spark.sql("select repeat('x', 20000000) s").first().s, "x" * 20_000_000)

# A function of foreachBatch is a client of this server, too.
seen = os.path.join(os.environ["CHECK_DATA"], "seen")
spark.conf.set("spark.sql.execution.pyspark.python", sys.executable)
def each(df, n): df.write.mode("overwrite").json(seen)
q = spark.readStream.format("rate").option("rowsPerSecond", 10).load().writeStream.foreachBatch(each).start()
eventually(lambda: os.path.isdir(seen) or q.exception(), "a batch", 40)
q.stop()
same(q.exception(), None)

def turned_away(url, text):
    e = fails(lambda: open_(url).range(1).collect(), "SparkConnectGrpcException")
    holds("UNAUTHENTICATED" in str(e) and text in str(e), str(e)[:500])
turned_away(f"sc://localhost:{port}/;use_ssl=true;token=wrong", "token")
turned_away(f"sc://localhost:{port}/;use_ssl=true", "token")
turned_away(f"sc://localhost:{port}/;x-kappa-worker=0", "use_ssl=true")
turned_away(f"sc://localhost:{port}", "use_ssl=true")   # in the clear

# The protocols: h2 by ALPN, nothing below TLS 1.2, HTTP/1 gets its line.
ctx = ssl.create_default_context(cafile=os.environ["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"])
ctx.set_alpn_protocols(["http/1.1", "h2"])
with ctx.wrap_socket(socket.create_connection(("localhost", port)), server_hostname="localhost") as s:
    same((s.selected_alpn_protocol(), s.version()), ("h2", "TLSv1.3"))
def talk_http1(s):
    s.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    got = b""
    while piece := s.recv(4096): got += piece
    holds(b"400 Bad Request" in got and b"use_ssl=true" in got, got)
ctx.set_alpn_protocols(["http/1.1"])
with ctx.wrap_socket(socket.create_connection(("localhost", port)), server_hostname="localhost") as s: talk_http1(s)
with socket.create_connection(("localhost", port)) as s: talk_http1(s)
def shaken(n):
    with socket.create_connection(("localhost", port)) as s:
        s.sendall(b"\x16\x03\x01\x02\x00" + os.urandom(n))
        s.settimeout(10)
        try:
            while s.recv(4096): pass
        except ConnectionError: pass
shaken(600)
same(spark.range(3).count(), 3)
spark.stop()
