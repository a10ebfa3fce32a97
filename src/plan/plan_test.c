// plan_test.c -- whole queries down to stages: where conditions go, what is read, where plans are
// cut.
#include "base/test.h"
#include "fmt/prune.h"
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
     STR_INIT("*(1) Project [k#1]\n"
              "+- *(1) Filter (v#2 > 1)\n"
              "   +- *(1) BatchScan memory [k#1, v#2]\n")},
    {STR_INIT("SELECT window.start AS s, k, count(*) AS n, avg(d) AS m FROM events WHERE v > 80 "
              "AND ts > TIMESTAMP'2024-01-01' GROUP BY window(ts, '5 minutes'), k"),
     MODE_UPDATE,
     STR_INIT("*(2) Project [window_start(end#0, 300000000, 0, 1) AS s#0, k#1, count(1)#2 AS n#2, "
              "avg(d)#3 AS m#3]\n"
              "+- *(2) HashAggregate(keys=[end#0, k#1], functions=[count(1), avg(d#3)])\n"
              "   +- StateStoreSave [end#0, k#1], Update, 16 shards, closed by end#0\n"
              "      +- Exchange hashpartitioning(end#0, k#1, 16)\n"
              "         +- *(1) HashAggregate(keys=[window#7.end, k#1], "
              "functions=[partial_count(1), partial_avg(d#3)])\n"
              "            +- *(1) TimeWindow ts#0, 300000000, 300000000, 0\n"
              "               +- *(1) Filter (ts#0 > 2024-01-01 00:00:00)\n"
              "                  +- *(1) EventTimeWatermark ts#0, 10000 ms\n"
              "                     +- *(1) Filter (v#2 > 80)\n"
              "                        +- *(1) MicroBatchScan memory [ts#0, k#1, v#2, d#3]\n")},
    {STR_INIT("SELECT k FROM events WHERE v > minute(ts) AND d < 1"), MODE_APPEND,
     STR_INIT("*(1) Project [k#1]\n"
              "+- *(1) Filter (v#2 > minute(ts#0))\n"
              "   +- *(1) EventTimeWatermark ts#0, 10000 ms\n"
              "      +- *(1) Filter ((d#3 < 1.0) and isnotnull(v#2))\n"
              "         +- *(1) MicroBatchScan memory [ts#0, k#1, v#2, d#3]\n")},
    {STR_INIT("SELECT a FROM (SELECT v + 1 AS a, k FROM x) WHERE a > 1 AND k = 'z'"), BATCH,
     STR_INIT("*(1) Filter (a#0 > 1)\n"
              "+- *(1) Project [(v#2 + 1) AS a#0]\n"
              "   +- *(1) Filter (k#1 = 'z')\n"
              "      +- *(1) BatchScan memory [k#1, v#2]\n")},
    {STR_INIT("SELECT a, y FROM (SELECT md5(k) AS a, 1 / v AS y, d FROM x) WHERE a > 'b'"), BATCH,
     STR_INIT("*(1) Project [a#1, (1.0 / cast(v#0 as double)) AS y#1]\n"
              "+- *(1) Filter (a#1 > 'b')\n"
              "   +- *(1) Project [v#2, md5(cast(k#1 as binary)) AS a#1]\n"
              "      +- *(1) BatchScan memory [k#1, v#2]\n")},
    {STR_INIT("SELECT k, n * 2 AS m FROM (SELECT k, count(*) AS n FROM x GROUP BY k) WHERE k > 'a' "
              "AND n > 1"),
     BATCH,
     STR_INIT("*(2) Project [k#0, (n#1 * 2) AS m#1]\n"
              "+- *(2) Filter (n#1 > 1)\n"
              "   +- *(2) HashAggregate(keys=[k#0], functions=[count(1)])\n"
              "      +- Exchange hashpartitioning(k#0, 16)\n"
              "         +- *(1) HashAggregate(keys=[k#1], functions=[partial_count(1)])\n"
              "            +- *(1) Filter (k#1 > 'a')\n"
              "               +- *(1) BatchScan memory [k#1]\n")},
    {STR_INIT("SELECT k FROM (SELECT k, v FROM x UNION ALL SELECT name, 1 FROM u) WHERE v > 0"),
     BATCH,
     STR_INIT("Union\n"
              ":- *(1) Project [k#1]\n"
              ":  +- *(1) Filter (v#2 > 0)\n"
              ":     +- *(1) BatchScan memory [k#1, v#2]\n"
              "+- *(2) Project [name#1]\n"
              "   +- *(2) BatchScan memory [name#1]\n")},
    {STR_INIT("SELECT a.k FROM x a JOIN u b ON a.k = b.k AND a.v > 1 WHERE b.name = 'n'"), BATCH,
     STR_INIT("*(3) Project [k#0]\n"
              "+- *(3) ShuffledHashJoin [k#0], [k#0], Inner, BuildRight\n"
              "   :- Exchange hashpartitioning(k#0, 16)\n"
              "   :  +- *(1) Project [k#1]\n"
              "   :     +- *(1) Filter ((v#2 > 1) and isnotnull(k#1))\n"
              "   :        +- *(1) BatchScan memory [k#1, v#2]\n"
              "   +- Exchange hashpartitioning(k#0, 16)\n"
              "      +- *(2) Project [k#0]\n"
              "         +- *(2) Filter ((name#1 = 'n') and isnotnull(k#0))\n"
              "            +- *(2) BatchScan memory [k#0, name#1]\n")},
    {STR_INIT("SELECT a.k FROM x a LEFT JOIN u b ON a.k = b.k AND a.v > 1 AND b.name = 'n' WHERE "
              "a.d > 2"),
     BATCH,
     STR_INIT("*(3) Project [k#0]\n"
              "+- *(3) ShuffledHashJoin [k#0], [k#0], LeftOuter, BuildRight, (v#1 > 1)\n"
              "   :- Exchange hashpartitioning(k#0, 16)\n"
              "   :  +- *(1) Project [k#1, v#2]\n"
              "   :     +- *(1) Filter (d#3 > 2.0)\n"
              "   :        +- *(1) BatchScan memory [k#1, v#2, d#3]\n"
              "   +- Exchange hashpartitioning(k#0, 16)\n"
              "      +- *(2) Project [k#0]\n"
              "         +- *(2) Filter ((name#1 = 'n') and isnotnull(k#0))\n"
              "            +- *(2) BatchScan memory [k#0, name#1]\n")},
    {STR_INIT("SELECT k FROM x WHERE 1 = 1 AND (true OR v > 1)"), BATCH,
     STR_INIT("*(1) Project [k#1]\n"
              "+- *(1) BatchScan memory [k#1]\n")},
};

