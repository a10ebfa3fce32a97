// cli_test.c -- commands, options, help and exit codes, without a process.
#include "base/test.h"
#include "cli/cli.h"

typedef struct BufIo {
    Io io;
    Buf text;
} BufIo;
static Status buf_io_put(Io *io, Str text)
{
    buf_put(&CONTAINER(io, BufIo, io)->text, text);
    return DONE;
}
TEST(cli_answers_with_codes)
{
    static const struct {
        Str line;
        int code;
        Str out, err; // parts of what is written
    } row[] = {
        {STR_INIT(""), EXIT_OK, STR_INIT("usage: kappa COMMAND"), STR_INIT("")},
        {STR_INIT("--help"), EXIT_OK, STR_INIT("version"), STR_INIT("")},
        {STR_INIT("--version"), EXIT_OK, STR_INIT("Apache Spark 4."), STR_INIT("")},
        {STR_INIT("version"), EXIT_OK, STR_INIT("kappa "), STR_INIT("")},
        {STR_INIT("version --help"), EXIT_OK, STR_INIT("usage: kappa version"), STR_INIT("")},
        {STR_INIT("version --data=x"), EXIT_OK, STR_INIT("kappa "), STR_INIT("")},
        {STR_INIT("version more"), EXIT_USAGE, STR_INIT(""), STR_INIT("usage: kappa version")},
        {STR_INIT("version --data"), EXIT_USAGE, STR_INIT(""), STR_INIT("--data needs a value")},
        {STR_INIT("version --loud"), EXIT_USAGE, STR_INIT(""), STR_INIT("no option --loud")},
        {STR_INIT("versoin"), EXIT_USAGE, STR_INIT(""), STR_INIT("near it: version")},
        {STR_INIT("zzzzz"), EXIT_USAGE, STR_INIT(""), STR_INIT("no command zzzzz; kappa --help")},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        BufIo out = {{.put = buf_io_put}, buf_new(a)}, err = {{.put = buf_io_put}, buf_new(a)};
        Cli cli = {.arena = a, .out = &out.io, .err = &err.io, .data_dir = S("d")};
        Str args[8];
        int32_t n = 0;
        for (Cut c = {.tail = row[i].line, .ok = row[i].line.n > 0}; c.ok;) {
            c = str_cut(c.tail, ' ');
            args[n++] = c.head;
        }
        CHECK_I64(cli_main(&cli, args, n), row[i].code);
        CHECK(str_find(buf_str(&out.text), row[i].out) >= 0);
        CHECK(str_find(buf_str(&err.text), row[i].err) >= 0);
        CHECK((out.text.n > 0) == (row[i].code == EXIT_OK));
    }
}
