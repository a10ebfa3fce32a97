#include "fmt/parquet.h"

static Status memory_read(const ByteSource *s, Arena *a, int64_t at, int64_t n, Str *out)
{
    (void)a;
    must(at >= 0 && n >= 0 && at <= s->bytes - n);
    *out = str_of((const char *)s->more + at, n);
    return DONE;
}

ByteSource byte_source_of(Str bytes, Str name)
{
    return (ByteSource){bytes.n, name, memory_read, bytes.p};
}
