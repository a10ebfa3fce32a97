#include "base/test.h"
#include "op/due.h"

static int64_t sum_of(TableRows rows)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < rows.n; i++) sum += *(const int64_t *)(const void *)rows.payload[i];
    return sum;
}
TEST(due_takes_what_has_come)
{
    Due *d = due_new(a);
    int64_t *v = NEW(a, int64_t, 20000), left = 0, taken = 0;
    for (int64_t i = 0; i < 20000; i++) {
        v[i] = i * 7919 % 20000; // each once, in no order: more than there are buckets
        left += v[i];
        due_put(d, (v[i] - 10000) * 3000, (char *)&v[i]);
    }
    for (Micros upto = -40000000; upto < 40000000; upto += 1999999) {
        TableRows rows = due_take(d, upto, a);
        for (int64_t i = 0; i < rows.n; i++) {
            int64_t time = (*(const int64_t *)(const void *)rows.payload[i] - 10000) * 3000;
            CHECK(time <= upto);
        }
        taken += rows.n;
        left -= sum_of(rows);
        CHECK_I64(due_take(d, upto, a).n, 0);
    }
    CHECK_I64(taken, 20000);
    CHECK_I64(left, 0);
}
TEST(due_at_the_ends_of_time)
{
    Due *d = due_new(a);
    int64_t v[3] = {1, 10, 100};
    due_put(d, INT64_MAX, (char *)&v[0]);
    due_put(d, INT64_MIN, (char *)&v[1]);
    due_put(d, 0, (char *)&v[2]);
    CHECK_I64(sum_of(due_take(d, INT64_MIN, a)), 10);
    CHECK_I64(sum_of(due_take(d, -1, a)), 0);
    CHECK_I64(sum_of(due_take(d, 0, a)), 100);
    CHECK_I64(sum_of(due_take(d, INT64_MAX - 1, a)), 0);
    CHECK_I64(sum_of(due_take(d, INT64_MAX, a)), 1);
}
