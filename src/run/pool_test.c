// pool_test.c -- every task runs once, and the failure that is reported does not depend on luck.
#include "base/test.h"
#include "os/thread.h"
#include "run/pool.h"

typedef struct Counts {
    Shared64 ran[100];
    int32_t fail_from;
} Counts;

static Status count_task(void *ctx, int32_t i)
{
    Counts *c = ctx;
    shared_add(&c->ran[i], 1);
    if (i >= c->fail_from) return fail(ERR_IO, "task %d", i);
    return DONE;
}
TEST(pool_runs_every_task_once)
{
    for (int32_t workers = 0; workers < 4; workers++) {
        Arena *own = arena_new(a);
        Pool *p = pool_new(own, workers);
        for (int32_t round = 0; round < 50; round++) {
            Counts c = {.fail_from = 1000};
            CHECK_OK(pool_for(p, 100, count_task, &c));
            int64_t total = 0;
            for (int32_t i = 0; i < 100; i++) total += shared_get(&c.ran[i]) == 1;
            CHECK_I64(total, 100);
        }
        CHECK_I64(pool_workers(p), workers);
        arena_free(own);
    }
}
TEST(pool_reports_the_lowest_failure)
{
    Pool *p = pool_new(a, 3);
    for (int32_t from = 0; from < 100; from += 7) {
        Counts c = {.fail_from = from};
        CHECK_FAILS(pool_for(p, 100, count_task, &c), ERR_IO);
        CHECK_STR(str_z(fail_text()), str_fmt(a, "task %d", from));
        for (int32_t i = 0; i <= from; i++) CHECK_I64(shared_get(&c.ran[i]), 1);
    }
    CHECK_OK(pool_for(p, 0, count_task, NULL));
    Counts c = {.fail_from = 3};
    CHECK_FAILS(pool_for(NULL, 100, count_task, &c), ERR_IO);
    CHECK_I64(shared_get(&c.ran[4]), 0);
}
typedef struct Nested {
    Pool *pool;
    Counts *counts;
} Nested;
static Status nested_task(void *ctx, int32_t i)
{
    (void)i;
    Nested *n = ctx;
    return pool_for(n->pool, 10, count_task, n->counts);
}
TEST(pool_takes_a_job_inside_a_job)
{
    Pool *p = pool_new(a, 2);
    Counts c = {.fail_from = 1000};
    CHECK_OK(pool_for(p, 8, nested_task, &(Nested){p, &c}));
    for (int32_t i = 0; i < 10; i++) CHECK_I64(shared_get(&c.ran[i]), 8);
}
