// arrow_write.c -- a tree of gathered columns, and the messages made from it.
#include "fmt/arrow_write.h"
#include "fmt/flatbuffer.h"

enum { HEADER_SCHEMA = 1, HEADER_BATCH = 3, VERSION_V5 = 4 };
typedef enum ArrowType { // of Schema.fbs
    ARROW_NULL = 1,
    ARROW_INT = 2,
    ARROW_FLOAT = 3,
    ARROW_BINARY = 4,
    ARROW_UTF8 = 5,
    ARROW_BOOL = 6,
    ARROW_DECIMAL = 7,
    ARROW_DATE = 8,
    ARROW_TIME = 9,
    ARROW_TIMESTAMP = 10,
    ARROW_INTERVAL = 11,
    ARROW_LIST = 12,
    ARROW_STRUCT = 13,
    ARROW_MAP = 17,
    ARROW_DURATION = 18,
} ArrowType;
enum { UNIT_MICRO = 2, UNIT_NANO = 3, UNIT_YEAR_MONTH = 0, UNIT_MONTH_DAY_NANO = 2 };

typedef struct Gathered Gathered;
struct Gathered { // a column, or one that another is made of
    Str name;
    const Type *type; // of a map's entries: the map's
    ArrowType arrow;
    bool nullable;
    int64_t rows, nulls;
    Buf valid; // bits, empty until the first NULL
    Buf data;  // values, bits of booleans, or offsets without the first
    Buf bytes; // of strings
    int64_t elements;
    Gathered *kid;
    int32_t nkids;
};
struct ArrowWriter {
    Arena *arena;
    Str zone;
    Gathered top; // its kids are the columns
    Buf schema;   // the message, made once
    Buf meta;     // of the record batch
    int64_t body;
    bool sealed;
};

static ArrowType arrow_type(const Type *t)
{
    switch (t->id) {
    case T_VOID: return ARROW_NULL;
    case T_BOOLEAN: return ARROW_BOOL;
    case T_TINYINT:
    case T_SMALLINT:
    case T_INT:
    case T_BIGINT: return ARROW_INT;
    case T_FLOAT:
    case T_DOUBLE: return ARROW_FLOAT;
    case T_DECIMAL: return ARROW_DECIMAL;
    case T_STRING: return ARROW_UTF8;
    case T_BINARY: return ARROW_BINARY;
    case T_DATE: return ARROW_DATE;
    case T_TIME: return ARROW_TIME;
    case T_TIMESTAMP:
    case T_TIMESTAMP_NTZ: return ARROW_TIMESTAMP;
    case T_INTERVAL_YM:
    case T_INTERVAL: return ARROW_INTERVAL;
    case T_INTERVAL_DT: return ARROW_DURATION;
    case T_ARRAY: return ARROW_LIST;
    case T_MAP: return ARROW_MAP;
    case T_STRUCT: return ARROW_STRUCT;
    }
    must_failed("TypeId", __FILE__, __LINE__);
}
static void gathered_init(Gathered *g, Arena *a, Str name, const Type *t, bool nullable)
{
    *g = (Gathered){.name = name, .type = t, .arrow = arrow_type(t), .nullable = nullable};
    g->valid = g->data = g->bytes = buf_new(a);
    if (!t->nfields) return;
    Gathered *of = g;
    if (t->id == T_MAP) {
        g->nkids = 1;
        of = g->kid = NEW(a, Gathered, 1);
        *of = (Gathered){.name = S("entries"), .type = t, .arrow = ARROW_STRUCT};
        of->valid = of->data = of->bytes = buf_new(a);
    }
    static const Str map_name[] = {STR_INIT("key"), STR_INIT("value")};
    of->nkids = t->nfields;
    of->kid = NEW(a, Gathered, t->nfields);
    for (int32_t i = 0; i < t->nfields; i++) {
        const Field *f = &t->field[i];
        Str kid = t->id == T_MAP ? map_name[i] : t->id == T_ARRAY ? S("element") : f->name;
        gathered_init(&of->kid[i], a, kid, f->type, f->nullable && !(t->id == T_MAP && i == 0));
    }
}

