// broker.c -- kappa broker: the event log behind its Kafka door and nothing else, for who wants
// a broker only, and for testing with Kafka's own clients.
#include "base/civil.h"
#include "cli/cli.h"
#include "os/clock.h"
#include "serve/kafka_door.h"

#define LOOK_AGAIN (100 * MICROS_PER_MS) // whether somebody wants us to stop

typedef struct BrokerArgs {
    Str listen, advertised;
    int64_t partitions;
    bool no_auto_create;
} BrokerArgs;
#define AT(field) offsetof(BrokerArgs, field)
static const OptSpec specs[] = {
    {STR_INIT("listen"), OPT_STR, AT(listen), STR_INIT("127.0.0.1:9092"),
     "host:port, port 0 for any free one (127.0.0.1:9092)", 0, 0, NULL},
    {STR_INIT("advertised"), OPT_STR, AT(advertised), STR_INIT(""),
     "host:port that clients are told (what each of them connected to)", 0, 0, NULL},
    {STR_INIT("partitions"), OPT_I64, AT(partitions), STR_INIT("1"),
     "of a topic made without saying how many (1)", 1, PARTITIONS_MAX, NULL},
    {STR_INIT("no-auto-create"), OPT_BOOL, AT(no_auto_create), STR_INIT("false"),
     "topics are made by request only", 0, 0, NULL},
};

static void say(void *io, Str line) { cli_print(io, STR_FMT "\n", STR_ARG(line)); }

static Status serve(Cli *cli, const BrokerArgs *args)
{
    Log *log;
    KafkaDoor *door;
    KafkaDoorOptions options = {.advertised = args->advertised,
                                .no_auto_create = args->no_auto_create,
                                .say = say,
                                .say_to = cli->err};
    LogOptions how = {.partitions = (int32_t)args->partitions};
    TRY(log_open(&log, cli->arena, cli_log_dir(cli), &how));
    TRY(kafka_door_open(&door, cli->arena, log, args->listen, &options));
    cli_print(cli->out, "kafka: " STR_FMT "\n", STR_ARG(kafka_door_address(door)));
    while (!shared_get(cli->interrupted)) clock_sleep(LOOK_AGAIN);
    kafka_door_close(door);
    log_close(log);
    return DONE;
}

static int broker_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    (void)arg, (void)n;
    Status s = serve(cli, opts);
    return s.code ? cli_failed(cli, s, (Str){0}) : EXIT_OK;
}
const Command command_broker = {
    .name = STR_INIT("broker"),
    .args = "[--listen HOST:PORT]",
    .help = "the event log behind its Kafka door, nothing else",
    .more = "Kafka clients of any language produce to it and read from it. Ctrl-C ends it; what "
            "was acknowledged is safe at any time.\n",
    .opts = specs,
    .nopts = COUNT(specs),
    .opts_size = sizeof(BrokerArgs),
    .run = broker_run,
};