TEST(plan_pushdown) { check_plans(a, plan_pushdown_rows, COUNT(plan_pushdown_rows)); }

static const PlanRow plan_columns_rows[] = {
    {STR_INIT("SELECT j.a FROM (SELECT j, v FROM x) WHERE j.b = 'y'"), BATCH,
     STR_INIT("*(1) Project [j#4.a AS a#0]\n"
              "+- *(1) Filter (j#4.b = 'y')\n"
              "   +- *(1) BatchScan memory [j#4]\n")},
    {STR_INIT("SELECT s.p, s.p + 1 AS q FROM (SELECT named_struct('p', v, 'r', d) AS s FROM x)"),
     BATCH,
     STR_INIT("*(1) Project [v#2 AS p#0, (v#2 + 1) AS q#1]\n"
              "+- *(1) BatchScan memory [v#2]\n")},
    {STR_INIT("SELECT count(*) FROM x"), BATCH,
     STR_INIT("*(2) HashAggregate(keys=[], functions=[count(1)])\n"
              "+- Exchange SinglePartition\n"
              "   +- *(1) HashAggregate(keys=[], functions=[partial_count(1)])\n"
              "      +- *(1) BatchScan memory []\n")},
    {STR_INIT("SELECT c FROM (SELECT b + 1 AS c FROM (SELECT v + 1 AS b, d FROM x))"), BATCH,
     STR_INIT("*(1) Project [((v#2 + 1) + 1) AS c#0]\n"
              "+- *(1) BatchScan memory [v#2]\n")},
};

