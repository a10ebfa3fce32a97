// parquet_column.c -- a column's values come without the NULLs, are brought to the wanted type and
// then moved apart to their rows, from the last to the first, in place.
#include "fmt/parquet_column_in.h"
#include "fmt/parquet_file_in.h"
#include "fmt/parquet_stat_in.h"

static Status short_chunk(void)
{
    return fail(ERR_CORRUPT, "a Parquet column chunk is shorter than its row group");
}

#define CONVS(X)                                                                                   \
    X(CONV_I32_I8, int32_t, int8_t, (int8_t)v)                                                     \
    X(CONV_I32_I16, int32_t, int16_t, (int16_t)v)                                                  \
    X(CONV_I32_I64, int32_t, int64_t, v)                                                           \
    X(CONV_U32_I64, uint32_t, int64_t, v)                                                          \
    X(CONV_F32_F64, float, double, (double)v)                                                      \
    X(CONV_I32_DECIMAL, int32_t, Int128, v)                                                        \
    X(CONV_I64_DECIMAL, int64_t, Int128, v)                                                        \
    X(CONV_U64_DECIMAL, uint64_t, Int128, v)                                                       \
    X(CONV_MILLIS, int64_t, int64_t, (int64_t)((uint64_t)v * 1000))                                \
    X(CONV_TIME_MILLIS, int32_t, int64_t, v *INT64_C(1000000))                                     \
    X(CONV_TIME_MICROS, int64_t, int64_t, (int64_t)((uint64_t)v * 1000))
#define CONV(id, From, To, expr)                                                                   \
    case id:                                                                                       \
        for (int64_t i = 0; i < n; i++) {                                                          \
            From v = ((const From *)from)[i];                                                      \
            ((To *)to)[i] = expr;                                                                  \
        }                                                                                          \
        return true;

enum { JULIAN_EPOCH = 2440588 };

static Str uuid_text(Arena *a, Str bytes)
{
    static const char hex[] = "0123456789abcdef";
    char *to = NEW_RAW(a, char, 36), *at = to;
    for (int32_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
        *at++ = hex[(uint8_t)bytes.p[i] >> 4];
        *at++ = hex[bytes.p[i] & 15];
    }
    return str_of(to, 36);
}

static bool convert_bytes(Arena *a, Conv conv, const Str *from, void *to, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        Str s = from[i];
        if (conv == CONV_UUID) {
            ((Str *)to)[i] = uuid_text(a, s);
            continue;
        }
        if (conv == CONV_BYTES_DECIMAL) {
            if (s.n > 16) return false;
            ((Int128 *)to)[i] = int128_from_be(s);
            continue;
        }
        int64_t nanos; // of the day, then the Julian day
        uint32_t day;
        memcpy(&nanos, s.p, 8);
        memcpy(&day, s.p + 8, 4);
        uint64_t micros = (uint64_t)((int64_t)day - JULIAN_EPOCH) * 86400000000u;
        ((int64_t *)to)[i] = (int64_t)(micros + (uint64_t)(nanos / 1000));
    }
    return true;
}

static bool convert(Arena *a, Conv conv, const void *from, void *to, int64_t n)
{
    switch (conv) {
        CONVS(CONV)
    case CONV_NONE: return true;
    case CONV_BYTES_DECIMAL:
    case CONV_UUID:
    case CONV_INT96: return convert_bytes(a, conv, from, to, n);
    }
    must_failed("Conv", __FILE__, __LINE__);
}

// Moves n packed values to the rows that valid marks; the others become zero.
typedef struct Wide {
    uint64_t half[2];
} Wide;
#define SPREADS(X) X(1, uint8_t) X(2, uint16_t) X(4, uint32_t) X(8, uint64_t) X(16, Wide)
#define SPREAD(bytes, T)                                                                           \
    case bytes:                                                                                    \
        for (int64_t i = rows; i-- > 0;) ((T *)data)[i] = valid[i] ? ((T *)data)[--n] : (T){0};    \
        break;
static void spread(void *data, int32_t size, const uint8_t *valid, int64_t rows, int64_t n)
{
    switch (size) {
        SPREADS(SPREAD)
    }
}

// Packed native values to the column's data.
static Status fill(Column *out, Arena *a, const ReadNode *rn, const void *native,
                   const uint8_t *valid, int64_t there)
{
    if (native != out->data && !convert(a, rn->conv, native, out->data, there))
        return fail(ERR_CORRUPT, "a decimal of more than 16 bytes in a Parquet file");
    if (there == out->rows) return DONE;
    out->valid = (uint8_t *)valid;
    spread(out->data, phys_bytes(type_phys(rn->type)), valid, out->rows, there);
    return DONE;
}

Status read_flat(Column *out, Arena *a, const ReadNode *rn, LeafReader *l, int32_t rows)
{
    *out = column_new(a, rn->type, rows);
    int32_t max = l->leaf->def_max;
    uint8_t *valid = NEW_RAW(a, uint8_t, rows);
    char *native = rn->conv == CONV_NONE ? out->data : arena_alloc_raw(a, l->size, 16, rows);
    int64_t there = 0;
    for (int32_t at = 0; at < rows;) {
        bool end;
        TRY(leaf_reader_page(l, &end));
        if (end) return short_chunk();
        int32_t n = (int32_t)MIN(rows - at, l->entries - l->entry);
        int64_t m = n;
        if (l->def) {
            m = count_there(l->def + l->entry, n, max);
            for (int32_t i = 0; i < n; i++) valid[at + i] = l->def[l->entry + i] == max;
        }
        TRY(leaf_reader_values(l, native + there * l->size, m));
        there += m;
        at += n;
        l->entry += n;
    }
    l->row += rows;
    return fill(out, a, rn, native, valid, there);
}

