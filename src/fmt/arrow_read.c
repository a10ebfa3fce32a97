// arrow_read.c -- messages of the stream: the schema, then record batches, column by column in the
// order of their nodes and buffers.
#include "fmt/arrow_read.h"
#include "base/num.h"
#include "base/reader.h"
#include "fmt/arrow_read_in.h"

static Status corrupt(const char *what) { return fail(ERR_CORRUPT, "an Arrow stream: %s", what); }

static Status take_buffer(ArrowBody *b, Str *buffer)
{
    if (b->buffer >= b->buffers.n) return corrupt("a column without its buffers");
    int64_t at = flat_i64(&b->buffers, 16, b->buffer, 0);
    int64_t n = flat_i64(&b->buffers, 16, b->buffer, 8);
    b->buffer++;
    if (at < 0 || n < 0 || at > b->body.n || n > b->body.n - at)
        return corrupt("a buffer outside the body");
    *buffer = n ? str_sub(b->body, at, n) : S("");
    must(buffer->p);
    return DONE;
}

static Status need_bytes(Str buffer, int64_t count, int64_t each)
{
    return count <= buffer.n / each ? DONE : corrupt("a buffer shorter than its rows");
}

static bool bit(Str bits, int64_t i) { return (uint8_t)bits.p[i >> 3] >> (i & 7) & 1; }

static Status read_valid(ArrowBody *b, Column *c, int64_t nulls)
{
    Str bits = S("");
    TRY(take_buffer(b, &bits));
    if (!bits.n && nulls == 0) return DONE;
    if (nulls == 0) return DONE;
    TRY(need_bytes(bits, (c->rows + 7) / 8, 1));
    c->valid = NEW_RAW(b->arena, uint8_t, c->rows);
    for (int32_t i = 0; i < c->rows; i++) c->valid[i] = bit(bits, i);
    return DONE;
}

static Status read_bools(ArrowBody *b, Column *c)
{
    Str bits = S("");
    TRY(take_buffer(b, &bits));
    TRY(need_bytes(bits, ((int64_t)c->rows + 7) / 8, 1));
    for (int32_t i = 0; i < c->rows; i++) COLUMN_DATA(c, uint8_t)[i] = bit(bits, i);
    return DONE;
}

#define LOAD(T, p, i)                                                                              \
    ({                                                                                             \
        T v_;                                                                                      \
        memcpy(&v_, (p) + (int64_t)(i) * (int64_t)sizeof(T), sizeof v_);                           \
        v_;                                                                                        \
    })

// Integers of a width to integers of another, times mul, divided by div (rounding down).
static bool scale(int64_t *v, const ArrowType *t)
{
    if (__builtin_mul_overflow(*v, t->mul, v)) return false;
    int64_t q = *v / t->div;
    *v = q - (*v % t->div < 0);
    return true;
}

static int64_t load_int(const char *p, int64_t i, const ArrowType *t)
{
    switch (t->bytes) {
    case 1: return t->is_unsigned ? LOAD(uint8_t, p, i) : LOAD(int8_t, p, i);
    case 2: return t->is_unsigned ? LOAD(uint16_t, p, i) : LOAD(int16_t, p, i);
    case 4: return t->is_unsigned ? (int64_t)LOAD(uint32_t, p, i) : LOAD(int32_t, p, i);
    }
    return LOAD(int64_t, p, i);
}

static void store_int(Column *c, int32_t i, int64_t v)
{
    switch (phys_bytes(type_phys(c->type))) {
    case 1: COLUMN_DATA(c, int8_t)[i] = (int8_t)v; return;
    case 2: COLUMN_DATA(c, int16_t)[i] = (int16_t)v; return;
    case 4: COLUMN_DATA(c, int32_t)[i] = (int32_t)v; return;
    }
    COLUMN_DATA(c, int64_t)[i] = v;
}

static Status read_ints(ArrowBody *b, const ArrowType *t, Column *c)
{
    Str data = S("");
    TRY(take_buffer(b, &data));
    TRY(need_bytes(data, c->rows, t->bytes));
    for (int32_t i = 0; i < c->rows; i++) {
        int64_t v = column_null(c, i) ? 0 : load_int(data.p, i, t);
        if (!scale(&v, t)) return corrupt("a time beyond what microseconds reach");
        store_int(c, i, v);
    }
    return DONE;
}

static Status read_fixed(ArrowBody *b, Column *c)
{
    Str data = S("");
    int64_t width = phys_bytes(type_phys(c->type));
    TRY(take_buffer(b, &data));
    TRY(need_bytes(data, c->rows, width));
    if (c->rows) memcpy(c->data, data.p, (size_t)(c->rows * width));
    for (int32_t i = 0; c->type->id == T_DECIMAL && i < c->rows; i++)
        if (!column_null(c, i) && num_precision(COLUMN_DATA(c, Int128)[i]) > c->type->precision)
            return corrupt("a decimal of more digits than its type");
    return DONE;
}

