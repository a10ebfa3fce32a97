// watermark.c -- the accumulators of semantics W4. They are sums over rows, so lanes may be added
// in any order.
#include "op/watermark.h"
#include "base/civil.h"

typedef struct WatermarkOp {
    Op op;
    WatermarkStats seen;
} WatermarkOp;

// The times a watermark column holds, and which of them are NULL: a window counts by its end.
static const int64_t *times_of(const Column *c, const uint8_t **valid, const uint8_t **valid_too)
{
    *valid = c->valid;
    *valid_too = NULL;
    if (c->type->id != T_STRUCT) return COLUMN_DATA(c, int64_t);
    const Column *end = &c->kid[c->type->nfields - 1];
    *valid_too = end->valid;
    return COLUMN_DATA(end, int64_t);
}
static Status watermark_rows(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    WatermarkOp *w = CONTAINER(op, WatermarkOp, op);
    const WatermarkSpec *spec = op->spec;
    const uint8_t *valid, *valid_too;
    const int64_t *time = times_of(&in->col[spec->column], &valid, &valid_too);
    int64_t max = INT64_MIN, min = INT64_MAX;
    Int128 sum = 0;
    for (int32_t i = 0; i < in->rows; i++) {
        bool null = (valid && !valid[i]) || (valid_too && !valid_too[i]);
        int64_t t = null ? 0 : time[i];
        sum += t;
        if (t > max) max = t;
        if (t < min) min = t;
    }
    // Flooring keeps the order, so it can wait for the extremes; the mean is shown in whole
    // milliseconds and may.
    WatermarkStats s = {.count = in->rows,
                        .max = floor_div(max, MICROS_PER_MS),
                        .min = floor_div(min, MICROS_PER_MS),
                        .sum = sum};
    watermark_add(&w->seen, &s);
    return op_emit(op, in);
}
WatermarkStats watermark_take(Op *op)
{
    WatermarkOp *w = CONTAINER(op, WatermarkOp, op);
    WatermarkStats s = w->seen;
    w->seen = (WatermarkStats){0};
    return s;
}
void watermark_add(WatermarkStats *to, const WatermarkStats *s)
{
    if (!s->count) return;
    to->max = to->count ? MAX(to->max, s->max) : s->max;
    to->min = to->count ? MIN(to->min, s->min) : s->min;
    to->sum += s->sum;
    to->count += s->count;
}
int64_t watermark_avg(const WatermarkStats *s)
{
    return (int64_t)(s->sum / s->count / MICROS_PER_MS);
}
const OpKind op_watermark = {
    .name = "watermark", .size = sizeof(WatermarkOp), .rows = watermark_rows};
