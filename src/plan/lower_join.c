// lower_join.c -- a join: equalities of the condition become keys by which both sides are
// exchanged, the rest is tested on each pair. Of batch rows, or of a stream with a batch: the build
// side comes whole first, a batch beside a stream, else the side that the kind of join prefers. Of
// two streams: the watermark and the condition say how long each side's rows are kept.
#include "base/civil.h"
#include "op/stream_join.h"
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
// What is tested on each pair: over the left columns, then the right ones.
static Status join_residual(Lower *l, const Flow *left, const Flow *right, const Expr *rest,
                            Expr **bound)
{
    if (!rest) return DONE;
    Flow both = {0};
    Rel inner = {.join = JOIN_INNER};
    join_columns(l, &inner, left, right, &both);
    return flow_bind(l, &both, rest, bound);
}
static Expr *join_rest(Arena *a, const JoinKeys *k)
{
    const Conjuncts *part[] = {&k->left_only, &k->right_only, &k->residual};
    Expr *rest = NULL;
    for (int64_t i = 0; i < COUNT(part); i++)
        rest = expr_and(a, rest, conjuncts_join(a, part[i]->v, part[i]->n));
    return rest;
}
// -- of two streams

// The column of a side that carries event time: one at most, else rows could be late by several.
static Status side_time(const Flow *side, int32_t *column)
{
    *column = -1;
    for (int64_t i = 0; i < side->column.n; i++) {
        if (side->column.v[i].watermark_delay == WATERMARK_NONE) continue;
        if (*column >= 0) return RAISE(MULTIPLE_EVENT_TIME_COLUMNS);
        *column = (int32_t)i;
    }
    return DONE;
}
static Status stream_side(Lower *l, const Rel *r, const JoinKeys *k, const Flow *flow, int32_t at,
                          StreamJoinSide *side)
{
    const Conjuncts *only = at ? &k->right_only : &k->left_only;
    const Expr *filter = conjuncts_join(l->a, only->v, only->n);
    Expr **key = NULL;
    TRY(flow_bind_all(l, flow, at ? k->right.v : k->left.v, (int32_t)k->left.n, &key));
    *side = (StreamJoinSide){
        .key = key, .schema = flow_schema(l, flow), .expires = -1, .cap = INT64_MAX};
    if (filter) TRY(flow_bind(l, flow, filter, &side->filter));
    TRY(side_time(flow, &side->time));
    int32_t time_key = join_time_key(k);
    StateBound bound = join_bound(l->a, r, at);
    if (time_key >= 0) {
        side->expires = time_key;
        side->expires_key = true;
    } else if (bound.is && side->time >= 0) {
        side->expires = side->time;
        side->lag = bound.offset == BOUND_FREE ? LAG_NONE : -bound.offset;
        side->cap = bound.cap;
        side->near = bound.times;
    }
    return DONE;
}
// NULL meets NULL by <=>; in a full join Spark lets it by = too, for there no side was rid of
// NULLs.
static const uint8_t *null_meets(Lower *l, const Rel *r, const JoinKeys *k)
{
    uint8_t *safe = NEW(l->a, uint8_t, k->null_safe.n + 1);
    for (int64_t i = 0; i < k->null_safe.n; i++)
        safe[i] = k->null_safe.v[i] || r->join == JOIN_FULL;
    return safe;
}
// How far what comes out may lie behind the watermark that goes in (J12).
static WatermarkView output_view(const StreamJoinSpec *s)
{
    WatermarkView v = {.cap_ms = INT64_MAX};
    for (int32_t i = 0; i < 2; i++) {
        const StreamJoinSide *d = &s->side[i];
        if (d->expires < 0) continue;
        if (d->lag != LAG_NONE) v.lag_ms = MAX(v.lag_ms, d->lag / MICROS_PER_MS);
        if (d->cap != INT64_MAX) v.cap_ms = MIN(v.cap_ms, floor_div(d->cap, MICROS_PER_MS));
    }
    return v;
}
static Status lower_stream_join(Lower *l, const Rel *r, const JoinKeys *k, Flow side[2], Flow *f)
{
    StreamJoinSpec *spec = NEW(l->a, StreamJoinSpec, 1);
    int32_t nkeys = (int32_t)k->left.n;
    if (!nkeys) return RAISE(STREAM_JOIN_WITHOUT_EQUALITY);
    *spec = (StreamJoinSpec){.kind = r->join == JOIN_CROSS ? JOIN_INNER : r->join,
                             .nkeys = nkeys,
                             .null_safe = null_meets(l, r, k)};
    for (int32_t i = 0; i < 2; i++) TRY(stream_side(l, r, k, &side[i], i, &spec->side[i]));
    TRY(join_residual(l, &side[0], &side[1], conjuncts_join(l->a, k->residual.v, k->residual.n),
                      &spec->residual));
    bool watermark = side[0].watermark || side[1].watermark;
    *f = (Flow){.watermark = watermark};
    for (int32_t i = 0; i < 2; i++) flow_end(l, &side[i], spec->side[i].key, nkeys, STATE_SHARDS);
    Draft *d = flow_stage(l, f, PAR_SHARDS);
    for (int32_t i = 0; i < 2; i++) stage_feed(l, d, &side[i], i, false);
    join_columns(l, r, &side[0], &side[1], f);
    OpSpec *op = flow_op(l, f, &op_stream_join, spec);
    BagSpec *bag = NEW(l->a, BagSpec, 1);
    stream_join_state(bag, &op->state_schema, l->a, spec);
    op->bag = bag;
    op->stateful = true;
    op->watermark_in = watermark;
    WatermarkView *after = NEW(l->a, WatermarkView, 1);
    *after = output_view(spec);
    op->after = after;
    op->settled = spec->side[0].expires < 0 && spec->side[1].expires < 0;
    return DONE;
}
Status lower_join(Lower *l, const Rel *r, Flow *f)
{
    Flow left = {0}, right = {0};
    JoinKeys k;
    join_keys(&k, l->a, r);
    TRY(lower_rel(l, r->input[0], &left));
    TRY(lower_rel(l, r->input[1], &right));
    flow_shape(l, &left, &r->input[0]->out);
    flow_shape(l, &right, &r->input[1]->out);
    if (r->input[0]->streaming && r->input[1]->streaming)
        return lower_stream_join(l, r, &k, (Flow[]){left, right}, f);
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
    TRY(join_residual(l, &left, &right, join_rest(l->a, &k), &spec->residual));
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
