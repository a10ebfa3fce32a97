"""Drives a guide whose code is classes without calls: a function for each thing it shows, with events of its own in the log
and the methods supplied that the guide leaves to its reader."""
import datetime, json, time
from pyspark.sql import functions as F
from pyspark.sql.types import StructType, StructField, StringType, DoubleType, TimestampType, MapType

EVENTS = 60

def session(work):
    """The guide's first cell, which it leaves to its reader: a session, and a table for what goes to another store."""
    return f"""from pyspark.sql import SparkSession
spark = SparkSession.builder.config("spark.sql.catalog.lakehouse", "org.apache.iceberg.spark.SparkCatalog").config("spark.sql.catalog.lakehouse.type", "hadoop") \\
    .config("spark.sql.catalog.lakehouse.warehouse", "{work}/files/warehouse").getOrCreate()
spark.sql("CREATE DATABASE IF NOT EXISTS lakehouse.demo")
spark.sql("CREATE TABLE lakehouse.demo.cosmos_metrics (deviceId string, windowStart timestamp, count bigint) USING iceberg")
"""

def produce(kafka):
    from kafka import KafkaProducer
    p = KafkaProducer(bootstrap_servers=kafka, value_serializer=lambda v: json.dumps(v).encode())
    start = datetime.datetime(2025, 1, 28, 10, 0)
    for i in range(EVENTS):
        p.send("events", {"eventId": f"e{i}", "deviceId": f"d{i % 3}", "userId": f"u{i % 4}", "eventType": ("reading", "alarm")[i % 5 == 0],
                          "eventTimestamp": (start + datetime.timedelta(seconds=30 * i)).isoformat() + "Z", "temperature": 20 + i % 7, "humidity": 50.5,
                          "pressure": None, "metadata": {"firmware": "2.1"}})
    p.flush()
    p.close()

