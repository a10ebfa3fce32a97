// user_test.c -- where calls of users' functions end up in a plan, and what is refused. The numbers
// behind a call are of its function's code.
#include "base/test.h"
#include "op/user.h"
#include "plan/explain.h"
#include "plan/fixture_in.h"

static Session *session_with_functions(Arena *a)
{
    Session *s = fixture_session(a);
    static const struct {
        Str name, code;
        const Type *type;
        bool varies;
    } rows[] = {
        {STR_INIT("f"), STR_INIT("1"), &type_int, false},
        {STR_INIT("g"), STR_INIT("2"), &type_int, false},
        {STR_INIT("is"), STR_INIT("3"), &type_boolean, false},
        {STR_INIT("dice"), STR_INIT("4"), &type_int, true},
    };
    for (int64_t i = 0; i < COUNT(rows); i++) {
        UserFn *f = NEW(a, UserFn, 1);
        *f = (UserFn){.name = rows[i].name,
                      .code = rows[i].code,
                      .type = rows[i].type,
                      .deterministic = !rows[i].varies};
        map_set(&s->functions, f->name, f);
    }
    s->users = NEW(a, UserHost, 1); // nothing runs here
    return s;
}
// The physical plan without the numbers of the functions.
static Str plan_of(Session *s, Arena *a, Str sql)
{
    Rel *r;
    Plan *p = NULL;
    Buf text = buf_new(a), b = buf_new(a);
    if (parse_query(&r, a, sql).code || plan_batch(s, a, r, &p).code) return str_z(fail_text());
    plan_print(&text, p);
    for (int64_t i = 0; i < text.n; i++) {
        bool number = text.p[i] == '#' && i && text.p[i - 1] == ')';
        for (; number && text.p[i + 1] >= '0' && text.p[i + 1] <= '9'; i++)
            ;
        if (!number) buf_char(&b, text.p[i]);
    }
    return buf_str(&b);
}

