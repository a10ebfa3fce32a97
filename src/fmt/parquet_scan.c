// parquet_scan.c -- which rows of a file are worth reading, and reading them batch by batch. A row
// group is first held against its chunks' statistics, then its pages against the column index; what
// is left is a list of spans of rows.
#include "fmt/parquet_column_in.h"
#include "fmt/parquet_file_in.h"
#include "fmt/parquet_stat_in.h"

typedef struct Span {
    int64_t from, to; // rows of the row group
} Span;
typedef VEC(Span) Spans;
struct ParquetScan {
    const ParquetFile *file;
    ParquetWant want;
    Arena *arena, *group_arena, *batch_arena;
    ReadNode *col; // a wanted column each
    uint8_t *used; // leaves
    LeafReader *leaf;
    LeafRun *run;
    int32_t group, last; // the next row group
    Spans spans;
    int64_t span;       // the current one
    int64_t row;        // in the row group
    int64_t group_row;  // the group's first row in the file
    int64_t group_next; // the next group's
    int64_t skipped;
};

static bool wanted(const ParquetScan *s, int32_t col)
{
    return !s->want.needed || s->want.needed[col];
}

Status parquet_scan_new(ParquetScan **out, Arena *a, const ParquetFile *f, const ParquetWant *want)
{
    ParquetScan *s = NEW(a, ParquetScan, 1);
    *s = (ParquetScan){.file = f, .want = *want, .arena = a, .group = want->group};
    s->last = want->group + want->groups;
    must(want->group >= 0 && s->last <= parquet_groups(f));
    s->group_arena = arena_new(a);
    s->batch_arena = arena_new(a);
    int32_t n = want->schema->nfields, leaves = f->shape->nleaves;
    s->col = NEW(a, ReadNode, MAX(n, 1));
    s->used = NEW(a, uint8_t, leaves + 1);
    s->leaf = NEW(a, LeafReader, leaves + 1);
    s->run = NEW(a, LeafRun, leaves + 1);
    uint8_t *unused = NEW(a, uint8_t, leaves + 1);
    for (int32_t i = 0; i < n; i++) { // columns that only prune are found too, but not read
        bool read = wanted(s, i);
        Status found = read_node_make(&s->col[i], a, f, &want->schema->field[i], &f->shape->root,
                                      read ? s->used : unused);
        if (found.code && read) return found;
        if (found.code) s->col[i].node = &f->shape->root; // of a type that cannot prune
    }
    for (int32_t i = 0; i < leaves; i++)
        if (s->used[i]) leaf_reader_open(&s->leaf[i], f, &f->shape->leaf[i], a);
    for (int32_t g = 0; g < s->group; g++) s->group_next += parquet_group_rows(f, g);
    *out = s;
    return DONE;
}

// The leaf whose statistics speak for a wanted column, or -1.
static int32_t prune_leaf(const ParquetScan *s, const Prune *p)
{
    const PqNode *n = s->col[p->column].node;
    return n && n->kind == PQ_LEAF && n->rep == 0 ? n->leaf : -1;
}

static bool old_bounds_hold(const PqLeaf *l) // the fields of the first format, of signed numbers
{
    return !l->no_order && l->phys != PQ_BYTE_ARRAY && l->phys != PQ_FIXED;
}

static Range chunk_range(const ParquetScan *s, int32_t g, int32_t leaf)
{
    const PqColumn *meta = pq_chunk(s->file, g, leaf)->meta;
    const PqLeaf *l = &s->file->shape->leaf[leaf];
    const PqStatistics *stats = meta->stats;
    Range r = {.values = meta->values, .nulls = -1};
    r.nans_possible = l->phys == PQ_FLOAT || l->phys == PQ_DOUBLE;
    if (!stats) return r;
    if (stats->nulls >= 0 && stats->nulls <= r.values) r.nulls = stats->nulls;
    if (stats->nans == 0) r.nans_possible = false;
    bool old = !stats->min.p && !stats->max.p && old_bounds_hold(l);
    Str min = old ? stats->old_min : stats->min, max = old ? stats->old_max : stats->max;
    Datum lo, hi;
    r.bounds = (old || s->file->ordered[leaf]) && min.p && max.p && stat_from_bytes(&lo, l, min) &&
               stat_from_bytes(&hi, l, max) && stat_cmp(l, &lo, &hi) <= 0;
    if (r.bounds) r.lo = stat_value(l, &lo), r.hi = stat_value(l, &hi);
    return r;
}

