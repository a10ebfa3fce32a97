#!/usr/bin/env bash
# Files that kappa wrote, read by real Spark, and the reverse: Parquet, JSON and CSV, in folders of partitions, by batch writes
# and by streams (_spark_metadata); and CSV texts read by both, field by field.   files.sh   (installs Spark when it is not there)
# Variables: KAPPA (the program, build/release/kappa), KAPPA_PEERS (cache of the peers), KEEP (folder to leave the files in)
set -euo pipefail
cd "$(dirname "$0")/../.."
KAPPA=${KAPPA:-build/release/kappa}
[ -x "$KAPPA" ] || make -s -j2 MODE=release build/release/kappa
TOP=${KEEP:-$(mktemp -d)}; mkdir -p "$TOP/texts"
[ -n "${KEEP:-}" ] || trap 'rm -rf "$TOP"' EXIT
test/peers/spark.sh install || { echo "SKIP Spark: it cannot be installed here"; exit 0; }
bad=0
ask() { "$KAPPA" sql --data "$TOP/data" --output csv -e "$1"; }
same() { if [ "$2" = "$3" ]; then echo "PASS $1"; else echo "FAIL $1: kappa $2, Spark $3"; bad=1; fi; }

TYPED="id BIGINT, s STRING, d DOUBLE, c DECIMAL(12,2), t TIMESTAMP, dt DATE, p INT"
cat >"$TOP/rows.sql" <<'X'
SELECT id, IF(id % 7 = 0, NULL, concat('a"b\\,', id, IF(id % 5 = 0, '\n', ''))) AS s, id / 4D AS d,
  CAST(id / 8 AS DECIMAL(12,2)) AS c, timestamp_micros(1700000000123456 + id * 1000000) AS t,
  date_add(DATE '2024-02-27', CAST(id % 5 AS INT)) AS dt, CAST(id % 3 AS INT) AS p FROM range(1000)
X
SUMS="count(*), sum(id), count(s), sum(length(s)), sum(p), sum(d), sum(c), max(t), max(dt)"
rm -rf "$TOP/kappa" "$TOP/spark" "$TOP"/check_* "$TOP"/data*
for f in parquet json csv; do
  ask "INSERT OVERWRITE DIRECTORY '$TOP/kappa/$f' USING $f OPTIONS (partitionBy 'p', header 'true') $(cat "$TOP/rows.sql")" >/dev/null
done
for f in parquet json csv; do
  cat >"$TOP/$f.sql" <<X
CREATE TEMPORARY VIEW rows ($TYPED) USING json OPTIONS (path '$TOP/kappa/json', maxFilesPerTrigger '1');
CREATE SINK files USING $f OPTIONS (path '$TOP/kappa/stream_$f', partitionBy 'p', header 'true');
CREATE FLOW flow AS INSERT INTO files BY NAME SELECT * FROM STREAM rows;
X
  "$KAPPA" run --data "$TOP/data_$f" "$TOP/$f.sql" >/dev/null
done
printf 'a,b,c\n1,"x,y",2.5\n\n  \n2,,3\n"3","q""q",x\n4\n5,"a\\"b",1,extra\n 6 , "pad" , z \n"",\\,"t\\\\"\n7,"open,8\n9,NA,NaN\n' >"$TOP/texts/odd.csv"
printf '1,x,2024-01-02\n2147483648,,2024-1-2\n 5,y,20240102\n3,true,2024-01-02 10:00:00\nNaN,FALSE,2024-01-02T10:00:00Z\n1e3,no,\n"",z,1\n' >"$TOP/texts/typed.csv"
printf '2024-01-01,2024-01-01,2024-01-01 10:00:00,true,12:00\n2024-01-02,2024-01-02 10:00:00,2024-01-01,false,1\n' >"$TOP/texts/dates.csv"

