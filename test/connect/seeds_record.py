"""What a cell of a notebook makes a server say, written down so that two servers can be compared: every table of rows that
comes back (schema, rows, what show() prints), every condition raised, and what the cell's writes left in their sinks.

Values near the clock on the wall are "now", folders WORK, doubles are taken to 12 digits (sums depend on the order of rows);
rows are in no order unless the query has one.
"""
import datetime, decimal, itertools, json, os, re, time
from pyspark.errors import PySparkException
from pyspark.sql.connect import proto
from pyspark.sql.connect.client import SparkConnectClient
from pyspark.sql.connect.readwriter import DataFrameWriter
from pyspark.sql.connect.streaming.readwriter import DataStreamWriter
from pyspark.sql.pandas.types import from_arrow_schema

EPOCH = datetime.datetime(1970, 1, 1)


class Recorder:
    def __init__(self, work, console):
        self.work, self.console = work, console  # console: the file the server's console sink prints to
        self.start, self.notes, self.streams, self.written, self.quiet = time.time(), [], [], [], 0
        self.get_table, self.handle_error = SparkConnectClient.to_table, SparkConnectClient._handle_error
        self.start_stream, self.save = DataStreamWriter._start_internal, DataFrameWriter.save
        SparkConnectClient.to_table = lambda client, plan, observations: self.table(client, plan, observations)
        SparkConnectClient._handle_error = lambda client, error: self.error(client, error)
        DataStreamWriter._start_internal = lambda writer, *a, **k: self.stream(writer, *a, **k)
        DataFrameWriter.save = lambda writer, *a, **k: self.saved(writer, *a, **k)

    # --- values ---
    def near(self, t):
        return self.start - 60 < (t.replace(tzinfo=None) - EPOCH).total_seconds() < time.time() + 60

    def value(self, v):
        if isinstance(v, datetime.datetime): return "now" if self.near(v) else v.replace(tzinfo=None).isoformat(" ")
        if isinstance(v, dict): return {k: self.value(x) for k, x in v.items()}
        if isinstance(v, (list, tuple)): return [self.value(x) for x in v]
        if isinstance(v, (bytes, decimal.Decimal, datetime.date)): return str(v)
        if isinstance(v, float): return float(f"{v:.12g}")
        return v.replace(self.work, "WORK") if isinstance(v, str) else v

    def text(self, s):
        def clock(m):
            try: return "now" if self.near(datetime.datetime.fromisoformat(m.group()[:19])) else m.group()
            except ValueError: return m.group()
        out = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?", clock, s.replace(self.work, "WORK"))
        out = re.sub(r"\b\d+\.\d{9,}\b", lambda m: f"{float(m.group()):.12g}", re.sub(r"\b4\.1\.\d+\b", "4.1", out))
        if out != s: out = re.sub(r"--+", "--", re.sub(r" *\| *", "|", out)) # the columns of a table are as wide as their values
        return out.split("\n")

    # --- what is noted ---
    def note(self, kind, **what):
        self.notes.append({"kind": kind, **what})

    def rows(self, kind, table, schema, ordered, keys=(), **what):
        rows = [self.value(list(r.values())) for r in table.rename_columns([str(i) for i in range(table.num_columns)]).to_pylist()]
        by_text = lambda r: json.dumps(r, sort_keys=True)
        if not ordered: rows.sort(key=by_text)
        at = [table.column_names.index(k) for k in keys if k in table.column_names]
        if at and len(at) == len(keys): # rows that the keys leave equal are in no order
            rows = [r for _, same in itertools.groupby(rows, lambda r: [r[i] for i in at]) for r in sorted(same, key=by_text)]
        self.note(kind, schema=(schema or from_arrow_schema(table.schema)).simpleString(), rows=rows, ordered=ordered, **what)

    def table(self, client, plan, observations):
        answer = self.get_table(client, plan, observations)
        if self.quiet: return answer
        said = str(plan)
        ordered = "ORDER BY" in said or "sort {" in said
        keys = re.findall(r"(\w+)(?: DESC| ASC)?(?:, |$)", "".join(re.findall(r"ORDER BY ((?:\w+(?: DESC| ASC)?(?:, )?)+)(?:\\n|\"|$)", said)[-1:]))
        if plan.root.HasField("show_string"):
            self.note("printed", lines=sorted(self.text(answer[0].column(0)[0].as_py()))) # what is shown below has the order
            shown = self.get_table(client, proto.Plan(root=plan.root.show_string.input), {})
            self.rows("shown", *shown[:2], ordered, keys)
        else: self.rows("rows", *answer[:2], ordered, keys)
        return answer

    def error(self, client, error):
        try: self.handle_error(client, error)
        except PySparkException as e:
            if not self.quiet: self.raised(e)
            raise

    def raised(self, e):
        condition = e.getCondition() if isinstance(e, PySparkException) else None
        if condition == "STREAM_FAILED": condition += "".join(re.findall(r"\[[A-Z_0-9.]+\]", str(e))[:1])
        self.note("error", condition=condition or type(e).__name__, why=str(e).split("\n\nJVM stacktrace")[0][:400].replace(self.work, "WORK"))

    def stream(self, writer, *a, **k):
        w = writer._write_proto
        query = self.start_stream(writer, *a, **k)
        self.streams.append((query, writer._session, w.format, w.table_name or w.path or w.options.get("path") or w.query_name))
        return query

    def saved(self, writer, path=None, *a, **k):
        self.save(writer, path, *a, **k)
        if path: self.written.append((writer._spark, writer._write.source or "parquet", path))

    # --- a cell ---
    def begin(self):
        self.notes, self.streams, self.written = [], [], []
        self.at = os.path.getsize(self.console)

    def left(self, session, source, name):
        frame = session.read.format(source).load(name) if "/" in name else session.table(name)
        plan = frame._plan.to_proto(session.client)
        self.rows("left", *self.get_table(session.client, plan, {})[:2], False, sink=f"{source} {name}".replace(self.work, "WORK"))

    def end(self, said):
        """What the cell printed and left; its notes."""
        if said.strip(): self.note("said", lines=sorted(self.text(said)))
        self.quiet += 1
        for query, session, source, name in self.streams:
            try:
                if query.isActive: query.processAllAvailable()
                failed = query.exception()
                if failed: self.raised(failed)
                if source not in ("console", "noop"): self.left(session, source, name)
            except Exception as e: self.raised(e)
        for session, source, path in self.written:
            try: self.left(session, source, path)
            except Exception as e: self.raised(e)
        self.quiet -= 1
        for batch in self.batches(): self.note("console", lines=batch)
        return self.notes

    def batches(self):
        with open(self.console, encoding="utf-8", errors="replace") as f:
            f.seek(self.at)
            text = f.read()
        for part in re.split(r"^-+\n(?=Batch: )", text, flags=re.M)[1:]:
            lines = [l for l in self.text(part) if re.match(r"Batch: |[|+]|only showing", l)]
            yield lines[:4] + sorted(lines[4:])


