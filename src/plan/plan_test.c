// plan_test.c -- whole queries down to stages: where conditions go, what is read, where plans are
// cut.
#include "base/test.h"
#include "plan/explain.h"
#include "plan/fixture_in.h"

enum { BATCH = -1 };

static Status planned(Session *s, Arena *a, Str sql, int32_t mode, Plan **p)
{
    Rel *r;
    TRY(parse_query(&r, a, sql));
    return mode == BATCH ? plan_batch(s, a, r, p) : plan_stream(s, a, r, (Mode)mode, p);
}

static Str physical(Session *s, Arena *a, Str sql, int32_t mode)
{
    Plan *p;
    if (planned(s, a, sql, mode, &p).code) return str_copy(a, str_z(fail_text()));
    Buf b = buf_new(a);
    plan_print(&b, p);
    return buf_str(&b);
}

typedef struct PlanRow {
    Str sql;
    int32_t mode; // or BATCH
    Str want;
} PlanRow;

static void check_plans(Arena *a, const PlanRow *row, int64_t n)
{
    Session *s = fixture_session(a);
    for (int64_t i = 0; i < n; i++) CHECK_STR(physical(s, a, row[i].sql, row[i].mode), row[i].want);
}

static const PlanRow plan_pushdown_rows[] = {
    {STR_INIT("SELECT k FROM x WHERE v > 1"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k, v]\n"
              "   Filter (input[2] > 1)\n"
              "   Project [input[1]]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT window.start AS s, k, count(*) AS n, avg(d) AS m FROM events WHERE v > 80 "
              "AND ts > TIMESTAMP'2024-01-01' GROUP BY window(ts, '5 minutes'), k"),
     MODE_UPDATE,
     STR_INIT("(0) Stage, lanes reads memory [ts, k, v, d]\n"
              "   Filter (input[2] > 80)\n"
              "   EventTimeWatermark ts, 10000 ms\n"
              "   Filter (input[0] > 2024-01-01 00:00:00)\n"
              "   TimeWindow input[0], 300000000, 300000000, 0\n"
              "   PartialAggregate keys=[input[7].end, input[1]], functions=[count(1), "
              "avg(input[3])], closed by key 0\n"
              "(1) Stage, shards from (0)\n"
              "   FinalAggregate keys=[input[7].end, input[1]], functions=[count(1), "
              "avg(input[3])], closed by key 0\n"
              "   Project [window_start(input[0], 300000000, 0, 1), input[1], input[2], input[3]]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT k FROM events WHERE v > minute(ts) AND d < 1"), MODE_APPEND,
     STR_INIT("(0) Stage, lanes reads memory [ts, k, v, d]\n"
              "   Filter ((input[3] < 1.0) and isnotnull(input[2]))\n"
              "   EventTimeWatermark ts, 10000 ms\n"
              "   Filter (input[2] > minute(input[0]))\n"
              "   Project [input[1]]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT a FROM (SELECT v + 1 AS a, k FROM x) WHERE a > 1 AND k = 'z'"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k, v]\n"
              "   Filter (input[1] = 'z')\n"
              "   Project [(input[2] + 1)]\n"
              "   Filter (input[0] > 1)\n"
              "   to the sink\n")},
    {STR_INIT("SELECT k, n * 2 AS m FROM (SELECT k, count(*) AS n FROM x GROUP BY k) WHERE k > 'a' "
              "AND n > 1"),
     BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k]\n"
              "   Filter (input[1] > 'a')\n"
              "   PartialAggregate keys=[input[1]], functions=[count(1)]\n"
              "(1) Stage, shards from (0)\n"
              "   FinalAggregate keys=[input[1]], functions=[count(1)]\n"
              "   Filter (input[1] > 1)\n"
              "   Project [input[0], (input[1] * 2)]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT k FROM (SELECT k, v FROM x UNION ALL SELECT name, 1 FROM u) WHERE v > 0"),
     BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k, v]\n"
              "   Filter (input[2] > 0)\n"
              "   Project [input[1]]\n"
              "   to the sink\n"
              "(1) Stage, lanes reads memory [name]\n"
              "   Project [input[1]]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT a.k FROM x a JOIN u b ON a.k = b.k AND a.v > 1 WHERE b.name = 'n'"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k, v]\n"
              "   Filter ((input[2] > 1) and isnotnull(input[1]))\n"
              "   Project [input[1]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(1) Stage, lanes reads memory [k, name]\n"
              "   Filter ((input[1] = 'n') and isnotnull(input[0]))\n"
              "   Project [input[0]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(2) Stage, shards from (0), (1) whole\n"
              "   Join left keys=[input[0]], right keys=[input[0]], build right\n"
              "   Project [input[0]]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT a.k FROM x a LEFT JOIN u b ON a.k = b.k AND a.v > 1 AND b.name = 'n' WHERE "
              "a.d > 2"),
     BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k, v, d]\n"
              "   Filter (input[3] > 2.0)\n"
              "   Project [input[1], input[2]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(1) Stage, lanes reads memory [k, name]\n"
              "   Filter ((input[1] = 'n') and isnotnull(input[0]))\n"
              "   Project [input[0]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(2) Stage, shards from (0), (1) whole\n"
              "   Join left keys=[input[0]], right keys=[input[0]], build right, condition "
              "(input[1] > 1)\n"
              "   Project [input[0]]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT k FROM x WHERE 1 = 1 AND (true OR v > 1)"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k]\n"
              "   Project [input[1]]\n"
              "   to the sink\n")},
};

