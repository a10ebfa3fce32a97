#include "fmt/parquet.h"
#include "os/file.h"

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

static Status disk_read(const ByteSource *s, Arena *a, int64_t at, int64_t n, Str *out)
{
    char *to = NEW_RAW(a, char, n + 8);
    int64_t got;
    TRY(file_read((File *)s->more, at, to, n, &got));
    if (got < n)
        return fail(ERR_CORRUPT, STR_FMT ": shorter than it was when it was opened",
                    STR_ARG(s->name));
    *out = str_of(to, n);
    return DONE;
}

Status byte_source_open(ByteSource *s, Arena *a, Str path)
{
    File *f;
    TRY(file_open(&f, a, path, FILE_READ));
    *s = (ByteSource){0, str_copy(a, path), disk_read, f};
    return file_size(f, &s->bytes);
}
