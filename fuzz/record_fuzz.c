// record_fuzz.c -- an epoch record that decodes encodes to the same bytes.
#include "base/base.h"
#include "run/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena *a = arena_new(NULL);
    Str in = str_of((const char *)data, (int64_t)n), payload;
    Buf b = buf_new(a);
    EpochRecord r;
    QueryHead h;
    FrameKind kind;
    if (record_decode(&r, a, in).code == OK) {
        record_encode(&b, &r);
        must(str_eq(buf_str(&b), in));
    }
    buf_clear(&b);
    if (head_decode(&h, a, in).code == OK) {
        head_encode(&b, &h);
        must(str_eq(buf_str(&b), in));
    }
    int64_t at = frame_find(in, 0);
    must(at < 0 || frame_at(str_from(in, at), &kind, &payload) > 0);
    arena_free(a);
    return 0;
}