static Status read_intervals(ArrowBody *b, const ArrowType *t, Column *c)
{
    Str data = S("");
    TRY(take_buffer(b, &data));
    TRY(need_bytes(data, c->rows, t->bytes));
    for (int32_t i = 0; i < c->rows; i++) {
        const char *p = data.p + (int64_t)i * t->bytes;
        if (c->type->id == T_INTERVAL) COLUMN_DATA(c, Interval)
        [i] = (Interval){LOAD(int32_t, p, 0), LOAD(int32_t, p, 1), LOAD(int64_t, p, 1) / 1000};
        else COLUMN_DATA(c, int64_t)[i] =
            (int64_t)LOAD(int32_t, p, 0) * 86400000000 + (int64_t)LOAD(int32_t, p, 1) * 1000;
    }
    return DONE;
}

// n + 1 offsets, not falling, within `room`.
static Status read_offsets(ArrowBody *b, const ArrowType *t, int32_t rows, int64_t **offsets)
{
    Str data = S("");
    TRY(take_buffer(b, &data));
    *offsets = NEW(b->arena, int64_t, (int64_t)rows + 1);
    if (!rows && !data.n) return DONE; // an empty column may have none
    TRY(need_bytes(data, (int64_t)rows + 1, t->bytes));
    for (int64_t i = 0; i <= rows; i++) {
        (*offsets)[i] = t->bytes == 8 ? LOAD(int64_t, data.p, i) : LOAD(int32_t, data.p, i);
        if ((*offsets)[i] < (i ? (*offsets)[i - 1] : 0)) return corrupt("offsets that fall");
    }
    return DONE;
}

static Status read_strings(ArrowBody *b, const ArrowType *t, Column *c)
{
    int64_t *at = NULL;
    Str data = S("");
    TRY(read_offsets(b, t, c->rows, &at));
    TRY(take_buffer(b, &data));
    if (at[c->rows] > data.n) return corrupt("a text outside its buffer");
    for (int32_t i = 0; i < c->rows; i++)
        COLUMN_DATA(c, Str)[i] = (Str){data.p + at[i], at[i + 1] - at[i]};
    return DONE;
}

static Status read_sized(ArrowBody *b, const ArrowType *t, Column *c)
{
    Str data = S("");
    TRY(take_buffer(b, &data));
    if (t->size) TRY(need_bytes(data, c->rows, t->size));
    for (int32_t i = 0; i < c->rows; i++)
        COLUMN_DATA(c, Str)[i] = (Str){data.p + (int64_t)i * t->size, t->size};
    return DONE;
}

static Status next_node(ArrowBody *b, int64_t *rows, int64_t *nulls)
{
    if (b->node >= b->nodes.n) return corrupt("a column without its node");
    *rows = flat_i64(&b->nodes, 16, b->node, 0);
    *nulls = flat_i64(&b->nodes, 16, b->node, 8);
    b->node++;
    if (*rows < 0 || *rows > b->rows_max || *nulls < 0 || *nulls > *rows)
        return corrupt("an impossible number of rows");
    return DONE;
}

static Status read_column(ArrowBody *b, const ArrowType *t, int64_t least, bool exactly, Column *c);

// The kids of a map are those of its struct of entries.
static Status read_entries(ArrowBody *b, const ArrowType *t, int64_t least, Column *kid)
{
    int64_t rows = 0, nulls = 0;
    TRY(next_node(b, &rows, &nulls));
    Str valid = S("");
    TRY(take_buffer(b, &valid));
    if (rows < least || nulls) return corrupt("a map without its entries");
    for (int32_t k = 0; k < 2; k++) TRY(read_column(b, &t->kid[k], rows, true, &kid[k]));
    return kid[0].valid ? corrupt("a map with a NULL key") : DONE;
}

static Status read_lists(ArrowBody *b, const ArrowType *t, Column *c)
{
    int64_t *at = NULL, most = (int64_t)c->rows * t->size;
    if (t->kind != ARROW_SIZED_LIST) {
        TRY(read_offsets(b, t, c->rows, &at));
        most = at[c->rows];
    }
    if (most > INT32_MAX) return fail(ERR_LIMIT, "an Arrow list column of too many elements");
    for (int32_t i = 0; i < c->rows; i++) COLUMN_DATA(c, List)
    [i] = at ? (List){(int32_t)at[i], (int32_t)(at[i + 1] - at[i])} : (List){i * t->size, t->size};
    c->kid = NEW(b->arena, Column, 2);
    if (t->kind == ARROW_MAP) return read_entries(b, &t->kid[0], most, c->kid);
    return read_column(b, &t->kid[0], most, false, &c->kid[0]);
}

static Status read_struct(ArrowBody *b, const ArrowType *t, Column *c)
{
    c->kid = NEW(b->arena, Column, t->nkids);
    for (int32_t k = 0; k < t->nkids; k++)
        TRY(read_column(b, &t->kid[k], c->rows, true, &c->kid[k]));
    return DONE;
}

