# parity.awk -v bar=MODULES parity.spark parity.kappa doc/parity.md: a line a module, the share of the bar, and where list and run disagree
BEGIN { n = split(bar, b, " "); for (i = 1; i <= n; i++) barred[b[i]]; printf "%-38s %9s %9s %7s\n", "module", "on Spark", "on both", "share" }
FILENAME ~ /parity\.spark$/ { spark[$1, $2] = $3; next }
FILENAME ~ /parity\.kappa$/ {
    if (spark[$1, $2] != "PASS") next
    if (!($1 in of)) order[++modules] = $1
    of[$1]++; good[$1] += $3 == "PASS"
    if ($3 != "PASS") fails[$1 " " $2]
    ran[$1 " " $2]
    next
}
/^\| test_/ { rows++; listed[$2 " " $4]; if (($2 " " $4) in ran && !(($2 " " $4) in fails)) { print "passes, but doc/parity.md lists it: " $2 " " $4; bad = 1 } }
END {
    for (i = 1; i <= modules; i++) {
        m = order[i]; all += of[m]; allgood += good[m]
        if (m in barred) { inbar += of[m]; inbargood += good[m] }
        printf "%-38s %9d %9d %6.1f%%\n", m, of[m], good[m], 100 * good[m] / of[m]
    }
    if (inbar) printf "%-38s %9d %9d %6.1f%%\n", "the eight of the bar", inbar, inbargood, 100 * inbargood / inbar
    if (all) printf "%-38s %9d %9d %6.1f%%\n", "all", all, allgood, 100 * allgood / all
    for (t in fails) if (!(t in listed)) { print "fails, and doc/parity.md does not list it: " t; bad = 1 }
    exit bad
}
