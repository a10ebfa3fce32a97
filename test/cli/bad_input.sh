#!/bin/sh
# Input, commands and disks that are wrong: a table of cases, each an exit code, words that must be said (apart by |)
# and a command. Nothing may crash or hang; what was damaged is named; what was sound before is there after the repair.
cd "$(dirname "$0")/../.." || exit 2
top=$(mktemp -d) || exit 2
trap 'umount "$top/small" 2> /dev/null; rm -rf "$top"' EXIT
kappa=$top/kappa d=$top/data n=0 bad=0
cp "${KAPPA:-build/debug/kappa}" "$kappa" || exit 2
unset KAPPA_DATA
is() { # CODE WORDS COMMAND..
    want=$1 words=$2
    shift 2
    n=$((n + 1))
    timeout 60 "$@" > "$top/out" 2>&1 < "${in:-/dev/null}"
    code=$?
    missing=$(printf '%s\n' "$words" | tr '|' '\n' | while IFS= read -r w; do [ -z "$w" ] || grep -qF -- "$w" "$top/out" || echo "  not said: $w"; done)
    if [ "$code" != "$want" ] || [ -n "$missing" ]; then
        bad=$((bad + 1))
        echo "bad_input: $*"
        echo "  exit code $code, want $want"
        [ -z "$missing" ] || echo "$missing"
        head -c 1500 "$top/out"
    fi
}
sql() { # CODE WORDS STATEMENTS
    is "$1" "$2" "$kappa" sql --data "$d" --output csv -e "$3"
}
pipeline() { # NAME TOPIC OPTIONS COLUMNS SCHEMA [MODE]: a file of one flow
    cat > "$top/$1.sql" << SQL
CREATE DATABASE IF NOT EXISTS lake.bad;
CREATE TEMPORARY VIEW raw USING kafka OPTIONS (subscribe '$2', startingOffsets 'earliest'$3);
CREATE STREAMING TABLE lake.bad.$1 AS
  SELECT $4 FROM (SELECT offset, from_json(CAST(value AS STRING), '$5'$6) AS j FROM STREAM raw);
SQL
}
run() { # CODE WORDS NAME
    is "$1" "$2" "$kappa" run "$top/$3.sql" --data "$d"
}

# -- values that do not parse, have another type, are no UTF-8, are long
python3 - "$top" << 'PY'
import sys, base64, random
lines = [b'{"a":1,"s":"ok"}', b'{bad', b'{"a":"x","s":"t"}', b'{"a":2,"s":"\xff\xfe"}', b'', b'[1', b'{"a":3,"s":"' + b"x" * 10000000 + b'"}',
         b'{"a":4,"s":"end"}']
open(sys.argv[1] + "/lines", "wb").write(b"\n".join(lines) + b"\n")
noise = base64.b64encode(random.Random(1).randbytes(7500000))
open(sys.argv[1] + "/noise", "wb").write(b"before\n" + noise + b"\nafter\n")
PY
mkdir "$top/files" && cp "$top/lines" "$top/files/lines.json"
in=$top/lines is 0 '' "$kappa" produce bad --data "$d"
pipeline rows bad '' 'offset, j.a, j.s' 'a INT, s STRING'
run 0 '8 rows in, 8 out' rows
sql 0 '0,1,2|1,,|2,,1|3,2,2|4,,|5,,|6,3,10000000|7,4,3' \
    'SELECT offset, a, length(s) FROM lake.bad.rows ORDER BY 1'
pipeline failfast bad '' 'offset, j.a' 'a INT, s STRING' ", map('mode', 'FAILFAST')"
run 1 'MALFORMED_RECORD_IN_PARSING|flow lake.bad.failfast|bad-0|.sql:4:' failfast
view="CREATE TEMPORARY VIEW v (a INT, s STRING) USING json OPTIONS (path '$top/files'"
sql 0 '1,2|,1|3,10000000|4,3' "$view); SELECT a, length(s) FROM v"
sql 1 "$top/files/lines.json|MALFORMED_RECORD_IN_PARSING|FAILFAST" "$view, mode 'FAILFAST'); SELECT a, length(s) FROM v"
in=$top/noise is 1 'line 2: a batch of 1000|max.message.bytes is 1048588' "$kappa" produce noise --data "$d"
is 0 'noise  1 partitions  1 records' "$kappa" topics --data "$d"

