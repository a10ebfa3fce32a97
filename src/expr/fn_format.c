// fn_format.c -- numbers in figures: format_number as Java's DecimalFormat writes them, and
// format_string as Java's Formatter does.
#include "base/num.h"
#include "expr/decimal_in.h"
#include "expr/fn_in.h"
#include "expr/utf8_in.h"

enum { FORMAT_DIGITS_MAX = 400 }; // after the point; more mean nothing in a double

// ---- decimal digits ----------------------------------------------------------------------------

typedef struct Digits { // 0.d1d2d3... * 10^point, as the shortest text of a double has them
    char d[NUM_TEXT_MAX];
    int32_t n, point;
    bool negative;
} Digits;

static Digits digits_of(double v)
{
    char text[NUM_TEXT_MAX];
    Str s = str_of(text, num_format_f64(text, v));
    Digits g = {.negative = s.p[0] == '-'};
    bool point = false;
    for (int64_t i = g.negative; i < s.n; i++) {
        if (s.p[i] == 'E') {
            int64_t e = 0;
            must(num_parse_i64(str_from(s, i + 1), &e));
            g.point += (int32_t)e;
            break;
        }
        if (s.p[i] == '.') {
            point = true;
            continue;
        }
        g.point += !point;
        g.d[g.n++] = s.p[i];
    }
    return g;
}

static char digit_at(const Digits *g, int32_t i) { return i >= 0 && i < g->n ? g->d[i] : '0'; }

// Cuts to `places` after the point, half up.
static void round_half_up(Digits *g, int32_t places)
{
    int32_t keep = g->point + places;
    if (keep >= g->n) return;
    bool up = keep >= 0 && g->d[keep] >= '5';
    g->n = MAX(keep, 0);
    for (int32_t i = g->n - 1; up && i >= 0; i--) {
        up = g->d[i] == '9';
        g->d[i] = up ? '0' : (char)(g->d[i] + 1);
    }
    if (!up) return;
    memmove(g->d + 1, g->d, (size_t)g->n);
    g->d[0] = '1';
    g->n++;
    g->point++;
}

// The digits as plain figures with `places` after the point.
static void put_plain(Buf *b, const Digits *g, int32_t places)
{
    if (g->point <= 0) buf_char(b, '0');
    for (int32_t i = 0; i < g->point; i++) buf_char(b, digit_at(g, i));
    if (places) buf_char(b, '.');
    for (int32_t i = 0; i < places; i++) buf_char(b, digit_at(g, g->point + i));
}

// 1234567.8 as 1,234,567.8: commas between the figures before the point.
static void put_grouped(Buf *b, Str figures)
{
    int64_t point = str_find_char(figures, '.'), whole = point < 0 ? figures.n : point;
    for (int64_t i = 0; i < whole; i++) {
        if (i && (whole - i) % 3 == 0) buf_char(b, ',');
        buf_char(b, figures.p[i]);
    }
    buf_put(b, str_from(figures, whole));
}

// ---- format_number -----------------------------------------------------------------------------

// DecimalFormat rounds the exact value half to even, and pads the shortest digits with zeros.
static void figures_of_double(Buf *b, double v, int32_t places)
{
    Digits g = digits_of(v < 0 ? -v : v);
    if (g.n - g.point <= places)
        put_plain(b, &g, places);
    else
        buf_fmt(b, "%.*f", places, v < 0 ? -v : v);
}

static void figures_of_decimal(Buf *b, Int128 v, int32_t scale, int32_t places)
{
    if (places < scale) v = decimal_drop(v, scale - places, ROUND_HALF_EVEN);
    b->n += num_format_decimal(buf_room(b, NUM_TEXT_MAX), v < 0 ? -v : v, MIN(scale, places));
    int32_t zeros = places - MIN(scale, places);
    if (zeros && !MIN(scale, places)) buf_char(b, '.');
    buf_fill(b, '0', zeros);
}

