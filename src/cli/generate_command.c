// generate_command.c -- `kappa generate`: options, pace, and where the events go: standard output,
// or the partitions of a topic of the embedded log in turn.
#include "base/civil.h"
#include "base/num.h"
#include "cli/generate.h"
#include "cli/host.h"
#include "cli/topic_writer.h"
#include "os/clock.h"

enum { OUT_BYTES = 64 << 10, BATCH_RECORDS = 500 };
#define PACE (10 * MICROS_PER_MS) // with a rate: how often what is due goes out

// ---- options -----------------------------------------------------------------------------------

#define AT(field) offsetof(GenerateArgs, field)
// clang-format off
static const OptSpec specs[] = {
    {STR_INIT("count"), OPT_I64, AT(count), STR_INIT("-1"), "how many (500; with --rate without end)", -1, 0, NULL},
    {STR_INIT("rate"), OPT_STR, AT(rate), STR_INIT(""), "events a second (as fast as it goes)", 0, 0, NULL},
    {STR_INIT("seed"), OPT_I64, AT(seed), STR_INIT("1"), "other dice", 0, 0, NULL},
    {STR_INIT("start"), OPT_STR, AT(start), STR_INIT(""), "event time of the first (2025-01-17T10:00:00; now with --rate)", 0, 0, NULL},
    {STR_INIT("step"), OPT_STR, AT(step), STR_INIT(""), "event time from one to the next (1 ms; with --rate its inverse)", 0, 0, NULL},
    {STR_INIT("out-of-order"), OPT_STR, AT(out_of_order), STR_INIT(""), "SHARE/MAX: such a share is up to MAX earlier: 0.1/30s", 0, 0, NULL},
    {STR_INIT("late"), OPT_STR, AT(late), STR_INIT(""), "SHARE/BY: such a share is BY earlier: 0.01/1h", 0, 0, NULL},
    {STR_INIT("users"), OPT_I64, AT(users), STR_INIT("100"), "how many users the events are of; half as many sessions", 1, 1000000000, NULL},
    {STR_INIT("topic"), OPT_STR, AT(topic), STR_INIT(""), "into a topic of the embedded log, not to standard output", 0, 0, NULL},
    {STR_INIT("bootstrap"), OPT_STR, AT(bootstrap), STR_INIT(""), "host:port of Kafka brokers that have the topic", 0, 0, NULL},
    {STR_INIT("partitions"), OPT_I64, AT(partitions), STR_INIT("1"), "of the topic when it has to be made", 1, PARTITIONS_MAX, NULL},
    {STR_INIT("compression"), OPT_CHOICE, AT(compression), STR_INIT("lz4"), "of records in the embedded log: none, lz4, zstd, gzip or snappy", 0, 0, "none|gzip|snappy|lz4|zstd"},
};
// clang-format on

static Status parse_kind(Str name, int32_t *kind)
{
    static const Str kinds[] = {STR_INIT("events"), STR_INIT("sensors"), STR_INIT("devices")};
    for (int32_t i = 0; i < COUNT(kinds); i++)
        if (str_eq(name, kinds[i])) {
            *kind = i;
            return DONE;
        }
    Str near = str_nearest(name, kinds, COUNT(kinds));
    return fail(ERR_INVALID,
                "there are events, sensors and devices to generate, not " STR_FMT "%s" STR_FMT,
                STR_ARG(name), near.n ? "; did you mean " : "", STR_ARG(near));
}

static Status parse_share(Str option, Str text, double *share, Micros *by) // 0.1/30s
{
    if (text.n == 0) return DONE;
    Cut c = str_cut(text, '/');
    bool ok = c.ok && num_parse_f64(c.head, share) && *share >= 0 && *share <= 1;
    if (!ok)
        return fail(ERR_INVALID,
                    "option --" STR_FMT ": " STR_FMT " is not SHARE/DURATION, as in "
                    "0.1/30s",
                    STR_ARG(option), STR_ARG(text));
    return fail_in(duration_parse(c.tail, NULL, by), "option --" STR_FMT, STR_ARG(option));
}

static bool parse_time(Str s, Micros *t) // yyyy-MM-ddTHH:mm:ss[Z]
{
    static const char form[] = "0000-00-00T00:00:00";
    int64_t v[6] = {0};
    if (str_ends(s, S("Z"))) s.n--;
    if (s.n != (int64_t)sizeof form - 1) return false;
    for (int32_t i = 0, k = 0; i < s.n; i++) {
        bool digit = s.p[i] >= '0' && s.p[i] <= '9';
        if (form[i] != '0') k++;
        if (form[i] == '0' ? !digit : s.p[i] != form[i] && s.p[i] != ' ') return false;
        if (digit) v[k] = v[k] * 10 + (s.p[i] - '0');
    }
    Civil c = {v[0], (int32_t)v[1], (int32_t)v[2], (int32_t)v[3], (int32_t)v[4], (int32_t)v[5], 0};
    if (c.month < 1 || c.month > 12 || c.day < 1 || c.day > civil_days_in_month(c.year, c.month) ||
        c.hour > 23 || c.minute > 59 || c.second > 59)
        return false;
    *t = civil_to_micros(&c);
    return true;
}

