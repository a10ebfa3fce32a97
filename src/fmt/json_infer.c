// json_infer.c -- a schema from data: the narrowest type that takes all values of a field, STRING
// where there is none. Structs keep their fields sorted by name, so two are merged in one pass.
#include "base/num.h"
#include "fmt/json_lex.h"

struct JsonInfer {
    Arena *arena;
    const JsonOptions *opt;
    const Type *type; // so far
};
typedef VEC(Field) Fields;

// ---- merging -----------------------------------------------------------------------------------

static bool same_type(const Type *x, const Type *y) // names in their case too
{
    if (x->id != y->id || x->precision != y->precision || x->scale != y->scale ||
        x->nfields != y->nfields)
        return false;
    for (int32_t i = 0; i < x->nfields; i++) {
        if (x->id == T_STRUCT && !str_eq(x->field[i].name, y->field[i].name)) return false;
        if (!same_type(x->field[i].type, y->field[i].type)) return false;
    }
    return true;
}

static const Type *merge(Arena *a, const Type *x, const Type *y);

static const Type *merge_structs(Arena *a, const Type *x, const Type *y)
{
    Field *f = NEW(a, Field, x->nfields + y->nfields);
    int32_t n = 0, i = 0, k = 0;
    while (i < x->nfields || k < y->nfields) {
        int32_t c = i == x->nfields   ? 1
                    : k == y->nfields ? -1
                                      : str_cmp(x->field[i].name, y->field[k].name);
        f[n] = c <= 0 ? x->field[i] : y->field[k];
        if (c == 0) f[n].type = merge(a, x->field[i].type, y->field[k].type);
        i += c <= 0;
        k += c >= 0;
        n++;
    }
    return type_struct(a, f, n);
}

static const Type *merge_decimals(Arena *a, const Type *x, const Type *y)
{
    int32_t scale = MAX(x->scale, y->scale);
    int32_t whole = MAX(x->precision - x->scale, y->precision - y->scale);
    if (whole + scale > DECIMAL_PRECISION_MAX) return &type_double;
    return type_decimal(a, whole + scale, scale);
}

static const Type *merge(Arena *a, const Type *x, const Type *y)
{
    if (x->id == T_VOID || same_type(x, y)) return y;
    if (y->id == T_VOID) return x;
    if (x->id == T_STRUCT && y->id == T_STRUCT) return merge_structs(a, x, y);
    if (x->id == T_ARRAY && y->id == T_ARRAY)
        return type_array(a, merge(a, x->field[0].type, y->field[0].type), true);
    if (x->id == T_BIGINT && y->id == T_DECIMAL) x = type_decimal(a, 20, 0);
    if (y->id == T_BIGINT && x->id == T_DECIMAL) y = type_decimal(a, 20, 0);
    if (x->id == T_DECIMAL && y->id == T_DECIMAL) return merge_decimals(a, x, y);
    if (type_is_numeric(x) && type_is_numeric(y)) return &type_double;
    return &type_string;
}

// ---- one value ---------------------------------------------------------------------------------

typedef struct Infer {
    JsonLex lex;
    const JsonOptions *opt;
    Arena *arena; // of the types found
} Infer;

// A decimal as wide as java.math.BigDecimal would have it; NULL when DECIMAL cannot be so.
static const Type *decimal_of(Arena *a, Str s, bool whole_digits)
{
    Str digits = s;
    int64_t exponent = 0, scale = 0, precision = 0;
    for (int64_t i = 0; i < s.n; i++) {
        if ((s.p[i] | 32) != 'e') continue;
        digits = str_of(s.p, i);
        if (!num_parse_i64(str_from(s, i + 1), &exponent)) return NULL;
    }
    int64_t dot = str_find_char(digits, '.');
    for (int64_t i = 0; i < digits.n; i++)
        if (digits.p[i] >= '0' && digits.p[i] <= '9') precision += precision || digits.p[i] != '0';
    scale = (dot < 0 ? 0 : digits.n - dot - 1) - exponent;
    precision = MAX(precision, 1);
    if (whole_digits) precision = MAX(precision, scale);
    if (scale < 0 || scale > precision || precision > DECIMAL_PRECISION_MAX) return NULL;
    return type_decimal(a, (int32_t)precision, (int32_t)scale);
}

static const Type *number_type(Infer *x, Str digits, bool is_float)
{
    int64_t v;
    double d;
    if (x->opt->primitives_as_string) return &type_string;
    if (!is_float && num_parse_i64(digits, &v)) return &type_bigint;
    if (is_float && !x->opt->prefers_decimal) return &type_double;
    if (num_parse_f64(digits, &d) && d - d != 0) return &type_double;
    const Type *t = decimal_of(x->arena, digits, true);
    return t ? t : &type_double;
}

static const Type *string_type(Infer *x, Str s)
{
    double d;
    Datum v;
    const TextCast *c = &x->opt->cast;
    if (s.n == 0) return &type_void;
    bool number = x->opt->prefers_decimal && num_parse_f64(s, &d) && d - d == 0 &&
                  !strchr("dDfF", s.p[s.n - 1]);
    const Type *t = number ? decimal_of(x->arena, s, false) : NULL;
    if (t) return t;
    bool time = x->opt->infer_timestamp && c->read &&
                c->read(c, &type_timestamp, s, x->opt->timestamp_format, &v);
    return time ? &type_timestamp : &type_string;
}

static bool infer(Infer *x, const Type **t);

