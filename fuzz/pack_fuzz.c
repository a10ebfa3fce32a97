// pack_fuzz.c -- packed values from outside. The first byte chooses the type; what unpacks packs to
// bytes that unpack to an equal value, and to those bytes again.
#include "col/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const Str types[] = {
    STR_INIT("boolean"),
    STR_INIT("string"),
    STR_INIT("double"),
    STR_INIT("array<map<int,float>>"),
    STR_INIT("struct<a:decimal(38,2),b:interval,c:array<string>,d:struct<>,e:void>"),
    STR_INIT("map<string,array<array<smallint>>>"),
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    Arena *a = arena_new(NULL);
    const Type *t;
    must(type_parse(&t, a, types[data[0] % COUNT(types)]).code == OK);
    Builder *b = builder_new(a, t), *again = builder_new(a, t);
    Reader r = {data + 1, data + size, false};
    if (value_unpack(&r, b)) {
        Column c = builder_column(b);
        Buf first = buf_new(a), second = buf_new(a);
        value_pack(&first, &c, 0);
        r = reader_of(buf_str(&first));
        must(value_unpack(&r, again) && reader_left(&r) == 0);
        Column d = builder_column(again);
        must(value_eq(&c, 0, &d, 0));
        value_pack(&second, &d, 0);
        must(str_eq(buf_str(&first), buf_str(&second)));
        uint64_t h[2];
        column_hash(&c, 1, &h[0], true);
        column_hash(&d, 1, &h[1], true);
        must(h[0] == h[1]);
    }
    arena_free(a);
    return 0;
}
