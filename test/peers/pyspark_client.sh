#!/usr/bin/env bash
# PySpark as a Spark Connect client alone: no JVM, no Java. Needs python3 (3.10 or newer) with venv.
#   pyspark_client.sh install             the client in a venv of the cache
#   pyspark_client.sh python [ARGS...]    its Python
#   pyspark_client.sh run FILE.py [ARGS]  run a script against SPARK_REMOTE (default sc://127.0.0.1:15002), time zone UTC
#   pyspark_client.sh check               print versions; with SPARK_REMOTE set also talk to that server
# Variables: KAPPA_PEERS (cache), KAPPA_CLIENT (client version, 4.1.3). 4.0 to 4.2 are pyspark-client; 3.5.x exists only as the full
# pyspark package (several hundred MB; still no Java needed), and so does 4.3.0, whose install was not tried to the end.
set -euo pipefail
VERSION=${KAPPA_CLIENT:-4.1.3}
VENV=${KAPPA_PEERS:-$HOME/.cache/kappa-peers}/pyspark-client-$VERSION

install() {
  [ -f "$VENV/ok" ] && return 0
  python3 -m venv "$VENV"
  case $VERSION in
    4.[012].*) "$VENV/bin/pip" -q install "pyspark-client==$VERSION" 'pandas<3' ;;
    3.5.*) "$VENV/bin/pip" -q install wheel 'setuptools<81'
           "$VENV/bin/pip" -q install "pyspark==$VERSION" 'pandas<3' pyarrow numpy grpcio grpcio-status googleapis-common-protos ;;
    *) "$VENV/bin/pip" -q install wheel 'setuptools<81'
       "$VENV/bin/pip" -q install "pyspark[connect]==$VERSION" 'pandas<3' ;;
  esac
  "$VENV/bin/pip" -q install kafka-python==2.0.2 six      # a producer for notebooks that bring their own events
  touch "$VENV/ok"
}

check() {
  "$VENV/bin/python" - <<'P'
import os, time, shutil
t = time.time()
import pyspark
from pyspark.sql import SparkSession, functions as F
print(f"pyspark {pyspark.__version__}, import {time.time() - t:.2f} s, java on the path: {shutil.which('java') or 'no'}")
url = os.environ.get("SPARK_REMOTE")
if url:
    t = time.time()
    spark = SparkSession.builder.remote(url).getOrCreate()
    print("server", spark.version, f"first answer {time.time() - t:.2f} s")
    print(spark.createDataFrame([(1, "a"), (2, "b")], "id int, s string").groupBy("s").agg(F.sum("id").alias("n")).orderBy("s").collect())
    try:
        spark.sql("SELECT nothing_here")
        spark.sql("SELECT nothing_here").collect()
    except Exception as e:
        print("error class", type(e).__name__)
    q = spark.readStream.format("rate").load().writeStream.format("memory").queryName("check").start()
    time.sleep(3)
    print("stream active", q.isActive)
    q.stop()
    spark.stop()
P
}

case ${1:-} in
  install) install ;;
  python) shift; install; exec "$VENV/bin/python" "$@" ;;
  run) shift; install; export SPARK_REMOTE=${SPARK_REMOTE:-sc://127.0.0.1:15002} TZ=UTC; exec "$VENV/bin/python" "$@" ;;
  check) install; check ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
