#!/usr/bin/env python3
"""Compare an engine's output with what Spark did.

usage: compare.py CASE ACTUAL_DIR [--rows-only] [--no-schema]
       compare.py --self-check CASE...     prove that altered output is noticed
       compare.py --runnable LIST          of the cases on standard input, those without a feature of LIST
       compare.py --all [-v] OUT           compares OUT/NAME with each case on standard input that is there,
                                           counts the others as skipped; -v prints every difference
ACTUAL_DIR has the shape of CASE/expected: NNN.jsonl per batch, progress.jsonl, schema.json, or error.json.
Rows of a batch are compared as multisets; exit 0 = equal, 1 = different (the first difference is printed).
"""
import copy, json, math, os, re, shutil, sys, tempfile
from collections import Counter
from decimal import Decimal

REL = 1e-9
OPS = ("operatorName", "numRowsTotal", "numRowsUpdated", "numRowsRemoved", "numRowsDroppedByWatermark",
       "numDroppedDuplicateRows")


class Num(str):
    """a JSON number kept as its text"""


def loads(text):
    return json.loads(text, parse_float=Num, parse_int=Num, parse_constant=Num)


def split_top(s):
    out, depth, cur = [], 0, ""
    for c in s:
        if c == "," and depth == 0:
            out.append(cur)
            cur = ""
            continue
        depth += (c in "<(") - (c in ">)")
        cur += c
    return out + [cur]


def parse_type(t):
    """Spark's simple type text -> tree"""
    m = re.match(r"(array|map|struct)<(.*)>$", t, re.S)
    if not m:
        return t
    kind, inner = m.groups()
    if kind == "struct":
        return kind, {k: parse_type(v) for k, v in (f.split(":", 1) for f in split_top(inner) if f)}
    return kind, [parse_type(x) for x in split_top(inner)]


