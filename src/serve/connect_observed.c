// connect_observed.c -- what observe() saw, as Connect's literals in a reply of their own.
#include "base/civil.h"
#include "serve/connect_work.h"

static void put_value(Buf *b, const Column *c, int32_t row);

static void put_typed(Buf *b, uint32_t no, const Type *t)
{
    int64_t type = proto_begin(b, no);
    connect_type_write(b, t);
    proto_end(b, type);
}
static void put_each(Buf *b, uint32_t no, const Column *c, List list)
{
    for (int32_t i = list.at; i < list.at + list.n; i++) {
        int64_t element = proto_begin(b, no);
        put_value(b, c, i);
        proto_end(b, element);
    }
}
static void put_nested(Buf *b, const Column *c, int32_t row)
{
    const Type *t = c->type;
    if (t->id == T_STRUCT) {
        put_typed(b, 1, t);
        for (int32_t f = 0; f < t->nfields; f++) put_each(b, 2, &c->kid[f], (List){row, 1});
        return;
    }
    List list = COLUMN_DATA(c, List)[row];
    put_typed(b, 1, t->field[0].type);
    if (t->id == T_MAP) put_typed(b, 2, t->field[1].type);
    put_each(b, t->id == T_MAP ? 3 : 2, &c->kid[0], list);
    if (t->id == T_MAP) put_each(b, 4, &c->kid[1], list);
}
static void put_message(Buf *b, uint32_t no, const Column *c, int32_t row)
{
    int64_t m = proto_begin(b, no);
    if (c->type->id == T_DECIMAL) {
        int64_t value = proto_begin(b, 1);
        value_text(b, c, row, &(TextForm){0});
        proto_end(b, value);
        proto_put_int(b, 2, c->type->precision);
        proto_put_int(b, 3, c->type->scale);
    } else if (c->type->id == T_INTERVAL) {
        Interval v = COLUMN_DATA(c, Interval)[row];
        proto_put_int(b, 1, v.months);
        proto_put_int(b, 2, v.days);
        proto_put_int(b, 3, v.micros);
    } else if (c->type->id == T_TIME) {
        proto_put_int(b, 1, column_i64(c, row) * 1000); // nanoseconds
        proto_put_int(b, 2, c->type->precision);
    } else {
        put_nested(b, c, row);
    }
    proto_end(b, m);
}
// The member of Expression.Literal that a type has.
static uint32_t literal_no(const Type *t)
{
    static const uint32_t no[] = {
        [T_VOID] = 1,         [T_BINARY] = 2,         [T_BOOLEAN] = 3,
        [T_TINYINT] = 4,      [T_SMALLINT] = 5,       [T_INT] = 6,
        [T_BIGINT] = 7,       [T_FLOAT] = 10,         [T_DOUBLE] = 11,
        [T_DECIMAL] = 12,     [T_STRING] = 13,        [T_DATE] = 16,
        [T_TIMESTAMP] = 17,   [T_TIMESTAMP_NTZ] = 18, [T_INTERVAL] = 19,
        [T_INTERVAL_YM] = 20, [T_INTERVAL_DT] = 21,   [T_ARRAY] = 22,
        [T_MAP] = 23,         [T_STRUCT] = 24,        [T_TIME] = 26,
    };
    return no[t->id];
}
static void put_value(Buf *b, const Column *c, int32_t row)
{
    const Type *t = c->type;
    if (column_null(c, row)) {
        put_typed(b, 1, t);
        return;
    }
    switch (t->id) {
    case T_VOID: put_typed(b, 1, t); return;
    case T_BINARY:
    case T_STRING: proto_put_str(b, literal_no(t), column_str(c, row)); return;
    case T_FLOAT: proto_put_float(b, literal_no(t), COLUMN_DATA(c, float)[row]); return;
    case T_DOUBLE: proto_put_double(b, literal_no(t), COLUMN_DATA(c, double)[row]); return;
    case T_BOOLEAN:
    case T_TINYINT:
    case T_SMALLINT:
    case T_INT:
    case T_BIGINT:
    case T_DATE:
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ:
    case T_INTERVAL_YM:
    case T_INTERVAL_DT: proto_put_int(b, literal_no(t), column_i64(c, row)); return;
    case T_DECIMAL:
    case T_INTERVAL:
    case T_TIME:
    case T_ARRAY:
    case T_MAP:
    case T_STRUCT: put_message(b, literal_no(t), c, row); return;
    }
}
static void put_observed(Buf *b, const Observed *o)
{
    int64_t m = proto_begin(b, 6);
    proto_put_str(b, 1, o->name);
    for (int32_t i = 0; i < o->schema->nfields; i++) put_each(b, 2, &o->row.col[i], (List){0, 1});
    for (int32_t i = 0; i < o->schema->nfields; i++) proto_put_str(b, 3, o->schema->field[i].name);
    proto_end(b, m);
}
Status answer_observed(Operation *o, const Observations *seen)
{
    if (!seen->list.n) return DONE;
    Reply *r = operation_reply(o);
    for (int64_t i = 0; i < seen->list.n; i++) put_observed(&r->bytes, &seen->list.v[i]);
    return operation_put(o, r);
}
