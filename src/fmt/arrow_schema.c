// arrow_schema.c -- the types of an Arrow schema as Spark has them.
#include "fmt/arrow_read_in.h"

enum { FIELDS_MAX = 1 << 16, DEPTH_MAX = 64 };
enum { // Arrow's type ids
    ID_NULL = 1,
    ID_INT,
    ID_FLOAT,
    ID_BINARY,
    ID_UTF8,
    ID_BOOL,
    ID_DECIMAL,
    ID_DATE,
    ID_TIME,
    ID_TIMESTAMP,
    ID_INTERVAL,
    ID_LIST,
    ID_STRUCT,
    ID_FIXED_BINARY = 15,
    ID_FIXED_LIST,
    ID_MAP,
    ID_DURATION,
    ID_LARGE_BINARY,
    ID_LARGE_UTF8,
    ID_LARGE_LIST,
};

static Status refuse(const char *what)
{
    return fail(ERR_UNSUPPORTED, "an Arrow column of %s is no column of Spark's", what);
}

static Status broken(void) { return fail(ERR_CORRUPT, "an Arrow stream: a broken schema"); }

static Status integer(ArrowType *to, int32_t bytes, const Type *type)
{
    to->kind = ARROW_INT;
    to->bytes = bytes;
    to->type = type;
    return DONE;
}

static Status read_int(ArrowType *to, const FlatTable *t)
{
    int64_t bits = flat_int(t, 0, 4, 0);
    to->is_unsigned = !flat_int(t, 1, 1, 0);
    switch (bits) { // an unsigned one needs the next width
    case 8: return integer(to, 1, to->is_unsigned ? &type_smallint : &type_tinyint);
    case 16: return integer(to, 2, to->is_unsigned ? &type_int : &type_smallint);
    case 32: return integer(to, 4, to->is_unsigned ? &type_bigint : &type_int);
    case 64: return to->is_unsigned ? refuse("unsigned 64 bits") : integer(to, 8, &type_bigint);
    }
    return broken();
}

static Status read_float(ArrowType *to, const FlatTable *t)
{
    int64_t precision = flat_int(t, 0, 2, 0);
    to->kind = ARROW_FIXED;
    to->type = precision == 1 ? &type_float : &type_double;
    return precision == 0 ? refuse("half floats") : DONE;
}

static Status read_decimal(Arena *a, ArrowType *to, const FlatTable *t)
{
    int64_t precision = flat_int(t, 0, 4, 0), scale = flat_int(t, 1, 4, 0);
    if (flat_int(t, 2, 4, 128) != 128) return refuse("decimals of other than 128 bits");
    if (precision < 1 || precision > DECIMAL_PRECISION_MAX || scale < 0 || scale > precision)
        return refuse("decimals of more than 38 digits");
    to->kind = ARROW_FIXED;
    to->type = type_decimal(a, (int32_t)precision, (int32_t)scale);
    return DONE;
}

// Units: 0 seconds, 1 ms, 2 us, 3 ns; the target counts `target` a second.
static Status unit_of(ArrowType *to, int64_t unit, int64_t target)
{
    static const int64_t per_second[] = {1, 1000, 1000000, 1000000000};
    if (unit < 0 || unit >= COUNT(per_second)) return broken();
    int64_t have = per_second[unit];
    to->mul = have < target ? target / have : 1;
    to->div = have > target ? have / target : 1;
    return DONE;
}

static Status read_date(ArrowType *to, const FlatTable *t)
{
    bool days = flat_int(t, 0, 2, 1) == 0;
    to->div = days ? 1 : 86400000;
    return integer(to, days ? 4 : 8, &type_date);
}

static Status read_time(ArrowType *to, const FlatTable *t)
{
    int64_t unit = flat_int(t, 0, 2, 1);
    TRY(integer(to, flat_int(t, 1, 4, 32) == 64 ? 8 : 4, &type_time));
    return unit_of(to, unit, 1000000000);
}

static Status read_timestamp(ArrowType *to, const FlatTable *t)
{
    TRY(integer(to, 8, flat_has(t, 1) ? &type_timestamp : &type_timestamp_ntz));
    return unit_of(to, flat_int(t, 0, 2, 0), 1000000);
}

static Status read_interval(ArrowType *to, const FlatTable *t)
{
    enum { YEAR_MONTH, DAY_TIME, MONTH_DAY_NANO };
    int64_t unit = flat_int(t, 0, 2, 0);
    if (unit == YEAR_MONTH) return integer(to, 4, &type_interval_ym);
    if (unit > MONTH_DAY_NANO || unit < 0) return broken();
    to->kind = ARROW_INTERVAL;
    to->bytes = unit == DAY_TIME ? 8 : 16;
    to->type = unit == DAY_TIME ? &type_interval_dt : &type_interval;
    return DONE;
}

static Status text(ArrowType *to, ArrowKind kind, int32_t bytes, const Type *type)
{
    to->kind = kind;
    to->bytes = bytes;
    to->type = type;
    return DONE;
}

