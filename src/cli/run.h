// run.h -- the two kinds of file that kappa run takes.
#ifndef CLI_RUN_H
#define CLI_RUN_H
#include "cli/host.h"

// A PySpark program, arg[0], and its arguments: runs it and gives its exit code.
int run_python(Cli *cli, const Str *arg, int32_t n);
#endif
