// conn_test.c -- sources and sinks that need nothing but this machine.
#include "base/civil.h"
#include "base/test.h"
#include "conn/list.h"
#include "conn/memory.h"
#include "conn/offset.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/sim.h"

static const EvalCtx *context(Arena *a)
{
    EvalCtx *c = NEW(a, EvalCtx, 1);
    c->zone = zone_utc();
    return c;
}

static Options options_of(Arena *a, Str text) // "key=value key=value"
{
    Options o = {0};
    while (text.n) {
        Cut word = str_cut(text, ' '), c = str_cut(word.head, '=');
        vec_push(a, &o, ((Option){c.head, c.tail}));
        text = word.tail;
    }
    return o;
}

typedef struct Opened {
    Source *s;
    SourceArgs args;
    Options options;
    Buf warn;
} Opened;

static Status open_source(Opened *o, Arena *a, Str name, Str options, SourceArgs args)
{
    const SourceKind *kind = source_find(name);
    must(kind != NULL);
    *o = (Opened){.args = args, .options = options_of(a, options), .warn = buf_new(a)};
    o->args.options = &o->options;
    o->args.eval = context(a);
    o->args.warn = &o->warn;
    return source_open(&o->s, a, kind, &o->args);
}

// Rows of (from, to] as show() has their values, one a line.
typedef struct Rows {
    Out out;
    Buf text;
    int64_t n;
} Rows;

static Status put_rows(Out *out, const Batch *b)
{
    Rows *r = CONTAINER(out, Rows, out);
    TextForm form = {.null_text = S("NULL")};
    for (int32_t i = 0; i < b->rows; i++) {
        for (int32_t k = 0; k < b->cols; k++) {
            if (k) buf_char(&r->text, '|');
            if (b->col[k].data || b->col[k].kid)
                value_text(&r->text, &b->col[k], i, &form);
            else
                buf_char(&r->text, '-');
        }
        buf_char(&r->text, '\n');
    }
    r->n += b->rows;
    return DONE;
}

static Status read_span(Rows *r, Arena *a, Source *s, Str from, Str to)
{
    Lanes lanes = {0};
    *r = (Rows){.out = {put_rows}, .text = buf_new(a)};
    TRY(s->kind->lanes(s, a, from, to, &lanes));
    for (int64_t i = 0; i < lanes.n; i++) {
        Arena *scratch = arena_new(a);
        TRY(s->kind->read(s, &lanes.v[i], scratch, &r->out));
        arena_free(scratch);
    }
    return DONE;
}

static Str rows_between(Arena *a, Source *s, Str from, Str to)
{
    Rows r;
    CHECK_OK(read_span(&r, a, s, from, to));
    return buf_str(&r.text);
}

static Str next_offset(Arena *a, Source *s, Str from, Admission adm)
{
    Str to = {0}, latest = {0};
    CHECK_OK(s->kind->latest(s, a, from, &adm, &to, &latest));
    return to;
}

TEST(connector_names)
{
    CHECK(source_find(S("Rate")) == &source_rate);
    CHECK(source_find(S("rate-micro-batch")) == &source_rate_micro_batch);
    CHECK_FAILS(connector_missing(a, S("ORC")), ERR_UNSUPPORTED);
    CHECK_FAILS(connector_missing(a, S("kafk")), ERR_NOT_FOUND);
    CHECK(str_find(failure()->text, S("did you mean kafka?")) > 0);
    CHECK_FAILS(connector_missing(a, S("rate")), ERR_NOT_FOUND);
    CHECK(str_find(failure()->text, S("did you mean")) < 0);
    CHECK(source_find(S("none")) == NULL);
    CHECK(sink_find(S("CONSOLE")) == &sink_console);
    CHECK(sink_find(S("consol")) == NULL);
    Opened o;
    CHECK_FAILS(open_source(&o, a, S("rate"), S(""), (SourceArgs){.streaming = false}),
                ERR_UNSUPPORTED);
}

