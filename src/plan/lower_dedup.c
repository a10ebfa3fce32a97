// lower_dedup.c -- dropDuplicates on a stream: rows by shard of their keys. A batch's became an
// aggregate (rewrite.c).
#include "op/dedup.h"
#include "plan/join_in.h"
#include "plan/lower_in.h"

// The event time of these attributes, one at most; *e NULL: there is none.
static Status event_time(Lower *l, const Attrs *in, Origin at, Expr **e)
{
    const Attr *found = NULL;
    *e = NULL;
    for (int64_t i = 0; i < in->n; i++) {
        const Attr *attr = &in->v[i];
        if (attr->field.watermark_delay == WATERMARK_NONE) continue;
        if (found && found->id != attr->id) return fail_at(RAISE(MULTIPLE_EVENT_TIME_COLUMNS), &at);
        found = attr;
    }
    if (found) *e = attr_expr(l->a, found, at);
    return DONE;
}
typedef struct DedupKeys {
    VEC(Expr *) key;
    int32_t time; // index of the event time, -1: none
} DedupKeys;
static Status dedup_keys(Lower *l, const Rel *r, const Flow *f, DedupKeys *keys)
{
    keys->time = -1;
    for (int32_t i = 0; i < r->nexprs; i++) {
        Expr *bound = NULL;
        TRY(flow_bind(l, f, r->expr[i], &bound));
        vec_push(l->a, &keys->key, bound);
        if (r->within_watermark || !f->watermark) continue;
        if (r->expr[i]->watermark_delay == WATERMARK_NONE) continue;
        Expr *time = flow_time(l->a, bound);
        if (time != bound) vec_push(l->a, &keys->key, time); // a window's end
        keys->time = (int32_t)keys->key.n - 1;
    }
    return DONE;
}
Status lower_dedup(Lower *l, const Rel *r, Flow *f)
{
    TRY(lower_rel(l, r->input[0], f));
    flow_shape(l, f, &r->input[0]->out);
    DedupSpec *spec = NEW(l->a, DedupSpec, 1);
    DedupKeys keys = {0};
    Expr *time = NULL;
    TRY(event_time(l, &r->input[0]->out, r->at, &time));
    if (time && f->watermark) {
        spec->delay = time->watermark_delay;
        TRY(flow_bind(l, f, time, &spec->time));
        spec->time = flow_time(l->a, spec->time);
    }
    TRY(dedup_keys(l, r, f, &keys));
    spec->key = keys.key.v;
    spec->nkeys = (int32_t)keys.key.n;
    spec->time_key = keys.time;
    if (r->within_watermark && !spec->time) return lower_missing(r, "no watermark");
    flow_exchange(l, f, spec->key, spec->nkeys);
    OpSpec *op = flow_op(l, f, r->within_watermark ? &op_dedup_within : &op_dedup, spec);
    op->stateful = true;
    op->watermark_in = f->watermark;
    dedup_state(&op->table, &op->state_schema, l->a, spec, r->within_watermark);
    return DONE;
}
