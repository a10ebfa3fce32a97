#!/usr/bin/env python3
"""kill -9 and start again: kill.py [KILLS=200] [SEED]

A log of events is run through two flows into Iceberg tables: windows with a watermark, and rows filtered and judged.
First undisturbed. Then from a fresh copy of the log again and again, each run killed one to four times: half of the kills
at any moment, half at a crash point of the epoch protocol. After the last kill the run may finish, and its tables must
hold the rows of the undisturbed one, each once. What a killed run has committed is looked at before it goes on, too.
Where PyIceberg is installed it reads the tables of every tenth run.
"""
import collections, os, random, shutil, signal, subprocess, sys, tempfile, time

KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
POINTS = ["before-stage", "before-record", "after-record", "before-swap", "after-commit", "after-mark"]
PIPELINE = """
CREATE DATABASE IF NOT EXISTS lake.kill;
CREATE TEMPORARY VIEW raw USING kafka
  OPTIONS (subscribe 'events', startingOffsets 'earliest', maxOffsetsPerTrigger '200');
CREATE TEMPORARY VIEW events AS
  SELECT e.*, partition, offset
  FROM (SELECT from_json(CAST(value AS STRING), 'event_type STRING, duration_ms INT, event_timestamp TIMESTAMP') AS e,
               partition, offset FROM STREAM raw);
CREATE STREAMING TABLE lake.kill.windows PARTITIONED BY (event_type) AS
  SELECT window.start AS start, event_type, count(*) AS events, sum(duration_ms) AS ms
  FROM events WATERMARK event_timestamp DELAY OF INTERVAL 10 SECONDS
  GROUP BY window(event_timestamp, '5 seconds'), event_type;
CREATE STREAMING TABLE lake.kill.rows AS
  SELECT partition, offset, event_type, event_timestamp,
         CASE WHEN duration_ms >= 3000 THEN 'slow' WHEN duration_ms >= 1000 THEN 'middling' ELSE 'quick' END AS pace
  FROM events WHERE duration_ms % 3 <> 0;
"""
ROWS = """
SELECT 'windows' AS t, CAST(start AS STRING) AS a, event_type AS b, CAST(events AS STRING) AS c, CAST(ms AS STRING) AS d
FROM lake.kill.windows
UNION ALL
SELECT 'rows', concat_ws(':', partition, offset), event_type, CAST(event_timestamp AS STRING), pace FROM lake.kill.rows
ORDER BY t, a, b, c, d
"""
try:
    from pyiceberg.catalog import load_catalog
except ImportError:
    load_catalog = None
top = tempfile.mkdtemp(prefix="kappa-kill-")
pipeline = os.path.join(top, "pipeline.sql")
# A copy: the one in build/ may be built anew while this runs.
KAPPA = shutil.copy(os.environ.get("KAPPA", "build/debug/kappa"), top)


