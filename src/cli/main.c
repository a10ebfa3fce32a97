// main.c -- the process: its arguments, its streams, and what Ctrl-C means: once, end after the
// running epoch; twice, leave at once.
#include "cli/cli.h"
#include "os/proc.h"

typedef struct FdIo {
    Io io;
    int fd;
} FdIo;
static Status fd_put(Io *io, Str text) { return out_write(CONTAINER(io, FdIo, io)->fd, text); }
static FdIo fd_io(int fd)
{
    return (FdIo){.io = {.put = fd_put, .terminal = tty_is(fd), .columns = tty_columns(fd)},
                  .fd = fd};
}
static void interrupted(void *arg)
{
    if (proc_interrupts() > 1) proc_exit(EXIT_INTERRUPTED);
    shared_add(arg, 1);
    shared_wake(arg);
}
int main(int argc, char **argv)
{
    proc_give_back();
    Arena *a = arena_new(NULL);
    FdIo out = fd_io(1), err = fd_io(2);
    Shared64 stop = {0};
    Str *args = NEW(a, Str, argc + 1), data = env_get(a, "KAPPA_DATA");
    for (int i = 1; i < argc; i++) args[i - 1] = str_z(argv[i]);
    Cli cli = {.arena = a,
               .out = &out.io,
               .err = &err.io,
               .data_dir = data.n ? data : S("kappa-data"),
               .interrupted = &stop};
    proc_catch_interrupts(interrupted, &stop);
    int code = cli_main(&cli, args, argc - 1);
    arena_free(a);
    return code;
}