// How many of the page's entries belong to the rows still wanted.
static int64_t entries_wanted(const LeafReader *l, int32_t *rows, bool *more)
{
    int64_t at = l->entry;
    if (!l->rep) {
        int64_t n = MIN(*rows, l->entries - at);
        *rows -= (int32_t)n;
        *more = *rows > 0;
        return n;
    }
    for (; at < l->entries; at++) {
        if (l->rep[at]) continue;
        if (*rows == 0) break;
        --*rows;
    }
    *more = at == l->entries; // the last row may go on in the next page
    return at - l->entry;
}

Status read_run(LeafRun *run, Arena *a, LeafReader *l, int32_t rows)
{
    Buf def = buf_new(a), rep = buf_new(a), values = buf_new(a);
    int32_t left = rows;
    *run = (LeafRun){0};
    for (bool more = rows > 0, end = false; more;) {
        TRY(leaf_reader_page(l, &end));
        if (end) break;
        int64_t from = l->entry, n = entries_wanted(l, &left, &more);
        int64_t m = l->def ? count_there(l->def + from, n, l->leaf->def_max) : n;
        if (l->def)
            buf_put(&def, str_of((char *)l->def + from, n));
        else
            buf_fill(&def, 0, n);
        if (l->rep)
            buf_put(&rep, str_of((char *)l->rep + from, n));
        else
            buf_fill(&rep, 0, n);
        if (m) TRY(leaf_reader_values(l, buf_take(&values, m * l->size), m));
        run->n += n;
        run->nvalues += m;
        l->entry += n;
    }
    if (left) return short_chunk();
    l->row += rows;
    run->def = (uint8_t *)def.p;
    run->rep = (uint8_t *)rep.p;
    run->values = values.p;
    return DONE;
}

static Status leaves_differ(void)
{
    return fail(ERR_CORRUPT, "the leaves of a nested Parquet column do not agree");
}

// Whether entry i has a place in the node's column at all.
static inline bool is_slot(const LeafRun *run, const PqNode *n, int64_t i)
{
    return run->rep[i] <= n->rep && run->def[i] >= n->slot_def;
}

// valid[] of a node's column; false when there are not `rows` places.
static bool slots_valid(const LeafRun *run, const PqNode *n, uint8_t *valid, int32_t rows,
                        int64_t *there)
{
    int32_t k = 0;
    *there = 0;
    for (int64_t i = 0; i < run->n; i++) {
        if (!is_slot(run, n, i)) continue;
        if (k == rows) return false;
        valid[k] = run->def[i] >= n->def;
        *there += valid[k++];
    }
    return k == rows;
}

static Status nested_leaf(Column *out, Arena *a, const ReadNode *rn, const LeafRun *run,
                          int32_t rows)
{
    *out = column_new(a, rn->type, rows);
    uint8_t *valid = NEW_RAW(a, uint8_t, rows);
    int64_t there;
    if (!slots_valid(run, rn->node, valid, rows, &there) || there != run->nvalues)
        return leaves_differ();
    if (rn->conv == CONV_NONE && there)
        memcpy(out->data, run->values, (size_t)(there * phys_bytes(type_phys(rn->type))));
    return fill(out, a, rn, rn->conv == CONV_NONE ? out->data : run->values, valid, there);
}

static Status nested_struct(Column *out, Arena *a, const ReadNode *rn, const LeafRun *runs,
                            int32_t rows)
{
    uint8_t *valid = NEW_RAW(a, uint8_t, rows);
    int64_t there;
    if (!slots_valid(&runs[rn->leaf], rn->node, valid, rows, &there)) return leaves_differ();
    *out = (Column){.type = rn->type, .valid = there < rows ? valid : NULL, .rows = rows};
    out->kid = NEW(a, Column, MAX(rn->nkids, 1));
    for (int32_t i = 0; i < rn->nkids; i++)
        TRY(read_nested(&out->kid[i], a, &rn->kid[i], runs, rows));
    return DONE;
}

static Status nested_list(Column *out, Arena *a, const ReadNode *rn, const LeafRun *runs,
                          int32_t rows)
{
    const LeafRun *run = &runs[rn->leaf];
    const PqNode *n = rn->node;
    uint8_t *valid = NEW_RAW(a, uint8_t, rows);
    int64_t there, items = 0;
    if (!slots_valid(run, n, valid, rows, &there)) return leaves_differ();
    List *list = NEW(a, List, rows);
    int32_t k = -1;
    for (int64_t i = 0; i < run->n; i++) {
        if (is_slot(run, n, i)) list[++k].at = (int32_t)items;
        if (run->def[i] <= n->def || run->rep[i] > n->rep + 1) continue; // no item starts here
        if (k < 0 || items == INT32_MAX) return leaves_differ();
        list[k].n++;
        items++;
    }
    *out = (Column){.type = rn->type, .valid = there < rows ? valid : NULL, .rows = rows};
    out->data = list;
    out->kid = NEW(a, Column, rn->nkids);
    for (int32_t i = 0; i < rn->nkids; i++)
        TRY(read_nested(&out->kid[i], a, &rn->kid[i], runs, (int32_t)items));
    return DONE;
}

Status read_nested(Column *out, Arena *a, const ReadNode *rn, const LeafRun *runs, int32_t rows)
{
    if (!rn->node) {
        *out = column_null_of(a, rn->type, rows);
        return DONE;
    }
    switch (rn->node->kind) {
    case PQ_LEAF: return nested_leaf(out, a, rn, &runs[rn->leaf], rows);
    case PQ_STRUCT: return nested_struct(out, a, rn, runs, rows);
    case PQ_LIST:
    case PQ_MAP: return nested_list(out, a, rn, runs, rows);
    }
    must_failed("PqKind", __FILE__, __LINE__);
}
