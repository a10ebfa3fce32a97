// range.c -- what range(start, end, step) reads: numbers made while they are read, so that their
// count costs no memory. A lane is a run of row numbers.
#include "conn/list.h"
#include "conn/offset.h"

typedef struct Range {
    Source base;
    struct RangeOptions {
        int64_t start, end, step;
    } opt;
    int64_t rows;
} Range;

#define AT(field) offsetof(struct RangeOptions, field)
static const OptSpec range_specs[] = {
    {STR_INIT("start"), OPT_I64, AT(start), STR_INIT("0"), "the first number", INT64_MIN, 0, NULL},
    {STR_INIT("end"),
     OPT_I64,
     AT(end),
     {0},
     "where the numbers end, itself not among them",
     INT64_MIN,
     0,
     NULL},
    {STR_INIT("step"), OPT_I64, AT(step), STR_INIT("1"), "from one number to the next", INT64_MIN,
     0, NULL},
};

static Status range_open(Source *s, Arena *a, const SourceArgs *args)
{
    Range *r = CONTAINER(s, Range, base);
    TRY(options_parse(&r->opt, range_specs, COUNT(range_specs), args->options, connector_option,
                      args->warn));
    if (!r->opt.step) return fail(ERR_INVALID, "option step: it must not be 0");
    Int128 span =
        r->opt.step > 0 ? (Int128)r->opt.end - r->opt.start : (Int128)r->opt.start - r->opt.end;
    Int128 step = r->opt.step > 0 ? r->opt.step : -(Int128)r->opt.step;
    Int128 rows = span > 0 ? (span + step - 1) / step : 0;
    if (rows > INT64_MAX) return fail(ERR_LIMIT, "a range of more than 2^63 - 1 rows");
    r->rows = (int64_t)rows;
    const Field id = field_of(S("id"), &type_bigint, false);
    s->schema = type_struct(a, &id, 1);
    s->description = str_fmt(a, "Range (%lld, %lld, step=%lld)", (long long)r->opt.start,
                             (long long)r->opt.end, (long long)r->opt.step);
    return DONE;
}
static Status range_start(Source *s, Arena *a, Str *offset)
{
    (void)s;
    *offset = str_copy(a, S("0"));
    return DONE;
}
static Status range_latest(Source *s, Arena *a, Str from, const Admission *adm, Str *to,
                           Str *latest)
{
    (void)from, (void)adm;
    *to = *latest = str_fmt(a, "%lld", (long long)CONTAINER(s, Range, base)->rows);
    return DONE;
}
static Status range_lanes(Source *s, Arena *a, Str from, Str to, Lanes *lanes)
{
    (void)s;
    int64_t at, end;
    TRY(offset_number(from, &at));
    TRY(offset_number(to, &end));
    // Fewer and longer lanes as there are more rows: their list must stay small.
    int64_t rows = MAX(LANE_ROWS, (end - at) / (1 << 16));
    for (; at < end; at += MIN(rows, end - at)) {
        int64_t some = MIN(rows, end - at);
        vec_push(a, lanes, ((Lane){.from = at, .to = at + some, .rows = some}));
    }
    return DONE;
}
static Status range_read(Source *s, const Lane *lane, Arena *scratch, Out *out)
{
    const Range *r = CONTAINER(s, Range, base);
    Column c = column_new(scratch, &type_bigint, BATCH_ROWS);
    int64_t *v = c.data;
    if (s->needed && !s->needed[0]) c.data = NULL;
    uint64_t start = (uint64_t)r->opt.start, step = (uint64_t)r->opt.step;
    for (int64_t at = lane->from; at < lane->to; at += c.rows) {
        c.rows = (int32_t)MIN(BATCH_ROWS, lane->to - at);
        for (int32_t i = 0; i < c.rows; i++) v[i] = (int64_t)(start + ((uint64_t)at + i) * step);
        TRY(out_put(out, &(Batch){.rows = c.rows, .cols = 1, .col = &c}));
    }
    return DONE;
}
const SourceKind source_range = {.name = STR_INIT("range"),
                                 .size = sizeof(Range),
                                 .opts = range_specs,
                                 .nopts = COUNT(range_specs),
                                 .batches = true,
                                 .doc = "the numbers from start to end, as range() gives them",
                                 .open = range_open,
                                 .start = range_start,
                                 .latest = range_latest,
                                 .lanes = range_lanes,
                                 .read = range_read};
