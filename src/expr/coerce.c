// coerce.c -- the type two values meet at, and what may stand for what. The tables were measured on
// Spark 4.1, pair by pair.
#include "expr/cast.h"
#include "expr/text_in.h"

static bool is_datetime(const Type *t)
{
    return t->id == T_DATE || t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ;
}

const Type *decimal_of(Arena *a, const Type *t)
{
    static const struct {
        int8_t precision, scale;
    } like[TYPE_IDS] = {[T_TINYINT] = {3, 0}, [T_SMALLINT] = {5, 0}, [T_INT] = {10, 0},
                        [T_BIGINT] = {20, 0}, [T_FLOAT] = {14, 7},   [T_DOUBLE] = {30, 15}};
    if (t->id == T_DECIMAL) return t;
    if (!like[t->id].precision) return type_decimal(a, DECIMAL_PRECISION_MAX, 18);
    return type_decimal(a, like[t->id].precision, like[t->id].scale);
}

// Over 38 digits the whole part is kept and the fraction cut, but not below six digits.
const Type *decimal_bounded(Arena *a, int32_t precision, int32_t scale)
{
    if (precision <= DECIMAL_PRECISION_MAX) return type_decimal(a, precision, scale);
    int32_t whole = precision - scale;
    int32_t least = MIN(scale, 6);
    return type_decimal(a, DECIMAL_PRECISION_MAX, MAX(DECIMAL_PRECISION_MAX - whole, least));
}

// Here nothing is kept of the fraction that the whole part leaves no room for.
static const Type *wider_decimal(Arena *a, const Type *x, const Type *y)
{
    int32_t scale = MAX(x->scale, y->scale);
    int32_t whole = MAX(x->precision - x->scale, y->precision - y->scale);
    if (whole + scale <= DECIMAL_PRECISION_MAX) return type_decimal(a, whole + scale, scale);
    return type_decimal(a, DECIMAL_PRECISION_MAX, MAX(0, DECIMAL_PRECISION_MAX - whole));
}

static const Type *numeric_type(Arena *a, const Type *x, const Type *y, bool ansi)
{
    bool fx = x->id == T_FLOAT || x->id == T_DOUBLE, fy = y->id == T_FLOAT || y->id == T_DOUBLE;
    if (x->id == T_DECIMAL || y->id == T_DECIMAL) {
        if (fx || fy) return &type_double;
        return wider_decimal(a, decimal_of(a, x), decimal_of(a, y));
    }
    if (fx != fy && ansi) return &type_double; // FLOAT would lose digits of an integer
    return x->id > y->id ? x : y;
}

static const Type *datetime_type(const Type *x, const Type *y)
{
    if (x->id == T_TIMESTAMP || y->id == T_TIMESTAMP) return &type_timestamp;
    return &type_timestamp_ntz;
}

static const Type *interval_type(Arena *a, const Type *x, const Type *y)
{
    Type *t = NEW(a, Type, 1);
    *t = *x;
    t->first = MIN(x->first, y->first);
    t->last = MAX(x->last, y->last);
    return t;
}

typedef const Type *(*Meet)(Arena *a, const Type *x, const Type *y, bool ansi);

static const Type *nested_type(Arena *a, const Type *x, const Type *y, bool ansi, Meet meet)
{
    if (x->nfields != y->nfields) return NULL;
    Type *t = NEW(a, Type, 1);
    *t = *x;
    Field *f = NEW(a, Field, x->nfields);
    t->field = f;
    for (int32_t i = 0; i < x->nfields; i++) {
        if (x->id == T_STRUCT && !str_ieq(x->field[i].name, y->field[i].name)) return NULL;
        f[i] = x->field[i];
        f[i].type = meet(a, x->field[i].type, y->field[i].type, ansi);
        f[i].nullable = x->field[i].nullable || y->field[i].nullable;
        if (!f[i].type) return NULL;
        bool text = x->field[i].type->id == T_STRING || y->field[i].type->id == T_STRING;
        if (x->id == T_MAP && i == 0 && text && f[i].type->id != T_STRING)
            return NULL; // a text that is none of these would be a key that is NULL
    }
    return t;
}

static const Type *meet(Arena *a, const Type *x, const Type *y, bool ansi, Meet parts)
{
    if (x->id == T_VOID) return y;
    if (y->id == T_VOID) return x;
    if (x->id == y->id) {
        if (x->id == T_DECIMAL) return wider_decimal(a, x, y);
        if (x->id == T_INTERVAL_YM || x->id == T_INTERVAL_DT) return interval_type(a, x, y);
        if (x->id == T_STRING) return &type_string; // VARCHAR is of tables' columns only
        if (x->nfields) return nested_type(a, x, y, ansi, parts);
        if (x->id == T_TIME && x->precision != y->precision) return NULL;
        return x;
    }
    if (type_is_numeric(x) && type_is_numeric(y)) return numeric_type(a, x, y, ansi);
    if (is_datetime(x) && is_datetime(y)) return datetime_type(x, y);
    return NULL;
}

