"""What a PySpark client sees of the Connect door, beside real Spark Connect and beside a server of constants, call by call
in turns in one run of one client. Prints a table and writes build/bench_connect.json.

    make bench-connect [ROWS=10000000]
    test/peers/pyspark_client.sh python bench/connect.py [ROWS] [--no-spark] [--events N] [--replay]
--replay: that part alone.
Uses build/release/kappa, build/connect_constants and test/peers/spark.sh. CPU is that of the server's process alone.
"""
import argparse, faulthandler, json, os, re, shutil, statistics, subprocess, sys, tempfile, time, traceback, uuid, warnings
import pyarrow as pa
import pyspark.sql.connect.proto as pb2
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.connect.proto import types_pb2

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KAPPA = os.environ.get("KAPPA", os.path.join(TOP, "build/release/kappa"))
CONSTANTS = os.path.join(TOP, "build/connect_constants")
TICK = os.sysconf("SC_CLK_TCK")
warnings.simplefilter("ignore")
faulthandler.dump_traceback_later(1800, exit=True)  # a client whose server is gone tries again for minutes
args = argparse.ArgumentParser()
args.add_argument("rows", type=int, nargs="?", default=10_000_000)
args.add_argument("--events", type=int, default=8_000_000)
args.add_argument("--times", type=int, default=5)
args.add_argument("--no-spark", action="store_true")
args.add_argument("--replay", action="store_true")
args = args.parse_args()
work = tempfile.mkdtemp(prefix="kappa-bench-connect-")
table = []


def say(name, unit, value, beside, other, ratio, bar):
    table.append({"name": name, "unit": unit, "value": value, "reference": beside, "reference_value": other, "ratio": ratio})
    print(f"{name:34} {value:10.2f} {unit:4}  {beside:32} {other:10.2f}  {ratio:8.3f}  {bar}", flush=True)


def cpu(pid):
    f = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(f[11]) + int(f[12])) / TICK


def cpu_at_rest(pid):
    """Once the process has nothing more to do: what an epoch leaves to the background belongs to who ran it."""
    used, quiet = cpu(pid), 0
    while quiet < 4:
        time.sleep(0.1)
        now = cpu(pid)
        quiet, used = quiet + 1 if now <= used + 1.5 / TICK else 0, now
    return used


def rss(pid):
    return next(int(l.split()[1]) for l in open(f"/proc/{pid}/status") if l.startswith("VmRSS:")) / 1024


# ---- the servers -----------------------------------------------------------------------------------------------------

class Server:
    def __init__(self, name, url, pid, stop):
        self.name, self.url, self.pid, self.stop = name, url, pid, stop


def kappa(data, under=()):
    said = open(os.path.join(work, "serve.out"), "w+")
    p = subprocess.Popen([*under, KAPPA, "serve", "--data", data, "--kafka", "127.0.0.1:0", "--connect", "127.0.0.1:0"], stdout=said, stderr=said)
    for _ in range(1200):
        text = open(said.name).read()
        if "\nNext" in text: break
        time.sleep(0.05)
    def stop():
        p.terminate()
        p.wait()
    return Server("kappa", re.search(r"sc://[0-9.:]+", text).group(), p.pid, stop)


def spark():
    port = str(20000 + os.getpid() % 20000)
    env = dict(os.environ, KAPPA_SPARK_PORT=port, KAPPA_SPARK_WORK=os.path.join(work, "spark"))
    script = os.path.join(TOP, "test/peers/spark.sh")
    subprocess.check_call([script, "connect-start"], env=env)
    pid = int(open(os.path.join(work, "spark", "connect.pid")).read())
    return Server("Spark", f"sc://127.0.0.1:{port}", pid, lambda: subprocess.call([script, "connect-stop"], env=env))


def constants():
    """Answers to what `select 1` and a session's begin and end ask."""
    R = pb2.ExecutePlanResponse
    d = os.path.join(work, "constants")
    os.makedirs(d)
    done = R(result_complete=R.ResultComplete())
    rows = pa.table({"1": pa.array([1], pa.int32())})
    ipc = pa.BufferOutputStream()
    with pa.ipc.new_stream(ipc, rows.schema) as w: w.write_table(rows)
    integer = types_pb2.DataType(integer=types_pb2.DataType.Integer())
    schema = types_pb2.DataType(struct=types_pb2.DataType.Struct(fields=[types_pb2.DataType.StructField(name="1", data_type=integer)]))
    batch = R.ArrowBatch(row_count=1, data=ipc.getvalue().to_pybytes(), start_offset=0)
    query = pb2.Relation(sql=pb2.SQL(query="select 1"))
    setting = pb2.ConfigResponse(pairs=[pb2.KeyValue(key="spark.sql.execution.pyspark.binaryAsBytes", value="true"),
                                        pb2.KeyValue(key="spark.python.sql.dataFrameDebugging.enabled", value="false")])
    for name, messages in {"ExecutePlan.root": [R(schema=schema), R(arrow_batch=batch), done],
                           "ExecutePlan.command": [R(sql_command_result=R.SqlCommandResult(relation=query)), done],
                           "AnalyzePlan": [pb2.AnalyzePlanResponse(spark_version=pb2.AnalyzePlanResponse.SparkVersion(version="4.1.4"))],
                           "Config": [setting], "ReleaseExecute": [pb2.ReleaseExecuteResponse()],
                           "ReleaseSession": [pb2.ReleaseSessionResponse()], "Interrupt": [pb2.InterruptResponse()]}.items():
        with open(os.path.join(d, name), "wb") as f:
            for m in messages:
                b = m.SerializeToString()
                f.write(len(b).to_bytes(4, "little") + b)
    p = subprocess.Popen([CONSTANTS, d], stdout=subprocess.PIPE, text=True)
    def stop():
        p.terminate()
        p.wait()
    return Server("constants", f"sc://127.0.0.1:{int(p.stdout.readline())}", p.pid, stop)


