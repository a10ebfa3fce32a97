"""Documents that hold PySpark (notebooks as text, guides) run cell by cell against `kappa serve` with the real client.
Only addresses, paths, waits and the clock change, and the lines no Connect client accepts (doc/connect.md).

  seeds.py [--spark] DIR [NAME..]   every *.txt of DIR (those whose name starts with NAME); run it with the client's Python:
                                    test/peers/pyspark_client.sh run test/connect/seeds.py DIR
  --spark   each document again at a real Spark Connect server (test/peers/spark.sh; Java), the same events in a broker of its own, and
            each cell's results compared (seeds_record.py): same, DIFFERS, or the condition with which Spark refuses it
Variables: KAPPA (the program, build/debug/kappa), SEEDS_KEEP (keep the work folder), SEEDS_SHOW (print what cells print)
"""
import contextlib, io, json, os, random, re, shutil, subprocess, sys, tempfile, time, traceback

HERE = os.path.dirname(os.path.abspath(__file__))
KAPPA = os.environ.get("KAPPA", os.path.join(HERE, "../../build/debug/kappa"))


# --- cells out of text -----------------------------------------------------------------------------------------------
def complete(code):
    try:
        compile(code, "cell", "exec")
        return True
    except SyntaxError:
        return False

def fenced(text):
    """```python blocks; a fence inside a string does not end the cell; pieces of code (".trigger(..)") are no cells."""
    lines, cells, i = text.split("\n"), [], 0
    while i < len(lines):
        if lines[i].strip() != "```python":
            i += 1
            continue
        end = [j for j in range(i + 1, len(lines)) if lines[j].startswith("```")]
        for j in end:
            code = "\n".join(lines[i + 1:j])
            if complete(code):
                cells.append(code)
                i = j
                break
        i += 1
    return cells

def prompted(text):
    """Cells after `In [None]:`, up to the next heading of two signs."""
    return [re.split(r"^## ", part, maxsplit=1, flags=re.M)[0] for part in text.split("In [None]:")[1:]]

def statements(lines):
    """Lines joined to whole statements: brackets, strings of three quotes and backslashes held open."""
    out, held, depth, quote = [], [], 0, False
    for line in lines:
        held.append(line)
        for piece in re.findall(r'"""|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|#.*|[\[({]|[\])}]', line) if not quote else re.findall(r'"""|[\])}]', line):
            if piece == '"""': quote = not quote
            elif quote or piece[0] in "\"'#": continue
            else: depth += 1 if piece in "[({" else -1
        if quote or depth > 0 or line.rstrip().endswith("\\"): continue
        out.append(held)
        held = []
    return out + ([held] if held else [])

def indented(lines):
    """Code whose indentation was lost: methods in their class; one statement after if, else, try, except; a loop's body
    reaches to the next loop, return or method."""
    out, in_class, in_def, loop, once = [], False, False, False, 0
    for st in statements(lines):
        first = st[0]
        if re.match(r"class \w+", first): in_class, in_def, loop, once, level = True, False, False, 0, 0
        elif in_class and re.match(r"(def \w+|@\w+)", first): in_def, loop, once, level = first.startswith("def "), False, 0, 1
        else:
            if loop and re.match(r"(for |return\b)", first): loop, once = False, 0
            level = in_class + in_def + loop + (once if not re.match(r"(elif|else|except|finally)\b", first) else 0)
        out += ["    " * level + first] + ["    " * level + s if '"""' not in first else s for s in st[1:]]
        if first.startswith("#"): continue
        if level >= 1 and once and not re.match(r"(elif|else|except|finally)\b", first): once = 0
        if re.match(r"for .*:$", first): loop = True
        elif re.match(r"(if|elif|else|try|except|finally)\b.*:$", first): once = 1
    return "\n".join(out)

def headed(text):
    """Sections under headings that end in a pilcrow; those that begin with a comment are code."""
    parts = re.split(r"^.*¶[^\S\n]*\n", text, flags=re.M)
    return [indented(p.rstrip("\n").split("\n")) for p in parts if p.startswith("# ")]

def cells_of(text):
    if "¶" in text: return headed(text)
    return fenced(text) if "```python" in text else prompted(text)


