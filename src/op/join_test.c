// join_test.c -- every kind of join, either side built, against nested loops.
#include "base/test.h"
#include "op/join.h"
#include "op/rig_in.h"
#include <stdlib.h>

enum { LEFT_ROWS = 40, RIGHT_ROWS = 30 };
typedef struct Pair { // a row of either side; k -1: NULL
    int32_t k, v;
} Pair;
typedef struct Case {
    JoinKind kind;
    bool build_left, null_safe, residual, keys;
} Case;

static bool matches(const Case *c, Pair l, Pair r)
{
    bool key = !c->keys || (l.k == r.k && (l.k >= 0 || c->null_safe));
    return key && (!c->residual || l.v > r.v);
}
static void put_line(Arena *a, Str *line, int64_t *n, const Pair *l, const Pair *r)
{
    Buf b = buf_new(a);
    const Pair *side[] = {l, r};
    for (int32_t i = 0; i < 2; i++) {
        if (i && b.n) buf_char(&b, ',');
        if (!side[i])
            buf_put(&b, S("NULL,NULL"));
        else if (side[i]->k < 0)
            buf_fmt(&b, "NULL,%d", side[i]->v);
        else if (side[i]->k < 1000)
            buf_fmt(&b, "%d,%d", side[i]->k, side[i]->v);
    }
    line[(*n)++] = buf_str(&b);
}
static int line_cmp(const void *x, const void *y)
{
    return str_cmp(*(const Str *)x, *(const Str *)y);
}
static Str joined_lines(Arena *a, Str *line, int64_t n)
{
    Buf b = buf_new(a);
    qsort(line, (size_t)n, sizeof *line, line_cmp);
    for (int64_t i = 0; i < n; i++) {
        if (i) buf_char(&b, '|');
        buf_put(&b, line[i]);
    }
    return buf_str(&b);
}
static Str sort_lines(Arena *a, Str text)
{
    int64_t n = 0;
    Str *line = NEW(a, Str, text.n + 1);
    for (Cut c = {.tail = text, .ok = text.n > 0}; c.ok;) {
        c = str_cut(c.tail, '|');
        line[n++] = c.head;
    }
    return joined_lines(a, line, n);
}
// What the join must give, by looking at every pair.
static Str expected(Arena *a, const Case *c, const Pair *l, const Pair *r)
{
    static const Pair none = {1000, 0}; // prints nothing: a semi or anti join has no right side
    Str *line = NEW(a, Str, LEFT_ROWS * RIGHT_ROWS + LEFT_ROWS + RIGHT_ROWS);
    int64_t n = 0;
    bool half = c->kind == JOIN_LEFT_SEMI || c->kind == JOIN_LEFT_ANTI;
    bool right_met[RIGHT_ROWS] = {0};
    for (int32_t i = 0; i < LEFT_ROWS; i++) {
        bool met = false;
        for (int32_t k = 0; k < RIGHT_ROWS; k++) {
            if (!matches(c, l[i], r[k])) continue;
            met = right_met[k] = true;
            if (!half) put_line(a, line, &n, &l[i], &r[k]);
        }
        if (half && met == (c->kind == JOIN_LEFT_SEMI)) put_line(a, line, &n, &l[i], &none);
        if (!met && (c->kind == JOIN_LEFT || c->kind == JOIN_FULL))
            put_line(a, line, &n, &l[i], NULL);
    }
    for (int32_t k = 0; k < RIGHT_ROWS; k++)
        if (!right_met[k] && (c->kind == JOIN_RIGHT || c->kind == JOIN_FULL))
            put_line(a, line, &n, NULL, &r[k]);
    for (int64_t i = 0; i < n; i++)
        if (half) line[i] = str_trim(line[i]), line[i].n -= line[i].p[line[i].n - 1] == ',';
    return joined_lines(a, line, n);
}
static Str rows_text(Arena *a, const Pair *p, int32_t n)
{
    Buf b = buf_new(a);
    for (int32_t i = 0; i < n; i++) {
        if (i) buf_char(&b, '|');
        if (p[i].k < 0)
            buf_fmt(&b, "NULL,%d", p[i].v);
        else
            buf_fmt(&b, "%d,%d", p[i].k, p[i].v);
    }
    return buf_str(&b);
}
static void check_join(Arena *a, const Case *c, const Pair *l, const Pair *r)
{
    static const uint8_t safe[] = {1};
    const Schema *side = rig_schema(a, S("k INT, v INT"));
    const Schema *both = rig_schema(a, S("k INT, v INT, rk INT, rv INT"));
    Expr *key[] = {rig_column(a, side, 0)};
    JoinSpec spec = {.kind = c->kind,
                     .build_left = c->build_left,
                     .left_key = key,
                     .right_key = key,
                     .nkeys = c->keys,
                     .null_safe = c->null_safe ? safe : NULL,
                     .left = side,
                     .right = side};
    if (c->residual)
        spec.residual = rig_call(a, S(">"), rig_column(a, both, 1), rig_column(a, both, 3));
    Rig *rig = rig_new(a);
    Op *op = rig_op(rig, &op_join, &spec);
    for (int32_t epoch = 0; epoch < 2; epoch++) {
        Str text[] = {rows_text(a, l, LEFT_ROWS), rows_text(a, r, RIGHT_ROWS)};
        int32_t build = c->build_left ? JOIN_PORT_LEFT : JOIN_PORT_RIGHT;
        rig_put(op, build, side, text[build]);
        rig_put(op, 1 - build, side, text[1 - build]);
        CHECK_OK(op_flush(op));
        CHECK_STR(sort_lines(a, rig_take(rig)), expected(a, c, l, r));
    }
}
TEST(join_equals_nested_loops)
{
    Pair l[LEFT_ROWS], r[RIGHT_ROWS];
    for (int32_t i = 0; i < LEFT_ROWS; i++) l[i] = (Pair){i * 7 % 11 - 1, i * 5 % 13};
    for (int32_t i = 0; i < RIGHT_ROWS; i++) r[i] = (Pair){i * 3 % 17 - 1, i * 11 % 13};
    for (int32_t kind = JOIN_INNER; kind <= JOIN_LEFT_ANTI; kind++)
        for (int32_t bits = 0; bits < 16; bits++) {
            Case c = {.kind = (JoinKind)kind,
                      .build_left = bits & 1,
                      .null_safe = bits & 2,
                      .residual = bits & 4,
                      .keys = bits & 8};
            bool half = kind == JOIN_LEFT_SEMI || kind == JOIN_LEFT_ANTI;
            if (!(half && c.build_left)) check_join(a, &c, l, r);
        }
}
TEST(join_with_an_empty_side)
{
    const Schema *side = rig_schema(a, S("k INT, v INT"));
    Expr *key[] = {rig_column(a, side, 0)};
    JoinSpec spec = {.kind = JOIN_FULL,
                     .left_key = key,
                     .right_key = key,
                     .nkeys = 1,
                     .left = side,
                     .right = side};
    Rig *rig = rig_new(a);
    Op *op = rig_op(rig, &op_join, &spec);
    rig_put(op, JOIN_PORT_LEFT, side, S("1,2"));
    CHECK_OK(op_flush(op));
    CHECK_STR(rig_take(rig), S("1,2,NULL,NULL"));
    rig_put(op, JOIN_PORT_RIGHT, side, S("3,4"));
    CHECK_OK(op_flush(op));
    CHECK_STR(rig_take(rig), S("NULL,NULL,3,4"));
    CHECK_OK(op_flush(op));
    CHECK_STR(rig_take(rig), S(""));
}
TEST(join_of_many_pairs_comes_in_batches)
{
    const Schema *side = rig_schema(a, S("k INT, v INT"));
    JoinSpec spec = {.kind = JOIN_CROSS, .left = side, .right = side};
    Rig *rig = rig_new(a);
    Op *op = rig_op(rig, &op_join, &spec);
    Buf b = buf_new(a);
    for (int32_t i = 0; i < 100; i++) buf_fmt(&b, "%s%d,0", i ? "|" : "", i);
    rig_put(op, JOIN_PORT_RIGHT, side, buf_str(&b));
    rig_put(op, JOIN_PORT_LEFT, side, buf_str(&b));
    CHECK_I64(op->rows_out, 10000);
    CHECK_I64(rig->largest, BATCH_ROWS);
}
