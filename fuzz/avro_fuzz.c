// Any bytes as an Avro file: values come or an error does, and a value takes no more than its
// bytes.
#include "fmt/avro.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Status read_all(Arena *a, Str bytes)
{
    AvroFile f;
    TRY(avro_open(&f, a, bytes, S("fuzz")));
    bool end = false;
    for (int32_t i = 0; i < 1000 && !end; i++) {
        AvroValue v;
        TRY(avro_next(&f, a, &v, &end));
        must(end || (v.type && f.left >= 0 && f.block.at <= f.block.end));
    }
    return DONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *a = arena_new(NULL);
    Str bytes = str_copy(a, str_of((const char *)data, (int64_t)size));
    const AvroType *t;
    Status file = read_all(a, bytes), schema = avro_schema(&t, a, bytes);
    must(file.code <= ERR_CANCELLED && schema.code <= ERR_CANCELLED);
    arena_free(a);
    return 0;
}
