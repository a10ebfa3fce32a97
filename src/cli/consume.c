// consume.c -- kappa consume: a topic's records to standard output, read as a query would: through
// the source `kafka`.
#include "base/civil.h"
#include "cli/host.h"
#include "cli/topic_writer.h"
#include "conn/source.h"
#include "os/clock.h"

#define LOOK_AGAIN (20 * MICROS_PER_MS)
enum { OUT_BYTES = 64 << 10 };

typedef enum Show { SHOW_VALUE, SHOW_KEY, SHOW_JSON } Show;
typedef struct ConsumeArgs {
    Str bootstrap, from;
    int64_t count;
    int32_t show;
    bool follow;
} ConsumeArgs;
#define AT(field) offsetof(ConsumeArgs, field)
static const OptSpec specs[] = {
    {STR_INIT("from"), OPT_STR, AT(from), STR_INIT("earliest"),
     "earliest, latest or {\"topic\":{\"0\":23}} (earliest)", 0, 0, NULL},
    {STR_INIT("count"), OPT_I64, AT(count), STR_INIT("-1"), "end after so many records", -1, 0,
     NULL},
    {STR_INIT("follow"), OPT_BOOL, AT(follow), STR_INIT("false"), "wait for more at the end", 0, 0,
     NULL},
    {STR_INIT("show"), OPT_CHOICE, AT(show), STR_INIT("value"),
     "value; key: key, tab, value; json: all there is", 0, 0, "value|key|json"},
    {STR_INIT("bootstrap"), OPT_STR, AT(bootstrap), STR_INIT(""),
     "host:port of Kafka brokers, instead of the data folder", 0, 0, NULL},
};

typedef struct Printer {
    Out out;
    Io *io;
    Buf text;
    Show show;
    int64_t rows, most; // -1: no end
} Printer;

static Str text_at(const Column *c, int32_t row, Str null)
{
    return column_null(c, row) ? null : column_str(c, row);
}

static void put_json(Buf *b, const Batch *rows, int32_t i)
{
    const Column *c = rows->col;
    buf_put(b, S("{\"topic\":"));
    buf_json(b, column_str(&c[2], i));
    buf_fmt(b, ",\"partition\":%d,\"offset\":%lld,\"timestamp\":%lld,\"key\":",
            COLUMN_DATA(&c[3], int32_t)[i], (long long)column_i64(&c[4], i),
            (long long)(column_i64(&c[5], i) / MICROS_PER_MS));
    for (int32_t k = 0; k < 2; k++) {
        if (k) buf_put(b, S(",\"value\":"));
        if (column_null(&c[k], i))
            buf_put(b, S("null"));
        else
            buf_json(b, column_str(&c[k], i));
    }
    buf_char(b, '}');
}

static Status print_flush(Printer *p)
{
    Str s = buf_str(&p->text);
    buf_clear(&p->text);
    return s.n ? p->io->put(p->io, s) : DONE;
}

static Status print_rows(Out *out, const Batch *b)
{
    Printer *p = CONTAINER(out, Printer, out);
    for (int32_t i = 0; i < b->rows && (p->most < 0 || p->rows < p->most); i++, p->rows++) {
        switch (p->show) {
        case SHOW_JSON: put_json(&p->text, b, i); break;
        case SHOW_KEY:
            buf_put(&p->text, text_at(&b->col[0], i, S("null")));
            buf_char(&p->text, '\t');
            buf_put(&p->text, text_at(&b->col[1], i, S("null")));
            break;
        case SHOW_VALUE: buf_put(&p->text, text_at(&b->col[1], i, S("null"))); break;
        }
        buf_char(&p->text, '\n');
        if (p->text.n > OUT_BYTES) TRY(print_flush(p));
    }
    return DONE;
}

static bool over(const Cli *cli, const Printer *p)
{
    return shared_get(cli->interrupted) || (p->most >= 0 && p->rows >= p->most);
}

static Status print_span(Cli *cli, Source *s, Printer *p, Str from, Str to)
{
    Arena *a = arena_new(NULL), *scratch = arena_new(a);
    Lanes lanes = {0};
    Status st = s->kind->lanes(s, a, from, to, &lanes);
    for (int64_t i = 0; !st.code && i < lanes.n && !over(cli, p); i++) {
        if (p->most >= 0) s->limit = p->most - p->rows;
        st = s->kind->read(s, &lanes.v[i], scratch, &p->out);
        arena_clear(scratch);
    }
    arena_free(a);
    return st.code ? st : print_flush(p);
}

static Status consume(Cli *cli, Source *s, Printer *p, bool follow)
{
    Str at, to, latest;
    TRY(s->kind->start(s, cli->arena, &at));
    while (!over(cli, p)) {
        Arena *a = arena_new(NULL);
        Status st = s->kind->latest(s, a, at, &(Admission){.all = true}, &to, &latest);
        bool news = !st.code && !str_eq(at, to);
        if (news) st = print_span(cli, s, p, at, to);
        if (news) at = str_copy(cli->arena, to);
        arena_free(a);
        TRY(st);
        if (!news && !follow) break;
        if (!news) clock_sleep(LOOK_AGAIN);
    }
    return DONE;
}

static Status open_source(Source **s, Cli *cli, const ConsumeArgs *args, Str topic)
{
    TopicDoor door;
    Options *o = NEW(cli->arena, Options, 1);
    Buf warn = buf_new(cli->arena);
    TRY(topic_door_open(&door, cli, args->bootstrap));
    vec_push(cli->arena, o, ((Option){S("subscribe"), topic}));
    vec_push(cli->arena, o, ((Option){S("startingOffsets"), args->from}));
    if (door.servers.n)
        vec_push(cli->arena, o, ((Option){S("kafka.bootstrap.servers"), door.servers}));
    SourceArgs how = {.options = o, .streaming = true, .log = door.log, .warn = &warn};
    return source_open(s, cli->arena, source_find(S("kafka")), &how);
}

static int consume_run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    const ConsumeArgs *args = opts;
    Source *source;
    Printer p = {{print_rows}, cli->out, buf_new(cli->arena), (Show)args->show, 0, args->count};
    int code = EXIT_OK;
    must(n == 1);
    if (!args->bootstrap.n && host_ran(cli, (Str){0}, &code)) return code;
    Status s = open_source(&source, cli, args, arg[0]);
    if (!s.code) s = consume(cli, source, &p, args->follow);
    return s.code ? cli_failed(cli, s, (Str){0}) : EXIT_OK;
}
const Command command_consume = {
    .name = STR_INIT("consume"),
    .args = "TOPIC [--follow]",
    .help = "a topic's records to standard output",
    .more = "When a server has the data folder open, it is asked. Examples:\n\n"
            "  kappa consume events --count 10\n"
            "  kappa consume events --from latest --follow --show json\n",
    .opts = specs,
    .nopts = COUNT(specs),
    .opts_size = sizeof(ConsumeArgs),
    .min = 1,
    .max = 1,
    .hosted = true,
    .run = consume_run,
};
