// analyse_travel.c -- which snapshot of a table is read: VERSION AS OF, TIMESTAMP AS OF, and the
// options of readers that mean the same.
#include "expr/prog.h"
#include "lake/history.h"
#include "plan/analyse_in.h"

typedef struct Asked {
    Travel to;
    Str time, millis; // timestampAsOf, as-of-timestamp
} Asked;

static Str *place_of(Asked *q, Str key)
{
    const struct {
        Str key, *value;
    } row[] = {{S("versionAsOf"), &q->to.version}, {S("snapshot-id"), &q->to.snapshot},
               {S("branch"), &q->to.branch},       {S("tag"), &q->to.tag},
               {S("timestampAsOf"), &q->time},     {S("as-of-timestamp"), &q->millis}};
    for (int64_t i = 0; i < COUNT(row); i++)
        if (str_ieq(row[i].key, key)) return row[i].value;
    return NULL;
}

static void take_options(Arena *a, Rel *t, Asked *q)
{
    Options rest = {0};
    for (int64_t i = 0; i < t->options.n; i++) {
        Option o = t->options.v[i];
        Str *to = place_of(q, o.key);
        if (to)
            *to = o.value;
        else
            vec_push(a, &rest, o);
    }
    t->options = rest;
}

static bool random_in(const Expr *e)
{
    bool random = e->kind == E_FN && e->fn->flags & FN_NONDETERMINISTIC;
    for (int32_t i = 0; i < e->nargs && !random; i++) random = random_in(e->arg[i]);
    return random;
}

static Status instant_of(Analyser *an, Expr *e, Micros *time)
{
    Names none = {.an = an};
    TRY(resolve(&none, &e));
    Str text = quoted_expr(an->a, e);
    if (random_in(e))
        return RAISE(INVALID_TIME_TRAVEL_TIMESTAMP_EXPR_NON_DETERMINISTIC, P("expr", text));
    coerce_at(an->a, &e, &type_timestamp, e->at);
    Datum v;
    Status s = expr_fold(an->a, e, an->ctx, &v);
    if (s.code || v.null) return RAISE(INVALID_TIME_TRAVEL_TIMESTAMP_EXPR_INPUT, P("expr", text));
    *time = v.i;
    return DONE;
}

static Status option_time(Analyser *an, const Asked *q, Micros *time)
{
    Datum v = {.s = q->time};
    Expr *e = expr_literal(an->a, &type_string, &v);
    Status s = instant_of(an, e, time);
    return s.code ? RAISE(INVALID_TIME_TRAVEL_TIMESTAMP_EXPR_OPTION, P("expr", q->time)) : DONE;
}

static Status travel(Analyser *an, Rel *t, Asked *q, LakeTable **table)
{
    bool timed = t->time_travel || q->time.n;
    if (timed && q->to.version.n) return RAISE(INVALID_TIME_TRAVEL_SPEC);
    if (t->time_travel)
        TRY(instant_of(an, t->expr[0], &q->to.time));
    else if (timed)
        TRY(option_time(an, q, &q->to.time));
    else if (q->millis.n)
        TRY(travel_millis(&q->to, q->millis));
    q->to.timed = q->to.timed || timed;
    return table_travel(table, an->a, *table, &q->to);
}

Status analyse_travel(Analyser *an, Rel *t, LakeTable **table)
{
    Asked q = {0};
    bool said = t->time_travel || options_get(&t->options, S("versionAsOf"));
    if (t->is_streaming) return said ? unsupported(&t->at, "time travel of a stream") : DONE;
    take_options(an->a, t, &q);
    return fail_at(travel(an, t, &q, table), &t->at);
}
