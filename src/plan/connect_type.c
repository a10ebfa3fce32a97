// connect_type.c -- spark.connect.DataType and Type, both ways. A type without parameters is an
// empty message, which is not the same as none.
#include "plan/connect_in.h"

enum { // members of DataType
    DT_NULL = 1,
    DT_BINARY,
    DT_BOOLEAN,
    DT_BYTE,
    DT_SHORT,
    DT_INTEGER,
    DT_LONG,
    DT_FLOAT,
    DT_DOUBLE,
    DT_DECIMAL,
    DT_STRING,
    DT_CHAR,
    DT_VARCHAR,
    DT_DATE,
    DT_TIMESTAMP,
    DT_TIMESTAMP_NTZ,
    DT_INTERVAL,
    DT_INTERVAL_YM,
    DT_INTERVAL_DT,
    DT_ARRAY,
    DT_STRUCT,
    DT_MAP,
    DT_UDT,
    DT_UNPARSED,
    DT_VARIANT,
    DT_GEOMETRY,
    DT_GEOGRAPHY,
    DT_TIME,
};

static uint32_t string_member(const Type *t)
{
    if (!t->length) return DT_STRING;
    return t->fixed ? DT_CHAR : DT_VARCHAR;
}

static uint32_t member_of(const Type *t)
{
    switch (t->id) {
    case T_VOID: return DT_NULL;
    case T_BOOLEAN: return DT_BOOLEAN;
    case T_TINYINT: return DT_BYTE;
    case T_SMALLINT: return DT_SHORT;
    case T_INT: return DT_INTEGER;
    case T_BIGINT: return DT_LONG;
    case T_FLOAT: return DT_FLOAT;
    case T_DOUBLE: return DT_DOUBLE;
    case T_DECIMAL: return DT_DECIMAL;
    case T_STRING: return string_member(t);
    case T_BINARY: return DT_BINARY;
    case T_DATE: return DT_DATE;
    case T_TIME: return DT_TIME;
    case T_TIMESTAMP: return DT_TIMESTAMP;
    case T_TIMESTAMP_NTZ: return DT_TIMESTAMP_NTZ;
    case T_INTERVAL_YM: return DT_INTERVAL_YM;
    case T_INTERVAL_DT: return DT_INTERVAL_DT;
    case T_INTERVAL: return DT_INTERVAL;
    case T_ARRAY: return DT_ARRAY;
    case T_MAP: return DT_MAP;
    case T_STRUCT: return DT_STRUCT;
    }
    must_failed("TypeId", __FILE__, __LINE__);
}

static void write_sub(Buf *b, uint32_t no, const Type *t)
{
    int64_t begun = proto_begin(b, no);
    connect_type_write(b, t);
    proto_end(b, begun);
}

static void write_field(Buf *b, const Field *f)
{
    int64_t begun = proto_begin(b, 1);
    proto_put_str(b, 1, f->name);
    write_sub(b, 2, f->type);
    proto_put_int(b, 3, f->nullable);
    Buf metadata = buf_new(b->arena);
    type_metadata(&metadata, f);
    if (metadata.n > 2) proto_put_str(b, 4, buf_str(&metadata));
    proto_end(b, begun);
}

static void write_parameters(Buf *b, const Type *t)
{
    switch (t->id) {
    case T_DECIMAL:
        proto_put_int(b, 1, t->scale);
        proto_put_int(b, 2, t->precision);
        return;
    case T_STRING:
        if (t->length) proto_put_int(b, 1, t->length);
        return;
    case T_TIME: proto_put_int(b, 1, t->precision); return;
    case T_INTERVAL_YM:
    case T_INTERVAL_DT:
        proto_put_int(b, 1, t->first);
        proto_put_int(b, 2, t->last);
        return;
    case T_ARRAY:
        write_sub(b, 1, t->field[0].type);
        proto_put_int(b, 2, t->field[0].nullable);
        return;
    case T_MAP:
        write_sub(b, 1, t->field[0].type);
        write_sub(b, 2, t->field[1].type);
        proto_put_int(b, 3, t->field[1].nullable);
        return;
    case T_STRUCT:
        for (int32_t i = 0; i < t->nfields; i++) write_field(b, &t->field[i]);
        return;
    case T_VOID:
    case T_BOOLEAN:
    case T_TINYINT:
    case T_SMALLINT:
    case T_INT:
    case T_BIGINT:
    case T_FLOAT:
    case T_DOUBLE:
    case T_BINARY:
    case T_DATE:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL: return;
    }
    must_failed("TypeId", __FILE__, __LINE__);
}

static void write_udt(Buf *b, const Type *t)
{
    const Str class[] = {t->udt->jvm, t->udt->python, t->udt->python_code};
    Type plain = *t;
    plain.udt = NULL;
    int64_t begun = proto_begin(b, DT_UDT);
    proto_put_str(b, 1, S("udt"));
    for (uint32_t i = 0; i < COUNT(class); i++)
        if (class[i].n) proto_put_str(b, i + 2, class[i]);
    write_sub(b, 5, &plain);
    proto_end(b, begun);
}
void connect_type_write(Buf *b, const Type *t)
{
    if (t->udt) {
        write_udt(b, t);
        return;
    }
    int64_t begun = proto_begin(b, member_of(t));
    write_parameters(b, t);
    proto_end(b, begun);
}

static Status read_sub(const Type **t, Arena *a, const Proto *m, uint32_t no)
{
    Proto sub;
    TRY(connect_need(m, no, &sub, "DataType"));
    return connect_type_read(t, a, &sub);
}

