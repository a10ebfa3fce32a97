// serve.c -- kappa serve: holds the data folder, opens the doors, runs pipelines, until Ctrl-C.
#include "base/civil.h"
#include "base/version.h"
#include "cli/host.h"
#include "os/file.h"
#include "os/proc.h"
#include "run/pipeline.h"
#include "serve/connect_door.h"
#include "serve/kafka_door.h"

typedef struct ServeOpts {
    Str kafka, advertised, connect, token_file, tls_cert, tls_key;
    int64_t partitions;
    bool no_auto_create, no_python;
} ServeOpts;
#define AT(field) offsetof(ServeOpts, field)
static const OptSpec serve_opts[] = {
    {STR_INIT("kafka"), OPT_STR, AT(kafka), STR_INIT("127.0.0.1:9092"),
     "host:port of the Kafka door, port 0 for any free one (127.0.0.1:9092)", 0, 0, NULL},
    {STR_INIT("advertised"), OPT_STR, AT(advertised), STR_INIT(""),
     "host:port that Kafka clients are told (what each of them connected to)", 0, 0, NULL},
    {STR_INIT("connect"), OPT_STR, AT(connect), STR_INIT("127.0.0.1:15002"),
     "host:port of the Spark Connect door, port 0 for any free one (127.0.0.1:15002)", 0, 0, NULL},
    {STR_INIT("token-file"), OPT_STR, AT(token_file), STR_INIT(""),
     "holds the token that Spark Connect clients have to bear "
     "($SPARK_CONNECT_AUTHENTICATE_TOKEN)",
     0, 0, NULL},
    {STR_INIT("tls-cert"), OPT_STR, AT(tls_cert), STR_INIT(""),
     "certificates in PEM, the server's own first: the Spark Connect door speaks TLS", 0, 0, NULL},
    {STR_INIT("tls-key"), OPT_STR, AT(tls_key), STR_INIT(""),
     "the certificate's key in PEM (in the same file)", 0, 0, NULL},
    {STR_INIT("partitions"), OPT_I64, AT(partitions), STR_INIT("1"),
     "of a topic made without saying how many (1)", 1, PARTITIONS_MAX, NULL},
    {STR_INIT("no-python"), OPT_BOOL, AT(no_python), STR_INIT("false"),
     "functions of foreachBatch are refused", 0, 0, NULL},
    {STR_INIT("no-auto-create"), OPT_BOOL, AT(no_auto_create), STR_INIT("false"),
     "topics are made by request only", 0, 0, NULL},
};

typedef struct Served { // a pipeline
    Cli *cli;
    Arena *arena;
    Str file;
    Session *session;
    Pipeline *pipeline;
    Thread *thread;
} Served;
typedef struct Serving {
    Cli *cli;
    const ServeOpts *o;
    Host *host;
    VEC(Served *) served;
} Serving;

static void say(void *io, Str line) { cli_print(io, STR_FMT "\n", STR_ARG(line)); }

// ---- pipelines ---------------------------------------------------------------------------------

static Status open_pipeline(Serving *s, Str file)
{
    Str text = {0};
    Engine *e = s->host->engine;
    Served *p = NEW(s->cli->arena, Served, 1);
    *p = (Served){.cli = s->cli, .arena = arena_new(NULL), .file = file};
    vec_push(s->cli->arena, &s->served, p);
    p->session = engine_session(e);
    TRY(file_load(&text, p->arena, file, 1 << 24));
    TRY(pipeline_open(&p->pipeline, p->arena, e, p->session, text));
    vec_push(s->cli->arena, &s->host->pipelines, file);
    return DONE;
}
static void heard(void *ctx, Str flow, const Progress *p, const char *what)
{
    const Served *s = ctx;
    if (!p)
        cli_print(s->cli->err, STR_FMT ": " STR_FMT " %s\n", STR_ARG(s->file), STR_ARG(flow), what);
}
static void run_pipeline(void *arg)
{
    Served *p = arg;
    PipelineRun how = {.watch = true,
                       .stop = p->cli->interrupted,
                       .print = io_print,
                       .print_to = p->cli->out,
                       .tell = heard,
                       .ctx = p};
    Status s = pipeline_run(p->pipeline, &how);
    if (s.code) (void)cli_failed(p->cli, s, p->file); // the others go on
}
static void end_pipelines(Serving *s)
{
    for (int64_t i = 0; i < s->served.n; i++) {
        Served *p = s->served.v[i];
        if (p->thread) thread_join(p->thread);
        engine_session_end(s->host->engine, p->session);
        arena_free(p->arena);
    }
    s->served.n = 0;
}

// ---- the doors ---------------------------------------------------------------------------------

