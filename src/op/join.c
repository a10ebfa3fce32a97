// join.c -- build side as growing columns with a chain of rows a key; candidate pairs are made a
// batch at a time, the residual condition thins them, and what is left decides for each kind which
// rows come out. A row of an outer side that met nobody comes out with NULLs: of the probe side
// after its batch, of the build side when the epoch ends.
#include "op/join.h"
#include "expr/prog.h"

typedef struct Chain { // payload of a key: its build rows, through Join.next
    int32_t first, last;
} Chain;
typedef struct Side {
    const Schema *schema;
    Prog *prog;
    Column *key;
    bool outer; // rows that met nobody come out
} Side;
typedef struct Join {
    Op op;
    Side build, probe;
    Prog *residual;
    Builder **col; // the build side's rows
    Column *built; // the same, once the first probe row came
    Table *index;  // of Chain; NULL without keys
    VEC(int32_t) next;
    VEC(uint8_t) met; // of the build rows
    bool probing;
    char **chain;
    uint8_t *keep, *hit; // of the probe batch: has keys without NULL; met somebody
    int32_t *probe_row, *build_row;
    int32_t npairs;
    Arena *chunk; // of one batch of pairs
} Join;

static bool kind_outer(JoinKind k, bool left) // unmatched rows of that side come out
{
    return k == JOIN_FULL || k == (left ? JOIN_LEFT : JOIN_RIGHT);
}
static bool kind_half(JoinKind k) { return k == JOIN_LEFT_SEMI || k == JOIN_LEFT_ANTI; }
static Status side_open(Op *op, Side *side, bool left)
{
    const JoinSpec *s = op->spec;
    side->schema = left ? s->left : s->right;
    side->outer = kind_outer(s->kind, left);
    side->key = NEW(op->arena, Column, s->nkeys + 1);
    if (!s->nkeys) return DONE;
    return prog_compile(&side->prog, op->arena, left ? s->left_key : s->right_key, s->nkeys,
                        &op->ctx->eval);
}
static Status join_open(Op *op)
{
    Join *j = CONTAINER(op, Join, op);
    const JoinSpec *s = op->spec;
    Arena *a = op->arena;
    must(!(s->build_left && kind_half(s->kind)));
    TRY(side_open(op, &j->build, s->build_left));
    TRY(side_open(op, &j->probe, !s->build_left));
    if (s->residual) TRY(prog_compile(&j->residual, a, &s->residual, 1, &op->ctx->eval));
    const Schema *b = j->build.schema;
    j->col = NEW(a, Builder *, b->nfields + 1);
    j->built = NEW(a, Column, b->nfields + 1);
    for (int32_t i = 0; i < b->nfields; i++) j->col[i] = builder_new(a, b->field[i].type);
    if (s->nkeys) {
        TableSpec *t = NEW(a, TableSpec, 1);
        const Type **key = NEW(a, const Type *, s->nkeys);
        for (int32_t i = 0; i < s->nkeys; i++) key[i] = s->left_key[i]->type;
        *t = (TableSpec){.key = key, .nkeys = s->nkeys, .time_key = -1, .payload_bytes = 8};
        j->index = table_new(a, t);
    }
    j->chain = NEW(a, char *, BATCH_ROWS);
    j->keep = NEW(a, uint8_t, BATCH_ROWS);
    j->hit = NEW(a, uint8_t, BATCH_ROWS);
    j->probe_row = NEW(a, int32_t, BATCH_ROWS);
    j->build_row = NEW(a, int32_t, BATCH_ROWS);
    j->chunk = arena_new(a);
    return DONE;
}
// The keys of a batch, and in keep which rows can match at all: a NULL meets nobody unless its key
// is compared by <=>.
static Status side_keys(Join *j, Side *side, const Batch *in)
{
    const JoinSpec *s = j->op.spec;
    TRY(prog_run(side->prog, in, side->key));
    memset(j->keep, 1, (size_t)in->rows);
    for (int32_t k = 0; k < s->nkeys; k++) {
        const uint8_t *valid = side->key[k].valid;
        if (!valid || (s->null_safe && s->null_safe[k])) continue;
        for (int32_t i = 0; i < in->rows; i++) j->keep[i] &= valid[i];
    }
    return DONE;
}
static Status join_build(Join *j, const Batch *in)
{
    must(!j->probing);
    Arena *a = j->op.arena;
    int32_t at = (int32_t)j->next.n;
    for (int32_t i = 0; i < in->rows; i++) {
        vec_push(a, &j->next, -1);
        vec_push(a, &j->met, 0);
    }
    for (int32_t c = 0; c < in->cols; c++) builder_rows(j->col[c], &in->col[c], NULL, in->rows);
    if (!j->index) return DONE;
    TRY(side_keys(j, &j->build, in));
    table_upsert(j->index, j->build.key, in->rows, j->keep, j->chain, NULL);
    for (int32_t i = 0; i < in->rows; i++) {
        Chain *chain = (Chain *)(void *)j->chain[i];
        if (!chain) continue;
        if (chain->last)
            j->next.v[chain->last - 1] = at + i; // rows count from 1 here: 0 is none
        else
            chain->first = at + i + 1;
        chain->last = at + i + 1;
    }
    return DONE;
}
// Left and right columns of pairs; a side without rows is NULL throughout.
static Batch pairs_batch(Join *j, const Batch *probe, const int32_t *probe_row,
                         const int32_t *build_row, int32_t n)
{
    const JoinSpec *s = j->op.spec;
    int32_t nleft = s->left->nfields;
    Batch out = {.rows = n, .cols = nleft + s->right->nfields};
    out.col = NEW(j->chunk, Column, out.cols + 1);
    for (int32_t i = 0; i < out.cols; i++) {
        bool left = i < nleft;
        int32_t c = left ? i : i - nleft;
        const int32_t *row = left == s->build_left ? build_row : probe_row;
        const Type *t = (left ? s->left : s->right)->field[c].type;
        const Column *from = left == s->build_left ? &j->built[c] : probe ? &probe->col[c] : NULL;
        out.col[i] = row ? column_gather(j->chunk, from, row, n) : column_null_of(j->chunk, t, n);
    }
    return out;
}
static Status pairs_done(Join *j, const Batch *probe)
{
    const JoinSpec *s = j->op.spec;
    int32_t n = j->npairs, row[BATCH_ROWS];
    uint8_t keep[BATCH_ROWS];
    j->npairs = 0;
    if (!n) return DONE;
    arena_clear(j->chunk);
    Batch out = {0};
    if (j->residual || !kind_half(s->kind))
        out = pairs_batch(j, probe, j->probe_row, j->build_row, n);
    memset(keep, 1, sizeof keep);
    if (j->residual) TRY(prog_filter(j->residual, &out, keep));
    int32_t kept = mask_rows(keep, n, row);
    for (int32_t i = 0; i < kept; i++) {
        j->hit[j->probe_row[row[i]]] = 1;
        j->met.v[j->build_row[row[i]]] = 1;
    }
    if (kind_half(s->kind) || !kept) return DONE;
    Batch some = op_gather(j->chunk, &out, kept == n ? NULL : row, kept);
    return op_emit(&j->op, &some);
}
static Status pair_add(Join *j, const Batch *probe, int32_t probe_row, int32_t build_row)
{
    if (j->npairs == BATCH_ROWS) TRY(pairs_done(j, probe));
    j->probe_row[j->npairs] = probe_row;
    j->build_row[j->npairs++] = build_row;
    return DONE;
}
// What the probe rows come to that met nobody (outer, anti) or somebody (semi).
static Status probe_rest(Join *j, const Batch *probe)
{
    const JoinSpec *s = j->op.spec;
    bool semi = s->kind == JOIN_LEFT_SEMI;
    if (!kind_half(s->kind) && !j->probe.outer) return DONE;
    int32_t row[BATCH_ROWS];
    for (int32_t i = 0; i < probe->rows; i++) j->hit[i] ^= !semi;
    int32_t n = mask_rows(j->hit, probe->rows, row);
    if (!n) return DONE;
    arena_clear(j->chunk);
    Batch out = kind_half(s->kind) ? op_gather(j->chunk, probe, row, n)
                                   : pairs_batch(j, probe, row, NULL, n);
    return op_emit(&j->op, &out);
}
static void probe_begin(Join *j)
{
    for (int32_t c = 0; c < j->build.schema->nfields; c++) j->built[c] = builder_column(j->col[c]);
    j->probing = true;
}
static Status join_probe(Join *j, const Batch *in)
{
    if (!j->probing) probe_begin(j);
    memset(j->hit, 0, (size_t)in->rows);
    if (!j->index) {
        for (int32_t i = 0; i < in->rows; i++)
            for (int32_t b = 0; b < (int32_t)j->next.n; b++) TRY(pair_add(j, in, i, b));
    } else {
        TRY(side_keys(j, &j->probe, in));
        table_lookup(j->index, j->probe.key, in->rows, j->keep, j->chain);
        for (int32_t i = 0; i < in->rows; i++) {
            const Chain *chain = (const Chain *)(void *)j->chain[i];
            for (int32_t b = chain ? chain->first - 1 : -1; b >= 0; b = j->next.v[b])
                TRY(pair_add(j, in, i, b));
        }
    }
    TRY(pairs_done(j, in));
    return probe_rest(j, in);
}
static Status join_rows(Op *op, int32_t port, const Batch *in)
{
    Join *j = CONTAINER(op, Join, op);
    const JoinSpec *s = op->spec;
    bool left = port == JOIN_PORT_LEFT;
    return left == s->build_left ? join_build(j, in) : join_probe(j, in);
}
static Status build_rest(Join *j) // build rows of an outer side that met nobody
{
    if (!j->probing) probe_begin(j);
    int32_t row[BATCH_ROWS], n = 0;
    for (int32_t b = 0; b < (int32_t)j->met.n; b++) {
        if (!j->met.v[b]) row[n++] = b;
        if (n < BATCH_ROWS && b + 1 < (int32_t)j->met.n) continue;
        if (!n) continue;
        arena_clear(j->chunk);
        Batch out = pairs_batch(j, NULL, NULL, row, n);
        n = 0;
        TRY(op_emit(&j->op, &out));
    }
    return DONE;
}
static Status join_flush(Op *op)
{
    Join *j = CONTAINER(op, Join, op);
    if (j->build.outer) TRY(build_rest(j));
    for (int32_t c = 0; c < j->build.schema->nfields; c++) builder_clear(j->col[c]);
    if (j->index) table_clear(j->index);
    j->next.n = j->met.n = 0;
    j->probing = false;
    return DONE;
}
const OpKind op_join = {.name = "join",
                        .size = sizeof(Join),
                        .open = join_open,
                        .rows = join_rows,
                        .flush = join_flush};
