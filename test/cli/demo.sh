#!/bin/sh
# The demo three times: half of the events, the other half, nothing new. What its table says is compared with a count of
# the events of examples/data that uses nothing of kappa.
cd "$(dirname "$0")/../.." || exit 2
export KAPPA=${KAPPA:-build/debug/kappa}
DEMO_DATA=$(mktemp -d) || exit 2
export DEMO_DATA
trap 'rm -rf "$DEMO_DATA"' EXIT
fail() { echo "demo: $*"; exit 1; }
for run in 1 2 3; do
    tools/demo > "$DEMO_DATA/out$run" 2>&1 || { cat "$DEMO_DATA/out$run"; fail "run $run ended with an error"; }
done
grep -q 'events 1 to 4999 of 9999' "$DEMO_DATA/out1" || fail "the first run did not produce the first half"
grep -q 'events 5000 to 9999 of 9999' "$DEMO_DATA/out2" || fail "the second run did not produce the second half"
grep -q 'nothing new' "$DEMO_DATA/out3" || fail "the third run found something new"
grep -q '█████' "$DEMO_DATA/out1" || fail "there is no chart"
"$KAPPA" sql --data "$DEMO_DATA" --output csv -e "SELECT date_format(hour, \"yyyy-MM-dd'T'HH\") AS hour, requests, errors, bytes
    FROM lake.demo.requests_by_hour ORDER BY hour" > "$DEMO_DATA/got" || fail "the table cannot be read"
python3 - "$DEMO_DATA/got" << 'END' || fail "the table differs from a count of the events"
import collections, datetime, json, sys
hours, top = collections.defaultdict(lambda: [0, 0, 0]), None
for line in open("examples/data/web_requests.jsonl"):
    e = json.loads(line)
    t = datetime.datetime.fromisoformat(e["ts"].replace("Z", "+00:00"))
    top = max(top or t, t)
    h = hours[t.strftime("%Y-%m-%dT%H")]
    h[0] += 1; h[1] += e["status"] >= 400; h[2] += e["bytes"] or 0
closed = (top - datetime.timedelta(minutes=10)).strftime("%Y-%m-%dT%H")
want = ["hour,requests,errors,bytes"] + ["%s,%d,%d,%d" % (h, *v) for h, v in sorted(hours.items()) if h < closed]
got = open(sys.argv[1]).read().split()
for w, g in zip(want, got):
    if w != g: print("want", w, "got", g)
sys.exit(want != got)
END
echo "demo: three runs, the table agrees with a count of the events"
