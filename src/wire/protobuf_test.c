#include "base/test.h"
#include "wire/protobuf.h"

TEST(protobuf_known_bytes)
{
    // The examples of protobuf's own description of the format.
    Proto m, sub;
    CHECK_OK(proto_open(&m, S("\x08\x96\x01")));
    CHECK_I64(proto_int(&m, 1), 150);
    CHECK_OK(proto_open(&m, S("\x12\x07testing")));
    CHECK_STR(proto_str(&m, 2), S("testing"));
    CHECK_OK(proto_open(&m, S("\x1a\x03\x08\x96\x01")));
    CHECK_OK(proto_sub(&m, 3, &sub));
    CHECK(sub.present);
    CHECK_I64(proto_int(&sub, 1), 150);
    Buf b = buf_new(a);
    proto_put_int(&b, 1, -2);
    CHECK_STR(buf_str(&b), S("\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    buf_clear(&b);
    proto_end(&b, proto_begin(&b, 7)); // DataType.long
    CHECK_STR(buf_str(&b), S("\x3a\x00"));
}

TEST(protobuf_fields)
{
    Buf b = buf_new(a);
    proto_put_int(&b, 1, INT64_MIN);
    proto_put_double(&b, 2, -0.5);
    proto_put_float(&b, 3, 2.5F);
    proto_put_str(&b, 4, S("first"));
    proto_put_int(&b, 900000, 7); // nobody asks for it
    proto_put_str(&b, 4, S(""));
    int64_t outer = proto_begin(&b, 5), inner = proto_begin(&b, 6);
    for (int32_t i = 0; i < 100; i++) proto_put_int(&b, 1, i);
    proto_end(&b, inner);
    for (int32_t i = 0; i < 20000; i++) proto_put_int(&b, 2, i);
    proto_end(&b, outer);
    Proto m, sub, none;
    CHECK_OK(proto_open(&m, buf_str(&b)));
    CHECK_I64(proto_int(&m, 1), INT64_MIN);
    CHECK_F64(proto_double(&m, 2), -0.5);
    CHECK_F64(proto_float(&m, 3), 2.5);
    CHECK_STR(proto_str(&m, 4), S("")); // the last counts
    CHECK(proto_has(&m, 4) && !proto_has(&m, 7));
    CHECK_I64(proto_count(&m, 4), 2);
    CHECK_I64(proto_int(&m, 4), 0); // another wire type
    CHECK_I64(proto_int_or(&m, 8, 12), 12);
    CHECK_I64(proto_member(&m, 5), 4);
    CHECK_I64(proto_member(&m, 1), 5);
    CHECK_OK(proto_sub(&m, 9, &none));
    CHECK(!none.present && !proto_str(&none, 1).p && proto_member(&none, 1) == 0);
    CHECK_OK(proto_sub(&m, 5, &sub));
    CHECK_I64(proto_int(&sub, 2), 19999);
    CHECK_OK(proto_sub(&sub, 6, &sub));
    CHECK_I64(proto_int(&sub, 1), 99);
    int32_t n = 0;
    for (ProtoEach e = proto_each(&m, 4); proto_more(&e); n++)
        CHECK_STR(e.field.bytes, n ? S("") : S("first"));
    CHECK_I64(n, 2);
}

TEST(protobuf_broken)
{
    static const struct {
        Str bytes;
        const char *text;
    } t[] = {
        {STR_INIT("\x08"), "protobuf: broken field at offset 0"}, // no value
        {STR_INIT("\x08\x01\x12\x05test"), "protobuf: broken field at offset 2"},
        {STR_INIT("\x08\x01\x0b\x0c"), "protobuf: broken field at offset 2"}, // a group
        {STR_INIT("\x00\x01"), "protobuf: broken field at offset 0"},         // field 0
        {STR_INIT("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
         "protobuf: broken field at offset 0"}, // more than 64 bits
        {STR_INIT("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
         "protobuf: broken field at offset 0"}, // a length below zero
        {STR_INIT("\x11\x01\x02\x03"), "protobuf: broken field at offset 0"},
        {STR_INIT("\x0d\x01"), "protobuf: broken field at offset 0"},
    };
    Proto m;
    for (size_t i = 0; i < COUNT(t); i++) {
        CHECK_FAILS(proto_open(&m, t[i].bytes), ERR_CORRUPT);
        CHECK_STR(failure()->text, str_z(t[i].text));
    }
    CHECK_OK(proto_open(&m, S("\x08\x01\x1a\x02\x08\x80")));
    Proto sub;
    CHECK_FAILS(proto_sub(&m, 3, &sub), ERR_CORRUPT);
    CHECK_STR(failure()->text, S("protobuf: broken field at offset 4"));
}

TEST(protobuf_deep)
{
    Buf b = buf_new(a), up = buf_new(a);
    for (int32_t i = 0; i < 10000; i++) {
        buf_clear(&up);
        proto_put_str(&up, 1, buf_str(&b));
        Buf t = b;
        b = up;
        up = t;
    }
    Proto m;
    CHECK_OK(proto_open(&m, buf_str(&b)));
    Status s = DONE;
    int32_t depth = 0;
    while (s.code == OK && m.present) {
        s = proto_sub(&m, 1, &m);
        depth++;
    }
    CHECK_I64(s.code, ERR_LIMIT);
    CHECK_I64(depth, PROTO_DEPTH_MAX + 1);
}
