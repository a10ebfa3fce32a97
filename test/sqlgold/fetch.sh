#!/bin/sh
# Prints where the jar with Spark's SQL golden files lies; the Maven registry is asked for it when it is missing.
V=4.1.1 PEERS=${KAPPA_PEERS:-$HOME/.cache/kappa-peers}
JAR=$PEERS/spark-sql_2.13-$V-tests.jar
[ -s "$JAR" ] || {
    mkdir -p "$PEERS"
    curl -sSfL -o "$JAR.part" "https://repo1.maven.org/maven2/org/apache/spark/spark-sql_2.13/$V/spark-sql_2.13-$V-tests.jar" && mv "$JAR.part" "$JAR"
} || exit 1
echo "$JAR"
