// fixture_test.c -- commands run inside a test.
#include "cli/fixture_test.h"
#include "base/test.h"

static Status put_text(Io *io, Str text)
{
    buf_put(&CONTAINER(io, BufIo, io)->text, text);
    return DONE;
}
BufIo fixture_io(Arena *a) { return (BufIo){{.put = put_text}, buf_new(a)}; }
Said fixture_said(Arena *a, Str dir, Str line)
{
    Shared64 never = {0};
    BufIo out = fixture_io(a), err = fixture_io(a);
    Arena *own = arena_new(NULL);
    Cli cli = {
        .arena = own, .out = &out.io, .err = &err.io, .data_dir = dir, .interrupted = &never};
    Str args[16];
    int32_t n = 0;
    for (Cut c = {.tail = line, .ok = line.n > 0}; c.ok;) {
        c = str_cut(c.tail, ' ');
        args[n++] = c.head;
    }
    int code = cli_main(&cli, args, n);
    arena_free(own); // closes what the command opened
    return (Said){code, buf_str(&out.text), buf_str(&err.text)};
}
void fixture_said_rows(Arena *a, Str dir, const SaidRow *row, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        Said s = fixture_said(a, dir, row[i].line);
        CHECK_I64(s.code, row[i].code);
        bool says = str_find(s.code ? s.err : s.out, row[i].says) >= 0;
        test_check(says, __FILE__, __LINE__, STR_FMT ": says '" STR_FMT "', not '" STR_FMT "'",
                   STR_ARG(row[i].line), STR_ARG(s.code ? s.err : s.out), STR_ARG(row[i].says));
    }
}
