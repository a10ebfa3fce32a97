// parquet_write.c -- row groups, and the file that strings them together. Offsets inside a sealed
// row group are relative to its first byte and are moved when it is placed in the file.
#include "fmt/parquet.h"
#include "fmt/parquet_shred_in.h"
#include "fmt/seal.h"

struct RowGroup {
    const ParquetShape *shape;
    ParquetOptions options;
    Arena *arena, *scratch;
    LeafWriter *leaf;
    int64_t rows;
    bool sealed;
};

ParquetOptions parquet_options(void)
{
    return (ParquetOptions){.codec = CODEC_ZSTD,
                            .level = 1,
                            .page_rows = 20000,
                            .page_bytes = 1 << 20,
                            .dictionary_bytes = 1 << 20,
                            .dictionary = true};
}

RowGroup *row_group_new(Arena *a, const ParquetShape *s, const ParquetOptions *o)
{
    RowGroup *g = NEW(a, RowGroup, 1);
    *g = (RowGroup){.shape = s, .options = *o, .arena = a, .scratch = arena_new(a)};
    g->leaf = NEW(a, LeafWriter, MAX(s->nleaves, 1));
    for (int32_t i = 0; i < s->nleaves; i++) leaf_init(&g->leaf[i], a, &s->leaf[i], o);
    return g;
}

Status row_group_add(RowGroup *g, const Batch *b)
{
    must(!g->sealed && b->cols == g->shape->root.nkids);
    for (int32_t i = 0; i < b->cols; i++) {
        TRY(parquet_shred(&g->shape->root.kid[i], &b->col[i], b->rows, g->leaf, g->scratch));
        arena_clear(g->scratch);
    }
    g->rows += b->rows;
    return DONE;
}

void row_group_seal(RowGroup *g)
{
    if (g->sealed) return;
    Packer *p = packer_new(g->scratch, g->options.codec, g->options.level);
    for (int32_t i = 0; i < g->shape->nleaves; i++) leaf_seal(&g->leaf[i], &g->options, p);
    arena_clear(g->scratch);
    g->sealed = true;
}

int64_t row_group_rows(const RowGroup *g) { return g->rows; }

int64_t row_group_bytes(const RowGroup *g)
{
    int64_t n = 0;
    for (int32_t i = 0; i < g->shape->nleaves; i++) {
        const LeafWriter *l = &g->leaf[i];
        n += g->sealed ? l->body.n : l->codes.n / 2 + l->plain.n + (l->dict ? l->dict->plain.n : 0);
    }
    return n;
}

typedef VEC(PqGroup) Groups;
typedef VEC(int64_t) Offsets;
struct ParquetWriter {
    Arena *arena;
    const ParquetShape *shape;
    ParquetOptions options;
    int64_t at, rows; // bytes and rows so far
    Groups groups;
    Offsets group_at;
    PqStat *stat; // of the whole file, a leaf each; strings are ours
    ParquetColumnStats *stats;
    Buf *column_index, *offset_index; // encoded, of each group's leaves
    int64_t nindexes;
};
static const Str magic = STR_INIT("PAR1");

ParquetWriter *parquet_writer_new(Arena *a, const ParquetShape *s, const ParquetOptions *o,
                                  Buf *out)
{
    ParquetWriter *w = NEW(a, ParquetWriter, 1);
    *w = (ParquetWriter){.arena = a, .shape = s, .options = *o, .at = magic.n};
    w->stat = NEW(a, PqStat, MAX(s->nleaves, 1));
    w->stats = NEW(a, ParquetColumnStats, MAX(s->nleaves, 1));
    for (int32_t i = 0; i < s->nleaves; i++) {
        const PqLeaf *leaf = &s->leaf[i];
        w->stats[i] = (ParquetColumnStats){.id = leaf->id,
                                           .column = leaf->column,
                                           .type = leaf->type,
                                           .repeated = leaf->rep_max > 0};
        w->stats[i].counts_nans = leaf->phys == PQ_FLOAT || leaf->phys == PQ_DOUBLE;
    }
    buf_put(out, magic);
    return w;
}