TEST(plan_pushdown) { check_plans(a, plan_pushdown_rows, COUNT(plan_pushdown_rows)); }

static const PlanRow plan_columns_rows[] = {
    {STR_INIT("SELECT j.a FROM (SELECT j, v FROM x) WHERE j.b = 'y'"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [j]\n"
              "   Filter (input[4].b = 'y')\n"
              "   Project [input[4].a]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT s.p, s.p + 1 AS q FROM (SELECT named_struct('p', v, 'r', d) AS s FROM x)"),
     BATCH,
     STR_INIT("(0) Stage, lanes reads memory [v]\n"
              "   Project [input[2], (input[2] + 1)]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT count(*) FROM x"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory []\n"
              "   PartialAggregate keys=[], functions=[count(1)]\n"
              "(1) Stage, one from (0)\n"
              "   FinalAggregate keys=[], functions=[count(1)]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT c FROM (SELECT b + 1 AS c FROM (SELECT v + 1 AS b, d FROM x))"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [v]\n"
              "   Project [((input[2] + 1) + 1)]\n"
              "   to the sink\n")},
};

TEST(plan_columns) { check_plans(a, plan_columns_rows, COUNT(plan_columns_rows)); }

static const PlanRow plan_shapes_rows[] = {
    {STR_INIT("SELECT k, count(*) AS n FROM x GROUP BY k ORDER BY n DESC LIMIT 3"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k]\n"
              "   PartialAggregate keys=[input[1]], functions=[count(1)]\n"
              "(1) Stage, shards from (0)\n"
              "   FinalAggregate keys=[input[1]], functions=[count(1)]\n"
              "   Sort [input[1] DESC NULLS LAST], first 3\n"
              "   Exchange keys=[], 1 shards\n"
              "(2) Stage, one from (1)\n"
              "   Sort [input[1] DESC NULLS LAST], first 3\n"
              "   to the sink\n")},
    {STR_INIT("SELECT k FROM x LIMIT 5 OFFSET 2"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k]\n"
              "   Limit 7 offset 0\n"
              "   Project [input[1]]\n"
              "   Exchange keys=[], 1 shards\n"
              "(1) Stage, one from (0)\n"
              "   Limit 5 offset 2\n"
              "   to the sink\n")},
    {STR_INIT("SELECT e.k, u.name FROM plain e LEFT JOIN u ON e.k = u.k"), MODE_UPDATE,
     STR_INIT("(0) Stage, lanes reads memory [k]\n"
              "   Project [input[1]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(1) Stage, lanes reads memory [k, name]\n"
              "   Filter isnotnull(input[0])\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(2) Stage, shards from (0), (1) whole\n"
              "   Join left keys=[input[0]], right keys=[input[0]], build right\n"
              "   Project [input[0], input[2]]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT u.name FROM u RIGHT JOIN plain e ON e.k = u.k"), MODE_UPDATE,
     STR_INIT("(0) Stage, lanes reads memory [k, name]\n"
              "   Filter isnotnull(input[0])\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(1) Stage, lanes reads memory [k]\n"
              "   Project [input[1]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(2) Stage, shards from (0) whole, (1)\n"
              "   Join left keys=[input[0]], right keys=[input[0]], build left\n"
              "   Project [input[1]]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT count(DISTINCT k), sum(v) FROM x"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k, v]\n"
              "   Expand 2 projections of 3 columns\n"
              "   PartialAggregate keys=[input[1], input[2]], functions=[sum(input[0])]\n"
              "(1) Stage, shards from (0)\n"
              "   FinalAggregate keys=[input[1], input[2]], functions=[sum(input[0])]\n"
              "   PartialAggregate keys=[], functions=[count(input[0]) FILTER (WHERE (input[1] = "
              "1)), first(input[2]) FILTER (WHERE (input[1] = 0))]\n"
              "(2) Stage, one from (1)\n"
              "   FinalAggregate keys=[], functions=[count(input[0]) FILTER (WHERE (input[1] = "
              "1)), first(input[2]) FILTER (WHERE (input[1] = 0))]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT DISTINCT k FROM x"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k]\n"
              "   PartialAggregate keys=[input[1]], functions=[]\n"
              "(1) Stage, shards from (0)\n"
              "   FinalAggregate keys=[input[1]], functions=[]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT k FROM x EXCEPT SELECT k FROM u"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k]\n"
              "   Project [input[1]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(1) Stage, lanes reads memory [k]\n"
              "   Project [input[0]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(2) Stage, shards from (0), (1) whole\n"
              "   Join left keys=[input[0]], right keys=[input[0]], build right\n"
              "   PartialAggregate keys=[input[0]], functions=[]\n"
              "(3) Stage, shards from (2)\n"
              "   FinalAggregate keys=[input[0]], functions=[]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT window, count(*) FROM (SELECT window AS w, count(*) AS c FROM events GROUP "
              "BY window(ts, '5 seconds')) GROUP BY window(w, '10 seconds')"),
     MODE_APPEND,
     STR_INIT("(0) Stage, lanes reads memory [ts]\n"
              "   EventTimeWatermark ts, 10000 ms\n"
              "   TimeWindow input[0], 5000000, 5000000, 0\n"
              "   PartialAggregate keys=[input[7].end], functions=[], closed by key 0\n"
              "(1) Stage, shards from (0)\n"
              "   FinalAggregate keys=[input[7].end], functions=[], closed by key 0\n"
              "   TimeWindow time_sub(input[0], INTERVAL '0 00:00:00.000001' DAY TO SECOND), "
              "10000000, 10000000, 0\n"
              "   PartialAggregate keys=[input[1].end], functions=[count(1)], closed by key 0\n"
              "(2) Stage, shards from (1)\n"
              "   FinalAggregate keys=[input[1].end], functions=[count(1)], closed by key 0\n"
              "   Project [named_struct('start', window_start(input[0], 10000000, 0, 1), 'end', "
              "input[0]), input[1]]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT 1 AS a"), BATCH,
     STR_INIT("(0) Stage, one of 1 local batches\n"
              "   Project [1]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT id FROM range(3) WHERE id > 0"), BATCH,
     STR_INIT("(0) Stage, one of 1 local batches\n"
              "   Filter (input[0] > 0)\n"
              "   to the sink\n")},
    {STR_INIT("VALUES (1), (2)"), BATCH,
     STR_INIT("(0) Stage, one of 1 local batches\n"
              "   to the sink\n")},
    {STR_INIT("SELECT k, t FROM x LATERAL VIEW explode(tags) e AS t"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k, tags]\n"
              "   Generate input[5]\n"
              "   Project [input[1], input[7]]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT k FROM x WHERE k IN (SELECT k FROM u) AND v > (SELECT min(v) FROM x)"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k, v]\n"
              "   Filter isnotnull(input[1])\n"
              "   Project [input[1], input[2]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(1) Stage, lanes reads memory [k]\n"
              "   Filter isnotnull(input[0])\n"
              "   Project [input[0]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(2) Stage, shards from (0), (1) whole\n"
              "   Join left keys=[input[0]], right keys=[input[0]], build right\n"
              "   Exchange keys=[], 1 shards\n"
              "(3) Stage, lanes reads memory [v]\n"
              "   PartialAggregate keys=[], functions=[min(input[2])]\n"
              "(4) Stage, one from (3)\n"
              "   FinalAggregate keys=[], functions=[min(input[2])]\n"
              "   Exchange keys=[], 1 shards\n"
              "(5) Stage, one from (2), (4) whole\n"
              "   Join left keys=[], right keys=[], build right\n"
              "   Filter (input[1] > input[2])\n"
              "   Project [input[0]]\n"
              "   to the sink\n")},
};