static bool group_kept(const ParquetScan *s, int32_t g)
{
    for (int32_t i = 0; i < s->want.nprune; i++) {
        const Prune *p = &s->want.prune[i];
        const Type *t = s->want.schema->field[p->column].type;
        int32_t leaf = prune_leaf(s, p);
        if (leaf < 0) continue; // it nests, or the file lacks it and others know its value
        Range r = chunk_range(s, g, leaf);
        if (!prune_keeps(p, t, &r)) return false;
    }
    return true;
}

static Status index_read(const ParquetScan *s, const ThriftSpec *spec, void *into, int64_t at,
                         int64_t bytes)
{
    const ByteSource *src = s->file->src;
    thrift_clear(spec, into);
    if (at == THRIFT_NONE || bytes <= 0) return DONE; // there is none
    if (at < 0 || at > src->bytes || bytes > src->bytes - at)
        return pq_broken(s->file, "an index lies outside the file");
    Str text;
    TRY(src->read(src, s->group_arena, at, bytes, &text));
    Reader r = reader_of(text);
    thrift_decode(spec, into, s->group_arena, &r);
    return r.bad ? pq_broken(s->file, "an index does not parse") : DONE;
}

// The offset index of a chunk, NULL when there is none or it makes no sense.
static Status offset_index(const ParquetScan *s, int32_t g, int32_t leaf, PqOffsetIndex **out)
{
    const PqChunk *c = pq_chunk(s->file, g, leaf);
    PqOffsetIndex *x = PQ_NEW(s->group_arena, PqOffsetIndex, pq_offset_index_spec);
    TRY(index_read(s, &pq_offset_index_spec, x, c->offset_index_at, c->offset_index_bytes));
    const PqLocation *page = x->pages.v;
    bool sound = x->pages.n > 0 && page[0].first_row == 0;
    for (int64_t i = 1; sound && i < x->pages.n; i++)
        sound = page[i].first_row > page[i - 1].first_row && page[i].at > page[i - 1].at;
    sound = sound && page[x->pages.n - 1].first_row < parquet_group_rows(s->file, g);
    *out = sound ? x : NULL;
    return DONE;
}

// Cuts from `keep` the rows of pages that the conjunct excludes.
static Spans spans_cut(Arena *a, const Spans *keep, const Spans *pages, const uint8_t *kept)
{
    Spans out = {0};
    for (int64_t i = 0, p = 0; i < keep->n; i++) {
        Span s = keep->v[i];
        for (p = 0; p < pages->n; p++) {
            Span both = {MAX(s.from, pages->v[p].from), MIN(s.to, pages->v[p].to)};
            if (!kept[p] || both.from >= both.to) continue;
            if (out.n && out.v[out.n - 1].to == both.from)
                out.v[out.n - 1].to = both.to;
            else
                vec_push(a, &out, both);
        }
    }
    return out;
}

static Status prune_pages(ParquetScan *s, int32_t g, const Prune *p, int32_t leaf)
{
    const PqChunk *c = pq_chunk(s->file, g, leaf);
    const PqLeaf *l = &s->file->shape->leaf[leaf];
    PqOffsetIndex *where;
    PqColumnIndex x;
    TRY(offset_index(s, g, leaf, &where));
    TRY(index_read(s, &pq_column_index_spec, &x, c->column_index_at, c->column_index_bytes));
    int64_t n = where ? where->pages.n : 0, rows = parquet_group_rows(s->file, g);
    if (!n || x.min.n != n || x.max.n != n || x.null_pages.n != n) return DONE;
    bool nulls = x.null_counts.n == n, nans = x.nan_counts.n == n;
    Spans pages = {0};
    uint8_t *kept = NEW(s->group_arena, uint8_t, n);
    for (int64_t i = 0; i < n; i++) {
        const PqLocation *at = &((const PqLocation *)where->pages.v)[i];
        Span span = {at->first_row, i + 1 < n ? at[1].first_row : rows};
        vec_push(s->group_arena, &pages, span);
        Range r = {.values = span.to - span.from, .nulls = -1};
        if (nulls) r.nulls = ((const int64_t *)x.null_counts.v)[i];
        if (((const int64_t *)x.null_pages.v)[i]) r.nulls = r.values;
        r.nans_possible = (l->phys == PQ_FLOAT || l->phys == PQ_DOUBLE) &&
                          !(nans && ((const int64_t *)x.nan_counts.v)[i] == 0);
        Datum lo, hi;
        r.bounds = s->file->ordered[leaf] && r.nulls != r.values &&
                   stat_from_bytes(&lo, l, ((const Str *)x.min.v)[i]) &&
                   stat_from_bytes(&hi, l, ((const Str *)x.max.v)[i]);
        if (r.bounds) r.lo = stat_value(l, &lo), r.hi = stat_value(l, &hi);
        kept[i] = prune_keeps(p, s->want.schema->field[p->column].type, &r);
    }
    s->spans = spans_cut(s->group_arena, &s->spans, &pages, kept);
    return DONE;
}

