// type.c -- the constants of the atomic types, the constructors of the others, and what follows
// from a type alone: how a value lies in memory, equality, the families.
#include "col/type.h"

const Type type_void = {.id = T_VOID}, type_boolean = {.id = T_BOOLEAN},
           type_tinyint = {.id = T_TINYINT}, type_smallint = {.id = T_SMALLINT},
           type_int = {.id = T_INT}, type_bigint = {.id = T_BIGINT}, type_float = {.id = T_FLOAT},
           type_double = {.id = T_DOUBLE}, type_string = {.id = T_STRING},
           type_binary = {.id = T_BINARY}, type_date = {.id = T_DATE},
           type_time = {.id = T_TIME, .precision = TIME_PRECISION_MAX},
           type_timestamp = {.id = T_TIMESTAMP}, type_timestamp_ntz = {.id = T_TIMESTAMP_NTZ},
           type_interval_ym = {.id = T_INTERVAL_YM, .first = YM_YEAR, .last = YM_MONTH},
           type_interval_dt = {.id = T_INTERVAL_DT, .first = DT_DAY, .last = DT_SECOND},
           type_interval = {.id = T_INTERVAL};

static const Type *type_keep(Arena *a, Type t)
{
    Type *kept = NEW_RAW(a, Type, 1);
    *kept = t;
    return kept;
}

const Type *type_decimal(Arena *a, int32_t precision, int32_t scale)
{
    must(precision >= 0 && precision <= DECIMAL_PRECISION_MAX && scale >= 0 && scale <= precision);
    return type_keep(
        a, (Type){.id = T_DECIMAL, .precision = (int16_t)precision, .scale = (int16_t)scale});
}

const Type *type_time_of(Arena *a, int32_t precision)
{
    must(precision >= 0 && precision <= TIME_PRECISION_MAX);
    return type_keep(a, (Type){.id = T_TIME, .precision = (int16_t)precision});
}

const Type *type_char(Arena *a, int32_t length, bool fixed)
{
    must(length >= 0);
    return type_keep(a, (Type){.id = T_STRING, .length = length, .fixed = fixed});
}

const Type *type_interval_of(Arena *a, TypeId id, int32_t first, int32_t last)
{
    must(id == T_INTERVAL_YM || id == T_INTERVAL_DT);
    must(0 <= first && first <= last && last <= (id == T_INTERVAL_YM ? YM_MONTH : DT_SECOND));
    return type_keep(a, (Type){.id = id, .first = (int16_t)first, .last = (int16_t)last});
}

Field field_of(Str name, const Type *type, bool nullable)
{
    return (Field){
        .name = name, .type = type, .nullable = nullable, .watermark_delay = WATERMARK_NONE};
}

static const Type *type_with(Arena *a, TypeId id, const Field *field, int32_t n)
{
    Field *f = NEW_RAW(a, Field, n);
    if (n) memcpy(f, field, (size_t)n * sizeof *f);
    return type_keep(a, (Type){.id = id, .nfields = n, .field = f});
}

const Type *type_struct(Arena *a, const Field *field, int32_t n)
{
    return type_with(a, T_STRUCT, field, n);
}

const Type *type_array(Arena *a, const Type *element, bool contains_null)
{
    Field f = field_of(S("element"), element, contains_null);
    return type_with(a, T_ARRAY, &f, 1);
}

const Type *type_map(Arena *a, const Type *key, const Type *value, bool contains_null)
{
    Field f[] = {field_of(S("key"), key, false), field_of(S("value"), value, contains_null)};
    return type_with(a, T_MAP, f, 2);
}

static const Udt *udt_copy(Arena *a, const Udt *u)
{
    if (!u) return NULL;
    Udt *copy = NEW(a, Udt, 1);
    *copy = (Udt){str_copy(a, u->jvm), str_copy(a, u->python), str_copy(a, u->python_code)};
    return copy;
}
const Type *type_udt(Arena *a, const Type *sql, const Udt *udt)
{
    Type *t = NEW(a, Type, 1);
    *t = *sql;
    t->udt = udt_copy(a, udt);
    return t;
}
bool type_same_udt(const Type *x, const Type *y)
{
    if (!x->udt || !y->udt) return x->udt == y->udt;
    return str_eq(x->udt->python, y->udt->python) && str_eq(x->udt->jvm, y->udt->jvm);
}

const Type *type_copy(Arena *a, const Type *t)
{
    if (t->udt) {
        Type plain = *t;
        plain.udt = NULL;
        return type_udt(a, type_copy(a, &plain), t->udt);
    }
    if (t->nfields == 0) return type_keep(a, *t);
    Field *f = NEW_RAW(a, Field, t->nfields);
    for (int32_t i = 0; i < t->nfields; i++) {
        f[i] = t->field[i];
        f[i].name = str_copy(a, f[i].name);
        f[i].comment = str_copy(a, f[i].comment);
        f[i].metadata = str_copy(a, f[i].metadata);
        f[i].dflt = str_copy(a, f[i].dflt);
        f[i].type = type_copy(a, f[i].type);
    }
    Type copy = *t;
    copy.field = f;
    return type_keep(a, copy);
}

const Type *type_nullable(Arena *a, const Type *t)
{
    if (t->nfields == 0) return t;
    Field *f = NEW_RAW(a, Field, t->nfields);
    for (int32_t i = 0; i < t->nfields; i++) {
        f[i] = t->field[i];
        f[i].type = type_nullable(a, f[i].type);
        f[i].nullable = !(t->id == T_MAP && i == 0); // the key of a map never is
    }
    Type nullable = *t;
    nullable.field = f;
    return type_keep(a, nullable);
}

