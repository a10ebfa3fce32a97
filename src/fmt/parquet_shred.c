// parquet_shred.c -- going down the tree, a node gets its slots: a row of its column each, or the
// level at which something above was absent. A column at the top that does not nest takes a short
// way, since its validity bytes are its definition levels.
#include "fmt/parquet_shred_in.h"

typedef struct Slots {
    int32_t n;
    int32_t *row; // -1: absent
    uint8_t *def; // of the absent ones
    uint8_t *rep;
} Slots;
typedef struct Shredder {
    Arena *scratch;
    LeafWriter *leaves;
    Str column; // at the top, for messages
} Shredder;

static Slots slots_new(Arena *a, int32_t n)
{
    return (Slots){n, NEW_RAW(a, int32_t, n), NEW_RAW(a, uint8_t, n), NEW_RAW(a, uint8_t, n)};
}

#define GATHERS(X)                                                                                 \
    X(i8, int8_t, int32_t, (int32_t)v)                                                             \
    X(i16, int16_t, int32_t, (int32_t)v)                                                           \
    X(w8, uint8_t, uint8_t, v)                                                                     \
    X(w32, uint32_t, uint32_t, v)                                                                  \
    X(w64, uint64_t, uint64_t, v)                                                                  \
    X(micros, int64_t, int64_t, v / 1000)                                                          \
    X(d32, Int128, int32_t, (int32_t)v)                                                            \
    X(d64, Int128, int64_t, (int64_t)v)                                                            \
    X(str, Str, Str, v)
#define GATHER(name, From, To, expr)                                                               \
    static const void *gather_##name(Arena *a, const void *data, const int32_t *row, int64_t n)    \
    {                                                                                              \
        To *to = NEW_RAW(a, To, n);                                                                \
        const From *from = data;                                                                   \
        for (int64_t i = 0; i < n; i++) {                                                          \
            From v = from[row ? row[i] : i];                                                       \
            to[i] = expr;                                                                          \
        }                                                                                          \
        return to;                                                                                 \
    }
GATHERS(GATHER)

static const void *gather_fixed(Arena *a, const PqLeaf *leaf, const Int128 *from,
                                const int32_t *row, int64_t n)
{
    Str *to = NEW_RAW(a, Str, n);
    char *bytes = NEW_RAW(a, char, n * leaf->length);
    for (int64_t i = 0; i < n; i++) {
        to[i] = str_of(bytes + i * leaf->length, leaf->length);
        int128_to_be(bytes + i * leaf->length, leaf->length, from[row ? row[i] : i]);
    }
    return to;
}

// Values of the given rows (row NULL: the first n) as the leaf takes them.
static const void *native_values(Arena *a, const PqLeaf *leaf, const Column *c, const int32_t *row,
                                 int64_t n)
{
    const void *data = c->data;
    switch (type_phys(c->type)) {
    case PHYS_BOOL: return row ? gather_w8(a, data, row, n) : data;
    case PHYS_I8: return gather_i8(a, data, row, n);
    case PHYS_I16: return gather_i16(a, data, row, n);
    case PHYS_I32:
    case PHYS_F32: return row ? gather_w32(a, data, row, n) : data;
    case PHYS_I64:
        if (c->type->id == T_TIME) return gather_micros(a, data, row, n);
        return row ? gather_w64(a, data, row, n) : data;
    case PHYS_F64: return row ? gather_w64(a, data, row, n) : data;
    case PHYS_I128:
        if (leaf->phys == PQ_INT32) return gather_d32(a, data, row, n);
        if (leaf->phys == PQ_INT64) return gather_d64(a, data, row, n);
        return gather_fixed(a, leaf, data, row, n);
    case PHYS_STR: return row ? gather_str(a, data, row, n) : data;
    case PHYS_INTERVAL:
    case PHYS_LIST:
    case PHYS_STRUCT: break;
    }
    must_failed("an atomic type", __FILE__, __LINE__);
}

static Status leaf_values(Shredder *s, LeafWriter *l, const Column *c, const int32_t *row,
                          int64_t n)
{
    if (n == 0) return DONE;
    const void *v = native_values(s->scratch, l->leaf, c, row, n);
    int64_t longest = 0;
    if (l->native == PQ_NSTR)
        for (int64_t i = 0; i < n; i++) longest = MAX(longest, ((const Str *)v)[i].n);
    if (longest > CODEC_RAW_MAX / 2)
        return fail(ERR_LIMIT, "column " STR_FMT ": a value of %lld bytes is too long",
                    STR_ARG(s->column), (long long)longest);
    leaf_add(l, v, n);
    return DONE;
}

