// memory.c -- the memory source and the memory sink. An offset counts batches. The sink hands its
// rows to whoever keeps them (run/ makes a table of them) and cannot bring them back.
#include "conn/memory.h"
#include "conn/list.h"
#include "conn/offset.h"

struct MemoryInput {
    Arena *arena;
    const Schema *schema;
    VEC(Batch) batch;
    int64_t visible;
};
typedef struct MemorySource {
    Source base;
    const MemoryInput *in;
} MemorySource;
typedef struct MemorySink {
    Sink base;
    Out *rows;
} MemorySink;

MemoryInput *memory_input_new(Arena *a, const Schema *s)
{
    MemoryInput *in = NEW(a, MemoryInput, 1);
    *in = (MemoryInput){.arena = a, .schema = s};
    return in;
}

void memory_input_add(MemoryInput *in, const Batch *b)
{
    must(b->cols == in->schema->nfields);
    vec_push(in->arena, &in->batch, batch_copy(in->arena, b));
}

void memory_input_show(MemoryInput *in, int64_t n)
{
    must(n >= 0 && in->visible + n <= in->batch.n);
    in->visible += n;
}

static Status memory_open(Source *s, Arena *a, const SourceArgs *args)
{
    MemorySource *m = CONTAINER(s, MemorySource, base);
    TRY(options_parse(NULL, NULL, 0, args->options, connector_option, args->warn));
    if (!args->memory) return fail(ERR_INVALID, "nobody handed the memory source its rows");
    m->in = args->memory;
    s->schema = m->in->schema;
    s->description = str_copy(a, S("MemoryStream"));
    return DONE;
}

static Status memory_start(Source *s, Arena *a, Str *offset)
{
    (void)s;
    *offset = str_copy(a, S("0"));
    return DONE;
}

static Status memory_latest(Source *s, Arena *a, Str from, const Admission *adm, Str *to,
                            Str *latest)
{
    const MemoryInput *in = CONTAINER(s, MemorySource, base)->in;
    int64_t at, upto = in->visible;
    TRY(offset_number(from, &at));
    if (!adm->all) upto = MIN(upto, at + 1);
    if (adm->cap.n) {
        int64_t cap;
        TRY(offset_number(adm->cap, &cap));
        upto = MIN(upto, cap);
    }
    *to = str_fmt(a, "%lld", (long long)MAX(at, upto));
    *latest = str_fmt(a, "%lld", (long long)in->visible);
    return DONE;
}

static Status memory_lanes(Source *s, Arena *a, Str from, Str to, Lanes *lanes)
{
    const MemoryInput *in = CONTAINER(s, MemorySource, base)->in;
    int64_t at, end;
    TRY(offset_number(from, &at));
    TRY(offset_number(to, &end));
    if (end > in->batch.n)
        return fail(ERR_CORRUPT, "offset %lld of a memory source with %lld batches", (long long)end,
                    (long long)in->batch.n);
    for (; at < end; at++)
        vec_push(a, lanes,
                 ((Lane){(int32_t)at, 0, in->batch.v[at].rows, in->batch.v[at].rows, NULL}));
    return DONE;
}

static Status memory_read(Source *s, const Lane *lane, Arena *scratch, Out *out)
{
    const Batch *b = &CONTAINER(s, MemorySource, base)->in->batch.v[lane->part];
    for (int32_t at = (int32_t)lane->from; at < lane->to; at += BATCH_ROWS) {
        Batch piece = batch_slice(scratch, b, at, (int32_t)MIN(lane->to - at, BATCH_ROWS));
        for (int32_t i = 0; i < piece.cols; i++)
            if (!s->needed[i]) piece.col[i].data = NULL;
        TRY(out_put(out, &piece));
    }
    return DONE;
}

const SourceKind source_memory = {
    .name = STR_INIT("memory"),
    .size = sizeof(MemorySource),
    .streams = true,
    .doc = "rows that a test hands over",
    .open = memory_open,
    .start = memory_start,
    .latest = memory_latest,
    .lanes = memory_lanes,
    .read = memory_read,
};

// ---- sink --------------------------------------------------------------------------------------

static Status memory_sink_open(Sink *s, Arena *a, const SinkArgs *args)
{
    (void)a;
    TRY(options_parse(NULL, NULL, 0, args->options, connector_option, args->warn));
    must(args->rows != NULL);
    CONTAINER(s, MemorySink, base)->rows = args->rows;
    s->description = S("MemorySink");
    return DONE;
}

static Status memory_take(Sink *s, const SinkEpoch *e, Part *p)
{
    (void)e;
    for (int64_t i = 0; i < p->nbatches; i++)
        TRY(out_put(CONTAINER(s, MemorySink, base)->rows, &p->batch[i]));
    return DONE;
}

static Status memory_stage(Sink *s, const SinkEpoch *e, Buf *receipt)
{
    (void)s, (void)e, (void)receipt;
    return DONE;
}

static Status memory_commit(Sink *s, const SinkEpoch *e, Str receipt) // the table's owner does it
{
    (void)s, (void)e, (void)receipt;
    return DONE;
}

const SinkKind sink_memory = {
    .name = STR_INIT("memory"),
    .size = sizeof(MemorySink),
    .modes = SINK_APPEND | SINK_UPDATE | SINK_COMPLETE,
    .doc = "a table of this session, named as the query",
    .open = memory_sink_open,
    .take = memory_take,
    .stage = memory_stage,
    .commit = memory_commit,
};
