#include "base/test.h"
#include "plan/connect.h"
#include "plan/fixture_in.h"

static Str message(Arena *a, uint32_t no, Str content)
{
    Buf b = buf_new(a);
    proto_put_str(&b, no, content);
    return buf_str(&b);
}

TEST(connect_types_both_ways)
{
    static const char *const types[] = {
        "void",
        "boolean",
        "tinyint",
        "smallint",
        "int",
        "bigint",
        "float",
        "double",
        "decimal(38,10)",
        "string",
        "char(5)",
        "varchar(7)",
        "binary",
        "date",
        "timestamp",
        "timestamp_ntz",
        "interval year",
        "interval day to second",
        "interval hour to minute",
        "interval",
        "array<array<int>>",
        "map<string,struct<a:int,b:decimal(5,2)>>",
        "struct<>",
        "struct<a:int not null,b:array<string>>",
    };
    for (int32_t i = 0; i < COUNT(types); i++) {
        const Type *t, *again;
        Proto m;
        CHECK_OK(type_parse(&t, a, str_z(types[i])));
        Buf b = buf_new(a);
        connect_type_write(&b, t);
        CHECK_OK(proto_open(&m, buf_str(&b)));
        CHECK_OK(connect_type_read(&again, a, &m));
        Buf x = buf_new(a), y = buf_new(a);
        type_json(&x, t);
        type_json(&y, again);
        CHECK_STR(buf_str(&x), buf_str(&y));
    }
    // long is an empty message in field 7, decimal has its scale first
    Buf b = buf_new(a);
    connect_type_write(&b, &type_bigint);
    CHECK_STR(buf_str(&b), S("\x3a\x00"));
    buf_clear(&b);
    connect_type_write(&b, type_decimal(a, 12, 3));
    CHECK_STR(buf_str(&b), S("\x52\x04\x08\x03\x10\x0c"));
}

TEST(connect_bad_types)
{
    static const struct {
        Str bytes;
        Code code;
    } t[] = {
        {STR_INIT(""), ERR_INVALID},
        {STR_INIT("\xfa\x01\x00"), ERR_UNSUPPORTED},             // member 31
        {STR_INIT("\xa2\x01\x00"), ERR_INVALID},                 // an array of nothing
        {STR_INIT("\x52\x04\x08\x03\x10\x32"), ERR_INVALID},     // DECIMAL(50,3)
        {STR_INIT("\x62\x00"), ERR_INVALID},                     // CHAR(0)
        {STR_INIT("\x92\x01\x02\x08\x05"), ERR_INVALID},         // an interval from field 5
        {STR_INIT("\xc2\x01\x05\x0a\x03int"), OK},               // unparsed
        {STR_INIT("\xc2\x01\x06\x0a\x04intt"), ERR_UNSUPPORTED}, // no type's name
        {STR_INIT("\x5a\x0a\x12\x08UNICODE_"), ERR_UNSUPPORTED}, // a collation
        {STR_INIT("\x5a\x0d\x12\x0bUTF8_BINARY"), OK},           //
    };
    for (int32_t i = 0; i < COUNT(t); i++) {
        Proto m;
        const Type *type;
        CHECK_OK(proto_open(&m, t[i].bytes));
        Status s = connect_type_read(&type, a, &m);
        if (t[i].code == OK)
            CHECK_OK(s);
        else
            CHECK(s.code != OK);
    }
}

static Status plan_of(Arena *a, Str bytes, ConnectPlan *p)
{
    ConnectEnv env = {.session = fixture_session(a)};
    return connect_plan(p, &env, a, bytes);
}

TEST(connect_what_is_not_set)
{
    ConnectPlan p;
    CHECK_FAILS(plan_of(a, S(""), &p), ERR_INVALID);
    CHECK_STR(condition_of(failure()->cond)->name,
              S("CONNECT_INVALID_PLAN.INVALID_ONE_OF_FIELD_NOT_SET"));
    CHECK_FAILS(plan_of(a, S("\x0a\x00"), &p), ERR_INVALID); // a relation of nothing
    CHECK_FAILS(plan_of(a, S("\x0a\x03\x82\x7d\x00"), &p), ERR_UNSUPPORTED); // member 2000
    CHECK_STR(condition_of(failure()->cond)->name,
              S("CONNECT_INVALID_PLAN.INVALID_ONE_OF_FIELD_NOT_SUPPORTED"));
    CHECK_FAILS(plan_of(a, S("\x0a\x02\x22\x00"), &p), ERR_INVALID); // a filter of nothing
    CHECK_FAILS(plan_of(a, S("\x0a\x05\x22"), &p), ERR_CORRUPT);
}

// Projections within projections: an error and no overflow, below the limit a plan.
TEST(connect_deep_plans)
{
    static const struct {
        int32_t levels;
        Code code;
    } t[] = {{400, OK}, {10000, ERR_LIMIT}};
    for (int32_t k = 0; k < COUNT(t); k++) {
        Str range = message(a, 15, S("\x10\x05")), rel = range;
        for (int32_t i = 0; i < t[k].levels; i++)
            rel = message(a, 8, str_cat(a, message(a, 1, rel), S("\x10\x05")));
        ConnectPlan p;
        Status s = plan_of(a, message(a, 1, rel), &p);
        CHECK_I64(s.code, t[k].code);
        if (s.code) CHECK(str_find(failure()->text, S("deeper than 1024")) >= 0);
    }
}

TEST(connect_literals_both_ways)
{
    static const struct {
        const char *sql;
    } t[] = {
        {"1Y"},       {"2S"},     {"3"},       {"4L"},   {"1.5F"}, {"2.5D"},
        {"12.340BD"}, {"'text'"}, {"X'00FF'"}, {"true"}, {"NULL"},
    };
    for (int32_t i = 0; i < COUNT(t); i++) {
        Expr *e;
        CHECK_OK(parse_expr(&e, a, str_z(t[i].sql)));
        Buf lit = buf_new(a), plan = buf_new(a);
        connect_literal_write(&lit, e->type, &e->value);
        Str project = message(a, 3, message(a, 1, buf_str(&lit))); // Project.expressions[0]
        proto_put_str(&plan, 1, message(a, 3, project));
        ConnectPlan p;
        CHECK_OK(plan_of(a, buf_str(&plan), &p));
        CHECK_I64(p.rel->nexprs, 1);
        CHECK(p.rel->expr[0]->kind == E_LITERAL && expr_eq(p.rel->expr[0], e) &&
              type_eq(p.rel->expr[0]->type, e->type));
    }
}
