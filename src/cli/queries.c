// queries.c -- kappa queries: the streams that run, each with its newest progress.
#include "base/civil.h"
#include "cli/host.h"

typedef struct QueriesOpts {
    int32_t output;
} QueriesOpts;
static const OptSpec queries_opts[] = {
    {STR_INIT("output"), OPT_CHOICE, offsetof(QueriesOpts, output), STR_INIT("table"),
     "table, or json: progress objects with the fields of Spark's", 0, 0, "table|json"},
};
typedef struct Lister {
    Buf text;
    bool json;
    int32_t n;
    Query *query; // that is looked at
} Lister;

static void put_json(void *ctx, const Progress *p)
{
    Lister *l = ctx;
    buf_put(&l->text, l->n ? S(",\n ") : S(""));
    if (p) {
        progress_json(&l->text, p, false);
        return;
    }
    buf_put(&l->text, S("{\"id\":")); // before its first epoch
    buf_json(&l->text, query_id(l->query));
    buf_put(&l->text, S(",\"runId\":"));
    buf_json(&l->text, query_run_id(l->query));
    buf_put(&l->text, S(",\"name\":"));
    buf_json(&l->text, query_name(l->query));
    buf_char(&l->text, '}');
}
static void put_line(void *ctx, const Progress *p)
{
    Lister *l = ctx;
    char time[40];
    Str name = query_name(l->query), mark = S("-");
    int64_t state = 0;
    if (!l->n)
        buf_fmt(&l->text, "%-24s  %-8s  %8s  %10s  %10s  %-24s  %10s\n", "name", "id", "epoch",
                "rows/s in", "processed", "watermark", "state rows");
    for (int32_t i = 0; p && i < p->nops; i++) state += p->op[i].counts.total;
    if (p && p->event_time)
        mark = str_of(time, civil_format_ms(time, p->watermark * MICROS_PER_MS));
    buf_fmt(&l->text, "%-24.*s  %-8.*s  %8lld  %10.1f  %10.1f  %-24.*s  %10lld\n",
            STR_ARG(name.n ? name : S("-")), STR_ARG(str_sub(query_id(l->query), 0, 8)),
            p ? (long long)p->batch_id : -1LL, p && p->in_per_second > 0 ? p->in_per_second : 0.0,
            p && p->out_per_second > 0 ? p->out_per_second : 0.0, STR_ARG(mark), (long long)state);
}
static void look(void *ctx, Query *q)
{
    Lister *l = ctx;
    if (!query_active(q)) return;
    l->query = q;
    query_see(q, l->json ? put_json : put_line, l);
    l->n++;
}
static int queries_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    const QueriesOpts *o = opts;
    Lister l = {.text = buf_new(cli->arena), .json = o->output == 1};
    int code = EXIT_OK;
    (void)arg, (void)n;
    if (host_ran(cli, (Str){0}, &code)) return code;
    if (cli->host) engine_each(cli->host->engine, look, &l);
    if (l.json)
        cli_print(cli->out, "[" STR_FMT "]\n", STR_ARG(buf_str(&l.text)));
    else if (l.n)
        cli_print(cli->out, STR_FMT, STR_ARG(buf_str(&l.text)));
    else
        cli_print(cli->out, "no query runs\n");
    return EXIT_OK;
}
const Command command_queries = {.name = STR_INIT("queries"),
                                 .args = "[--output table|json]",
                                 .help = "the queries that run, and how far they are",
                                 .more =
                                     "  kappa queries\n"
                                     "  kappa queries --output json | jq '.[].stateOperators'\n",
                                 .opts = queries_opts,
                                 .nopts = COUNT(queries_opts),
                                 .opts_size = sizeof(QueriesOpts),
                                 .hosted = true,
                                 .run = queries_run};