# ---- what is measured ------------------------------------------------------------------------------------------------

def in_turns(n, servers, call, *, warm=3):
    """Median milliseconds of call(server), by its name."""
    took = {s.name: [] for s in servers}
    for i in range(n + warm):
        for s in servers[::1 if i % 2 else -1]:
            t = time.perf_counter()
            call(s)
            if i >= warm: took[s.name].append((time.perf_counter() - t) * 1000)
    return {k: statistics.median(v) for k, v in took.items()}


def beside(name, ms, bar, floor_bar=""):
    for other in ("constants", "Spark"):
        if other in ms:
            say(name, "ms", ms["kappa"], other if other == "Spark" else "constants (ratio: ms above)", ms[other],
                ms["kappa"] - ms[other] if other == "constants" else ms["kappa"] / ms[other], floor_bar if other == "constants" else bar)


def visit(s):
    one = SparkSession.builder.remote(s.url).create()
    one.version
    one.stop()


def replay_sql(data, _):
    path = os.path.join(work, "p.sql")
    open(path, "w").write("""CREATE SCHEMA IF NOT EXISTS lake.bench; USE lake.bench;
CREATE TEMPORARY VIEW raw USING kafka OPTIONS (subscribe 'ev', startingOffsets 'earliest', maxOffsetsPerTrigger '1000000');
CREATE TEMPORARY VIEW events AS SELECT e.event_type, e.duration_ms, CAST(e.event_timestamp AS TIMESTAMP) AS ts
FROM (SELECT from_json(CAST(value AS STRING), 'event_id STRING, event_type STRING, duration_ms INT, event_timestamp STRING,
  user_id STRING, session_id STRING') AS e FROM STREAM raw);
CREATE STREAMING TABLE counts AS SELECT window.start AS event_window, event_type, count(*) AS total_events, avg(duration_ms) AS avg_duration
FROM STREAM events WATERMARK ts DELAY OF INTERVAL 10 MINUTES GROUP BY window(ts, '5 minutes'), event_type;
""")
    said = subprocess.run([KAPPA, "run", path, "--data", data], check=True, capture_output=True, text=True)
    return int(re.search(r"(\d+) epochs", said.stdout + said.stderr).group(1))


def replay_frames(_, session):
    session.sql("CREATE SCHEMA IF NOT EXISTS lake.bench")
    raw = (session.readStream.format("kafka").option("subscribe", "ev").option("startingOffsets", "earliest")
           .option("maxOffsetsPerTrigger", 1_000_000).load())
    shape = "event_id STRING, event_type STRING, duration_ms INT, event_timestamp STRING, user_id STRING, session_id STRING"
    events = raw.select(F.from_json(F.col("value").cast("string"), shape).alias("e")).select(
        "e.event_type", "e.duration_ms", F.col("e.event_timestamp").cast("timestamp").alias("ts"))
    counts = (events.withWatermark("ts", "10 minutes").groupBy(F.window("ts", "5 minutes"), "event_type")
              .agg(F.count("*").alias("total_events"), F.avg("duration_ms").alias("avg_duration"))
              .select(F.col("window.start").alias("event_window"), "event_type", "total_events", "avg_duration"))
    q = (counts.writeStream.format("iceberg").outputMode("append").option("checkpointLocation", os.path.join(work, str(uuid.uuid4())))
         .trigger(availableNow=True).toTable("lake.bench.counts"))
    q.awaitTermination()
    if q.exception(): raise q.exception()
    return len(q.recentProgress)


def replayed(data, form, under=()):
    """The CPU of a server in whose empty lake that form runs, how many epochs there were and what they left."""
    for d in ("pipelines", "warehouse"): shutil.rmtree(os.path.join(data, d), ignore_errors=True)
    s = kappa(data, under)
    session = SparkSession.builder.remote(s.url).create()
    session.version
    before = cpu_at_rest(s.pid)
    epochs = form(data, session) if form else 0
    used = cpu_at_rest(s.pid) - before
    rows = (epochs,) + tuple(session.sql("select count(*), sum(total_events), sum(avg_duration) from lake.bench.counts").first()) if form and not under else (epochs,)
    session.stop()
    s.stop()
    return used, rows