const Type *tightest_type(Arena *a, const Type *x, const Type *y, bool ansi)
{
    return meet(a, x, y, ansi, tightest_type);
}

// Under ANSI a string becomes the other thing; without, the other thing becomes a string.
static const Type *with_string(const Type *other, bool ansi)
{
    if (type_is_integral(other)) return ansi ? &type_bigint : &type_string;
    if (type_is_numeric(other)) return ansi ? &type_double : &type_string;
    if (is_datetime(other) || other->id == T_TIME) return ansi ? other : &type_string;
    if (other->id == T_BOOLEAN || other->id == T_BINARY) return ansi ? other : NULL;
    if (other->id == T_INTERVAL_YM || other->id == T_INTERVAL_DT) return ansi ? NULL : &type_string;
    return NULL;
}

const Type *common_type(Arena *a, const Type *x, const Type *y, bool ansi)
{
    if (x->id != y->id && x->id != T_VOID && y->id != T_VOID) {
        if (x->id == T_STRING) return with_string(y, ansi);
        if (y->id == T_STRING) return with_string(x, ansi);
    }
    return meet(a, x, y, ansi, common_type);
}

// One row a source type, one letter a target in the order of TypeId. y: allowed; c: when ANSI is
// off; f: only by functions made for it; .: never.
// clang-format off
static const char *const cast_ansi[TYPE_IDS] = {
    [T_VOID]          = "yyyyyyyyyyyyyyyyyyyyy",
    [T_BOOLEAN]       = ".yyyyyyyyy...c.......",
    [T_TINYINT]       = ".yyyyyyyyycf.y.yy....",
    [T_SMALLINT]      = ".yyyyyyyyycf.y.yy....",
    [T_INT]           = ".yyyyyyyyycf.y.yy....",
    [T_BIGINT]        = ".yyyyyyyyycf.y.yy....",
    [T_FLOAT]         = ".yyyyyyyyy.f.y.......",
    [T_DOUBLE]        = ".yyyyyyyyy.f.y.......",
    [T_DECIMAL]       = ".yyyyyyyyy.f.y.yy....",
    [T_STRING]        = ".yyyyyyyyyyyyyyyyy...",
    [T_BINARY]        = ".........yy..........",
    [T_DATE]          = ".cfffffffy.y.yy......",
    [T_TIME]          = "..yyyy..yy..y........",
    [T_TIMESTAMP]     = ".cyyyyyyyy.y.yy......",
    [T_TIMESTAMP_NTZ] = ".........y.y.yy......",
    [T_INTERVAL_YM]   = "..yyyy..yy.....y.....",
    [T_INTERVAL_DT]   = "..yyyy..yy......y....",
    [T_INTERVAL]      = ".........y.......y...",
    [T_ARRAY]         = ".........y........y..",
    [T_MAP]           = ".........y.........y.",
    [T_STRUCT]        = ".........y..........y",
};
// clang-format on

static char cast_letter(const Type *from, const Type *to, bool try_cast, bool ansi)
{
    char letter = cast_ansi[from->id][to->id];
    if (letter == 'c') return ansi ? (try_cast ? '.' : 'c') : 'y';
    if (letter == 'f' && !ansi && !try_cast) // without ANSI a date is a number, and NULL as one
        return from->id == T_DATE ? 'y' : '.';
    return letter;
}

// The letter of the first part that is not allowed, else y.
static char cast_verdict(const Type *from, const Type *to, bool try_cast, bool ansi)
{
    bool shown = to->id == T_STRING && !to->udt;
    if (!type_same_udt(from, to) && from->id != T_VOID && !shown) return '.';
    char letter = cast_letter(from, to, try_cast, ansi);
    if (letter != 'y' || !from->nfields || !to->nfields) return letter;
    if (from->nfields != to->nfields) return '.';
    // A key that does not parse would be NULL.
    if (from->id == T_MAP && !ansi && from->field[0].type->id == T_STRING &&
        to->field[0].type->id != T_STRING)
        return '.';
    for (int32_t i = 0; i < from->nfields && letter == 'y'; i++)
        letter = cast_verdict(from->field[i].type, to->field[i].type, try_cast, ansi);
    return letter;
}

bool cast_allowed(const Type *from, const Type *to, CastMode mode, bool ansi)
{
    return cast_verdict(from, to, mode == CAST_TRY, ansi) == 'y';
}

static Status refuse_cast(Arena *a, const Expr *e, char verdict)
{
    const Type *from = e->arg[0]->type;
    Str sql = str_fmt(a, "\"" STR_FMT "\"", STR_ARG(expr_sql_str(a, e)));
    Str src = quoted_type(a, from), target = quoted_type(a, e->type);
    if (verdict == 'c')
        return RAISE(DATATYPE_MISMATCH_CAST_WITH_CONF_SUGGESTION, P("sqlExpr", sql),
                     P("srcType", src), P("targetType", target),
                     P("config", S("\"spark.sql.ansi.enabled\"")), P("configVal", S("'false'")));
    if (verdict == 'f')
        return RAISE(
            DATATYPE_MISMATCH_CAST_WITH_FUNC_SUGGESTION, P("sqlExpr", sql), P("srcType", src),
            P("targetType", target),
            P("functionNames", from->id == T_DATE ? S("`UNIX_DATE`") : S("`DATE_FROM_UNIX_DATE`")));
    return RAISE(DATATYPE_MISMATCH_CAST_WITHOUT_SUGGESTION, P("sqlExpr", sql), P("srcType", src),
                 P("targetType", target));
}