// ---- gathering ---------------------------------------------------------------------------------

// Bits at [at, at + n) of b from bytes of 0 and 1; NULL: all 1.
static void bits_put(Buf *b, int64_t at, const uint8_t *from, int32_t n)
{
    int64_t had = b->n, want = (at + n + 7) / 8;
    if (want > had) buf_fill(b, 0, want - had);
    uint8_t *to = (uint8_t *)b->p;
    int32_t i = 0;
    for (; i < n && (at + i) % 8; i++)
        to[(at + i) / 8] |= (uint8_t)((from ? from[i] : 1) << ((at + i) % 8));
    for (; i + 8 <= n; i += 8) {
        uint8_t byte = 0xFF;
        if (from)
            for (int32_t k = byte = 0; k < 8; k++) byte |= (uint8_t)(from[i + k] << k);
        to[(at + i) / 8] = byte;
    }
    for (; i < n; i++) to[(at + i) / 8] |= (uint8_t)((from ? from[i] : 1) << ((at + i) % 8));
}
static void add_valid(Gathered *g, const Column *c, int32_t at, int32_t n)
{
    const uint8_t *valid = c->valid ? c->valid + at : NULL;
    int64_t nulls = 0;
    for (int32_t i = 0; valid && i < n; i++) nulls += !valid[i];
    if (nulls && !g->nulls) bits_put(&g->valid, 0, NULL, (int32_t)g->rows);
    if (nulls || g->nulls) bits_put(&g->valid, g->rows, valid, n);
    g->nulls += nulls;
}
static void add_strings(Gathered *g, const Column *c, int32_t at, int32_t n)
{
    int32_t *offset = (int32_t *)(void *)buf_take(&g->data, (int64_t)n * 4);
    int64_t bytes = 0;
    for (int32_t i = 0; i < n; i++) {
        if (!column_null(c, at + i)) bytes += column_str(c, at + i).n;
        offset[i] = (int32_t)(g->bytes.n + bytes);
    }
    must(g->bytes.n + bytes <= INT32_MAX);
    char *to = buf_take(&g->bytes, bytes);
    for (int32_t i = 0; i < n; i++) {
        Str s = column_null(c, at + i) ? (Str){0} : column_str(c, at + i);
        if (s.n) memcpy(to, s.p, (size_t)s.n);
        to += s.n;
    }
}
static void add_column(Gathered *g, const Column *c, int32_t at, int32_t n);
static void add_elements(Gathered *g, const Column *c, int32_t at, int32_t n)
{
    if (n == 0) return;
    if (g->arrow == ARROW_MAP) {
        Gathered *entries = g->kid;
        for (int32_t f = 0; f < 2; f++) add_column(&entries->kid[f], &c->kid[f], at, n);
        entries->rows += n;
    } else {
        add_column(&g->kid[0], &c->kid[0], at, n);
    }
    g->elements += n;
}
static void add_lists(Gathered *g, const Column *c, int32_t at, int32_t n)
{
    const List *list = COLUMN_DATA(c, List) + at;
    int32_t *offset = (int32_t *)(void *)buf_take(&g->data, (int64_t)n * 4);
    int32_t from = 0, run = 0; // elements that lie side by side are taken at once
    int64_t end = g->elements;
    for (int32_t i = 0; i < n; i++) {
        List l = column_null(c, at + i) ? (List){0} : list[i];
        offset[i] = (int32_t)(end += l.n);
        if (l.n && l.at != from + run) {
            add_elements(g, c, from, run);
            from = l.at;
            run = 0;
        }
        run += l.n;
    }
    add_elements(g, c, from, run);
}
static void add_intervals(Gathered *g, const Column *c, int32_t at, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        Interval v = COLUMN_DATA(c, Interval)[at + i];
        buf_u32le(&g->data, (uint32_t)v.months);
        buf_u32le(&g->data, (uint32_t)v.days);
        buf_u64le(&g->data, (uint64_t)v.micros * 1000);
    }
}
static void add_column(Gathered *g, const Column *c, int32_t at, int32_t n)
{
    if (g->arrow == ARROW_NULL) {
        g->nulls = g->rows += n;
        return;
    }
    add_valid(g, c, at, n);
    Phys phys = type_phys(g->type);
    if (phys == PHYS_STR)
        add_strings(g, c, at, n);
    else if (phys == PHYS_LIST)
        add_lists(g, c, at, n);
    else if (phys == PHYS_INTERVAL)
        add_intervals(g, c, at, n);
    else if (phys == PHYS_BOOL)
        bits_put(&g->data, g->rows, COLUMN_DATA(c, uint8_t) + at, n);
    else if (phys == PHYS_STRUCT)
        for (int32_t f = 0; f < g->nkids; f++) add_column(&g->kid[f], &c->kid[f], at, n);
    else
        buf_put(&g->data, str_of((const char *)c->data + (int64_t)at * phys_bytes(phys),
                                 (int64_t)n * phys_bytes(phys)));
    g->rows += n;
}
void arrow_writer_add(ArrowWriter *w, const Batch *b)
{
    w->sealed = false;
    for (int32_t i = 0; i < b->cols; i++) add_column(&w->top.kid[i], &b->col[i], 0, b->rows);
    w->top.rows += b->rows;
}
static void clear(Gathered *g)
{
    g->rows = g->nulls = g->elements = 0;
    buf_clear(&g->valid);
    buf_clear(&g->data);
    buf_clear(&g->bytes);
    for (int32_t i = 0; i < g->nkids; i++) clear(&g->kid[i]);
}
static int64_t held(const Gathered *g)
{
    int64_t n = g->valid.n + g->data.n + g->bytes.n;
    for (int32_t i = 0; i < g->nkids; i++) n += held(&g->kid[i]);
    return n;
}

