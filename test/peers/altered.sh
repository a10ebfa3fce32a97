#!/usr/bin/env bash
# Tables that were altered after rows were written, read by PyIceberg and DuckDB as kappa reads them: columns added, renamed,
# dropped, moved, widened, replaced; partition fields added, dropped, replaced; branches and tags; rolled back; expired;
# partitions overwritten.   altered.sh   (needs what readers.sh installs; skips without)
# Variables: KAPPA (the program, build/release/kappa, else build/debug/kappa)
set -euo pipefail
cd "$(dirname "$0")/../.."
KAPPA=${KAPPA:-build/release/kappa}
[ -x "$KAPPA" ] || KAPPA=build/debug/kappa
test/peers/readers.sh install >/dev/null 2>&1 || { echo "SKIP PyIceberg and DuckDB: they cannot be installed here"; exit 0; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/rows"
sql() { "$KAPPA" sql --data "$dir/data" --output csv -e "$1"; }
make() { # TABLE STATEMENTS: the table, and its rows as kappa reads them
  sql "USE demo; $2" >"$dir/out"
  sql "SELECT * FROM demo.$1" >"$dir/rows/$1.csv"
}
sql "CREATE SCHEMA demo"
two="VALUES (1, 'a', 1.5), (2, 'b', NULL)"
make added "CREATE TABLE added (id INT, s STRING, v DOUBLE); INSERT INTO added $two; ALTER TABLE added ADD COLUMN n BIGINT AFTER id;
  INSERT INTO added VALUES (3, 30, 'c', 3.5)"
make renamed "CREATE TABLE renamed (id INT, s STRING, v DOUBLE); INSERT INTO renamed $two; ALTER TABLE renamed RENAME COLUMN s TO t;
  ALTER TABLE renamed ADD COLUMN s STRING; INSERT INTO renamed VALUES (3, 'c', 3.5, 'new')"
make dropped "CREATE TABLE dropped (id INT, s STRING, v DOUBLE); INSERT INTO dropped $two; ALTER TABLE dropped DROP COLUMN s; INSERT INTO dropped VALUES (3, 2.5)"
make moved "CREATE TABLE moved (id INT, s STRING, v DOUBLE); INSERT INTO moved $two; ALTER TABLE moved ALTER COLUMN v FIRST;
  ALTER TABLE moved ALTER COLUMN id TYPE BIGINT; INSERT INTO moved VALUES (0.5, 5000000000, 'z')"
make replaced "CREATE TABLE replaced (id INT, s STRING, v DOUBLE); INSERT INTO replaced $two; ALTER TABLE replaced REPLACE COLUMNS (id BIGINT, w STRING);
  INSERT INTO replaced VALUES (7, 'w')"
make parted "CREATE TABLE parted (id INT, s STRING, v DOUBLE) PARTITIONED BY (s); INSERT INTO parted $two; ALTER TABLE parted ADD PARTITION FIELD bucket(4, id);
  INSERT INTO parted VALUES (3, 'c', 3.5); ALTER TABLE parted DROP PARTITION FIELD s; INSERT INTO parted VALUES (4, 'd', 4.5);
  ALTER TABLE parted REPLACE PARTITION FIELD bucket(4, id) WITH truncate(1, s); INSERT INTO parted VALUES (5, 'e', 5.5)"
make overwritten "CREATE TABLE overwritten (id INT, s STRING, v DOUBLE) PARTITIONED BY (s); INSERT INTO overwritten $two; INSERT INTO overwritten VALUES (3, 'a', 3.5);
  INSERT OVERWRITE overwritten PARTITION (s = 'a') VALUES (9, 9.5); INSERT INTO overwritten REPLACE WHERE s = 'b' VALUES (8, 'b', 8.5)"
make tagged "CREATE TABLE tagged (id INT, s STRING, v DOUBLE); INSERT INTO tagged $two; ALTER TABLE tagged CREATE TAG t1; ALTER TABLE tagged CREATE BRANCH b1;
  INSERT INTO tagged VALUES (3, 'c', 3.5)"
sql "SELECT * FROM demo.tagged VERSION AS OF 't1'" >"$dir/rows/tagged@t1.csv"
sql "SELECT * FROM demo.tagged VERSION AS OF 'b1'" >"$dir/rows/tagged@b1.csv"
make rolled "CREATE TABLE rolled (id INT, s STRING, v DOUBLE); INSERT INTO rolled $two"
first=$(sql "SELECT max(snapshot_id) FROM demo.rolled.snapshots" | tail -1)
make rolled "INSERT OVERWRITE rolled VALUES (9, 'z', NULL); CALL lake.system.rollback_to_snapshot('demo.rolled', $first); INSERT INTO rolled VALUES (3, 'c', 3.5)"
make expired "CREATE TABLE expired (id INT, s STRING, v DOUBLE); INSERT INTO expired $two; INSERT OVERWRITE expired VALUES (4, 'd', 4.5); INSERT INTO expired VALUES (5, 'e', 5.5);
  CALL lake.system.expire_snapshots(table => 'demo.expired', older_than => TIMESTAMP '2099-01-01 00:00:00', retain_last => 1)"
make emptied "CREATE TABLE emptied (id INT, s STRING, v DOUBLE); INSERT INTO emptied $two; TRUNCATE TABLE emptied"
test/peers/readers.sh python test/peers/altered.py "$dir/data/warehouse" "$dir/rows"