TEST(range_numbers)
{
    static const struct {
        const char *options, *to, *rows;
    } row[] = {
        {"end=3", "3", "0\n1\n2\n"},
        {"start=5 end=-2 step=-3", "3", "5\n2\n-1\n"},
        {"start=1 end=1", "0", ""},
        {"start=1 end=5 step=-1", "0", ""},
        {"start=9223372036854775806 end=9223372036854775807 step=5", "1", "9223372036854775806\n"},
        {"start=-9223372036854775808 end=9223372036854775807 step=9223372036854775807", "3",
         "-9223372036854775808\n-1\n9223372036854775806\n"},
    };
    Opened o;
    for (int64_t i = 0; i < COUNT(row); i++) {
        CHECK_OK(open_source(&o, a, S("range"), str_z(row[i].options), (SourceArgs){0}));
        CHECK_STR(next_offset(a, o.s, S("0"), (Admission){.all = true}), str_z(row[i].to));
        CHECK_STR(rows_between(a, o.s, S("0"), str_z(row[i].to)), str_z(row[i].rows));
    }
    CHECK_FAILS(open_source(&o, a, S("range"), S("end=3 step=0"), (SourceArgs){0}), ERR_INVALID);
    CHECK_FAILS(open_source(&o, a, S("range"),
                            S("start=-9223372036854775808 end=9223372036854775807"),
                            (SourceArgs){0}),
                ERR_LIMIT);
    CHECK_OK(open_source(&o, a, S("range"), S("end=200000"), (SourceArgs){0}));
    Rows r;
    CHECK_OK(read_span(&r, a, o.s, S("0"), S("200000")));
    CHECK_I64(r.n, 200000);
    CHECK(str_ends(buf_str(&r.text), S("\n199998\n199999\n")));
}

// ---- rate --------------------------------------------------------------------------------------

TEST(rate_offsets)
{
    SimFaults perfect = {0};
    Sim *sim = sim_new(a, 1, &perfect);
    sim_enter(sim);
    Opened o;
    Str start;
    SourceArgs args = {.streaming = true, .query_dir = S("/q/sources/0")};
    CHECK_OK(open_source(&o, a, S("rate"), S("rowsPerSecond=3 numPartitions=2"), args));
    CHECK_STR(o.s->description,
              S("RateStreamV2[rowsPerSecond=3, rampUpTimeSeconds=0, numPartitions=2"));
    CHECK_OK(o.s->kind->start(o.s, a, &start));
    CHECK_STR(start, S("0"));
    CHECK_STR(next_offset(a, o.s, start, (Admission){0}), S("0"));
    Micros began = clock_now() / 1000 * 1000;
    sim_advance(sim, 2 * MICROS_PER_SECOND + 10);
    CHECK_STR(next_offset(a, o.s, start, (Admission){0}), S("2"));
    CHECK_STR(next_offset(a, o.s, start, (Admission){.cap = S("1")}), S("1"));
    CHECK_STR(next_offset(a, o.s, S("5"), (Admission){0}), S("5")); // never back
    // Six values in two seconds, dealt to two parts; evenly spread over the time.
    Rows r;
    Lanes lanes = {0};
    CHECK_OK(o.s->kind->lanes(o.s, a, S("0"), S("2"), &lanes));
    CHECK_I64(lanes.n, 2);
    CHECK_OK(read_span(&r, a, o.s, S("0"), S("2")));
    Buf want = buf_new(a);
    static const int32_t value[] = {0, 2, 4, 1, 3, 5}, ms[] = {0, 667, 1333, 333, 1000, 1667};
    for (int32_t i = 0; i < 6; i++) {
        char text[40];
        buf_put(&want, str_of(text, civil_format(text, began + ms[i] * 1000)));
        buf_fmt(&want, "|%d\n", value[i]);
    }
    CHECK_STR(buf_str(&r.text), buf_str(&want));
    // Started again, the numbers go on from the first start's time.
    Opened again;
    sim_advance(sim, 3 * MICROS_PER_SECOND);
    CHECK_OK(open_source(&again, a, S("rate"), S("rowsPerSecond=3 numPartitions=2"), args));
    CHECK_STR(next_offset(a, again.s, S("2"), (Admission){0}), S("5"));
    CHECK_STR(rows_between(a, again.s, S("0"), S("2")), buf_str(&want));
    again.s->needed[0] = 0;
    CHECK_STR(rows_between(a, again.s, S("4"), S("5")), S("-|12\n-|14\n-|13\n"));
    CHECK_FAILS(read_span(&r, a, again.s, S("x"), S("5")), ERR_CORRUPT);
    sim_leave();
}

TEST(rate_ramps_up)
{
    // 10 rows a second after 4 seconds: steps of 2, so 2 + 4 + 6 + 8 in these, then 10 each.
    static const int32_t rows[] = {2, 4, 6, 8, 10, 10};
    Opened o;
    SourceArgs args = {.streaming = true};
    CHECK_OK(open_source(&o, a, S("rate"), S("rowsPerSecond=10 rampUpTime=4s"), args));
    for (int32_t i = 0; i < COUNT(rows); i++) {
        Rows r;
        CHECK_OK(read_span(&r, a, o.s, str_fmt(a, "%d", i), str_fmt(a, "%d", i + 1)));
        CHECK_I64(r.n, rows[i]);
    }
}

