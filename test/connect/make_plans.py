#!/usr/bin/env python3
"""Plans as the real PySpark Connect client makes them, for src/plan/connect_plans_test.c.

    python make_plans.py > plans.txt          the client decides: pyspark-client 4.1.3
    SPARK_REMOTE=sc://HOST:PORT python make_plans.py > plans.txt   ... and that server says the schemas

Each row of plans.txt: name, what the server answers for its schema (or its error condition), the
bytes of spark.connect.Plan in hex. Without a server the answers of the old file are kept. The
client builds plans without a server: its two questions for settings are answered here.
"""

import os
import sys

from pyspark.errors import utils as errors
from pyspark.sql import functions as F
from pyspark.sql.connect.client import core
from pyspark.sql.connect.session import SparkSession
from pyspark.sql.connect import conf, dataframe
from pyspark.sql.types import *
from pyspark.sql.window import Window



class AnyName(list):
    """The columns of a DataFrame nobody was asked about: every name is one."""

    def __contains__(self, name):
        return True


def ask_nobody(*what, **k):
    raise RuntimeError("the client asks a server: %s" % (what,))


SETTINGS = {
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.session.localRelationCacheThreshold": "1048576",
    "spark.sql.session.localRelationChunkSizeRows": "10000",
    "spark.sql.session.localRelationChunkSizeBytes": "16777216",
    "spark.sql.session.localRelationBatchOfChunksSizeBytes": "16777216",
    "spark.sql.execution.pandas.convertToArrowArraySafely": "false",
    "spark.sql.execution.pandas.inferPandasDictAsMap": "false",
    "spark.sql.pyspark.inferNestedDictAsStruct.enabled": "false",
    "spark.sql.pyspark.legacy.inferArrayTypeFromFirstElement.enabled": "false",
    "spark.sql.pyspark.legacy.inferMapTypeFromFirstPair.enabled": "false",
    "spark.sql.execution.arrow.useLargeVarTypes": "false",
    "spark.sql.execution.arrow.pyspark.validateSchema.enabled": "true",
}
errors._enable_debugging_cache = False  # no call sites: they name this machine's paths
dataframe.DataFrame.columns = property(lambda self: AnyName())
conf.RuntimeConf.get = lambda self, key, default=None: SETTINGS.get(key, default)
spark = SparkSession(connection="sc://localhost:1")
spark._client._analyze = ask_nobody
spark._client.execute_command = lambda *a, **k: (None, {}, None)
spark._client.get_config_with_defaults = lambda *p: tuple(v for _, v in p)
spark._client.get_configs = lambda *k: tuple(None for _ in k)
spark._client.get_config_dict = lambda *k: {x: SETTINGS.get(x) for x in k}
SparkSession._set_default_and_active_session(spark)

# The tables of fixture_test.c, as views of the server that is asked.
VIEWS = {
    "x": "ts TIMESTAMP, k STRING, v INT, d DOUBLE, j STRUCT<a:INT,b:STRING>, tags ARRAY<STRING>, m MAP<STRING,INT>",
    "u": "k STRING, name STRING",
}
REMOTE = os.environ.get("SPARK_REMOTE")
server = SparkSession(connection=REMOTE) if REMOTE else None
if REMOTE:
    for name, ddl in VIEWS.items():
        columns = ", ".join("CAST(NULL AS %s) %s" % tuple(reversed(c.split(" ", 1))) for c in ddl.split(", "))
        server.sql("SELECT %s WHERE 1 = 0" % columns).createOrReplaceTempView(name)

x, u = spark.table("x"), spark.table("u")
PLANS = {}


def plan(name, df):
    PLANS[name] = df


exec(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "plans.py")).read())


# What Spark 4.1.1 answers by mistake: its Connect server loses the arguments of SQL texts.
KNOWN = {"sql": "struct<k:string,w:int>", "sql_positional": "struct<w:int,s:string>"}


def schema_of(df):
    if not REMOTE:
        return None
    try:
        return dataframe.DataFrame(df._plan, server).schema.simpleString()
    except Exception as e:  # noqa: BLE001: whatever it is, its condition is the answer
        return getattr(e, "getCondition", lambda: None)() or type(e).__name__


def old_answers():
    try:
        rows = [r.split("\t") for r in open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "plans.txt"))]
        return {r[0]: r[1] for r in rows if len(r) > 2}
    except FileNotFoundError:
        return {}


old = old_answers()
out = ["# made by make_plans.py from plans.py: name, schema or error condition by Spark 4.1, bytes of the plan in hex"]
for name, df in PLANS.items():
    p = df._plan.to_proto(spark._client)
    out.append("\t".join([name, KNOWN.get(name) or schema_of(df) or old.get(name, "?"), p.SerializeToString().hex()]))
print("\n".join(out))
