// state_fuzz.c -- images and deltas of a State from outside. The first byte chooses the shape; the
// header is put right, so that what follows it is reached. What applies gives an image that applies
// and gives itself again.
#include "base/hash.h"
#include "state/state_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int32_t blob_at[] = {8, 24};

static State *make_bags(Arena *a, uint8_t which)
{
    const Type **key = NEW(a, const Type *, 2);
    const Schema *left, *right;
    must(schema_parse(&left, a, S("a STRING, b INT, c array<string>")).code == OK);
    must(schema_parse(&right, a, S("a DOUBLE, b BOOLEAN")).code == OK);
    key[0] = &type_string;
    key[1] = &type_timestamp;
    BagSpec spec = {key, which & 1 ? 1 : 2, {left, right}, 10};
    return state_new_bags(a, &spec, which & 64 ? 4 : 1);
}
static State *make(Arena *a, uint8_t which)
{
    if (which & 128) return make_bags(a, which);
    const Type *list;
    must(type_parse(&list, a, S("array<struct<x:int,y:string>>")).code == OK);
    const Type *keys[][2] = {{&type_timestamp, &type_string},
                             {&type_timestamp, list},
                             {&type_timestamp, &type_double},
                             {&type_timestamp, &type_boolean}};
    TableSpec spec = {.key = keys[which % 4],
                      .nkeys = which & 4 ? 1 : 2,
                      .time_key = which & 8 ? 0 : -1,
                      .slice = which & 16 ? 10 : 0,
                      .payload_bytes = 40,
                      .blob_at = blob_at,
                      .nblobs = which & 32 ? 2 : 0,
                      .removes = which % 3 == 0};
    return state_new(a, &spec, which & 64 ? 4 : 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    Arena *a = arena_new(NULL);
    State *s = make(a, data[0]);
    Buf bytes = buf_new(a), first = buf_new(a), second = buf_new(a);
    state_image(s, &bytes);
    bytes.n -= 1 + STATE_CRC_BYTES; // without the end mark
    bytes.p[STATE_KIND_AT] = (char)(1 + data[1] % 2);
    buf_put(&bytes, str_of((const char *)data + 2, (int64_t)size - 2));
    buf_u32le(&bytes, crc32c(0, buf_str(&bytes)));
    if (state_apply(s, buf_str(&bytes)).code == OK) {
        State *again = make(a, data[0]);
        state_image(s, &first);
        must(state_apply(again, buf_str(&first)).code == OK);
        state_image(again, &second);
        must(str_eq(buf_str(&first), buf_str(&second)));
    }
    arena_free(a);
    return 0;
}
