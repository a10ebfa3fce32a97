// lower_join.c -- a join of batch rows, or of a stream with a batch: equalities of the condition
// become keys by which both sides are exchanged, the rest is tested on each pair. The build side
// comes whole first: a batch beside a stream, else the side that the kind of join prefers.
#include "plan/join_in.h"
#include "plan/lower_in.h"

// Which side is held in memory: semi and anti joins can hold the right one only, a batch beside a
// stream must be held; else rows at hand, else the right side.
static bool build_left(const Rel *r)
{
    const Rel *x = r->input[0], *y = r->input[1];
    if (r->join == JOIN_LEFT_SEMI || r->join == JOIN_LEFT_ANTI) return false;
    if (x->streaming != y->streaming) return y->streaming;
    bool small = x->kind == REL_LOCAL || x->kind == REL_ONE_ROW;
    return small && y->kind != REL_LOCAL && y->kind != REL_ONE_ROW;
}
static void join_columns(Lower *l, const Rel *r, const Flow *left, const Flow *right, Flow *f)
{
    bool half = r->join == JOIN_LEFT_SEMI || r->join == JOIN_LEFT_ANTI;
    int32_t n = (int32_t)left->column.n;
    for (int64_t i = 0; i < n; i++) vec_push(l->a, &f->column, left->column.v[i]);
    for (int64_t i = 0; i < left->attr.n; i++)
        flow_name(l, f, left->attr.v[i].id, left->attr.v[i].column);
    if (half) return;
    for (int64_t i = 0; i < right->column.n; i++) vec_push(l->a, &f->column, right->column.v[i]);
    for (int64_t i = 0; i < right->attr.n; i++)
        flow_name(l, f, right->attr.v[i].id, n + right->attr.v[i].column);
    for (int64_t i = 0; i < r->out.n; i++) { // an outer side may be NULL now
        int32_t at = flow_find(f, r->out.v[i].id);
        if (at >= 0) f->column.v[at].nullable = r->out.v[i].field.nullable;
    }
}
// What is no key is tested on each pair: over the left columns, then the right ones.
static Status join_residual(Lower *l, const Flow *left, const Flow *right, const JoinKeys *k,
                            JoinSpec *spec)
{
    const Conjuncts *part[] = {&k->left_only, &k->right_only, &k->residual};
    Expr *rest = NULL;
    for (int64_t i = 0; i < COUNT(part); i++)
        rest = expr_and(l->a, rest, conjuncts_join(l->a, part[i]->v, part[i]->n));
    if (!rest) return DONE;
    Flow both = {0};
    Rel inner = {.join = JOIN_INNER};
    join_columns(l, &inner, left, right, &both);
    return flow_bind(l, &both, rest, &spec->residual);
}
Status lower_join(Lower *l, const Rel *r, Flow *f)
{
    if (r->input[0]->streaming && r->input[1]->streaming)
        return lower_missing(r, "a join of two streams");
    Flow left = {0}, right = {0};
    JoinKeys k;
    join_keys(&k, l->a, r);
    TRY(lower_rel(l, r->input[0], &left));
    TRY(lower_rel(l, r->input[1], &right));
    flow_shape(l, &left, &r->input[0]->out);
    flow_shape(l, &right, &r->input[1]->out);
    JoinSpec *spec = NEW(l->a, JoinSpec, 1);
    int32_t nkeys = (int32_t)k.left.n, shards = nkeys ? STATE_SHARDS : 1;
    *spec = (JoinSpec){.kind = r->join,
                       .build_left = build_left(r),
                       .nkeys = nkeys,
                       .null_safe = k.null_safe.v,
                       .left = flow_schema(l, &left),
                       .right = flow_schema(l, &right)};
    Expr **left_key = NULL, **right_key = NULL;
    TRY(flow_bind_all(l, &left, k.left.v, nkeys, &left_key));
    TRY(flow_bind_all(l, &right, k.right.v, nkeys, &right_key));
    spec->left_key = left_key;
    spec->right_key = right_key;
    TRY(join_residual(l, &left, &right, &k, spec));
    flow_end(l, &left, left_key, nkeys, shards);
    flow_end(l, &right, right_key, nkeys, shards);
    *f = (Flow){.watermark = left.watermark || right.watermark};
    Draft *d = flow_stage(l, f, nkeys ? PAR_SHARDS : PAR_ONE);
    stage_feed(l, d, &left, JOIN_PORT_LEFT, spec->build_left);
    stage_feed(l, d, &right, JOIN_PORT_RIGHT, !spec->build_left);
    join_columns(l, r, &left, &right, f);
    flow_op(l, f, &op_join, spec);
    return DONE;
}
