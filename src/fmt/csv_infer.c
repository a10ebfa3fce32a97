// csv_infer.c -- the schema of CSV without one: names from the header or _c0, _c1, ..; all STRING
// or, with inferSchema, the narrowest type that takes all values of a column.
#include "base/map.h"
#include "base/num.h"
#include "fmt/csv.h"
#include "fmt/json_in.h"

struct CsvInfer {
    Arena *arena;
    const CsvOptions *opt;
    int32_t n; // columns; 0: no record was seen
    Str *name;
    const Type **type;
    JsonReader *times;
    JsonOptions json;
};

CsvInfer *csv_infer_new(Arena *a, const CsvOptions *o)
{
    CsvInfer *i = NEW(a, CsvInfer, 1);
    *i = (CsvInfer){.arena = a, .opt = o};
    i->json = (JsonOptions){.timestamp_format = o->timestamp_format,
                            .date_format = o->date_format,
                            .time_parser_fallback = S("false"),
                            .no_day_numbers = true,
                            .cast = o->cast};
    i->times = json_reader_new(a, type_struct(a, NULL, 0), &i->json);
    i->times->scratch = a;
    return i;
}

bool csv_infer_done(const CsvInfer *i) { return i->n && !i->opt->infer; }

// ---- names -------------------------------------------------------------------------------------

static bool is_repeated(const CsvRow *row, int32_t k)
{
    for (int32_t i = 0; i < row->n; i++)
        if (i != k && str_ieq(row->token[i], row->token[k])) return true;
    return false;
}

static Str column_name(const CsvInfer *i, const CsvRow *row, int32_t k)
{
    Str s = row->token[k];
    bool none = !i->opt->header || s.n == 0 || str_eq(s, i->opt->null_value);
    if (none) return str_fmt(i->arena, "_c%d", k);
    if (is_repeated(row, k)) return str_fmt(i->arena, STR_FMT "%d", STR_ARG(s), k);
    return str_copy(i->arena, s);
}

// ---- types -------------------------------------------------------------------------------------

static const Type *merge(Arena *a, const Type *x, const Type *y)
{
    if (x->id == T_VOID || type_eq(x, y)) return y;
    if (x->id == T_INT && y->id == T_BIGINT) return y;
    if (y->id == T_INT && x->id == T_BIGINT) return x;
    if (x->id == T_STRING || y->id == T_STRING) return &type_string;
    if (x->id == T_DECIMAL && (y->id == T_INT || y->id == T_BIGINT))
        y = type_decimal(a, y->id == T_INT ? 10 : 20, 0);
    if (y->id == T_DECIMAL && (x->id == T_INT || x->id == T_BIGINT))
        x = type_decimal(a, x->id == T_INT ? 10 : 20, 0);
    if (x->id == T_DECIMAL && y->id == T_DECIMAL)
        return x->precision >= y->precision ? x : y; // both have no scale
    if (type_is_numeric(x) && type_is_numeric(y)) return &type_double;
    return &type_string;
}

static const Type *time_type(const CsvInfer *i, Str s, bool date)
{
    Datum v;
    const CsvOptions *o = i->opt;
    // The default pattern yyyy-MM-dd is strict: ten characters.
    if (date && o->prefer_date && (o->date_format.n || s.n == 10) &&
        json_date(i->times, &type_date, s, &v))
        return &type_date;
    if (json_timestamp(i->times, &type_timestamp, s, &v)) return &type_timestamp;
    if (str_ieq(s, S("true")) || str_ieq(s, S("false"))) return &type_boolean;
    return &type_string;
}

static const Type *number_type(const CsvInfer *i, Str s)
{
    int64_t v;
    double d;
    Int128 big;
    if (num_parse_i64(s, &v)) return v >= INT32_MIN && v <= INT32_MAX ? &type_int : &type_bigint;
    bool digits = s.n > 0;
    for (int64_t k = digits && (s.p[0] == '-' || s.p[0] == '+'); k < s.n; k++)
        digits &= s.p[k] >= '0' && s.p[k] <= '9';
    if (digits && num_parse_decimal(s, 0, &big))
        return type_decimal(i->arena, num_precision(big), 0);
    const CsvOptions *o = i->opt;
    if (num_parse_f64(str_trim(s), &d) || str_eq(s, o->nan_value) || str_eq(s, o->positive_inf) ||
        str_eq(s, o->negative_inf))
        return &type_double;
    return NULL;
}

static const Type *boolean_or_string(Str s)
{
    return str_ieq(s, S("true")) || str_ieq(s, S("false")) ? &type_boolean : &type_string;
}

// Given what the column was so far there is no need to ask for less.
static const Type *value_type(const CsvInfer *i, const Type *so_far, Str s)
{
    const Type *t = NULL;
    if (so_far->id == T_STRING) return so_far;
    if (so_far->id == T_BOOLEAN) return boolean_or_string(s);
    if (so_far->id == T_TIMESTAMP) {
        t = time_type(i, s, false);
        return t->id == T_STRING ? time_type(i, s, true) : t;
    }
    if (so_far->id == T_DATE) {
        t = time_type(i, s, true);
        // Dates among timestamps are timestamps, unless a format says what those look like.
        return t->id == T_TIMESTAMP && i->opt->timestamp_format.n ? &type_string : t;
    }
    t = number_type(i, s);
    return t ? t : time_type(i, s, true);
}

static const Type *widen(const CsvInfer *i, const Type *so_far, Str s)
{
    const Type *t = value_type(i, so_far, s);
    bool times = (so_far->id == T_DATE && t->id == T_TIMESTAMP) ||
                 (so_far->id == T_TIMESTAMP && t->id == T_DATE);
    if (times) return i->opt->timestamp_format.n ? &type_string : &type_timestamp;
    return merge(i->arena, so_far, t);
}

// ---- rows --------------------------------------------------------------------------------------

static void first(CsvInfer *i, const CsvRow *row)
{
    i->n = row->n;
    i->name = NEW(i->arena, Str, row->n);
    i->type = NEW(i->arena, const Type *, row->n);
    for (int32_t k = 0; k < row->n; k++) {
        i->name[k] = column_name(i, row, k);
        i->type[k] = i->opt->infer ? &type_void : &type_string;
    }
}

void csv_infer_add(CsvInfer *i, const CsvRow *row)
{
    bool named = i->n > 0;
    if (!named) first(i, row);
    if (!i->opt->infer || (!named && i->opt->header)) return;
    for (int32_t k = 0; k < MIN(i->n, row->n); k++) {
        Str s = row->token[k];
        if (!s.p || s.n == 0 || str_eq(s, i->opt->null_value)) continue;
        i->type[k] = widen(i, i->type[k], s);
    }
}

const Schema *csv_infer_schema(const CsvInfer *i, Arena *a)
{
    if (i->n == 0) return NULL;
    Field *f = NEW(a, Field, i->n);
    for (int32_t k = 0; k < i->n; k++) {
        const Type *t = i->type[k]->id == T_VOID ? &type_string : type_copy(a, i->type[k]);
        f[k] = field_of(str_copy(a, i->name[k]), t, true);
    }
    return type_struct(a, f, i->n);
}