static Status read_data(ArrowBody *b, const ArrowType *t, Column *c)
{
    switch (t->kind) {
    case ARROW_NULL: return DONE;
    case ARROW_BOOL: return read_bools(b, c);
    case ARROW_INT: return read_ints(b, t, c);
    case ARROW_FIXED: return read_fixed(b, c);
    case ARROW_INTERVAL: return read_intervals(b, t, c);
    case ARROW_STRING: return read_strings(b, t, c);
    case ARROW_SIZED_STRING: return read_sized(b, t, c);
    case ARROW_LIST:
    case ARROW_SIZED_LIST:
    case ARROW_MAP: return read_lists(b, t, c);
    case ARROW_STRUCT: return read_struct(b, t, c);
    }
    must_failed("ArrowKind", __FILE__, __LINE__);
}

// A column of at least (or exactly) so many rows: the elements of lists may be more than are used.
static Status read_column(ArrowBody *b, const ArrowType *t, int64_t least, bool exactly, Column *c)
{
    int64_t rows = 0, nulls = 0;
    TRY(next_node(b, &rows, &nulls));
    if (exactly ? rows != least : rows < least) return corrupt("columns of different lengths");
    if (t->kind == ARROW_NULL) {
        *c = column_null_of(b->arena, t->type, (int32_t)rows);
        return DONE;
    }
    *c = (Column){.type = t->type, .rows = (int32_t)rows};
    if (t->type->id != T_STRUCT)
        c->data = arena_alloc(b->arena, phys_bytes(type_phys(t->type)), 16, rows);
    TRY(read_valid(b, c, nulls));
    return read_data(b, t, c);
}

static Status read_batch(ArrowRead *r, const FlatTable *t, Str body, Batch *batch)
{
    ArrowBody b = {.arena = r->arena,
                   .body = body,
                   .nodes = flat_list(t, 1, 16),
                   .buffers = flat_list(t, 2, 16),
                   .rows_max = r->rows_max};
    int64_t rows = flat_int(t, 0, 8, 0);
    must(r->schema && r->root.nkids >= 0);
    if (flat_has(t, 3)) return fail(ERR_UNSUPPORTED, "a compressed Arrow batch");
    if (rows < 0 || rows > r->rows_max) return corrupt("an impossible number of rows");
    *batch = (Batch){.rows = (int32_t)rows, .cols = r->root.nkids};
    batch->col = NEW(r->arena, Column, r->root.nkids);
    for (int32_t k = 0; k < batch->cols; k++)
        TRY(read_column(&b, &r->root.kid[k], rows, true, &batch->col[k]));
    return t->in->bad ? corrupt("a broken record batch") : DONE;
}

static void slice_batch(ArrowRead *r, const Batch *whole)
{
    for (int32_t at = 0; at < whole->rows; at += BATCH_ROWS) {
        Batch part = batch_slice(r->arena, whole, at, MIN(BATCH_ROWS, whole->rows - at));
        vec_push(r->arena, &r->batches, part);
    }
}

static Status read_message(ArrowRead *r, Str head, Str rest, int64_t *body_bytes)
{
    enum { SCHEMA = 1, DICTIONARY = 2, RECORD_BATCH = 3 };
    Flat flat = {.bytes = head};
    FlatTable m = flat_root(&flat);
    int64_t kind = flat_int(&m, 1, 1, 0);
    FlatTable t = flat_table(&m, 2);
    *body_bytes = flat_int(&m, 3, 8, 0);
    if (flat.bad || *body_bytes < 0 || *body_bytes > rest.n) return corrupt("a broken message");
    if (kind == SCHEMA && r->schema) return corrupt("two schemas");
    if (kind == SCHEMA) return arrow_schema(r, &t);
    if (kind == DICTIONARY) return fail(ERR_UNSUPPORTED, "a dictionary in an Arrow stream");
    if (kind != RECORD_BATCH) return corrupt("a message of no known kind");
    if (!r->schema) return corrupt("rows before the schema");
    Batch whole = {0};
    TRY(read_batch(r, &t, str_sub(rest, 0, *body_bytes), &whole));
    slice_batch(r, &whole);
    return DONE;
}

static Status read_messages(ArrowRead *r, Str stream)
{
    enum { CONTINUES = -1 };
    Reader in = reader_of(stream);
    while (reader_left(&in)) {
        int32_t n = (int32_t)reader_u32le(&in);
        if (n == CONTINUES) n = (int32_t)reader_u32le(&in);
        if (n == 0 && !in.bad) return DONE;
        Str head = reader_bytes(&in, n);
        Str rest = {(const char *)in.at, reader_left(&in)};
        if (in.bad) return corrupt("it ends within a message");
        int64_t body = 0;
        TRY(read_message(r, head, rest, &body));
        reader_take(&in, body);
    }
    return DONE;
}

Status arrow_read(ArrowRows *rows, Arena *a, Str stream)
{
    enum { ROWS_WITHOUT_BYTES = 1 << 20 }; // of columns that have no data
    ArrowRead r = {.arena = a};
    r.rows_max = MIN(MAX(stream.n * 8, ROWS_WITHOUT_BYTES), INT32_MAX - BATCH_ROWS);
    TRY(read_messages(&r, stream));
    if (!r.schema) return corrupt("it has no schema");
    *rows = (ArrowRows){r.schema, r.batches.v, (int32_t)r.batches.n};
    return DONE;
}
