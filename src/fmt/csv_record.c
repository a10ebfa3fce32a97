// csv_record.c -- one record of a CSV text as tokens, and one field back as text, both as the
// parser under Spark (univocity) does it: quotes matter only where a field begins; a quote inside
// quotes that neither escapes nor closes makes the rest up to the separator plain text.
#include "fmt/csv.h"

typedef struct Lexer {
    const CsvOptions *o;
    const char *p, *end;
    char sep, quote, escape, escape2; // 0: none
    bool one;                         // the separator is one byte
    Arena *arena;
} Lexer;

static char char_of(Str s) { return s.n ? s.p[0] : 0; }

static Lexer lexer_of(const CsvOptions *o, Str text, Arena *a)
{
    Lexer x = {.o = o, .p = text.p, .end = text.p + text.n, .arena = a};
    x.sep = o->sep.p[0];
    x.one = o->sep.n == 1;
    x.quote = char_of(o->quote);
    x.escape = char_of(o->escape);
    x.escape2 = o->escape_escape.n ? char_of(o->escape_escape) : x.quote == x.escape ? 0 : x.escape;
    return x;
}

static inline bool at_sep(const Lexer *x, const char *p)
{
    if (p >= x->end || *p != x->sep) return false;
    return x->one || (x->end - p >= x->o->sep.n && !memcmp(p, x->o->sep.p, (size_t)x->o->sep.n));
}

static inline bool at_line_end(const Lexer *x, const char *p)
{
    if (p >= x->end) return true;
    if (x->o->line_sep.n) return *p == x->o->line_sep.p[0];
    return *p == '\n' || *p == '\r';
}

static inline bool at_end(const Lexer *x, const char *p)
{
    return at_line_end(x, p) || at_sep(x, p);
}

static const char *field_end(const Lexer *x, const char *p)
{
    while (!at_end(x, p)) p++;
    return p;
}

static bool is_blank(char c) { return (uint8_t)c <= ' '; }

static Str trimmed(const Lexer *x, Str s)
{
    while (x->o->trim_right && s.n && is_blank(s.p[s.n - 1])) s.n--;
    return s;
}

// A field in quotes: pieces of the text, put together when something between them had to go.
typedef struct Quoted {
    Buf buf;
    const char *from; // not yet in buf
    bool pieces;
} Quoted;

static void take(Quoted *q, const char *to, char extra) // what was passed, then one character
{
    buf_put(&q->buf, str_of(q->from, to - q->from));
    if (extra) buf_char(&q->buf, extra);
    q->pieces = true;
}

static Str whole(Quoted *q, const char *to)
{
    if (!q->pieces) return str_of(q->from, to - q->from);
    take(q, to, 0);
    return buf_str(&q->buf);
}

// The quote at p closes nothing: all is text, from the opening quote to the separator.
static Str unescaped(Lexer *x, Quoted *q, const char *p)
{
    Buf b = buf_new(x->arena);
    const char *end = field_end(x, p);
    buf_char(&b, x->quote);
    buf_put(&b, whole(q, p));
    buf_put(&b, str_of(p, end - p));
    x->p = end;
    return trimmed(x, buf_str(&b));
}

// Two characters that stand for the second.
static bool is_escape(const Lexer *x, const char *p)
{
    if (p + 1 >= x->end) return false;
    if (x->escape && *p == x->escape && p[1] == x->quote) return true;
    return x->escape2 && *p == x->escape2 && p[1] == x->escape;
}

// x->p stands behind the opening quote.
static Str quoted(Lexer *x)
{
    Quoted q = {buf_new(x->arena), x->p, false};
    if (x->p == x->end) return str_of(x->p - 1, 1);
    for (const char *p = x->p;;) {
        if (p == x->end) { // never closed
            x->p = p;
            return whole(&q, p);
        }
        if (is_escape(x, p)) {
            take(&q, p, p[1]);
            q.from = p += 2;
        } else if (*p != x->quote) {
            if (*p == '\r' && p + 1 < x->end && p[1] == '\n') { // as one line feed
                take(&q, p, 0);
                q.from = p + 1;
            }
            p++;
        } else {
            const char *next = p + 1;
            while (next < x->end && is_blank(*next) && !at_end(x, next)) next++;
            if (at_end(x, next)) {
                x->p = next;
                return whole(&q, p);
            }
            if (p[1] != x->quote) return unescaped(x, &q, p);
            p++; // the first of two belongs to the value
        }
    }
}

