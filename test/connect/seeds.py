"""Documents that hold PySpark (notebooks as text, guides) run cell by cell against `kappa serve` with the real client.
Only addresses, paths and waits change, and the lines no Connect client accepts (doc/connect.md).

  seeds.py DIR [NAME..]   every *.txt of DIR (those whose name starts with NAME); run it with the client's Python:
                          test/peers/pyspark_client.sh run test/connect/seeds.py DIR
Variables: KAPPA (the program, build/debug/kappa), SEEDS_KEEP (keep the work folder), SEEDS_SHOW (print what cells print)
"""
import contextlib, io, os, re, shutil, subprocess, sys, tempfile, time, traceback

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
        # addresses, paths, waits
        (r'"[\w.-]*kafka[\w.-]*:9092"', f'"{kafka}"'),
        (r"/tmp/checkpoint", f"{folder}/checkpoint"),
        (r"abfss://(\w+)@[\w.]+", rf"{folder}/\1"),
        (r'f"/checkpoints/', f'f"{folder}/checkpoints/'),
        (r'\.catalog-impl", "org\.apache\.iceberg\.nessie\.NessieCatalog"', '.type", "hadoop"'),
        (r'\.config\("(spark\.sql\.catalog\.\w+\.warehouse)", "[^"]*"\)', rf'.config("\1", "{folder}/warehouse")'),
        (r"(streaming_duration_seconds = )\d+", r"\g<1>6"),
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
        (r'\.format\("cosmos\.oltp"\)', '.format("iceberg").option("path", "cosmos_metrics")'),
        (r'\.format\("avro"\)', '.format("parquet")'),
        (r"CREATE OR REPLACE TABLE (\S+)\nUSING DELTA", r"CREATE TABLE \1\nUSING PARQUET"),
        (r"^.*from delta\.tables import DeltaTable$", ""),
    ]

def edited(cell, kafka, work):
    for pattern, by in edits(kafka, work):
        cell = re.sub(pattern, by, cell, flags=re.M)
    return cell


# --- running -------------------------------------------------------------------------------------------------------------
def run_cell(name, code, names):
    """Runs one cell; True when it held."""
    said, start = io.StringIO(), time.time()
    try:
        with contextlib.redirect_stdout(said):
            exec(compile(code, name, "exec"), names)
        print(f"ok     {name}  {time.time() - start:.1f} s", flush=True)
        return True
    except BaseException as e:
        place = [f for f in traceback.extract_tb(e.__traceback__) if f.filename == name or f.filename.endswith("seeds_guide.py")]
        where = f" line {place[-1].lineno}: {(code.split(chr(10)) + [''] * 999)[place[-1].lineno - 1].strip()}" if place and place[-1].filename == name else f" {place[-1].line}" if place else ""
        print(f"FAILED {name} {where}\n       {type(e).__name__}: {str(e)[:600]}", flush=True)
        return False
    finally:
        if os.environ.get("SEEDS_SHOW"): print(said.getvalue(), end="")

def run_one(path, kafka, work):
    with open(path, encoding="utf-8") as f: text = f.read()
    names, bad, total = {"__name__": "__main__"}, 0, 0
    cells = cells_of(text)
    title = os.path.basename(path)[:3]
    if "¶" in text: cells = ["from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()"] + cells
    for i, cell in enumerate(cells):
        total += 1
        bad += not run_cell(f"{title} cell {i + 1}/{len(cells)}", edited(cell, kafka, work), names)
    if "¶" in text:
        import seeds_guide
        for call in seeds_guide.calls(names, kafka, f"{work}/files"):
            total += 1
            names["_call"] = call
            bad += not run_cell(f"{title} {call.__name__}", "_call()", names)
    print(f"{title}: {total - bad} of {total}", flush=True)
    with contextlib.suppress(Exception):
        names["spark"].stop()
    return bad

def with_server(path):
    """A server of its own for one document; the document runs in a process of its own."""
    work = tempfile.mkdtemp(prefix="seeds.")
    with open(f"{work}/out", "w") as out, open(f"{work}/err", "w") as err:
        server = subprocess.Popen([KAPPA, "serve", "--data", f"{work}/data", "--kafka", "127.0.0.1:0", "--connect", "127.0.0.1:0"], stdout=out, stderr=err)
    try:
        for _ in range(100):
            said = open(f"{work}/out").read()
            if "\nNext" in said or said.startswith("Next"): break
            time.sleep(0.1)
        connect = re.search(r"sc://[0-9.:]+", said).group()
        kafka = re.search(r"(?i)kafka\D*(127\.0\.0\.1:\d+)", said).group(1)
        env = dict(os.environ, SPARK_REMOTE=connect, TZ="UTC", PYTHONPATH=HERE)
        try:
            bad = subprocess.run([sys.executable, __file__, "--one", path, kafka, work], env=env, timeout=240).returncode
        except subprocess.TimeoutExpired:
            print(f"FAILED {os.path.basename(path)[:3]}: no end after 240 s")
            bad = 1
        if server.poll() is not None:
            print(f"FAILED the server ended with {server.returncode}: {open(work + '/err').read()[-600:]}")
            bad += 1
        return bad
    finally:
        server.terminate()
        server.wait()
        if os.environ.get("SEEDS_KEEP"): print(f"kept {work}")
        else: shutil.rmtree(work, ignore_errors=True)

if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] == "--one": sys.exit(min(run_one(*sys.argv[2:]), 100))
    if len(sys.argv) < 2: sys.exit(__doc__)
    files = sorted(f for f in os.listdir(sys.argv[1]) if f.endswith(".txt") and (len(sys.argv) == 2 or f.startswith(tuple(sys.argv[2:]))))
    sys.exit(1 if sum(with_server(os.path.join(sys.argv[1], f)) for f in files) else 0)
