"""Adds the tables of test/data/iceberg that Spark makes to the warehouse of iceberg_tables.py, and writes the rows of all
tables beside each, as Spark casts them to text: iceberg_tables_spark.py WAREHOUSE, on a Spark whose catalog `lake` it is."""
import sys
from pyspark.sql import SparkSession, functions as f

wh = sys.argv[1]
s = SparkSession.builder.getOrCreate()
s.sql("create namespace if not exists lake.demo")
def make(name, ddl, props=""):
    s.sql(f"drop table if exists lake.demo.{name} purge")
    s.sql(f"create table lake.demo.{name} {ddl} tblproperties ('purpose'='test' {props})")
n = ("select id, cast(id * 31 % 97 as int) i, concat('text ', id % 7) s, timestamp_micros(id * 7200000123) ts, "
     "array(id, null, id + 1) a, map('k', struct(id as x, array('y', null) as y)) m from range({}, {}, 1, 1)")
cols = "(id bigint, i int, s string, ts timestamp, a array<bigint>, m map<string, struct<x: bigint, y: array<string>>>)"
make("spark_deleted", f"{cols} using iceberg partitioned by (bucket(2, s))", ", 'write.delete.mode'='merge-on-read', 'write.delete.granularity'='file'")
for k in range(2): s.sql(f"insert into lake.demo.spark_deleted {n.format(k * 40, k * 40 + 40)}")
s.sql("delete from lake.demo.spark_deleted where id % 10 = 3")
s.sql(f"insert into lake.demo.spark_deleted {n.format(80, 90)}")
s.sql("delete from lake.demo.spark_deleted where id = 88 or id = 5")
make("spark_v1", f"{cols} using iceberg partitioned by (days(ts))", ", 'format-version'='1', 'write.metadata.compression-codec'='gzip'")
s.sql(f"insert into lake.demo.spark_v1 {n.format(0, 12)}")
s.sql(f"insert overwrite lake.demo.spark_v1 {n.format(6, 18)}")
make("spark_v2_pages", f"{cols} using iceberg", ", 'write.parquet.page-version'='v2', 'write.parquet.page-row-limit'='100', 'write.parquet.compression-codec'='gzip'")
s.sql(f"insert into lake.demo.spark_v2_pages {n.format(0, 600)}")
make("spark_equal", "(id bigint, v double) using iceberg", ", 'write.parquet.bloom-filter-enabled.column.id'='true', 'write.parquet.bloom-filter-max-bytes'='1024'")
s.sql("insert into lake.demo.spark_equal select id, if(id % 3 = 0, double('nan'), id / 4) from range(20)")
s.sql("call lake.system.rewrite_data_files(table => 'demo.spark_equal', options => map('rewrite-all', 'true'))")
for r in s.sql("show tables in lake.demo").collect():
    t = s.table(f"lake.demo.{r.tableName}")
    text = t.orderBy("id").select(*[f.coalesce(f.expr(f"cast(`{c}` as string)" if d != "binary" else f"hex(`{c}`)"), f.lit("NULL")).alias(c) for c, d in t.dtypes])
    with open(f"{wh}/demo/{r.tableName}/rows.txt", "w") as out:
        out.write("|".join(t.columns) + "\n")
        for row in text.collect(): out.write("|".join(row) + "\n")
    print(r.tableName, t.count())
