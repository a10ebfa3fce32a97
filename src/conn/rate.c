// rate.c -- numbers with the time at which they were made, for trying things out. An offset of
// `rate` is whole seconds since the query was first started; of `rate-micro-batch`, rows and the
// time stamp that comes next, so that its batches are the same on every run (semantics N1, N2).
#include "base/civil.h"
#include "base/num.h"
#include "conn/list.h"
#include "conn/offset.h"
#include "os/clock.h"
#include "os/file.h"
#include <math.h>

typedef struct RateOptions {
    int64_t rows_per_second, parts;
    Str ramp_up;
    int64_t rows_per_batch, start_ms, advance_ms; // of rate-micro-batch
} RateOptions;
typedef struct Rate {
    Source base;
    RateOptions opt;
    int64_t ramp_up; // seconds
    int64_t created_ms, latest;
} Rate;
typedef struct RateSpan { // values [from, to) of one epoch
    int64_t from, to, start_ms;
    double ms_per_value;
} RateSpan;

#define AT(field) offsetof(RateOptions, field)
static const OptSpec rate_specs[] = {
    {STR_INIT("rowsPerSecond"), OPT_I64, AT(rows_per_second), STR_INIT("1"),
     "rows made each second", 1, 0, NULL},
    {STR_INIT("rampUpTime"), OPT_STR, AT(ramp_up), STR_INIT("0s"),
     "how long the rate takes to reach rowsPerSecond", 0, 0, NULL},
    {STR_INIT("numPartitions"), OPT_I64, AT(parts), STR_INIT("1"),
     "pieces that the rows are dealt to in turn", 1, INT32_MAX, NULL},
};
static const OptSpec batch_specs[] = {
    {STR_INIT("rowsPerBatch"), OPT_I64, AT(rows_per_batch), STR_INIT("0"),
     "rows of each micro-batch; required", 0, 0, NULL},
    {STR_INIT("numPartitions"), OPT_I64, AT(parts), STR_INIT("1"),
     "pieces that the rows are dealt to in turn", 1, INT32_MAX, NULL},
    {STR_INIT("startTimestamp"), OPT_I64, AT(start_ms), STR_INIT("0"),
     "time stamp of the first batch, in milliseconds", 0, 0, NULL},
    {STR_INIT("advanceMillisPerBatch"), OPT_I64, AT(advance_ms), STR_INIT("1000"),
     "milliseconds from one batch's time stamp to the next", 0, INT32_MAX, NULL},
};

static const Schema *rate_schema(Arena *a)
{
    const Field f[] = {field_of(S("timestamp"), &type_timestamp, true),
                       field_of(S("value"), &type_bigint, true)};
    return type_struct(a, f, COUNT(f));
}

// ---- rate --------------------------------------------------------------------------------------

// The value that second `s` begins with: while the rate ramps up, an arithmetic series.
static int64_t value_at(const Rate *r, int64_t s)
{
    int64_t step = r->opt.rows_per_second / (r->ramp_up + 1), ramp = MIN(s, r->ramp_up);
    int64_t series = ramp % 2 ? (ramp + 1) / 2 * step * ramp : ramp / 2 * step * (ramp + 1);
    return series + MAX(s - r->ramp_up, 0) * r->opt.rows_per_second;
}

// The time of the first start is kept beside the query, as Spark keeps it.
static Status load_created(Rate *r, Arena *a, Str dir)
{
    r->created_ms = clock_now() / MICROS_PER_MS;
    if (dir.n == 0) return DONE;
    Str path = path_join(a, dir, S("0")), text;
    if (!path_exists(path)) {
        TRY(dir_make(dir));
        return file_replace(path, str_fmt(a, "v1\n%lld", (long long)r->created_ms));
    }
    TRY(file_load(&text, a, path, 64));
    if (str_starts(text, S("v1\n")) && num_parse_i64(str_from(text, 3), &r->created_ms))
        return DONE;
    return fail(ERR_CORRUPT, STR_FMT ": a version line and a time were expected, not " STR_FMT,
                STR_ARG(path), STR_ARG(text));
}