static Status cannot_merge(Arena *a, const Type *x, const Type *y)
{
    if (x->id == T_DECIMAL && y->id == T_DECIMAL)
        return RAISE(CANNOT_MERGE_DECIMAL_SCALE, P("leftScale", str_fmt(a, "%d", x->scale)),
                     P("rightScale", str_fmt(a, "%d", y->scale)));
    return RAISE(CANNOT_MERGE_INCOMPATIBLE_DATA_TYPE,
                 P("left", str_fmt(a, "\"" STR_FMT "\"", STR_ARG(type_sql_str(a, x)))),
                 P("right", str_fmt(a, "\"" STR_FMT "\"", STR_ARG(type_sql_str(a, y)))));
}

Status type_merge(const Type **both, Arena *a, const Type *x, const Type *y)
{
    Type own = *x;
    int32_t n = x->nfields;
    *both = x;
    if (type_eq(x, y)) return DONE;
    bool wider = x->id == T_DECIMAL && y->id == T_DECIMAL && x->scale == y->scale;
    if (wider) own.precision = MAX(x->precision, y->precision);
    if (!wider && (x->id != y->id || !n)) return cannot_merge(a, x, y);
    Field *f = NEW(a, Field, n + y->nfields + 1);
    if (n) memcpy(f, x->field, (size_t)n * sizeof *f);
    for (int32_t i = 0; i < y->nfields; i++) {
        int32_t k = x->id == T_STRUCT ? type_field(x, y->field[i].name) : i;
        if (k < 0) {
            f[own.nfields++] = y->field[i];
            continue;
        }
        TRY(type_merge(&f[k].type, a, f[k].type, y->field[i].type));
        f[k].nullable |= y->field[i].nullable;
    }
    own.field = f;
    *both = type_keep(a, own);
    return DONE;
}

Phys type_phys(const Type *t)
{
    switch (t->id) {
    case T_VOID:
    case T_BOOLEAN: return PHYS_BOOL;
    case T_TINYINT: return PHYS_I8;
    case T_SMALLINT: return PHYS_I16;
    case T_INT:
    case T_DATE:
    case T_INTERVAL_YM: return PHYS_I32;
    case T_BIGINT:
    case T_TIME:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_DT: return PHYS_I64;
    case T_FLOAT: return PHYS_F32;
    case T_DOUBLE: return PHYS_F64;
    case T_DECIMAL: return PHYS_I128;
    case T_STRING:
    case T_BINARY: return PHYS_STR;
    case T_INTERVAL: return PHYS_INTERVAL;
    case T_ARRAY:
    case T_MAP: return PHYS_LIST;
    case T_STRUCT: return PHYS_STRUCT;
    }
    must_failed("TypeId", __FILE__, __LINE__);
}

int32_t phys_bytes(Phys p)
{
    static const int32_t bytes[] = {
        [PHYS_BOOL] = 1,
        [PHYS_I8] = 1,
        [PHYS_I16] = sizeof(int16_t),
        [PHYS_I32] = sizeof(int32_t),
        [PHYS_I64] = sizeof(int64_t),
        [PHYS_F32] = sizeof(float),
        [PHYS_F64] = sizeof(double),
        [PHYS_I128] = sizeof(Int128),
        [PHYS_STR] = sizeof(Str),
        [PHYS_INTERVAL] = sizeof(Interval),
        [PHYS_LIST] = sizeof(List),
        [PHYS_STRUCT] = 0,
    };
    return bytes[p];
}

static bool equal(const Type *x, const Type *y, bool udt)
{
    if (x == y) return true;
    if (udt && !type_same_udt(x, y)) return false;
    if (x->id != y->id || x->precision != y->precision || x->scale != y->scale ||
        x->first != y->first || x->last != y->last || x->length != y->length ||
        x->fixed != y->fixed || x->nfields != y->nfields)
        return false;
    for (int32_t i = 0; i < x->nfields; i++) {
        if (x->id == T_STRUCT && !str_ieq(x->field[i].name, y->field[i].name)) return false;
        if (!equal(x->field[i].type, y->field[i].type, udt)) return false;
    }
    return true;
}
bool type_eq(const Type *x, const Type *y) { return equal(x, y, true); }

bool type_same_shape(const Type *x, const Type *y)
{
    if (x->id != T_STRUCT || y->id != T_STRUCT) return type_eq(x, y);
    bool same = x->nfields == y->nfields;
    for (int32_t i = 0; same && i < x->nfields; i++)
        same = type_same_shape(x->field[i].type, y->field[i].type);
    return same;
}
bool type_stored_alike(const Type *x, const Type *y) { return equal(x, y, false); }

bool type_is_integral(const Type *t) { return t->id >= T_TINYINT && t->id <= T_BIGINT; }
bool type_is_numeric(const Type *t) { return t->id >= T_TINYINT && t->id <= T_DECIMAL; }

bool type_is_orderable(const Type *t)
{
    if (t->id == T_MAP || t->id == T_INTERVAL) return false;
    for (int32_t i = 0; i < t->nfields; i++)
        if (!type_is_orderable(t->field[i].type)) return false;
    return true;
}

int32_t type_field(const Type *t, Str name)
{
    int32_t found = -1;
    for (int32_t i = 0; i < t->nfields; i++) {
        if (!str_ieq(t->field[i].name, name)) continue;
        if (found >= 0) return -2;
        found = i;
    }
    return found;
}