def log_of(events):
    data = os.path.join(work, f"replay{events}")
    subprocess.check_call([KAPPA, "generate", "events", "--count", str(events), "--topic", "ev", "--partitions", "4", "--data", data,
                           "--out-of-order", "0.5/1m", "--late", "0.01/30m"], stdout=subprocess.DEVNULL)
    return data


def replays():
    """The server's CPU of the spine's query over the same log, by either form, each time in a new process and an empty lake."""
    data, used, rows = log_of(args.events), {replay_sql: [], replay_frames: []}, set()
    for form in [replay_sql, replay_frames, replay_frames, replay_sql] * args.times: # neither is always the second
        took, left = replayed(data, form)
        used[form].append(took)
        rows.add(left)
    if len(rows) != 1: sys.exit(f"the two forms differ: {rows}")
    a, b = (min(v) for v in (used[replay_frames], used[replay_sql]))
    say(f"replay of {args.events} events, CPU", "s", a, "the same as SQL", b, a / b, "<= 1.05")


def replays_counted(events=400_000):
    """The same in instructions, which other work on the machine does not change; a start of the server taken off."""
    data, count = log_of(events), {}
    for form in (None, replay_sql, replay_frames):
        out = os.path.join(work, "callgrind.out")
        replayed(data, form, ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"])
        count[form] = int(re.search(r"^summary: (\d+)", open(out).read(), re.M).group(1)) / 1e6
    a, b = (count[f] - count[None] for f in (replay_frames, replay_sql))
    say(f"replay of {events} events, instructions", "M", a, "the same as SQL", b, a / b, "<= 1.05")


def calls():
    """What one call costs, and many sessions."""
    global servers
    servers = [constants(), kappa(os.path.join(work, "data"))] + ([] if args.no_spark else [spark()])
    peers = servers[1:]
    one = {s.name: SparkSession.builder.remote(s.url).create() for s in servers}
    print(f"load {os.getloadavg()[0]:.1f}, client {sys.version.split()[0]}\n{'':34} {'kappa':>15}  {'beside':32} {'':10}  {'ratio':>8}  at most", flush=True)
    # In pairs: what a slow server leaves to do in the client would fall to the next one.
    for pair in [servers[:2]] + ([peers] if len(peers) > 1 else []):
        beside("session start, version, stop", in_turns(20, pair, visit), "20 ms", "")
        beside("select 1, collected", in_turns(100, pair, lambda s: one[s.name].sql("select 1").collect()), "", "1 ms above")
    started = []
    def start(s):
        started.append(one[s.name].readStream.format("rate").load().writeStream.format("noop")
                       .option("checkpointLocation", tempfile.mkdtemp(dir=work)).start())
    ms = in_turns(5, peers, start, warm=1)
    for q in started: q.stop()
    if "Spark" in ms: beside("writeStream.start()", ms, "50 ms")
    else: say("writeStream.start()", "ms", ms["kappa"], "", 0, 0, "50 ms")
    seconds, wall = {}, {}
    for s in peers:
        frame = lambda n: one[s.name].range(n).select("id", (F.col("id") / 3).alias("d"), (F.col("id") % 1000).cast("string").alias("s"))
        frame(args.rows // 10).toArrow()
        for _ in range(2):
            c, t = cpu(s.pid), time.perf_counter()
            assert frame(args.rows).toArrow().num_rows == args.rows
            wall[s.name] = min(wall.get(s.name, 1e9), time.perf_counter() - t)
            seconds[s.name] = min(seconds.get(s.name, 1e9), cpu(s.pid) - c)
    if "Spark" in seconds:
        say(f"toArrow of {args.rows} rows, CPU", "s", seconds["kappa"], "Spark", seconds["Spark"], seconds["kappa"] / seconds["Spark"], "<= 0.2")
        say(f"toArrow of {args.rows} rows, clock", "s", wall["kappa"], "Spark", wall["Spark"], wall["kappa"] / wall["Spark"], "")
    else:
        say(f"toArrow of {args.rows} rows, CPU", "s", seconds["kappa"], "", 0, 0, "")
    grown = {}
    for s in peers:
        before = rss(s.pid)
        idle = [SparkSession.builder.remote(s.url).create() for _ in range(200)]
        for i in idle: i.version
        grown[s.name] = rss(s.pid) - before
        for i in idle: i.stop()
    say("200 idle sessions", "MiB", grown["kappa"], "Spark", grown.get("Spark", 0), grown["kappa"] / max(grown.get("Spark", 0), 1), "100 MiB")
    for s in one.values(): s.stop()
    for s in servers: s.stop()
    servers = []


servers, failed = [], False
try:
    if not args.replay: calls()
    replays()
    if shutil.which("valgrind"): replays_counted()
    os.makedirs(os.path.join(TOP, "build"), exist_ok=True)
    if not args.replay: json.dump(table, open(os.path.join(TOP, "build/bench_connect.json"), "w"), indent=1)
except BaseException:
    traceback.print_exc()
    failed = True
for s in servers: s.stop()
shutil.rmtree(work, ignore_errors=True)
sys.stdout.flush()
os._exit(failed)  # sessions that are open would ask their servers to end
