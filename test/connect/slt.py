#!/usr/bin/env python3
"""Golden files (test/sql) as PySpark programs on the Spark Connect server of SPARK_REMOTE: their streams are folders of JSON,
their queries write to memory tables (to foreachBatch where the file restarts them). The directives are those of src/cli/slt.h.

usage: slt.py [-v] [FILE.slt...]     all of test/sql by default; the last line is `N files, N bad, ...`
"""
import glob, json, logging, os, re, shutil, sys, tempfile
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.types import BooleanType, NumericType

WORDS = ("stream table view set query batch feed epoch expect metric restart crash error modes".split())


ICE = tempfile.mkdtemp(prefix="slt-ice-", dir=os.environ.get("CHECK_DATA"))  # the tables of all scenarios, one after the other


def parse(text):
    """(line number, directive, its rest, the lines below it); comments and empty lines left out"""
    steps = []
    for no, line in enumerate(text.split("\n"), 1):
        word, _, rest = line.strip().partition(" ")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if word in WORDS and not line.startswith(" "):
            steps.append((no, word, rest.split(" #")[0].strip(), []))
        else:
            steps[-1][3].append(line)
    return steps


def cells(row):
    return re.split(r" {2,}", row.strip())


def as_json(fields, row):
    out = {}
    for f, v in zip(fields, cells(row)):
        plain = isinstance(f.dataType, (NumericType, BooleanType)) or v[:1] in "{["
        out[f.name] = None if v == "NULL" else v if not plain else json.loads(v) if re.match(r"[-{\[0-9tf]", v) else v
    return json.dumps(out)


