// connect_plan_fuzz.c -- plans from outside. What decodes is analysed without a crash, decodes the
// same again, and types that are read are written to bytes that read equal.
#include "plan/connect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Status no_rows(void *ctx, Arena *a, const Statement *st, ConnectRows *rows)
{
    (void)ctx, (void)st;
    Field f = field_of(S("value"), &type_string, true);
    Batch *b = NEW(a, Batch, 1);
    rows->schema = type_struct(a, &f, 1);
    *b = batch_new(a, rows->schema, 1);
    COLUMN_DATA(&b->col[0], Str)[0] = S("x");
    rows->batch = b;
    rows->n = 1;
    return DONE;
}

static void type_round_trip(Arena *a, Str bytes)
{
    Proto m;
    const Type *t, *again;
    if (proto_open(&m, bytes).code != OK || connect_type_read(&t, a, &m).code != OK) return;
    Buf b = buf_new(a);
    connect_type_write(&b, t);
    must(proto_open(&m, buf_str(&b)).code == OK);
    must(connect_type_read(&again, a, &m).code == OK);
    must(type_eq(t, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16) return 0;
    Arena *a = arena_new(NULL);
    Str bytes = {(const char *)data, (int64_t)size};
    Session *s = session_new(a, NULL);
    ConnectEnv env = {.session = s, .run = no_rows};
    ConnectPlan p, again;
    Status first = connect_plan(&p, &env, a, bytes);
    Status second = connect_plan(&again, &env, a, bytes);
    must(first.code == second.code && p.kind == again.kind && !p.rel == !again.rel);
    if (first.code == OK && p.rel && p.kind == CONNECT_QUERY) {
        Status st = analyse(s, a, &p.rel);
        must(st.code != OK || p.rel->analysed);
    }
    type_round_trip(a, bytes);
    arena_free(a);
    return 0;
}
