// fn_number.c -- numbers as texts by a format (999,999.99 with $, S, MI or PR) and back: to_number,
// try_to_number, to_char.
#include "base/num.h"
#include "expr/decimal_in.h"
#include "expr/fn_in.h"
#include "expr/text_in.h"

typedef enum MarkKind {
    MARK_EXACT,   // a group that began with 0: n digits
    MARK_AT_MOST, // a group that began with 9, or stands after the point
    MARK_COMMA,
    MARK_POINT,
    MARK_DOLLAR,
    MARK_SIGN,  // S: + or -
    MARK_MINUS, // MI: - or nothing
    MARK_OPEN,  // PR: <5> is -5
    MARK_CLOSE,
    MARK_OTHER,
} MarkKind;
typedef struct Mark {
    MarkKind kind;
    int32_t n;
} Mark;
enum { MARKS_MAX = 256 };
typedef struct NumberFormat {
    Str text;
    int32_t n, before, after; // marks; digits on either side of the point
    Mark mark[MARKS_MAX];
    bool raise;
} NumberFormat;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool in_group(const Mark *m) { return m->kind <= MARK_COMMA; }
static bool is_digits(const Mark *m) { return m->kind <= MARK_AT_MOST; }

// -- the format

static void read_digits(NumberFormat *f, int64_t *at, bool *point)
{
    int64_t i = *at;
    bool exact = f->text.p[i] == '0' && !*point;
    while (i < f->text.n && (f->text.p[i] == '0' || f->text.p[i] == '9')) i++;
    int32_t n = (int32_t)MIN(i - *at, MARKS_MAX + 1);
    f->mark[f->n++] = (Mark){exact ? MARK_EXACT : MARK_AT_MOST, n};
    *(*point ? &f->after : &f->before) += n;
    *at = i;
}

static void read_brackets(NumberFormat *f)
{
    memmove(f->mark + 1, f->mark, (size_t)f->n * sizeof(Mark));
    f->mark[0] = (Mark){.kind = MARK_OPEN};
    f->n++;
    f->mark[f->n++] = (Mark){.kind = MARK_CLOSE};
}

static bool read_format(NumberFormat *f, Arena *a, Str text)
{
    static const struct {
        const char *word;
        MarkKind kind;
    } words[] = {{".", MARK_POINT},  {"D", MARK_POINT}, {",", MARK_COMMA}, {"G", MARK_COMMA},
                 {"$", MARK_DOLLAR}, {"S", MARK_SIGN},  {"MI", MARK_MINUS}};
    *f = (NumberFormat){.text = str_upper(a, text)};
    bool point = false;
    for (int64_t i = 0; i < f->text.n;) {
        if (f->n + 3 > MARKS_MAX || i > MARKS_MAX) return false;
        Str rest = str_from(f->text, i);
        if (rest.p[0] == '0' || rest.p[0] == '9') {
            read_digits(f, &i, &point);
            continue;
        }
        if (str_starts(rest, S("PR"))) {
            read_brackets(f);
            i += 2;
            continue;
        }
        Mark m = {.kind = MARK_OTHER, .n = (uint8_t)rest.p[0]};
        int64_t used = 1;
        for (int32_t w = 0; w < COUNT(words); w++) {
            if (!str_starts(rest, str_z(words[w].word))) continue;
            m = (Mark){.kind = words[w].kind};
            used = str_z(words[w].word).n;
        }
        point |= m.kind == MARK_POINT;
        f->mark[f->n++] = m;
        i += used;
    }
    return f->before <= MARKS_MAX && f->after <= MARKS_MAX;
}

static int32_t first_of(const NumberFormat *f, MarkKind kind)
{
    for (int32_t i = 0; i < f->n; i++)
        if (f->mark[i].kind == kind) return i;
    return -1;
}

static int32_t first_group(const NumberFormat *f)
{
    for (int32_t i = 0; i < f->n; i++)
        if (in_group(&f->mark[i])) return i;
    return -1;
}

