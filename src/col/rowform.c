// rowform.c -- columns to flat rows and back, column by column.
#include "col/rowform.h"
#include "col/pack.h"

typedef struct Place {
    const Type *type;
    Phys phys;
    int32_t at, width;
    bool text, nested; // its bytes follow the fixed part; they are packed values
    Str *packed;       // of the rows that rowform_measure saw
} Place;
typedef struct Text { // a string's value in the fixed part
    uint32_t at, n;
} Text;
struct RowForm {
    Place *place;
    int32_t n;
    int32_t nulls_at, fixed; // fixed: bytes before the strings
    bool texts;
    uint32_t *end; // of each row while its strings are written
};

RowForm *rowform_new(Arena *a, const Schema *s)
{
    static const int32_t widths[] = {16, 8, 4, 2, 1};
    RowForm *f = NEW(a, RowForm, 1);
    f->n = s->nfields;
    f->place = NEW(a, Place, f->n + 1);
    f->end = NEW(a, uint32_t, BATCH_ROWS);
    for (int32_t c = 0; c < f->n; c++) {
        Place *p = &f->place[c];
        p->type = s->field[c].type;
        p->phys = type_phys(p->type);
        p->nested = p->phys == PHYS_LIST || p->phys == PHYS_STRUCT;
        p->text = p->nested || p->phys == PHYS_STR;
        p->width = p->text ? (int32_t)sizeof(Text) : phys_bytes(p->phys);
        if (p->nested) p->packed = NEW(a, Str, BATCH_ROWS);
        f->texts |= p->text;
    }
    int32_t at = 0;
    for (int64_t w = 0; w < COUNT(widths); w++)
        for (int32_t c = 0; c < f->n; c++) {
            if (f->place[c].width != widths[w]) continue;
            f->place[c].at = at;
            at += widths[w];
        }
    f->nulls_at = at;
    f->fixed = at + (f->n + 7) / 8;
    return f;
}

static inline int32_t at_row(const int32_t *row, int32_t i) { return row ? row[i] : i; }

static void measure_texts(const Column *c, const int32_t *row, int32_t n, int64_t *bytes)
{
    const Str *v = c->data;
    for (int32_t i = 0; i < n; i++) {
        int32_t r = at_row(row, i);
        if (!c->valid || c->valid[r]) bytes[i] += v[r].n;
    }
}
static void measure_nested(Place *p, Arena *a, const Column *c, const int32_t *row, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        Buf b = buf_new(a);
        if (!column_null(c, at_row(row, i))) value_pack(&b, c, at_row(row, i));
        p->packed[i] = buf_str(&b);
    }
}
void rowform_measure(RowForm *f, Arena *a, const Batch *b, const int32_t *row, int32_t n,
                     int64_t *bytes)
{
    must(n <= BATCH_ROWS && b->cols == f->n);
    for (int32_t i = 0; i < n; i++) bytes[i] = f->fixed;
    for (int32_t c = 0; f->texts && c < f->n; c++) {
        Place *p = &f->place[c];
        if (p->phys == PHYS_STR) measure_texts(&b->col[c], row, n, bytes);
        if (!p->nested) continue;
        measure_nested(p, a, &b->col[c], row, n);
        for (int32_t i = 0; i < n; i++) bytes[i] += p->packed[i].n;
    }
    for (int32_t i = 0; i < n; i++) {
        bytes[i] = (bytes[i] + 7) & ~INT64_C(7);
        must(bytes[i] < INT32_MAX);
    }
}

#define PLACED(X) X(1, uint8_t) X(2, uint16_t) X(4, uint32_t) X(8, uint64_t) X(16, Int128)
#define PLACE_WRITE(w, T)                                                                          \
    static void write_##w(const Place *p, const Column *c, const int32_t *row, int32_t n,          \
                          char *const *to)                                                         \
    {                                                                                              \
        for (int32_t i = 0; i < n; i++)                                                            \
            memcpy(to[i] + p->at, (const char *)c->data + (size_t)at_row(row, i) * sizeof(T),      \
                   sizeof(T));                                                                     \
    }                                                                                              \
    static void read_##w(const Place *p, Column *c, const char *const *row, int32_t n)             \
    {                                                                                              \
        for (int32_t i = 0; i < n; i++)                                                            \
            memcpy((char *)c->data + (size_t)i * sizeof(T), row[i] + p->at, sizeof(T));            \
    }
PLACED(PLACE_WRITE)