static Status read_udt(const Type **t, Arena *a, const Proto *m)
{
    TRY(read_sub(t, a, m, 5));
    *t = type_udt(a, *t, &(Udt){proto_str(m, 2), proto_str(m, 3), proto_str(m, 4)});
    return DONE;
}

static Status read_struct(const Type **t, Arena *a, const Proto *m)
{
    VEC(Field) field = {0};
    for (ProtoEach e = proto_each(m, 1); proto_more(&e);) {
        Proto one;
        TRY(proto_item(m, &e, &one));
        Field f = field_of(proto_str(&one, 1), NULL, proto_bool(&one, 3));
        TRY(read_sub(&f.type, a, &one, 2));
        TRY(type_metadata_read(&f, a, proto_str(&one, 4)));
        vec_push(a, &field, f);
    }
    *t = type_struct(a, field.v, (int32_t)field.n);
    return DONE;
}

static Status read_nested(const Type **t, Arena *a, uint32_t no, const Proto *m)
{
    const Type *key = NULL, *value = NULL;
    TRY(read_sub(&key, a, m, 1));
    if (no == DT_ARRAY) {
        *t = type_array(a, key, proto_bool(m, 2));
        return DONE;
    }
    TRY(read_sub(&value, a, m, 2));
    *t = type_map(a, key, value, proto_bool(m, 3));
    return DONE;
}

static Status read_decimal(const Type **t, Arena *a, const Proto *m)
{
    int64_t scale = proto_int_or(m, 1, 0), precision = proto_int_or(m, 2, 10);
    if (precision < 1 || precision > DECIMAL_PRECISION_MAX || scale < 0 || scale > precision)
        return fail(ERR_INVALID, "DECIMAL(%lld,%lld) is no type", (long long)precision,
                    (long long)scale);
    *t = type_decimal(a, (int32_t)precision, (int32_t)scale);
    return DONE;
}

static Status read_string(const Type **t, const Proto *m)
{
    Str collation = proto_str(m, 2);
    *t = &type_string;
    if (!collation.n || str_ieq(collation, S("UTF8_BINARY"))) return DONE;
    return connect_unbuilt("a collation other than UTF8_BINARY", "compare lower() of both");
}

static Status read_length(const Type **t, Arena *a, const Proto *m, bool fixed)
{
    int64_t length = proto_int(m, 1);
    if (length < 1 || length > INT32_MAX)
        return fail(ERR_INVALID, "CHAR and VARCHAR are at least 1 long, not %lld",
                    (long long)length);
    *t = type_char(a, (int32_t)length, fixed);
    return DONE;
}

static Status read_interval(const Type **t, Arena *a, const Proto *m, TypeId id)
{
    int64_t most = id == T_INTERVAL_YM ? YM_MONTH : DT_SECOND;
    int64_t first = proto_int_or(m, 1, 0), last = proto_int_or(m, 2, most);
    if (first < 0 || last < first || last > most)
        return fail(ERR_INVALID, "an interval type has no fields from %lld to %lld",
                    (long long)first, (long long)last);
    *t = type_interval_of(a, id, (int32_t)first, (int32_t)last);
    return DONE;
}

static Status read_time(const Type **t, Arena *a, const Proto *m)
{
    int64_t precision = proto_int_or(m, 1, TIME_PRECISION_MAX);
    if (precision < 0 || precision > TIME_PRECISION_MAX)
        return fail(ERR_INVALID, "TIME(%lld) is no type", (long long)precision);
    *t = type_time_of(a, (int32_t)precision);
    return DONE;
}

Status connect_type_read(const Type **t, Arena *a, const Proto *m)
{
    static const Type *const plain[] = {
        [DT_NULL] = &type_void,           [DT_BINARY] = &type_binary,
        [DT_BOOLEAN] = &type_boolean,     [DT_BYTE] = &type_tinyint,
        [DT_SHORT] = &type_smallint,      [DT_INTEGER] = &type_int,
        [DT_LONG] = &type_bigint,         [DT_FLOAT] = &type_float,
        [DT_DOUBLE] = &type_double,       [DT_DATE] = &type_date,
        [DT_TIMESTAMP] = &type_timestamp, [DT_TIMESTAMP_NTZ] = &type_timestamp_ntz,
        [DT_INTERVAL] = &type_interval,
    };
    uint32_t no = proto_member(m, 0);
    if (no < COUNT(plain) && plain[no]) {
        *t = plain[no];
        return DONE;
    }
    Proto sub;
    TRY(proto_sub(m, no, &sub));
    switch (no) {
    case DT_DECIMAL: return read_decimal(t, a, &sub);
    case DT_STRING: return read_string(t, &sub);
    case DT_CHAR:
    case DT_VARCHAR: return read_length(t, a, &sub, no == DT_CHAR);
    case DT_INTERVAL_YM: return read_interval(t, a, &sub, T_INTERVAL_YM);
    case DT_INTERVAL_DT: return read_interval(t, a, &sub, T_INTERVAL_DT);
    case DT_ARRAY:
    case DT_MAP: return read_nested(t, a, no, &sub);
    case DT_STRUCT: return read_struct(t, a, &sub);
    case DT_UDT: return read_udt(t, a, &sub);
    case DT_UNPARSED: return type_parse(t, a, proto_str(&sub, 1));
    case DT_VARIANT: return connect_unbuilt("the type VARIANT", "keep the JSON text");
    case DT_GEOMETRY:
    case DT_GEOGRAPHY: return connect_unbuilt("a geospatial type", "keep it as BINARY");
    case DT_TIME: return read_time(t, a, &sub);
    }
    return connect_unset("DataType", no);
}
