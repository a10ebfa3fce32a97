"""Python functions (udf) over Spark Connect, by the client without edits."""
from check import check, finish, raises, start
from pyspark.errors import AnalysisException, PythonException
from pyspark.sql.functions import (call_udf, col, count, explode, lit, struct, sum as sum_, udf, when)
from pyspark.sql.types import IntegerType, LongType, StringType, StructField, StructType

spark = start()