// ---- the schema's message ----------------------------------------------------------------------

#define FBUF_TABLE(b, ...)                                                                         \
    fbuf_table((b), (const uint8_t[]){__VA_ARGS__}, (int32_t)sizeof((const uint8_t[]){__VA_ARGS__}))

static int64_t put_int(Buf *b, int32_t bits)
{
    FbufTable t = FBUF_TABLE(b, 4, 1);
    fbuf_set(b, t.slot[0], bits, 4);
    fbuf_set(b, t.slot[1], 1, 1);
    return t.at;
}
static int64_t put_unit(Buf *b, int32_t unit, int32_t bits) // bits 0: the table has no such slot
{
    FbufTable t = bits ? FBUF_TABLE(b, 2, 4) : FBUF_TABLE(b, 2);
    fbuf_set(b, t.slot[0], unit, 2);
    if (bits) fbuf_set(b, t.slot[1], bits, 4);
    return t.at;
}
static int64_t put_timestamp(Buf *b, Str zone)
{
    FbufTable t = zone.n ? FBUF_TABLE(b, 2, 4) : FBUF_TABLE(b, 2);
    fbuf_set(b, t.slot[0], UNIT_MICRO, 2);
    if (zone.n) fbuf_point(b, t.slot[1], fbuf_str(b, zone));
    return t.at;
}
static int64_t put_decimal(Buf *b, const Type *type)
{
    FbufTable t = FBUF_TABLE(b, 4, 4, 4);
    fbuf_set(b, t.slot[0], type->precision, 4);
    fbuf_set(b, t.slot[1], type->scale, 4);
    fbuf_set(b, t.slot[2], 128, 4);
    return t.at;
}
static int64_t put_type(Buf *b, const Gathered *g, Str zone)
{
    switch (g->arrow) {
    case ARROW_INT: return put_int(b, phys_bytes(type_phys(g->type)) * 8);
    case ARROW_FLOAT: return put_unit(b, g->type->id == T_DOUBLE ? 2 : 1, 0);
    case ARROW_DECIMAL: return put_decimal(b, g->type);
    case ARROW_DATE: return put_unit(b, 0, 0);
    case ARROW_TIME: return put_unit(b, UNIT_NANO, 64);
    case ARROW_TIMESTAMP: return put_timestamp(b, g->type->id == T_TIMESTAMP ? zone : (Str){0});
    case ARROW_INTERVAL:
        return put_unit(b, g->type->id == T_INTERVAL ? UNIT_MONTH_DAY_NANO : UNIT_YEAR_MONTH, 0);
    case ARROW_DURATION: return put_unit(b, UNIT_MICRO, 0);
    case ARROW_MAP: return FBUF_TABLE(b, 1).at;
    case ARROW_NULL:
    case ARROW_BINARY:
    case ARROW_UTF8:
    case ARROW_BOOL:
    case ARROW_LIST:
    case ARROW_STRUCT: return fbuf_table(b, NULL, 0).at;
    }
    must_failed("ArrowType", __FILE__, __LINE__);
}
static int64_t put_field(Buf *b, const Gathered *g, Str zone);
static int64_t put_fields(Buf *b, const Gathered *of, Str zone)
{
    int64_t v = fbuf_vector(b, of->nkids, 4);
    buf_fill(b, 0, 4 * (int64_t)of->nkids);
    for (int32_t i = 0; i < of->nkids; i++)
        fbuf_point(b, v + 4 + 4 * i, put_field(b, &of->kid[i], zone));
    return v;
}
static int64_t put_field(Buf *b, const Gathered *g, Str zone)
{
    FbufTable t = FBUF_TABLE(b, 4, 1, 1, 4, 0, 4);
    fbuf_point(b, t.slot[0], fbuf_str(b, g->name));
    fbuf_set(b, t.slot[1], g->nullable, 1);
    fbuf_set(b, t.slot[2], g->arrow, 1);
    fbuf_point(b, t.slot[3], put_type(b, g, zone));
    fbuf_point(b, t.slot[5], put_fields(b, g, zone));
    return t.at;
}