static Status rate_open(Source *s, Arena *a, const SourceArgs *args)
{
    Rate *r = CONTAINER(s, Rate, base);
    Micros ramp;
    TRY(options_parse(&r->opt, rate_specs, COUNT(rate_specs), args->options, connector_option,
                      args->warn));
    TRY(duration_java(S("rampUpTime"), r->opt.ramp_up, MICROS_PER_SECOND, &ramp));
    r->ramp_up = ramp / MICROS_PER_SECOND;
    if (ramp < 0) return fail(ERR_INVALID, "option rampUpTime: it must not be negative");
    if (r->ramp_up > INT64_MAX / r->opt.rows_per_second)
        return RAISE(INCORRECT_RAMP_UP_RATE,
                     P("rowsPerSecond", str_fmt(a, "%lld", (long long)r->opt.rows_per_second)),
                     P("rampUpTimeSeconds", str_fmt(a, "%lld", (long long)r->ramp_up)));
    s->schema = rate_schema(a);
    s->description =
        str_fmt(a, "RateStreamV2[rowsPerSecond=%lld, rampUpTimeSeconds=%lld, numPartitions=%s",
                (long long)r->opt.rows_per_second, (long long)r->ramp_up,
                options_get(args->options, S("numPartitions"))
                    ? str_to_z(a, *options_get(args->options, S("numPartitions")))
                    : "default");
    return load_created(r, a, args->query_dir);
}

static Status rate_start(Source *s, Arena *a, Str *offset)
{
    (void)s;
    *offset = str_copy(a, S("0"));
    return DONE;
}

static Status rate_latest(Source *s, Arena *a, Str from, const Admission *adm, Str *to, Str *latest)
{
    Rate *r = CONTAINER(s, Rate, base);
    int64_t begin, cap = INT64_MAX;
    TRY(offset_number(from, &begin));
    if (adm->cap.n) TRY(offset_number(adm->cap, &cap));
    r->latest = MAX(r->latest, (clock_now() / MICROS_PER_MS - r->created_ms) / 1000);
    r->latest = MAX(r->latest, begin); // a clock that went back stops the numbers, no more
    if (r->latest > INT64_MAX / r->opt.rows_per_second)
        return RAISE(INCORRECT_END_OFFSET,
                     P("rowsPerSecond", str_fmt(a, "%lld", (long long)r->opt.rows_per_second)),
                     P("endSeconds", str_fmt(a, "%lld", (long long)r->latest)));
    *latest = str_fmt(a, "%lld", (long long)r->latest);
    *to = str_fmt(a, "%lld", (long long)MAX(MIN(r->latest, cap), begin));
    return DONE;
}

// Values are dealt to the parts in turn; a part is cut into lanes of LANE_ROWS.
static void add_lanes(Arena *a, Lanes *lanes, const RateSpan *span, int64_t parts)
{
    int64_t n = span->to - span->from;
    for (int64_t p = 0; p < MIN(parts, n); p++) {
        int64_t rows = (n - p + parts - 1) / parts;
        for (int64_t at = 0; at < rows; at += LANE_ROWS) {
            int64_t upto = MIN(at + LANE_ROWS, rows);
            vec_push(a, lanes, ((Lane){(int32_t)p, at, upto, upto - at, span}));
        }
    }
}

static Status rate_lanes(Source *s, Arena *a, Str from, Str to, Lanes *lanes)
{
    Rate *r = CONTAINER(s, Rate, base);
    int64_t begin, end;
    TRY(offset_number(from, &begin));
    TRY(offset_number(to, &end));
    RateSpan *span = NEW(a, RateSpan, 1);
    *span = (RateSpan){value_at(r, begin), value_at(r, end), r->created_ms + begin * 1000, 0};
    if (span->from >= span->to) return DONE;
    span->ms_per_value = (double)((end - begin) * 1000) / (double)(span->to - span->from);
    add_lanes(a, lanes, span, r->opt.parts);
    return DONE;
}

