// run.c -- kappa run: a pipeline's file.
#include "cli/run.h"
#include "base/civil.h"
#include "cli/pipeline_file.h"
#include "cli/remote.h"
#include "os/clock.h"
#include "os/file.h"
#include "run/pipeline.h"

typedef struct RunOpts {
    bool once, watch, dry_run, full_refresh;
    Micros until_idle;
    Str refresh, full_refresh_of;
    int64_t workers;
    Str remote, storage, kafka;
    Micros patience;
} RunOpts;
static const OptSpec run_opts[] = {
    {STR_INIT("once"), OPT_BOOL, offsetof(RunOpts, once), STR_INIT("false"),
     "until all that is there is read (the default)", 0, 0, NULL},
    {STR_INIT("watch"), OPT_BOOL, offsetof(RunOpts, watch), STR_INIT("false"),
     "go on with what arrives, until Ctrl-C", 0, 0, NULL},
    {STR_INIT("until-idle"), OPT_DURATION, offsetof(RunOpts, until_idle), STR_INIT("0 seconds"),
     "as --watch, until nothing has come for so long: 5s, '1 minute'", 0, 0, NULL},
    {STR_INIT("dry-run"), OPT_BOOL, offsetof(RunOpts, dry_run), STR_INIT("false"),
     "check the file and say what it would make", 0, 0, NULL},
    {STR_INIT("full-refresh"), OPT_BOOL, offsetof(RunOpts, full_refresh), STR_INIT("false"),
     "empty the tables and begin anew", 0, 0, NULL},
    {STR_INIT("full-refresh-all"), OPT_BOOL, offsetof(RunOpts, full_refresh), STR_INIT(""),
     "the same, as spark-pipelines calls it", 0, 0, NULL},
    {STR_INIT("full-refresh-of"), OPT_STR, offsetof(RunOpts, full_refresh_of), STR_INIT(""),
     "only these outputs run, and begin anew: a,b", 0, 0, NULL},
    {STR_INIT("refresh"), OPT_STR, offsetof(RunOpts, refresh), STR_INIT(""),
     "only these outputs run: a,b", 0, 0, NULL},
    {STR_INIT("workers"), OPT_I64, offsetof(RunOpts, workers), STR_INIT("0"),
     "threads that work on an epoch (0: one a core)", 0, 1024, NULL},
    {STR_INIT("remote"), OPT_STR, offsetof(RunOpts, remote), STR_INIT(""),
     "Spark runs it: sc://host:port/;token=...", 0, 0, NULL},
    {STR_INIT("storage"), OPT_STR, offsetof(RunOpts, storage), STR_INIT(""),
     "with --remote: where Spark keeps checkpoints, s3a://...", 0, 0, NULL},
    {STR_INIT("kafka"), OPT_STR, offsetof(RunOpts, kafka), STR_INIT(""),
     "with --remote: the broker of sources and sinks that name none, HOST:PORT", 0, 0, NULL},
    {STR_INIT("patience"), OPT_DURATION, offsetof(RunOpts, patience), STR_INIT("60 seconds"),
     "with --remote: how long the server may be silent", 0, 0, NULL},
};

typedef struct Flows { // what the flows have done so far
    Cli *cli;
    int64_t rows_in, rows_out, late, epochs;
    Micros shown;
} Flows;

