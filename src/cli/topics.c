// topics.c -- kappa topics: which there are, what they hold, and making, changing and removing
// them.
#include "cli/host.h"
#include "cli/topic_writer.h"

typedef struct TopicsArgs {
    Str bootstrap;
    int64_t partitions;
} TopicsArgs;
#define AT(field) offsetof(TopicsArgs, field)
static const OptSpec specs[] = {
    {STR_INIT("partitions"), OPT_I64, AT(partitions), STR_INIT("0"),
     "of a topic that is made (the default); with set: so many from now on", 0, PARTITIONS_MAX,
     NULL},
    {STR_INIT("bootstrap"), OPT_STR, AT(bootstrap), STR_INIT(""),
     "host:port of Kafka brokers, instead of the data folder", 0, 0, NULL},
};
typedef struct Topics { // a call of the command
    Cli *cli;
    TopicDoor door;
    int64_t partitions;
    const Str *arg;
    int32_t n;
} Topics;

static Status list_local(Topics *t)
{
    Topic **list;
    int32_t n = log_topics(t->door.log, t->cli->arena, &list);
    for (int32_t i = 0; i < n; i++) {
        int64_t records = 0, bytes = 0;
        for (int32_t k = 0; k < topic_partitions(list[i]); k++) {
            PartitionState s = partition_state(topic_partition(list[i], k));
            records += s.end - s.start;
            bytes += s.bytes;
        }
        cli_print(t->cli->out, STR_FMT "  %d partitions  %lld records  %lld bytes\n",
                  STR_ARG(topic_name(list[i])), topic_partitions(list[i]), (long long)records,
                  (long long)bytes);
    }
    return DONE;
}

static Status topics_list(Topics *t)
{
    KafkaTopicRows rows;
    if (t->door.log) return list_local(t);
    TRY(kafka_client_topics(t->door.client, t->cli->arena, (Str){0}, &rows));
    for (int64_t i = 0; i < rows.n; i++)
        cli_print(t->cli->out, STR_FMT "  %d partitions\n", STR_ARG(rows.v[i].name),
                  rows.v[i].partitions);
    return DONE;
}

static Status options_from(Options *o, Topics *t) // name=value ..
{
    for (int32_t i = 2; i < t->n; i++) {
        Cut c = str_cut(t->arg[i], '=');
        if (!c.ok)
            return fail(ERR_INVALID, STR_FMT " is no option=value, as in retention.ms=60000",
                        STR_ARG(t->arg[i]));
        vec_push(t->cli->arena, o, ((Option){c.head, c.tail}));
    }
    return DONE;
}

static Status only_here(const Topics *t, const char *what)
{
    if (t->door.log) return DONE;
    return fail(ERR_UNSUPPORTED,
                "%s needs the data folder, which a server holds; Kafka's own "
                "tools do it through the server",
                what);
}

static Status topics_create(Topics *t)
{
    Topic *made;
    Options o = {0};
    int32_t partitions = t->partitions ? (int32_t)t->partitions : -1;
    TRY(options_from(&o, t));
    if (o.n) TRY(only_here(t, "making a topic with options"));
    return t->door.log ? topic_create(&made, t->door.log, t->arg[1], partitions, &o)
                       : kafka_client_create(t->door.client, t->arg[1], partitions);
}

static Status find(Topics *t, Topic **topic)
{
    *topic = topic_find(t->door.log, t->arg[1]);
    if (*topic) return DONE;
    return fail(ERR_NOT_FOUND, "there is no topic " STR_FMT, STR_ARG(t->arg[1]));
}

static Status topics_delete(Topics *t)
{
    Topic *topic;
    if (!t->door.log) return kafka_client_delete(t->door.client, t->arg[1]);
    TRY(find(t, &topic));
    return topic_delete(topic);
}

