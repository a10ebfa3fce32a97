// agg_partial.c -- the half of an aggregate that sees rows: a lane's groups in a table of its own,
// given away by shard when the round ends.
#include "base/civil.h"
#include "op/agg_in.h"
#include "op/scatter.h"

typedef VEC(AggMove) AggMoveList;
typedef struct AggPartial {
    Op op;
    AggProgram in;
    AggPlan *plan;
    Table *groups;
    Table *windows;    // groups of windows made of groups of panes; NULL: there are no panes
    AggMoveList *move; // by shard, of panes that go to chunks; NULL: there are none
    char **payload;    // of the batch's rows
    TableRows *shard;  // groups by shard, once the round has ended
    Scatter *rows;     // not grouped; made when first needed
    uint64_t *hash;
    int64_t seen;  // rows of the round so far, up to when it scatters
    bool scatters; // what comes is not grouped any more
    Arena *lists;
    bool sealed; // the next row begins another round
} AggPartial;

static Status agg_partial_open(Op *op)
{
    AggPartial *p = CONTAINER(op, AggPartial, op);
    const AggSpec *s = op->spec;
    TRY(agg_plan(&p->plan, op->arena, s->agg, s->naggs, 0, &op->ctx->eval));
    TRY(agg_program(&p->in, op));
    TableSpec *table = NEW(op->arena, TableSpec, 1);
    *table = agg_table(op->arena, s, p->plan);
    p->groups = table_new(op->arena, table);
    if (s->panes && !s->chunk) p->windows = table_new(op->arena, table);
    if (s->chunk) p->move = NEW(op->arena, AggMoveList, s->shards);
    p->payload = NEW(op->arena, char *, BATCH_ROWS);
    p->shard = NEW(op->arena, TableRows, s->shards);
    p->lists = arena_new(op->arena);
    return DONE;
}
static void agg_partial_reset(AggPartial *p)
{
    const AggSpec *s = p->op.spec;
    table_clear(p->groups);
    if (p->windows) table_clear(p->windows);
    arena_clear(p->lists);
    if (p->move) memset(p->move, 0, sizeof(AggMoveList) * (size_t)s->shards);
    memset(p->shard, 0, sizeof(TableRows) * (size_t)s->shards);
    if (p->rows) scatter_clear(p->rows);
    p->seen = 0;
    p->scatters = p->sealed = false;
}
// Where keys hardly repeat, grouping a lane's rows does nothing for the shards: the rest of them is
// handed over as it is. Rows of an event time are not, for their groups may be late.
enum { LOOK_ROWS = 4096, REPEATING = 16 };
static void look(AggPartial *p, int32_t rows)
{
    const AggSpec *s = p->op.spec;
    p->seen += rows;
    if (p->seen < LOOK_ROWS || p->seen - rows >= LOOK_ROWS) return;
    if (!s->nkeys || s->shards == 1 || s->panes || s->time_key >= 0) return;
    p->scatters = table_count(p->groups) > p->seen - p->seen / REPEATING;
    if (p->rows || !p->scatters) return;
    p->rows = scatter_new(p->op.arena, s->shards);
    p->hash = NEW(p->op.arena, uint64_t, BATCH_ROWS);
}
static void hand_on(AggPartial *p, int32_t n)
{
    const AggSpec *s = p->op.spec;
    for (int32_t k = 0; k < s->nkeys; k++) column_hash(&p->in.col[k], n, p->hash, k == 0);
    scatter_rows(p->rows, &(Batch){.rows = n, .cols = p->in.cols, .col = p->in.col}, p->hash);
}
static Status agg_partial_take(Op *op, int32_t port, const Batch *in)
{
    (void)port;
    AggPartial *p = CONTAINER(op, AggPartial, op);
    const AggSpec *s = op->spec;
    if (p->sealed) agg_partial_reset(p);
    TRY(prog_run(p->in.prog, in, p->in.col));
    if (p->scatters) {
        hand_on(p, in->rows);
        return DONE;
    }
    if (s->nkeys) {
        table_upsert(p->groups, p->in.col, in->rows, NULL, p->payload, NULL);
    } else { // one group: no need to look for it row by row
        table_upsert(p->groups, p->in.col, 1, NULL, p->payload, NULL);
        for (int32_t i = 1; i < in->rows; i++) p->payload[i] = p->payload[0];
    }
    look(p, in->rows);
    return agg_fold(
        &p->in, s, p->plan,
        (AggRows){.payload = p->payload, .n = in->rows, .blobs = table_blobs(p->groups)});
}
// A row was folded into its pane alone; here each pane meets the windows that hold it.
static Status spread_panes(AggPartial *p)
{
    const AggSpec *s = p->op.spec;
    TableRows pane = table_all(p->groups, p->lists);
    Column *key = NEW(p->lists, Column, s->nkeys);
    for (int64_t at = 0; at < pane.n; at += BATCH_ROWS) {
        int32_t n = (int32_t)MIN(BATCH_ROWS, pane.n - at);
        char *const *from = pane.payload + at;
        table_keys(p->groups, from, n, key, p->lists);
        Micros *end = COLUMN_DATA(&key[s->pane_key], Micros);
        for (int32_t k = 0; k < s->panes; k++) {
            table_upsert(p->windows, key, n, NULL, p->payload, NULL);
            AggRows to = {.payload = p->payload, .n = n, .blobs = table_blobs(p->windows)};
            for (int32_t i = 0; i < s->naggs; i++)
                TRY(agg_merge(&p->plan->call[i], &to, (const char *const *)from));
            for (int32_t i = 0; i < n; i++)
                end[i] = (Micros)((uint64_t)end[i] + (uint64_t)s->slide);
        }
    }
    return DONE;
}
// Which rows of the state some panes go to, by shard: those of the chunk that end[i] falls into;
// then end[i] is what is left of them, and left[i] how many windows.
static void move_some(AggPartial *p, char *const *pane, int32_t n, Column *key, int32_t *left)
{
    const AggSpec *s = p->op.spec;
    Micros *time = COLUMN_DATA(&key[s->pane_key], Micros), end[BATCH_ROWS];
    uint64_t hash[BATCH_ROWS] = {0};
    int32_t slot[BATCH_ROWS];
    for (int32_t i = 0; i < n; i++) {
        int64_t window = floor_div(time[i], s->slide);
        slot[i] = (int32_t)((uint64_t)window & (uint64_t)(s->chunk - 1));
        int32_t here = s->chunk - slot[i];
        end[i] = (Micros)((uint64_t)time[i] + (uint64_t)s->slide * (uint64_t)here);
        time[i] = (Micros)((uint64_t)end[i] - (uint64_t)s->slide);
    }
    for (int32_t k = 0; k < s->nkeys; k++) column_hash(&key[k], n, hash, k == 0);
    for (int32_t i = 0; i < n; i++) {
        int32_t here = MIN(left[i], s->chunk - slot[i]);
        if (!here) continue;
        AggMoveList *to = &p->move[state_shard_of(hash[i], s->shards)];
        vec_push(p->lists, to, ((AggMove){pane[i], hash[i], time[i], slot[i], here}));
        left[i] -= here;
    }
    memcpy(time, end, (size_t)n * sizeof *end);
}
static void move_panes(AggPartial *p)
{
    const AggSpec *s = p->op.spec;
    TableRows pane = table_all(p->groups, p->lists);
    int32_t left[BATCH_ROWS];
    for (int64_t at = 0; at < pane.n; at += BATCH_ROWS) {
        arena_clear(p->op.scratch);
        Column *key = NEW(p->op.scratch, Column, s->nkeys);
        int32_t n = (int32_t)MIN(BATCH_ROWS, pane.n - at);
        table_keys(p->groups, pane.payload + at, n, key, p->op.scratch);
        for (int32_t i = 0; i < n; i++) left[i] = s->panes;
        for (int32_t most = s->panes + s->chunk - 1; most > 0; most -= s->chunk)
            move_some(p, pane.payload + at, n, key, left);
    }
}
static Status agg_partial_round(Op *op)
{
    AggPartial *p = CONTAINER(op, AggPartial, op);
    const AggSpec *s = op->spec;
    if (p->sealed) agg_partial_reset(p); // no row came in this round
    p->sealed = true;
    if (p->rows) scatter_seal(p->rows);
    if (p->move) {
        move_panes(p);
        return DONE;
    }
    if (p->windows) TRY(spread_panes(p));
    table_split(p->windows ? p->windows : p->groups, s->shards, p->shard, p->lists);
    return DONE;
}
TableRows agg_partial_rows(Op *op, int32_t shard, const Table **table)
{
    AggPartial *p = CONTAINER(op, AggPartial, op);
    must(op->kind == &op_agg_partial && p->sealed);
    *table = p->windows ? p->windows : p->groups;
    return p->shard[shard];
}
int32_t agg_partial_batches(Op *op, int32_t shard, const Batch **batch)
{
    AggPartial *p = CONTAINER(op, AggPartial, op);
    must(op->kind == &op_agg_partial && p->sealed);
    return p->rows ? scatter_batches(p->rows, shard, batch) : 0;
}
AggMoves agg_partial_moves(Op *op, int32_t shard, const Table **table)
{
    AggPartial *p = CONTAINER(op, AggPartial, op);
    must(op->kind == &op_agg_partial && p->sealed && p->move);
    *table = p->groups;
    return (AggMoves){p->move[shard].v, p->move[shard].n};
}
const OpKind op_agg_partial = {.name = "partialAggregate",
                               .size = sizeof(AggPartial),
                               .open = agg_partial_open,
                               .rows = agg_partial_take,
                               .round = agg_partial_round};