static Status open_door(Serving *s)
{
    KafkaDoorOptions how = {.advertised = s->o->advertised,
                            .no_auto_create = s->o->no_auto_create,
                            .say = say,
                            .say_to = s->cli->err};
    Host *h = s->host;
    Status opened = kafka_door_open(&h->door, h->arena, engine_log(h->engine), s->o->kafka, &how);
    if (opened.code != ERR_CONFLICT) return opened;
    h->door = NULL;
    return fail_in(opened, "the Kafka door (--kafka HOST:PORT opens another)");
}
static Status load_token(Str *token, Arena *a, Str file)
{
    *token = env_get(a, "SPARK_CONNECT_AUTHENTICATE_TOKEN");
    if (!file.n) return DONE;
    TRY(fail_in(file_load(token, a, file, 1 << 16), "--token-file"));
    *token = str_trim(*token);
    if (!token->n || str_find_char(*token, '\n') >= 0)
        return fail(ERR_INVALID, "--token-file: " STR_FMT " is not one line with a token",
                    STR_ARG(file));
    return DONE;
}
static Status load_tls(ConnectDoorOptions *how, Arena *a, const ServeOpts *o)
{
    Str key = o->tls_key.n ? o->tls_key : o->tls_cert;
    if (!o->tls_cert.n && key.n) return fail(ERR_INVALID, "--tls-key needs --tls-cert");
    if (!key.n) return DONE;
    TRY(fail_in(file_load(&how->certificates, a, o->tls_cert, 1 << 20), "--tls-cert"));
    if (!how->certificates.n)
        return fail(ERR_INVALID, "--tls-cert: " STR_FMT " is empty", STR_ARG(o->tls_cert));
    return fail_in(file_load(&how->key, a, key, 1 << 20), "--tls-key");
}
static Status open_connect_door(Serving *s)
{
    Host *h = s->host;
    ConnectDoorOptions how = {.no_python = s->o->no_python, .say = say, .say_to = s->cli->err};
    TRY(load_token(&how.token, h->arena, s->o->token_file));
    TRY(load_tls(&how, h->arena, s->o));
    Status opened = connect_door_open(&h->connect, h->arena, h->engine, s->o->connect, &how);
    if (opened.code) h->connect = NULL;
    if (opened.code != ERR_CONFLICT) return opened;
    return fail_in(opened, "the Spark Connect door (--connect HOST:PORT opens another)");
}
static void welcome(const Serving *s)
{
    Io *out = s->cli->out;
    Arena *a = s->cli->arena;
    Str dir = engine_dir(s->host->engine), kafka = kafka_door_address(s->host->door);
    cli_print(out, "kappa %s serves " STR_FMT " (process %lld)\n\n", KAPPA_VERSION, STR_ARG(dir),
              (long long)proc_id());
    cli_print(out, "  %-9s %-24.*s  %s\n", "kafka", STR_ARG(kafka), "any Kafka client");
    cli_print(
        out, "  %-9s %-24.*s  %s\n", "spark",
        STR_ARG(str_fmt(a, "sc://" STR_FMT "%s", STR_ARG(connect_door_address(s->host->connect)),
                        connect_door_tls(s->host->connect) ? "/;use_ssl=true" : "")),
        "PySpark: pip install pyspark-client, export SPARK_REMOTE=");
    cli_print(out, "  %-9s %-24.*s  %s\n", "commands", STR_ARG(host_socket(a, dir)),
              "kappa sql, run, queries, status, stop, topics");
    for (int64_t i = 0; i < s->served.n; i++) {
        Str *name = NULL;
        int32_t n = pipeline_outputs(s->served.v[i]->pipeline, a, &name);
        cli_print(out, "  %-9s %-24.*s  %d output%s\n", "pipeline", STR_ARG(s->served.v[i]->file),
                  n, n == 1 ? "" : "s");
    }
    cli_print(out, "\nNext, in another terminal with the same data folder:\n"
                   "  kappa generate events --rate 10 --topic events\n"
                   "  kappa consume events --follow\n"
                   "  kappa sql -e 'SHOW CATALOGS'\n"
                   "  kappa queries\n"
                   "Ctrl-C ends it; what was acknowledged is safe at any time.\n");
}
static Status serve_until_asked(Serving *s, const Str *file, int32_t n)
{
    TRY(open_door(s));
    TRY(open_connect_door(s));
    for (int32_t i = 0; i < n; i++)
        TRY(fail_in(open_pipeline(s, file[i]), STR_FMT, STR_ARG(file[i])));
    TRY(host_listen(s->host, s->cli));
    welcome(s);
    for (int64_t i = 0; i < s->served.n; i++) {
        Served *p = s->served.v[i];
        p->thread = thread_start(p->arena, "pipeline", run_pipeline, p);
    }
    while (!shared_get(s->cli->interrupted)) (void)shared_wait(s->cli->interrupted, 0, -1);
    return DONE;
}
static int serve_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    const ServeOpts *o = opts;
    Serving s = {.cli = cli, .o = o};
    HostOptions how = {
        .command = S("kappa serve"), .own = true, .partitions = (int32_t)o->partitions};
    bool ran = false;
    int code = EXIT_OK;
    Status st = host_enter(&s.host, cli, &how, &ran, &code);
    if (st.code) return cli_failed(cli, st, (Str){0});
    st = serve_until_asked(&s, arg, n);
    if (st.code) code = cli_failed(cli, st, (Str){0});
    if (s.host->connect) connect_door_close(s.host->connect);
    end_pipelines(&s);
    host_leave(s.host, cli);
    if (s.host->door) kafka_door_close(s.host->door);
    return code;
}
const Command command_serve = {
    .name = STR_INIT("serve"),
    .args = "[FILE.sql ..] [--kafka HOST:PORT]",
    .help = "hold the data folder and open the doors: Kafka, and the other commands",
    .more = "Kafka clients of any language produce to it and read from it; other kappa commands\n"
            "with the same data folder run in it. FILE.sql are pipelines that run until Ctrl-C.\n\n"
            "  kappa serve\n"
            "  kappa serve pipeline.sql --kafka 0.0.0.0:9092 --advertised kappa.example:9092\n",
    .opts = serve_opts,
    .nopts = COUNT(serve_opts),
    .opts_size = sizeof(ServeOpts),
    .max = -1,
    .run = serve_run,
};
