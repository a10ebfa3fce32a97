// connect_literal.c -- spark.connect.Expression.Literal and values, both ways.
#include "base/num.h"
#include "plan/connect_in.h"

enum { // members of Literal
    LIT_NULL = 1,
    LIT_BINARY,
    LIT_BOOLEAN,
    LIT_BYTE,
    LIT_SHORT,
    LIT_INTEGER,
    LIT_LONG,
    LIT_FLOAT = 10,
    LIT_DOUBLE,
    LIT_DECIMAL,
    LIT_STRING,
    LIT_DATE = 16,
    LIT_TIMESTAMP,
    LIT_TIMESTAMP_NTZ,
    LIT_INTERVAL,
    LIT_INTERVAL_YM,
    LIT_INTERVAL_DT,
    LIT_ARRAY,
    LIT_MAP,
    LIT_STRUCT,
    LIT_SPECIALIZED,
    LIT_TIME,
    LIT_DATA_TYPE = 100,
};
enum { ARRAY_BOOLS = 1, ARRAY_INTS, ARRAY_LONGS, ARRAY_FLOATS, ARRAY_DOUBLES, ARRAY_STRINGS };

static const Type *const plain[] = {
    [LIT_BINARY] = &type_binary,
    [LIT_BOOLEAN] = &type_boolean,
    [LIT_BYTE] = &type_tinyint,
    [LIT_SHORT] = &type_smallint,
    [LIT_INTEGER] = &type_int,
    [LIT_LONG] = &type_bigint,
    [LIT_FLOAT] = &type_float,
    [LIT_DOUBLE] = &type_double,
    [LIT_STRING] = &type_string,
    [LIT_DATE] = &type_date,
    [LIT_TIMESTAMP] = &type_timestamp,
    [LIT_TIMESTAMP_NTZ] = &type_timestamp_ntz,
    [LIT_INTERVAL] = &type_interval,
    [LIT_INTERVAL_YM] = &type_interval_ym,
    [LIT_INTERVAL_DT] = &type_interval_dt,
};

static Status sub_type(const Type **t, Arena *a, const Proto *m, uint32_t no)
{
    Proto sub;
    TRY(connect_need(m, no, &sub, "DataType"));
    return connect_type_read(t, a, &sub);
}

static int64_t digits_of(Str text) // of the integral part and all, without sign and zeros before
{
    int64_t n = 0;
    for (int64_t i = 0; i < text.n; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';
        n += digit && (n || text.p[i] != '0');
    }
    return n;
}

// At least as long as the text is, whatever was said.
static const Type *decimal_type(Arena *a, const Proto *m)
{
    Str text = proto_str(m, 1);
    int64_t point = str_find_char(text, '.');
    int64_t scale = MAX(proto_int(m, 3), point < 0 ? 0 : text.n - point - 1);
    int64_t precision = MAX(MAX(proto_int(m, 2), digits_of(text)), MAX(scale, 1));
    if (precision > DECIMAL_PRECISION_MAX) return NULL;
    return type_decimal(a, (int32_t)precision, (int32_t)scale);
}

static const Type *element_type(const Proto *m)
{
    switch (proto_member(m, 0)) {
    case ARRAY_BOOLS: return &type_boolean;
    case ARRAY_INTS: return &type_int;
    case ARRAY_LONGS: return &type_bigint;
    case ARRAY_FLOATS: return &type_float;
    case ARRAY_DOUBLES: return &type_double;
    }
    return &type_string;
}

static Status nested_type(const Type **t, Arena *a, uint32_t no, const Proto *value)
{
    const Type *key, *of;
    if (no == LIT_STRUCT) return sub_type(t, a, value, 1);
    TRY(sub_type(&key, a, value, 1));
    if (no == LIT_ARRAY) {
        *t = type_array(a, key, true);
        return DONE;
    }
    TRY(sub_type(&of, a, value, 2));
    *t = type_map(a, key, of, true);
    return DONE;
}

static uint32_t member_of(const Proto *m) { return proto_member(m, LIT_DATA_TYPE); }

