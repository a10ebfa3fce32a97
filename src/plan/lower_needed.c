// lower_needed.c -- from the end of a stage's chain to its beginning: which columns does anybody
// still read. A filter moves only those, and the source makes only those.
#include "op/aggregate.h"
#include "op/exchange.h"
#include "op/expand.h"
#include "op/filter.h"
#include "op/generate.h"
#include "op/join.h"
#include "op/limit.h"
#include "op/observe.h"
#include "op/project.h"
#include "op/sort.h"
#include "op/union.h"
#include "op/user.h"
#include "op/watermark.h"
#include "op/window.h"
#include "op/windows.h"
#include "plan/lower_in.h"

static void mark(const Expr *e, uint8_t *needed)
{
    if (e->kind == E_COLUMN) needed[e->id] = 1;
    for (int32_t i = 0; i < e->nargs; i++) mark(e->arg[i], needed);
    for (int32_t i = 0; i < e->norder; i++) mark(e->order[i], needed);
    if (e->filter) mark(e->filter, needed);
}
static void mark_all(Expr *const *e, int32_t n, uint8_t *needed)
{
    for (int32_t i = 0; i < n; i++) mark(e[i], needed);
}
static void mark_aggregate(const AggSpec *s, uint8_t *needed)
{
    mark_all(s->key, s->nkeys, needed);
    mark_all(s->agg, s->naggs, needed);
}
static void mark_projections(const ExpandSpec *s, uint8_t *needed)
{
    for (int32_t i = 0; i < s->nprojections; i++) mark_all(s->projection[i], s->n, needed);
}
// `after` are the columns needed of what the operator emits; its input has n columns.
static uint8_t *needed_before(Arena *a, const OpSpec *op, uint8_t *after, int32_t n)
{
    uint8_t *needed = NEW(a, uint8_t, n + 1);
    const void *s = op->spec;
    int32_t nafter = op->out->nfields;
    if (op->kind == &op_project) {
        const ProjectSpec *p = s;
        mark_all(p->expr, p->n, needed);
    } else if (op->kind == &op_agg_partial) {
        mark_aggregate(s, needed);
    } else if (op->kind == &op_expand) {
        mark_projections(s, needed);
    } else { // the others pass their input's columns on
        memcpy(needed, after, (size_t)MIN(n, nafter));
        if (op->kind == &op_window) memset(needed, 1, (size_t)n); // it holds whole rows
        if (op->kind == &op_filter) mark(((const FilterSpec *)s)->predicate, needed);
        if (op->kind == &op_observe) mark_aggregate(&((const ObserveSpec *)s)->agg, needed);
        if (op->kind == &op_watermark) needed[((const WatermarkSpec *)s)->column] = 1;
        if (op->kind == &op_windows) mark(((const WindowsSpec *)s)->time, needed);
        if (op->kind == &op_generate) mark(((const GenerateSpec *)s)->list, needed);
        if (op->kind == &op_user) {
            const UserSpec *user = s;
            mark_all(user->arg, user->calls.args->nfields, needed);
        }
        if (op->kind == &op_sort) {
            const SortSpec *sort = s;
            mark_all(sort->order, sort->n, needed);
        }
    }
    return needed;
}
void stage_needed(Arena *a, Stage *s, uint8_t *source)
{
    if (!s->nops) {
        if (source) memset(source, 1, (size_t)s->read->schema->nfields);
        return;
    }
    int32_t most = s->op[s->nops - 1].out->nfields;
    uint8_t *after = NEW(a, uint8_t, most + 1);
    memset(after, 1, (size_t)most);
    for (int32_t i = s->nops - 1; i >= 0; i--) {
        OpSpec *op = &s->op[i];
        if (op->kind == &op_filter) ((FilterSpec *)op->spec)->needed = after;
        if (i == 0 && !source) break;
        int32_t n = i ? s->op[i - 1].out->nfields : s->read->schema->nfields;
        after = needed_before(a, op, after, n);
    }
    if (source) memcpy(source, after, (size_t)s->read->schema->nfields);
}