static bool fits_decimal(const Type *from, const Type *to)
{
    if (from->id == T_BOOLEAN) return to->precision - to->scale >= 1;
    static const int32_t digits[TYPE_IDS] = {
        [T_TINYINT] = 3, [T_SMALLINT] = 5, [T_INT] = 10, [T_BIGINT] = 20};
    if (type_is_integral(from)) return to->precision - to->scale >= digits[from->id];
    return from->id == T_DECIMAL && to->precision - to->scale >= from->precision - from->scale &&
           (to->scale >= from->scale || to->precision - to->scale > from->precision - from->scale);
}

static bool is_instant(const Type *t) { return t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ; }

bool cast_widens(const Type *from, const Type *to)
{
    if (type_eq(from, to) || from->id == T_VOID) return true;
    if (to->id == T_STRING) return from->id < T_ARRAY;
    if (from->id == T_DATE || is_instant(from)) return is_instant(to);
    if (to->id == T_DECIMAL) return type_is_numeric(from) && fits_decimal(from, to);
    if (type_is_numeric(from) && type_is_numeric(to) && from->id != T_DECIMAL)
        return from->id < to->id;
    if (from->id != to->id || !from->nfields || from->nfields != to->nfields) return false;
    for (int32_t i = 0; i < from->nfields; i++)
        if (!cast_widens(from->field[i].type, to->field[i].type)) return false;
    return true;
}

bool cast_says_null(const Type *from, const Type *to)
{
    if (type_eq(from, to) || from->id == T_VOID || to->id == T_STRING) return false;
    if (from->id == T_STRING) return to->id != T_BINARY;
    if (to->id == T_DECIMAL) return !fits_decimal(from, to);
    bool fraction = from->id == T_FLOAT || from->id == T_DOUBLE;
    if (fraction || from->id == T_DECIMAL)
        return type_is_integral(to) || (fraction && to->id == T_TIMESTAMP);
    if (from->id == T_TIMESTAMP)
        return to->id == T_TINYINT || to->id == T_SMALLINT || to->id == T_INT;
    return from->id == T_DATE && to->id != T_TIMESTAMP;
}

Status cast_resolve(Arena *a, Expr *e, const EvalCtx *ctx)
{
    const Type *from = e->arg[0]->type;
    // VARCHAR and CHAR mean something for columns of tables only.
    if (e->type->id == T_STRING && e->cast_mode != CAST_STORE) e->type = &type_string;
    char verdict = cast_verdict(from, e->type, e->cast_mode == CAST_TRY, ctx->ansi);
    if (verdict != 'y') return fail_at(refuse_cast(a, e, verdict), &e->at);
    e->nullable = e->arg[0]->nullable || e->cast_mode == CAST_TRY ||
                  (e->cast_mode != CAST_STORE && cast_says_null(from, e->type)) ||
                  (!ctx->ansi && e->type->id != T_STRING && !type_eq(from, e->type));
    return DONE;
}

void coerce(Arena *a, Expr **e, const Type *t)
{
    if (type_eq((*e)->type, t)) return;
    *e = expr_cast(a, *e, t, CAST_IMPLICIT);
    (*e)->at = (Origin){0}; // of the call that wants it: fn_resolve
}

void coerce_at(Arena *a, Expr **e, const Type *t, Origin at)
{
    Expr *was = *e;
    coerce(a, e, t);
    if (*e != was) (*e)->at = at;
}

bool store_allowed(const Type *from, const Type *to)
{
    if (from->id == T_VOID || type_eq(from, to)) return true;
    if (type_is_numeric(from) && type_is_numeric(to)) return true;
    if (to->id == T_STRING) return from->nfields == 0;
    if (is_datetime(from) && is_datetime(to)) return true;
    if (from->id != to->id) return false;
    if (from->nfields != to->nfields) return false;
    for (int32_t i = 0; i < from->nfields; i++)
        if (!store_allowed(from->field[i].type, to->field[i].type)) return false;
    return true;
}

Status coerce_store(Arena *a, Expr **e, const Type *t, Str table, Str column)
{
    if (type_eq((*e)->type, t)) return DONE;
    if (!store_allowed((*e)->type, t))
        return RAISE(INCOMPATIBLE_DATA_CANNOT_SAFELY_CAST, P("tableName", table),
                     P("colName", column), P("srcType", quoted_type(a, (*e)->type)),
                     P("targetType", quoted_type(a, t)));
    *e = expr_cast(a, *e, t, CAST_STORE);
    (*e)->name = column; // for messages
    return DONE;
}
