// run_python.c -- kappa run FILE.py: a PySpark program as it is. It finds the engine by
// SPARK_REMOTE: that of the process which holds the data folder, or one that lives as long as the
// program.
#include "cli/check.h"
#include "cli/run.h"
#include "os/clock.h"
#include "os/proc.h"
#include "serve/connect_door.h"
#include "serve/kafka_door.h"

enum { LOOK = 20000 };

typedef struct Kept { // an Io that keeps what is put
    Io io;
    Buf text;
} Kept;
static Status keep(Io *io, Str text)
{
    buf_put(&CONTAINER(io, Kept, io)->text, text);
    return DONE;
}
// Where the process that holds the data folder serves Spark Connect. False: nobody holds it.
static bool served_elsewhere(Cli *cli, Str *remote, int *code)
{
    static const Str ask[] = {STR_INIT("status"), STR_INIT("--address"), STR_INIT("spark")};
    Kept kept = {{keep, false, 80}, buf_new(cli->arena)};
    Cli status = *cli;
    status.args = ask;
    status.nargs = COUNT(ask);
    status.out = &kept.io;
    if (!host_ran(&status, (Str){0}, code)) return false;
    *remote = str_trim(buf_str(&kept.text));
    return true;
}
// Doors that are this program's alone. The Kafka door is at its usual place when that is free,
// since programs name it; else at none.
static Status open_doors(Host *h, Cli *cli, Str *remote)
{
    KafkaDoorOptions kafka = {0};
    TRY(connect_door_open(&h->connect, h->arena, h->engine, S("127.0.0.1:0"),
                          &(ConnectDoorOptions){0}));
    *remote = str_cat(cli->arena, S("sc://"), connect_door_address(h->connect));
    Status s =
        kafka_door_open(&h->door, h->arena, engine_log(h->engine), S("127.0.0.1:9092"), &kafka);
    if (s.code) h->door = NULL;
    return s.code == ERR_CONFLICT ? DONE : s;
}
static void leave(Host *h, Cli *cli)
{
    if (h->connect) connect_door_close(h->connect);
    host_leave(h, cli);
    if (h->door) kafka_door_close(h->door);
}
// A program that failed for want of PySpark has said only which line asked for it.
static Status look_for_pyspark(Cli *cli, Arena *a, Str python)
{
    static const char look[] = "import importlib.util as u, sys\n"
                               "sys.exit(0 if u.find_spec('pyspark') else 94)\n";
    Child *child = NULL;
    Str argv[] = {python, S("-c"), str_z(look)};
    int code = 0;
    TRY(child_start(&child, a, argv, COUNT(argv), NULL, 0));
    while (!child_ended(child, &code)) clock_sleep(LOOK);
    if (code == 94)
        cli_print(cli->err,
                  "kappa run: " STR_FMT " has no pyspark: install pyspark-client there, or let "
                  "PYSPARK_PYTHON name a Python that has it\n",
                  STR_ARG(python));
    return DONE;
}
// The program itself, with what the terminal says going to it, too: two interrupts end it.
static Status run_program(Cli *cli, Str remote, const Str *arg, int32_t n, int *code)
{
    Arena *a = arena_new(cli->arena);
    Child *child = NULL;
    Str python = env_get(a, "PYSPARK_PYTHON"), env = str_cat(a, S("SPARK_REMOTE="), remote);
    Str *argv = NEW(a, Str, n + 1);
    argv[0] = python.n ? python : S("python3");
    for (int32_t i = 0; i < n; i++) argv[i + 1] = arg[i];
    TRY(child_start(&child, a, argv, n + 1, &env, 1));
    while (!child_ended(child, code)) {
        if (shared_get(cli->interrupted) > 1) child_kill(child);
        clock_sleep(LOOK);
    }
    if (*code) TRY(look_for_pyspark(cli, a, argv[0]));
    arena_free(a);
    return DONE;
}
int run_python(Cli *cli, const Str *arg, int32_t n)
{
    Host *h = NULL;
    Str remote = env_get(cli->arena, "SPARK_REMOTE");
    bool ran = false;
    int code = EXIT_OK;
    HostOptions how = {.command = S("kappa run"), .own = true};
    int64_t found = 0; // what is told; it may stand where the program never comes
    Status s = check_program(cli, cli->err, arg[0], &found);
    if (!s.code && !remote.n && !served_elsewhere(cli, &remote, &code)) {
        s = host_enter(&h, cli, &how, &ran, &code);
        if (!s.code) s = open_doors(h, cli, &remote);
        if (!s.code) s = host_listen(h, cli);
    }
    if (code) return code;
    if (!s.code) s = run_program(cli, remote, arg, n, &code);
    if (h) leave(h, cli);
    return s.code ? cli_failed(cli, s, arg[0]) : code;
}