static Datum datum_own(Arena *a, const PqLeaf *leaf, Datum d)
{
    if (leaf->phys == PQ_BYTE_ARRAY) d.s = str_copy(a, d.s);
    return d;
}

// Takes what is new of `with` into the file's statistics, strings copied.
static void stat_keep(ParquetWriter *w, const PqLeaf *leaf, PqStat *s, const PqStat *with)
{
    bool lo = with->any && (!s->any || stat_cmp(leaf, &with->lo, &s->lo) < 0);
    bool hi = with->any && (!s->any || stat_cmp(leaf, &with->hi, &s->hi) > 0);
    if (lo) s->lo = datum_own(w->arena, leaf, with->lo);
    if (hi) s->hi = datum_own(w->arena, leaf, with->hi);
    s->any |= with->any;
    s->nans += with->nans;
}

static int64_t leaf_nulls(const LeafWriter *l) { return l->entries - l->values; }

static PqStatistics *chunk_statistics(ParquetWriter *w, const LeafWriter *l)
{
    PqStatistics *s = PQ_NEW(w->arena, PqStatistics, pq_statistics_spec);
    s->nulls = leaf_nulls(l);
    if (!l->stat.any) return s;
    bool exact;
    s->min = stat_bytes(w->arena, l->leaf, &l->stat.lo, false, &exact);
    s->min_exact = exact;
    s->max = stat_bytes(w->arena, l->leaf, &l->stat.hi, true, &exact);
    s->max_exact = exact;
    return s;
}

static ThriftList ints(Arena *a, int64_t n, const int64_t *v)
{
    int64_t *copy = NEW(a, int64_t, MAX(n, 1));
    memcpy(copy, v, (size_t)n * sizeof *v);
    return (ThriftList){copy, n};
}

static PqColumn *chunk_meta(ParquetWriter *w, const LeafWriter *l)
{
    Arena *a = w->arena;
    PqColumn *c = PQ_NEW(a, PqColumn, pq_column_spec);
    c->type = l->leaf->phys;
    c->codec = w->options.codec;
    c->values = l->entries;
    c->raw_bytes = l->raw_bytes;
    c->bytes = l->body.n;
    c->path = (ThriftList){l->leaf->path, l->leaf->npath};
    c->data_at = w->at + l->dictionary_bytes;
    if (l->dictionary_bytes) c->dictionary_at = w->at;
    bool dict = l->dictionary_bytes > 0;
    c->encodings = ints(a, dict ? 3 : 2, (int64_t[]){PQ_RLE, PQ_PLAIN, PQ_RLE_DICTIONARY});
    PqEncodingStats *e = NEW(a, PqEncodingStats, 2);
    e[0] = (PqEncodingStats){PQ_DATA_PAGE, dict ? PQ_RLE_DICTIONARY : PQ_PLAIN, l->pages.n};
    e[1] = (PqEncodingStats){PQ_DICTIONARY_PAGE, PQ_PLAIN, 1};
    c->encoding_stats = (ThriftList){e, dict ? 2 : 1};
    c->stats = chunk_statistics(w, l);
    return c;
}

// 1 when both bounds never go down from page to page, 2 when they never go up, else 0.
static int64_t boundary_order(const LeafWriter *l)
{
    bool up = true, down = true;
    const PqWrittenPage *last = NULL;
    for (int64_t i = 0; i < l->pages.n; i++) {
        const PqWrittenPage *p = &l->pages.v[i];
        if (p->all_null) continue;
        Datum lo, hi, last_lo, last_hi;
        bool known = last && stat_from_bytes(&lo, l->leaf, p->lo) &&
                     stat_from_bytes(&hi, l->leaf, p->hi) &&
                     stat_from_bytes(&last_lo, l->leaf, last->lo) &&
                     stat_from_bytes(&last_hi, l->leaf, last->hi);
        if (known) {
            int32_t x = stat_cmp(l->leaf, &last_lo, &lo), y = stat_cmp(l->leaf, &last_hi, &hi);
            up = up && x <= 0 && y <= 0;
            down = down && x >= 0 && y >= 0;
        }
        last = p;
    }
    return up ? 1 : down ? 2 : 0;
}

