// statement_random_test.c -- queries that test/sqlgold/fuzz.py found to differ: rows and conditions
// are those of Spark 4.1.1.
#include "base/test.h"
#include "os/clock.h"
#include "run/answer_test.h"

static const struct {
    const char *text;
    Str want;
} rows[] = {
    // a comma binds as JOIN does: what stands before it is the left of the joins after it
    {"SELECT count(*) FROM u a, u b NATURAL JOIN u c", STR_INIT("|9")},
    {"SELECT u.k, v.k FROM w, u JOIN v ON w.k < v.k AND u.k = 1", STR_INIT("|1,2")},
    // USING takes the first column of that name, and hides no other
    {"SELECT * FROM u LEFT JOIN v ON u.k + 1 = v.k JOIN w USING (s)", STR_INIT("|a,1,2,b,1")},
    // t.* begins with what USING hides of t, and what it hides is found last
    {"SELECT x.* FROM u FULL JOIN w x USING (s) WHERE x.k = 1", STR_INIT("|a,1")},
    {"SELECT x.* FROM u LEFT JOIN w x USING (s, k) WHERE s = 'a'", STR_INIT("|a,1")},
    {"SELECT (k, s) = (1, 'a') FROM v", STR_INIT("|false")},
    {"SELECT w.k FROM w ANTI JOIN v USING (k) JOIN u AS w USING (k, s)", STR_INIT("|1")},
    {"SELECT * FROM u JOIN v ON NULL", STR_INIT("JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE")},
    {"SELECT max(1) OVER (PARTITION BY map(1, k)) FROM u",
     STR_INIT("EXPRESSION_TYPE_IS_NOT_ORDERABLE")},
    {"SELECT (k, s) IN ((1, upper(s)), (k + 1, s), (2, 'b')) FROM u",
     STR_INIT("|false|true|false")},
    {"SELECT round(-0.4D), bround(-0.0D), interval '2:30' hour to minute + CAST(1.10 AS interval "
     "day to minute) = interval '02:31:06' hour to second",
     STR_INIT("|0.0,0.0,true")},
    {"SELECT * FROM u JOIN v USING (z)", STR_INIT("UNRESOLVED_USING_COLUMN_FOR_JOIN")},
    {"VALUES (1 / 0)", STR_INIT("INVALID_INLINE_TABLE.FAILED_SQL_EXPRESSION_EVALUATION")},
    {"VALUES (nullif(1, 2))",
     STR_INIT("INVALID_INLINE_TABLE.CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE")},
    {"VALUES (1 BETWEEN 0 AND 2)",
     STR_INIT("INVALID_INLINE_TABLE.CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE")},
    {"VALUES (transform(array(1), x -> x))",
     STR_INIT("INVALID_INLINE_TABLE.CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE")},
    {"VALUES (NULL) EXCEPT ALL VALUES (map(1, 2))",
     STR_INIT("UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE")},
    {"SELECT map(1, 2) INTERSECT VALUES ('')", STR_INIT("INCOMPATIBLE_COLUMN_TYPE")},
    {"SELECT interval 1 day div interval 5 hours, interval '1-2' year to month div interval 5 "
     "months, interval 1 day div interval 0 hours IS NULL",
     STR_INIT("DIVIDE_BY_ZERO")},
    {"SELECT interval 1 day div interval 5 hours, interval '1-2' year to month div interval 5 "
     "months",
     STR_INIT("|4,2")},
    {"SELECT * FROM (SELECT x'00' AS p, 1 AS v) PIVOT (sum(v) FOR p IN (x'00', x'ff'))",
     STR_INIT("|1,NULL")},
};

TEST(random_queries_mean_what_spark_means)
{
    Session *s = session_new(a, NULL);
    s->now = clock_now;
    answer_text(a, s,
                S("CREATE TEMPORARY VIEW u AS SELECT * FROM VALUES (1, 'a'), (2, 'b'), (3, 'c') "
                  "t(k, s); CREATE TEMPORARY VIEW v AS SELECT * FROM VALUES (2, 'b') t(k, s); "
                  "CREATE TEMPORARY VIEW w AS SELECT * FROM VALUES (1, 'a') t(k, s)"),
                false);
    for (int64_t i = 0; i < COUNT(rows); i++)
        CHECK_STR(answer_text(a, s, str_z(rows[i].text), false), rows[i].want);
}