// A comma at the edge of its group, or beside another.
static bool comma_alone(const NumberFormat *f, int32_t i)
{
    if (f->mark[i].kind != MARK_COMMA) return false;
    return i == 0 || i == f->n - 1 || !is_digits(&f->mark[i - 1]) || !is_digits(&f->mark[i + 1]);
}

static int32_t count_of(const NumberFormat *f, MarkKind kind)
{
    int32_t n = 0;
    for (int32_t i = 0; i < f->n; i++) n += f->mark[i].kind == kind;
    return n;
}

static Str mark_name(Arena *a, const Mark *m)
{
    switch (m->kind) {
    case MARK_EXACT:
    case MARK_AT_MOST:
    case MARK_COMMA: return S("digit sequence");
    case MARK_POINT: return S(". or D");
    case MARK_DOLLAR: return S("$");
    case MARK_SIGN: return S("S");
    case MARK_MINUS: return S("MI");
    case MARK_OPEN:
    case MARK_CLOSE: return S("PR");
    case MARK_OTHER: return str_fmt(a, "character '%c'", (char)m->n);
    }
    must_failed("MarkKind", __FILE__, __LINE__);
}

// [MI|S] [$] digits [.] digits [$] [PR|MI|S]: the first mark out of this order, or n.
static int32_t out_of_order(const NumberFormat *f)
{
    static const uint16_t order[] = {
        1 << MARK_OPEN,   1 << MARK_MINUS | 1 << MARK_SIGN,
        1 << MARK_DOLLAR, 1 << MARK_EXACT | 1 << MARK_AT_MOST | 1 << MARK_COMMA,
        1 << MARK_POINT,  1 << MARK_EXACT | 1 << MARK_AT_MOST | 1 << MARK_COMMA,
        1 << MARK_DOLLAR, 1 << MARK_MINUS | 1 << MARK_SIGN | 1 << MARK_CLOSE,
    };
    int32_t at = 0;
    for (int32_t s = 0; s < COUNT(order); s++) {
        if (at >= f->n || !(order[s] >> f->mark[at].kind & 1)) continue;
        bool group = in_group(&f->mark[at++]);
        while (group && at < f->n && in_group(&f->mark[at])) at++;
    }
    return at;
}

static Status check_format(Arena *a, const NumberFormat *f)
{
    Str quoted = str_fmt(a, "'" STR_FMT "'", STR_ARG(f->text));
    int32_t dollar = first_of(f, MARK_DOLLAR), point = first_of(f, MARK_POINT);
    int32_t group = first_group(f);
    if (!f->text.n) return RAISE(INVALID_FORMAT_EMPTY, P("format", quoted));
    if (group < 0) return RAISE(INVALID_FORMAT_WRONG_NUM_DIGIT, P("format", quoted));
    if (dollar > group) return RAISE(INVALID_FORMAT_CUR_BEFORE_DIGIT, P("format", quoted));
    if (point >= 0 && dollar > point)
        return RAISE(INVALID_FORMAT_CUR_BEFORE_DEC, P("format", quoted));
    for (int32_t i = 0; i < f->n; i++) {
        bool after = point >= 0 && i > point;
        if (after && f->mark[i].kind == MARK_COMMA)
            return RAISE(INVALID_FORMAT_THOUSANDS_AFTER_DEC, P("format", quoted));
        if (comma_alone(f, i)) return RAISE(INVALID_FORMAT_CONT_THOUSANDS, P("format", quoted));
    }
    static const MarkKind once[] = {MARK_POINT, MARK_SIGN, MARK_MINUS, MARK_DOLLAR, MARK_CLOSE};
    for (int32_t i = 0; i < COUNT(once); i++)
        if (count_of(f, once[i]) > 1)
            return RAISE(INVALID_FORMAT_WRONG_NUM_TOKEN, P("format", quoted),
                         P("token", mark_name(a, &(Mark){.kind = once[i]})));
    int32_t bad = out_of_order(f);
    if (bad == f->n) return DONE;
    return RAISE(INVALID_FORMAT_UNEXPECTED_TOKEN, P("format", quoted),
                 P("token", mark_name(a, &f->mark[bad])));
}