static Str format_number(const KernelCall *k, int32_t i, int32_t places)
{
    const Column *x = k->in[0];
    Buf figures = buf_new(k->scratch), b = buf_new(k->scratch);
    if (x->type->id == T_DOUBLE) {
        double v = COLUMN_DATA(x, double)[i];
        if (v != v) return S("NaN");
        if (v - v != 0) return v > 0 ? S("\xe2\x88\x9e") : S("-\xe2\x88\x9e");
        figures_of_double(&figures, v, places);
        if (__builtin_signbit(v)) buf_char(&b, '-');
    } else {
        Int128 v = COLUMN_DATA(x, Int128)[i];
        figures_of_decimal(&figures, v, x->type->scale, places);
        if (v < 0) buf_char(&b, '-');
    }
    put_grouped(&b, buf_str(&figures));
    return buf_str(&b);
}

static Status format_numbers(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        int32_t places = COLUMN_DATA(k->in[1], int32_t)[i];
        if (!kernel_live(k, i)) continue;
        k->out->valid[i] = places >= 0;
        if (places > FORMAT_DIGITS_MAX)
            return fail(ERR_LIMIT, "format_number: %d digits after the point", places);
        if (places >= 0) COLUMN_DATA(k->out, Str)[i] = format_number(k, i, places);
    }
    return DONE;
}

static Status analyse_format(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    const Type *t = call->arg[0]->type;
    if (call->arg[1]->type->id == T_STRING)
        return RAISE(UNSUPPORTED_FEATURE, P("feature", S("format_number with a pattern")),
                     P("needs", S("a number of digits after the point")));
    coerce(a, &call->arg[1], &type_int);
    if (t->id == T_FLOAT || t->id == T_VOID || t->id == T_STRING)
        coerce(a, &call->arg[0], &type_double);
    else if (t->id != T_DOUBLE)
        coerce(a, &call->arg[0], decimal_of(a, t));
    return DONE;
}

// ---- format_string -----------------------------------------------------------------------------

typedef struct Spec { // %[index$][flags][width][.precision]conversion
    int32_t index;    // from 1; 0: the next, -1: the same again
    int32_t width, precision;
    bool left, plus, space, zero, comma, paren, alternate;
    char conversion;
} Spec;

static int32_t read_int(Str *s)
{
    int32_t v = 0;
    for (; s->n && s->p[0] >= '0' && s->p[0] <= '9' && v < 1000000; *s = str_from(*s, 1))
        v = 10 * v + (s->p[0] - '0');
    return v;
}

static void read_index(Str *s, Spec *p)
{
    Str rest = *s;
    if (rest.n && rest.p[0] == '<') {
        p->index = -1;
        *s = str_from(rest, 1);
        return;
    }
    int32_t v = read_int(&rest);
    if (!v || !rest.n || rest.p[0] != '$') return;
    p->index = v;
    *s = str_from(rest, 1);
}

static bool read_flag(Spec *p, char c)
{
    switch (c) {
    case '-': return p->left = true;
    case '+': return p->plus = true;
    case ' ': return p->space = true;
    case '0': return p->zero = true;
    case ',': return p->comma = true;
    case '(': return p->paren = true;
    case '#': return p->alternate = true;
    }
    return false;
}

static bool read_spec(Str *s, Spec *p)
{
    *p = (Spec){.precision = -1};
    read_index(s, p);
    while (s->n && read_flag(p, s->p[0])) *s = str_from(*s, 1);
    p->width = read_int(s);
    if (s->n && s->p[0] == '.') {
        *s = str_from(*s, 1);
        p->precision = read_int(s);
    }
    if (!s->n) return false;
    p->conversion = s->p[0];
    *s = str_from(*s, 1);
    return true;
}

static void put_padded(Buf *b, const Spec *p, Str sign, Str body)
{
    int64_t pad = p->width - utf8_chars(body) - sign.n;
    if (!p->left && !p->zero) buf_fill(b, ' ', MAX(pad, 0));
    buf_put(b, sign);
    if (!p->left && p->zero) buf_fill(b, '0', MAX(pad, 0));
    buf_put(b, body);
    if (p->left) buf_fill(b, ' ', MAX(pad, 0));
}

