#!/usr/bin/env bash
# Kafka's clients against kappa's log: starts kappa serve on a free port in a folder of its own and runs the round trip.
#   kafka_kappa.sh [CLIENT...]     as roundtrip.sh; default: kcat c kafka-python-2.0.2 java-3.9.1
# Lines of `transactions` may fail: kappa has none. Clients that are not installed are said to be skipped.
# Variables: KAPPA (the program, build/release/kappa), and those of roundtrip.sh
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
KAPPA=${KAPPA:-$HERE/../../build/release/kappa}
[ $# -gt 0 ] || set -- kcat c kafka-python-2.0.2 java-3.9.1
C=$("$HERE/kafka_clients.sh" path)
there() {
  case $1 in
    kcat) command -v kcat ;; c) ls "$C/rt-c" ;; kafka-python-2.0.2) ls "$C/py-kp2/ok" ;; kafka-python-ng) ls "$C/py-ng/ok" ;;
    confluent | kafka-python-3 | aiokafka) ls "$C/py/ok" ;; java-3*) ls "$C/$1/ok" ;; java-4 | console) ls "$C"/../kafka-4*/ok ;;
    franz | kafkago | sarama) ls "$C/rt-go" ;; kafkajs) ls "$C/node/node_modules" ;; *) false ;;
  esac >/dev/null 2>&1
}
run=()
for c in "$@"; do if there "$c"; then run+=("$c"); else echo "skipped: $c (not installed: kafka_clients.sh install)"; fi; done
[ ${#run[@]} -gt 0 ] || exit 0
DIR=$(mktemp -d)
"$KAPPA" serve --data "$DIR/data" --kafka 127.0.0.1:0 >"$DIR/out" 2>"$DIR/err" &
BROKER=$!
trap 'kill -INT $BROKER; wait $BROKER; rm -rf "$DIR"' EXIT
for _ in $(seq 50); do grep -q '^  kafka ' "$DIR/out" && break; sleep 0.1; done
ADDRESS=$(awk '$1 == "kafka" { print $2 }' "$DIR/out")
[ -n "$ADDRESS" ] || { echo "the broker did not start:"; cat "$DIR/err"; exit 1; }
"$HERE/kafka_roundtrip/roundtrip.sh" "$ADDRESS" "${run[@]}" | tee "$DIR/lines"
if grep '^FAIL' "$DIR/lines" | grep -qv ' transactions '; then exit 1; fi
echo "all but transactions passed"