// The format of a call: its second argument, which is a constant.
static Status format_of(Arena *a, const Expr *call, const EvalCtx *ctx, NumberFormat *f)
{
    Datum v;
    TRY(fold_arg(a, call, 1, ctx, &v));
    if (!read_format(f, a, v.null ? (Str){0} : v.s))
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("a number format of so many marks")),
                     P("needs", S("a shorter one says the same")));
    return check_format(a, f);
}

// -- texts to numbers

typedef struct Reading {
    Str in;
    int64_t at;
    char *digit; // of both sides of the point
    int32_t before, after;
    bool point, negative, opened, closed;
} Reading;

static bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Digits and commas, against the groups of the format from the right: those at the left may be
// missing.
static bool read_group(Reading *r, const Mark *m, int32_t n)
{
    int32_t size[MARKS_MAX] = {0}, sizes = 0;
    for (; r->at < r->in.n; r->at++) {
        char c = r->in.p[r->at];
        if (blank(c)) continue;
        if (c == ',') {
            if (++sizes == MARKS_MAX) return false;
        } else if (is_digit(c)) {
            if (r->before + r->after >= DECIMAL_PRECISION_MAX) return false;
            r->digit[r->before + r->after] = c;
            size[sizes]++;
            *(r->point ? &r->after : &r->before) += 1;
        } else {
            break;
        }
    }
    for (int32_t i = n - 1; i >= 0; i--) {
        if (m[i].kind == MARK_COMMA) continue;
        int32_t has = sizes >= 0 ? size[sizes--] : 0;
        if (m[i].kind == MARK_EXACT ? has != m[i].n : has > m[i].n) return false;
    }
    return sizes < 0;
}

static bool read_mark(Reading *r, MarkKind kind)
{
    static const char sign[] = {[MARK_POINT] = '.', [MARK_DOLLAR] = '$', [MARK_SIGN] = '-',
                                [MARK_MINUS] = '-', [MARK_OPEN] = '<',   [MARK_CLOSE] = '>'};
    if (r->at >= r->in.n) return true;
    char c = r->in.p[r->at];
    if (kind == MARK_SIGN && c == '+') {
        r->at++;
        return true;
    }
    if (c != sign[kind]) return kind != MARK_DOLLAR;
    r->at++;
    r->point |= kind == MARK_POINT;
    r->negative |= c == '-' || c == '>';
    r->opened |= c == '<';
    r->closed |= c == '>';
    return c != '>' || r->opened;
}

static bool read_number(const NumberFormat *f, Str in, Int128 *v)
{
    char digit[DECIMAL_PRECISION_MAX + 1];
    Reading r = {.in = in, .digit = digit};
    for (int32_t i = 0; i < f->n;) {
        int32_t n = 0;
        while (i + n < f->n && in_group(&f->mark[i + n])) n++;
        if (n ? !read_group(&r, &f->mark[i], n) : !read_mark(&r, f->mark[i].kind)) return false;
        i += MAX(n, 1);
    }
    if (r.at < in.n || r.opened != r.closed || r.before + r.after == 0) return false;
    *v = 0;
    for (int32_t i = 0; i < r.before + r.after; i++) *v = *v * 10 + (digit[i] - '0');
    *v *= num_pow10(f->after - r.after);
    if (r.negative) *v = -*v;
    return true;
}

static Status to_number(const KernelCall *k)
{
    const NumberFormat *f = k->bound;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str in = column_str(k->in[0], i);
        if (read_number(f, in, &COLUMN_DATA(k->out, Int128)[i])) continue;
        if (f->raise)
            return RAISE(INVALID_FORMAT_MISMATCH_INPUT, P("inputType", S("\"STRING\"")),
                         P("input", in), P("format", f->text));
        k->out->valid[i] = 0;
    }
    return DONE;
}

// -- numbers to texts

// Puts c at the end, but before the blanks there.
static void put_before_blanks(Buf *b, char c)
{
    int64_t i = b->n;
    buf_char(b, ' ');
    while (i > 0 && b->p[i - 1] == ' ') i--;
    b->p[i] = c;
}

