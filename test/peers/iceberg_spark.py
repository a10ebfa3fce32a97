"""Real Spark on the tables that kappa wrote: counts and sums, a pruned read, an append, the snapshots."""
import sys
from pyspark.sql import SparkSession

s = SparkSession.builder.getOrCreate()
bad = 0
def check(what, got, want):
    global bad
    bad += got != want
    print("PASS" if got == want else "FAIL", what, got, "" if got == want else f"want {want}")
for r in s.sql("show tables in lake.demo").collect():
    n, total = s.sql(f"select count(*), sum(id) from lake.demo.{r.tableName}").first()
    check(f"rows of {r.tableName}", total, n * (n - 1) // 2)
days = s.table("lake.demo.by_day").where("v >= timestamp'1970-01-05'")
check("pruned by day", days.count(), sum(1 for r in s.table("lake.demo.by_day").collect() if r.v and str(r.v) >= "1970-01-05"))
before = s.table("lake.demo.merged").count()
s.sql("insert into lake.demo.merged select id + 100000, kind, ts, v from lake.demo.merged limit 10")
check("appended by Spark", s.table("lake.demo.merged").count(), before + 10)
check("replace snapshots seen", s.sql("select count(*) > 0 from lake.demo.merged.snapshots where operation = 'replace'").first()[0], True)
sys.exit(bad > 0)
