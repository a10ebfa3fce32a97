// version.c -- kappa version.
#include "base/version.h"
#include "cli/cli.h"

static int version_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    (void)opts, (void)arg, (void)n;
    cli_print(cli->out, "kappa %s (answers as Apache Spark %s)\n", KAPPA_VERSION, SPARK_VERSION);
    return EXIT_OK;
}
const Command command_version = {.name = STR_INIT("version"),
                                 .args = "",
                                 .help = "what this program is",
                                 .more = "",
                                 .run = version_run};