# -- names and options
sql 1 'UNRESOLVED_COLUMN|`offset`|line 2, position 3' 'SELECT
  ofset FROM lake.bad.rows'
sql 1 'UNRESOLVED_ROUTINE|did you mean upper?|line 1, position 8' "SELECT uper('x')"
sql 1 'TABLE_OR_VIEW_NOT_FOUND|line 1, position 15' 'SELECT * FROM lake.bad.row'
sql 1 'CAST_INVALID_INPUT|line 1, position 8' "SELECT CAST('x' AS INT)"
sql 1 "PARSE_SYNTAX_ERROR|'selec'|did you mean SELECT?|line 1, position 1" 'selec 1'
sql 1 "option mode: 'SLOPPY'|PERMISSIVE" "SELECT from_json('{', 'a INT', map('mode', 'SLOPPY'))"
sql 1 'DATA_SOURCE_NOT_FOUND|jsn; did you mean json?' "CREATE TEMPORARY VIEW v USING jsn OPTIONS (path '/x')"
pipeline wrong bad ", maxOffsetsPerTrigger 'many'" 'j.a' 'a INT'
run 1 "option maxOffsetsPerTrigger: 'many'|wrong.sql:2:" wrong
pipeline unknown bad ", maxOffsetPerTrigger '5'" 'j.a' 'a INT'
run 0 "unknown option 'maxOffsetPerTrigger'|did you mean 'maxOffsetsPerTrigger'?|8 rows in" unknown
pipeline field bad '' 'j.b' 'a INT'
run 1 'FIELD_NOT_FOUND|`b`|field.sql:4:' field
pipeline call bad '' 'uppr(j.s)' 's STRING'
run 1 'did you mean upper?|call.sql:4:' call
is 1 'nosuch.sql' "$kappa" run nosuch.sql --data "$d"
is 2 'runn; near it: run' "$kappa" runn
is 2 '--ouput; near it: --output' "$kappa" sql --ouput csv -e 'SELECT 1'
is 2 "'xml' is none of table|csv" "$kappa" sql --output xml -e 'SELECT 1'
is 1 '/proc/nope' "$kappa" sql --data /proc/nope -e 'SELECT 1'

# -- ports and folders in use
: > "$top/serving"
"$kappa" serve --data "$top/served" --kafka 127.0.0.1:0 >> "$top/serving" 2>&1 &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    port=$(grep -o '127.0.0.1:[0-9]*' "$top/serving" | head -1)
    [ -z "$port" ] || break
    sleep 0.2
done
is 1 "cannot listen on $port: Address already in use" "$kappa" serve --data "$d" --kafka "$port"
is 1 "the data folder $top/served is in use by process $server" "$kappa" serve --data "$top/served" --kafka 127.0.0.1:0
is 1 "'127.0.0.1:99999' is no address" "$kappa" serve --data "$d" --kafka 127.0.0.1:99999
kill "$server" && wait "$server"

