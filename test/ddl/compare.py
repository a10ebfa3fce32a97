"""Compares what statements answered: compare.py SPARK KAPPA DIFFERS. Both are written by ask.py; an answer is the condition,
its SQLSTATE and its parameters, or that there is none; rows and messages without a condition are not compared. DIFFERS
lists the statements that may differ, a line each, after `#` why. Prints the rest; exit 1 when there are any, or when one
of DIFFERS has become equal."""
import json, re, sys

def load(path):
    out = []
    for line in open(path):
        line = line.rstrip("\n")
        if line.startswith("> "):
            out.append([line[2:], "ok"])
        elif line.startswith("! ") and out and out[-1][1] == "ok":
            known = re.match(r"(?!_LEGACY)[A-Z0-9_.]+ [0-9A-Z]{5} \{", line[2:])
            out[-1][1] = plain(line[2:]) if known else "refused"
    return out

def plain(text):
    name, state, params = text.split(" ", 2)
    p = json.loads(params)
    p.pop("hint", None) # of the parser: ours says more
    return f"{name} {state} {json.dumps(p, sort_keys=True)}"

spark, kappa = load(sys.argv[1]), load(sys.argv[2])
differs = {line.split(" #")[0].strip() for line in open(sys.argv[3]) if line.strip() and line[0] != "#"}
assert [s for s, _ in spark] == [s for s, _ in kappa], "not the same statements"
bad = same = 0
for (statement, x), (_, y) in zip(spark, kappa):
    equal = x == y or (x == "refused" and y != "ok") # Spark has no condition for it, kappa may
    same += equal
    if equal and statement in differs and x == y:
        print(f"FAIL listed as different, but equal: {statement}"); bad += 1
    if not equal and statement not in differs:
        print(f"FAIL {statement}\n  Spark {x}\n  kappa {y}"); bad += 1
print(f"{len(spark)} statements, {same} answered alike, {len(spark) - same} otherwise, {bad} bad")
sys.exit(bad > 0)