TEST(plan_columns) { check_plans(a, plan_columns_rows, COUNT(plan_columns_rows)); }

static const PlanRow plan_shapes_rows[] = {
    {STR_INIT("SELECT k, count(*) AS n FROM x GROUP BY k ORDER BY n DESC LIMIT 3"), BATCH,
     STR_INIT("*(3) TakeOrdered(limit=3, orderBy=[n#1 DESC NULLS LAST])\n"
              "+- Exchange SinglePartition\n"
              "   +- *(2) TakeOrdered(limit=3, orderBy=[n#1 DESC NULLS LAST])\n"
              "      +- *(2) HashAggregate(keys=[k#0], functions=[count(1)])\n"
              "         +- Exchange hashpartitioning(k#0, 16)\n"
              "            +- *(1) HashAggregate(keys=[k#1], functions=[partial_count(1)])\n"
              "               +- *(1) BatchScan memory [k#1]\n")},
    {STR_INIT("SELECT k FROM x LIMIT 5 OFFSET 2"), BATCH,
     STR_INIT("*(2) GlobalLimit 5 OFFSET 2\n"
              "+- Exchange SinglePartition\n"
              "   +- *(1) Project [k#1]\n"
              "      +- *(1) LocalLimit 7\n"
              "         +- *(1) BatchScan memory [k#1]\n")},
    {STR_INIT("SELECT e.k, u.name FROM plain e LEFT JOIN u ON e.k = u.k"), MODE_UPDATE,
     STR_INIT("*(3) Project [k#0, name#2]\n"
              "+- *(3) ShuffledHashJoin [k#0], [k#0], LeftOuter, BuildRight\n"
              "   :- Exchange hashpartitioning(k#0, 16)\n"
              "   :  +- *(1) Project [k#1]\n"
              "   :     +- *(1) MicroBatchScan memory [k#1]\n"
              "   +- Exchange hashpartitioning(k#0, 16)\n"
              "      +- *(2) Filter isnotnull(k#0)\n"
              "         +- *(2) BatchScan memory [k#0, name#1]\n")},
    {STR_INIT("SELECT a.v FROM events a LEFT JOIN events b ON a.k = b.k AND b.ts BETWEEN a.ts AND "
              "a.ts + "
              "INTERVAL 5 SECONDS AND a.v > 1"),
     MODE_APPEND,
     STR_INIT(
         "*(3) Project [v#2]\n"
         "+- *(3) StreamingSymmetricHashJoin [k#1], [k#1], LeftOuter, condition = [ leftOnly = "
         "(v#2 > 1), rightOnly = null, both = ((ts#3 >= ts#0) and (ts#3 <= time_add(ts#0, INTERVAL "
         "'05' SECOND))) ], state cleanup [ left value predicate: (ts#0 <= least(watermark - 5001 "
         "ms, 1000 ms)), right value predicate: (ts#0 <= watermark - 1 ms) ]\n"
         "   :- Exchange hashpartitioning(k#1, 16)\n"
         "   :  +- *(1) Project [ts#0, k#1, v#2]\n"
         "   :     +- *(1) EventTimeWatermark ts#0, 10000 ms\n"
         "   :        +- *(1) MicroBatchScan memory [ts#0, k#1, v#2]\n"
         "   +- Exchange hashpartitioning(k#1, 16)\n"
         "      +- *(2) Project [ts#0, k#1]\n"
         "         +- *(2) Filter isnotnull(ts#0)\n"
         "            +- *(2) EventTimeWatermark ts#0, 10000 ms\n"
         "               +- *(2) Filter isnotnull(k#1)\n"
         "                  +- *(2) MicroBatchScan memory [ts#0, k#1, v#2]\n")},
    {STR_INIT("SELECT a.v FROM events a JOIN plain b ON a.ts = b.ts"), MODE_APPEND,
     STR_INIT("*(3) Project [v#1]\n"
              "+- *(3) StreamingSymmetricHashJoin [ts#0], [ts#0], Inner, condition = [ leftOnly = "
              "null, rightOnly = null, both = null ], state cleanup [ left key predicate: (ts#0 <= "
              "watermark), right key predicate: (ts#0 <= watermark) ]\n"
              "   :- Exchange hashpartitioning(ts#0, 16)\n"
              "   :  +- *(1) Project [ts#0, v#2]\n"
              "   :     +- *(1) Filter isnotnull(ts#0)\n"
              "   :        +- *(1) EventTimeWatermark ts#0, 10000 ms\n"
              "   :           +- *(1) MicroBatchScan memory [ts#0, v#2]\n"
              "   +- Exchange hashpartitioning(ts#0, 16)\n"
              "      +- *(2) Project [ts#0]\n"
              "         +- *(2) Filter isnotnull(ts#0)\n"
              "            +- *(2) MicroBatchScan memory [ts#0]\n")},
    {STR_INIT("SELECT u.name FROM u RIGHT JOIN plain e ON e.k = u.k"), MODE_UPDATE,
     STR_INIT("*(3) Project [name#1]\n"
              "+- *(3) ShuffledHashJoin [k#0], [k#0], RightOuter, BuildLeft\n"
              "   :- Exchange hashpartitioning(k#0, 16)\n"
              "   :  +- *(1) Filter isnotnull(k#0)\n"
              "   :     +- *(1) BatchScan memory [k#0, name#1]\n"
              "   +- Exchange hashpartitioning(k#0, 16)\n"
              "      +- *(2) Project [k#1]\n"
              "         +- *(2) MicroBatchScan memory [k#1]\n")},
    {STR_INIT("SELECT count(DISTINCT k), sum(v) FROM x"), BATCH,
     STR_INIT("*(3) HashAggregate(keys=[], functions=[count(distinct#0) FILTER (WHERE (branch#1 = "
              "1)), first(plain#2) FILTER (WHERE (branch#1 = 0))])\n"
              "+- Exchange SinglePartition\n"
              "   +- *(2) HashAggregate(keys=[], functions=[partial_count(distinct#0) FILTER "
              "(WHERE (branch#1 = 1)), partial_first(plain#2) FILTER (WHERE (branch#1 = 0))])\n"
              "      +- *(2) HashAggregate(keys=[distinct#0, branch#1], functions=[sum(v#0)])\n"
              "         +- Exchange hashpartitioning(distinct#0, branch#1, 16)\n"
              "            +- *(1) HashAggregate(keys=[distinct#1, branch#2], "
              "functions=[partial_sum(v#0)])\n"
              "               +- *(1) Expand [[v#2, null, 0], [null, k#1, 1]], [v#0, distinct#1, "
              "branch#2]\n"
              "                  +- *(1) BatchScan memory [k#1, v#2]\n")},
    {STR_INIT("SELECT DISTINCT k FROM x"), BATCH,
     STR_INIT("*(2) HashAggregate(keys=[k#0], functions=[])\n"
              "+- Exchange hashpartitioning(k#0, 16)\n"
              "   +- *(1) HashAggregate(keys=[k#1], functions=[])\n"
              "      +- *(1) BatchScan memory [k#1]\n")},
    {STR_INIT("SELECT k FROM x EXCEPT SELECT k FROM u"), BATCH,
     STR_INIT("*(4) HashAggregate(keys=[k#0], functions=[])\n"
              "+- Exchange hashpartitioning(k#0, 16)\n"
              "   +- *(3) HashAggregate(keys=[k#0], functions=[])\n"
              "      +- *(3) ShuffledHashJoin [k#0], [k#0], LeftAnti, BuildRight\n"
              "         :- Exchange hashpartitioning(k#0, 16)\n"
              "         :  +- *(1) Project [k#1]\n"
              "         :     +- *(1) BatchScan memory [k#1]\n"
              "         +- Exchange hashpartitioning(k#0, 16)\n"
              "            +- *(2) Project [k#0]\n"
              "               +- *(2) BatchScan memory [k#0]\n")},
    {STR_INIT("SELECT window, count(*) FROM (SELECT window AS w, count(*) AS c FROM events GROUP "
              "BY window(ts, '5 seconds')) GROUP BY window(w, '10 seconds')"),
     MODE_APPEND,
     STR_INIT("*(3) Project [named_struct('start', window_start(end#0, 10000000, 0, 1), 'end', "
              "end#0) AS window#0, count(1)#1]\n"
              "+- *(3) HashAggregate(keys=[end#0], functions=[count(1)])\n"
              "   +- StateStoreSave [end#0], Append, 16 shards, closed by end#0\n"
              "      +- Exchange hashpartitioning(end#0, 16)\n"
              "         +- *(2) HashAggregate(keys=[window#1.end], functions=[partial_count(1)])\n"
              "            +- *(2) TimeWindow time_sub(end#0, INTERVAL '0 00:00:00.000001' DAY TO "
              "SECOND), 10000000, 10000000, 0\n"
              "               +- *(2) HashAggregate(keys=[end#0], functions=[])\n"
              "                  +- StateStoreSave [end#0], Append, 16 shards, closed by end#0\n"
              "                     +- Exchange hashpartitioning(end#0, 16)\n"
              "                        +- *(1) HashAggregate(keys=[window#7.end], functions=[])\n"
              "                           +- *(1) TimeWindow ts#0, 5000000, 5000000, 0\n"
              "                              +- *(1) EventTimeWatermark ts#0, 10000 ms\n"
              "                                 +- *(1) MicroBatchScan memory [ts#0]\n")},
    {STR_INIT("SELECT 1 AS a"), BATCH,
     STR_INIT("*(1) Project [1 AS a#0]\n"
              "+- *(1) LocalTableScan, 1 rows\n")},
    {STR_INIT("SELECT id FROM range(3) WHERE id > 0"), BATCH,
     STR_INIT("*(1) Filter (id#0 > 0)\n"
              "+- *(1) BatchScan range(0, 3, 1) [id#0]\n")},
    {STR_INIT("VALUES (1), (2)"), BATCH, STR_INIT("*(1) LocalTableScan, 2 rows\n")},
    {STR_INIT("SELECT k, t FROM x LATERAL VIEW explode(tags) e AS t"), BATCH,
     STR_INIT("*(1) Project [k#1, t#7]\n"
              "+- *(1) Generate explode(tags#5), false\n"
              "   +- *(1) BatchScan memory [k#1, tags#5]\n")},
    {STR_INIT("SELECT k FROM x WHERE k IN (SELECT k FROM u) AND v > (SELECT min(v) FROM x)"), BATCH,
     STR_INIT("*(6) Project [k#0]\n"
              "+- *(6) NestedLoopJoin Inner, BuildRight, (v#1 > min(v)#2)\n"
              "   :- Exchange SinglePartition\n"
              "   :  +- *(3) ShuffledHashJoin [k#0], [k#0], LeftSemi, BuildRight\n"
              "   :     :- Exchange hashpartitioning(k#0, 16)\n"
              "   :     :  +- *(1) Project [k#1, v#2]\n"
              "   :     :     +- *(1) Filter (isnotnull(v#2) and isnotnull(k#1))\n"
              "   :     :        +- *(1) BatchScan memory [k#1, v#2]\n"
              "   :     +- Exchange hashpartitioning(k#0, 16)\n"
              "   :        +- *(2) Project [k#0]\n"
              "   :           +- *(2) Filter isnotnull(k#0)\n"
              "   :              +- *(2) BatchScan memory [k#0]\n"
              "   +- Exchange SinglePartition\n"
              "      +- *(5) Filter isnotnull(min(v)#0)\n"
              "         +- *(5) HashAggregate(keys=[], functions=[min(v#2)])\n"
              "            +- Exchange SinglePartition\n"
              "               +- *(4) HashAggregate(keys=[], functions=[partial_min(v#2)])\n"
              "                  +- *(4) BatchScan memory [v#2]\n")},
};

