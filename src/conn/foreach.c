// foreach.c -- foreachBatch. What a function does with the rows is out of our hands, and it may ask
// the session for anything meanwhile, so epochs that a crash left open are committed by the query's
// own thread (SinkKind.calls_out).
#include "conn/foreach.h"
#include "fmt/arrow_write.h"

enum { EPOCH_BYTES_MAX = 512 << 20 }; // a record of the epoch log has to hold them

typedef struct Foreach {
    Sink base;
    const ForeachBatch *batch;
    bool (*stopping)(void *query);
    void *query;
    Arena *epoch; // of the writer
    ArrowWriter *writer;
} Foreach;

static Status foreach_open(Sink *s, Arena *a, const SinkArgs *args)
{
    Foreach *f = CONTAINER(s, Foreach, base);
    must(args->foreach != NULL);
    f->batch = args->foreach;
    f->stopping = args->stopping;
    f->query = args->query;
    f->epoch = arena_new(a);
    s->description = f->batch->description;
    return DONE;
}
static ArrowWriter *writer_of(Foreach *f)
{
    if (!f->writer) f->writer = arrow_writer_new(f->epoch, f->base.schema, S("UTC"));
    return f->writer;
}
static void foreach_discard(Sink *s)
{
    Foreach *f = CONTAINER(s, Foreach, base);
    f->writer = NULL;
    arena_clear(f->epoch);
}
static Status foreach_take(Sink *s, const SinkEpoch *e, Part *p)
{
    ArrowWriter *w = writer_of(CONTAINER(s, Foreach, base));
    (void)e;
    for (int64_t i = 0; i < p->nbatches; i++) arrow_writer_add(w, &p->batch[i]);
    if (arrow_writer_held(w) <= EPOCH_BYTES_MAX) return DONE;
    return fail(ERR_LIMIT,
                "a batch for foreachBatch is bigger than %d MiB: let the source give less at once "
                "(maxFilesPerTrigger, maxOffsetsPerTrigger)",
                EPOCH_BYTES_MAX >> 20);
}
static Status foreach_stage(Sink *s, const SinkEpoch *e, Buf *receipt)
{
    (void)e;
    arrow_writer_take(writer_of(CONTAINER(s, Foreach, base)), receipt);
    foreach_discard(s);
    return DONE;
}
static Status foreach_commit(Sink *s, const SinkEpoch *e, Str receipt)
{
    Foreach *f = CONTAINER(s, Foreach, base);
    ForeachEpoch call = {.epoch = e->epoch,
                         .schema = s->schema,
                         .rows = receipt,
                         .stopping = f->stopping,
                         .query = f->query};
    return f->batch->call(f->batch->to, &call);
}
static void foreach_close(Sink *s)
{
    Foreach *f = CONTAINER(s, Foreach, base);
    if (f->batch) f->batch->end(f->batch->to);
}

const SinkKind sink_foreach = {
    .name = STR_INIT("foreachBatch"),
    .size = sizeof(Foreach),
    .modes = SINK_APPEND | SINK_UPDATE | SINK_COMPLETE,
    .calls_out = true,
    .doc = "hands each batch to a function",
    .open = foreach_open,
    .take = foreach_take,
    .stage = foreach_stage,
    .commit = foreach_commit,
    .discard = foreach_discard,
    .close = foreach_close,
};
