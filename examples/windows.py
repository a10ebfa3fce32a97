"""Counts events by window, from a topic into an Iceberg table: a PySpark program that runs on kappa and on Spark.

    kappa generate events --count 100000 --topic events
    kappa run examples/windows.py
"""
from pyspark.sql import SparkSession
from pyspark.sql.functions import avg, col, count, from_json, window

spark = SparkSession.builder.appName("windows").getOrCreate()

events = (
    spark.readStream.format("kafka")
    .option("kafka.bootstrap.servers", "localhost:9092")
    .option("subscribe", "events")
    .option("startingOffsets", "earliest")
    .load()
    .select(from_json(col("value").cast("string"), "event_type STRING, duration_ms INT, event_timestamp TIMESTAMP").alias("e"))
    .select("e.*")
)
windows = (
    events.withWatermark("event_timestamp", "10 seconds")
    .groupBy(window("event_timestamp", "5 seconds"), "event_type")
    .agg(count("*").alias("events"), avg("duration_ms").alias("avg_ms"))
    .select("window.start", "event_type", "events", "avg_ms")
)

spark.sql("CREATE DATABASE IF NOT EXISTS lake.demo")
query = windows.writeStream.queryName("windows").trigger(availableNow=True).toTable("lake.demo.windows_py", checkpointLocation="windows.checkpoint")
query.awaitTermination()
print(sum(p["numInputRows"] for p in query.recentProgress), "events read")
spark.table("lake.demo.windows_py").groupBy("event_type").sum("events").orderBy("event_type").show()
