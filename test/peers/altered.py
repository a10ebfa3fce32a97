"""Reads tables that were altered with PyIceberg and DuckDB and compares the rows with those that kappa gave:
altered.py WAREHOUSE ROWS, where ROWS/<table>.csv are kappa's rows. Prints PASS and FAIL lines; exit 1 on any FAIL."""
import csv, pathlib, sys
import duckdb
from pyiceberg.catalog import load_catalog

warehouse, rows = sys.argv[1], pathlib.Path(sys.argv[2])
catalog = load_catalog("lake", type="sql", uri=f"sqlite:///{warehouse}/catalog.db", warehouse=f"file://{warehouse}")
db = duckdb.connect()
try:
    db.execute("INSTALL iceberg; LOAD iceberg")
    scans = True
except duckdb.Error: # no network: the files that are the table's, one by one
    scans = False
    print("SKIP DuckDB's own reading of Iceberg: its extension cannot be loaded here; it counts the rows of the data files")
bad = 0

def flat(v):
    return "" if v is None else str(v).lower() if isinstance(v, bool) else str(v)

def check(who, table, got, want):
    global bad
    got = sorted([flat(v) for v in r] for r in got)
    if got == sorted(want):
        print(f"PASS {table} {who}: {len(got)} rows")
    else:
        bad = 1
        print(f"FAIL {table} {who}: got {got[:5]}, kappa says {sorted(want)[:5]}")

for path in sorted(rows.glob("*.csv")):
    table = catalog.load_table(f"demo.{path.stem.split('@')[0]}")
    ref = path.stem.partition("@")[2]
    with open(path) as f:
        names, *want = list(csv.reader(f))
    snapshot = table.metadata.refs[ref].snapshot_id if ref else None
    arrow = table.scan(snapshot_id=snapshot).to_arrow() if snapshot else table.scan().to_arrow()
    check("PyIceberg", path.stem, zip(*[arrow.column(n).to_pylist() for n in names]) if arrow.num_rows else [], want)
    if arrow.num_rows == 0:
        assert arrow.column_names == names, (arrow.column_names, names)
    if not scans:
        scan = table.scan(snapshot_id=snapshot) if snapshot else table.scan()
        got = sum(db.execute(f"SELECT count(*) FROM read_parquet('{t.file.file_path.removeprefix('file://')}')").fetchone()[0]
                  for t in scan.plan_files())
        bad |= got != len(want)
        print(f"{'PASS' if got == len(want) else 'FAIL'} {path.stem} DuckDB: {got} rows in its files")
    elif snapshot is None: # DuckDB reads the metadata file that is current
        columns = ", ".join(f'"{n}"' for n in names)
        got = db.execute(f"SELECT {columns} FROM iceberg_scan('{table.metadata_location.removeprefix('file://')}')").fetchall()
        check("DuckDB", path.stem, got, want)
sys.exit(bad)
