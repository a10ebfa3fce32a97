// window.c -- see window.h.
#include "expr/window.h"
#include "base/civil.h"
#include "expr/fn_in.h"
#include "expr/interval.h"
#include "expr/prog.h"

static bool is_session(const Expr *e) { return str_eq(e->name, S("session_window")); }

bool window_is_call(const Expr *e)
{
    return e->kind == E_CALL && (str_eq(e->name, S("window")) || is_session(e));
}

static Status check_count(Arena *a, const Expr *call)
{
    int32_t most = is_session(call) ? 2 : 4;
    if (call->nargs >= 2 && call->nargs <= most) return DONE;
    return RAISE(WRONG_NUM_ARGS_WITHOUT_SUGGESTION, P("functionName", quoted_name(a, call->name)),
                 P("expectedNum", most == 2 ? S("2") : S("[2, 3, 4]")),
                 P("actualNum", str_fmt(a, "%d", call->nargs)));
}

static Status time_of(TimeWindow *w, Arena *a, const Expr *call, const EvalCtx *ctx)
{
    const Type *t = call->arg[0]->type;
    w->time = call->arg[0];
    if (t->id == T_STRUCT) {
        TRY(fn_make(&w->time, a, ctx, S("window_time"), call->arg, 1));
    } else if (t->id != T_TIMESTAMP && t->id != T_TIMESTAMP_NTZ) {
        if (t->id != T_DATE && t->id != T_STRING && t->id != T_VOID)
            return wrong_type(a, call, 0, "(\"TIMESTAMP\" or \"TIMESTAMP WITHOUT TIME ZONE\")");
        coerce(a, &w->time, &type_timestamp);
    }
    Field part[2] = {field_of(S("start"), w->time->type, false),
                     field_of(S("end"), w->time->type, false)};
    w->type = type_struct(a, part, 2);
    return DONE;
}

static Status read_text(Arena *a, Str text, Micros *v)
{
    Interval i;
    if (!interval_read(text, &i))
        return RAISE(INVALID_INTERVAL_FORMAT_UNMATCHED,
                     P("input", str_fmt(a, "'" STR_FMT "'", STR_ARG(text))),
                     P("typeName", S("interval")));
    if (i.months) return RAISE(WINDOW_WITH_MONTHS, P("interval", text));
    *v = i.days * MICROS_PER_DAY + i.micros;
    return DONE;
}

// A literal: a text like '10 seconds', an interval, or microseconds.
static Status read_duration(Arena *a, const Expr *e, const EvalCtx *ctx, Micros *v)
{
    Datum d;
    const Type *t = e->type;
    bool time = t->id == T_INTERVAL_DT || t->id == T_INTERVAL;
    if (!expr_foldable(e) || (t->id != T_STRING && !type_is_integral(t) && !time))
        return RAISE(WINDOW_NOT_LITERAL);
    TRY(expr_fold(a, e, ctx, &d));
    if (d.null) return RAISE(WINDOW_NOT_LITERAL);
    if (t->id == T_STRING) return read_text(a, d.s, v);
    *v = t->id == T_INTERVAL ? d.interval.days * MICROS_PER_DAY + d.interval.micros : d.i;
    if (t->id == T_INTERVAL && d.interval.months)
        return RAISE(WINDOW_WITH_MONTHS, P("interval", quoted_sql(a, e)));
    return DONE;
}

typedef struct Measure {
    const char *name;
    Micros v;
} Measure;

static Str value_text_of(Arena *a, Micros v) { return str_fmt(a, "%lldL", (long long)v); }

static Status check_positive(Arena *a, Str sql, Measure m)
{
    if (m.v > 0) return DONE;
    return RAISE(DATATYPE_MISMATCH_VALUE_OUT_OF_RANGE, P("sqlExpr", sql),
                 P("exprName", quoted_name(a, str_z(m.name))),
                 P("valueRange", S("(0, 9223372036854775807]")),
                 P("currentValue", value_text_of(a, m.v)));
}

static Status too_large(Arena *a, Str sql, const char *sign, Measure less, Measure more)
{
    return RAISE(DATATYPE_MISMATCH_PARAMETER_CONSTRAINT_VIOLATION, P("sqlExpr", sql),
                 P("leftExprName", quoted_name(a, str_z(less.name))),
                 P("leftExprValue", value_text_of(a, less.v)), P("constraint", str_z(sign)),
                 P("rightExprName", quoted_name(a, str_z(more.name))),
                 P("rightExprValue", value_text_of(a, more.v)));
}

static Status check_measures(Arena *a, const Expr *call, const TimeWindow *w)
{
    Str sql = str_fmt(a, "\"window(" STR_FMT ", %lld, %lld, %lld)\"",
                      STR_ARG(expr_sql_str(a, call->arg[0])), (long long)w->duration,
                      (long long)w->slide, (long long)w->start);
    Measure duration = {"window_duration", w->duration}, slide = {"slide_duration", w->slide};
    Measure start = {"abs(start_time)", w->start < 0 ? -w->start : w->start};
    TRY(check_positive(a, sql, duration));
    TRY(check_positive(a, sql, slide));
    if (slide.v > duration.v) return too_large(a, sql, "<=", slide, duration);
    if (start.v >= slide.v) return too_large(a, sql, "<", start, slide);
    return DONE;
}

static Status session_end(TimeWindow *w, Arena *a, const Expr *call, const EvalCtx *ctx)
{
    Expr *gap = call->arg[1];
    TypeId id = gap->type->id;
    if (id != T_STRING && id != T_INTERVAL && id != T_INTERVAL_DT)
        return wrong_type(a, call, 1, "(\"STRING\" or \"INTERVAL\")");
    if (id != T_INTERVAL) gap = expr_cast(a, gap, &type_interval, CAST_IMPLICIT);
    if (gap->kind == E_CAST) TRY(cast_resolve(a, gap, ctx));
    Expr *arg[2] = {w->time, gap};
    return fn_make(&w->end, a, ctx, S("time_add"), arg, 2);
}

static Status resolve(TimeWindow *w, Arena *a, const Expr *call, const EvalCtx *ctx)
{
    *w = (TimeWindow){0};
    TRY(check_count(a, call));
    TRY(time_of(w, a, call, ctx));
    if (is_session(call)) return session_end(w, a, call, ctx);
    TRY(read_duration(a, call->arg[1], ctx, &w->duration));
    w->slide = w->duration;
    if (call->nargs > 2) TRY(read_duration(a, call->arg[2], ctx, &w->slide));
    if (call->nargs > 3) TRY(read_duration(a, call->arg[3], ctx, &w->start));
    return check_measures(a, call, w);
}

Status window_resolve(TimeWindow *w, Arena *a, Expr *call, const EvalCtx *ctx)
{
    return fail_at(resolve(w, a, call, ctx), call->at.line, call->at.column, call->at.text);
}
