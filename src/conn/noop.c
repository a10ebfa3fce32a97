// noop.c -- the sink that takes everything and keeps nothing, for measuring.
#include "conn/list.h"

static Status noop_open(Sink *s, Arena *a, const SinkArgs *args)
{
    (void)s, (void)a;
    return options_parse(NULL, NULL, 0, args->options, connector_option, args->warn);
}

static Status noop_encode(Sink *s, Part *p, const Batch *b) // so that no row is copied
{
    (void)s;
    p->rows += b->rows;
    return DONE;
}

static Status noop_take(Sink *s, const SinkEpoch *e, Part *p)
{
    (void)s, (void)e, (void)p;
    return DONE;
}

static Status noop_stage(Sink *s, const SinkEpoch *e, Buf *receipt)
{
    (void)s, (void)e, (void)receipt;
    return DONE;
}

static Status noop_commit(Sink *s, const SinkEpoch *e, Str receipt)
{
    (void)s, (void)e, (void)receipt;
    return DONE;
}

const SinkKind sink_noop = {
    .name = STR_INIT("noop"),
    .size = sizeof(Sink),
    .modes = SINK_APPEND | SINK_UPDATE | SINK_COMPLETE,
    .exactly_once = true,
    .doc = "takes all rows and keeps none",
    .open = noop_open,
    .encode = noop_encode,
    .take = noop_take,
    .stage = noop_stage,
    .commit = noop_commit,
};