static Status type_of(const Type **t, Arena *a, const Proto *m)
{
    uint32_t no = member_of(m);
    Proto value;
    if (no < COUNT(plain) && plain[no]) {
        *t = plain[no];
        return DONE;
    }
    if (no != LIT_NULL && proto_has(m, LIT_DATA_TYPE)) return sub_type(t, a, m, LIT_DATA_TYPE);
    TRY(proto_sub(m, no, &value));
    switch (no) {
    case LIT_NULL: return connect_type_read(t, a, &value);
    case LIT_DECIMAL:
        *t = decimal_type(a, &value);
        return *t ? DONE : fail(ERR_INVALID, "a decimal literal has at most 38 digits");
    case LIT_ARRAY:
    case LIT_MAP:
    case LIT_STRUCT: return nested_type(t, a, no, &value);
    case LIT_SPECIALIZED: *t = type_array(a, element_type(&value), false); return DONE;
    case LIT_TIME: *t = type_time_of(a, (int32_t)MIN(proto_int_or(&value, 2, 6), 6)); return DONE;
    }
    return connect_unset("Expression.Literal", no);
}

static Status build(Arena *a, Builder *b, const Proto *m, const Type *t);

static Status build_list(Arena *a, Builder *b, const Proto *value, const Type *t, uint32_t no,
                         int32_t kid)
{
    for (ProtoEach e = proto_each(value, no); proto_more(&e);) {
        Proto one;
        TRY(proto_item(value, &e, &one));
        TRY(build(a, builder_kid(b, kid), &one, t->field[kid].type));
    }
    return DONE;
}

static Status build_struct(Arena *a, Builder *b, const Proto *value, const Type *t)
{
    int32_t i = 0;
    if (proto_count(value, 2) != t->nfields)
        return fail(ERR_INVALID, "a struct literal has %lld values for %d fields",
                    (long long)proto_count(value, 2), t->nfields);
    for (ProtoEach e = proto_each(value, 2); proto_more(&e); i++) {
        Proto one;
        TRY(proto_item(value, &e, &one));
        TRY(build(a, builder_kid(b, i), &one, t->field[i].type));
    }
    return DONE;
}

// Packed numbers: varints, or fixed floats and doubles.
static Status build_packed(Builder *to, uint32_t no, const Proto *list)
{
    Reader r = reader_of(proto_str(list, 1));
    while (reader_left(&r) && no != ARRAY_STRINGS) {
        Datum v = {0};
        if (no == ARRAY_DOUBLES) {
            uint64_t bits = reader_u64le(&r);
            memcpy(&v.f, &bits, sizeof v.f);
        } else if (no == ARRAY_FLOATS) {
            uint32_t bits = reader_u32le(&r);
            float f;
            memcpy(&f, &bits, sizeof f);
            v.f = (double)f;
        } else {
            v.i = (int64_t)reader_uvarint(&r);
        }
        if (!r.bad) builder_datum(to, &v);
    }
    if (no == ARRAY_STRINGS)
        for (ProtoEach e = proto_each(list, 1); proto_more(&e);)
            builder_datum(to, &(Datum){.s = e.field.bytes});
    return r.bad ? fail(ERR_CORRUPT, "protobuf: broken packed numbers") : DONE;
}

static Status build_nested(Arena *a, Builder *b, uint32_t no, const Proto *value, const Type *t)
{
    TypeId want = no == LIT_MAP ? T_MAP : no == LIT_STRUCT ? T_STRUCT : T_ARRAY;
    if (t->id != want) return fail(ERR_INVALID, "a literal's value is not of its type");
    if (no == LIT_MAP && proto_count(value, 3) != proto_count(value, 4))
        return fail(ERR_INVALID, "a map literal has more keys than values, or fewer");
    builder_start(b);
    if (no == LIT_STRUCT) TRY(build_struct(a, b, value, t));
    if (no == LIT_ARRAY) TRY(build_list(a, b, value, t, 2, 0));
    if (no == LIT_MAP) TRY(build_list(a, b, value, t, 3, 0));
    if (no == LIT_MAP) TRY(build_list(a, b, value, t, 4, 1));
    if (no == LIT_SPECIALIZED) {
        uint32_t kind = proto_member(value, 0);
        Proto list;
        if (!type_eq(t->field[0].type, element_type(value)))
            return fail(ERR_INVALID, "a literal's value is not of its type");
        TRY(proto_sub(value, kind, &list));
        TRY(build_packed(builder_kid(b, 0), kind, &list));
    }
    builder_end(b);
    return DONE;
}

