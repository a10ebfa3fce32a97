// fn_random_test.c -- functions of chance: a seed gives what Spark's first partition gives, row
// after row.
#include "expr/facts_in.h"
#include "expr/prog.h"

typedef struct RandomFact {
    const char *sql, *rows[3]; // in order; the first NULL ends them
} RandomFact;
static const RandomFact random_facts[] = {
    {"RAND(0)", {"0.7604953758285915"}},
    {"RAND(null)", {"0.7604953758285915"}},
    {"RANDOM(cast(3 / 7 as int))", {"0.7604953758285915"}},
    {"randn(0)", {"1.6034991609278433"}},
    {"uniform(0, 10, 0)", {"7"}},
    {"uniform(-20L, -10L, -10)", {"-17"}},
    {"uniform(10.0F, 20.0F, 0)", {"17.604954"}},
    {"uniform(10.0D, 20.0D, 0)", {"17.604953758285916"}},
    {"uniform(10, cast(20 as decimal(10, 3)), 0)", {"17.605"}},
    {"uniform(cast(10 as decimal(10, 3)), cast(20 as decimal(11, 4)), 0)", {"17.6050"}},
    {"uniform(0, cast(null as int), 0)", {"NULL"}},
    {"uniform(0, 1, null)", {"0"}},
    {"randstr(10, 0)", {"ceV0PXaR2I", NULL}},
    {"randstr(1, -1)", {"S"}},
    {"randstr(1.0F, 0)", {"c"}},
    {"randstr(null, 0)", {""}},
    {"uuid(1)", {"1ced31d7-59ef-4bbc-aaf6-d506ef49e4d2"}},
    {"shuffle(array(1, 20, 3, 5), 0)", {"[5, 1, 20, 3]"}},
    {"shuffle(array(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 42)", {"[6, 8, 2, 1, 4, 7, 9, 3, 5, 10]"}},
    {"shuffle(array(1, 20, null, 3), 7)",
     {"[1, 20, 3, null]", "[1, 3, null, 20]", "[null, 20, 1, 3]"}},
    {"shuffle(array(1, 2, 3), 9223372036854775807L)", {"[3, 2, 1]"}},
    {"shuffle(cast(null as array<int>), 1)", {"NULL"}},
};
static const Fact refusals[] = {
    {"RAND(1.0)", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", NULL},
    {"RAND('1')", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", NULL},
    {"uniform('abc', 10, 0)", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", NULL},
    {"uniform(1, 10, 0.5)", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", NULL},
    {"uniform(1)", "!WRONG_NUM_ARGS.WITHOUT_SUGGESTION", NULL},
    {"randstr(10, 1.5)", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", NULL},
    {"randstr(RAND())", "!DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", NULL},
    {"uniform(1, RAND())", "!DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", NULL},
    {"RAND(RAND())", "!SEED_EXPRESSION_IS_UNFOLDABLE", NULL},
    {"randstr(-1, 0)", "!INVALID_PARAMETER_VALUE.LENGTH", NULL},
    {"shuffle(array(1, 2), 'a')", "!INVALID_PARAMETER_VALUE.LONG", NULL},
    {"shuffle('a')", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", NULL},
};

static Status random_run(Column *out, Arena *a, const EvalCtx *ctx, Expr *const *e, int32_t n)
{
    Prog *p;
    TRY(prog_compile(&p, a, e, n, ctx));
    return prog_run(p, &(Batch){.rows = 3}, out);
}

TEST(fn_random_facts)
{
    EvalCtx ctx = facts_ctx(a, true, NULL);
    for (int32_t f = 0; f < COUNT(random_facts); f++) {
        Expr *e = NULL;
        Column out;
        CHECK_OK(facts_parse(&e, a, &ctx, str_z(random_facts[f].sql), NULL));
        CHECK(!expr_deterministic(e));
        CHECK_OK(random_run(&out, a, &ctx, &e, 1));
        for (int32_t i = 0; i < 3 && random_facts[f].rows[i]; i++)
            CHECK_STR(facts_text(a, &ctx, &out, i), str_z(random_facts[f].rows[i]));
    }
}

TEST(fn_random_refusals)
{
    EvalCtx ctx = facts_ctx(a, true, NULL);
    for (int32_t f = 0; f < COUNT(refusals); f++) {
        Expr *e = NULL;
        Column out;
        Status s = facts_parse(&e, a, &ctx, str_z(refusals[f].sql), NULL);
        if (s.code == OK) s = random_run(&out, a, &ctx, &e, 1);
        CHECK(s.code == ERR_INVALID);
        CHECK_STR(condition_of(failure()->cond)->name, str_z(refusals[f].answer + 1));
    }
}

// Each call draws for itself, whatever stands around it.
TEST(fn_random_apart)
{
    EvalCtx ctx = facts_ctx(a, true, NULL);
    Expr *e[2];
    Column out[2] = {0};
    for (int32_t i = 0; i < 2; i++)
        CHECK_OK(facts_parse(&e[i], a, &ctx, S("cast(RAND() * 1000000000 as bigint)"), NULL));
    CHECK_OK(random_run(out, a, &ctx, e, 2));
    const int64_t *x = out[0].data, *y = out[1].data;
    CHECK(x && y && x[0] != y[0] && x[0] != x[1]);
}
