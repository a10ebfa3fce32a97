// generate_command.c -- `kappa generate`: options, pace, and where the events go: standard output,
// or the partitions of a topic of the embedded log in turn.
#include "base/civil.h"
#include "base/num.h"
#include "cli/generate.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/proc.h"

enum { OUT_BYTES = 64 << 10, BATCH_RECORDS = 500 };
#define PACE_NS INT64_C(10000000) // with a rate: how often what is due goes out

static const char usage[] =
    "kappa generate events|sensors|devices [options]: made-up JSON events, one a line\n"
    "  --count N                how many (500; with --rate: without end)\n"
    "  --rate N                 events a second (as fast as it goes)\n"
    "  --seed N                 other dice (1)\n"
    "  --start TIME             event time of the first: 2025-01-17T10:00:00, now with --rate\n"
    "  --step DURATION          event time from one to the next (1 ms; 1/rate with --rate)\n"
    "  --out-of-order SHARE/MAX such a share is up to MAX earlier: 0.1/30s\n"
    "  --late SHARE/BY          such a share is BY earlier: 0.01/1h\n"
    "  --topic NAME             into a topic of the embedded log instead of standard output\n"
    "  --partitions N           of the topic when it has to be made (1)\n"
    "  --data DIR               the log's folder ($KAPPA_DATA or ./kappa-data)\n"
    "kappa generate events --count 3\n"
    "kappa generate sensors --rate 1000 --late 0.01/1h --topic readings\n";

// ---- options -----------------------------------------------------------------------------------

typedef struct Given { // options as text where a type of OptSpec does not do
    int64_t count, seed, partitions;
    Str rate, start, step, out_of_order, late, topic, data;
} Given;
#define AT(field) offsetof(Given, field)
static const OptSpec specs[] = {
    {STR_INIT("count"), OPT_I64, AT(count), STR_INIT("-1"), "how many", -1, 0, NULL},
    {STR_INIT("seed"), OPT_I64, AT(seed), STR_INIT("1"), "other dice", 0, 0, NULL},
    {STR_INIT("partitions"), OPT_I64, AT(partitions), STR_INIT("1"), "of a new topic", 1,
     PARTITIONS_MAX, NULL},
    {STR_INIT("rate"), OPT_STR, AT(rate), STR_INIT(""), "events a second", 0, 0, NULL},
    {STR_INIT("start"), OPT_STR, AT(start), STR_INIT(""), "first event time", 0, 0, NULL},
    {STR_INIT("step"), OPT_STR, AT(step), STR_INIT(""), "between event times", 0, 0, NULL},
    {STR_INIT("out-of-order"), OPT_STR, AT(out_of_order), STR_INIT(""), "SHARE/MAX", 0, 0, NULL},
    {STR_INIT("late"), OPT_STR, AT(late), STR_INIT(""), "SHARE/BY", 0, 0, NULL},
    {STR_INIT("topic"), OPT_STR, AT(topic), STR_INIT(""), "of the embedded log", 0, 0, NULL},
    {STR_INIT("data"), OPT_STR, AT(data), STR_INIT(""), "the log's folder", 0, 0, NULL},
};

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

static Status parse_values(GenerateOptions *o, const Given *g, Micros now)
{
    if (g->rate.n && (!num_parse_f64(g->rate, &o->rate) || !(o->rate > 0 && o->rate <= 1e9)))
        return fail(ERR_INVALID, "option --rate: " STR_FMT " is no number of events a second",
                    STR_ARG(g->rate));
    bool live = o->rate > 0;
    o->count = g->count >= 0 ? g->count : live ? 0 : 500;
    o->seed = (uint64_t)g->seed;
    o->partitions = (int32_t)g->partitions;
    o->topic = g->topic;
    o->data = g->data;
    o->start = now;
    Str start = g->start.n || live ? g->start : S("2025-01-17T10:00:00");
    if (start.n && !parse_time(start, &o->start))
        return fail(ERR_INVALID, "option --start: " STR_FMT " is no time as 2025-01-17T10:00:00",
                    STR_ARG(start));
    o->step = live ? MAX((Micros)(1e6 / o->rate), 1) : MICROS_PER_MS;
    if (g->step.n) TRY(fail_in(duration_parse(g->step, NULL, &o->step), "option --step"));
    TRY(parse_share(S("out-of-order"), g->out_of_order, &o->disordered, &o->disorder));
    return parse_share(S("late"), g->late, &o->late, &o->late_by);
}