def calls(n, kafka, files):
    """n: the names that the guide's cells left."""
    spark = n["spark"]
    schema = StructType([StructField("eventId", StringType()), StructField("deviceId", StringType()), StructField("userId", StringType()),
                         StructField("eventType", StringType()), StructField("eventTimestamp", TimestampType()), StructField("temperature", DoubleType())])
    def source():
        return spark.readStream.format("kafka").option("kafka.bootstrap.servers", kafka).option("subscribe", "events").option("startingOffsets", "earliest").load()
    def events():
        return source().select(F.from_json(F.col("value").cast("string"), schema).alias("e")).select("e.*")
    def stored():
        return spark.read.parquet(f"{files}/stored")
    def watched(call):
        """The queries that a call starts, those that failed among them."""
        from pyspark.sql.connect.streaming.readwriter import DataStreamWriter
        was, queries = DataStreamWriter._start_internal, []
        def start(*a, **k):
            queries.append(was(*a, **k))
            return queries[-1]
        DataStreamWriter._start_internal = start
        try: call()
        except Exception as e: assert e.getCondition() == "COLUMN_ALREADY_EXISTS", e
        finally: DataStreamWriter._start_internal = was
        return queries
    def drained(q):
        try: q.processAllAvailable()
        finally: q.stop()
    def memory(df, name, mode="append"):
        drained(df.writeStream.format("memory").queryName(name).outputMode(mode).start())
        return spark.table(name)

    def log_of_events():
        produce(kafka)
        rows = memory(events(), "all_events").collect()
        assert len(rows) == EVENTS, len(rows)
        assert rows[0].eventTimestamp == datetime.datetime(2025, 1, 28, 10, 0), rows[0]
        spark.table("all_events").withColumn("date", F.to_date("eventTimestamp")).withColumn("duration", F.lit(5)).write.mode("overwrite").parquet(f"{files}/stored")
        assert stored().count() == EVENTS

    def stateful_stream():
        p = n["KappaStreamProcessor"](spark)
        for q in watched(p.process_event_stream): # "*" repeats deviceId: a console shows that, files and tables do not hold it
            try: q.processAllAvailable()
            except Exception as e: assert e.getCondition() == "STREAM_FAILED", e
            finally: q.stop()

    def stateful_three_sinks():
        p = n["KappaStreamProcessor"](spark)
        p.output_path = f"{files}/three"
        p.checkpoint_path = f"{files}/checkpoints_of_three"
        live = events().withWatermark("eventTimestamp", "10 minutes").groupBy("deviceId", F.window("eventTimestamp", "5 minutes").alias("w")).count()
        live = live.select("deviceId", F.col("w.start").alias("windowStart"), "count")
        try:
            queries = p._write_to_serving_layer(live)
            for q in queries: q.processAllAvailable()
        finally:
            for q in spark.streams.active: q.stop()
        got = spark.read.parquet(f"{files}/three/device_metrics")
        assert got.count() == 9 and spark.table("lakehouse.demo.cosmos_metrics").count() == 9, (got.count(), spark.table("lakehouse.demo.cosmos_metrics").count())

    def stateful_windows_closed():
        p = n["KappaStreamProcessor"](spark)
        ev = spark.readStream.format("kafka").option("kafka.bootstrap.servers", kafka).option("subscribe", "events").option("startingOffsets", "earliest").load()
        ev = ev.select(F.from_json(F.col("value").cast("string"), StructType(schema.fields + [StructField("humidity", DoubleType()), StructField("pressure", DoubleType())])).alias("e")).select("e.*")
        df = p._compute_aggregations(ev.withWatermark("eventTimestamp", "10 minutes"))
        unique = [c for i, c in enumerate(df.columns) if c not in df.columns[:i]]
        rows = memory(df.toDF(*[c if c not in df.columns[:i] else f"{c}_again" for i, c in enumerate(df.columns)]), "windows").collect()
        assert len(rows) == 3 * 3, rows
        assert {r.eventCount for r in rows} <= {3, 4} and all(r.avgHumidity == 50.5 and r.avgPressure is None for r in rows), rows

    def replay():
        class Replay(n["EventReplayProcessor"]):
            def _get_event_schema(self): return "eventId string, deviceId string, userId string, temperature double, date string, duration long"
        r = Replay(spark)
        body = spark.sql("SELECT to_json(struct(concat('e', id) AS eventId, concat('d', id % 2) AS deviceId, concat('u', id % 3) AS userId, double(id) AS temperature, "
                         "'2025-01-28' AS date, 7L AS duration)) AS j FROM range(10)").select(F.col("j").cast("binary").alias("Body"))
        for part, date in (("0", "2025-01-28"), ("1", "2025-01-29")):
            body.write.mode("overwrite").parquet(f"{files}/archive/events/ns/{part}/{date}/a")
        r.replay_events("2025-01-28", "2025-01-29", "device_metrics")
        got = spark.read.parquet(f"{files}/serving/views/device_metrics_v2").orderBy("deviceId").collect()
        assert [(x.deviceId, x.eventCount) for x in got] == [("d0", 10), ("d1", 10)], got
        spark.sql("MSCK REPAIR TABLE device_metrics") # until then Spark shows no rows
        assert spark.sql("SELECT sum(eventCount) AS n FROM device_metrics").first().n == 20

    def replay_logic():
        p = n["EventReplayProcessor"](spark)
        got = p._apply_view_logic(stored(), "device_metrics").orderBy("deviceId").collect()
        assert [(x.deviceId, x.eventCount) for x in got] == [("d0", 20), ("d1", 20), ("d2", 20)], got
        got = p._apply_view_logic(stored(), "user_activity").orderBy("userId").collect()
        assert [(x.userId, x.uniqueDevices, x.totalDuration) for x in got] == [(f"u{i}", 3, 75) for i in range(4)], got

    def versions_at_once():
        class Versions(n["MultiVersionProcessor"]):
            def _get_source_stream(self): return events()
        v, wait = Versions(spark), []
        import threading
        t = threading.Thread(target=lambda: v.run_multi_version([
            {"name": "v1", "logic": lambda s: s.select("eventId", "temperature"), "output": f"{files}/v1"},
            {"name": "v2", "logic": lambda s: s.select("eventId", (F.col("temperature") + 1).alias("temperature")), "output": f"{files}/v2"}]), daemon=True)
        t.start()
        for _ in range(100):
            if len(spark.streams.active) == 2: break
            time.sleep(0.1)
        active = spark.streams.active
        assert len(active) == 2, active
        for q in active: q.processAllAvailable()
        for q in active: q.stop()
        t.join(20)
        assert not t.is_alive()
        assert spark.read.parquet(f"{files}/v1").count() == EVENTS and spark.read.parquet(f"{files}/v2").count() == EVENTS

    def versions_compared():
        for k in ("c1", "c2"): spark.range(5).select("id", (F.col("id") * 2).alias("value")).write.mode("overwrite").parquet(f"{files}/{k}")
        try: # the views are not aliased: Spark cannot name v1.value either
            n["MultiVersionProcessor"](spark).compare_versions(f"{files}/c1", f"{files}/c2")
        except Exception as e:
            assert e.getCondition() == "UNRESOLVED_COLUMN.WITH_SUGGESTION" and e.getSqlState() == "42703", e
        else: raise AssertionError("resolved")

    def state_store():
        n["StateStoreOptimization"].configure_state_store(spark)
        assert spark.conf.get("spark.sql.streaming.stateStore.compression.codec") == "lz4"
        try: # the frame has no column windowEnd: refused by Spark too
            n["StateStoreOptimization"].optimize_stateful_query(events()).schema
        except Exception as e:
            assert e.getCondition() == "UNRESOLVED_COLUMN.WITH_SUGGESTION", e
        else: raise AssertionError("resolved")

    def partitioning():
        df = n["PartitioningStrategy"].partition_event_stream(stored())
        n["PartitioningStrategy"].write_partitioned(df, f"{files}/by_day")
        got = spark.read.parquet(f"{files}/by_day").where("day = 28").agg(F.count("*").alias("n"), F.max("hour").alias("h")).first()
        assert (got.n, got.h) == (EVENTS, 10), got

    def plain_values():
        m = n["KappaMonitoringDashboard"]("w")
        assert len(m.create_alerts()) == 4 and "stream_lag" in m.create_streaming_dashboard()
        assert n["EventDesignPatterns"].create_well_designed_event()["data"]["deviceId"] == "device_001"
        assert n["event_hub_config"]["kafka_enabled"] and n["kappa_monitoring_metrics"]["stream_processing"]

    def deduplication():
        p = n["IdempotentProcessing"](spark)
        spark.createDataFrame([("e1",), ("e2",)], "eventId string").write.mode("overwrite").parquet(f"{files}/state/processed_ids")
        assert p.process_with_deduplication(stored()).count() == EVENTS - 2
        assert memory(p.process_with_deduplication(events()), "fresh").count() == EVENTS - 2
        p.write_with_exactly_once(stored().orderBy("eventId").limit(7), f"{files}/once")
        assert spark.read.parquet(f"{files}/once").count() == 7

    def empty_frame():
        df = spark.createDataFrame([], "eventId string")
        assert df.columns == ["eventId"] and df.collect() == []

    def schema_evolution():
        e = n["SchemaEvolution"](spark)
        df = spark.sql("SELECT '1.0' AS schemaVersion, named_struct('temp', 1.5D, 'temperature', 0D) AS data UNION ALL SELECT '2.0', named_struct('temp', 0D, 'temperature', 2.5D) UNION ALL SELECT '3', NULL")
        got = e.handle_schema_versions(df).orderBy("schemaVersion").collect()
        assert [x.temperature for x in got] == [1.5, 2.5, None], got
        e.write_with_schema_evolution(stored(), f"{files}/evolved")
        try: s = e.read_with_schema_evolution(f"{files}/evolved").schema # a folder of files stands in for the table: no schema given
        except Exception as x: assert "schema" in str(x).lower(), x

    def migration():
        n["checkpoint_path"], n["output"] = f"{files}/moved/checkpoint", f"{files}/moved/out"
        m = n["LambdaToKappaMigration"](spark)
        got = memory(m._adapt_batch_logic_to_stream(lambda d: d.groupBy("deviceId").count(), events()), "moved", "complete").orderBy("deviceId").collect()
        assert [tuple(x) for x in got] == [("d0", 20), ("d1", 20), ("d2", 20)], got

    def transactions():
        t = n["FinancialTransactionProcessor"](spark)
        rows = [(1, "a", "DEBIT", 5.0, "x"), (2, "a", "CREDIT", 20000.0, "x"), (3, "b", "CREDIT", 3.0, "high_risk")]
        df = spark.createDataFrame(rows, "id int, accountId string, type string, amount double, merchant_category string")
        df = df.withColumn("timestamp", F.lit(datetime.datetime(2025, 1, 1)))
        got = t._detect_fraud(df).orderBy("id").collect()
        assert [(x.fraudScore, x.status) for x in got] == [(0.1, "APPROVED"), (0.9, "FLAGGED"), (0.7, "APPROVED")], got
        got = t._update_balances(df).orderBy("accountId").collect()
        assert [tuple(x) for x in got] == [("a", 19995.0), ("b", 3.0)], got

    return [log_of_events, empty_frame, stateful_windows_closed, stateful_stream, stateful_three_sinks, replay_logic, replay, versions_at_once, versions_compared, state_store, partitioning,
            plain_values, deduplication, schema_evolution, migration, transactions]