# --- what changes ------------------------------------------------------------------------------------------------------
def edits(kafka, work):
    folder = f"{work}/files"
    return [
        # addresses, paths, waits, the clock
        (r"\bdatetime\.(utc)?now\(\)", "datetime(2026, 1, 5, 12, 0)"),
        (r"^time\.sleep\(streaming_duration_seconds\)$", "query.processAllAvailable()"),
        (r'"[\w.-]*kafka[\w.-]*:9092"', f'"{kafka}"'),
        (r"/tmp/checkpoint", f"{folder}/checkpoint"),
        (r"abfss://(\w+)@[\w.]+", rf"{folder}/\1"),
        (r'f"/checkpoints/', f'f"{folder}/checkpoints/'),
        (r'\.catalog-impl", "org\.apache\.iceberg\.nessie\.NessieCatalog"', '.type", "hadoop"'),
        (r'\.config\("(spark\.sql\.catalog\.\w+\.warehouse)", "[^"]*"\)', rf'.config("\1", "{folder}/warehouse")'),
        (r'processingTime="(1 minute|30 seconds)"', 'processingTime="1 second"'),
        (r' \\\n    \.config\("spark\.sql\.catalog\.\w+\.io-impl", "[^"]*"\)', ""),
        (r"com\.databricks\.sql\.streaming\.state\.", "org.apache.spark.sql.execution.streaming.state."),
        # what the client refuses on every Connect server
        (r'^%pip .*$', ""),
        (r"^import findspark$|^findspark\.init\(\)$", ""),
        (r'    \.master\("[^"]*"\) \\\n', ""),
        (r"^spark\.sparkContext\.setLogLevel\(.*\)$", ""),
        (r"\{spark\.sparkContext\.master\}", "{spark.conf.get('spark.app.name')}"),
        (r"^from datetime import datetime$", "from datetime import datetime, timedelta"),
        (r"^from pyspark\.sql\.functions import \*$", "from pyspark.sql.functions import *\nfrom pyspark.sql.functions import countDistinct"),
        # connectors that another stands in for: Event Hubs by its Kafka endpoint, Delta and Cosmos DB by files
        (r'\.format\("eventhubs"\)', '.format("kafka").option("subscribe", "events")'),
        (r'\.option\("eventhubs\.connectionString", [\w.()]+\)', f'.option("kafka.bootstrap.servers", "{kafka}")'),
        (r'\.option\("eventhubs\.consumerGroup", [^)]+\) \\\n', ""),
        (r"maxEventsPerTrigger", "maxOffsetsPerTrigger"),
        (r'"startingPosition", "latest"', '"startingOffsets", "earliest"'),
        (r'col\("body"\)', 'col("value")'),
        (r'col\("enqueuedTime"\)', 'col("timestamp").alias("enqueuedTime")'),
        (r'col\("sequenceNumber"\)', 'col("offset").alias("sequenceNumber")'),
        (r'"delta"', '"parquet"'),
        (r'\.format\("cosmos\.oltp"\)', '.format("iceberg").option("path", "lakehouse.demo.cosmos_metrics")'),
        (r'\.format\("avro"\)', '.format("parquet")'),
        (r"CREATE OR REPLACE TABLE (\S+)\nUSING DELTA", r"CREATE TABLE \1\nUSING PARQUET"),
        (r"^.*from delta\.tables import DeltaTable$", ""),
    ]

# What the Iceberg runtime of Spark cannot do otherwise: it knows no distribution by days(..) when a stream writes
SPARK_ONLY = [(r"(PARTITIONED BY \(days\(\w+\)\))", r"\1 TBLPROPERTIES ('write.distribution-mode'='none', 'write.spark.fanout.enabled'='true')")]

def edited(cell, kafka, work, spark):
    for pattern, by in edits(kafka, work) + (SPARK_ONLY if spark else []):
        cell = re.sub(pattern, by, cell, flags=re.M)
    return cell


# --- running -------------------------------------------------------------------------------------------------------------
def run_cell(name, code, names, recorder, said):
    """Runs one cell; True when it held."""
    start = time.time()
    random.seed(name)
    recorder.begin()
    try:
        with contextlib.redirect_stdout(said):
            exec(compile(code, name, "exec"), names)
        print(f"ok     {name}  {time.time() - start:.1f} s", flush=True)
        return True
    except BaseException as e:
        recorder.raised(e)
        place = [f for f in traceback.extract_tb(e.__traceback__) if f.filename == name or f.filename.endswith("seeds_guide.py")]
        where = f" line {place[-1].lineno}: {(code.split(chr(10)) + [''] * 999)[place[-1].lineno - 1].strip()}" if place and place[-1].filename == name else f" {place[-1].line}" if place else ""
        print(f"FAILED {name} {where}\n       {type(e).__name__}: {str(e)[:600]}", flush=True)
        return False
    finally:
        if os.environ.get("SEEDS_SHOW"): print(said.getvalue(), end="")

def run_one(path, kafka, work, console, at):
    import seeds_record, seeds_guide
    with open(path, encoding="utf-8") as f: text = f.read()
    names, bad, notes = {"__name__": "__main__"}, 0, {}
    recorder = seeds_record.Recorder(work, console)
    cells = [edited(c, kafka, work, at == "spark") for c in cells_of(text)]
    title = os.path.basename(path)[:3]
    if "¶" in text: cells = [seeds_guide.session(work)] + cells
    calls = []
    def run(name, code):
        nonlocal bad
        said = io.StringIO()
        bad += not run_cell(name, code, names, recorder, said)
        notes[name] = recorder.end(said.getvalue())
    for i, cell in enumerate(cells): run(f"{title} cell {i + 1}/{len(cells)}", cell)
    if "¶" in text: calls = seeds_guide.calls(names, kafka, f"{work}/files")
    for call in calls:
        names["_call"] = call
        run(f"{title} {call.__name__}", "_call()")
    with open(f"{work}/notes.json", "w") as f: json.dump(notes, f, indent=1, default=str)
    print(f"{title}: {len(notes) - bad} of {len(notes)}", flush=True)
    with contextlib.suppress(Exception):
        names["spark"].stop()
    return bad