def unordered(v):
    if isinstance(v, dict): return {k: unordered(x) for k, x in v.items()}
    return sorted((unordered(x) for x in v), key=lambda x: json.dumps(x, sort_keys=True)) if isinstance(v, list) else v

def differ(mine, theirs, arrays=lambda notes: notes):
    """The first notes that differ, as text; None when all agree. arrays=unordered: those within rows in any order."""
    plain = lambda notes: [{k: [[arrays(x) for x in r] if isinstance(r, list) else r for r in v] if k == "rows" else v for k, v in n.items() if k != "why"} for n in notes]
    mine, theirs = plain(mine), plain(theirs)
    for i in range(max(len(mine), len(theirs))):
        a, b = (x[i] if i < len(x) else {"kind": "nothing"} for x in (mine, theirs))
        if a == b: continue
        if a["kind"] != b["kind"]: return f"kappa: {brief(a)}\n       Spark: {brief(b)}"
        key = next(k for k in a if a.get(k) != b.get(k))
        if isinstance(a[key], list):
            j = next((j for j, (x, y) in enumerate(zip(a[key], b[key])) if x != y), min(len(a[key]), len(b[key])))
            return f"{a['kind']}: {len(a[key])} and {len(b[key])} {key}, from {j}: kappa {a[key][j:j + 1]} Spark {b[key][j:j + 1]}"
        return f"{a['kind']} {key}: kappa {a[key]}, Spark {b[key]}"
    return None

def brief(note):
    return json.dumps(note, default=str)[:300]
