// eval.c -- the session's settings as col/ and fmt/ ask for them.
#include "expr/eval.h"
#include "expr/interval.h"
#include "expr/pattern_in.h"
#include "expr/time_in.h"

static int64_t offset_of(const void *zone, Micros t) { return zone_offset(zone, t); }

TextForm eval_text_form(const EvalCtx *ctx)
{
    TextForm form = {.null_text = S("NULL"), .zone_offset = offset_of, .zone_rules = ctx->zone};
    return form;
}

static bool read_plain(TimeReader *r, const Type *t, Str text, Datum *v)
{
    int32_t days;
    switch (t->id) {
    case T_TIMESTAMP: return time_read(r, text, &v->i);
    case T_TIMESTAMP_NTZ: return time_read_ntz(r, text, &v->i);
    case T_TIME: return time_of_day_read(text, &v->i);
    case T_DATE:
        if (!date_read(text, &days)) return false;
        v->i = days;
        return true;
    case T_INTERVAL: return interval_read(text, &v->interval);
    case T_INTERVAL_YM:
        if (!interval_ym_read(text, t, &days)) return false;
        v->i = days;
        return true;
    case T_INTERVAL_DT: return interval_dt_read(text, t, &v->i);
    case T_VOID:
    case T_BOOLEAN:
    case T_TINYINT:
    case T_SMALLINT:
    case T_INT:
    case T_BIGINT:
    case T_FLOAT:
    case T_DOUBLE:
    case T_DECIMAL:
    case T_STRING:
    case T_BINARY:
    case T_ARRAY:
    case T_MAP:
    case T_STRUCT: break;
    }
    return false;
}

static bool read_text(const TextCast *c, const Type *t, Str text, Str pattern, Datum *v)
{
    const EvalCtx *ctx = c->ctx;
    TimeReader r = time_reader(ctx);
    v->null = false;
    if (!pattern.n) return read_plain(&r, t, text, v);
    Arena *scratch = arena_new(NULL);
    const Pattern *p;
    bool ok = pattern_compile(&p, scratch, pattern, PATTERN_READ).code == OK &&
              pattern_datum(p, t, text, ctx->zone, v);
    arena_free(scratch);
    return ok;
}

TextCast eval_text_cast(const EvalCtx *ctx)
{
    return (TextCast){.read = read_text, .ctx = ctx, .utc = zone_is_utc(ctx->zone)};
}