Status generate_options(GenerateOptions *o, Str kind, const GenerateArgs *g, Micros now)
{
    *o = (GenerateOptions){.seed = (uint64_t)g->seed,
                           .users = (uint32_t)g->users,
                           .start = now,
                           .step = MICROS_PER_MS};
    TRY(parse_kind(kind, &o->kind));
    if (g->rate.n && (!num_parse_f64(g->rate, &o->rate) || !(o->rate > 0 && o->rate <= 1e9)))
        return fail(ERR_INVALID, "option --rate: " STR_FMT " is no number of events a second",
                    STR_ARG(g->rate));
    bool live = o->rate > 0;
    o->count = g->count >= 0 ? g->count : live ? 0 : 500;
    Str start = g->start.n || live ? g->start : S("2025-01-17T10:00:00");
    if (start.n && !parse_time(start, &o->start))
        return fail(ERR_INVALID, "option --start: " STR_FMT " is no time as 2025-01-17T10:00:00",
                    STR_ARG(start));
    if (live) o->step = MAX((Micros)(1e6 / o->rate), 1);
    if (g->step.n) TRY(fail_in(duration_parse(g->step, NULL, &o->step), "option --step"));
    TRY(parse_share(S("out-of-order"), g->out_of_order, &o->disordered, &o->disorder));
    return parse_share(S("late"), g->late, &o->late, &o->late_by);
}

// ---- running -----------------------------------------------------------------------------------

typedef struct Target { // a topic, or standard output
    Io *out;
    TopicWriter *topic;
    Buf line; // of standard output: what is to be written
} Target;

static Status target_open(Target *t, Cli *cli, const GenerateArgs *g)
{
    *t = (Target){.out = cli->out, .line = buf_new(cli->arena)};
    if (g->topic.n == 0) return DONE;
    t->topic = NEW(cli->arena, TopicWriter, 1);
    return topic_writer_open(t->topic, cli, g->bootstrap, g->topic, g->partitions,
                             (RecordsCodec)g->compression);
}

static Status target_flush(Target *t)
{
    if (t->topic) return topic_writer_flush(t->topic);
    Str out = buf_str(&t->line);
    buf_clear(&t->line);
    return out.n ? t->out->put(t->out, out) : DONE;
}

static Status target_put(Target *t, Generator *g)
{
    Micros at;
    if (t->topic) buf_clear(&t->line);
    generator_next(g, &t->line, &at);
    if (t->topic) return topic_writer_put(t->topic, (Str){0}, buf_str(&t->line));
    buf_char(&t->line, '\n');
    return t->line.n >= OUT_BYTES ? target_flush(t) : DONE;
}

static Status generate(Cli *cli, Target *t, const GenerateOptions *o)
{
    Generator g = generator_of(o);
    int64_t began = clock_mono_ns();
    while ((o->count == 0 || g.made < o->count) && !shared_get(cli->interrupted)) {
        int64_t due = g.made + BATCH_RECORDS;
        if (o->rate > 0) due = (int64_t)((double)(clock_mono_ns() - began) / 1e9 * o->rate) + 1;
        if (o->count) due = MIN(due, o->count);
        while (g.made < due) TRY(target_put(t, &g));
        if (o->rate > 0 && g.made != o->count) {
            TRY(target_flush(t));
            clock_sleep(PACE);
        }
    }
    return t->topic ? topic_writer_sync(t->topic) : target_flush(t);
}

static int run(Cli *cli, const void *opts, const Str *arg, int32_t n)
{
    const GenerateArgs *g = opts;
    GenerateOptions o = {0};
    Target t = {0};
    int code = EXIT_OK;
    must(n == 1);
    if (g->topic.n && !g->bootstrap.n && host_ran(cli, (Str){0}, &code)) return code;
    Status s = generate_options(&o, arg[0], g, clock_now());
    if (s.code) {
        cli_failed(cli, s, (Str){0});
        return EXIT_USAGE;
    }
    s = target_open(&t, cli, g);
    if (!s.code) s = generate(cli, &t, &o);
    return s.code ? cli_failed(cli, s, (Str){0}) : EXIT_OK;
}

const Command command_generate = {
    .name = STR_INIT("generate"),
    .args = "events|sensors|devices [options]",
    .help = "made-up JSON events to try things out with",
    .more = "The same seed and options give the same events. Examples:\n\n"
            "  kappa generate events --count 3\n"
            "  kappa generate sensors --rate 1000 --late 0.01/1h --topic readings\n"
            "  kappa generate devices --count 1000000 --out-of-order 0.1/30s > devices.json\n",
    .opts = specs,
    .nopts = COUNT(specs),
    .opts_size = sizeof(GenerateArgs),
    .min = 1,
    .max = 1,
    .hosted = true,
    .run = run,
};