# -- statements of a size that nobody types: an answer or an error
python3 - "$top" << 'PY'
import sys
texts = {
    "terms": "SELECT " + " + ".join(["1"] * 100000),
    "ands": "SELECT count(*) FROM range(10) WHERE " + " AND ".join(f"id <> {i + 100}" for i in range(100000)),
    "in": "SELECT count(*) FROM range(10) WHERE id IN (" + ",".join(map(str, range(100000))) + ")",
    "deep": "SELECT " + "(" * 10000 + "1" + ")" * 10000,
    "subqueries": "SELECT * FROM " + "(SELECT * FROM " * 10000 + "range(1)" + ")" * 10000,
    "columns": "SELECT count(*) FROM (SELECT " + ",".join(f"id + {i} AS c{i}" for i in range(10000)) + " FROM range(3)) WHERE c9999 > 9999",
    "sums": "SELECT c0 + c9999 FROM (SELECT " + ",".join(f"sum(id + {i}) AS c{i}" for i in range(10000)) + " FROM range(3))",
    "rows": "SELECT count(*) FROM VALUES " + ",".join(f"({i})" for i in range(100000)),
    "ctes": "WITH c0 AS (SELECT * FROM range(7))" + "".join(f", c{i} AS (SELECT * FROM c{i - 1})" for i in range(1, 2000)) + " SELECT count(*) FROM c1999",
    "type": "SELECT CAST(NULL AS " + "ARRAY<" * 10000 + "INT" + ">" * 10000 + ")",
}
for name, text in texts.items():
    open(f"{sys.argv[1]}/{name}.big", "w").write(text)
PY
big() { is "$1" "$2" "$kappa" sql "$top/$3.big" --data "$d" --output csv; }
big 1 'FAILED_TO_PARSE_TOO_COMPLEX' terms
big 0 '10' ands
big 0 '10' in
big 1 'FAILED_TO_PARSE_TOO_COMPLEX' deep
big 1 'FAILED_TO_PARSE_TOO_COMPLEX' subqueries
big 0 '2' columns
big 0 '30003' sums
big 0 '100000' rows
big 0 '7' ctes
big 1 'nested more than' type
sql 0 'false' "SELECT rlike(repeat('a', 30), '^(a|aa)+b$')"
sql 0 'false' "SELECT repeat('a', 10000) LIKE '%a%a%a%a%a%a%a%a%b'"

# -- a full disk: what is acknowledged stays, and with room again the run ends as if nothing had been
events() { # DATA TOPIC COUNT SEED
    "$kappa" generate events --data "$1" --topic "$2" --count "$3" --seed "$4" --start "2025-01-17T10:0$4:00"
}
pipeline full events ", maxOffsetsPerTrigger '200'" 'offset, j.event_id' 'event_id STRING'
mkdir "$top/small"
if mount -t tmpfs -o size=800k tmpfs "$top/small" 2> /dev/null; then
    d=$top/small/data
    events "$d" events 4000 1
    run 1 'no space left on the disk' full
    sql 0 '' 'SELECT count(*) FROM lake.bad.full'
    mount -o remount,size=20m "$top/small"
    run 0 'rows in' full
    sql 0 '4000,4000' 'SELECT count(*), count(DISTINCT offset) FROM lake.bad.full'
    mount -o remount,size=1m "$top/small" 2> /dev/null || mount -o remount,size=3m "$top/small"
    is 1 'no space left on the disk' "$kappa" generate events --data "$d" --topic events --count 400000
    mount -o remount,size=40m "$top/small"
    is 0 'are sound' "$kappa" topics verify events --data "$d"
    umount "$top/small"
else
    echo "bad_input: skipped: a full disk (only root can mount a small one)"
fi

# -- damage, one file at a time
d=$top/damaged
"$kappa" topics create seg --data "$d" --partitions 1 segment.bytes=65536 || exit 2
for seed in 1 2 3; do events "$d" seg 3000 "$seed"; done
cat > "$top/state.sql" << 'SQL'
CREATE DATABASE IF NOT EXISTS lake.bad;
CREATE TEMPORARY VIEW raw USING kafka OPTIONS (subscribe 'seg', startingOffsets 'earliest', maxOffsetsPerTrigger '4000');
CREATE TEMPORARY VIEW events AS
  SELECT e.* FROM (SELECT from_json(CAST(value AS STRING), 'event_id STRING, event_timestamp TIMESTAMP') AS e FROM STREAM raw);