// A page of nothing but NaN has no bounds, and then the format allows the chunk no column index.
static void put_column_index(const LeafWriter *l, Arena *a, Buf *out)
{
    int64_t n = l->pages.n, *null_page = NEW(a, int64_t, n + 1), *nulls = NEW(a, int64_t, n + 1);
    Str *lo = NEW(a, Str, n + 1), *hi = NEW(a, Str, n + 1);
    for (int64_t i = 0; i < n; i++) {
        if (l->pages.v[i].all_nan) return;
        null_page[i] = l->pages.v[i].all_null;
        nulls[i] = l->pages.v[i].nulls;
        lo[i] = l->pages.v[i].lo;
        hi[i] = l->pages.v[i].hi;
    }
    PqColumnIndex x;
    thrift_clear(&pq_column_index_spec, &x);
    x.null_pages = (ThriftList){null_page, n};
    x.min = (ThriftList){lo, n};
    x.max = (ThriftList){hi, n};
    x.order = boundary_order(l);
    x.null_counts = (ThriftList){nulls, n};
    thrift_encode(&pq_column_index_spec, &x, out);
}

static void put_offset_index(const LeafWriter *l, int64_t at, Arena *a, Buf *out)
{
    PqLocation *v = NEW(a, PqLocation, l->pages.n + 1);
    for (int64_t i = 0; i < l->pages.n; i++) {
        const PqWrittenPage *p = &l->pages.v[i];
        v[i] = (PqLocation){at + p->at, p->bytes, p->first_row};
    }
    PqOffsetIndex x = {.pages = {v, l->pages.n}};
    thrift_encode(&pq_offset_index_spec, &x, out);
}

static void keep_indexes(ParquetWriter *w, const RowGroup *g)
{
    int64_t n = w->nindexes, m = w->shape->nleaves;
    w->column_index = arena_grow(w->arena, w->column_index, n * (int64_t)sizeof(Buf),
                                 (n + m) * (int64_t)sizeof(Buf), _Alignof(Buf));
    w->offset_index = arena_grow(w->arena, w->offset_index, n * (int64_t)sizeof(Buf),
                                 (n + m) * (int64_t)sizeof(Buf), _Alignof(Buf));
    Arena *scratch = arena_new(w->arena);
    int64_t at = w->at;
    for (int32_t i = 0; i < m; i++) {
        const LeafWriter *l = &g->leaf[i];
        w->column_index[n + i] = w->offset_index[n + i] = buf_new(w->arena);
        put_column_index(l, scratch, &w->column_index[n + i]);
        put_offset_index(l, at, scratch, &w->offset_index[n + i]);
        at += l->body.n;
    }
    arena_free(scratch);
    w->nindexes += m;
}

void parquet_writer_add(ParquetWriter *w, const RowGroup *g, Buf *out)
{
    must(g->sealed && g->shape == w->shape);
    if (!g->rows) return;
    keep_indexes(w, g);
    PqGroup pg;
    thrift_clear(pq_footer_spec.field[3].sub, &pg);
    PqChunk *chunk = arena_alloc(w->arena, (int64_t)sizeof(PqChunk), 16, w->shape->nleaves);
    pg.raw_bytes = pg.bytes = 0;
    pg.rows = g->rows;
    pg.at = w->at;
    if (w->groups.n <= INT16_MAX) pg.ordinal = w->groups.n;
    vec_push(w->arena, &w->group_at, w->at);
    for (int32_t i = 0; i < w->shape->nleaves; i++) {
        const LeafWriter *l = &g->leaf[i];
        chunk[i] = (PqChunk){.offset_index_at = THRIFT_NONE,
                             .offset_index_bytes = THRIFT_NONE,
                             .column_index_at = THRIFT_NONE,
                             .column_index_bytes = THRIFT_NONE};
        chunk[i].meta = chunk_meta(w, l);
        pg.raw_bytes += l->raw_bytes;
        pg.bytes += l->body.n;
        buf_put(out, buf_str(&l->body));
        w->at += l->body.n;
        w->stats[i].bytes += l->body.n;
        w->stats[i].values += l->entries;
        w->stats[i].nulls += leaf_nulls(l);
        stat_keep(w, l->leaf, &w->stat[i], &l->stat);
    }
    pg.chunks = (ThriftList){chunk, w->shape->nleaves};
    vec_push(w->arena, &w->groups, pg);
    w->rows += g->rows;
}