TEST(plan_shapes) { check_plans(a, plan_shapes_rows, COUNT(plan_shapes_rows)); }

static const PlanRow plan_subqueries_rows[] = {
    {STR_INIT("SELECT k FROM u WHERE EXISTS (SELECT 1 FROM x WHERE x.k = u.k AND x.v > 1)"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k]\n"
              "   Filter isnotnull(input[0])\n"
              "   Project [input[0]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(1) Stage, lanes reads memory [k, v]\n"
              "   Filter (isnotnull(input[1]) and (input[2] > 1))\n"
              "   Project [input[1]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(2) Stage, shards from (0), (1) whole\n"
              "   Join left keys=[input[0]], right keys=[input[0]], build right\n"
              "   to the sink\n")},
    {STR_INIT("SELECT k FROM u WHERE k NOT IN (SELECT k FROM x)"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k]\n"
              "   Project [input[0]]\n"
              "   Exchange keys=[], 1 shards\n"
              "(1) Stage, lanes reads memory [k]\n"
              "   Project [input[1]]\n"
              "   Exchange keys=[], 1 shards\n"
              "(2) Stage, one from (0), (1) whole\n"
              "   Join left keys=[], right keys=[], build right, condition ((input[0] = input[1]) "
              "or isnull((input[0] = input[1])))\n"
              "   to the sink\n")},
    {STR_INIT("SELECT k, (SELECT count(*) FROM x WHERE x.k = u.k) AS n FROM u"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k]\n"
              "   Project [input[0]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(1) Stage, lanes reads memory [k]\n"
              "   Filter isnotnull(input[1])\n"
              "   PartialAggregate keys=[input[1]], functions=[count(1)]\n"
              "(2) Stage, shards from (1)\n"
              "   FinalAggregate keys=[input[1]], functions=[count(1)]\n"
              "   Project [input[1], input[0], true]\n"
              "   Exchange keys=[input[1]], 16 shards\n"
              "(3) Stage, shards from (0), (2) whole\n"
              "   Join left keys=[input[0]], right keys=[input[1]], build right\n"
              "   Project [input[0], if(input[3], input[1], 0)]\n"
              "   to the sink\n")},
    {STR_INIT("SELECT u.k, l.v FROM u, LATERAL (SELECT v FROM x WHERE x.k = u.k) l"), BATCH,
     STR_INIT("(0) Stage, lanes reads memory [k]\n"
              "   Filter isnotnull(input[0])\n"
              "   Project [input[0]]\n"
              "   Exchange keys=[input[0]], 16 shards\n"
              "(1) Stage, lanes reads memory [k, v]\n"
              "   Filter isnotnull(input[1])\n"
              "   Project [input[2], input[1]]\n"
              "   Exchange keys=[input[1]], 16 shards\n"
              "(2) Stage, shards from (0), (1) whole\n"
              "   Join left keys=[input[0]], right keys=[input[1]], build right\n"
              "   Project [input[0], input[1]]\n"
              "   to the sink\n")},
};