Status generate_parse(GenerateOptions *o, const Str *arg, int32_t n, Micros now)
{
    Option option[2 * COUNT(specs)];
    Options given = {option, 0, COUNT(option)};
    if (n == 0) return fail(ERR_INVALID, "there are events, sensors and devices to generate");
    *o = (GenerateOptions){0};
    TRY(parse_kind(arg[0], &o->kind));
    for (int32_t i = 1; i < n; i++) {
        if (!str_starts(arg[i], S("--")) || given.n == given.cap)
            return fail(ERR_INVALID, STR_FMT " is not expected here", STR_ARG(arg[i]));
        Cut c = str_cut(str_from(arg[i], 2), '=');
        if (!c.ok && i + 1 == n)
            return fail(ERR_INVALID, "option " STR_FMT " needs a value", STR_ARG(arg[i]));
        option[given.n++] = (Option){c.head, c.ok ? c.tail : arg[++i]};
    }
    for (int64_t i = 0; i < given.n; i++) { // a misspelt one is no warning here
        Str names[COUNT(specs)];
        bool known = false;
        for (int64_t k = 0; k < COUNT(specs); k++) {
            names[k] = specs[k].key;
            known |= str_ieq(option[i].key, names[k]);
        }
        Str near = str_nearest(option[i].key, names, COUNT(specs));
        if (!known)
            return fail(ERR_INVALID, "there is no option --" STR_FMT "%s" STR_FMT,
                        STR_ARG(option[i].key), near.n ? "; did you mean --" : "", STR_ARG(near));
    }
    Given g = {0};
    TRY(options_parse(&g, specs, COUNT(specs), &given, NULL, NULL));
    return parse_values(o, &g, now);
}

// ---- running -----------------------------------------------------------------------------------

typedef struct Target { // a topic, or standard output
    Arena *arena;
    Topic *topic;
    RecordsWriter *writer; // one a partition
    Buf batch;
    Buf line; // of standard output: what is to be written
} Target;

static Status target_open(Target *t, Arena *a, const GenerateOptions *o)
{
    *t = (Target){.arena = a, .batch = buf_new(a), .line = buf_new(a)};
    if (o->topic.n == 0) return DONE;
    Log *log;
    Str dir = o->data.n ? o->data : env_get(a, "KAPPA_DATA");
    TRY(log_open(&log, a, dir.n ? dir : S("kappa-data"), &(LogOptions){0}));
    t->topic = topic_find(log, o->topic);
    if (!t->topic) TRY(topic_create(&t->topic, log, o->topic, o->partitions, &(Options){0}));
    t->writer = NEW(a, RecordsWriter, topic_partitions(t->topic));
    for (int32_t i = 0; i < topic_partitions(t->topic); i++)
        records_begin(&t->writer[i], t->arena, RECORDS_LZ4);
    return DONE;
}

static Status target_flush(Target *t)
{
    if (!t->topic) {
        Str out = buf_str(&t->line);
        buf_clear(&t->line);
        return out.n ? out_write(1, out) : DONE;
    }
    int32_t n = topic_partitions(t->topic);
    for (int32_t i = 0; i < n; i++) {
        Str batch;
        Appended done;
        TRY(records_end(&batch, &t->writer[i], (RecordsProducer){.id = -1}));
        if (batch.n == 0) continue;
        buf_clear(&t->batch);
        buf_put(&t->batch, batch); // a copy: the log writes offsets into it
        TRY(partition_append(topic_partition(t->topic, i), t->batch.p, batch.n, &done));
        records_begin(&t->writer[i], t->arena, RECORDS_LZ4);
    }
    return DONE;
}

static Status target_sync(Target *t) // at the end: durable
{
    TRY(target_flush(t));
    for (int32_t i = 0; t->topic && i < topic_partitions(t->topic); i++) {
        Partition *p = topic_partition(t->topic, i);
        TRY(partition_sync(p, partition_written(p)));
    }
    return DONE;
}

static Status target_put(Target *t, Generator *g)
{
    Micros at;
    if (!t->topic) {
        generator_next(g, &t->line, &at);
        buf_char(&t->line, '\n');
        return t->line.n >= OUT_BYTES ? target_flush(t) : DONE;
    }
    int32_t n = topic_partitions(t->topic), to = (int32_t)(g->made % n);
    buf_clear(&t->line);
    generator_next(g, &t->line, &at);
    Record r = {.time_ms = clock_now() / MICROS_PER_MS, .value = buf_str(&t->line)};
    records_add(&t->writer[to], &r, NULL);
    return g->made % ((int64_t)BATCH_RECORDS * n) == 0 ? target_flush(t) : DONE;
}

static Status run(Arena *a, const GenerateOptions *o)
{
    Target t;
    Generator g = generator_of(o);
    TRY(target_open(&t, a, o));
    int64_t began = clock_mono_ns();
    while (o->count == 0 || g.made < o->count) {
        int64_t due = o->count ? o->count : INT64_MAX;
        if (o->rate > 0) {
            double s = (double)(clock_mono_ns() - began) / 1e9;
            due = MIN(due, (int64_t)(s * o->rate) + 1);
        }
        while (g.made < due) TRY(target_put(&t, &g));
        if (o->rate > 0 && g.made != o->count) {
            TRY(target_flush(&t));
            clock_sleep(PACE_NS / 1000);
        }
    }
    return target_sync(&t);
}

int generate_command(Arena *a, const Str *arg, int32_t n)
{
    GenerateOptions o = {0};
    if (n && (str_eq(arg[0], S("--help")) || str_eq(arg[0], S("-h"))))
        return out_write(1, S(usage)).code ? 1 : 0;
    if (generate_parse(&o, arg, n, clock_now()).code) {
        Status s = out_write(2, str_fmt(a, "kappa generate: %s\n", fail_text()));
        return s.code ? 1 : 2;
    }
    Status ran = run(a, &o);
    if (!ran.code) return 0;
    Status s = out_write(2, str_fmt(a, "kappa generate: %s\n", fail_text()));
    return s.code || ran.code != ERR_INVALID ? 1 : 2;
}
