// user_test.c -- the operator with a host of this test: what it is given, what comes back, and what
// becomes of a host that fails, is told to stop or answers something else.
#include "base/test.h"
#include "op/rig_in.h"
#include "op/user.h"

typedef struct Host {
    UserHost host;
    int64_t calls, rows; // seen
    Code code;           // to fail with
    int32_t rows_less;   // to answer wrongly
    const Type *type;
} Host;

// The sum of the arguments, a hundred for each function on the way.
static Status host_run(UserHost *to, Arena *a, const UserCalls *calls, const Batch *in,
                       const Shared64 *stop, Batch *made)
{
    Host *h = CONTAINER(to, Host, host);
    h->calls++;
    h->rows += in->rows;
    if (stop && shared_get(stop)) return fail(ERR_CANCELLED, "stopped");
    if (h->code) return fail(h->code, "no");
    *made = (Batch){in->rows - h->rows_less, calls->n, NEW(a, Column, calls->n)};
    for (int32_t c = 0; c < calls->n; c++) {
        const UserCall *call = &calls->call[c];
        Column *out = &made->col[c];
        *out = column_new(a, h->type ? h->type : call->fn[0]->type, in->rows);
        for (int32_t i = 0; i < in->rows; i++) {
            int32_t sum = 100 * call->nfns;
            for (int32_t k = 0; k < call->nargs; k++)
                sum += ((const int32_t *)in->col[call->arg[k]].data)[i];
            ((int32_t *)out->data)[i] = sum;
        }
    }
    return DONE;
}
static const UserFn *a_function(Arena *a)
{
    UserFn *f = NEW(a, UserFn, 1);
    *f = (UserFn){.name = S("f"), .type = &type_int, .deterministic = true};
    return f;
}
// f(f(b)), f(b, a): two arguments, two calls.
static UserSpec *a_spec(Arena *a, Host *h, const Schema *s)
{
    const UserFn **fn = NEW(a, const UserFn *, 2);
    fn[0] = fn[1] = a_function(a);
    Expr **arg = NEW(a, Expr *, 2);
    arg[0] = rig_column(a, s, 1);
    arg[1] = rig_call(a, S("+"), rig_column(a, s, 0), rig_int(a, 0));
    int32_t *at = NEW(a, int32_t, 2);
    at[1] = 1;
    UserCall *call = NEW(a, UserCall, 2);
    call[0] = (UserCall){.fn = fn, .nfns = 2, .nargs = 1, .arg = at};
    call[1] = (UserCall){.fn = fn, .nfns = 1, .nargs = 2, .arg = at};
    UserSpec *spec = NEW(a, UserSpec, 1);
    *spec = (UserSpec){.calls = {.call = call,
                                 .n = 2,
                                 .args = rig_schema(a, S("x INT, y INT")),
                                 .made = rig_schema(a, S("p INT, q INT"))},
                       .arg = arg,
                       .host = &h->host};
    return spec;
}

TEST(user_calls_come_behind_the_columns)
{
    const Schema *s = rig_schema(a, S("a INT, b INT"));
    Rig *r = rig_new(a);
    Host h = {.host = {.run = host_run}};
    Op *op = rig_op(r, &op_user, a_spec(a, &h, s));
    rig_put(op, 0, s, S("1,2|3,4"));
    CHECK_STR(rig_take(r), S("1,2,202,103|3,4,204,107"));
    rig_put(op, 0, s, S("5,6"));
    CHECK_STR(rig_take(r), S("5,6,206,111"));
    CHECK_I64(h.calls, 2);
    CHECK_I64(h.rows, 3);
    CHECK_I64(op->rows_out, 3);
}
TEST(user_host_that_fails)
{
    const Schema *s = rig_schema(a, S("a INT, b INT"));
    Rig *r = rig_new(a);
    static const struct {
        Host h;
        bool stop;
        Code want;
    } rows[] = {
        {{.code = ERR_INVALID}, false, ERR_INVALID}, {{.code = ERR_IO}, false, ERR_IO},
        {{.rows_less = 1}, false, ERR_CORRUPT},      {{.type = &type_string}, false, ERR_CORRUPT},
        {{.code = OK}, true, ERR_CANCELLED},
    };
    for (int64_t i = 0; i < COUNT(rows); i++) {
        Host h = rows[i].h;
        Shared64 stop = {rows[i].stop};
        h.host.run = host_run;
        r->ctx.stop = &stop;
        Op *op = rig_op(r, &op_user, a_spec(a, &h, s));
        Batch b = rig_batch(a, s, S("1,2"));
        CHECK_FAILS(op_rows(op, 0, &b), rows[i].want);
        CHECK_STR(rig_take(r), S(""));
    }
}