typedef struct PlanRow {
    Str sql, want;
} PlanRow;
static const PlanRow plan_rows[] = {
    {STR_INIT("SELECT f(v), f(v) + 1 AS b, F(v + 1) AS c FROM x"),
     STR_INIT(
         "*(1) Project [pythonUDF0#7 AS f(v), (pythonUDF0#7 + 1) AS b#1, pythonUDF1#8 AS c#2]\n"
         "+- *(1) BatchEvalPython [f(v#2), f((v#2 + 1))], [pythonUDF0#7, pythonUDF1#8]\n"
         "   +- *(1) BatchScan memory [v#2]\n")},
    {STR_INIT("SELECT f(g(v)) AS a, g(v) AS b FROM x"),
     STR_INIT("*(1) Project [pythonUDF0#7 AS a#0, pythonUDF1#8 AS b#1]\n"
              "+- *(1) BatchEvalPython [f(g(v#2)), g(v#2)], [pythonUDF0#7, pythonUDF1#8]\n"
              "   +- *(1) BatchScan memory [v#2]\n")},
    {STR_INIT("SELECT f(g(v), k => k) AS a FROM x"),
     STR_INIT("*(1) Project [pythonUDF0#8 AS a#0]\n"
              "+- *(1) BatchEvalPython [f(pythonUDF0#7, k => k#1)], [pythonUDF0#8]\n"
              "   +- *(1) BatchEvalPython [g(v#2)], [pythonUDF0#7]\n"
              "      +- *(1) BatchScan memory [k#1, v#2]\n")},
    {STR_INIT("SELECT dice() + dice() AS a FROM x"),
     STR_INIT("*(1) Project [(pythonUDF0#7 + pythonUDF1#8) AS a#0]\n"
              "+- *(1) BatchEvalPython [dice(), dice()], [pythonUDF0#7, pythonUDF1#8]\n"
              "   +- *(1) BatchScan memory []\n")},
    {STR_INIT("SELECT k FROM x WHERE is(v) AND v > 1 AND f(v) < 3"),
     STR_INIT("*(1) Project [k#1]\n"
              "+- *(1) Filter (pythonUDF0#7 and (pythonUDF1#8 < 3))\n"
              "   +- *(1) BatchEvalPython [is(v#2), f(v#2)], [pythonUDF0#7, pythonUDF1#8]\n"
              "      +- *(1) Filter (v#2 > 1)\n"
              "         +- *(1) BatchScan memory [k#1, v#2]\n")},
    {STR_INIT("SELECT f(k) AS fk, g(sum(f(v))) AS s FROM x GROUP BY f(k)"),
     STR_INIT("*(2) Project [pythonUDF0#0 AS fk#0, pythonUDF0#2 AS s#1]\n"
              "+- *(2) BatchEvalPython [g(sum(f(v)))], [pythonUDF0#2]\n"
              "   +- *(2) HashAggregate(keys=[pythonUDF0#0], functions=[sum(pythonUDF1#8)])\n"
              "      +- Exchange hashpartitioning(pythonUDF0#0, 16)\n"
              "         +- *(1) HashAggregate(keys=[pythonUDF0#7], "
              "functions=[partial_sum(pythonUDF1#8)])\n"
              "            +- *(1) BatchEvalPython [f(k#1), f(v#2)], [pythonUDF0#7, pythonUDF1#8]\n"
              "               +- *(1) BatchScan memory [k#1, v#2]\n")},
    {STR_INIT("SELECT x.v FROM x JOIN u ON is(x.v, u.k)"),
     STR_INIT("*(3) Project [v#0]\n"
              "+- *(3) Filter pythonUDF0#2\n"
              "   +- *(3) BatchEvalPython [is(v#0, k#1)], [pythonUDF0#2]\n"
              "      +- *(3) NestedLoopJoin Inner, BuildRight\n"
              "         :- Exchange SinglePartition\n"
              "         :  +- *(1) Project [v#2]\n"
              "         :     +- *(1) BatchScan memory [v#2]\n"
              "         +- Exchange SinglePartition\n"
              "            +- *(2) Project [k#0]\n"
              "               +- *(2) BatchScan memory [k#0]\n")},
    {STR_INIT("SELECT x.v FROM x LEFT SEMI JOIN u ON f(x.v) = g(u.k)"),
     STR_INIT("*(3) Project [v#0]\n"
              "+- *(3) ShuffledHashJoin [pythonUDF0#1], [pythonUDF0#1], LeftSemi, BuildRight\n"
              "   :- Exchange hashpartitioning(pythonUDF0#1, 16)\n"
              "   :  +- *(1) Project [v#2, pythonUDF0#7]\n"
              "   :     +- *(1) BatchEvalPython [f(v#2)], [pythonUDF0#7]\n"
              "   :        +- *(1) BatchScan memory [v#2]\n"
              "   +- Exchange hashpartitioning(pythonUDF0#1, 16)\n"
              "      +- *(2) Project [k#0, pythonUDF0#2]\n"
              "         +- *(2) BatchEvalPython [g(k#0)], [pythonUDF0#2]\n"
              "            +- *(2) BatchScan memory [k#0]\n")},
    {STR_INIT("SELECT v FROM x ORDER BY f(v) LIMIT 3"),
     STR_INIT("*(2) Project [v#0]\n"
              "+- *(2) GlobalLimit 3\n"
              "   +- *(2) Sort [pythonUDF0#1 ASC NULLS FIRST]\n"
              "      +- Exchange SinglePartition\n"
              "         +- *(1) Project [v#2, pythonUDF0#7]\n"
              "            +- *(1) BatchEvalPython [f(v#2)], [pythonUDF0#7]\n"
              "               +- *(1) BatchScan memory [v#2]\n")},
    {STR_INIT("SELECT CASE WHEN v > 0 THEN f(v) END AS a FROM x"),
     STR_INIT("*(1) Project [when((v#2 > 0), pythonUDF0#7) AS a#0]\n"
              "+- *(1) BatchEvalPython [f(v#2)], [pythonUDF0#7]\n"
              "   +- *(1) BatchScan memory [v#2]\n")},
};
TEST(user_calls_go_below)
{
    for (int64_t i = 0; i < COUNT(plan_rows); i++)
        CHECK_STR(plan_of(session_with_functions(a), a, plan_rows[i].sql), plan_rows[i].want);
}
TEST(user_calls_refused)
{
    static const struct {
        Str sql, condition;
    } rows[] = {
        {STR_INIT("SELECT x.v FROM x LEFT JOIN u ON is(x.v, u.k)"),
         STR_INIT("UNSUPPORTED_FEATURE.PYTHON_UDF_IN_ON_CLAUSE")},
        {STR_INIT("SELECT x.v FROM x LEFT ANTI JOIN u ON is(x.v, u.k)"),
         STR_INIT("UNSUPPORTED_FEATURE.PYTHON_UDF_IN_ON_CLAUSE")},
        {STR_INIT("SELECT transform(array(v), y -> f(y)) FROM x"),
         STR_INIT("UNSUPPORTED_FEATURE.LAMBDA_FUNCTION_WITH_PYTHON_UDF")},
        {STR_INIT("SELECT f(a => v, k) FROM x"), STR_INIT("UNEXPECTED_POSITIONAL_ARGUMENT")},
        {STR_INIT("SELECT f(a => v, a => k) FROM x"),
         STR_INIT("DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT.DOUBLE_NAMED_ARGUMENT_REFERENCE")},
        {STR_INIT("SELECT f(DISTINCT v) FROM x"),
         STR_INIT("INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX")},
        {STR_INIT("SELECT f(v) OVER () FROM x"), STR_INIT("UNSUPPORTED_EXPR_FOR_WINDOW")},
        {STR_INIT("SELECT f(v), count(*) FROM x"), STR_INIT("MISSING_GROUP_BY")},
        {STR_INIT("SELECT f(v), k FROM x GROUP BY k"), STR_INIT("MISSING_AGGREGATION")},
        {STR_INIT("SELECT sum(dice()) FROM x"),
         STR_INIT("AGGREGATE_FUNCTION_WITH_NONDETERMINISTIC_EXPRESSION")},
        {STR_INIT("SELECT 1 LIMIT f(1)"), STR_INIT("INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE")},
        {STR_INIT("SELECT * FROM VALUES (f(1))"),
         STR_INIT("INVALID_INLINE_TABLE.CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE")},
        {STR_INIT("SELECT nope(v) FROM x"), STR_INIT("UNRESOLVED_ROUTINE")},
    };
    for (int64_t i = 0; i < COUNT(rows); i++) {
        Str text = plan_of(session_with_functions(a), a, rows[i].sql);
        Str head = str_fmt(a, "[" STR_FMT "]", STR_ARG(rows[i].condition));
        CHECK_STR(str_sub(text, 0, MIN(text.n, head.n)), head);
    }
}
TEST(user_calls_where_nobody_runs_them)
{
    Session *s = session_with_functions(a);
    s->users = NULL;
    CHECK(str_starts(plan_of(s, a, S("SELECT f(v) FROM x")), S("[UNSUPPORTED_FEATURE]")));
}
