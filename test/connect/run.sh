#!/usr/bin/env bash
# The Spark Connect door with the real client: a `kappa serve` of its own, and every check of this folder (or those named)
# as PySpark programs without edits.   run.sh [NAME..]
# Variables: ORACLE_CASES (folders of test/oracle that run as PySpark programs, cases/hand), KAPPA (the program, build/debug/kappa), KAPPA_CLIENT (version of the client), KAPPA_PEERS (cache of the peers)
set -euo pipefail
cd "$(dirname "$0")/../.."
KAPPA=${KAPPA:-build/debug/kappa}
test/peers/pyspark_client.sh install || { echo "SKIP: the client of PySpark cannot be installed here"; exit 0; }
WORK=$(mktemp -d) # data, what the server prints, what the checks leave
"$KAPPA" serve --data "$WORK/data" --kafka 127.0.0.1:0 --connect 127.0.0.1:0 >"$WORK/out" 2>"$WORK/err" &
server=$!
trap 'kill $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -rf "$WORK"' EXIT
for _ in $(seq 100); do grep -q '^Next' "$WORK/out" && break; sleep 0.1; done
SPARK_REMOTE=$(sed -n 's/.*\(sc:\/\/[0-9.:]*\).*/\1/p' "$WORK/out" | head -1); export SPARK_REMOTE
export CHECK_DATA=$WORK CHECK_SERVER=$server PYTHONPATH=$PWD/test/connect
# Binary values are bytearray in clients before 4.1.
as_newest() { case ${KAPPA_CLIENT:-} in 3.*|4.0.*) sed -E "s/bytearray\((b'[^']*')\)/\1/g" ;; *) cat ;; esac; }
bad=0
for f in test/connect/*_check.py test/connect/smoke.py; do
  name=$(basename "${f%_check.py}" .py)
  [ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
  timeout 300 test/peers/pyspark_client.sh run "$f" 2>"$WORK/log" || { bad=1; echo "FAIL $name"; grep -v '^{"ts"' "$WORK/log" | tail -30 || true; }
  kill -0 $server 2>/dev/null || { echo "FAIL the server ended"; tail -5 "$WORK/err"; exit 1; }
done
if [ $# = 0 ] || [[ " $* " == *" dataframe "* ]]; then # against what real Spark printed
  timeout 300 test/peers/pyspark_client.sh run test/connect/dataframe.py 2>"$WORK/log" | as_newest | diff test/connect/dataframe.out - ||
    { bad=1; echo "FAIL dataframe"; grep -v '^{"ts"' "$WORK/log" | tail -5 || true; }
fi
if [ $# = 0 ] || [[ " $* " == *" golden "* ]]; then # the scenarios of test/sql
  timeout 600 test/peers/pyspark_client.sh python test/connect/slt.py || bad=1
fi
if [ $# = 0 ] || [[ " $* " == *" oracle "* ]]; then # cases that Spark answered, as PySpark programs
  # shellcheck disable=SC2086
  timeout 1500 test/peers/pyspark_client.sh python test/oracle/run_spark.py "--remote=$SPARK_REMOTE" --check ${ORACLE_CASES:-test/oracle/cases/hand} \
    >"$WORK/log" 2>&1 || { bad=1; echo "FAIL oracle"; grep -v ': same$' "$WORK/log" | tail -20 || true; }
  echo "oracle $(grep -c ': same$' "$WORK/log") cases the same"
fi
exit $bad
