#!/usr/bin/env bash
# PySpark's own Connect test modules against kappa: passed, failed and skipped of each, and what failed most.
#   parity.sh TREE [MODULE..]    TREE: a source tree of Spark 4.1 (its python/pyspark and python/test_support), or a folder with
#                                python/pyspark unpacked from python/lib/pyspark.zip of the package pyspark: it holds the tests
# The tests run on the plain client (no JVM): those that need one skip themselves.
# Variables: KAPPA (the program), PARITY_OUT (folder of the logs, build/parity), PARITY_SECONDS (of a module, 300),
#            PARITY_TEST (run only tests whose name holds this)
set -euo pipefail
tree=$(cd "$1" && pwd); shift
cd "$(dirname "$0")/../.."
top=$PWD
KAPPA=$(realpath "${KAPPA:-build/debug/kappa}") OUT=${PARITY_OUT:-build/parity}
C=pyspark.sql.tests.connect
MODULES=${*:-$C.streaming.test_parity_streaming $C.test_parity_dataframe $C.test_parity_column $C.test_parity_functions $C.test_parity_types
  $C.test_parity_readwriter $C.test_parity_catalog $C.test_parity_conf $C.test_parity_errors $C.test_parity_collection $C.test_parity_creation
  $C.test_parity_group $C.test_parity_sql $C.test_parity_stat $C.test_parity_datasources $C.test_connect_basic $C.test_connect_session $C.test_connect_error}
test/peers/pyspark_client.sh install
mkdir -p "$OUT"; OUT=$(cd "$OUT" && pwd)
client=$(test/peers/pyspark_client.sh python -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))')
WORK=$(mktemp -d)
trap '[ -z "${server:-}" ] || kill $server 2>/dev/null || true; rm -rf "$WORK"' EXIT
mkdir "$WORK/lib"; cp -r "$client" "$WORK/lib/pyspark" # the client, with the tree's tests beside it
(cd "$tree/python/pyspark" && find . \( -path '*/tests/*' -o -path './testing/*' \) -name '*.py' | tar cf - -T -) | tar xf - -C "$WORK/lib/pyspark"
mkdir -p "$WORK/home/python"; cp -r "$tree/python/test_support" "$WORK/home/python/" # paths in tests are relative to the server's folder

serve() {
  (cd "$WORK/home" && exec "$KAPPA" serve --data "$WORK/data" --kafka 127.0.0.1:0 --connect 127.0.0.1:0) >"$WORK/out" 2>"$OUT/server.err" &
  server=$!
  for _ in $(seq 400); do grep -q "^Next" "$WORK/out" && break; sleep 0.1; done
  remote=$(sed -n 's/.*\(sc:\/\/[0-9.:]*\).*/\1/p' "$WORK/out" | head -1)
}
total=0 good=0
printf '%-34s %6s %6s %6s %6s\n' module passed failed errors skipped
for m in $MODULES; do
  [[ $m == pyspark.* ]] || m=$C.$m
  rm -rf "$WORK/data"; serve
  log=$OUT/${m##*.}.log
  (cd "$WORK/home" && SPARK_TESTING=1 SPARK_CONNECT_TESTING_REMOTE=$remote SPARK_HOME=$WORK/home TZ=UTC PYTHONPATH=$WORK/lib \
    timeout "${PARITY_SECONDS:-300}" "$top/test/peers/pyspark_client.sh" python "$top/test/connect/parity_run.py" "$m" "${PARITY_TEST:-}") >"$log" 2>&1 || true
  kill -0 $server 2>/dev/null || echo "the server ended during ${m##*.}: $(tail -1 "$OUT/server.err")"
  kill $server 2>/dev/null || true; wait $server 2>/dev/null || true; server=
  n() { grep -ac "^$1" "$log" || true; }
  p=$(n PASS) f=$(n FAIL) e=$(n ERROR) s=$(n SKIP)
  tail -1 "$log" | grep -aq '^ran ' && end= || end='  cut off'
  printf '%-34s %6s %6s %6s %6s%s\n' "${m##*.}" "$p" "$f" "$e" "$s" "$end"
  total=$((total + p + f + e)) good=$((good + p))
done
echo "$good of $total"
echo "most frequent:"
grep -ah '^\(FAIL\|ERROR\)' "$OUT"/*.log | sed 's/^[A-Z]* [^ ]* //' | cut -c1-150 | sort | uniq -c | sort -rn | head -40
