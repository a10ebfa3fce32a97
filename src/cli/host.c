// host.c -- who runs a command: this process, or the one that has the data folder.
#include "cli/host.h"
#include "base/civil.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/proc.h"
#include "serve/control.h"

#define LET_FINISH (2 * MICROS_PER_SECOND) // a short command that has the folder
#define LOOK_AGAIN (20 * MICROS_PER_MS)

Str host_socket(Arena *a, Str data_dir) { return path_join(a, data_dir, S("kappa.sock")); }

// ---- asking another process --------------------------------------------------------------------

static Status pass_on(void *ctx, ControlStream to, Str text)
{
    const Cli *cli = ctx;
    Io *io = to == CONTROL_OUT ? cli->out : cli->err;
    return io->put(io, text);
}
bool host_ran(Cli *cli, Str text, int *code)
{
    bool there = false;
    ControlRequest what = {.arg = cli->args,
                           .nargs = cli->nargs,
                           .text = text,
                           .terminal = cli->err->terminal,
                           .columns = cli->err->columns};
    ControlTo to = {pass_on, cli, cli->interrupted};
    if (cli->host) return false;
    Status s = control_ask(&there, code, host_socket(cli->arena, cli->data_dir), &what, &to);
    if (!s.code) return there;
    (void)cli_failed(cli, s, (Str){0});
    *code = EXIT_CONNECT;
    return true;
}

// ---- being asked -------------------------------------------------------------------------------

typedef struct CallIo {
    Io io;
    ControlCall *call;
    ControlStream to;
} CallIo;
static Status call_put(Io *io, Str text)
{
    CallIo *c = CONTAINER(io, CallIo, io);
    return control_put(c->call, c->to, text);
}
static CallIo call_io(ControlCall *call, ControlStream to)
{
    const ControlRequest *r = &call->request;
    return (CallIo){{call_put, r->terminal, r->columns}, call, to};
}
static int host_run(void *ctx, ControlCall *call)
{
    CallIo out = call_io(call, CONTROL_OUT), err = call_io(call, CONTROL_ERR);
    Host *h = ctx;
    Cli cli = {.arena = call->arena,
               .out = &out.io,
               .err = &err.io,
               .data_dir = engine_dir(h->engine),
               .interrupted = &call->interrupted,
               .host = h,
               .text = call->request.text};
    return cli_main(&cli, call->request.arg, call->request.nargs);
}

// ---- holding the folder ------------------------------------------------------------------------

static Status open_engine(Host **out, Cli *cli, const HostOptions *o)
{
    Arena *a = arena_new(cli->arena);
    Host *h = NEW(a, Host, 1);
    EngineOptions eo = {.dir = cli->data_dir,
                        .command = o->command,
                        .workers = o->workers - 1,
                        .partitions = o->partitions,
                        .print = io_print,
                        .print_to = cli->out};
    *h = (Host){.arena = a, .command = o->command, .since = clock_now()};
    *out = h;
    Status s = engine_open(&h->engine, a, &eo);
    if (!s.code) return DONE;
    const Failure *f = failure_copy(cli->arena, failure());
    arena_free(a);
    return failure_again(f);
}
Status host_enter(Host **h, Cli *cli, const HostOptions *o, bool *ran, int *code)
{
    *ran = false;
    *h = cli->host;
    if (*h) return DONE;
    for (Micros until = clock_now() + LET_FINISH;;) {
        *ran = !o->own && host_ran(cli, o->text, code);
        if (*ran) return DONE;
        Status s = open_engine(h, cli, o);
        if (s.code != ERR_CONFLICT || clock_now() > until || shared_get(cli->interrupted)) return s;
        clock_sleep(LOOK_AGAIN);
    }
}
Status host_listen(Host *h, Cli *cli)
{
    if (cli->host) return DONE;
    return control_open(&h->control, h->arena, host_socket(h->arena, engine_dir(h->engine)),
                        host_run, h);
}
void host_leave(Host *h, Cli *cli)
{
    if (cli->host || !h->control) return;
    while (control_calls(h->control) && !shared_get(cli->interrupted))
        (void)shared_wait(cli->interrupted, 0, LOOK_AGAIN);
    control_close(h->control, shared_get(cli->interrupted) != 0);
}