TEST(plan_subqueries) { check_plans(a, plan_subqueries_rows, COUNT(plan_subqueries_rows)); }

TEST(plan_streams)
{
    Session *s = fixture_session(a);
    Plan *p;
    // One view read twice is one source; two watermark nodes, for each reading has its own.
    CHECK_OK(
        planned(s, a, S("SELECT ts FROM events UNION ALL SELECT ts FROM events"), MODE_UPDATE, &p));
    CHECK_I64(p->nsources, 1);
    CHECK_I64(p->nwatermarks, 2);
    CHECK(p->stage[0].read == p->source[0] && p->stage[1].read == p->source[0]);
    CHECK(p->watermark[0].node != p->watermark[1].node);
    // A watermark above a union observes in both branches.
    CHECK_OK(planned(s, a,
                     S("SELECT ts FROM (SELECT ts FROM plain UNION ALL SELECT ts FROM plain) "
                       "WATERMARK ts DELAY OF INTERVAL 1 SECOND"),
                     MODE_UPDATE, &p));
    CHECK_I64(p->nwatermarks, 2);
    CHECK_I64(p->watermark[0].node, p->watermark[1].node);
    CHECK_I64(p->watermark[0].delay, 1000000);
    // State of an aggregation: keys, buffers, whether a watermark reaches it.
    CHECK_OK(planned(s, a, S("SELECT k, count(*) FROM plain GROUP BY k"), MODE_UPDATE, &p));
    const OpSpec *op = &p->stage[1].op[0];
    CHECK(op->stateful && !op->watermark_in);
    CHECK_I64(op->table.nkeys, 1);
    CHECK_I64(op->table.time_key, -1);
    CHECK_OK(planned(
        s, a, S("SELECT count(*) FROM events GROUP BY k, window(ts, '10 seconds', '5 seconds')"),
        MODE_UPDATE, &p));
    op = &p->stage[1].op[0];
    CHECK(op->stateful && op->watermark_in);
    CHECK_I64(op->table.time_key, 1);
    CHECK_I64(op->table.slice, 5000000);
}

