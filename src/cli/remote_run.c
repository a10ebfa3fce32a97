// remote_run.c -- the order of a run elsewhere: schemas, the graph, what is in it, the run itself
// with its events told as they come.
#include "base/civil.h"
#include "cli/pipeline_file.h"
#include "cli/remote.h"
#include "cli/remote_file.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/net.h"

typedef struct Away {
    Cli *cli;
    const RemoteAsk *ask;
    RemoteFile file;
    Remote *remote;
    Str graph, storage;
} Away;

static Status take_graph(void *ctx, const Proto *response)
{
    Away *w = ctx;
    Str id;
    if (remote_graph_id(response, &id)) w->graph = str_copy(w->cli->arena, id);
    return DONE;
}
static Status tell_event(void *ctx, const Proto *response)
{
    const Away *w = ctx;
    Micros at = 0;
    Str message;
    char time[40];
    if (!remote_event(response, &at, &message)) return DONE;
    int64_t plan = str_find(message, S("\n=== Streaming Query ==="));
    if (plan >= 0) message = str_of(message.p, plan);
    Str when = str_of(time, civil_format_ms(time, at));
    if (when.n > 19) when = str_sub(when, 11, 8); // the time of day
    cli_print(w->cli->err, STR_FMT " " STR_FMT "\n", STR_ARG(when), STR_ARG(str_trim(message)));
    return DONE;
}
static Status send(const Away *w, Str command)
{
    return remote_execute(w->remote, command, NULL, NULL);
}

// ---- what is in the graph ----------------------------------------------------------------------

static Status define(Away *w)
{
    Arena *a = w->cli->arena;
    const RemoteFile *f = &w->file;
    for (int64_t i = 0; i < f->first.n; i++) TRY(send(w, remote_plan_sql(a, f->first.v[i])));
    TRY(remote_execute(w->remote, remote_plan_graph(a, &f->graph), take_graph, w));
    if (!w->graph.n) return fail(ERR_UNSUPPORTED, "the server makes no pipelines");
    for (int64_t i = 0; i < f->sink.n; i++)
        TRY(send(w, remote_plan_sink(a, w->graph, f->sink.v[i].name, f->sink.v[i].format,
                                     &f->sink.v[i].options)));
    for (int64_t i = 0; i < f->view.n; i++) {
        RemoteFlow from = f->view.v[i].from;
        from.graph = w->graph;
        TRY(send(w, remote_plan_view(a, w->graph, f->view.v[i].name)));
        TRY(send(w, remote_plan_flow(a, &from)));
    }
    for (int64_t i = 0; i < f->flow.n; i++) {
        RemoteFlow flow = f->flow.v[i];
        flow.graph = w->graph;
        TRY(send(w, remote_plan_flow(a, &flow)));
    }
    return f->sql.n ? send(w, remote_plan_elements(a, w->graph, w->ask->file, f->sql)) : DONE;
}

// ---- the run -----------------------------------------------------------------------------------

static int32_t names_of(Arena *a, Str text, const Str **out)
{
    VEC(Str) names = {0};
    for (Cut c = {.tail = text, .ok = text.n > 0}; c.ok;) {
        c = str_cut(c.tail, ',');
        Str name = str_trim(c.head);
        if (name.n) vec_push(a, &names, name);
    }
    *out = names.v;
    return (int32_t)names.n;
}
static Status run(Away *w)
{
    Arena *a = w->cli->arena;
    const RemoteAsk *ask = w->ask;
    RemoteRun r = {.graph = w->graph,
                   .storage = w->storage,
                   .full_refresh_all = ask->full_refresh,
                   .dry = ask->dry_run};
    r.nrefresh = names_of(a, ask->refresh, &r.refresh);
    r.nfull_refresh = names_of(a, ask->full_refresh_of, &r.full_refresh);
    TRY(remote_execute(w->remote, remote_plan_run(a, &r), tell_event, w));
    for (int64_t i = 0; ask->dry_run && i < w->file.output.n; i++)
        cli_print(w->cli->out, STR_FMT "\n", STR_ARG(w->file.output.v[i]));
    return DONE;
}
// Where the server keeps checkpoints: as the command says, else the file, else beside our data when
// the server is on this machine.
static Status find_storage(Away *w, bool here)
{
    Arena *a = w->cli->arena;
    Str s = w->ask->storage.n ? w->ask->storage : w->file.storage, dir;
    if (!s.n && !here)
        return fail(ERR_INVALID, "where shall the server keep checkpoints? --storage s3a://..., or "
                                 "`storage` of spark-pipeline.yml");
    if (!s.n)
        s = path_join(a, path_join(a, w->cli->data_dir, S("remote")), path_base(w->ask->file));
    w->storage = s;
    if (str_find(s, S(":/")) > 0) return DONE;
    TRY(path_absolute(&dir, a, s));
    w->storage = str_cat(a, S("file://"), dir);
    return DONE;
}
static Status run_away(Away *w, bool *tried)
{
    Cli *cli = w->cli;
    Buf told = buf_new(cli->arena);
    RemoteOptions how = {.patience = w->ask->patience, .stop = cli->interrupted};
    RemoteAddress to;
    TRY(remote_address(&to, cli->arena, w->ask->url));
    TRY(remote_file(&w->file, cli->arena, w->ask->text, w->ask->kafka));
    TRY(find_storage(w, address_is_loopback(to.at)));
    *tried = true;
    TRY(remote_open(&w->remote, cli->arena, w->ask->url, &how));
    *tried = false;
    cli_print(cli->err, "Spark " STR_FMT " at " STR_FMT "\n", STR_ARG(remote_version(w->remote)),
              STR_ARG(remote_at(w->remote)));
    cli_notices(cli, &w->file.notices, &told);
    TRY(define(w));
    return run(w);
}
int run_remote(Cli *cli, const RemoteAsk *ask)
{
    Away w = {.cli = cli, .ask = ask};
    bool tried = false; // and not reached
    Micros began = clock_now();
    Status s = run_away(&w, &tried);
    int code = EXIT_OK;
    if (s.code) {
        Failure at = *failure();
        Str file = ask->file;
        if (at.line && pipeline_spec_place(ask->text, &at.line, &file)) s = failure_again(&at);
        code = cli_failed(cli, s, file);
        if (tried && code == EXIT_QUERY) code = EXIT_CONNECT;
    }
    if (w.remote) remote_close(w.remote);
    if (!code && !ask->dry_run)
        cli_print(cli->err, "done, %.1f s\n", (double)(clock_now() - began) / 1e6);
    return code;
}