// Puts a blank at the end, but before a sign there.
static void put_blank(Buf *b)
{
    char last = b->n ? b->p[b->n - 1] : 0;
    bool sign = last == '+' || last == '-' || last == '<';
    buf_char(b, ' ');
    if (!sign) return;
    b->p[b->n - 2] = ' ';
    b->p[b->n - 1] = last;
}

static void drop_lone_point(Buf *b)
{
    if (b->n && b->p[b->n - 1] == '.') b->n--;
}

typedef struct Digits { // as many as the format has, blanks before and zeros behind
    char before[MARKS_MAX], after[MARKS_MAX];
    int32_t nbefore, nafter; // taken
    bool negative;
} Digits;

static void split_digits(const NumberFormat *f, Int128 v, int32_t scale, Digits *d)
{
    char text[NUM_TEXT_MAX];
    Str s = str_of(text, num_format_decimal(text, v < 0 ? -v : v, scale));
    Cut cut = str_cut(s, '.');
    while (cut.head.n && cut.head.p[0] == '0') cut.head = str_from(cut.head, 1);
    while (cut.tail.n && cut.tail.p[cut.tail.n - 1] == '0') cut.tail.n--;
    bool over = cut.head.n > f->before || cut.tail.n > f->after;
    *d = (Digits){.negative = v < 0};
    memset(d->before, over ? '#' : ' ', (size_t)f->before);
    memset(d->after, over ? '#' : '0', (size_t)f->after);
    if (over) return;
    memcpy(d->before + f->before - cut.head.n, cut.head.p, (size_t)cut.head.n);
    memcpy(d->after, cut.tail.p, (size_t)cut.tail.n);
}

static void put_digits(Buf *b, const Mark *m, Digits *d, bool point)
{
    for (int32_t i = 0; i < m->n; i++) {
        char c = point ? d->after[d->nafter++] : d->before[d->nbefore++];
        if (c != ' ')
            buf_char(b, c);
        else if (m->kind == MARK_EXACT)
            buf_char(b, '0');
        else
            put_blank(b);
    }
}

static void put_mark(Buf *b, const Mark *m, Digits *d, bool *point)
{
    switch (m->kind) {
    case MARK_EXACT:
    case MARK_AT_MOST: put_digits(b, m, d, *point); return;
    case MARK_COMMA:
        if (b->n && is_digit(b->p[b->n - 1]))
            buf_char(b, ',');
        else
            put_blank(b);
        return;
    case MARK_POINT:
        if (b->n && b->p[b->n - 1] == ' ') b->p[b->n - 1] = '0';
        buf_char(b, '.');
        *point = true;
        return;
    case MARK_DOLLAR: buf_char(b, '$'); return;
    case MARK_SIGN:
        drop_lone_point(b);
        put_before_blanks(b, d->negative ? '-' : '+');
        return;
    case MARK_MINUS:
        if (d->negative) drop_lone_point(b);
        put_before_blanks(b, d->negative ? '-' : ' ');
        return;
    case MARK_OPEN:
        if (d->negative) buf_char(b, '<');
        return;
    case MARK_CLOSE:
        drop_lone_point(b);
        if (d->negative)
            put_before_blanks(b, '>');
        else
            buf_put(b, S("  "));
        return;
    case MARK_OTHER: return;
    }
}

static Status to_char(const KernelCall *k)
{
    const NumberFormat *f = k->bound;
    const Column *in = k->in[0];
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Buf b = buf_new(k->scratch);
        Digits d;
        bool point = false;
        split_digits(f, COLUMN_DATA(in, Int128)[i], in->type->scale, &d);
        for (int32_t m = 0; m < f->n; m++) put_mark(&b, &f->mark[m], &d, &point);
        drop_lone_point(&b);
        bool none = !b.n || (b.n == 1 && (b.p[0] == '+' || b.p[0] == '-'));
        COLUMN_DATA(k->out, Str)[i] = none ? S("0") : buf_str(&b);
    }
    return DONE;
}

// -- rows

static Status bind_format(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    NumberFormat *f = NEW(a, NumberFormat, 1);
    TRY(format_of(a, call, ctx, f));
    f->raise = str_eq(call->fn->name, S("to_number"));
    b->data = f;
    b->flags |= FN_MAY_NULL | FN_FIRST_ARG;
    return DONE;
}