TEST(plan_shapes) { check_plans(a, plan_shapes_rows, COUNT(plan_shapes_rows)); }

static const PlanRow plan_subqueries_rows[] = {
    {STR_INIT("SELECT k FROM u WHERE EXISTS (SELECT 1 FROM x WHERE x.k = u.k AND x.v > 1)"), BATCH,
     STR_INIT("*(3) ShuffledHashJoin [k#0], [k#0], LeftSemi, BuildRight\n"
              ":- Exchange hashpartitioning(k#0, 16)\n"
              ":  +- *(1) Project [k#0]\n"
              ":     +- *(1) Filter isnotnull(k#0)\n"
              ":        +- *(1) BatchScan memory [k#0]\n"
              "+- Exchange hashpartitioning(k#0, 16)\n"
              "   +- *(2) Project [k#1]\n"
              "      +- *(2) Filter (isnotnull(k#1) and (v#2 > 1))\n"
              "         +- *(2) BatchScan memory [k#1, v#2]\n")},
    {STR_INIT("SELECT k FROM u WHERE k NOT IN (SELECT k FROM x)"), BATCH,
     STR_INIT("*(3) NestedLoopJoin LeftAnti, BuildRight, ((k#0 = k#1) or isnull((k#0 = k#1)))\n"
              ":- Exchange SinglePartition\n"
              ":  +- *(1) Project [k#0]\n"
              ":     +- *(1) BatchScan memory [k#0]\n"
              "+- Exchange SinglePartition\n"
              "   +- *(2) Project [k#1]\n"
              "      +- *(2) BatchScan memory [k#1]\n")},
    {STR_INIT("SELECT k, (SELECT count(*) FROM x WHERE x.k = u.k) AS n FROM u"), BATCH,
     STR_INIT("*(4) Project [k#0, if(there#3, count(1)#1, 0) AS n#1]\n"
              "+- *(4) ShuffledHashJoin [k#0], [key#1], LeftOuter, BuildRight\n"
              "   :- Exchange hashpartitioning(k#0, 16)\n"
              "   :  +- *(1) Project [k#0]\n"
              "   :     +- *(1) BatchScan memory [k#0]\n"
              "   +- Exchange hashpartitioning(key#1, 16)\n"
              "      +- *(3) Project [count(1)#1, k#0 AS key#1, true AS there#2]\n"
              "         +- *(3) HashAggregate(keys=[k#0], functions=[count(1)])\n"
              "            +- Exchange hashpartitioning(k#0, 16)\n"
              "               +- *(2) HashAggregate(keys=[k#1], functions=[partial_count(1)])\n"
              "                  +- *(2) Filter isnotnull(key#1)\n"
              "                     +- *(2) BatchScan memory [k#1]\n")},
    {STR_INIT("SELECT u.k, l.v FROM u, LATERAL (SELECT v FROM x WHERE x.k = u.k) l"), BATCH,
     STR_INIT("*(3) Project [k#0, v#1]\n"
              "+- *(3) ShuffledHashJoin [k#0], [k#1], Inner, BuildRight\n"
              "   :- Exchange hashpartitioning(k#0, 16)\n"
              "   :  +- *(1) Project [k#0]\n"
              "   :     +- *(1) Filter isnotnull(k#0)\n"
              "   :        +- *(1) BatchScan memory [k#0]\n"
              "   +- Exchange hashpartitioning(k#1, 16)\n"
              "      +- *(2) Project [v#2, k#1]\n"
              "         +- *(2) Filter isnotnull(k#1)\n"
              "            +- *(2) BatchScan memory [k#1, v#2]\n")},
};