TEST(rate_many_rows)
{
    Opened o;
    Rows r;
    Lanes lanes = {0};
    SourceArgs args = {.streaming = true};
    CHECK_OK(open_source(&o, a, S("rate"), S("rowsPerSecond=150000"), args));
    CHECK_OK(o.s->kind->lanes(o.s, a, S("0"), S("1"), &lanes));
    CHECK_I64(lanes.n, 3);
    CHECK_OK(read_span(&r, a, o.s, S("0"), S("1")));
    CHECK_I64(r.n, 150000);
}

TEST(rate_micro_batch)
{
    Opened o;
    Str at;
    SourceArgs args = {.streaming = true};
    CHECK_OK(open_source(&o, a, S("rate-micro-batch"),
                         S("rowsPerBatch=3 startTimestamp=1000 advanceMillisPerBatch=50"), args));
    CHECK_OK(o.s->kind->start(o.s, a, &at));
    CHECK_STR(at, S("{\"offset\":0,\"timestamp\":1000}"));
    Str next = next_offset(a, o.s, at, (Admission){0});
    CHECK_STR(next, S("{\"offset\":3,\"timestamp\":1050}"));
    Str third = next_offset(a, o.s, next, (Admission){0});
    CHECK_STR(rows_between(a, o.s, next, third), S("1970-01-01 00:00:01.05|3\n"
                                                   "1970-01-01 00:00:01.05|4\n"
                                                   "1970-01-01 00:00:01.05|5\n"));
    CHECK_STR(next_offset(a, o.s, next, (Admission){.cap = next}), next);
}

TEST(rate_options)
{
    static const struct {
        Str source, options;
        Code want;
    } row[] = {
        {STR_INIT("rate"), STR_INIT("rowsPerSecond=0"), ERR_INVALID},
        {STR_INIT("rate"), STR_INIT("rowsPerSecond=x"), ERR_INVALID},
        {STR_INIT("rate"), STR_INIT("rampUpTime=soon"), ERR_INVALID},
        {STR_INIT("rate"), STR_INIT("rampUpTime=5"), OK},
        {STR_INIT("rate"), STR_INIT("rowsPerSecond=9223372036854775807 rampUpTime=2s"),
         ERR_INVALID},
        {STR_INIT("rate-micro-batch"), STR_INIT(""), ERR_INVALID},
        {STR_INIT("rate-micro-batch"), STR_INIT("rowsPerBatch=-1"), ERR_INVALID},
        {STR_INIT("rate-micro-batch"), STR_INIT("rowsPerBatch=1 startTimestamp=-1"), ERR_INVALID},
        {STR_INIT("memory"), STR_INIT(""), ERR_INVALID}, // nobody gave it rows
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        Opened o;
        Status s =
            open_source(&o, a, row[i].source, row[i].options, (SourceArgs){.streaming = true});
        CHECK_I64(s.code, row[i].want);
    }
    Opened o;
    CHECK_OK(
        open_source(&o, a, S("rate"), S("rowPerSecond=5 path=x"), (SourceArgs){.streaming = true}));
    CHECK_STR(buf_str(&o.warn), S("unknown option 'rowPerSecond' has no effect; did you mean "
                                  "'rowsPerSecond'?\n"));
}

TEST(durations_of_java)
{
    static const struct {
        Str text;
        int64_t want;
        Code code;
    } row[] = {
        {STR_INIT("5"), 5000, OK},          {STR_INIT("7d"), 7 * MICROS_PER_DAY, OK},
        {STR_INIT("90 S"), 0, ERR_INVALID}, {STR_INIT("10MIN"), 600 * MICROS_PER_SECOND, OK},
        {STR_INIT("-3us"), -3, OK},         {STR_INIT(""), 0, ERR_INVALID},
        {STR_INIT("1w"), 0, ERR_INVALID},   {STR_INIT("9223372036854775807d"), 0, ERR_INVALID},
    };
    for (int64_t i = 0; i < COUNT(row); i++) {
        Micros v = 0;
        Status s = duration_java(S("o"), row[i].text, MICROS_PER_MS, &v);
        CHECK_I64(s.code, row[i].code);
        if (!row[i].code) CHECK_I64(v, row[i].want);
    }
}

// ---- memory, console, noop ---------------------------------------------------------------------

static Batch numbers(Arena *a, const Schema **s, int32_t from, int32_t n)
{
    CHECK_OK(schema_parse(s, a, S("n INT, t STRING")));
    Batch b = batch_new(a, *s, MAX(n, 1));
    for (int32_t i = 0; i < n; i++) {
        COLUMN_DATA(&b.col[0], int32_t)[i] = from + i;
        COLUMN_DATA(&b.col[1], Str)[i] = str_fmt(a, "text of number %d, and more", from + i);
    }
    b.rows = b.col[0].rows = b.col[1].rows = n;
    return b;
}

