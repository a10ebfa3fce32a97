#!/usr/bin/env bash
# Every client that must work, a line each: 4.0 and 4.1 pass all checks of run.sh, the others the smoke suite.
#   versions.sh [VERSION..]       KAPPA and KAPPA_PEERS as in run.sh; the logs stay in build/connect-VERSION.log
set -uo pipefail
cd "$(dirname "$0")/../.."
mkdir -p build
bad=0
for v in ${*:-3.5.9 4.0.4 4.1.3 4.2.0 4.3.0}; do
  case $v in 4.[01].*) checks= ;; *) checks=smoke ;; esac
  log=build/connect-$v.log
  # shellcheck disable=SC2086
  if KAPPA_CLIENT=$v test/connect/run.sh $checks >"$log" 2>&1 && grep -q '^ok' "$log"; then word=ok; else word=FAIL bad=1; fi
  grep -q '^SKIP' "$log" && word=skipped bad=1
  printf '%-7s %-8s %s\n' "$v" "$word" "$(sed -n 's/^ok \(.*\)\.py: \([0-9]*\) checks/\1 \2/p; s/^FAIL/FAIL/p' "$log" | paste -sd, | sed 's/,/, /g; s/_check//g')"
done
exit $bad
