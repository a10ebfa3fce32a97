"""Spark Declarative Pipelines: PySpark's own command, `python -m pyspark.pipelines.cli`, runs a project of Python and SQL."""
import os, subprocess, sys
from check import *

spark = session()
if tuple(map(int, __import__("pyspark").__version__.split(".")[:2])) < (4, 1): sys.exit(0)  # they came with 4.1
data = os.environ["CHECK_DATA"]
project = f"{data}/pipelines"
os.makedirs(f"{project}/in"); os.makedirs(f"{project}/transformations/deep")
with open(f"{project}/in/a.json", "w") as f:
    for i in range(100): f.write(f'{{"id":{i},"kind":"k{i % 3}"}}\n')
def put(name, text):
    with open(f"{project}/{name}", "w") as f: f.write(text)
put("spark-pipeline.yml", f"""
name: check
storage: file://{project}/storage
database: sdp
configuration:
  spark.sql.shuffle.partitions: "2"
libraries:
  - glob:
      include: transformations/**
""")
put("transformations/a.py", f"""
from pyspark import pipelines as dp
from pyspark.sql import SparkSession, functions as F
spark = SparkSession.active()
@dp.temporary_view
def raw():
    return spark.readStream.schema("id BIGINT, kind STRING").json("{project}/in")
@dp.table(comment="all but the first", partition_cols=["kind"])
def orders():
    return spark.readStream.table("raw").where(F.col("id") > 0)
@dp.materialized_view
def totals():
    return spark.read.table("orders").groupBy("kind").agg(F.count("*").alias("n"), F.sum("id").alias("ids"))
dp.create_streaming_table("ends", schema="id BIGINT, kind STRING")
@dp.append_flow(target="ends")
def lower():
    return spark.readStream.table("orders").where("id < 10")
@dp.append_flow(target="ends")
def upper():
    return spark.readStream.table("orders").where("id >= 90")
dp.create_sink("files", "json", {{"path": "{project}/out"}})
@dp.append_flow(target="files")
def to_files():
    return spark.readStream.table("orders").select("id")
""")
put("transformations/deep/b.sql", "CREATE MATERIALIZED VIEW most AS SELECT max(n) AS n FROM totals;")
def run(*args):
    r = subprocess.run([sys.executable, "-m", "pyspark.pipelines.cli", *args, "--spec", f"{project}/spark-pipeline.yml"],
                       capture_output=True, text=True, timeout=120)
    return r.returncode, r.stdout + r.stderr
def rows(sql): return [tuple(r) for r in spark.sql(sql).collect()]
def right():
    same(rows("SELECT count(*), sum(id) FROM sdp.orders"), [(99, 4950)])
    same(rows("SELECT * FROM sdp.totals ORDER BY kind"), [("k0", 33, 1683), ("k1", 33, 1617), ("k2", 33, 1650)])
    same(rows("SELECT count(*) FROM sdp.ends"), [(19,)])
    same(rows("SELECT * FROM sdp.most"), [(33,)])

spark.sql("CREATE DATABASE IF NOT EXISTS sdp")
code, out = run("dry-run")
same(code, 0, out)
same(spark.catalog.tableExists("sdp.orders"), False)
code, out = run("run")
same(code, 0, out)
holds("Flow to_files has COMPLETED." in out and "Run is COMPLETED." in out, out)
right()
same(spark.read.json(f"{project}/out").count(), 99)
code, out = run("run")  # nothing new
same(code, 0, out); right()
code, out = run("run", "--full-refresh-all")
same(code, 0, out); right()
code, out = run("run", "--refresh", "totals,most")
same(code, 0, out); right()
holds("orders" not in out.split("Starting run")[1], out)

# What is wrong is said in Spark's words.
put("transformations/deep/b.sql", "CREATE MATERIALIZED VIEW most AS SELECT max(m) AS n FROM totals;")
code, out = run("run")
holds(code != 0 and "UNRESOLVED_COLUMN.WITH_SUGGESTION" in out, out)
put("transformations/deep/b.sql", "CREATE MATERIALIZED VIEW totals AS SELECT 1 AS a;")
code, out = run("run")
holds(code != 0 and "PIPELINE_DUPLICATE_IDENTIFIERS" in out, out)
put("transformations/deep/b.sql", "SELECT 1;")
code, out = run("run")
holds(code != 0 and "PIPELINE_SQL_GRAPH_ELEMENT_REGISTRATION_ERROR" in out, out)
