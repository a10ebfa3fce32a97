// iceberg_transform.c -- partition transforms. Divisions round down, also before 1970; bucket
// hashes numbers of every width as eight bytes.
#include "base/civil.h"
#include "base/num.h"
#include "fmt/truncate.h"
#include "lake/iceberg_in.h"

static const Str names[] = {
    [TR_IDENTITY] = STR_INIT("identity"), [TR_YEAR] = STR_INIT("year"),
    [TR_MONTH] = STR_INIT("month"),       [TR_DAY] = STR_INIT("day"),
    [TR_HOUR] = STR_INIT("hour"),         [TR_BUCKET] = STR_INIT("bucket"),
    [TR_TRUNCATE] = STR_INIT("truncate"), [TR_VOID] = STR_INIT("void"),
};
static bool has_arg(TransformKind k) { return k == TR_BUCKET || k == TR_TRUNCATE; }

bool transform_parse(Str text, TransformKind *kind, int32_t *arg)
{
    Cut c = str_cut(text, '[');
    *arg = 0;
    for (int32_t k = 0; k < COUNT(names); k++) {
        if (!str_eq(names[k], c.head) || has_arg((TransformKind)k) != c.ok) continue;
        int64_t n = 0;
        if (c.ok &&
            (!str_ends(c.tail, S("]")) || !num_parse_i64(str_sub(c.tail, 0, c.tail.n - 1), &n) ||
             n < 1 || n > INT32_MAX))
            return false;
        *kind = (TransformKind)k;
        *arg = (int32_t)n;
        return true;
    }
    return false;
}

Str transform_text(Arena *a, TransformKind kind, int32_t arg)
{
    return has_arg(kind) ? str_fmt(a, STR_FMT "[%d]", STR_ARG(names[kind]), arg) : names[kind];
}

static bool is_instant(TypeId id) { return id == T_TIMESTAMP || id == T_TIMESTAMP_NTZ; }

static bool takes(TypeId id, TransformKind kind)
{
    bool number = id == T_INT || id == T_BIGINT || id == T_DECIMAL;
    bool text = id == T_STRING || id == T_BINARY;
    switch (kind) {
    case TR_IDENTITY:
        return number || text || is_instant(id) || id == T_DATE || id == T_TIME ||
               id == T_BOOLEAN || id == T_FLOAT || id == T_DOUBLE;
    case TR_YEAR:
    case TR_MONTH:
    case TR_DAY: return id == T_DATE || is_instant(id);
    case TR_HOUR: return is_instant(id);
    case TR_BUCKET: return number || text || is_instant(id) || id == T_DATE || id == T_TIME;
    case TR_TRUNCATE: return number || text;
    case TR_VOID: return true;
    }
    must_failed("TransformKind", __FILE__, __LINE__);
}

Status transform_check(const Type *source, TransformKind kind, Str column)
{
    if (takes(source->id, kind)) return DONE;
    Arena *a = arena_new(NULL);
    Str type = type_name_str(a, source);
    Status s = fail(ERR_INVALID,
                    "column " STR_FMT " of type " STR_FMT " cannot be partitioned by " STR_FMT,
                    STR_ARG(column), STR_ARG(type), STR_ARG(names[kind]));
    arena_free(a);
    return s;
}

const Type *transform_result(const Type *source, TransformKind kind)
{
    switch (kind) {
    case TR_IDENTITY:
    case TR_TRUNCATE:
    case TR_VOID: return source;
    case TR_DAY: return &type_date;
    case TR_YEAR:
    case TR_MONTH:
    case TR_HOUR:
    case TR_BUCKET: return &type_int;
    }
    must_failed("TransformKind", __FILE__, __LINE__);
}

static inline uint32_t rotl(uint32_t v, int32_t n) { return v << n | v >> (32 - n); }

static uint32_t murmur_mix(uint32_t k) { return rotl(k * 0xcc9e2d51u, 15) * 0x1b873593u; }

int32_t murmur3(Str s) // x86, 32 bits, seed 0
{
    uint32_t h = 0, k;
    int64_t at = 0;
    for (; at + 4 <= s.n; at += 4) {
        memcpy(&k, s.p + at, 4);
        h = rotl(h ^ murmur_mix(k), 13) * 5 + 0xe6546b64u;
    }
    k = 0;
    for (int64_t i = s.n - 1; i >= at; i--) k = k << 8 | (uint8_t)s.p[i];
    if (at < s.n) h ^= murmur_mix(k);
    h ^= (uint32_t)s.n;
    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = (h ^ h >> 13) * 0xc2b2ae35u;
    return (int32_t)(h ^ h >> 16);
}

// The value of a row in micros or days, for the transforms of time.
static int64_t calendar(TransformKind kind, bool date, int64_t v)
{
    int64_t days = date ? v : floor_div(v, MICROS_PER_DAY), year;
    int32_t month, day;
    switch (kind) {
    case TR_DAY: return days;
    case TR_HOUR: return floor_div(v, MICROS_PER_HOUR);
    case TR_YEAR:
    case TR_MONTH:
        civil_from_days(days, &year, &month, &day);
        return kind == TR_YEAR ? year - 1970 : (year - 1970) * 12 + month - 1;
    case TR_IDENTITY:
    case TR_BUCKET:
    case TR_TRUNCATE:
    case TR_VOID: break;
    }
    must_failed("a transform of time", __FILE__, __LINE__);
}