CREATE STREAMING TABLE lake.bad.state AS
  SELECT event_id, window.start AS start, count(*) AS n FROM events WATERMARK event_timestamp DELAY OF INTERVAL 10 SECONDS
  GROUP BY event_id, window(event_timestamp, '5 seconds');
SQL
run 0 '9000 rows in' state
all='SELECT count(*), sum(n), count(DISTINCT start, event_id) FROM lake.bad.state'
sql 0 '6000,6000,6000' "$all"
hurt() { # HOW FILE: how is flip, cut or tail; keeps what it was
    file=$2
    cp -p "$file" "$top/sound"
    python3 - "$1" "$file" << 'PY' || exit 2
import sys
how, path = sys.argv[1:]
b = bytearray(open(path, "rb").read())
if how == "flip": b[len(b) // 2] ^= 0x10
if how == "cut": del b[len(b) // 3:]
if how == "empty": b.clear()
if how == "tail": b += b"\x07" * 100
open(path, "r+b").truncate(len(b))
open(path, "r+b").write(b)
PY
}
heal() { cp -p "$top/sound" "$file"; }
at() { find "$d" -path "*$1" -type f | sort | sed -n "${2:-1}p"; } # PATTERN [NUMBER]
damage() { # HOW FILE CODE WORDS COMMAND..: the file's name is among the words when the code is 1
    hurt "$1" "$2"
    [ "$3" = 0 ] || named=$(basename "$2")
    code=$3 words=$4
    shift 4
    is "$code" "$words${named:+|$named}" "$@"
    named=
    heal
}
old=$(at '/seg/0/*1500.log') new=$(find "$d" -path '*/seg/0/*.log' | sort | tail -1)
verify="$kappa topics verify seg --data $d"
pipeline again seg '' 'offset, j.event_id' 'event_id STRING'
damage tail "$new" 0 '9000 records are sound' $verify
for how in flip cut empty; do
    damage $how "$old" 1 'seg-0' $verify
    hurt $how "$old" && run 1 "$old" again && heal
    damage $how "$new" 1 'seg-0' $verify
done
for how in cut empty; do
    damage $how "$new" 1 'the partition takes no more' "$kappa" generate events --data "$d" --topic seg --count 1
done
is 0 '9000 records are sound' $verify
run 0 '9000 rows in' again
sql 0 '9000,9000' 'SELECT count(*), count(DISTINCT offset) FROM lake.bad.again'
checkpoint=$d/pipelines/lake.bad.state
state="$kappa run $top/state.sql --data $d"
for how in flip cut empty; do
    damage $how "$(at '/lake.bad.state/*/epochs-*.log')" 1 '' $state
    damage $how "$(at '/lake.bad.state/*/state-*.image')" 1 'is not what was written' $state
    damage $how "$(at '/lake.bad.state/*/state-*.delta')" 1 'is not what was written' $state
done
damage tail "$(at '/lake.bad.state/*/epochs-*.log')" 0 '0 rows in' $state
read="$kappa sql --data $d --output csv -e"
newest() { find "$d/warehouse/bad/state" -name "$1" | sort | tail -1; }
for how in cut empty; do
    damage $how "$(newest '*.metadata.json')" 1 '' $read "$all"
    damage $how "$(newest '*.parquet')" 1 '' $read "$all"
    damage $how "$(newest '*-m0.avro')" 1 '' $read "$all"
    damage $how "$(newest '*.metadata.json')" 1 '' $state
done
damage cut "$d/warehouse/catalog.db" 1 '' $read "$all"
damage flip "$(newest '*.parquet')" 1 '' $read "$all"
sql 0 '6000,6000,6000' "$all"
events "$d" seg 500 4
run 0 '500 rows in, 3000 out' state
sql 0 '9000,9000,9000' "$all"

[ "$bad" = 0 ] || { echo "bad_input: $bad of $n cases are bad"; exit 1; }
echo "bad_input: $n cases behave"