TEST(memory_batch_by_batch)
{
    const Schema *s;
    Batch b = numbers(a, &s, 0, 2), none = numbers(a, &s, 0, 0), c = numbers(a, &s, 2, 1);
    MemoryInput *in = memory_input_new(a, s);
    memory_input_add(in, &b);
    memory_input_add(in, &none);
    memory_input_add(in, &c);
    Opened o;
    CHECK_OK(open_source(&o, a, S("memory"), S(""), (SourceArgs){.streaming = true, .memory = in}));
    CHECK_STR(next_offset(a, o.s, S("0"), (Admission){0}), S("0"));
    memory_input_show(in, 3);
    CHECK_STR(next_offset(a, o.s, S("0"), (Admission){0}), S("1"));
    CHECK_STR(next_offset(a, o.s, S("0"), (Admission){.all = true}), S("3"));
    CHECK_STR(next_offset(a, o.s, S("2"), (Admission){.cap = S("2")}), S("2"));
    o.s->needed[1] = 0;
    CHECK_STR(rows_between(a, o.s, S("0"), S("1")), S("0|-\n1|-\n"));
    CHECK_STR(rows_between(a, o.s, S("1"), S("2")), S(""));
    CHECK_STR(rows_between(a, o.s, S("1"), S("3")), S("2|-\n"));
    Rows r;
    CHECK_FAILS(read_span(&r, a, o.s, S("3"), S("4")), ERR_CORRUPT);
}

static Status print(void *to, Str text)
{
    buf_put(to, text);
    return DONE;
}

static Status run_epoch(Arena *a, Sink *s, int64_t epoch, Batch *b, int64_t n)
{
    SinkEpoch e = {.epoch = epoch};
    Part p = {.batch = b, .nbatches = n};
    Buf receipt = buf_new(a);
    if (n) TRY(s->kind->take(s, &e, &p));
    TRY(s->kind->stage(s, &e, &receipt));
    return s->kind->commit(s, &e, str_copy(a, buf_str(&receipt)));
}

TEST(console_prints_epochs)
{
    const Schema *s;
    Buf out = buf_new(a);
    Batch b[] = {numbers(a, &s, 1, 2), numbers(a, &s, 3, 1)};
    Options o = options_of(a, S("numRows=2"));
    SinkArgs args = {
        .options = &o, .schema = s, .eval = context(a), .print = print, .print_to = &out};
    Sink *sink;
    CHECK_OK(sink_open(&sink, a, sink_find(S("console")), &args));
    CHECK_OK(run_epoch(a, sink, 0, b, 2));
    CHECK_STR(buf_str(&out), S("-------------------------------------------\n"
                               "Batch: 0\n"
                               "-------------------------------------------\n"
                               "+---+--------------------+\n"
                               "|  n|                   t|\n"
                               "+---+--------------------+\n"
                               "|  1|text of number 1,...|\n"
                               "|  2|text of number 2,...|\n"
                               "+---+--------------------+\n"
                               "only showing top 2 rows\n"));
    buf_clear(&out);
    Part given_up = {.batch = b, .nbatches = 1};
    CHECK_OK(sink->kind->take(sink, &(SinkEpoch){.epoch = 1}, &given_up));
    sink->kind->discard(sink);
    CHECK_OK(run_epoch(a, sink, 1, b, 0)); // an empty batch has its table too
    CHECK_STR(buf_str(&out), S("-------------------------------------------\n"
                               "Batch: 1\n"
                               "-------------------------------------------\n"
                               "+---+---+\n"
                               "|  n|  t|\n"
                               "+---+---+\n"
                               "+---+---+\n"
                               "\n"));
    buf_clear(&out);
    CHECK_OK(sink->kind->commit(sink, &(SinkEpoch){.epoch = 0}, S("again from its receipt\n")));
    CHECK_STR(buf_str(&out), S("again from its receipt\n"));
    o = options_of(a, S("truncate=maybe"));
    CHECK_FAILS(sink_open(&sink, a, sink_find(S("console")), &args), ERR_INVALID);
}

TEST(memory_and_noop_sinks)
{
    const Schema *s;
    Rows r = {.out = {put_rows}, .text = buf_new(a)};
    Batch b = numbers(a, &s, 7, 1);
    Options none = {0};
    SinkArgs args = {.options = &none, .schema = s, .eval = context(a), .rows = &r.out};
    Sink *sink;
    CHECK_OK(sink_open(&sink, a, sink_find(S("memory")), &args));
    CHECK_OK(run_epoch(a, sink, 0, &b, 1));
    CHECK_STR(buf_str(&r.text), S("7|text of number 7, and more\n"));
    CHECK_OK(sink_open(&sink, a, sink_find(S("noop")), &args));
    Part p = {0};
    CHECK_OK(sink->kind->encode(sink, &p, &b));
    CHECK_I64(p.rows, 1);
    CHECK_OK(run_epoch(a, sink, 0, NULL, 0));
}