static Status topics_set(Topics *t)
{
    Topic *topic;
    Options o = {0};
    TRY(options_from(&o, t));
    TRY(only_here(t, "changing a topic"));
    TRY(find(t, &topic));
    if (t->partitions) TRY(topic_grow(topic, (int32_t)t->partitions));
    return o.n ? topic_configure(topic, &o, false) : DONE;
}

static Status topics_describe(Topics *t)
{
    Topic *topic;
    ConfigRow *row;
    TRY(only_here(t, "describing a topic"));
    TRY(find(t, &topic));
    for (int32_t i = 0; i < topic_partitions(topic); i++) {
        PartitionState s = partition_state(topic_partition(topic, i));
        cli_print(t->cli->out, "partition %d  offsets %lld to %lld  %lld bytes in %lld segments\n",
                  i, (long long)s.start, (long long)s.end, (long long)s.bytes,
                  (long long)s.segments);
        if (s.failed) cli_print(t->cli->out, "  " STR_FMT "\n", STR_ARG(s.failure));
    }
    int32_t n = topic_config_rows(topic, t->cli->arena, &row);
    for (int32_t i = 0; i < n; i++)
        cli_print(t->cli->out, STR_FMT "=" STR_FMT "%s  %s\n", STR_ARG(row[i].key),
                  STR_ARG(row[i].value), row[i].overridden ? " (set)" : "", row[i].help);
    return DONE;
}

static Status topics_verify(Topics *t)
{
    Topic *topic;
    TRY(only_here(t, "verifying a topic"));
    TRY(find(t, &topic));
    for (int32_t i = 0; i < topic_partitions(topic); i++) {
        int64_t batches, records;
        TRY(fail_in(partition_verify(topic_partition(topic, i), &batches, &records), STR_FMT "-%d",
                    STR_ARG(t->arg[1]), i));
        cli_print(t->cli->out, "partition %d  %lld batches of %lld records are sound\n", i,
                  (long long)batches, (long long)records);
    }
    return DONE;
}

typedef struct Verb {
    Str name;
    Status (*run)(Topics *t);
    bool named; // a topic follows
} Verb;
static const Verb verbs[] = {
    {STR_INIT("list"), topics_list, false},        {STR_INIT("create"), topics_create, true},
    {STR_INIT("describe"), topics_describe, true}, {STR_INIT("set"), topics_set, true},
    {STR_INIT("delete"), topics_delete, true},     {STR_INIT("verify"), topics_verify, true},
};

static const Verb *verb_of(Str name)
{
    for (int64_t i = 0; i < COUNT(verbs); i++)
        if (str_eq(verbs[i].name, name)) return &verbs[i];
    return NULL;
}

static int topics_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    const TopicsArgs *args = opts;
    const Verb *verb = verb_of(n ? arg[0] : S("list"));
    Topics t = {.cli = cli, .partitions = args->partitions, .arg = arg, .n = n};
    if (!verb || (verb->named && n < 2)) {
        cli_print(cli->err, "usage: kappa topics "
                            "[list | create T | describe T | set T | "
                            "delete T | verify T]\n");
        return EXIT_USAGE;
    }
    int code = EXIT_OK;
    if (!args->bootstrap.n && host_ran(cli, (Str){0}, &code)) return code;
    Status s = topic_door_open(&t.door, cli, args->bootstrap);
    if (!s.code) s = verb->run(&t);
    return s.code ? cli_failed(cli, s, (Str){0}) : EXIT_OK;
}
const Command command_topics = {
    .name = STR_INIT("topics"),
    .args = "[list | create T [option=value ..] | describe T | set T [option=value ..] | delete T "
            "| verify T]",
    .help = "the log's topics: list, create, describe, set, delete, verify",
    .more = "Options are Kafka's. Examples:\n\n"
            "  kappa topics create events --partitions 4 retention.ms=86400000\n"
            "  kappa topics set events --partitions 8\n",
    .opts = specs,
    .nopts = COUNT(specs),
    .opts_size = sizeof(TopicsArgs),
    .max = -1,
    .hosted = true,
    .run = topics_run,
};