static void put_number(Buf *b, const Spec *p, bool negative, Str figures)
{
    Buf body = buf_new(b->arena);
    if (p->comma)
        put_grouped(&body, figures);
    else
        buf_put(&body, figures);
    if (negative && p->paren) buf_char(&body, ')');
    Str sign = negative ? p->paren ? S("(") : S("-") : p->plus ? S("+") : p->space ? S(" ") : S("");
    put_padded(b, p, sign, buf_str(&body));
}

typedef struct Formatting {
    const KernelCall *k;
    Buf *b;
    int32_t row, next; // the next argument, from 1: 0 is the pattern
} Formatting;

static Status refuse(const Formatting *f, const Spec *p, const Type *t)
{
    return RAISE(INVALID_PARAMETER_VALUE_PRINTF, P("functionName", S("`format_string`")),
                 P("reason", str_fmt(f->k->scratch, "%%%c does not take %s", p->conversion,
                                     str_to_z(f->k->scratch, type_sql_str(f->k->scratch, t)))));
}

static void put_digits(Buf *b, uint64_t v, int32_t bits)
{
    char text[32];
    int32_t at = (int32_t)sizeof text;
    do {
        text[--at] = "0123456789abcdef"[v & ((1U << bits) - 1)];
        v >>= bits;
    } while (v);
    buf_put(b, str_of(text + at, (int64_t)sizeof text - at));
}

static Status format_integer(const Formatting *f, const Spec *p, const Column *c)
{
    if (!type_is_integral(c->type)) return refuse(f, p, c->type);
    int64_t v = column_datum(f->k->scratch, c, f->row).i;
    Buf figures = buf_new(f->k->scratch);
    if (p->conversion == 'd') {
        buf_fmt(&figures, "%llu", (unsigned long long)(v < 0 ? 0 - (uint64_t)v : (uint64_t)v));
        put_number(f->b, p, v < 0, buf_str(&figures));
        return DONE;
    }
    int32_t bytes = phys_bytes(type_phys(c->type));
    uint64_t u = bytes == 8 ? (uint64_t)v : (uint64_t)v & ((UINT64_C(1) << (8 * bytes)) - 1);
    if (p->alternate) buf_put(&figures, p->conversion == 'o' ? S("0") : S("0x"));
    put_digits(&figures, u, p->conversion == 'o' ? 3 : 4);
    Str text = buf_str(&figures);
    put_padded(f->b, p, S(""), p->conversion == 'X' ? str_upper(f->k->scratch, text) : text);
    return DONE;
}

static Status format_real(const Formatting *f, const Spec *p, const Column *c)
{
    const Type *t = c->type;
    int32_t places = p->precision < 0 ? 6 : MIN(p->precision, FORMAT_DIGITS_MAX);
    Buf figures = buf_new(f->k->scratch);
    Datum v = column_datum(f->k->scratch, c, f->row);
    if (t->id == T_DECIMAL && p->conversion == 'f') {
        Int128 d = v.d;
        if (places < t->scale) d = decimal_drop(d, t->scale - places, ROUND_HALF_UP);
        figures_of_decimal(&figures, d, MIN(t->scale, places), places);
        put_number(f->b, p, v.d < 0, buf_str(&figures));
        return DONE;
    }
    if (t->id != T_FLOAT && t->id != T_DOUBLE) return refuse(f, p, t);
    double x = v.f < 0 ? -v.f : v.f;
    if (x != x || x - x != 0) {
        Spec plain = *p;
        plain.zero = false;
        put_number(f->b, &plain, v.f < 0, x != x ? S("NaN") : S("Infinity"));
        return DONE;
    }
    if (p->conversion == 'f') {
        Digits g = digits_of(x);
        round_half_up(&g, places);
        put_plain(&figures, &g, places);
    } else {
        buf_fmt(&figures, p->conversion == 'e' ? "%.*e" : "%.*E", places, x);
    }
    put_number(f->b, p, __builtin_signbit(v.f), buf_str(&figures));
    return DONE;
}