static void add_field(Infer *x, Fields *f, Str name, const Type *t) // sorted by name
{
    int64_t i = f->n;
    while (i > 0 && str_cmp(f->v[i - 1].name, name) > 0) i--;
    if (i > 0 && str_eq(f->v[i - 1].name, name)) {
        f->v[i - 1].type = merge(x->arena, f->v[i - 1].type, t);
        return;
    }
    vec_push(x->arena, f, field_of(name, t, true));
    memmove(f->v + i + 1, f->v + i, (size_t)(f->n - 1 - i) * sizeof *f->v);
    f->v[i] = field_of(name, t, true);
}

static bool infer_object(Infer *x, const Type **t)
{
    Fields f = {0};
    for (;;) {
        if (!json_lex_next(&x->lex)) return false;
        if (x->lex.token == JSON_OBJECT_END || x->lex.token == JSON_NONE) break;
        Str name = json_lex_name(&x->lex);
        const Type *kid;
        if (!infer(x, &kid)) return false;
        add_field(x, &f, name, kid);
    }
    *t = type_struct(x->arena, f.v, (int32_t)f.n);
    return true;
}

static bool infer_array(Infer *x, const Type **t)
{
    const Type *element = &type_void, *kid;
    for (;;) {
        if (!json_lex_next(&x->lex)) return false;
        if (x->lex.token == JSON_ARRAY_END || x->lex.token == JSON_NONE) break;
        if (!infer(x, &kid)) return false;
        element = merge(x->arena, element, kid);
    }
    *t = type_array(x->arena, element, true);
    return true;
}

static bool infer(Infer *x, const Type **t)
{
    JsonLex *l = &x->lex;
    *t = &type_void;
    switch (l->token) {
    case JSON_NAME: return json_lex_next(l) && infer(x, t);
    case JSON_OBJECT: return infer_object(x, t);
    case JSON_ARRAY: return infer_array(x, t);
    case JSON_STRING:
        if (!json_lex_string(l)) return false;
        *t = string_type(x, l->string);
        return true;
    case JSON_INT:
    case JSON_FLOAT: *t = number_type(x, l->string, l->token == JSON_FLOAT); return true;
    case JSON_TRUE:
    case JSON_FALSE: *t = x->opt->primitives_as_string ? &type_string : &type_boolean; return true;
    case JSON_NONE:
    case JSON_NULL: return true;
    case JSON_OBJECT_END:
    case JSON_ARRAY_END: break;
    }
    return false;
}

static bool infer_text(const JsonOptions *o, Arena *a, Str text, const Type **t)
{
    Infer x = {.opt = o, .arena = a};
    if (!o->source && utf8_valid_to(text) != text.n) text = json_utf8_repair(a, text);
    json_lex_start(&x.lex, a, text, o);
    return json_lex_next(&x.lex) && infer(&x, t);
}

// ---- results -----------------------------------------------------------------------------------

// NULL where nothing is left: fields of which nothing is known are STRING, structs without fields
// are none.
static const Type *canonical(Arena *a, const JsonOptions *o, const Type *t)
{
    if (t->id == T_VOID) return o->drop_null_fields ? NULL : &type_string;
    if (t->id == T_ARRAY) {
        const Type *e = canonical(a, o, t->field[0].type);
        return e ? type_array(a, e, true) : NULL;
    }
    if (t->id != T_STRUCT) return type_copy(a, t);
    Fields f = {0};
    for (int32_t i = 0; i < t->nfields; i++) {
        const Type *kid = t->field[i].name.n ? canonical(a, o, t->field[i].type) : NULL;
        if (kid) vec_push(a, &f, field_of(str_copy(a, t->field[i].name), kid, true));
    }
    return f.n ? type_struct(a, f.v, (int32_t)f.n) : NULL;
}

JsonInfer *json_infer_new(Arena *a, const JsonOptions *o)
{
    JsonInfer *i = NEW(a, JsonInfer, 1);
    *i = (JsonInfer){a, o, type_struct(a, NULL, 0)};
    return i;
}

static const Type *corrupt_struct(Arena *a, const JsonOptions *o)
{
    Field f = field_of(o->corrupt_column, &type_string, true);
    return type_struct(a, &f, 1);
}

Status json_infer_add(JsonInfer *i, Str text, Arena *scratch)
{
    const Type *t;
    bool ok = infer_text(i->opt, scratch, text, &t);
    while (ok && t->id == T_ARRAY) t = t->field[0].type; // its elements are rows
    if (ok && t->id == T_VOID) return DONE;
    if (!ok || t->id != T_STRUCT) {
        if (i->opt->mode == JSON_DROPMALFORMED) return DONE;
        if (i->opt->mode == JSON_FAILFAST)
            return RAISE(MALFORMED_RECORD_IN_PARSING, P("badRecord", text),
                         P("failFastMode", S("FAILFAST")));
        t = corrupt_struct(scratch, i->opt);
    }
    const Type *both = merge(scratch, i->type, t);
    if (!same_type(both, i->type)) i->type = type_copy(i->arena, both);
    return DONE;
}

const Schema *json_infer_schema(const JsonInfer *i, Arena *a)
{
    const Type *t = canonical(a, i->opt, i->type);
    return t ? t : type_struct(a, NULL, 0);
}

Status json_infer_type(const Type **out, Arena *a, const JsonOptions *o, Str text)
{
    const Type *t;
    if (!infer_text(o, a, text, &t))
        return fail(ERR_INVALID, "no schema can be found in the JSON text " STR_FMT, STR_ARG(text));
    const Type *c = canonical(a, o, t);
    bool rows = t->id == T_ARRAY && t->field[0].type->id == T_STRUCT;
    if (!c && t->id == T_STRUCT) c = type_struct(a, NULL, 0);
    if (!c && rows) c = type_array(a, type_struct(a, NULL, 0), true);
    *out = c ? c : &type_string;
    return DONE;
}