static Status analyse_to_number(Arena *a, Expr *call, const EvalCtx *ctx)
{
    NumberFormat f;
    TRY(format_of(a, call, ctx, &f));
    int32_t digits = f.before + f.after;
    if (digits > DECIMAL_PRECISION_MAX)
        return RAISE(DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION,
                     P("precision", str_fmt(a, "%d", digits)), P("maxPrecision", S("38")));
    call->type = type_decimal(a, digits, f.after);
    call->nullable = true;
    return DONE;
}

static Status become(Arena *a, Expr *call, const EvalCtx *ctx, Str fn, int32_t n)
{
    Expr *made;
    TRY(fn_make(&made, a, ctx, fn, call->arg, n));
    made->at = call->at;
    *call = *made;
    return DONE;
}

static Status binary_to_char(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Datum v;
    TRY(fold_arg(a, call, 1, ctx, &v));
    Str format = v.null ? (Str){0} : str_lower(a, v.s);
    if (str_eq(format, S("base64"))) return become(a, call, ctx, S("base64"), 1);
    if (str_eq(format, S("hex"))) return become(a, call, ctx, S("hex"), 1);
    if (str_eq(format, S("utf-8"))) {
        call->arg[1] = string_literal(a, S("UTF-8"));
        return become(a, call, ctx, S("decode"), 2);
    }
    return RAISE(INVALID_PARAMETER_VALUE_BINARY_FORMAT,
                 P("functionName", quoted_name(a, call->name)), P("parameter", S("`format`")),
                 P("invalidFormat", str_fmt(a, "'" STR_FMT "'", STR_ARG(v.s))));
}

static Status analyse_to_char(Arena *a, Expr *call, const EvalCtx *ctx)
{
    const Type *t = call->arg[0]->type;
    if (t->id == T_DATE || t->id == T_TIMESTAMP || t->id == T_TIMESTAMP_NTZ)
        return become(a, call, ctx, S("date_format"), 2);
    if (!expr_foldable(call->arg[1]))
        return RAISE(DATATYPE_MISMATCH_NON_FOLDABLE_INPUT, P("sqlExpr", quoted_sql(a, call)),
                     P("inputName", S("`format`")), P("inputType", S("\"STRING\"")),
                     P("inputExpr", quoted_sql(a, call->arg[1])));
    if (t->id == T_BINARY) return binary_to_char(a, call, ctx);
    if (t->id != T_DECIMAL && t->id != T_STRING && t->id != T_VOID && !type_is_numeric(t))
        return wrong_type(a, call, 0, "\"DECIMAL\"");
    coerce(a, &call->arg[0],
           type_is_numeric(t) ? decimal_of(a, t) : type_decimal(a, DECIMAL_PRECISION_MAX, 18));
    call->name = S("to_char");
    call->fn = fn_find(S("number_to_char"));
    NumberFormat f;
    return format_of(a, call, ctx, &f);
}

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("to_number"), .signature = "string lit:string -> -", .kernel = to_number, .flags = FN_RAISES | FN_MAY_NULL,
     .doc = "the number that a text says in a format such as 999,999.99", .analyse = analyse_to_number, .bind = bind_format},
    {.name = STR_INIT("try_to_number"), .signature = "string lit:string -> -", .kernel = to_number, .flags = FN_MAY_NULL,
     .doc = "the number that a text says in a format, NULL when it does not", .analyse = analyse_to_number, .bind = bind_format},
    {.name = STR_INIT("number_to_char"), .signature = "decimal lit:string -> string", .kernel = to_char, .flags = FN_INTERNAL, .bind = bind_format},
    {.name = STR_INIT("to_char"), .signature = "any string -> string",
     .doc = "a number, time or binary value as text in a format", .analyse = analyse_to_char},
    {.name = STR_INIT("to_varchar"), .signature = "= to_char", .doc = "a number, time or binary value as text in a format"},
};
// clang-format on
FN_TABLE(fn_number, rows);
