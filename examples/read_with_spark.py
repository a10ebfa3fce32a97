"""Opens the catalog of a kappa warehouse in Spark: spark-submit --packages PACKAGES read_with_spark.py WAREHOUSE TABLE COLUMN
   PACKAGES: org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.12.0,org.xerial:sqlite-jdbc:3.54.1.0"""
import os
import sys

from pyspark.sql import SparkSession

warehouse, table, column = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
spark = (
    SparkSession.builder.config("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
    .config("spark.sql.catalog.lake.type", "jdbc")
    .config("spark.sql.catalog.lake.uri", f"jdbc:sqlite:{warehouse}/catalog.db")
    .config("spark.sql.catalog.lake.warehouse", f"file://{warehouse}")
    .config("spark.sql.catalog.lake.jdbc.schema-version", "V1")
    .getOrCreate()
)
print(*spark.sql(f"SELECT count(*), sum({column}) FROM lake.{table}").first())