static Status fixed_size(ArrowType *to, const FlatTable *t)
{
    int64_t size = flat_int(t, 0, 4, 0);
    to->size = (int32_t)size;
    return size < 0 || size > 1 << 20 ? broken() : DONE;
}

static Status read_list(Arena *a, ArrowType *to, ArrowKind kind, int32_t bytes, const Field *field)
{
    if (to->nkids != 1) return broken();
    to->kind = kind;
    to->bytes = bytes;
    to->type = type_array(a, field[0].type, field[0].nullable);
    return DONE;
}

static Status read_map(Arena *a, ArrowType *to)
{
    if (to->nkids != 1 || to->kid[0].kind != ARROW_STRUCT || to->kid[0].nkids != 2) return broken();
    const Field *entry = to->kid[0].type->field;
    to->kind = ARROW_MAP;
    to->bytes = 4;
    to->type = type_map(a, entry[0].type, entry[1].type, entry[1].nullable);
    return DONE;
}

static Status read_struct(Arena *a, ArrowType *to, const Field *field)
{
    to->kind = ARROW_STRUCT;
    to->type = type_struct(a, field, to->nkids);
    return DONE;
}

// The type by its id; its kids, and them as fields, are known.
static Status read_type(Arena *a, ArrowType *to, const FlatTable *f, const Field *field)
{
    FlatTable t = flat_table(f, 3);
    switch (flat_int(f, 2, 1, 0)) {
    case ID_NULL: return text(to, ARROW_NULL, 0, &type_void);
    case ID_INT: return read_int(to, &t);
    case ID_FLOAT: return read_float(to, &t);
    case ID_BINARY: return text(to, ARROW_STRING, 4, &type_binary);
    case ID_UTF8: return text(to, ARROW_STRING, 4, &type_string);
    case ID_BOOL: return text(to, ARROW_BOOL, 0, &type_boolean);
    case ID_DECIMAL: return read_decimal(a, to, &t);
    case ID_DATE: return read_date(to, &t);
    case ID_TIME: return read_time(to, &t);
    case ID_TIMESTAMP: return read_timestamp(to, &t);
    case ID_INTERVAL: return read_interval(to, &t);
    case ID_LIST: return read_list(a, to, ARROW_LIST, 4, field);
    case ID_STRUCT: return read_struct(a, to, field);
    case ID_FIXED_BINARY:
        TRY(text(to, ARROW_SIZED_STRING, 0, &type_binary));
        return fixed_size(to, &t);
    case ID_FIXED_LIST:
        TRY(read_list(a, to, ARROW_SIZED_LIST, 0, field));
        return fixed_size(to, &t);
    case ID_MAP: return read_map(a, to);
    case ID_DURATION:
        TRY(integer(to, 8, &type_interval_dt));
        return unit_of(to, flat_int(&t, 0, 2, 1), 1000000);
    case ID_LARGE_BINARY: return text(to, ARROW_STRING, 8, &type_binary);
    case ID_LARGE_UTF8: return text(to, ARROW_STRING, 8, &type_string);
    case ID_LARGE_LIST: return read_list(a, to, ARROW_LIST, 8, field);
    }
    return refuse("a type of Arrow's own");
}

static Status read_fields(ArrowRead *r, const FlatList *list, ArrowType *to, Field **field,
                          int32_t depth);

static Status read_field(ArrowRead *r, const FlatTable *f, ArrowType *to, Field *field,
                         int32_t depth)
{
    Field *kids = NULL;
    FlatList children = flat_list(f, 5, 4);
    *to = (ArrowType){.mul = 1, .div = 1};
    if (++r->fields > FIELDS_MAX || depth > DEPTH_MAX) return refuse("too many types within");
    if (flat_has(f, 4)) return fail(ERR_UNSUPPORTED, "a dictionary in an Arrow stream");
    TRY(read_fields(r, &children, to, &kids, depth + 1));
    TRY(read_type(r->arena, to, f, kids));
    *field = field_of(str_copy(r->arena, flat_str(f, 0)), to->type, flat_int(f, 1, 1, 0) != 0);
    return f->in->bad ? broken() : DONE;
}

static Status read_fields(ArrowRead *r, const FlatList *list, ArrowType *to, Field **field,
                          int32_t depth)
{
    if (list->n > FIELDS_MAX) return refuse("too many types within");
    to->nkids = (int32_t)list->n;
    to->kid = NEW(r->arena, ArrowType, list->n);
    *field = NEW(r->arena, Field, list->n);
    for (int32_t i = 0; i < to->nkids; i++) {
        FlatTable f = flat_item(list, i);
        TRY(read_field(r, &f, &to->kid[i], &(*field)[i], depth));
    }
    return DONE;
}

Status arrow_schema(ArrowRead *r, const FlatTable *t)
{
    Field *field = NULL;
    FlatList list = flat_list(t, 1, 4);
    if (flat_int(t, 0, 2, 0) != 0) return refuse("big-endian numbers");
    TRY(read_fields(r, &list, &r->root, &field, 0));
    if (t->in->bad) return broken();
    r->schema = type_struct(r->arena, field, r->root.nkids);
    return DONE;
}