static Status format_other(const Formatting *f, const Spec *p, const Column *c, bool null)
{
    Arena *a = f->k->scratch;
    Buf text = buf_new(a);
    char kind = (char)(p->conversion | 32);
    if (kind == 'b') {
        bool v = !null && (c->type->id != T_BOOLEAN || COLUMN_DATA(c, uint8_t)[f->row]);
        buf_put(&text, v ? S("true") : S("false"));
    } else if (null) {
        buf_put(&text, S("null"));
    } else if (kind == 'c') {
        if (c->type->id != T_INT && c->type->id != T_STRING) return refuse(f, p, c->type);
        if (c->type->id == T_STRING) return refuse(f, p, c->type);
        int64_t cp = column_datum(a, c, f->row).i;
        if (cp < 0 || cp > 0x10ffff) return refuse(f, p, c->type);
        char utf8[4];
        int64_t n = utf8_encode(utf8, (uint32_t)cp);
        buf_put(&text, str_of(utf8, n));
    } else {
        TextForm form = eval_text_form(f->k->ctx);
        form.null_text = S("null");
        value_text(&text, c, f->row, &form);
    }
    Str s = buf_str(&text);
    if (p->precision >= 0) s = str_of(s.p, utf8_skip(s, 0, p->precision));
    Spec blanks = *p;
    blanks.zero = false;
    put_padded(f->b, &blanks, S(""), p->conversion == kind ? s : str_upper(a, s));
    return DONE;
}

static Status format_one(Formatting *f, const Spec *p)
{
    const KernelCall *k = f->k;
    if (p->conversion == '%' || p->conversion == 'n') {
        put_padded(f->b, p, S(""), p->conversion == '%' ? S("%") : S("\n"));
        return DONE;
    }
    int32_t arg = p->index > 0 ? p->index : p->index < 0 ? f->next - 1 : f->next++;
    if (arg < 1 || arg >= k->nin)
        return RAISE(
            INVALID_PARAMETER_VALUE_PRINTF, P("functionName", S("`format_string`")),
            P("reason", str_fmt(k->scratch, "there is no argument for %%%c", p->conversion)));
    const Column *c = k->in[arg];
    bool null = column_null(c, f->row);
    char kind = (char)(p->conversion | 32);
    if (!null && strchr("dxo", kind)) return format_integer(f, p, c);
    if (!null && strchr("fe", kind)) return format_real(f, p, c);
    if (strchr("dxofesbc", kind)) return format_other(f, p, c, null);
    return RAISE(INVALID_PARAMETER_VALUE_PRINTF, P("functionName", S("`format_string`")),
                 P("reason", str_fmt(k->scratch, "%%%c is no conversion here", p->conversion)));
}

static Status format_row(Formatting *f, Str pattern)
{
    while (pattern.n) {
        int64_t at = str_find_char(pattern, '%');
        if (at < 0) at = pattern.n;
        buf_put(f->b, str_of(pattern.p, at));
        pattern = str_from(pattern, at);
        if (!pattern.n) break;
        Spec p;
        pattern = str_from(pattern, 1);
        if (!read_spec(&pattern, &p))
            return RAISE(INVALID_PARAMETER_VALUE_PRINTF, P("functionName", S("`format_string`")),
                         P("reason", S("the pattern ends in %")));
        TRY(format_one(f, &p));
    }
    return DONE;
}

static Status format_strings(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        k->out->valid[i] = !column_null(k->in[0], i);
        if (!kernel_live(k, i)) continue;
        Buf b = buf_new(k->scratch);
        TRY(format_row(&(Formatting){k, &b, i, 1}, column_str(k->in[0], i)));
        COLUMN_DATA(k->out, Str)[i] = b.n ? buf_str(&b) : S("");
    }
    return DONE;
}

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("format_number"), .signature = "numeric! int|string -> string", .kernel = format_numbers, .flags = FN_MAY_NULL | FN_RAISES,
     .doc = "a number with commas and so many figures after the point", .analyse = analyse_format},
    {.name = STR_INIT("format_string"), .signature = "string any* -> string", .kernel = format_strings, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "values put into a pattern as printf does"},
    {.name = STR_INIT("printf"), .signature = "string any* -> string", .kernel = format_strings, .flags = FN_OWN_NULLS | FN_RAISES,
     .doc = "values put into a pattern as printf does"},
};
// clang-format on
FN_TABLE(fn_format, rows);