def kappa(*args):
    p = subprocess.run([KAPPA, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def give_up(what, folder=None):
    print(f"kill: {what}\nkill: seed {SEED}" + (f", the data folder is {folder}" if folder else ""))
    sys.exit(1)


def rows(folder):
    code, out, err = kappa("sql", "--data", folder, "--output", "csv", "-e", ROWS)
    if code == 0:
        return collections.Counter(out.splitlines())
    if "TABLE_OR_VIEW_NOT_FOUND" in err or "SCHEMA_NOT_FOUND" in err:
        return None  # killed before the tables were made
    give_up(f"the tables cannot be read: {err.strip()}", folder)


def compare(got, finished, folder, story):
    doubled = {r: n for r, n in got.items() if n > max(1, wanted[r])}
    foreign = [r for r in got if r not in wanted]
    lost = [r for r in wanted if r not in got] if finished else []
    for name, some in ("doubled", list(doubled)), ("not of the undisturbed run", foreign), ("lost", lost):
        if some:
            give_up(f"{len(some)} rows {name}, such as {some[0]}, after {', '.join(story)}", folder)


def compare_elsewhere(folder, story):
    """The same rows as PyIceberg reads them; times are left out, as they print differently."""
    lake = load_catalog("lake", type="sql", uri=f"sqlite:///{folder}/warehouse/catalog.db")
    windows, judged = (lake.load_table(f"kill.{t}").scan().to_arrow().to_pylist() for t in ("windows", "rows"))
    got = collections.Counter(("windows", r["event_type"], str(r["events"]), str(r["ms"])) for r in windows)
    got += collections.Counter((f"{r['partition']}:{r['offset']}", r["event_type"], r["pace"]) for r in judged)
    want = collections.Counter()
    for line in wanted:
        f = line.split(",")
        if f[0] == "windows":
            want["windows", f[2], f[3], f[4]] += 1
        elif f[0] == "rows":
            want[f[1], f[2], f[4]] += 1
    if got != want:
        give_up(f"PyIceberg reads other rows after {', '.join(story)}: {list((got - want) + (want - got))[:3]}", folder)


def start(folder, crash=None):
    env = dict(os.environ, **({"KAPPA_CRASH_AT": crash} if crash else {}))
    return subprocess.Popen([KAPPA, "run", pipeline, "--data", folder], env=env, start_new_session=True,
                            stdout=subprocess.DEVNULL, stderr=open(os.path.join(top, "err"), "wb"))


def wait(p, folder, story):
    try:
        code = p.wait(120)
    except subprocess.TimeoutExpired:
        p.kill()
        give_up(f"a run hangs after {', '.join(story)}", folder)
    if code not in (0, -signal.SIGKILL):
        err = open(os.path.join(top, "err"), errors="replace").read().strip()
        give_up(f"a run ended with {code} after {', '.join(story)}: {err}", folder)
    return code == -signal.SIGKILL


def kill_once(folder, number, of, story):
    """True when it was killed before its end."""
    if number % 2:
        point = POINTS[number // 2 % len(POINTS)]
        crash = f"{point}:{dice.randint(1, max(1, epochs // of))}"
        story.append(crash)
        hit = wait(start(folder, crash), folder, story)
        kind = point
    else:
        delay = dice.uniform(0, 1.2 * duration / of)
        story.append(f"{delay * 1000:.0f} ms")
        p = start(folder)
        time.sleep(delay)
        p.kill()
        hit, kind = wait(p, folder, story), "at any moment"
    count[kind] += hit
    return hit


try:
    open(pipeline, "w").write(PIPELINE)
    fresh, calm = os.path.join(top, "fresh"), os.path.join(top, "calm")
    dice = random.Random(SEED)
    code, out, err = kappa("generate", "events", "--data", fresh, "--topic", "events", "--partitions", "3", "--count", "4000",
                           "--step", "20 ms", "--seed", str(SEED % 1000), "--out-of-order", "0.1/8s", "--late", "0.02/1m")
    if code:
        give_up(err)
    shutil.copytree(fresh, calm)
    began = time.monotonic()
    code, out, err = kappa("run", pipeline, "--data", calm)
    duration = time.monotonic() - began
    if code:
        give_up(err)
    epochs = int(err.split(" epochs")[0].split()[-1])
    wanted = rows(calm)
    windows = sum(r.startswith("windows,") for r in wanted)
    if epochs < 30 or windows < 40 or len(wanted) - windows < 2000 or max(wanted.values()) > 1:
        give_up(f"{epochs} epochs gave {windows} windows and {len(wanted) - windows} rows: this proves nothing")
    count, killed, number, runs, elsewhere = collections.Counter(), 0, 0, 0, 0
    began = time.monotonic()
    while killed < KILLS:
        folder, story, of = os.path.join(top, f"run{runs}"), [], dice.randint(1, 4)
        shutil.copytree(fresh, folder)
        for _ in range(of):
            hit = kill_once(folder, number, of, story)
            number += 1
            killed += hit
            if not hit:
                break
            if number % 4 == 0:
                compare(rows(folder) or {}, False, folder, story)
        wait(start(folder), folder, story)
        compare(rows(folder) or {}, True, folder, story)
        if load_catalog and runs % 10 == 0:
            compare_elsewhere(folder, story)
            elsewhere += 1
        shutil.rmtree(folder)
        runs += 1
except SystemExit:
    raise
except BaseException:
    shutil.rmtree(top, ignore_errors=True)
    raise
shutil.rmtree(top)
told = ", ".join(f"{n} {k}" for k, n in sorted(count.items()))
print(f"kill: {killed} kills ({told}) in {runs} runs of {epochs} epochs, {time.monotonic() - began:.0f} s: "
      f"each has the {len(wanted)} rows of the undisturbed run, {elsewhere} looked at with PyIceberg too (seed {SEED})")
never = [p for p in POINTS if KILLS >= 100 and not count[p]]
if never:
    print(f"kill: never killed {', '.join(never)}")
    sys.exit(1)
