#!/usr/bin/env bash
# PySpark's own Connect test modules against kappa: of the tests that pass on real Spark, how many pass here. Fails when a test that passes on
# Spark fails on kappa and doc/parity.md does not list it with a reason, or when it lists one that passes.
#   parity.sh [--spark] TREE [MODULE..]   TREE: a source tree of Spark 4.1 (its python/pyspark and python/test_support), or a folder with
#                                         python/pyspark unpacked from python/lib/pyspark.zip of the package pyspark: it holds the tests
# --spark: run them on a real Spark Connect server first and write what it said to parity.spark, which later runs compare with.
# The tests run on the plain client (no JVM beside it): those that need one skip themselves.
# Variables: KAPPA (the program), PARITY_OUT (folder of the logs, build/parity), PARITY_SECONDS (of a module, 300),
#            PARITY_TEST (run only tests whose name holds this; nothing is compared)
set -euo pipefail
spark=; [ "${1:-}" != --spark ] || { spark=1; shift; }
tree=$(cd "$1" && pwd); shift
cd "$(dirname "$0")/../.."
top=$PWD
KAPPA=$(realpath "${KAPPA:-build/debug/kappa}") OUT=${PARITY_OUT:-build/parity}
C=pyspark.sql.tests.connect S=pyspark.sql.tests.connect.streaming
BAR="test_parity_dataframe test_parity_column test_parity_functions test_parity_types test_parity_readwriter test_parity_catalog test_parity_conf test_parity_errors"
STREAMING="$S.test_parity_streaming $S.test_parity_foreach $S.test_parity_foreach_batch $S.test_parity_listener"
MODULES=${*:-$STREAMING $BAR test_parity_collection test_parity_creation test_parity_group test_parity_sql test_parity_stat test_parity_datasources
  test_parity_observation test_parity_subquery test_parity_tvf test_parity_repartition test_parity_serde test_parity_dataframe_query_context
  test_connect_error}
test/peers/pyspark_client.sh install
mkdir -p "$OUT"; OUT=$(cd "$OUT" && pwd)
client=$(test/peers/pyspark_client.sh python -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))')
python=$(test/peers/pyspark_client.sh python -c 'import sys; print(sys.executable)') # runs functions of foreach
WORK=$(mktemp -d) server=
over() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$spark" ] || KAPPA_SPARK_WORK=$WORK/spark "$top/test/peers/spark.sh" connect-stop
  rm -rf "$WORK"
}
trap over EXIT
mkdir "$WORK/lib"; cp -r "$client" "$WORK/lib/pyspark" # the client, with the tree's tests beside it
(cd "$tree/python/pyspark" && find . \( -path '*/tests/*' -o -path './testing/*' \) -name '*.py' | tar cf - -T -) | tar xf - -C "$WORK/lib/pyspark"
mkdir -p "$WORK/home/python"; cp -r "$tree/python/test_support" "$WORK/home/python/" # paths in tests are relative to the server's folder

kappa_server() {
  rm -rf "$WORK/data" "$WORK/out"
  (cd "$WORK/home" && exec env PYSPARK_PYTHON="$python" SPARK_HOME="$WORK/home" PYTHONPATH="$WORK/lib" "$KAPPA" serve --data "$WORK/data" --kafka 127.0.0.1:0 --connect 127.0.0.1:0) >"$WORK/out" 2>"$OUT/server.err" &
  server=$!
  for _ in $(seq 400); do grep -qs "^Next" "$WORK/out" && break; sleep 0.1; done
  remote=$(sed -n 's/.*\(sc:\/\/[0-9.:]*\).*/\1/p' "$WORK/out" | head -1)
}

spark_server() {
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  (cd "$WORK/home" && KAPPA_SPARK_BARE=1 KAPPA_SPARK_WORK=$WORK/spark KAPPA_SPARK_PORT=$port nice -n 10 "$top/test/peers/spark.sh" connect-start)
  remote=sc://127.0.0.1:$port
}

# module NAME LOG: its tests on $remote
module() {
  (cd "$WORK/home" && SPARK_TESTING=1 SPARK_CONNECT_TESTING_REMOTE=$remote SPARK_HOME=$WORK/home TZ=UTC PYTHONPATH=$WORK/lib \
    timeout "${PARITY_SECONDS:-300}" "$top/test/peers/pyspark_client.sh" python "$top/test/connect/parity_run.py" "$1" "${PARITY_TEST:-}") >"$2" 2>&1 || true
  tail -1 "$2" | grep -aq '^ran ' || echo "${1##*.} was cut off: $2"
}
full() { [[ $1 == pyspark.* ]] && echo "$1" || echo "$C.$1"; }
results() { for m in $MODULES; do sed -n "s/^\(PASS\|FAIL\|ERROR\|SKIP\) \([^ ]*\).*/${m##*.} \2 \1/p" "$OUT/$1${m##*.}.log"; done | LC_ALL=C sort; }

if [ -n "$spark" ]; then
  spark_server
  for m in $MODULES; do module "$(full "$m")" "$OUT/spark.${m##*.}.log"; done
  KAPPA_SPARK_WORK=$WORK/spark "$top/test/peers/spark.sh" connect-stop
  results spark. >"$OUT/parity.spark"
  known=test/connect/parity.spark; touch $known
  { awk 'NR == FNR { seen[$1]; next } !($1 in seen)' "$OUT/parity.spark" $known; cat "$OUT/parity.spark"; } | LC_ALL=C sort -o "$OUT/all" && mv "$OUT/all" $known
fi
for m in $MODULES; do
  kappa_server
  module "$(full "$m")" "$OUT/${m##*.}.log"
  kill -0 $server 2>/dev/null || echo "the server ended during ${m##*.}: $(tail -1 "$OUT/server.err")"
  kill $server 2>/dev/null || true; wait $server 2>/dev/null || true; server=
done
results "" >"$OUT/parity.kappa"
if [ -n "${PARITY_TEST:-}" ]; then cat "$OUT/parity.kappa"; exit 0; fi
awk -v bar="$BAR" -f test/connect/parity.awk test/connect/parity.spark "$OUT/parity.kappa" doc/parity.md