def canon(v, t, unordered=False):
    """a value with its type -> comparable Python value (floats stay floats)"""
    if v is None:
        return None
    if isinstance(t, tuple):
        kind, sub = t
        if kind == "array" and isinstance(v, list):
            xs = [canon(x, sub[0], unordered) for x in v]
            return ["*"] + sorted(xs, key=repr) if unordered else xs
        if kind == "struct" and isinstance(v, dict):
            return {k: canon(v.get(k), st, unordered) for k, st in sub.items()} | {
                k: ["unexpected", v[k]] for k in v if k not in sub}
        if kind == "map" and isinstance(v, dict):
            return {k: canon(x, sub[1], unordered) for k, x in v.items()}
        return ["wrong kind", repr(v)]
    if t in ("double", "float"):
        if isinstance(v, Num) or v in ("NaN", "Infinity", "-Infinity"):
            return float(v)
        return ["wrong kind", repr(v)]
    if t.startswith("decimal") and isinstance(v, Num):
        return "dec " + format(Decimal(v).normalize(), "f")
    if t in ("tinyint", "smallint", "int", "bigint") and isinstance(v, Num):
        return "int " + str(int(v)) if re.fullmatch(r"-?\d+", v) else ["wrong kind", str(v)]
    if t == "boolean":
        return v if isinstance(v, bool) else ["wrong kind", repr(v)]
    if isinstance(v, Num):
        return ["wrong kind", str(v)]
    return v


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        return a == b or abs(a - b) <= REL * max(abs(a), abs(b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return type(a) is type(b) and a == b


def read_lines(path):
    with open(path, encoding="utf-8") as f:
        return [l for l in f.read().split("\n") if l.strip()]


def compare_rows(want_lines, got_lines, schema, cmp, where):
    types = {c["name"]: parse_type(c["type"]) for c in schema}
    loose = set(cmp.get("unordered", []))

    def row(line):
        r = loads(line)
        return {k: canon(v, types[k], k in loose) if k in types else ["unexpected column"] for k, v in r.items()}
    if not cmp.get("ordered"):
        cw, cg = Counter(want_lines), Counter(got_lines)
        want_lines, got_lines = list((cw - cg).elements()), list((cg - cw).elements())
    want, got = [(l, row(l)) for l in want_lines], [(l, row(l)) for l in got_lines]
    if cmp.get("ordered"):
        for i, ((wl, w), (gl, g)) in enumerate(zip(want, got)):
            if not same(w, g):
                return f"{where} row {i}: expected {wl}\n  got {gl}"
        if len(want) != len(got):
            return f"{where}: expected {len(want)} rows, got {len(got)}"
        return None
    rest = list(got)
    missing = []
    for wl, w in want:
        for i, (gl, g) in enumerate(rest):
            if same(w, g):
                del rest[i]
                break
        else:
            missing.append(wl)
    if missing or rest:
        return (f"{where}: {len(missing)} expected row(s) absent, {len(rest)} unexpected"
                + (f"\n  expected {missing[0]}" if missing else "") + (f"\n  got      {rest[0][0]}" if rest else ""))
    return None


def ms(t):
    import datetime
    d = datetime.datetime.strptime(t, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    return d.timestamp() * 1000


def compare_progress(want, got, cmp):
    ignore = set(cmp.get("ignore", []))
    for w, g in zip(want, got):
        at = f"progress of batch {w['batchId']}"
        for k in ("batchId", "numInputRows"):
            if k not in ignore and w[k] != g.get(k):
                return f"{at}: {k} expected {w[k]}, got {g.get(k)}"
        we, ge = w.get("eventTime", {}), g.get("eventTime", {})
        for k in ("watermark", "max", "min", "avg"):
            if k in ignore:
                continue
            a, b = we.get(k), ge.get(k)
            if a != b and not (k == "avg" and a and b and abs(ms(a) - ms(b)) <= 1):
                return f"{at}: eventTime.{k} expected {a}, got {b}"
        wo, go = w["stateOperators"], [{**o, **o.get("customMetrics", {})} for o in g.get("stateOperators", [])]
        if len(wo) != len(go):
            return f"{at}: expected {len(wo)} stateful operators, got {len(go)}"
        for i, (a, b) in enumerate(zip(wo, go)):
            for k in OPS:
                if k not in ignore and a.get(k) != b.get(k):
                    return f"{at}: stateOperators[{i}].{k} expected {a.get(k)}, got {b.get(k)}"
    if len(want) != len(got):
        return f"progress: expected {len(want)} batches, got {len(got)}"
    return None


def compare_case(case_dir, actual, rows_only=False, no_schema=False):
    """None when equal, else a text telling the first difference"""
    case = json.load(open(f"{case_dir}/case.json", encoding="utf-8"))
    exp, cmp = f"{case_dir}/expected", case.get("compare", {})
    werr, gerr = (json.load(open(f"{x}/error.json", encoding="utf-8"))
                  if os.path.exists(f"{x}/error.json") else None for x in (exp, actual))
    if werr is None and gerr is not None:
        return f"unexpected error {gerr.get('condition')}: {gerr.get('message')}"
    if werr is not None:
        if gerr is None:
            return f"expected error {werr['condition']} ({werr['sqlState']}), got none"
        # Spark has no public name for _LEGACY_* and INTERNAL_ERROR conditions: any error in their place will do
        if not werr["condition"].startswith(("_LEGACY", "INTERNAL_ERROR")):
            for k in ("condition", "sqlState"):
                if werr[k] != gerr.get(k):
                    return f"error {k}: expected {werr[k]}, got {gerr.get(k)}"
        if werr["phase"] != "run" and gerr.get("phase") == "run":
            return f"error came while running, expected at {werr['phase']}"
        if "batch" in werr and werr["batch"] != gerr.get("batch"):
            return f"error in batch {gerr.get('batch')}, expected in batch {werr['batch']}"
    schema = []
    if os.path.exists(f"{exp}/schema.json"):
        schema = json.load(open(f"{exp}/schema.json", encoding="utf-8"))
        if not no_schema:
            if not os.path.exists(f"{actual}/schema.json"):
                return "schema.json is missing"
            got = json.load(open(f"{actual}/schema.json", encoding="utf-8"))
            for i, w in enumerate(schema):
                if i >= len(got) or (got[i]["name"], got[i]["type"]) != (w["name"], w["type"]):
                    return f"schema column {i}: expected {w}, got {got[i] if i < len(got) else 'nothing'}"
            if len(got) != len(schema):
                return f"schema: expected {len(schema)} columns, got {len(got)}"
    batches = lambda x: sorted(f for f in os.listdir(x) if re.fullmatch(r"\d+\.jsonl", f))
    wb, gb = batches(exp), batches(actual)
    for f in wb:
        if f not in gb:
            return f"batch {f} is missing"
        diff = compare_rows(read_lines(f"{exp}/{f}"), read_lines(f"{actual}/{f}"), schema, cmp, f"batch {f}")
        if diff:
            return diff
    for f in gb:
        if f not in wb:
            return f"unexpected batch {f}"
    if not rows_only and os.path.exists(f"{exp}/progress.jsonl"):
        if not os.path.exists(f"{actual}/progress.jsonl"):
            return "progress.jsonl is missing"
        return compare_progress([json.loads(l) for l in read_lines(f"{exp}/progress.jsonl")],
                                [json.loads(l) for l in read_lines(f"{actual}/progress.jsonl")], cmp)
    return None


def mutations(exp):
    """(name, must_fail, function(dir)) that alter a copy of expected/"""
    def edit(f, fn):
        def go(d):
            lines = read_lines(f"{d}/{f}")
            new = fn(list(lines))
            if new is None or new == lines:
                return False
            open(f"{d}/{f}", "w", encoding="utf-8").write("".join(l + "\n" for l in new))
        return go

    def value(line, pick):
        """alter the first scalar that `pick` accepts; None when there is none"""
        def walk(v):
            if isinstance(v, dict):
                for k in v:
                    r = walk(v[k])
                    if r is not None:
                        return {**v, k: r[0]},
            elif isinstance(v, list):
                for i, x in enumerate(v):
                    r = walk(x)
                    if r is not None:
                        return v[:i] + [r[0]] + v[i + 1:],
            elif pick(v) is not None:
                return pick(v),
        r = walk(json.loads(line))
        return None if r is None else json.dumps(r[0], ensure_ascii=False)

    def change(pick):
        def fn(ls):
            for i, l in enumerate(ls):
                n = value(l, pick)
                if n is not None:
                    return ls[:i] + [n] + ls[i + 1:]
        return fn
    is_int = lambda v: isinstance(v, int) and not isinstance(v, bool)
    out = []
    for f in sorted(x for x in os.listdir(exp) if re.fullmatch(r"\d+\.jsonl", x)):
        out += [(f"{f} drop row", True, edit(f, lambda ls: ls[1:] if ls else None)),
                (f"{f} repeat row", True, edit(f, lambda ls: ls + ls[:1])),
                (f"{f} integer + 1", True, edit(f, change(lambda v: v + 1 if is_int(v) else None))),
                (f"{f} double * 1.00001", True,
                 edit(f, change(lambda v: v * 1.00001 if isinstance(v, float) and v and math.isfinite(v) else None))),
                (f"{f} text + x", True, edit(f, change(lambda v: v + "x" if isinstance(v, str) else None))),
                (f"{f} null for a value", True, edit(f, lambda ls: [json.dumps(
                    {k: None for k in json.loads(ls[0])})] + ls[1:] if ls and any(
                        v is not None for v in json.loads(ls[0]).values()) else None)),
                (f"{f} remove batch", True, lambda d, f=f: os.remove(f"{d}/{f}"))]
    out.append(("extra batch", True, lambda d: open(f"{d}/998.jsonl", "w").close()))
    if os.path.exists(f"{exp}/progress.jsonl"):
        def prog(fn):
            def go(ls):
                for i, l in enumerate(ls):
                    j = json.loads(l)
                    k = copy.deepcopy(j)
                    fn(k)
                    if k != j:
                        return ls[:i] + [json.dumps(k)] + ls[i + 1:]
            return edit("progress.jsonl", go)

        def op(key):
            def fn(j):
                for o in j["stateOperators"]:
                    if key in o:
                        o[key] += 1
                        return
            return fn

        def wm(j):
            if "eventTime" in j:
                j["eventTime"]["watermark"] = "2001-01-01T00:00:00.000Z"

        def late(j):
            j["numInputRows"] += 1
        out += [("watermark", True, prog(wm)), ("numInputRows", True, prog(late))]
        out += [(k, True, prog(op(k))) for k in OPS[1:]]
        out.append(("progress line removed", True, edit("progress.jsonl", lambda ls: ls[:-1] if ls else None)))
    if os.path.exists(f"{exp}/error.json"):
        out.append(("error removed", True, lambda d: os.remove(f"{d}/error.json")))
    else:
        out.append(("error added", True, lambda d: open(f"{d}/error.json", "w").write('{"condition":"X","phase":"run"}')))
    return out


def self_check(cases):
    tried = caught = 0
    for c in cases:
        exp = f"{c}/expected"
        cmp = json.load(open(f"{c}/case.json", encoding="utf-8")).get("compare", {})
        for name, must_fail, fn in [("nothing", False, lambda d: None), ("row order", False, None)] + mutations(exp):
            if name in cmp.get("ignore", []):
                continue
            d = tempfile.mkdtemp()
            shutil.copytree(exp, d, dirs_exist_ok=True)
            if name == "row order":
                for f in os.listdir(d):
                    if re.fullmatch(r"\d+\.jsonl", f) and not cmp.get("ordered"):
                        ls = read_lines(f"{d}/{f}")
                        open(f"{d}/{f}", "w", encoding="utf-8").write("".join(l + "\n" for l in ls[::-1]))
            elif fn(d) is False:
                shutil.rmtree(d)
                continue
            diff = compare_case(c, d)
            shutil.rmtree(d)
            tried += 1
            if bool(diff) == must_fail:
                caught += 1
            else:
                print(f"SELF-CHECK FAILED {c}: {name}: {diff}")
    print(f"self-check: {caught} of {tried} alterations judged rightly over {len(cases)} cases")
    return caught == tried


def runnable(skip_list):
    skip = {l.split("#")[0].strip() for l in open(skip_list, encoding="utf-8")} - {""}
    for line in sys.stdin:
        case = json.load(open(line.strip() + "/case.json", encoding="utf-8"))
        if not skip & set(case["features"]):
            print(line.strip())


def compare_all(out, verbose):
    passed = failed = skipped = 0
    for line in sys.stdin:
        case = line.strip()
        actual = f"{out}/{os.path.basename(case)}"
        if not os.path.isdir(actual):
            skipped += 1
            continue
        diff = compare_case(case, actual)
        passed += diff is None
        failed += diff is not None
        if diff:
            print(f"FAIL {case}: {diff if verbose else diff.split(chr(10))[0][:160]}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed == 0


def main():
    flags = [a for a in sys.argv[1:] if a.startswith("--")]
    args = [a for a in sys.argv[1:] if not a.startswith("-")]
    if "--runnable" in flags:
        return runnable(args[0])
    if "--all" in flags:
        sys.exit(0 if compare_all(args[0], "-v" in sys.argv) else 1)
    if "--self-check" in flags and args:
        sys.exit(0 if self_check(args) else 1)
    if len(args) != 2:
        sys.exit(__doc__)
    diff = compare_case(args[0], args[1], "--rows-only" in flags, "--no-schema" in flags)
    if diff:
        print(f"DIFFERENT {args[0]}: {diff}")
        sys.exit(1)
    print(f"equal {args[0]}")


if __name__ == "__main__":
    main()
