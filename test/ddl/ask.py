"""Runs the statements of a file on a Spark, one a line, and writes what each answers: ask.py STATEMENTS > ANSWERS.
An answer is the statement, then `| column ..` and `| value ..` lines, or `! condition sqlstate {parameters}` (of an
exception without a condition its first line); SPARK_REMOTE decides whom it asks."""
import json, sys
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
flat = lambda v: str(v).replace("\\", "\\\\").replace("\n", "\\n")
for line in open(sys.argv[1]):
    line = line.strip()
    if not line or line.startswith("--"):
        continue
    print(">", line)
    try:
        frame = spark.sql(line)
        if frame.columns:
            print("|", " | ".join(f"{f.name} {f.dataType.simpleString()}" for f in frame.schema.fields))
        for row in frame.collect():
            print("|", " | ".join(flat(v) for v in row))
    except PySparkException as e:
        name = e.getCondition()
        p = dict(e.getMessageParameters() or {})
        print("!", name, e.getSqlState(), json.dumps(p, sort_keys=True)) if name else print("!", flat(e)[:300])
        for q in (e.getQueryContext() or [])[:1]:
            try: print("@", flat(q.fragment()))
            except Exception: pass
    except Exception as e:
        print("!", type(e).__name__, flat(e)[:300])
    sys.stdout.flush()
spark.stop()
