#!/usr/bin/env python3
"""Runs SQL golden files of Apache Spark through kappa: run.py JAR PROGRAM [-v] [-d] [-u] [FILE...]

FILE is a path under sql-tests/results without .sql.out (date, nonansi/cast), or a shell pattern of such paths; by
default every file of test/sqlgold/list. Prints the share of statements that agree per file and over all; exit 1 when a
file has fewer than test/sqlgold/least says.
  -v   every statement that differs, with both answers
  -d   one line a statement that differs: file, number, kind of difference, statement
  -u   raise the numbers of test/sqlgold/least to what agrees now
"""
import concurrent.futures, fnmatch, json, os, re, shutil, subprocess, sys, tempfile, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
RESULTS, INPUTS = "sql-tests/results/", "sql-tests/inputs/"
SECONDS = 120  # for a file
CATALOG = "spark.sql.catalog.spark_catalog"


def golden(jar, name):
    """[(sql, schema, output)] of a results file"""
    text = jar.read(RESULTS + name + ".sql.out").decode("utf-8")
    part = re.split(r"-- !query.*\n", text)[1:]
    return [(part[i].strip(), part[i + 1].strip(), part[i + 2].rstrip()) for i in range(0, len(part) - 2, 3)]


def settings(jar, name):
    """what Spark's own runner sets for the file"""
    conf = {"spark.sql.session.timeZone": "America/Los_Angeles", "spark.kappa.strict": "true"}
    conf["spark.sql.ansi.enabled"] = "false" if name.startswith("nonansi/") else "true"
    if name.startswith("timestampNTZ/"):
        conf["spark.sql.timestampType"] = "TIMESTAMP_NTZ"
    try:
        source = jar.read(INPUTS + name + ".sql").decode("utf-8")
    except KeyError:
        return conf
    for line in source.splitlines():
        if line.startswith("--SET "):
            for pair in re.split(r",(?=[^,]+=)", line[6:]):
                key, _, value = pair.partition("=")
                conf[key.strip()] = value.strip()
    dims = {}
    for line in source.splitlines():  # the first of each dimension: all have the same answers
        m = re.match(r"--CONFIG_DIM(\d+) (.*)", line)
        if m and m[1] not in dims:
            dims[m[1]] = m[2]
    for pairs in dims.values():
        for pair in pairs.split(","):
            key, _, value = pair.partition("=")
            conf.setdefault(key.strip(), value.strip())
    return conf


COLUMNS = {"agg": "a b", "onek": "unique1 unique2 two four ten twenty hundred thousand twothousand fivethous tenthous odd "
           "even stringu1 stringu2 string4"}
COLUMNS["tenk"] = COLUMNS["onek"]


def data_file(jar_path, folder, name):
    """a data file of the jar as JSON lines"""
    with zipfile.ZipFile(jar_path) as jar:
        lines = jar.read("test-data/postgresql/%s.data" % name).decode().splitlines()
    path = os.path.join(folder, name + ".json")
    with open(path, "w") as f:
        for line in lines:
            cells = (v if re.match(r"-?[\d.]+$", v) else '"%s"' % v for v in line.split("\t"))
            f.write("{%s}\n" % ", ".join('"%s": %s' % c for c in zip(COLUMNS[name].split(), cells)))
    return path


def setup(jar_path, folder, statements):
    """the tables that the statements name"""
    text = "\n".join(statements).lower()
    yield "CREATE SCHEMA IF NOT EXISTS spark_catalog.default"
    yield "USE spark_catalog.default"
    for line in open(os.path.join(HERE, "tables.sql")):
        m = re.match(r"CREATE TABLE (\w+)", line)
        if m and re.search(r"\b%s\b" % m[1], text):
            yield re.sub(r"{(\w+)}", lambda d: data_file(jar_path, folder, d[1]), line)