static Status decimal_value(Datum *v, const Proto *m, const Type *t)
{
    Str text = proto_str(m, 1);
    if (num_parse_decimal(text, t->scale, &v->d) && num_precision(v->d) <= t->precision)
        return DONE;
    return fail(ERR_INVALID, "\"" STR_FMT "\" is no DECIMAL(%d,%d)", STR_ARG(text), t->precision,
                t->scale);
}

static Status scalar(Datum *v, const Proto *m, uint32_t no, const Type *t)
{
    Proto sub;
    *v = (Datum){0};
    switch (no) {
    case LIT_NULL: v->null = true; return DONE;
    case LIT_BINARY:
    case LIT_STRING: v->s = proto_str(m, no); return DONE;
    case LIT_BOOLEAN: v->i = proto_bool(m, no); return DONE;
    case LIT_BYTE: v->i = (int64_t)(int8_t)proto_int(m, no); return DONE;
    case LIT_SHORT: v->i = (int16_t)proto_int(m, no); return DONE;
    case LIT_INTEGER:
    case LIT_DATE:
    case LIT_INTERVAL_YM: v->i = (int32_t)proto_int(m, no); return DONE;
    case LIT_FLOAT: v->f = (double)proto_float(m, no); return DONE;
    case LIT_DOUBLE: v->f = proto_double(m, no); return DONE;
    case LIT_DECIMAL: TRY(proto_sub(m, no, &sub)); return decimal_value(v, &sub, t);
    case LIT_TIME:
        TRY(proto_sub(m, no, &sub));
        v->i = proto_int(&sub, 1);
        return DONE;
    case LIT_INTERVAL:
        TRY(proto_sub(m, no, &sub));
        v->interval = (Interval){(int32_t)proto_int(&sub, 1), (int32_t)proto_int(&sub, 2),
                                 proto_int(&sub, 3)};
        return DONE;
    }
    v->i = proto_int(m, no); // longs and times
    return DONE;
}

static bool is_nested(uint32_t no) { return no >= LIT_ARRAY && no <= LIT_SPECIALIZED; }

static Status build(Arena *a, Builder *b, const Proto *m, const Type *t)
{
    uint32_t no = member_of(m);
    const Type *own = NULL;
    Datum v;
    Proto value;
    if (no == LIT_NULL || no == 0) {
        builder_null(b);
        return DONE;
    }
    if (is_nested(no)) {
        TRY(proto_sub(m, no, &value));
        return build_nested(a, b, no, &value, t);
    }
    TRY(type_of(&own, a, m));
    must(own && t);
    if (type_phys(own) != type_phys(t) || (own->id == T_DECIMAL) != (t->id == T_DECIMAL))
        return fail(ERR_INVALID, "a literal's value is not of its type");
    TRY(scalar(&v, m, no, t));
    builder_datum(b, &v);
    return DONE;
}

Status connect_literal(Connect *c, const Proto *m, Expr **e)
{
    const Type *t = NULL;
    Datum v;
    uint32_t no = member_of(m);
    TRY(type_of(&t, c->a, m));
    must(t);
    if (is_nested(no)) {
        Builder *b = builder_new(c->a, t);
        TRY(build(c->a, b, m, t));
        Column col = builder_column(b);
        v = column_datum(c->a, &col, 0);
    } else {
        TRY(scalar(&v, m, no, t));
    }
    *e = expr_literal(c->a, t, &v);
    return DONE;
}

Status connect_literal_of(Connect *c, const Proto *m, uint32_t no, Expr **e)
{
    Proto sub;
    *e = NULL;
    TRY(proto_sub(m, no, &sub));
    return sub.present ? connect_literal(c, &sub, e) : DONE;
}