// One live line on a terminal; a line a flow elsewhere.
static void show_line(Flows *f, Str flow, const Progress *p)
{
    char time[40];
    int64_t state = 0;
    for (int32_t i = 0; i < p->nops; i++) state += p->op[i].counts.total;
    Str mark = S("-");
    if (p->event_time) mark = str_of(time, civil_format_ms(time, p->watermark * MICROS_PER_MS));
    cli_print(f->cli->err,
              "\r\033[K" STR_FMT ": epoch %lld, %lld rows in (%.0f/s), %lld out, watermark " STR_FMT
              ", %lld late, %lld in state",
              STR_ARG(flow), (long long)p->batch_id, (long long)f->rows_in, p->out_per_second,
              (long long)f->rows_out, STR_ARG(mark), (long long)f->late, (long long)state);
}
static void heard(void *ctx, Str flow, const Progress *p, const char *what)
{
    Flows *f = ctx;
    if (!p) {
        if (f->cli->err->terminal) cli_print(f->cli->err, "\r\033[K");
        cli_print(f->cli->err, STR_FMT " %s\n", STR_ARG(flow), what);
        return;
    }
    f->epochs++;
    f->rows_in += p->rows;
    f->rows_out += MAX(0, p->sink_rows);
    for (int32_t i = 0; i < p->nops; i++) f->late += p->op[i].counts.dropped_by_watermark;
    Micros now = clock_now();
    if (!f->cli->err->terminal || now - f->shown < MICROS_PER_SECOND / 10) return;
    f->shown = now;
    show_line(f, flow, p);
}
static void dry_run(Cli *cli, const Pipeline *p)
{
    Str *name = NULL;
    int32_t n = pipeline_outputs(p, cli->arena, &name);
    for (int32_t i = 0; i < n; i++) cli_print(cli->out, STR_FMT "\n", STR_ARG(name[i]));
}
static Status run_pipeline(Cli *cli, Host *h, const RunOpts *o, Str text, Flows *f)
{
    Pipeline *p = NULL;
    PipelineRun how = {.watch = o->watch || o->until_idle,
                       .until_idle = o->until_idle,
                       .stop = cli->interrupted,
                       .print = io_print,
                       .print_to = cli->out,
                       .tell = heard,
                       .ctx = f};
    Session *session = engine_session(h->engine);
    Buf notices = buf_new(cli->arena), told = buf_new(cli->arena);
    session->notices = &notices;
    Status s = pipeline_open(&p, cli->arena, h->engine, session, text);
    session->notices = NULL; // flows run on threads of their own
    cli_notices(cli, &notices, &told);
    if (!s.code) s = pipeline_select(p, o->refresh, o->full_refresh_of);
    if (!s.code && o->full_refresh) s = pipeline_refresh(p);
    if (!s.code && !o->dry_run) s = host_listen(h, cli);
    if (!s.code && !o->dry_run) s = pipeline_run(p, &how);
    if (!s.code && o->dry_run) dry_run(cli, p);
    Failure *failed = s.code ? failure_copy(cli->arena, failure()) : NULL;
    host_leave(h, cli);
    engine_session_end(h->engine, session);
    return failed ? failure_again(failed) : DONE;
}
// A failure of a file that a spec named is told as that file's.
static int failed_in(Cli *cli, Status s, Str text, Str file)
{
    Failure at = *failure();
    if (at.line && pipeline_spec_place(text, &at.line, &file)) s = failure_again(&at);
    return cli_failed(cli, s, file);
}
static Status load_text(Cli *cli, Str *file, Str *text)
{
    if (!file->n) TRY(pipeline_spec_find(file, cli->arena));
    if (is_pipeline_spec(*file)) return pipeline_spec_load(text, cli->arena, *file);
    return file_load(text, cli->arena, *file, 1 << 24);
}
static int run_elsewhere(Cli *cli, const RunOpts *o, Str file)
{
    Str text;
    if (o->watch || o->until_idle)
        return cli_failed(cli,
                          RAISE(UNSUPPORTED_FEATURE, P("feature", S("--watch on Spark")),
                                P("needs", S("a run that ends when all is read, started again by "
                                             "whatever keeps your clock"))),
                          file);
    Status s = load_text(cli, &file, &text);
    if (s.code) return cli_failed(cli, s, file);
    RemoteAsk ask = {.url = o->remote,
                     .storage = o->storage,
                     .kafka = o->kafka,
                     .patience = MAX(o->patience, MICROS_PER_MS),
                     .file = file,
                     .text = text,
                     .refresh = o->refresh,
                     .full_refresh_of = o->full_refresh_of,
                     .full_refresh = o->full_refresh,
                     .dry_run = o->dry_run};
    return run_remote(cli, &ask);
}
static int run_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    const RunOpts *o = opts;
    if (n && str_ends(arg[0], S(".py")) && o->remote.n)
        return cli_failed(cli,
                          fail(ERR_INVALID,
                               "a PySpark program finds its server by itself: "
                               "SPARK_REMOTE=" STR_FMT " kappa run ...",
                               STR_ARG(o->remote)),
                          arg[0]);
    if (n && str_ends(arg[0], S(".py"))) return run_python(cli, arg, n);
    if (n > 1) return cli_failed(cli, fail(ERR_INVALID, "a pipeline takes no arguments"), arg[0]);
    if (o->remote.n) return run_elsewhere(cli, o, n ? arg[0] : (Str){0});
    Host *h = NULL;
    Str text = cli->text, file = n ? arg[0] : (Str){0};
    Flows f = {.cli = cli};
    bool ran = false;
    int code = EXIT_OK;
    Status s = text.p ? DONE : load_text(cli, &file, &text);
    HostOptions ho = {.command = S("kappa run"), .text = text, .workers = (int32_t)o->workers};
    if (!s.code) s = host_enter(&h, cli, &ho, &ran, &code);
    if (ran) return code;
    Micros began = clock_now();
    if (!s.code) s = run_pipeline(cli, h, o, text, &f);
    if (s.code) return failed_in(cli, s, text, file);
    if (o->dry_run) return EXIT_OK;
    cli_print(cli->err, "%lld rows in, %lld out, %lld late, %lld epochs, %.1f s\n",
              (long long)f.rows_in, (long long)f.rows_out, (long long)f.late, (long long)f.epochs,
              (double)(clock_now() - began) / 1e6);
    return shared_get(cli->interrupted) ? EXIT_INTERRUPTED : EXIT_OK;
}
const Command command_run = {
    .name = STR_INIT("run"),
    .args =
        "[FILE.sql | spark-pipeline.yml] [--once | --watch | --until-idle 5s] [--dry-run]\n"
        "          [--refresh A,B] [--full-refresh | --full-refresh-of A,B] [--workers N]\n"
        "       kappa run FILE.sql --remote sc://HOST:PORT [--storage URI] [--kafka HOST:PORT]\n"
        "       kappa run FILE.py [ARGUMENT...]",
    .help = "run a pipeline of SQL, or a PySpark program",
    .more = "  kappa run pipeline.sql            read all there is, fill the tables, end\n"
            "  kappa run pipeline.sql --watch    go on with what arrives\n\n"
            "Beside a kappa serve on the same data folder it runs there; Ctrl-C here ends it.\n\n"
            "  kappa run pipeline.sql --remote sc://spark:15002 --storage s3a://lake/state\n"
            "                                    the same file, on Apache Spark 4.1\n\n"
            "  kappa run job.py                  a PySpark program: an engine for it, SPARK_REMOTE "
            "set\n"
            "                                    (pip install pyspark-client; PYSPARK_PYTHON: "
            "which python)\n",
    .opts = run_opts,
    .nopts = COUNT(run_opts),
    .opts_size = sizeof(RunOpts),
    .min = 0,
    .max = -1,
    .hosted = true,
    .run = run_run};
