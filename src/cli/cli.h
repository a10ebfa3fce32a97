// cli.h -- what a subcommand is given: its arguments, where to write, and whether somebody asked it
// to stop. A command writes through Io only, so it can run in this process or in a server's.
#ifndef CLI_CLI_H
#define CLI_CLI_H
#include "base/options.h"
#include "os/thread.h"

typedef struct Io Io;
struct Io {
    Status (*put)(Io *io, Str text);
    bool terminal;   // somebody looks at it
    int32_t columns; // of the terminal
};
typedef struct Cli {
    Arena *arena;
    Io *out, *err;
    Str data_dir;                // --data, else KAPPA_DATA, else ./kappa-data
    const Shared64 *interrupted; // how often somebody asked to stop; woken then
    const Str *args;             // the command and what follows it, as they came
    int32_t nargs;
    struct Host *host; // set in the process that holds the folder: what it has open (cli/host.h)
    Str text; // with host: the file or standard input that the caller has read; p NULL: none
} Cli;
enum { EXIT_OK = 0, EXIT_QUERY = 1, EXIT_USAGE = 2, EXIT_CONNECT = 3, EXIT_INTERRUPTED = 130 };

typedef struct Command {
    Str name;
    const char *args; // "FILE [--once | --watch]"
    const char *help; // one line
    const char *more; // paragraphs and examples for --help
    const OptSpec *opts;
    int64_t nopts;
    size_t opts_size; // of the struct that they fill
    int32_t min, max; // of the other arguments; max -1: any
    bool hosted;      // another process may ask the one that holds the data folder to run it
    bool raw;         // reads its options itself: all arguments come as they are
    int (*run)(Cli *cli, const void *opts, const Str *arg, int32_t n);
} Command;
// A command is a file, a word here and one in cli.c's list.
extern const Command command_check, command_consume, command_docs, command_produce, command_queries,
    command_run, command_serve, command_sql, command_status, command_stop, command_topics,
    command_version;

Str cli_log_dir(const Cli *cli); // the embedded log, <data>/log
// Runs the command that args[0] names; gives the exit code.
int cli_main(Cli *cli, const Str *args, int32_t n);
void cli_print(Io *io, const char *fmt, ...) PRINTF(2, 3);
Status io_print(void *io, Str text); // Io.put as the engine calls it
// Prints the lines of `notices` that `told` does not hold yet, and moves them there.
void cli_notices(Cli *cli, Buf *notices, Buf *told);
// Says what this thread's failure is, with the place in `text` it points to; gives EXIT_QUERY, or
// EXIT_INTERRUPTED when it was a stop that was asked for.
int cli_failed(Cli *cli, Status s, Str file);
#endif