static void write_decimal(Buf *b, const Type *t, Int128 v)
{
    char text[48];
    int64_t begun = proto_begin(b, LIT_DECIMAL);
    proto_put_str(b, 1, str_of(text, num_format_decimal(text, v, t->scale)));
    proto_put_int(b, 2, t->precision);
    proto_put_int(b, 3, t->scale);
    proto_end(b, begun);
}

static void write_type(Buf *b, uint32_t no, const Type *t)
{
    int64_t begun = proto_begin(b, no);
    connect_type_write(b, t);
    proto_end(b, begun);
}

static void write_row(Buf *b, uint32_t no, const Column *c, int32_t row)
{
    Datum v = column_datum(b->arena, c, row);
    int64_t begun = proto_begin(b, no);
    connect_literal_write(b, c->type, &v);
    proto_end(b, begun);
}

static void write_nested(Buf *b, const Type *t, const Column *c)
{
    uint32_t no = t->id == T_MAP ? LIT_MAP : t->id == T_STRUCT ? LIT_STRUCT : LIT_ARRAY;
    int64_t begun = proto_begin(b, no);
    if (t->id == T_STRUCT) {
        write_type(b, 1, t);
        for (int32_t i = 0; i < t->nfields; i++) write_row(b, 2, &c->kid[i], 0);
    } else {
        List l = COLUMN_DATA(c, List)[0];
        int32_t kids = t->id == T_MAP ? 2 : 1;
        for (int32_t k = 0; k < kids; k++) write_type(b, (uint32_t)k + 1, t->field[k].type);
        for (int32_t k = 0; k < kids; k++)
            for (int32_t i = 0; i < l.n; i++)
                write_row(b, (uint32_t)(kids + k + 1), &c->kid[k], l.at + i);
    }
    proto_end(b, begun);
}

static void write_parts(Buf *b, const Type *t, const Datum *v)
{
    bool time = t->id == T_TIME;
    int64_t begun = proto_begin(b, time ? LIT_TIME : LIT_INTERVAL);
    proto_put_int(b, 1, time ? v->i : v->interval.months);
    proto_put_int(b, 2, time ? t->precision : v->interval.days);
    if (!time) proto_put_int(b, 3, v->interval.micros);
    proto_end(b, begun);
}

void connect_literal_write(Buf *b, const Type *t, const Datum *v)
{
    if (v->null) {
        write_type(b, LIT_NULL, t);
        return;
    }
    switch (t->id) {
    case T_VOID: write_type(b, LIT_NULL, t); return;
    case T_BOOLEAN: proto_put_int(b, LIT_BOOLEAN, v->i); return;
    case T_TINYINT: proto_put_int(b, LIT_BYTE, v->i); return;
    case T_SMALLINT: proto_put_int(b, LIT_SHORT, v->i); return;
    case T_INT: proto_put_int(b, LIT_INTEGER, v->i); return;
    case T_BIGINT: proto_put_int(b, LIT_LONG, v->i); return;
    case T_FLOAT: proto_put_float(b, LIT_FLOAT, (float)v->f); return;
    case T_DOUBLE: proto_put_double(b, LIT_DOUBLE, v->f); return;
    case T_DECIMAL: write_decimal(b, t, v->d); return;
    case T_STRING: proto_put_str(b, LIT_STRING, v->s); return;
    case T_BINARY: proto_put_str(b, LIT_BINARY, v->s); return;
    case T_DATE: proto_put_int(b, LIT_DATE, v->i); return;
    case T_TIMESTAMP: proto_put_int(b, LIT_TIMESTAMP, v->i); return;
    case T_TIMESTAMP_NTZ: proto_put_int(b, LIT_TIMESTAMP_NTZ, v->i); return;
    case T_INTERVAL_YM: proto_put_int(b, LIT_INTERVAL_YM, v->i); return;
    case T_INTERVAL_DT: proto_put_int(b, LIT_INTERVAL_DT, v->i); return;
    case T_TIME:
    case T_INTERVAL: write_parts(b, t, v); return;
    case T_ARRAY:
    case T_MAP:
    case T_STRUCT: write_nested(b, t, v->nested); return;
    }
    must_failed("TypeId", __FILE__, __LINE__);
}
