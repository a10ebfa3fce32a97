#!/usr/bin/env bash
# The demo's tables, opened as the README says by PyIceberg and by Spark, and looked through by check_iceberg.py: all must
# agree with kappa on count and sum.   tables.sh   (installs the peers when they are not there)
# Variables: KAPPA (the program, build/release/kappa), KAPPA_PEERS (cache of the peers)
set -euo pipefail
cd "$(dirname "$0")/../.."
KAPPA=${KAPPA:-build/release/kappa}; export KAPPA
[ -x "$KAPPA" ] || make -s -j2 MODE=release build/release/kappa
DEMO_DATA=$(mktemp -d); export DEMO_DATA
trap 'rm -rf "$DEMO_DATA"' EXIT
WH=$DEMO_DATA/warehouse bad=0
readers=1 spark=1
test/peers/readers.sh install || { readers=0; echo "SKIP PyIceberg and check_iceberg.py: they cannot be installed here"; }
test/peers/spark.sh install || { spark=0; echo "SKIP Spark: it cannot be installed here"; }
same() { # WHO GOT WANT
  if [ "$2" = "$3" ]; then echo "PASS $1: $2"; else echo "FAIL $1: got $2, kappa says $3"; bad=1; fi
}
tools/demo >/dev/null
tools/demo >/dev/null
for t in demo.requests_by_hour:requests demo.temperature_by_day:mean; do
  table=${t%:*} column=${t#*:}
  want=$("$KAPPA" sql --data "$DEMO_DATA" --output csv -e "SELECT count(*), round(sum($column), 6) FROM lake.$table" | tail -1 | tr , ' ')
  round() { awk '{ printf "%d %.10g\n", $1, $2 }'; }
  want=$(round <<<"$want")
  [ $readers = 0 ] || same "$table PyIceberg" "$(test/peers/readers.sh python examples/read_with_pyiceberg.py "$WH" "$table" "$column" | tail -1 | round)" "$want"
  [ $spark = 0 ] || same "$table Spark" "$(test/peers/spark.sh run examples/read_with_spark.py "$WH" "$table" "$column" | tail -1 | round)" "$want"
  [ $readers = 1 ] || continue
  test/peers/readers.sh python test/peers/check_iceberg.py --catalog "sqlite:///$WH/catalog.db" --name lake \
    --warehouse "file://$WH" --deep "$table" >"$DEMO_DATA/check" || bad=1
  grep '^FAIL' "$DEMO_DATA/check" || echo "PASS $table check_iceberg.py: $(grep -c '^PASS' "$DEMO_DATA/check") checks"
done
exit $bad