// ---- messages ----------------------------------------------------------------------------------

// The continuation mark and the length, set by message_end; the root; where its header is to be
// pointed from.
static int64_t message_begin(Buf *b, int32_t header, int64_t body)
{
    buf_clear(b);
    buf_fill(b, 0, 16); // the root lies at 8, and pads its table to a multiple of 8
    FbufTable t = FBUF_TABLE(b, 2, 1, 4, 8);
    fbuf_point(b, 8, t.at);
    fbuf_set(b, t.slot[0], VERSION_V5, 2);
    fbuf_set(b, t.slot[1], header, 1);
    fbuf_set(b, t.slot[3], body, 8);
    return t.slot[2];
}
static void message_end(Buf *b)
{
    if (b->n % 8) buf_fill(b, 0, 8 - b->n % 8);
    fbuf_set(b, 0, 0xFFFFFFFF, 4);
    fbuf_set(b, 4, b->n - 8, 4);
}
static void make_schema(ArrowWriter *w)
{
    Buf *b = &w->schema;
    int64_t header = message_begin(b, HEADER_SCHEMA, 0);
    FbufTable t = FBUF_TABLE(b, 2, 4);
    fbuf_point(b, header, t.at);
    fbuf_point(b, t.slot[1], put_fields(b, &w->top, w->zone));
    message_end(b);
}
ArrowWriter *arrow_writer_new(Arena *a, const Schema *s, Str zone)
{
    ArrowWriter *w = NEW(a, ArrowWriter, 1);
    *w = (ArrowWriter){.arena = a, .zone = str_copy(a, zone)};
    gathered_init(&w->top, a, (Str){0}, s, false);
    w->schema = w->meta = buf_new(a);
    make_schema(w);
    return w;
}
typedef struct Piece { // a buffer of the body
    Str bytes;
    bool offsets; // preceded by a first offset of 0
} Piece;
typedef struct Pieces {
    Piece *v;
    int64_t n, cap;
} Pieces;
static int64_t piece_bytes(const Piece *p) { return p->bytes.n + (p->offsets ? 4 : 0); }
static int64_t padded(int64_t n) { return (n + 7) / 8 * 8; }
static void list_pieces(const Gathered *g, Arena *a, Pieces *to)
{
    bool offsets = g->arrow == ARROW_UTF8 || g->arrow == ARROW_BINARY || g->arrow == ARROW_LIST ||
                   g->arrow == ARROW_MAP;
    if (g->arrow != ARROW_NULL)
        vec_push(a, to, ((Piece){g->nulls ? buf_str(&g->valid) : (Str){0}, false}));
    if (g->arrow != ARROW_NULL && g->arrow != ARROW_STRUCT)
        vec_push(a, to, ((Piece){buf_str(&g->data), offsets}));
    if (g->arrow == ARROW_UTF8 || g->arrow == ARROW_BINARY)
        vec_push(a, to, ((Piece){buf_str(&g->bytes), false}));
    for (int32_t i = 0; i < g->nkids; i++) list_pieces(&g->kid[i], a, to);
}
static int64_t count_nodes(const Gathered *g)
{
    int64_t n = 1;
    for (int32_t i = 0; i < g->nkids; i++) n += count_nodes(&g->kid[i]);
    return n;
}
static void put_nodes(Buf *b, const Gathered *g)
{
    buf_u64le(b, (uint64_t)g->rows);
    buf_u64le(b, (uint64_t)g->nulls);
    for (int32_t i = 0; i < g->nkids; i++) put_nodes(b, &g->kid[i]);
}
static Pieces body_pieces(const ArrowWriter *w, Arena *a)
{
    Pieces p = {0};
    for (int32_t i = 0; i < w->top.nkids; i++) list_pieces(&w->top.kid[i], a, &p);
    return p;
}
static void seal(ArrowWriter *w)
{
    Arena *a = arena_new(NULL);
    Pieces p = body_pieces(w, a);
    Buf *b = &w->meta;
    int64_t at = 0;
    w->body = 0;
    for (int64_t i = 0; i < p.n; i++) w->body += padded(piece_bytes(&p.v[i]));
    int64_t header = message_begin(b, HEADER_BATCH, w->body);
    FbufTable t = FBUF_TABLE(b, 8, 4, 4);
    fbuf_point(b, header, t.at);
    fbuf_set(b, t.slot[0], w->top.rows, 8);
    fbuf_point(b, t.slot[1], fbuf_vector(b, count_nodes(&w->top) - 1, 8));
    for (int32_t i = 0; i < w->top.nkids; i++) put_nodes(b, &w->top.kid[i]);
    fbuf_point(b, t.slot[2], fbuf_vector(b, p.n, 8));
    for (int64_t i = 0; i < p.n; i++) {
        int64_t n = piece_bytes(&p.v[i]);
        buf_u64le(b, (uint64_t)at);
        buf_u64le(b, (uint64_t)n);
        at += padded(n);
    }
    message_end(b);
    arena_free(a);
    w->sealed = true;
}
int64_t arrow_writer_rows(const ArrowWriter *w) { return w->top.rows; }
int64_t arrow_writer_held(const ArrowWriter *w) { return held(&w->top); }
int64_t arrow_writer_bytes(ArrowWriter *w)
{
    if (!w->sealed) seal(w);
    return w->schema.n + w->meta.n + w->body + 8;
}
void arrow_writer_take(ArrowWriter *w, Buf *out)
{
    Arena *a = arena_new(NULL);
    if (!w->sealed) seal(w);
    Pieces p = body_pieces(w, a);
    buf_room(out, arrow_writer_bytes(w));
    buf_put(out, buf_str(&w->schema));
    buf_put(out, buf_str(&w->meta));
    for (int64_t i = 0; i < p.n; i++) {
        int64_t n = piece_bytes(&p.v[i]);
        if (p.v[i].offsets) buf_u32le(out, 0);
        buf_put(out, p.v[i].bytes);
        buf_fill(out, 0, padded(n) - n);
    }
    buf_u32le(out, 0xFFFFFFFF);
    buf_u32le(out, 0);
    arena_free(a);
    clear(&w->top);
    w->sealed = false;
}