static Str field(Lexer *x)
{
    const CsvOptions *o = x->o;
    while (o->trim_left && !at_end(x, x->p) && is_blank(*x->p)) x->p++;
    if (at_end(x, x->p)) return o->null_value;
    if (x->quote && *x->p == x->quote) {
        x->p++;
        Str s = quoted(x);
        return s.n ? s : o->empty_value;
    }
    const char *from = x->p;
    x->p = field_end(x, from);
    Str s = trimmed(x, str_of(from, x->p - from));
    return s.n ? s : o->null_value;
}

static void push(CsvRow *row, Arena *a, Str token)
{
    if (row->n == row->cap) {
        int32_t cap = MAX(2 * row->cap, 32);
        row->token = arena_grow(a, row->token, row->cap * (int64_t)sizeof(Str),
                                cap * (int64_t)sizeof(Str), _Alignof(Str));
        row->cap = cap;
    }
    row->token[row->n++] = token;
}

static void pass_line_end(Lexer *x)
{
    if (x->p == x->end) return;
    bool pair = !x->o->line_sep.n && *x->p == '\r' && x->p + 1 < x->end && x->p[1] == '\n';
    x->p += pair ? 2 : 1;
}

bool csv_skips(const CsvOptions *o, Str line)
{
    if (o->comment.n && str_starts(line, o->comment)) return true;
    for (int64_t i = 0; i < line.n; i++)
        if (!is_blank(line.p[i])) return false;
    return true;
}

bool csv_record(const CsvOptions *o, Str text, int64_t *at, CsvRow *row, Arena *a)
{
    Lexer x = lexer_of(o, text, a);
    for (x.p += *at; x.p < x.end; pass_line_end(&x)) { // blank lines and comments
        const char *p = x.p;
        while (!at_line_end(&x, p)) p++;
        bool passed = p == x.p || (!o->multi_line && csv_skips(o, str_of(x.p, p - x.p)));
        if (!passed && !(o->comment.n && *x.p == o->comment.p[0])) break;
        x.p = p;
    }
    const char *from = x.p;
    row->n = 0;
    *at = text.n;
    if (x.p == x.end) return false;
    for (;;) {
        push(row, a, field(&x));
        if (!at_sep(&x, x.p)) break;
        x.p += o->sep.n;
    }
    row->raw = str_of(from, x.p - from);
    pass_line_end(&x);
    *at = x.p - text.p;
    return true;
}

// ---- writing -----------------------------------------------------------------------------------

static bool needs_quotes(const CsvOptions *o, Str s)
{
    char sep = o->sep.p[0], quote = char_of(o->quote);
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\n' || c == '\r' || (c == quote && quote && o->escape_quotes)) return true;
        if (c == sep && str_starts(str_from(s, i), o->sep)) return true;
    }
    return o->comment.n && s.n && s.p[0] == o->comment.p[0];
}

void csv_put(const CsvOptions *o, Str s, bool null, Buf *out)
{
    if (null && !o->quote_all) {
        buf_put(out, o->null_value);
        return;
    }
    if (null) s = o->null_value;
    char quote = char_of(o->quote), escape = char_of(o->escape);
    char twice = o->escape_escape.n ? char_of(o->escape_escape) : quote == escape ? 0 : escape;
    bool empty = s.n == 0 && !null;
    while (o->write_trim_left && s.n && is_blank(s.p[0])) s = str_from(s, 1);
    while (o->write_trim_right && s.n && is_blank(s.p[s.n - 1])) s.n--;
    bool quotes = quote && (o->quote_all || needs_quotes(o, s));
    if (empty && !quotes) {
        buf_put(out, o->empty_given ? o->empty_value : S("\"\""));
        return;
    }
    if (!quotes) {
        buf_put(out, s);
        return;
    }
    buf_char(out, quote);
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == quote && o->escape_quotes && escape) buf_char(out, escape);
        if (c == escape && c != quote && twice) buf_char(out, twice);
        buf_char(out, c);
    }
    buf_char(out, quote);
}

void csv_put_value(const CsvOptions *o, const Column *c, int32_t row, const TextForm *form,
                   Buf *scratch, Buf *out)
{
    bool null = column_null(c, row);
    TypeId id = c->type->id;
    buf_clear(scratch);
    if (null || id == T_STRING || id == T_BINARY) {
        csv_put(o, null ? (Str){0} : column_str(c, row), null, out);
        return;
    }
    if (id == T_TIMESTAMP || id == T_TIMESTAMP_NTZ) { // as JSON has them, without the quotes
        value_json(scratch, c, row, form);
        csv_put(o, str_sub(buf_str(scratch), 1, scratch->n - 2), false, out);
        return;
    }
    value_text(scratch, c, row, form);
    csv_put(o, buf_str(scratch), false, out);
}