TEST(plan_subqueries) { check_plans(a, plan_subqueries_rows, COUNT(plan_subqueries_rows)); }

TEST(plan_streams)
{
    Session *s = fixture_session(a);
    Plan *p = NULL;
    // One view read twice is one source; two watermark nodes, for each reading has its own.
    CHECK_OK(
        planned(s, a, S("SELECT ts FROM events UNION ALL SELECT ts FROM events"), MODE_UPDATE, &p));
    if (!p) return;
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
    CHECK_I64(op->table.slice, 8 * 5000000); // eight windows a row
}

// What a table scan may skip by: column, operator, value.
TEST(plan_prunes)
{
    static const struct {
        const char *where, *want;
    } row[] = {
        {"n > 5 AND 7 >= n", "n>5 n<=7"},
        {"k = 'a' OR n = 1", ""},
        {"k IN ('a', NULL, 'b') AND n IS NOT NULL", "k in(2)a n notnull"},
        {"k LIKE 'ab%c' AND startswith(k, 'x')", "k>=ab k<ac k>=x k<y"},
        {"k LIKE '%a'", ""},
        {"b = 5 AND b < 1000", "b=5"},
        {"n + 1 > 5 AND uuid() > k", ""},
        {"t >= '1970-01-01T00:00:01Z'", "t>=1000000"},
        {"n BETWEEN 2 AND 3 AND d IS NULL", "n>=2 n<=3 d null"},
    };
    static const char *const op[] = {[PRUNE_EQ] = "=",          [PRUNE_LT] = "<",
                                     [PRUNE_LE] = "<=",         [PRUNE_GT] = ">",
                                     [PRUNE_GE] = ">=",         [PRUNE_IN] = " in",
                                     [PRUNE_IS_NULL] = " null", [PRUNE_NOT_NULL] = " notnull"};
    Session *s = fixture_session(a);
    for (int64_t i = 0; i < COUNT(row); i++) {
        Plan *p = NULL;
        CHECK_OK(planned(s, a, str_fmt(a, "SELECT d FROM lake WHERE %s", row[i].where), BATCH, &p));
        if (!p) continue;
        const ReadNode *read = p->stage[0].read;
        Buf b = buf_new(a);
        for (int32_t k = 0; k < read->nprune; k++) {
            const Prune *x = &read->prune[k];
            const Field *f = &read->schema->field[x->column];
            buf_fmt(&b, "%s" STR_FMT "%s", k ? " " : "", STR_ARG(f->name), op[x->op]);
            if (x->op == PRUNE_IN) buf_fmt(&b, "(%d)", x->nvalues);
            if (!x->value) continue;
            if (f->type->id == T_STRING)
                buf_put(&b, x->value->s);
            else
                buf_i64(&b, x->value->i);
        }
        CHECK_STR(buf_str(&b), str_z(row[i].want));
    }
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
    explain(&b, parsed, p, EXPLAIN_EXTENDED);
    static const char *const has[] = {
        "== Parsed Logical Plan ==\nAggregate ['k], ['k, count(*) AS n]\n+- UnresolvedRelation [u]",
        "== Analyzed Logical Plan ==\nk: string, n: bigint\nAggregate [k#",
        "+- SubqueryAlias u\n   +- Relation memory[",
        "== Optimized Logical Plan ==\nAggregate [k#",
        "== Physical Plan ==\n*(2) HashAggregate(keys=[k#0], functions=[count(1)])\n",
    };
    for (int64_t i = 0; i < COUNT(has); i++) CHECK(str_find(buf_str(&b), str_z(has[i])) >= 0);
}

TEST(plan_explain_names_extensions)
{
    Session *s = fixture_session(a);
    static const struct {
        Str sql;
        Mode mode;
        bool extends;
    } rows[] = {
        {STR_INIT("SELECT k, count(DISTINCT v) FROM plain GROUP BY k"), MODE_UPDATE, true},
        {STR_INIT("SELECT k, count(v) FROM plain GROUP BY k"), MODE_UPDATE, false},
    };
    for (int64_t i = 0; i < COUNT(rows); i++) {
        Plan *p = NULL;
        Buf b = buf_new(a);
        CHECK_OK(planned(s, a, rows[i].sql, (int)rows[i].mode, &p));
        must(p);
        explain(&b, p->logical, p, EXPLAIN_SIMPLE);
        CHECK((str_find(buf_str(&b), S("== Extensions ==")) >= 0) == rows[i].extends);
    }
}
