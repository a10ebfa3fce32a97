// cast.c -- chooses how a cast runs, says what a failed one says, and casts the parts of nested
// values. The kernels are in cast_number, cast_decimal, cast_parse, cast_print and cast_time.
#include "expr/cast_in.h"
#include "expr/text_in.h"

static CastFault fault_of(const CastPair *p, const EvalCtx *ctx)
{
    if (p->mode == CAST_TRY || p->to->id == T_INTERVAL) return FAULT_NULL;
    if (p->to->id == T_INTERVAL_YM || p->to->id == T_INTERVAL_DT) return FAULT_RAISE;
    bool interval = p->from->id == T_INTERVAL_YM || p->from->id == T_INTERVAL_DT;
    if (p->mode == CAST_STORE || ctx->ansi || interval) return FAULT_RAISE;
    return type_is_numeric(p->from) && type_is_numeric(p->to) ? FAULT_WRAP : FAULT_NULL;
}

// Whether every value of `from` has its like in `to`.
static bool always_fits(const Type *from, const Type *to)
{
    if (from->id == T_VOID || (to->id == T_STRING && !to->length)) return true;
    if (from->id == T_BOOLEAN) return to->id != T_DECIMAL;
    if (to->id == T_BOOLEAN || to->id == T_BINARY)
        return from->id != T_STRING || to->id == T_BINARY;
    if (to->id == T_FLOAT || to->id == T_DOUBLE) return from->id != T_STRING;
    if (type_is_integral(from) && type_is_integral(to)) return from->id <= to->id;
    if (type_is_integral(from) && to->id == T_DECIMAL) {
        static const int8_t digits[] = {[T_TINYINT] = 3, [T_SMALLINT] = 5, [T_INT] = 10};
        int32_t need = from->id == T_BIGINT ? 19 : digits[from->id];
        return to->precision - to->scale >= need;
    }
    if (from->id == T_DECIMAL && to->id == T_DECIMAL)
        return to->scale >= from->scale &&
               to->precision - to->scale >= from->precision - from->scale;
    if (type_is_integral(from) && to->id == T_TIMESTAMP) return true;
    if (from->id == T_TIMESTAMP && to->id == T_BIGINT) return true;
    if (from->id == to->id && (from->id == T_INTERVAL_YM || from->id == T_INTERVAL_DT)) return true;
    return from->nfields == 0 && from->id >= T_DATE && from->id <= T_TIMESTAMP_NTZ &&
           to->id >= T_DATE && to->id <= T_TIMESTAMP_NTZ;
}

bool cast_raises(const Type *from, const Type *to, CastMode mode)
{
    if (mode == CAST_TRY) return false;
    if (from->nfields == 0 || from->nfields != to->nfields) return !always_fits(from, to);
    for (int32_t i = 0; i < from->nfields; i++)
        if (cast_raises(from->field[i].type, to->field[i].type, mode)) return true;
    return false;
}

static Status cast_void(const KernelCall *k)
{
    k->out->valid = memset(k->out->valid, 0, (size_t)k->rows);
    for (int32_t i = 0; k->out->type->id == T_STRUCT && i < k->out->type->nfields; i++)
        k->out->kid[i] = column_null_of(k->scratch, k->out->type->field[i].type, k->rows);
    return DONE;
}

// Strings and bytes are the same in memory.
static Status cast_same(const KernelCall *k)
{
    uint8_t *valid = k->out->valid;
    const Type *t = k->out->type;
    *k->out = *k->in[0];
    k->out->type = t;
    k->out->rows = k->rows;
    k->out->valid = valid;
    return DONE;
}

static Kernel choose(const CastCall *c)
{
    TypeId from = c->from->id, to = c->to->id;
    if ((from == T_STRING || from == T_BINARY) && (to == T_STRING || to == T_BINARY))
        return c->to->length ? cast_parse_kernel(c) : cast_same;
    if (to == T_STRING) return cast_print_kernel(c);
    if (from == T_STRING) return cast_parse_kernel(c);
    Kernel kernel = cast_time_kernel(c);
    if (!kernel) kernel = cast_decimal_kernel(c);
    if (!kernel) kernel = cast_number_kernel(c);
    return kernel;
}

static bool same_phys(const CastCall *c)
{
    TypeId id = c->from->id; // of those with digits or fields of their own a cast may cut some
    bool cuts = id == T_DECIMAL || id == T_TIME || id == T_INTERVAL_YM || id == T_INTERVAL_DT;
    return id == c->to->id && !cuts && c->from->nfields == 0;
}

Status cast_bind(Arena *a, const CastPair *pair, const EvalCtx *ctx, Bound *b)
{
    CastCall *c = NEW(a, CastCall, 1);
    *c =
        (CastCall){.from = pair->from, .to = pair->to, .ansi = ctx->ansi || pair->mode == CAST_TRY};
    c->column = pair->column;
    c->fault = fault_of(pair, ctx);
    b->data = c;
    b->flags = 0;
    if (pair->from->id == T_VOID) {
        b->kernel = cast_void;
        b->flags = FN_MAY_NULL;
        return DONE;
    }
    if (pair->from->nfields && pair->to->nfields) {
        TRY(cast_nested_bind(a, pair, ctx, c));
        b->kernel = cast_nested_kernel(c);
        b->flags = FN_MAY_NULL;
        return DONE;
    }
    b->kernel = same_phys(c) && !c->to->length ? cast_same : choose(c);
    must(b->kernel);
    if (b->kernel == cast_same) b->flags |= FN_ALIASES;
    if (!always_fits(c->from, c->to)) b->flags |= FN_MAY_NULL;
    return DONE;
}

Status cast_invalid(const KernelCall *k, int32_t row, Str text)
{
    const CastCall *c = k->bound;
    if (c->fault == FAULT_RAISE && kernel_live(k, row))
        return RAISE(CAST_INVALID_INPUT, P("expression", text),
                     P("sourceType", quoted_type(k->scratch, c->from)),
                     P("targetType", quoted_type(k->scratch, c->to)),
                     P("ansiConfig", S("\"spark.sql.ansi.enabled\"")));
    k->out->valid[row] = 0;
    return DONE;
}

Status cast_overflow(const KernelCall *k, int32_t row)
{
    const CastCall *c = k->bound;
    if (c->fault != FAULT_RAISE || !kernel_live(k, row)) {
        k->out->valid[row] = 0;
        return DONE;
    }
    Str source = quoted_type(k->scratch, c->from), target = quoted_type(k->scratch, c->to);
    if (c->column.n)
        return RAISE(CAST_OVERFLOW_IN_TABLE_INSERT, P("sourceType", source),
                     P("targetType", target), P("columnName", c->column));
    Datum v = column_datum(k->scratch, k->in[0], row);
    Buf text = buf_new(k->scratch);
    literal_sql(&text, c->from, &v);
    return RAISE(CAST_OVERFLOW, P("value", buf_str(&text)), P("sourceType", source),
                 P("targetType", target), P("ansiConfig", S("\"spark.sql.ansi.enabled\"")));
}