KAPPA_SPARK_CONF="spark.driver.memory=1g" test/peers/spark.sh run test/peers/files_spark.py "$TOP" >"$TOP/spark.out" || { echo "FAIL Spark's script"; exit 1; }
spark_says() { grep "^$1|" "$TOP/spark.out" | head -1 | cut -d'|' -f2- | tr '|' ,; }
kappa_sums() { # FORMAT FOLDER
  local how="path '$2'" columns=""
  [ "$1" = csv ] && how+=", header 'true', multiLine 'true'"
  [ "$1" = parquet ] || columns="($TYPED)"
  ask "CREATE TEMPORARY VIEW v $columns USING $1 OPTIONS ($how); SELECT $SUMS FROM v" | tail -1
}
plain() { sed -E 's/(:[0-9]{2}\.[0-9]*[1-9])0+,/\1,/' <<<"$1"; } # one form of fractions of seconds
want=$(ask "SELECT $SUMS FROM ($(cat "$TOP/rows.sql"))" | tail -1)
for f in parquet json csv; do
  for kind in "$f" "stream_$f"; do
    from="kappa ${kind/_/ }"
    same "Spark reads kappa's $kind" "$(plain "$(kappa_sums "$f" "$TOP/kappa/$kind")")" "$(plain "$(spark_says "$from")")"
    spark_rows=$(kappa_sums "$f" "$TOP/spark/$kind") || spark_rows=error
    same "kappa reads Spark's $kind" "$spark_rows" "$(kappa_sums "$f" "$TOP/kappa/$kind")"
  done
done
# The probes of files_spark.py, asked of kappa: the same lines in the same order.
texts() { # NAME FILE OPTIONS [COLUMNS]
  ask "CREATE TEMPORARY VIEW v ${4:-} USING csv OPTIONS (path '$TOP/texts/$2'$3); SELECT * FROM v" >/dev/null || return 0
  "$KAPPA" sql --data "$TOP/data" --output ndjson -e "CREATE TEMPORARY VIEW v ${4:-} USING csv OPTIONS (path '$TOP/texts/$2'$3); SELECT * FROM v" |
    python3 -c 'import json, sys
for line in sys.stdin:
    print(sys.argv[1] + "|" + repr(tuple(json.loads(line).values())))' "$1"
}
{
  texts "csv inferred" odd.csv ", header 'true', inferSchema 'true'"
  texts "csv plain" odd.csv ""
  texts "csv nulls" odd.csv ", nullValue 'NA', emptyValue 'E'"
  texts "csv trim" odd.csv ", ignoreLeadingWhiteSpace 'true', ignoreTrailingWhiteSpace 'true'"
  texts "csv multi" odd.csv ", multiLine 'true'"
  texts "csv escape" odd.csv ", escape '\"'"
  texts "csv drop" odd.csv ", mode 'DROPMALFORMED'"
} >"$TOP/kappa.out"
grep -E '^csv (inferred|plain|nulls|trim|multi|escape|drop)\|' "$TOP/spark.out" >"$TOP/spark.texts"
if diff "$TOP/spark.texts" "$TOP/kappa.out"; then echo "PASS CSV texts: $(wc -l <"$TOP/kappa.out") records alike"; else echo "FAIL CSV texts"; bad=1; fi
for f in odd odd_all; do
  options=""
  [ $f = odd ] || options=", quoteAll 'true', escape '\"'"
  ask "INSERT OVERWRITE DIRECTORY '$TOP/kappa/$f' USING csv OPTIONS (path '$TOP/kappa/$f'$options) SELECT * FROM VALUES
    (0, 'plain'), (1, ''), (2, ' blanks '), (3, 'q\"q'), (4, 'a,b'), (5, r'back\slash'), (6, concat(r'b\', '\"q')), (7, '#x'),
    (8, 'car\rret'), (9, 'tab\t'), (10, 'lf\nlf'), (11, NULL), (12, '1'), (13, r'\') AS t(i, s)" >/dev/null
  if diff <(cat "$TOP/spark/$f"/part-*) <(cat "$TOP/kappa/$f"/part-*); then echo "PASS $f: written byte for byte alike"; else echo "FAIL $f"; bad=1; fi
done
echo "     all rows: $want"
exit $bad