class Scenario:
    def __init__(self, spark, path):
        self.s, self.path = spark, path
        self.dir = tempfile.mkdtemp(prefix="slt-", dir=os.environ.get("CHECK_DATA"))
        self.streams, self.queries, self.fed, self.bad, self.failed, self.last = {}, {}, [], 0, None, None
        self.steps = parse(open(path, encoding="utf-8").read())
        for key, value in ("", "org.apache.iceberg.spark.SparkCatalog"), (".type", "hadoop"), (".warehouse", ICE):
            spark.conf.set("spark.sql.catalog.ice" + key, value)
        spark.sql("CREATE SCHEMA IF NOT EXISTS ice.default").collect()
        spark.sql("USE ice.default")
        self.restarts = any(w == "restart" for _, w, _, _ in self.steps)

    def complain(self, no, what, want, got):
        self.bad += 1
        print(f"FAIL {self.path}:{no}: {what}\n  want: {want}\n  got:  {got}")

    # -- declarations
    def columns(self, rest):
        name, ddl, more = re.match(r"(\S+)\s*\((.*)\)\s*(.*)$", rest).groups()
        return name, ddl, self.s.createDataFrame([], ddl).schema.fields, more

    def put(self, place, fields, rows):
        with open(place, "w", encoding="utf-8") as f:
            f.write("".join(as_json(fields, r) + "\n" for r in rows))

    def stream(self, rest, below):
        name, ddl, fields, more = self.columns(rest)
        os.makedirs(f"{self.dir}/{name}")
        self.streams[name] = [fields, 0]
        df = self.s.readStream.schema(ddl).option("maxFilesPerTrigger", 1).json(f"{self.dir}/{name}")
        w = re.match(r"watermark (\S+) '(.*)'", more)
        if w:
            df = df.withWatermark(w[1], w[2])
        df.createOrReplaceTempView(name)

    def table(self, rest, below):
        name, ddl, fields, _ = self.columns(rest)
        os.makedirs(f"{self.dir}/{name}.table")
        self.put(f"{self.dir}/{name}.table/0.json", fields, below)
        self.s.read.schema(ddl).json(f"{self.dir}/{name}.table").createOrReplaceTempView(name)

    def view(self, rest, below):
        name, *how = rest.split()
        df = self.s.sql("\n".join(below))
        if how:
            df = getattr(df, how[0])(*([how[1:]] if how[1:] else []))
        df.createOrReplaceTempView(name)

    def set(self, rest, below):
        key, _, value = rest.partition(" ")
        self.s.conf.set(key, value.strip())

    def feed(self, rest, below):
        fields, n = self.streams[rest]
        place = f"{self.dir}/{rest}/.{n:03d}"
        self.put(place, fields, below)
        os.utime(place, (1_600_000_000 + n, 1_600_000_000 + n))
        self.streams[rest][1] += 1
        self.fed.append((place, f"{self.dir}/{rest}/{n:03d}.json"))

    def show_fed(self):
        """what was fed since becomes visible at once: an epoch takes one file of each stream"""
        for a, b in self.fed:
            os.rename(a, b)
        self.fed = []

    # -- queries
    def start(self, q):
        w = q["df"].writeStream.outputMode(q["mode"]).option("checkpointLocation", f"{self.dir}/{q['name']}.checkpoint")
        if self.restarts:
            place = q["caught"]

            def sink(df, epoch):
                rows = df.selectExpr(*[f"cast(`{c}` AS STRING) AS c{i}" for i, c in enumerate(df.columns)]).collect()
                with open(f"{place}/{epoch:06d}", "w", encoding="utf-8") as f:
                    json.dump([list(r) for r in rows], f)
            q["run"] = w.foreachBatch(sink).start()
        else:
            q["run"] = w.format("memory").queryName(q["table"]).start()
        q["seen"] = 0

    def query(self, rest, below):
        name, mode = rest.split()
        q = {"name": name, "mode": mode, "read": 0, "epochs": [], "asked": {}, "table": f"{name}_{os.path.basename(self.dir)[4:]}",
             "caught": f"{self.dir}/{name}.caught"}
        os.makedirs(q["caught"])
        q["df"] = self.s.sql("\n".join(below))
        self.start(q)
        self.queries[name] = self.last = q

    def batch(self, rest, below):
        rows = [r for t in re.split(r";[ ]*\n", "\n".join(below)) for r in self.text(self.s.sql(t.rstrip("; ")))]
        self.queries[rest] = self.last = {"name": rest, "mode": "batch", "rows": rows}

    def text(self, df):
        names = [f"c{i}" for i in range(len(df.columns))]
        df = df.toDF(*names)
        rows = df.selectExpr(*[f"cast({c} AS STRING) AS {c}" for c in names]).collect()
        return ["  ".join("NULL" if v is None else v for v in r) for r in rows]

    def epoch(self, rest, below):
        self.show_fed()
        for q in self.queries.values():
            if q["mode"] != "batch":
                q["run"].processAllAvailable()
                new = [p for p in map(lambda p: json.loads(p.json), q["run"].recentProgress) if "addBatch" in p["durationMs"]]
                q["epochs"] += new[q["seen"]:]
                q["seen"] = len(new)

    def restart(self, rest, below):
        for q in self.queries.values():
            if q["mode"] != "batch":
                q["run"].stop()
                self.start(q)

    # -- checks
    def rows(self, q):
        if q["mode"] == "batch":
            return q["rows"]
        if self.restarts:
            all_rows = [json.load(open(f"{q['caught']}/{f}", encoding="utf-8")) for f in sorted(os.listdir(q["caught"]))]
            new = all_rows[q["read"]:]
            q["read"] = len(all_rows)
            new = new[-1:] if q["mode"] == "complete" else new
            return ["  ".join("NULL" if v is None else v for v in r) for e in new for r in e]
        rows = self.text(self.s.table(q["table"]))
        new = rows if q["mode"] == "complete" else rows[q["read"]:]
        q["read"] = len(rows)
        return new

    def expect(self, no, rest, below):
        q = self.queries.get(rest)
        if not q:
            return self.complain(no, "there is no such query", rest, "")
        self.last = q
        rows = [re.sub(r"(?<=[\[{ ])null(?=[,\]}])", "NULL", r) for r in self.rows(q)]  # as the files write it
        want, got = sorted("  ".join(cells(r)) for r in below), sorted("  ".join(cells(r)) for r in rows if r.strip() and r[:1] != "#")
        if want != got:
            self.complain(no, "other rows", want, got)

    def metric(self, no, rest):
        name, want = rest.split(None, 1)
        q = self.last
        if name in ("epochs", "late_groups", "duplicates", "removed"):
            since = q["asked"].get(name, 0)
            q["asked"][name] = len(q["epochs"])
            new = q["epochs"][since:]
            ops = [o for p in new for o in p["stateOperators"]]
            got = len(new) if name == "epochs" else sum(
                o["numRowsDroppedByWatermark"] if name == "late_groups" else o["numRowsRemoved"] if name == "removed"
                else o["customMetrics"].get("numDroppedDuplicateRows", 0) for o in ops)
        elif not q["epochs"]:
            got = 0
        elif name == "watermark":
            got = q["epochs"][-1]["eventTime"]["watermark"]
        else:
            got = sum(o["numRowsTotal"] for o in q["epochs"][-1]["stateOperators"])
        if str(got) != want:
            self.complain(no, f"other metric {name}", want, got)

    def run(self):
        try:
            for i, (no, word, rest, below) in enumerate(self.steps):
                if word == "error":
                    named = rest[0].isupper() or rest[0] == "_"  # else kappa's own word for a failure that has no condition
                    if not self.failed or named and not self.failed.startswith(rest):
                        self.complain(no, "other error", rest, self.failed)
                    self.failed = None
                    continue
                if self.failed:
                    self.complain(no, "the step before failed", "no error", self.failed)
                    self.failed = None
                if word == "expect":
                    self.expect(no, rest, below)
                elif word == "metric":
                    self.metric(no, rest)
                elif word != "modes":
                    try:
                        getattr(self, word)(rest, below)
                    except PySparkException as e:
                        named = [m for m in re.findall(r"\[([A-Z_][A-Z_0-9.]+)\]", str(e)) if m != "STREAM_FAILED"]
                        self.failed = (named or [e.getCondition() or "?"])[0] + ": " + str(e)
            if self.failed:
                self.complain(0, "the last step failed", "no error", self.failed)
        finally:
            for q in self.s.streams.active:
                q.stop()
            self.s.sql("USE lake.default")
            self.s.sql("DROP SCHEMA ice.default CASCADE").collect()
            shutil.rmtree(self.dir, ignore_errors=True)
        return self.bad


def main():
    logging.disable(logging.CRITICAL)
    files = [a for a in sys.argv[1:] if a != "-v"] or sorted(glob.glob("test/sql/*/*.slt"))
    bad, skipped, kept = 0, 0, []  # sessions: one that is collected while a thread starts locks up the 4.1 client
    for f in files:
        spark = SparkSession.builder.remote(os.environ["SPARK_REMOTE"]).create()
        kept.append(spark)
        spark.conf.set("spark.sql.session.timeZone", "UTC")
        spark.conf.set("spark.sql.execution.pyspark.python", sys.executable)
        scenario = Scenario(spark, f)
        if any(w == "crash" for _, w, _, _ in scenario.steps):
            skipped += 1
        elif scenario.run():
            bad += 1
        elif "-v" in sys.argv:
            print(f"ok   {f}", flush=True)
        spark.stop()
    shutil.rmtree(ICE, ignore_errors=True)
    print(f"{len(files)} files, {bad} bad, {skipped} not run: a client cannot say at which point of an epoch to crash")
    sys.exit(bad > 0)


main()
