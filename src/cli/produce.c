// produce.c -- kappa produce: lines of standard input into a topic. What was read is durable before
// more is waited for.
#include "cli/host.h"
#include "cli/topic_writer.h"
#include "log/log.h"
#include "os/proc.h"

enum { READ_BYTES = 1 << 20 };

typedef struct ProduceArgs {
    Str bootstrap, key_separator;
    int64_t partitions;
} ProduceArgs;
#define AT(field) offsetof(ProduceArgs, field)
static const OptSpec specs[] = {
    {STR_INIT("key-separator"), OPT_STR, AT(key_separator), STR_INIT(""),
     "lines are key, this, value (lines are values)", 0, 0, NULL},
    {STR_INIT("partitions"), OPT_I64, AT(partitions), STR_INIT("0"),
     "of the topic, when it has to be made", 0, PARTITIONS_MAX, NULL},
    {STR_INIT("bootstrap"), OPT_STR, AT(bootstrap), STR_INIT(""),
     "host:port of Kafka brokers, instead of the data folder", 0, 0, NULL},
};

static Status put_line(TopicWriter *w, Str line, Str separator)
{
    int64_t at = separator.n ? str_find(line, separator) : -1;
    if (str_ends(line, S("\r"))) line.n--;
    if (separator.n && at < 0)
        return fail(ERR_INVALID, "line %lld has no '" STR_FMT "'", (long long)w->records + 1,
                    STR_ARG(separator));
    Status s = topic_writer_put(w, at < 0 ? (Str){0} : str_of(line.p, at),
                                at < 0 ? line : str_from(line, at + separator.n));
    return fail_in(s, "line %lld", (long long)w->records);
}

// Puts the whole lines of `text`; *rest: what follows the last.
static Status put_lines(TopicWriter *w, Str text, Str separator, Str *rest)
{
    for (;;) {
        Cut c = str_cut(text, '\n');
        *rest = text;
        if (!c.ok) return DONE;
        TRY(put_line(w, c.head, separator));
        text = c.tail;
    }
}

static Status produce(Cli *cli, TopicWriter *w, Str separator)
{
    Buf in = buf_new(cli->arena);
    while (!shared_get(cli->interrupted)) {
        int64_t got;
        Str rest;
        TRY(in_read(buf_room(&in, READ_BYTES), READ_BYTES, &got));
        if (!got) break;
        in.n += got;
        TRY(put_lines(w, buf_str(&in), separator, &rest));
        if (rest.n < in.n) TRY(topic_writer_sync(w));
        memmove(in.p, rest.p, (size_t)rest.n);
        in.n = rest.n;
    }
    if (in.n) TRY(put_line(w, buf_str(&in), separator)); // a last line without its end
    return topic_writer_sync(w);
}

// A process without a Kafka door has the folder: it is given the lines a piece at a time, and each
// is durable when it answers. False: nobody listens there.
static bool produce_there(Cli *cli, int *code)
{
    Buf in = buf_new(cli->arena);
    if (!host_ran(cli, S(""), code)) return false; // makes the topic
    for (int64_t got = 1; got && *code == EXIT_OK && !shared_get(cli->interrupted);) {
        Status s = in_read(buf_room(&in, READ_BYTES), READ_BYTES, &got);
        if (s.code) {
            *code = cli_failed(cli, s, (Str){0});
            break;
        }
        in.n += got;
        int64_t whole = got ? str_rfind_char(buf_str(&in), '\n') + 1 : in.n;
        if (whole && !host_ran(cli, str_of(in.p, whole), code)) *code = EXIT_CONNECT;
        memmove(in.p, in.p + whole, (size_t)(in.n - whole));
        in.n -= whole;
    }
    return true;
}
static Status produce_text(TopicWriter *w, Str text, Str separator)
{
    Str rest;
    TRY(put_lines(w, text, separator, &rest));
    if (rest.n) TRY(put_line(w, rest, separator));
    return topic_writer_sync(w);
}

static int produce_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    const ProduceArgs *args = opts;
    TopicWriter w = {0};
    Str server;
    int code = EXIT_OK;
    must(n == 1);
    bool door = args->bootstrap.n || !log_server(&server, cli->arena, cli_log_dir(cli)).code;
    if (!door && !cli->host && produce_there(cli, &code)) return code;
    Status s = topic_writer_open(&w, cli, args->bootstrap, arg[0], args->partitions, RECORDS_LZ4);
    if (s.code) return cli_failed(cli, s, (Str){0});
    s = cli->host ? produce_text(&w, cli->text, args->key_separator)
                  : produce(cli, &w, args->key_separator);
    if (!s.code) return EXIT_OK;
    code = cli_failed(cli, s, (Str){0});
    s = topic_writer_sync(&w); // the lines before; that something failed was said already
    (void)s.code;
    return code;
}
const Command command_produce = {
    .name = STR_INIT("produce"),
    .args = "TOPIC < LINES",
    .help = "lines of standard input into a topic",
    .more = "A topic that is not there is made. When a server has the data folder open, it is "
            "asked to do it. Examples:\n\n"
            "  kappa generate events | kappa produce events\n"
            "  echo 'k1:{\"a\":1}' | kappa produce t --key-separator :\n",
    .opts = specs,
    .nopts = COUNT(specs),
    .opts_size = sizeof(ProduceArgs),
    .min = 1,
    .max = 1,
    .hosted = true,
    .run = produce_run,
};