// The indexes of all chunks stand together before the footer: column indexes, then offset indexes.
static void put_indexes(ParquetWriter *w, Buf *out)
{
    int64_t n = 0, leaves = w->shape->nleaves;
    for (int32_t offsets = 0; offsets < 2; offsets++)
        for (int64_t i = 0; i < w->nindexes; i++) {
            PqGroup *g = &w->groups.v[i / leaves];
            PqChunk *c = &((PqChunk *)g->chunks.v)[i % leaves];
            const Buf *b = offsets ? &w->offset_index[i] : &w->column_index[i];
            if (!b->n) continue;
            *(offsets ? &c->offset_index_at : &c->column_index_at) = w->at + n;
            *(offsets ? &c->offset_index_bytes : &c->column_index_bytes) = b->n;
            buf_put(out, buf_str(b));
            n += b->n;
        }
    w->at += n;
}

void parquet_writer_end(ParquetWriter *w, Buf *out)
{
    put_indexes(w, out);
    PqFooter f;
    thrift_clear(&pq_footer_spec, &f);
    f.version = 1;
    f.schema = w->shape->elements;
    f.rows = w->rows;
    f.groups = (ThriftList){w->groups.n ? (void *)w->groups.v : (void *)w, w->groups.n};
    f.created_by = S("kappa version 1.0.0 (build 0)");
    int64_t nkv = w->options.nmeta + 1;
    PqKeyValue *kv = NEW(w->arena, PqKeyValue, nkv);
    for (int64_t i = 0; i < w->options.nmeta; i++)
        kv[i] = (PqKeyValue){w->options.meta[i].key, w->options.meta[i].value};
    kv[nkv - 1] = (PqKeyValue){S(SEAL_KEY), S(SEAL_BLANK)};
    f.meta = (ThriftList){kv, nkv};
    PqOrder *order = NEW(w->arena, PqOrder, w->shape->nleaves + 1);
    for (int32_t i = 0; i < w->shape->nleaves; i++) order[i].type_order = 1;
    f.orders = (ThriftList){order, w->shape->nleaves};
    int64_t at = out->n;
    thrift_encode(&pq_footer_spec, &f, out);
    uint32_t bytes = (uint32_t)(out->n - at);
    // The value's head stands between: field 2, a string, of eight bytes.
    int64_t seal = str_find(str_from(buf_str(out), at), S(SEAL_KEY "\x18\x08" SEAL_BLANK));
    seal_put(out->p + at, bytes, seal + (int64_t)sizeof SEAL_KEY - 1 + 2);
    buf_u32le(out, bytes);
    buf_put(out, magic);
    w->at += bytes + 8;
}

int64_t parquet_writer_bytes(const ParquetWriter *w) { return w->at; }
int64_t parquet_writer_rows(const ParquetWriter *w) { return w->rows; }

const int64_t *parquet_writer_groups(const ParquetWriter *w, int64_t *n)
{
    *n = w->group_at.n;
    return w->group_at.v;
}

const ParquetColumnStats *parquet_writer_stats(const ParquetWriter *w, int32_t *n)
{
    *n = w->shape->nleaves;
    for (int32_t i = 0; i < *n; i++) {
        ParquetColumnStats *s = &w->stats[i];
        const PqStat *stat = &w->stat[i];
        s->nans = stat->nans;
        s->range = (Range){.bounds = stat->any && !s->repeated,
                           .nulls = s->nulls,
                           .values = s->values,
                           .nans_possible = stat->nans > 0};
        if (!s->range.bounds) continue;
        s->range.lo = stat_value(&w->shape->leaf[i], &stat->lo);
        s->range.hi = stat_value(&w->shape->leaf[i], &stat->hi);
    }
    return w->stats;
}
