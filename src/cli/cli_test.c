// cli_test.c -- commands, options, help and exit codes, without a process.
#include "base/test.h"
#include "cli/fixture_test.h"

TEST(cli_answers_with_codes)
{
    static const struct {
        Str line;
        int code;
        Str out, err; // parts of what is written
    } row[] = {
        {STR_INIT(""), EXIT_OK, STR_INIT("usage: kappa COMMAND"), STR_INIT("")},
        {STR_INIT("--help"), EXIT_OK, STR_INIT("version"), STR_INIT("")},
        {STR_INIT("-h"), EXIT_OK, STR_INIT("usage: kappa COMMAND"), STR_INIT("")},
        {STR_INIT("help version"), EXIT_OK, STR_INIT("usage: kappa version"), STR_INIT("")},
        {STR_INIT("version -h"), EXIT_OK, STR_INIT("usage: kappa version"), STR_INIT("")},
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
        Said s = fixture_said(a, S("d"), row[i].line);
        CHECK_I64(s.code, row[i].code);
        CHECK(str_find(s.out, row[i].out) >= 0);
        CHECK(str_find(s.err, row[i].err) >= 0);
        CHECK((s.out.n > 0) == (row[i].code == EXIT_OK));
    }
}
