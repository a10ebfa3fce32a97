#!/bin/sh
# Can kill.py fail? In a copy of the tree a commit no longer looks whether its epoch is in the table already: rows are
# then doubled by a kill between commit and mark, and kill.py must say so.
cd "$(dirname "$0")/../.." || exit 2
copy=build/planted
mkdir -p "$copy" && cp -pr Makefile src "$copy/" || exit 2
patch -s -d "$copy" -p1 < test/faults/no_receipt_check.patch || { echo "planted: the patch no longer fits"; exit 2; }
make -s -j2 -C "$copy" build/debug/kappa || exit 2
KAPPA=$copy/build/debug/kappa test/faults/kill.py 40 > "$copy/out"; code=$?
cat "$copy/out"
if [ "$code" != 1 ] || ! grep -q 'rows doubled' "$copy/out"; then echo "planted: the doubled rows were not found"; exit 1; fi
rm -rf "$(sed -n 's/.*the data folder is \(.*\)\/run[0-9]*$/\1/p' "$copy/out")"
echo "planted: without the look for the epoch's receipt kill.py finds doubled rows, as it must"
