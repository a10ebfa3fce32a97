#include "base/test.h"
#include "wire/thrift.h"

typedef struct Inner {
    int64_t n;
    Str s;
} Inner;
typedef struct Outer {
    int64_t flag, i8, i16, i32, i64, empty;
    Str s;
    Inner *in;
    ThriftList bools, i32s, i64s, strs, ins;
} Outer;
static const ThriftField inner_fields[] = {
    {1, THRIFT_I32, offsetof(Inner, n), NULL},
    {2, THRIFT_STR, offsetof(Inner, s), NULL},
};
static const ThriftSpec inner_spec = {"Inner", inner_fields, 2, sizeof(Inner)};
static const ThriftField outer_fields[] = {
    {1, THRIFT_BOOL, offsetof(Outer, flag), NULL},
    {2, THRIFT_I8, offsetof(Outer, i8), NULL},
    {3, THRIFT_I16, offsetof(Outer, i16), NULL},
    {4, THRIFT_I32, offsetof(Outer, i32), NULL},
    {5, THRIFT_I64, offsetof(Outer, i64), NULL},
    {6, THRIFT_EMPTY, offsetof(Outer, empty), NULL},
    {7, THRIFT_STR, offsetof(Outer, s), NULL},
    {8, THRIFT_STRUCT, offsetof(Outer, in), &inner_spec},
    {30, THRIFT_LIST_BOOL, offsetof(Outer, bools), NULL},
    {31, THRIFT_LIST_I32, offsetof(Outer, i32s), NULL},
    {32, THRIFT_LIST_I64, offsetof(Outer, i64s), NULL},
    {33, THRIFT_LIST_STR, offsetof(Outer, strs), NULL},
    {34, THRIFT_LIST_STRUCT, offsetof(Outer, ins), &inner_spec},
};
static const ThriftSpec outer_spec = {"Outer", outer_fields, 13, sizeof(Outer)};

TEST(thrift_round_trip)
{
    Outer o;
    thrift_clear(&outer_spec, &o);
    Inner in = {-7, S("inner")}, many[20];
    for (int32_t i = 0; i < 20; i++) many[i] = (Inner){i, i % 2 ? S("") : S("x")};
    int64_t bools[3] = {1, 0, 1}, ints[16];
    for (int32_t i = 0; i < 16; i++) ints[i] = (int64_t)i << (i * 3 % 30);
    o.flag = 0, o.i8 = -3, o.i16 = 300, o.i64 = INT64_MAX, o.empty = 1, o.s = S(""), o.in = &in;
    o.bools = (ThriftList){bools, 3};
    o.i32s = (ThriftList){ints, 16};
    o.ins = (ThriftList){many, 20};
    o.i64s = (ThriftList){ints, 0};
    Buf b = buf_new(a);
    thrift_encode(&outer_spec, &o, &b);
    Outer back;
    Reader r = reader_of(buf_str(&b));
    thrift_decode(&outer_spec, &back, a, &r);
    CHECK(!r.bad && r.at == r.end);
    CHECK_I64(back.flag, 0);
    CHECK_I64(back.i8, -3);
    CHECK_I64(back.i16, 300);
    CHECK_I64(back.i32, THRIFT_NONE);
    CHECK_I64(back.i64, INT64_MAX);
    CHECK_I64(back.empty, 1);
    CHECK(back.s.p != NULL && back.s.n == 0);
    CHECK_I64(back.in->n, -7);
    CHECK_STR(back.in->s, S("inner"));
    CHECK_I64(back.bools.n, 3);
    CHECK_I64(((int64_t *)back.bools.v)[1], 0);
    CHECK_I64(((int64_t *)back.i32s.v)[15], ints[15]);
    CHECK(back.i64s.v != NULL && back.i64s.n == 0 && back.strs.v == NULL);
    CHECK_I64(back.ins.n, 20);
    CHECK_STR(((Inner *)back.ins.v)[18].s, S("x"));
    Buf again = buf_new(a);
    thrift_encode(&outer_spec, &back, &again);
    CHECK_STR(buf_str(&again), buf_str(&b));
    for (int64_t cut = 0; cut < b.n; cut++) { // every shorter text is refused
        Reader s = reader_of(str_of(b.p, cut));
        thrift_decode(&outer_spec, &back, a, &s);
        CHECK(s.bad);
    }
}

TEST(thrift_skips_and_refuses)
{
    static const struct {
        Str bytes;
        bool bad;
    } row[] = {
        {S("\x00"), false},
        {S("\xf5\x02\x00"), false},                        // field 15, an i32 nobody knows
        {S("\xfc\x15\x02\x19\x15\x02\x00\x00"), false},    // an unknown struct with a list in it
        {S("\xfb\x01\x58\x02\x01q\x00"), false},           // an unknown map of i32 to string
        {S("\x48\x00\x00"), true},                         // field 4 as a string
        {S("\x09\x3e\xf5\xff\xff\xff\x0f\x02\x00"), true}, // a list of far more than there is
        {S("\x05\x01\x02\x00"), true},                     // field id -1
        {S("\xfd\x00"), true},                             // no such type
        {S("\x09\x3e\x18\x01x\x00"), true},                // a list of strings for one of i32
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        Outer o;
        Reader r = reader_of(row[i].bytes);
        thrift_decode(&outer_spec, &o, a, &r);
        test_check(r.bad == row[i].bad, __FILE__, __LINE__, "row %d", (int)i);
    }
    Buf deep = buf_new(a);
    buf_fill(&deep, '\xfc', 40); // forty unknown structs in one another
    buf_fill(&deep, 0, 41);
    Outer o;
    Reader r = reader_of(buf_str(&deep));
    thrift_decode(&outer_spec, &o, a, &r);
    CHECK(r.bad);
}
