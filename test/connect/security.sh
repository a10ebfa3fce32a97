#!/usr/bin/env bash
# TLS and tokens of the Spark Connect door, with the real client and a certificate made here.
# Variables as in run.sh.
set -euo pipefail
cd "$(dirname "$0")/../.."
KAPPA=${KAPPA:-build/debug/kappa}
test/peers/pyspark_client.sh install || { echo "SKIP: the client of PySpark cannot be installed here"; exit 0; }
WORK=$(mktemp -d)
server=
end() { [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; server=; }
trap 'end; rm -rf "$WORK"' EXIT
refused() { # what it says, then the options
  local says=$1; shift
  if timeout 20 "$KAPPA" serve --data "$WORK/no" --kafka 127.0.0.1:0 "$@" >"$WORK/out" 2>&1; then echo "FAIL: it serves with $*"; exit 1; fi
  grep -q -- "$says" "$WORK/out" || { echo "FAIL: $*: no word of '$says'"; cat "$WORK/out"; exit 1; }
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=kappa \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>/dev/null
echo "s3cret+/=" >"$WORK/token"
TLS="--tls-cert $WORK/cert.pem --tls-key $WORK/key.pem"
refused "token-file" --connect 0.0.0.0:0
refused "tls-cert" --connect 0.0.0.0:0 --token-file "$WORK/token"
# shellcheck disable=SC2086
refused "token-file" --connect 0.0.0.0:0 $TLS
refused "no private key" --connect 127.0.0.1:0 --tls-cert "$WORK/cert.pem"
refused "no certificate" --connect 127.0.0.1:0 --tls-cert "$WORK/token"
: >"$WORK/empty"
refused "one line" --connect 127.0.0.1:0 --token-file "$WORK/empty"

# shellcheck disable=SC2086
"$KAPPA" serve --data "$WORK/data" --kafka 127.0.0.1:0 --connect 0.0.0.0:0 --token-file "$WORK/token" $TLS >"$WORK/out" 2>"$WORK/err" &
server=$!
for _ in $(seq 100); do grep -q '^Next' "$WORK/out" && break; sleep 0.1; done
CHECK_PORT=$(sed -n 's/.*sc:\/\/[0-9.]*:\([0-9]*\).*use_ssl.*/\1/p' "$WORK/out" | head -1)
export CHECK_PORT CHECK_TOKEN='s3cret+/=' PYTHONPATH=$PWD/test/connect
export GRPC_DEFAULT_SSL_ROOTS_FILE_PATH=$WORK/cert.pem CHECK_DATA=$WORK GRPC_VERBOSITY=NONE
timeout 120 test/peers/pyspark_client.sh run test/connect/security.py
bad=0
grep -q 'disconnected: TLS' "$WORK/err" || { echo "FAIL: no line about a broken handshake"; bad=1; }
grep -q "$CHECK_TOKEN" "$WORK/err" "$WORK/out" && { echo "FAIL: the token was printed"; bad=1; }
[ $bad = 0 ] || cat "$WORK/err"
end
# A door without a certificate says why a client of TLS does not come in.
"$KAPPA" serve --data "$WORK/data" --kafka 127.0.0.1:0 --connect 127.0.0.1:0 >"$WORK/out" 2>"$WORK/err" &
server=$!
for _ in $(seq 100); do grep -q '^Next' "$WORK/out" && break; sleep 0.1; done
port=$(sed -n 's/.*sc:\/\/[0-9.]*:\([0-9]*\).*/\1/p' "$WORK/out" | head -1)
openssl s_client -connect "127.0.0.1:$port" </dev/null >/dev/null 2>&1 || true
grep -q 'it speaks TLS' "$WORK/err" || { echo "FAIL: no line about TLS at a plain door"; cat "$WORK/err"; bad=1; }
exit $bad
