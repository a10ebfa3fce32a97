// lower_sort.c -- ORDER BY, LIMIT, OFFSET: one instance decides. With a limit every lane sorts or
// counts for itself first, and gives away no more than may be wanted. On a stream LIMIT counts the
// rows of all epochs, unless complete mode gives the whole result anew each time (semantics S17).
#include "expr/prog.h"
#include "op/limit.h"
#include "op/sort.h"
#include "plan/lower_in.h"

Status lower_sort(Lower *l, const Rel *r, int64_t limit, Flow *f)
{
    TRY(lower_rel(l, r->input[0], f));
    flow_shape(l, f, &r->input[0]->out);
    Expr **order = NULL;
    TRY(flow_bind_all(l, f, r->expr, r->nexprs, &order));
    SortSpec *spec = NEW(l->a, SortSpec, 1);
    *spec = (SortSpec){order, r->nexprs, limit};
    if (!flow_single(f)) {
        if (limit >= 0) flow_op(l, f, &op_sort, spec);
        flow_exchange(l, f, NULL, 0);
    }
    flow_op(l, f, &op_sort, spec);
    f->ordered = true;
    return DONE;
}
static bool has_aggregate(const Rel *r)
{
    if (r->kind == REL_AGGREGATE) return true;
    return (r->input[0] && has_aggregate(r->input[0])) ||
           (r->input[1] && has_aggregate(r->input[1]));
}
static Status count_of(Lower *l, const Rel *r, int64_t *n)
{
    Datum v = {0};
    TRY(expr_fold(l->a, r->expr[0], &l->session->eval, &v));
    must(!v.null && v.i >= 0);
    *n = v.i;
    return DONE;
}
static const void *limit_spec(Lower *l, int64_t limit, int64_t offset)
{
    LimitSpec *spec = NEW(l->a, LimitSpec, 1);
    *spec = (LimitSpec){limit, offset};
    return spec;
}
static void limit_stream(Lower *l, int64_t limit, const Attrs *out, Flow *f)
{
    const void *spec = limit_spec(l, limit, 0);
    if (!flow_single(f)) {
        flow_op(l, f, &op_limit, spec);
        flow_shape(l, f, out);
        flow_exchange(l, f, NULL, 0);
    }
    OpSpec *op = flow_op(l, f, &op_global_limit, spec);
    op->stateful = true;
    op->watermark_in = f->watermark;
    limit_state(&op->table, &op->state_schema);
}
// Rows [offset, offset + limit) of each epoch; limit -1: to the end.
static void limit_epoch(Lower *l, int64_t limit, int64_t offset, const Attrs *out, Flow *f)
{
    if (!flow_single(f)) {
        if (limit >= 0 && limit <= INT64_MAX - offset)
            flow_op(l, f, &op_limit, limit_spec(l, limit + offset, 0));
        flow_shape(l, f, out);
        flow_exchange(l, f, NULL, 0);
    }
    flow_op(l, f, &op_limit, limit_spec(l, limit, offset));
}
// LIMIT, OFFSET, or the one above the other; an ORDER BY below holds no more than is wanted.
Status lower_limit(Lower *l, const Rel *r, Flow *f)
{
    int64_t limit = -1, offset = 0;
    const Rel *in = r;
    if (in->kind == REL_LIMIT) {
        TRY(count_of(l, in, &limit));
        in = in->input[0];
    }
    if (in->kind == REL_OFFSET) {
        TRY(count_of(l, in, &offset));
        in = in->input[0];
    }
    bool whole = !r->streaming || (l->mode == MODE_COMPLETE && has_aggregate(in));
    if (in->kind == REL_SORT && whole) {
        bool some = limit >= 0 && limit <= INT64_MAX - offset;
        TRY(lower_sort(l, in, some ? limit + offset : -1, f));
        if (!offset) return DONE;
    } else {
        const Rel *low = in;
        while (low->kind == REL_PROJECT || low->kind == REL_SUBQUERY_ALIAS) low = low->input[0];
        bool some = low->kind == REL_RECURSION && limit >= 0 && limit <= INT64_MAX - offset;
        l->wanted = some ? limit + offset : -1;
        TRY(lower_rel(l, in, f));
        l->wanted = -1;
    }
    if (whole)
        limit_epoch(l, limit, offset, &in->out, f);
    else
        limit_stream(l, limit, &in->out, f);
    return DONE;
}