// Opens row group g for reading; s->spans stays empty when nothing of it is worth reading.
static Status group_open(ParquetScan *s, int32_t g)
{
    int64_t rows = parquet_group_rows(s->file, g);
    arena_clear(s->group_arena);
    s->spans = (Spans){0};
    s->span = 0;
    s->group_row = s->group_next;
    s->group_next += rows;
    if (!rows || !group_kept(s, g)) return DONE;
    Span all = {0, rows};
    vec_push(s->group_arena, &s->spans, all);
    for (int32_t i = 0; i < s->want.nprune; i++) {
        int32_t leaf = prune_leaf(s, &s->want.prune[i]);
        if (leaf >= 0) TRY(prune_pages(s, g, &s->want.prune[i], leaf));
    }
    bool part = s->spans.n != 1 || s->spans.v[0].to - s->spans.v[0].from < rows;
    for (int32_t i = 0; i < s->file->shape->nleaves && s->spans.n; i++) {
        PqOffsetIndex *index = NULL;
        if (!s->used[i]) continue;
        if (part) TRY(offset_index(s, g, i, &index));
        TRY(leaf_reader_group(&s->leaf[i], pq_chunk(s->file, g, i)->meta, index, s->group_arena));
    }
    if (s->spans.n) s->row = s->spans.v[0].from;
    return DONE;
}

static Status read_columns(ParquetScan *s, Batch *b)
{
    const Schema *schema = s->want.schema;
    uint8_t *done = NEW(s->batch_arena, uint8_t, s->file->shape->nleaves + 1); // flat ones
    for (int32_t i = 0; i < b->cols; i++) {
        const ReadNode *rn = &s->col[i];
        b->col[i] = (Column){.type = schema->field[i].type, .rows = b->rows};
        if (!wanted(s, i)) continue;
        if (!rn->node)
            b->col[i] = column_null_of(s->batch_arena, rn->type, b->rows);
        else if (rn->node->kind != PQ_LEAF || rn->node->rep > 0 || done[rn->leaf])
            continue;
        else
            TRY(read_flat(&b->col[i], s->batch_arena, rn, &s->leaf[rn->leaf], b->rows));
        if (rn->node) done[rn->leaf] = 1;
    }
    for (int32_t i = 0; i < s->file->shape->nleaves; i++)
        if (s->used[i] && !done[i]) TRY(read_run(&s->run[i], s->batch_arena, &s->leaf[i], b->rows));
    for (int32_t i = 0; i < b->cols; i++) {
        const ReadNode *rn = &s->col[i];
        if (wanted(s, i) && rn->node && rn->node->kind != PQ_LEAF)
            TRY(read_nested(&b->col[i], s->batch_arena, rn, s->run, b->rows));
    }
    return DONE;
}

Status parquet_scan_next(ParquetScan *s, Batch *b, int64_t *row)
{
    arena_clear(s->batch_arena);
    *b = (Batch){.cols = s->want.schema->nfields};
    b->col = NEW(s->batch_arena, Column, MAX(b->cols, 1));
    while (s->span == s->spans.n) {
        if (s->group == s->last) return DONE;
        TRY(group_open(s, s->group++));
    }
    Span span = s->spans.v[s->span];
    b->rows = (int32_t)MIN(span.to - s->row, BATCH_ROWS);
    if (row) *row = s->group_row + s->row;
    for (int32_t i = 0; i < s->file->shape->nleaves; i++) {
        if (!s->used[i]) continue;
        leaf_reader_release(&s->leaf[i]);
        TRY(leaf_reader_seek(&s->leaf[i], s->row, &s->skipped));
    }
    Status read = read_columns(s, b);
    if (read.code) return fail_in(read, STR_FMT, STR_ARG(s->file->src->name));
    s->row += b->rows;
    if (s->row == span.to && ++s->span < s->spans.n) s->row = s->spans.v[s->span].from;
    return DONE;
}

bool parquet_scan_has(const ParquetScan *s, int32_t column) { return s->col[column].node != NULL; }
int64_t parquet_scan_pages_skipped(const ParquetScan *s) { return s->skipped; }