static Status rate_read(Source *s, const Lane *lane, Arena *scratch, Out *out)
{
    const Rate *r = CONTAINER(s, Rate, base);
    const RateSpan *span = lane->more;
    Batch b = batch_new(scratch, s->schema, BATCH_ROWS);
    int64_t *time = b.col[0].data, *value = b.col[1].data;
    for (int64_t at = lane->from; at < lane->to; at += BATCH_ROWS) {
        b.rows = (int32_t)MIN(lane->to - at, BATCH_ROWS);
        for (int32_t i = 0; i < b.rows; i++) {
            int64_t nth = lane->part + r->opt.parts * (at + i); // of the span
            double ms = floor((double)nth * span->ms_per_value + 0.5);
            value[i] = span->from + nth;
            time[i] = (span->start_ms + (int64_t)ms) * MICROS_PER_MS;
        }
        b.col[0].rows = b.col[1].rows = b.rows;
        b.col[0].data = s->needed[0] ? time : NULL;
        b.col[1].data = s->needed[1] ? value : NULL;
        TRY(out_put(out, &b));
    }
    return DONE;
}

const SourceKind source_rate = {
    .name = STR_INIT("rate"),
    .size = sizeof(Rate),
    .opts = rate_specs,
    .nopts = COUNT(rate_specs),
    .streams = true,
    .at_once = true,
    .doc = "numbers from 0 on with the time of their making, so many a second",
    .open = rate_open,
    .start = rate_start,
    .latest = rate_latest,
    .lanes = rate_lanes,
    .read = rate_read,
};

// ---- rate-micro-batch --------------------------------------------------------------------------

static Status batch_open(Source *s, Arena *a, const SourceArgs *args)
{
    Rate *r = CONTAINER(s, Rate, base);
    TRY(options_parse(&r->opt, batch_specs, COUNT(batch_specs), args->options, connector_option,
                      args->warn));
    if (r->opt.rows_per_batch <= 0)
        return fail(ERR_INVALID, "option rowsPerBatch: it is required and must be positive");
    s->schema = rate_schema(a);
    s->description = str_fmt(a,
                             "RatePerMicroBatchStream[rowsPerBatch=%lld, numPartitions=%lld, "
                             "startTimestamp=%lld, advanceMsPerBatch=%lld]",
                             (long long)r->opt.rows_per_batch, (long long)r->opt.parts,
                             (long long)r->opt.start_ms, (long long)r->opt.advance_ms);
    return DONE;
}

static Str batch_offset(Arena *a, int64_t rows, int64_t ms)
{
    return str_fmt(a, "{\"offset\":%lld,\"timestamp\":%lld}", (long long)rows, (long long)ms);
}

static Status batch_start(Source *s, Arena *a, Str *offset)
{
    *offset = batch_offset(a, 0, CONTAINER(s, Rate, base)->opt.start_ms);
    return DONE;
}

static Status batch_latest(Source *s, Arena *a, Str from, const Admission *adm, Str *to,
                           Str *latest)
{
    const Rate *r = CONTAINER(s, Rate, base);
    int64_t rows, ms, cap = INT64_MAX;
    TRY(offset_field(a, from, S("offset"), &rows));
    TRY(offset_field(a, from, S("timestamp"), &ms));
    if (adm->cap.n) TRY(offset_field(a, adm->cap, S("offset"), &cap));
    *latest = batch_offset(a, rows + r->opt.rows_per_batch, ms + r->opt.advance_ms);
    *to = rows + r->opt.rows_per_batch <= cap ? *latest : from;
    return DONE;
}

static Status batch_lanes(Source *s, Arena *a, Str from, Str to, Lanes *lanes)
{
    RateSpan *span = NEW(a, RateSpan, 1);
    TRY(offset_field(a, from, S("offset"), &span->from));
    TRY(offset_field(a, from, S("timestamp"), &span->start_ms));
    TRY(offset_field(a, to, S("offset"), &span->to));
    add_lanes(a, lanes, span, CONTAINER(s, Rate, base)->opt.parts);
    return DONE;
}

const SourceKind source_rate_micro_batch = {
    .name = STR_INIT("rate-micro-batch"),
    .size = sizeof(Rate),
    .opts = batch_specs,
    .nopts = COUNT(batch_specs),
    .streams = true,
    .doc = "numbers from 0 on, so many a micro-batch, the same on every run",
    .open = batch_open,
    .start = batch_start,
    .latest = batch_latest,
    .lanes = batch_lanes,
    .read = rate_read,
};