static void times(Column *out, const Column *c, TransformKind kind)
{
    bool date = c->type->id == T_DATE;
    int64_t last = 0, result = calendar(kind, date, 0); // neighbours are often equal
    for (int32_t i = 0; i < c->rows; i++) {
        if (column_null(c, i)) continue;
        int64_t v = date ? COLUMN_DATA(c, int32_t)[i] : COLUMN_DATA(c, int64_t)[i];
        if (v != last) result = calendar(kind, date, last = v);
        COLUMN_DATA(out, int32_t)[i] = (int32_t)result;
    }
}

static int32_t bucket_of(const Column *c, int32_t row, Buf *scratch)
{
    Datum v = column_datum(scratch->arena, c, row);
    buf_clear(scratch);
    if (c->type->id == T_INT || c->type->id == T_DATE)
        buf_u64le(scratch, (uint64_t)v.i);
    else
        datum_to_bytes(scratch, c->type, &v);
    return murmur3(buf_str(scratch)) & INT32_MAX;
}

#define TRUNCATES(X) X(PHYS_I32, int32_t) X(PHYS_I64, int64_t) X(PHYS_I128, Int128)
#define TRUNCATE(phys, T)                                                                          \
    case phys: {                                                                                   \
        T v = COLUMN_DATA(c, T)[i], m = (T)(v % w);                                                \
        COLUMN_DATA(out, T)[i] = (T)(v - (m < 0 ? m + (T)w : m));                                  \
        break;                                                                                     \
    }
static void truncate_row(Column *out, const Column *c, int32_t i, int32_t w)
{
    switch (type_phys(c->type)) {
        TRUNCATES(TRUNCATE)
    case PHYS_STR: {
        Str s = column_str(c, i);
        bool text = c->type->id == T_STRING;
        COLUMN_DATA(out, Str)[i] = text ? truncate_chars(s, w) : str_sub(s, 0, MIN(s.n, w));
        break;
    }
    case PHYS_BOOL:
    case PHYS_I8:
    case PHYS_I16:
    case PHYS_F32:
    case PHYS_F64:
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: must_failed("a type to truncate", __FILE__, __LINE__);
    }
}

Column transform_column(Arena *a, const Column *c, TransformKind kind, int32_t arg)
{
    const Type *t = transform_result(c->type, kind);
    if (kind == TR_IDENTITY) return *c;
    if (kind == TR_VOID) return column_null_of(a, t, c->rows);
    Column out = column_new(a, t, c->rows);
    out.valid = c->valid;
    if (kind != TR_BUCKET && kind != TR_TRUNCATE) {
        times(&out, c, kind);
        return out;
    }
    Buf scratch = buf_new(a);
    for (int32_t i = 0; i < c->rows; i++) {
        if (column_null(c, i)) continue;
        if (kind == TR_TRUNCATE)
            truncate_row(&out, c, i, arg);
        else
            COLUMN_DATA(&out, int32_t)[i] = bucket_of(c, i, &scratch) % arg;
    }
    return out;
}

static Str human_time(Arena *a, TransformKind kind, int64_t v)
{
    int64_t days = kind == TR_HOUR ? floor_div(v, 24) : v, year;
    int32_t month, day;
    if (kind == TR_YEAR) return str_fmt(a, "%04lld", (long long)v + 1970);
    if (kind == TR_MONTH)
        return str_fmt(a, "%04lld-%02lld", (long long)floor_div(v, 12) + 1970,
                       (long long)floor_mod(v, 12) + 1);
    civil_from_days(days, &year, &month, &day);
    Str date = str_fmt(a, "%04lld-%02d-%02d", (long long)year, month, day);
    if (kind == TR_DAY) return date;
    return str_fmt(a, STR_FMT "-%02lld", STR_ARG(date), (long long)floor_mod(v, 24));
}

Str transform_human(Arena *a, const IceSpecField *f, Str bytes)
{
    Datum v = {0};
    if (!bytes.p || !f->result || !datum_from_bytes(&v, f->result, bytes)) return S("null");
    if (f->transform == TR_YEAR || f->transform == TR_MONTH || f->transform == TR_DAY ||
        f->transform == TR_HOUR)
        return human_time(a, f->transform, v.i);
    Column c = column_of_datum(a, f->result, &v, 1);
    TextForm form = {.binary_hex = true};
    Buf b = buf_new(a);
    value_text(&b, &c, 0, &form);
    return buf_str(&b);
}

static Datum project(Arena *a, const Datum *v, const IceSpecField *f)
{
    Column c = column_of_datum(a, f->source, v, 1);
    Column t = transform_column(a, &c, f->transform, f->arg);
    return column_datum(a, &t, 0);
}

bool transform_project(Prune *out, Arena *a, const Prune *p, const IceSpecField *f)
{
    if (!f->known || !f->result || f->transform == TR_VOID) return false;
    *out = *p;
    Datum *v = NEW(a, Datum, MAX(p->nvalues, 1));
    for (int32_t i = 0; i < p->nvalues; i++) v[i] = project(a, &p->value[i], f);
    out->value = v;
    bool exact = f->transform == TR_IDENTITY, order = f->transform != TR_BUCKET;
    switch (p->op) {
    case PRUNE_EQ:
    case PRUNE_IN:
    case PRUNE_IS_NULL:
    case PRUNE_NOT_NULL: return true;
    case PRUNE_LT: // a smaller value may fall into the same step
        if (!exact) out->op = PRUNE_LE;
        return order;
    case PRUNE_GT:
        if (!exact) out->op = PRUNE_GE;
        return order;
    case PRUNE_LE:
    case PRUNE_GE: return order;
    }
    must_failed("PruneOp", __FILE__, __LINE__);
}