def with_server(path, spark=None):
    """A server of its own for one document, or only a broker of its own beside Spark; the document runs in a process of its
    own. How many cells failed, and what each made the server say."""
    work = tempfile.mkdtemp(prefix="seeds.")
    with open(f"{work}/out", "w") as out, open(f"{work}/err", "w") as err:
        server = subprocess.Popen([KAPPA, "serve", "--data", f"{work}/data", "--kafka", "127.0.0.1:0", "--connect", "127.0.0.1:0"], stdout=out, stderr=err)
    try:
        for _ in range(100):
            said = open(f"{work}/out").read()
            if "\nNext" in said or said.startswith("Next"): break
            time.sleep(0.1)
        kafka = re.search(r"(?i)kafka\D*(127\.0\.0\.1:\d+)", said).group(1)
        url, console, at = spark or (re.search(r"sc://[0-9.:]+", said).group(), f"{work}/out", "kappa")
        env = dict(os.environ, SPARK_REMOTE=url, TZ="UTC", PYTHONPATH=HERE)
        try:
            bad = subprocess.run([sys.executable, __file__, "--one", path, kafka, work, console, at], env=env, timeout=600 if spark else 240).returncode
        except subprocess.TimeoutExpired:
            print(f"FAILED {os.path.basename(path)[:3]}: no end in time")
            bad = 1
        if server.poll() is not None:
            print(f"FAILED the server ended with {server.returncode}: {open(work + '/err').read()[-600:]}")
            bad += 1
        with contextlib.suppress(FileNotFoundError):
            return bad, json.load(open(f"{work}/notes.json"))
        return bad + 1, {}
    finally:
        server.terminate()
        server.wait()
        if os.environ.get("SEEDS_KEEP"): print(f"kept {work}")
        else: shutil.rmtree(work, ignore_errors=True)

def compared(mine, theirs):
    """A verdict a cell; how many differ."""
    import seeds_record
    count = {"same": 0, "none": 0, "DIFFERS": 0, "Spark refuses": 0}
    for name in mine:
        a, b = mine[name], theirs.get(name, [])
        why, remark = seeds_record.differ(a, b), ""
        if why and not seeds_record.differ(a, b, seeds_record.unordered): why, remark = None, " (arrays in another order)"
        refused = [n for n in b if n["kind"] == "error" and n["condition"] not in [m.get("condition") for m in a]]
        verdict = ("same" if a else "none") if why is None else "Spark refuses" if refused else "DIFFERS"
        count[verdict] += 1
        ours = ", ".join(n["condition"] for n in a if n["kind"] == "error") or "runs"
        what = f"{refused[0]['condition']}: {refused[0]['why'][:200]} (kappa: {ours})" if verdict == "Spark refuses" else why or " ".join(n["kind"] for n in a) + remark
        print(f"{verdict:14} {name}  {what}", flush=True)
    print(", ".join(f"{v} {k}" for k, v in count.items()), flush=True)
    return count["DIFFERS"]

@contextlib.contextmanager
def real_spark():
    work = tempfile.mkdtemp(prefix="seeds-spark.")
    port, script = str(20000 + os.getpid() % 20000), os.path.join(HERE, "../peers/spark.sh")
    env = dict(os.environ, KAPPA_SPARK_PORT=port, KAPPA_SPARK_WORK=work)
    try:
        subprocess.check_call([script, "connect-start"], env=env)
        yield f"sc://127.0.0.1:{port}", f"{work}/connect.out", "spark"
    finally:
        subprocess.call([script, "connect-stop"], env=env)
        shutil.rmtree(work, ignore_errors=True)

def main(argv):
    spark = argv[:1] == ["--spark"]
    argv = argv[spark:]
    if not argv: sys.exit(__doc__)
    files = sorted(os.path.join(argv[0], f) for f in os.listdir(argv[0]) if f.endswith(".txt") and (len(argv) == 1 or f.startswith(tuple(argv[1:]))))
    mine = [with_server(f) for f in files]
    bad = sum(b for b, _ in mine)
    if spark:
        with real_spark() as at:
            for f, (_, notes) in zip(files, mine): bad += compared(notes, with_server(f, at)[1])
    return 1 if bad else 0

if __name__ == "__main__":
    if len(sys.argv) == 7 and sys.argv[1] == "--one": sys.exit(min(run_one(*sys.argv[2:]), 100))
    sys.exit(main(sys.argv[1:]))