static Status null_refused(const Shredder *s)
{
    Arena *a = arena_new(NULL);
    Str path = str_fmt(a, "\n" STR_FMT "\n", STR_ARG(s->column));
    Status null = RAISE(NOT_NULL_ASSERT_VIOLATION, P("walkedTypePath", path));
    arena_free(a);
    return null;
}

static Status shred_flat(Shredder *s, const PqNode *node, const Column *c, int32_t rows)
{
    LeafWriter *l = &s->leaves[node->leaf];
    int32_t n = rows, *row = NULL;
    if (c->valid) {
        row = NEW_RAW(s->scratch, int32_t, rows);
        n = mask_rows(c->valid, rows, row);
        if (n < rows && !node->optional) return null_refused(s);
        if (n == rows) row = NULL;
    }
    leaf_levels(l, n < rows ? c->valid : NULL, NULL, rows);
    return leaf_values(s, l, c, row, n);
}

static Status shred_node(Shredder *s, const PqNode *node, const Column *c, const Slots *in);

static Status shred_leaf(Shredder *s, const PqNode *node, const Column *c, const Slots *in)
{
    LeafWriter *l = &s->leaves[node->leaf];
    int32_t *row = NEW_RAW(s->scratch, int32_t, in->n), n = 0;
    uint8_t *def = NEW_RAW(s->scratch, uint8_t, in->n);
    for (int32_t i = 0; i < in->n; i++) {
        int32_t r = in->row[i];
        bool there = r >= 0 && !column_null(c, r);
        if (r >= 0 && !there && !node->optional) return null_refused(s);
        def[i] = r < 0 ? in->def[i] : (uint8_t)(node->def - !there);
        if (there) row[n++] = r;
    }
    leaf_levels(l, def, in->rep, in->n);
    return leaf_values(s, l, c, row, n);
}

static Status shred_struct(Shredder *s, const PqNode *node, const Column *c, const Slots *in)
{
    Slots out = slots_new(s->scratch, in->n);
    for (int32_t i = 0; i < in->n; i++) {
        int32_t r = in->row[i];
        bool null = r >= 0 && column_null(c, r);
        if (null && !node->optional) return null_refused(s);
        out.row[i] = null ? -1 : r;
        out.def[i] = null ? (uint8_t)(node->def - 1) : in->def[i];
        out.rep[i] = in->rep[i];
    }
    for (int32_t k = 0; k < node->nkids; k++) TRY(shred_node(s, &node->kid[k], &c->kid[k], &out));
    return DONE;
}

static Status shred_list(Shredder *s, const PqNode *node, const Column *c, const Slots *in)
{
    const List *list = c->data;
    int64_t total = 0;
    for (int32_t i = 0; i < in->n; i++) {
        int32_t r = in->row[i];
        total += r < 0 || column_null(c, r) ? 1 : MAX(list[r].n, 1);
    }
    if (total > INT32_MAX)
        return fail(ERR_LIMIT, "column " STR_FMT ": too many elements", STR_ARG(s->column));
    Slots out = slots_new(s->scratch, (int32_t)total);
    int32_t n = 0;
    for (int32_t i = 0; i < in->n; i++) {
        int32_t r = in->row[i];
        bool null = r >= 0 && column_null(c, r);
        if (null && !node->optional) return null_refused(s);
        if (r < 0 || null || list[r].n == 0) {
            out.row[n] = -1;
            out.def[n] = r < 0 ? in->def[i] : (uint8_t)(node->def - null);
            out.rep[n++] = in->rep[i];
            continue;
        }
        for (int32_t k = 0; k < list[r].n; k++, n++) {
            out.row[n] = list[r].at + k;
            out.def[n] = 0;
            out.rep[n] = k ? (uint8_t)(node->rep + 1) : in->rep[i];
        }
    }
    for (int32_t k = 0; k < node->nkids; k++) TRY(shred_node(s, &node->kid[k], &c->kid[k], &out));
    return DONE;
}

static Status shred_node(Shredder *s, const PqNode *node, const Column *c, const Slots *in)
{
    switch (node->kind) {
    case PQ_LEAF: return shred_leaf(s, node, c, in);
    case PQ_STRUCT: return shred_struct(s, node, c, in);
    case PQ_LIST:
    case PQ_MAP: return shred_list(s, node, c, in);
    }
    must_failed("PqKind", __FILE__, __LINE__);
}

Status parquet_shred(const PqNode *node, const Column *c, int32_t rows, LeafWriter *leaves,
                     Arena *scratch)
{
    Shredder s = {scratch, leaves, node->name};
    if (node->kind == PQ_LEAF) return shred_flat(&s, node, c, rows);
    Slots all = slots_new(scratch, rows);
    for (int32_t i = 0; i < rows; i++) all.row[i] = i, all.def[i] = all.rep[i] = 0;
    return shred_node(&s, node, c, &all);
}