def run(jar_path, program, conf, statements):
    """an answer a statement: what the program printed, or {"crash": why}"""
    folder = tempfile.mkdtemp(prefix="sqlgold-")
    before = list(setup(jar_path, folder, statements))
    conf = dict({CATALOG: "iceberg", CATALOG + ".type": "hadoop", CATALOG + ".warehouse": folder + "/tables"}, **conf)
    # The format of a table's files is not what is compared: kappa's are Iceberg's.
    statements = [re.sub(r"(?i)^(\s*CREATE\s+TABLE\b.*?)\bUSING\s+(parquet|orc|json|csv)\b", r"\1", s, flags=re.S)
                  for s in statements]
    statements = before + statements
    try:
        todo = json.dumps({"conf": conf, "statements": statements})
        p = subprocess.run([program, folder + "/data"], input=todo.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           timeout=SECONDS)
        out, code = p.stdout, p.returncode
        why = "exit %d %s" % (code, p.stderr.decode("utf-8", "replace")[:300])
    except subprocess.TimeoutExpired as e:
        out, why = e.stdout or b"", "not done after %d s" % SECONDS
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    answers = []
    for line in out.decode("utf-8", "surrogatepass").split("\n"):
        try:
            answers.append(json.loads(line))
        except ValueError:
            break
    while len(answers) < len(statements):
        answers.append({"crash": why})
        why = "not reached"
    for sql, answer in list(zip(statements, answers))[:len(before)]:
        if "schema" not in answer:
            print("sqlgold: %s: %s" % (sql, answer), file=sys.stderr)
    return answers[len(before):]


def hidden(line):
    """what Spark's runner leaves out of the comparison"""
    line = re.sub(r"#\d+", "#x", line)
    line = re.sub(r"plan_id=\d+", "plan_id=x", line)
    for what in ("Created By", "Created Time", "Last Access", "Owner"):
        line = re.sub(what + ".*", what + " [not included in comparison]", line)
    return line


def utf16(s):
    return s.encode("utf-16-be", "surrogatepass")


def schema_text(columns):
    more = ["... %d more fields" % (len(columns) - 25)] if len(columns) > 25 else []
    return "struct<" + ",".join(columns[:25] + more) + ">"


def rows_text(answer):
    rows = [hidden(r) for r in answer["rows"]]
    if not answer["sorted"]:
        rows.sort(key=utf16)
    return "\n".join(rows).rstrip()


def context(sql, answer):
    if not answer["fragment"] or answer["line"] <= 0:
        return None
    lines = sql.split("\n")
    at = sum(len(l) + 1 for l in lines[: answer["line"] - 1])
    line = lines[answer["line"] - 1] if answer["line"] <= len(lines) else ""
    at += len(line.encode()[: answer["column"]].decode("utf-8", "replace"))
    return [{"objectType": "", "objectName": "", "startIndex": at + 1, "stopIndex": at + len(answer["fragment"]),
             "fragment": answer["fragment"]}]


DESCRIBED = "struct<col_name:string,data_type:string,comment:string>"


def difference(sql, schema, output, answer):
    """None when they agree, else (kind, what kappa said)"""
    if "crash" in answer:
        return "crash", answer["crash"]
    m = re.match(r"\S+(Exception|Error)\S*\n(\{.*\})$", output, re.S)
    said = {k: answer[k] for k in ("errorClass", "sqlState", "messageParameters") if k in answer}
    told = json.dumps(dict(said, text=answer.get("text"), context=context(sql, answer)), indent=1, ensure_ascii=False) if said else ""
    if m:
        if not said:
            return "no-error", "%s\n%s" % (schema_text(answer["schema"]), rows_text(answer))
        want = json.loads(m[2], strict=False)
        if said["errorClass"] != want.get("errorClass"):
            return ("unsupported" if said["errorClass"] in ("UNSUPPORTED_FEATURE", "ERR_UNSUPPORTED") else "error-class"), told
        if not said["errorClass"].startswith("_LEGACY") and said["sqlState"] != want.get("sqlState"):
            return "error-state", told
        if said["messageParameters"] != want.get("messageParameters", {}):
            return "error-params", told
        if want.get("queryContext") and want["queryContext"] != context(sql, answer):
            return "error-context", told
        return None
    if said:
        if re.match(r"\S+\.\S*(Exception|Error)\n", output):
            return None if "errorClass" not in output else ("error-class", told)
        return "error", told
    if schema_text(answer["schema"]) != schema:
        return "schema", "%s\n%s" % (schema_text(answer["schema"]), rows_text(answer))
    if schema == DESCRIBED and re.match(r"(?i)\s*desc(ribe)?\s", sql):  # as Hive prints it
        cells = (["" if c == "NULL" else c for c in r.split("\t")] for r in answer["rows"])
        answer = dict(answer, rows=["\t".join("%-20s" % c for c in row) for row in cells])
    if rows_text(answer) != "\n".join(hidden(l) for l in output.split("\n")):
        return "rows", "%s\n%s" % (schema_text(answer["schema"]), rows_text(answer))
    return None


