// status.c -- kappa status: which process holds the data folder, and what it does.
#include "base/civil.h"
#include "cli/host.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/proc.h"
#include "serve/connect_door.h"
#include "serve/kafka_door.h"

typedef struct StatusOpts {
    int32_t output, address;
} StatusOpts;
static const OptSpec status_opts[] = {
    {STR_INIT("output"), OPT_CHOICE, offsetof(StatusOpts, output), STR_INIT("table"),
     "table or json", 0, 0, "table|json"},
    {STR_INIT("address"), OPT_CHOICE, offsetof(StatusOpts, address), STR_INIT("none"),
     "only the address of a door: spark or kafka", 0, 0, "none|spark|kafka"},
};
typedef struct Facts {
    const Host *host;
    Str kafka, spark;
    int64_t connections, topics, partitions, records, bytes, queries, failed;
} Facts;

static void count_query(void *ctx, Query *q)
{
    Facts *f = ctx;
    f->queries += query_active(q);
    f->failed += query_exception(q) != NULL;
}
static Facts facts_of(Cli *cli, const Host *h)
{
    Facts f = {.host = h};
    Topic **list = NULL;
    if (h->door) {
        f.kafka = kafka_door_address(h->door);
        f.connections = kafka_door_counts(h->door).connections;
    }
    if (h->connect) f.spark = str_cat(cli->arena, S("sc://"), connect_door_address(h->connect));
    f.topics = log_topics(engine_log(h->engine), cli->arena, &list);
    for (int64_t i = 0; i < f.topics; i++) {
        for (int32_t k = 0; k < topic_partitions(list[i]); k++, f.partitions++) {
            PartitionState s = partition_state(topic_partition(list[i], k));
            f.records += s.end - s.start;
            f.bytes += s.bytes;
        }
    }
    engine_each(h->engine, count_query, &f);
    return f;
}
static void put_table(Cli *cli, const Facts *f)
{
    cli_print(cli->out, STR_FMT ", process %lld, for %.0f s\n", STR_ARG(f->host->command),
              (long long)proc_id(), (double)(clock_now() - f->host->since) / 1e6);
    cli_print(cli->out, "  data     " STR_FMT "\n", STR_ARG(engine_dir(f->host->engine)));
    if (f->kafka.n)
        cli_print(cli->out, "  kafka    " STR_FMT ", %lld connections\n", STR_ARG(f->kafka),
                  (long long)f->connections);
    if (f->spark.n) cli_print(cli->out, "  spark    " STR_FMT "\n", STR_ARG(f->spark));
    cli_print(cli->out, "  topics   %lld of %lld partitions, %lld records, %lld bytes\n",
              (long long)f->topics, (long long)f->partitions, (long long)f->records,
              (long long)f->bytes);
    cli_print(cli->out, "  queries  %lld run, %lld failed\n", (long long)f->queries,
              (long long)f->failed);
    for (int64_t i = 0; i < f->host->pipelines.n; i++)
        cli_print(cli->out, "  pipeline " STR_FMT "\n", STR_ARG(f->host->pipelines.v[i]));
    cli_print(cli->out, "  memory   %.1f MB\n", (double)proc_rss_bytes() / 1e6);
}
static void put_address(Buf *b, Str address)
{
    if (address.n)
        buf_json(b, address);
    else
        buf_put(b, S("null"));
}
static void put_json(Cli *cli, const Facts *f)
{
    Buf b = buf_new(cli->arena);
    buf_put(&b, S("{\"command\":"));
    buf_json(&b, f->host->command);
    buf_fmt(&b, ",\"process\":%lld,\"upMs\":%lld,\"data\":", (long long)proc_id(),
            (long long)((clock_now() - f->host->since) / MICROS_PER_MS));
    buf_json(&b, engine_dir(f->host->engine));
    buf_put(&b, S(",\"kafka\":"));
    put_address(&b, f->kafka);
    buf_put(&b, S(",\"spark\":"));
    put_address(&b, f->spark);
    buf_fmt(&b,
            ",\"connections\":%lld,\"topics\":%lld,\"partitions\":%lld,\"records\":%lld,"
            "\"logBytes\":%lld,\"queries\":%lld,\"failedQueries\":%lld,\"rssBytes\":%lld}\n",
            (long long)f->connections, (long long)f->topics, (long long)f->partitions,
            (long long)f->records, (long long)f->bytes, (long long)f->queries, (long long)f->failed,
            (long long)proc_rss_bytes());
    cli_print(cli->out, STR_FMT, STR_ARG(buf_str(&b)));
}
static int status_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    const StatusOpts *o = opts;
    int code = EXIT_OK;
    (void)arg, (void)n;
    if (host_ran(cli, (Str){0}, &code)) return code;
    if (!cli->host) {
        cli_print(cli->err, "no process serves " STR_FMT "; kappa serve would\n",
                  STR_ARG(cli->data_dir));
        return EXIT_CONNECT;
    }
    Facts f = facts_of(cli, cli->host);
    Str address = o->address == 1 ? f.spark : f.kafka;
    if (o->address && !address.n)
        return cli_failed(cli, fail(ERR_NOT_FOUND, "it has no such door"), (Str){0});
    if (o->address)
        cli_print(cli->out, STR_FMT "\n", STR_ARG(address));
    else if (o->output)
        put_json(cli, &f);
    else
        put_table(cli, &f);
    return EXIT_OK;
}
const Command command_status = {.name = STR_INIT("status"),
                                .args = "[--output table|json] [--address spark|kafka]",
                                .help = "which process holds the data folder, and what it does",
                                .more = "The exit code is 3 when there is none.\n"
                                        "  export SPARK_REMOTE=$(kappa status --address spark)\n",
                                .opts = status_opts,
                                .nopts = COUNT(status_opts),
                                .opts_size = sizeof(StatusOpts),
                                .hosted = true,
                                .run = status_run};