static void write_values(const Place *p, const Column *c, const int32_t *row, int32_t n,
                         char *const *to)
{
    switch (p->width) {
#define PLACE_CASE(w, T)                                                                           \
    case w: write_##w(p, c, row, n, to); return;
        PLACED(PLACE_CASE)
#undef PLACE_CASE
    }
    must_failed("width of a place", __FILE__, __LINE__);
}
static void write_texts(RowForm *f, const Place *p, const Column *c, const int32_t *row, int32_t n,
                        char *const *to)
{
    const Str *v = c->data;
    for (int32_t i = 0; i < n; i++) {
        int32_t r = at_row(row, i);
        Str s = p->nested ? p->packed[i] : !c->valid || c->valid[r] ? v[r] : (Str){0};
        Text text = {f->end[i], (uint32_t)s.n};
        memcpy(to[i] + p->at, &text, sizeof text);
        if (s.n) memcpy(to[i] + text.at, s.p, (size_t)s.n);
        f->end[i] += text.n;
    }
}
static void write_nulls(const RowForm *f, int32_t col, const Column *c, const int32_t *row,
                        int32_t n, char *const *to)
{
    int32_t at = f->nulls_at + col / 8;
    for (int32_t i = 0; i < n; i++) {
        uint8_t valid = !c->valid || c->valid[at_row(row, i)];
        to[i][at] = (char)((uint8_t)to[i][at] | valid << col % 8);
    }
}
void rowform_write(RowForm *f, const Batch *b, const int32_t *row, int32_t n, char *const *to)
{
    for (int32_t i = 0; i < n; i++) {
        memset(to[i] + f->nulls_at, 0, (size_t)(f->fixed - f->nulls_at));
        f->end[i] = (uint32_t)f->fixed;
    }
    for (int32_t c = 0; c < f->n; c++) {
        const Place *p = &f->place[c];
        if (p->text)
            write_texts(f, p, &b->col[c], row, n, to);
        else
            write_values(p, &b->col[c], row, n, to);
        write_nulls(f, c, &b->col[c], row, n, to);
    }
    for (int32_t i = 0; i < n; i++) memset(to[i] + f->end[i], 0, (size_t)(-f->end[i] & 7));
}

static inline bool rowform_valid(const RowForm *f, const char *row, int32_t c)
{
    return (uint8_t)row[f->nulls_at + c / 8] >> c % 8 & 1;
}
static void read_nulls(const RowForm *f, Arena *a, Column *col, int32_t c, const char *const *row)
{
    uint8_t all = 1, *valid = NEW_RAW(a, uint8_t, col->rows + 1);
    for (int32_t i = 0; i < col->rows; i++) all &= valid[i] = rowform_valid(f, row[i], c);
    if (!all) col->valid = valid;
}
static inline Str text_of(const Place *p, const char *row)
{
    Text t;
    memcpy(&t, row + p->at, sizeof t);
    return str_of(row + t.at, t.n);
}
static Column read_nested(const RowForm *f, Arena *a, int32_t c, const char *const *row, int32_t n)
{
    const Place *p = &f->place[c];
    Builder *b = builder_new(a, p->type);
    for (int32_t i = 0; i < n; i++) {
        Reader r = reader_of(text_of(p, row[i]));
        if (!rowform_valid(f, row[i], c))
            builder_null(b);
        else
            must(value_unpack(&r, b)); // rowform_check looked at what came from outside
    }
    return builder_column(b);
}
Column rowform_column(const RowForm *f, Arena *a, int32_t c, const char *const *row, int32_t n)
{
    const Place *p = &f->place[c];
    if (p->nested) return read_nested(f, a, c, row, n);
    Column col = column_new(a, p->type, n);
    read_nulls(f, a, &col, c, row);
    if (p->text) {
        for (int32_t i = 0; i < n; i++) COLUMN_DATA(&col, Str)[i] = text_of(p, row[i]);
        return col;
    }
    switch (p->width) {
#define PLACE_CASE(w, T)                                                                           \
    case w: read_##w(p, &col, row, n); return col;
        PLACED(PLACE_CASE)
#undef PLACE_CASE
    }
    must_failed("width of a place", __FILE__, __LINE__);
}

static bool check_nested(const Place *p, const char *row)
{
    Arena *a = arena_new(NULL);
    Reader r = reader_of(text_of(p, row));
    bool ok = value_unpack(&r, builder_new(a, p->type)) && !reader_left(&r);
    arena_free(a);
    return ok;
}
bool rowform_check(const RowForm *f, Str row)
{
    if (row.n < f->fixed || row.n % 8) return false;
    for (int32_t c = 0; c < f->n; c++) {
        const Place *p = &f->place[c];
        if (p->phys == PHYS_BOOL && (uint8_t)row.p[p->at] > 1) return false;
        if (!p->text) continue;
        Text t;
        memcpy(&t, row.p + p->at, sizeof t);
        if (t.at > row.n || t.n > row.n - t.at) return false;
        if (p->nested && rowform_valid(f, row.p, c) && !check_nested(p, row.p)) return false;
    }
    return true;
}