def run_file(jar_path, program, name):
    with zipfile.ZipFile(jar_path) as jar:
        cases, conf = golden(jar, name), settings(jar, name)
    answers = run(jar_path, program, conf, [c[0] for c in cases])
    return name, [(i, c, d) for i, (c, a) in enumerate(zip(cases, answers)) for d in [difference(*c, a)]]


def read_list(file):
    path = os.path.join(HERE, file)
    return [l.split() for l in open(path) if l.strip() and not l.startswith("#")] if os.path.exists(path) else []


def wanted(jar_path, patterns):
    with zipfile.ZipFile(jar_path) as jar:
        names = [n[len(RESULTS):-8] for n in jar.namelist() if n.startswith(RESULTS) and n.endswith(".sql.out")]
    chosen = [n for p in patterns for n in sorted(names) if fnmatch.fnmatch(n, p)]
    for p in patterns:
        if not any(fnmatch.fnmatch(n, p) for n in names):
            sys.exit("sqlgold: no golden file %s" % p)
    return list(dict.fromkeys(chosen))


def show(name, rows, flags):
    for i, (sql, schema, output), d in rows:
        if not d:
            continue
        if "-d" in flags:
            first = d[1].split("\n")[0]
            if d[1].startswith("{\n"):
                first = (lambda j: "%s %s" % (j["errorClass"], j["text"]))(json.loads(d[1]))
            print("%s\t%d\t%s\t%s\t%s" % (name, i, d[0], " ".join(sql.split())[:160], first[:200]))
        if "-v" in flags:
            print("---- %s %d %s\n%s\n  Spark:\n%s\n%s\n  kappa:\n%s" % (name, i, d[0], sql, schema, output, d[1]))


def raise_least(agreed):
    least = {n: int(k) for n, k in read_list("least")}
    least.update({n: max(k, least.get(n, 0)) for n, k in agreed.items()})
    with open(os.path.join(HERE, "least"), "w") as f:
        f.write("# Statements of each golden file that agree with Spark at least: tools/sqlgold -u raises them.\n")
        f.writelines("%s %d\n" % (n, least[n]) for n in sorted(least))


def main():
    jar, program = sys.argv[1:3]
    flags = [a for a in sys.argv[3:] if a.startswith("-")]
    files = [a for a in sys.argv[3:] if not a.startswith("-")]
    names = wanted(jar, files or [l[0] for l in read_list("list")])
    least = {n: int(k) for n, k in read_list("least")}
    total = good = bad = 0
    agreed, kinds = {}, {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, rows in pool.map(lambda n: run_file(jar, program, n), names):
            agreed[name] = sum(d is None for _, _, d in rows)
            total, good = total + len(rows), good + agreed[name]
            for d in (r[2] for r in rows if r[2]):
                kinds[d[0]] = kinds.get(d[0], 0) + 1
            show(name, rows, flags)
            low = agreed[name] < least.get(name, 0)
            bad += low
            print("%-50s %5d of %5d %5.1f %%%s" % (name, agreed[name], len(rows), 100 * agreed[name] / max(1, len(rows)),
                                                "  FEWER than %d" % least[name] if low else ""), flush=True)
    if "-u" in flags:
        raise_least(agreed)
    print(", ".join("%s %d" % k for k in sorted(kinds.items(), key=lambda k: -k[1])))
    print("%d of %d statements of %d files agree, %.1f %%; %d files below their least" %
          (good, total, len(names), 100 * good / max(1, total), bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
