// text_table.c -- Dataset.show. Lengths are counted as Java does, in UTF-16 units; East Asian wide
// characters take two places.
#include "fmt/text_table.h"

typedef VEC(Str) Cells; // row by row

struct TextTable {
    Arena *arena;
    const Schema *schema;
    TextTableOptions opt;
    Cells cells;  // the header first
    int64_t rows; // given so far, at most opt.rows + 1
};

static int64_t utf8_next(Str s, int64_t at,
                         uint32_t *cp) // s is well formed; bytes of the character
{
    uint8_t c = (uint8_t)s.p[at];
    int64_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    n = MIN(n, s.n - at);
    *cp = n == 1 ? c : c & (0x7fu >> n);
    for (int64_t i = 1; i < n; i++) *cp = *cp << 6 | ((uint32_t)s.p[at + i] & 0x3f);
    return n;
}

static bool is_wide(uint32_t cp)
{
    static const struct {
        uint16_t from, to;
    } wide[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff},
                {0xfe10, 0xfe19}, {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}};
    for (int64_t i = 0; i < COUNT(wide); i++)
        if (cp >= wide[i].from && cp <= wide[i].to) return true;
    return false;
}

static int64_t width(Str s)
{
    int64_t w = 0;
    for (int64_t at = 0; at < s.n;) {
        uint32_t cp;
        at += utf8_next(s, at, &cp);
        w += cp >= 0x10000 || is_wide(cp) ? 2 : 1;
    }
    return w;
}

static Str escaped(Arena *a, Str s) // what would break the lines
{
    static const char plain[] = "\n\r\t\f\b\v\a", letter[] = "nrtfbva";
    Buf b = buf_new(a);
    for (int64_t i = 0; i < s.n; i++) {
        const char *p = s.p[i] ? strchr(plain, s.p[i]) : NULL;
        if (p) buf_char(&b, '\\');
        buf_char(&b, p ? letter[p - plain] : s.p[i]);
    }
    return buf_str(&b);
}

// The first `units` UTF-16 units; *whole: that is all of s. Half a pair prints as a question mark.
static Str cut(Arena *a, Str s, int64_t units, bool *whole)
{
    int64_t at = 0;
    uint32_t cp;
    for (int64_t left = units; at < s.n && left > 0;) {
        int64_t n = utf8_next(s, at, &cp);
        if (cp >= 0x10000 && left == 1) {
            *whole = false;
            return str_cat(a, str_of(s.p, at), S("?"));
        }
        left -= cp >= 0x10000 ? 2 : 1;
        at += n;
    }
    *whole = at == s.n;
    return str_of(s.p, at);
}

static Str cell(TextTable *t, const Column *c, int32_t row)
{
    Buf b = buf_new(t->arena);
    value_text(&b, c, row, &t->opt.form);
    Str s = escaped(t->arena, buf_str(&b));
    bool whole;
    if (t->opt.truncate <= 0) return s;
    cut(t->arena, s, t->opt.truncate, &whole);
    if (whole) return s;
    bool dots = t->opt.truncate >= 4;
    s = cut(t->arena, s, t->opt.truncate - 3 * dots, &whole);
    return dots ? str_cat(t->arena, s, S("...")) : s;
}

TextTable *text_table_new(Arena *a, const Schema *s, const TextTableOptions *o)
{
    TextTable *t = NEW(a, TextTable, 1);
    *t = (TextTable){.arena = a, .schema = s, .opt = *o};
    t->opt.rows = MAX(o->rows, 0);
    t->opt.form.null_text = S("NULL");
    t->opt.form.binary_hex = true;
    for (int32_t i = 0; i < s->nfields; i++) vec_push(a, &t->cells, escaped(a, s->field[i].name));
    return t;
}

bool text_table_full(const TextTable *t) { return t->rows > t->opt.rows; }

void text_table_add(TextTable *t, const Batch *b)
{
    must(b->cols == t->schema->nfields);
    for (int32_t i = 0; i < b->rows && !text_table_full(t); i++) {
        bool shown = t->rows++ < t->opt.rows;
        for (int32_t k = 0; shown && k < b->cols; k++)
            vec_push(t->arena, &t->cells, cell(t, &b->col[k], i));
    }
}

// ---- printing ----------------------------------------------------------------------------------

static int64_t shown_rows(const TextTable *t) { return MIN(t->rows, t->opt.rows); }

static Str at(const TextTable *t, int64_t row, int32_t col) // row 0: the header
{
    return t->cells.v[row * t->schema->nfields + col];
}

static void put_padded(Buf *to, Str s, int64_t w, bool left)
{
    int64_t pad = MAX(w - width(s), 0);
    if (!left) buf_fill(to, ' ', pad);
    buf_put(to, s);
    if (left) buf_fill(to, ' ', pad);
}

static void put_separator(Buf *to, const int64_t *w, int32_t n)
{
    buf_char(to, '+');
    for (int32_t k = 0; k < n; k++) {
        if (k) buf_char(to, '+');
        buf_fill(to, '-', w[k]);
    }
    buf_put(to, S("+\n"));
}

static void print_grid(const TextTable *t, Buf *to)
{
    int32_t n = t->schema->nfields;
    int64_t rows = shown_rows(t), *w = NEW(t->arena, int64_t, n);
    for (int32_t k = 0; k < n; k++) {
        w[k] = 3;
        for (int64_t i = 0; i <= rows; i++) w[k] = MAX(w[k], width(at(t, i, k)));
    }
    put_separator(to, w, n);
    for (int64_t i = 0; i <= rows; i++) {
        buf_char(to, '|');
        for (int32_t k = 0; k < n; k++) {
            if (k) buf_char(to, '|');
            put_padded(to, at(t, i, k), w[k], t->opt.truncate <= 0);
        }
        buf_put(to, S("|\n"));
        if (i == 0) put_separator(to, w, n);
    }
    put_separator(to, w, n);
}

static void print_vertical(const TextTable *t, Buf *to)
{
    int32_t n = t->schema->nfields;
    int64_t rows = shown_rows(t), names = 3, cells = 3;
    for (int32_t k = 0; k < n; k++) {
        names = MAX(names, width(at(t, 0, k)));
        for (int64_t i = 1; i <= rows; i++) cells = MAX(cells, width(at(t, i, k)));
    }
    for (int64_t i = 1; i <= rows; i++) {
        int64_t from = to->n;
        buf_fmt(to, "-RECORD %lld", (long long)(i - 1));
        buf_fill(to, '-', MAX(names + cells + 5 - (to->n - from), 0));
        buf_char(to, '\n');
        for (int32_t k = 0; k < n; k++) {
            buf_char(to, ' ');
            put_padded(to, at(t, 0, k), names, true);
            buf_put(to, S(" | "));
            put_padded(to, at(t, i, k), cells, true);
            buf_put(to, S(" \n"));
        }
    }
}

void text_table_print(const TextTable *t, Buf *to)
{
    if (t->opt.vertical)
        print_vertical(t, to);
    else
        print_grid(t, to);
    if (t->opt.vertical && shown_rows(t) == 0)
        buf_put(to, S("(0 rows)"));
    else if (text_table_full(t))
        buf_fmt(to, "only showing top %d row%s", t->opt.rows, t->opt.rows == 1 ? "" : "s");
}