TEST(plan_notices)
{
    Session *s = fixture_session(a);
    Buf notes = buf_new(a);
    s->notices = &notes;
    Plan *p;
    CHECK_OK(planned(s, a, S("SELECT /*+ BROADCAST(u) */ k FROM u"), BATCH, &p));
    CHECK(str_find(buf_str(&notes), S("BROADCAST")) >= 0);
    buf_clear(&notes);
    CHECK_FAILS(planned(s, a, S("SELECT sum(DISTINCT v) FROM plain"), MODE_UPDATE, &p),
                ERR_INVALID);
}

TEST(plan_explain)
{
    Session *s = fixture_session(a);
    Rel *r;
    CHECK_OK(parse_query(&r, a, S("SELECT k, count(*) AS n FROM u GROUP BY k")));
    Rel *parsed = rel_copy(a, r);
    Plan *p;
    CHECK_OK(plan_batch(s, a, r, &p));
    Buf b = buf_new(a);
    explain(&b, parsed, p, true);
    static const char *const has[] = {
        "== Parsed Logical Plan ==\nAggregate ['k], ['k, count(*) AS n]\n+- UnresolvedRelation [u]",
        "== Analyzed Logical Plan ==\nk: string, n: bigint\nAggregate [k#",
        "+- SubqueryAlias u\n   +- Relation memory[",
        "== Optimized Logical Plan ==\nAggregate [k#",
        "== Physical Plan ==\n(0) Stage, lanes reads memory [k]\n",
    };
    for (int64_t i = 0; i < COUNT(has); i++) CHECK(str_find(buf_str(&b), str_z(has[i])) >= 0);
}
