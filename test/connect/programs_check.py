"""DataFrame programs that real Spark answered (programs.jsonl, recorded by dataframe_fuzz.py --record): schema, rows and failures are the same."""
import json, logging, os, pyspark, warnings
from check import *
from dataframe_fuzz import alike, answer, world

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
here = world(os.environ["SPARK_REMOTE"])
for line in open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs.jsonl")):
    text, want = json.loads(line)
    got = answer(here, text)
    if pyspark.__version__ < "4.1" and got[0] == "error" and got[2].startswith("PySpark"):
        continue  # what a client before 4.1 does not offer
    same(got if not alike(got, want) else want, want, text)
