// check.h -- what of a PySpark program cannot run through Spark Connect.
#ifndef CLI_CHECK_H
#define CLI_CHECK_H
#include "cli/cli.h"

// Names each line of the program or notebook that would be refused, with what to write instead.
// *found: how many.
Status check_program(Cli *cli, Io *to, Str file, int64_t *found);
#endif
