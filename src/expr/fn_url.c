// fn_url.c -- texts and bytes in other clothes: percent-encoding, character sets, masks, quotes.
#include "expr/fn_in.h"
#include "expr/icu_in.h"
#include "expr/utf8_in.h"
#include "fmt/json_lex.h"

static char *room(const KernelCall *k, int64_t n) { return NEW_RAW(k->scratch, char, n); }
static const char hex_digit[] = "0123456789ABCDEF";

static bool is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

// As java.net.URLEncoder writes a form.
static Str url_encode(const KernelCall *k, Str s)
{
    char *p = room(k, 3 * s.n + 1), *to = p;
    for (int64_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (is_alnum(c) || (c && strchr(".-*_", c))) {
            *to++ = (char)c;
        } else if (c == ' ') {
            *to++ = '+';
        } else {
            *to++ = '%';
            *to++ = hex_digit[c >> 4];
            *to++ = hex_digit[c & 15];
        }
    }
    return str_of(p, to - p);
}
EACH1(encode_kernel, Str, Str, , z[i] = url_encode(k, x[i]))

static int32_t hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    char low = (char)(c | 32);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static bool url_decode(const KernelCall *k, Str s, Str *out)
{
    char *p = room(k, s.n + 1), *to = p;
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            int32_t high = i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
            int32_t low = high < 0 ? -1 : hex_value(s.p[i + 2]);
            if (low < 0) return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        *to++ = c;
    }
    *out = str_of(p, to - p);
    return true;
}

static Status decode_urls(const KernelCall *k, bool trying)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str s = column_str(k->in[0], i);
        bool ok = url_decode(k, s, &COLUMN_DATA(k->out, Str)[i]);
        if (!ok && !trying) return RAISE(CANNOT_DECODE_URL, P("url", s));
        if (trying) k->out->valid[i] = ok;
    }
    return DONE;
}
static Status decode_kernel(const KernelCall *k) { return decode_urls(k, false); }
static Status try_decode_kernel(const KernelCall *k) { return decode_urls(k, true); }

// ---- character sets ----------------------------------------------------------------------------

typedef enum Charset {
    LATIN_1,
    ASCII_7,
    UTF_8,
    UTF_16,
    UTF_16BE,
    UTF_16LE,
    UTF_32,
    CHARSETS
} Charset;
static const char *const charsets[CHARSETS] = {"ISO-8859-1", "US-ASCII", "UTF-8", "UTF-16",
                                               "UTF-16BE",   "UTF-16LE", "UTF-32"};

static Status charset_of(const KernelCall *k, Str name, const char *function, Charset *c)
{
    for (int32_t i = 0; i < CHARSETS; i++)
        if (str_ieq(name, str_z(charsets[i]))) {
            *c = (Charset)i;
            return DONE;
        }
    return RAISE(INVALID_PARAMETER_VALUE_CHARSET,
                 P("functionName", quoted_name(k->scratch, str_z(function))),
                 P("parameter", S("`charset`")), P("charset", name),
                 P("charsets", S("iso-8859-1, us-ascii, utf-16, utf-16be, utf-16le, "
                                 "utf-32, utf-8")));
}

static char *put_unit(char *to, uint32_t unit, bool little)
{
    to[little] = (char)(unit >> 8);
    to[!little] = (char)unit;
    return to + 2;
}

// False: a character that the set does not have.
static bool encode(const KernelCall *k, Str s, Charset set, Str *out)
{
    *out = s;
    if (set == UTF_8) return true;
    char *p = room(k, 4 * s.n + 2), *to = p;
    if (set == UTF_16) to = put_unit(to, 0xfeff, false);
    uint32_t bound = set == LATIN_1 ? 0x100 : 0x80;
    for (int64_t at = 0, width; at < s.n; at += width) {
        uint32_t c = utf8_at(s, at, &width);
        if (set <= ASCII_7) {
            if (c >= bound) return false;
            *to++ = (char)c;
        } else if (set == UTF_32) {
            to = put_unit(to, c >> 16, false);
            to = put_unit(to, c & 0xffff, false);
        } else if (c < 0x10000) {
            to = put_unit(to, c, set == UTF_16LE);
        } else {
            to = put_unit(to, 0xd800 + ((c - 0x10000) >> 10), set == UTF_16LE);
            to = put_unit(to, 0xdc00 + ((c - 0x10000) & 0x3ff), set == UTF_16LE);
        }
    }
    *out = str_of(p, to - p);
    return true;
}

static uint32_t unit_at(Str s, int64_t at, bool little)
{
    uint32_t x = (uint8_t)s.p[at], y = (uint8_t)s.p[at + 1];
    return little ? y << 8 | x : x << 8 | y;
}

static bool decode_utf16(Str s, bool little, char **to)
{
    for (int64_t at = 0; at < s.n; at += 2) {
        if (at + 2 > s.n) return false;
        uint32_t c = unit_at(s, at, little);
        if (c >= 0xd800 && c < 0xe000) {
            uint32_t low = c < 0xdc00 && at + 4 <= s.n ? unit_at(s, at + 2, little) : 0;
            if (low < 0xdc00 || low >= 0xe000) return false;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            at += 2;
        }
        *to += utf8_encode(*to, c);
    }
    return true;
}

// In the order of a network, or as the mark at its start says.
static bool decode_utf32(Str s, char **to)
{
    bool little = s.n >= 4 && unit_at(s, 0, true) == 0xfeff && unit_at(s, 2, true) == 0;
    bool mark = little || (s.n >= 4 && unit_at(s, 0, false) == 0 && unit_at(s, 2, false) == 0xfeff);
    for (int64_t at = mark ? 4 : 0; at < s.n; at += 4) {
        if (at + 4 > s.n) return false;
        uint32_t x = unit_at(s, at, little), y = unit_at(s, at + 2, little);
        uint32_t c = little ? y << 16 | x : x << 16 | y;
        if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return false;
        *to += utf8_encode(*to, c);
    }
    return true;
}

static bool decode(const KernelCall *k, Str s, Charset set, Str *out)
{
    char *p = room(k, 2 * s.n + 4), *to = p;
    bool little = set == UTF_16LE;
    if (set == UTF_16 && s.n >= 2 && (unit_at(s, 0, false) | 1) == 0xffff) {
        little = unit_at(s, 0, false) == 0xfffe;
        s = str_from(s, 2);
    } else if (set == UTF_16 && s.n >= 2 && unit_at(s, 0, false) == 0xfeff) {
        s = str_from(s, 2);
    }
    if (set == UTF_32) {
        if (!decode_utf32(s, &to)) return false;
    } else if (set >= UTF_16) {
        if (!decode_utf16(s, little, &to)) return false;
    } else {
        for (int64_t i = 0; i < s.n; i++) {
            uint8_t c = (uint8_t)s.p[i];
            if (set == ASCII_7 && c >= 0x80) return false;
            if (set == UTF_8)
                *to++ = (char)c;
            else
                to += utf8_encode(to, c);
        }
    }
    *out = str_of(p, to - p);
    return true;
}

static Status recode(const KernelCall *k, bool encoding)
{
    const char *function = encoding ? "encode" : "decode";
    for (int32_t i = 0; i < k->rows; i++) {
        Charset set = UTF_8;
        if (!kernel_live(k, i)) continue;
        TRY(charset_of(k, column_str(k->in[1], i), function, &set));
        Str *z = &COLUMN_DATA(k->out, Str)[i];
        if (!(encoding ? encode : decode)(k, column_str(k->in[0], i), set, z))
            return RAISE(MALFORMED_CHARACTER_CODING,
                         P("function", quoted_name(k->scratch, str_z(function))),
                         P("charset", column_str(k->in[1], i)));
    }
    return DONE;
}
static Status encode_text(const KernelCall *k) { return recode(k, true); }
static Status decode_text(const KernelCall *k) { return recode(k, false); }

// decode(x, search, result, ..., default): CASE with NULL equal to NULL.
static Status lower_decode(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    if (call->nargs == 2) return fn_make(e, a, ctx, S("decode_bytes"), call->arg, 2);
    Expr **arg = NEW(a, Expr *, call->nargs);
    int32_t n = 0, i = 1;
    for (; i + 1 < call->nargs; i += 2) {
        Expr *same[2] = {call->arg[0], call->arg[i]};
        TRY(fn_make(&arg[n++], a, ctx, S("<=>"), same, 2));
        arg[n++] = call->arg[i + 1];
    }
    if (i < call->nargs) arg[n++] = call->arg[i];
    return fn_make(e, a, ctx, S("case"), arg, n);
}
static Status analyse_decode(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Expr *e = call;
    TRY(lower_decode(a, call, ctx, &e));
    call->type = e->type;
    call->nullable = e->nullable;
    return DONE;
}

// ---- masks -------------------------------------------------------------------------------------

typedef struct Mask { // per row: what stands for each class; n 0: the character stays
    Str upper, lower, digit, other;
} Mask;

static Str mask_class(const IcuText *icu, const Mask *m, uint32_t c)
{
    if (c >= '0' && c <= '9') return m->digit;
    if (c < 0x80) {
        if (c >= 'A' && c <= 'Z') return m->upper;
        return c >= 'a' && c <= 'z' ? m->lower : m->other;
    }
    enum { UPPERCASE = 1, LOWERCASE = 2, DECIMAL_DIGIT = 9 };
    int8_t category = icu->category((int32_t)c);
    if (category == UPPERCASE) return m->upper;
    if (category == LOWERCASE) return m->lower;
    return category == DECIMAL_DIGIT ? m->digit : m->other;
}

static Str mask_text(const KernelCall *k, const IcuText *icu, const Mask *m, Str s)
{
    Buf b = buf_new(k->scratch);
    for (int64_t at = 0, width; at < s.n; at += width) {
        uint32_t c = utf8_at(s, at, &width);
        Str to = mask_class(icu, m, c);
        buf_put(&b, to.n ? to : str_of(s.p + at, width));
    }
    return b.n ? buf_str(&b) : s;
}

static Str mask_arg(const KernelCall *k, int32_t c, int32_t i)
{
    return column_null(k->in[c], i) ? (Str){0} : column_str(k->in[c], i);
}

static Status mask_kernel(const KernelCall *k)
{
    IcuText icu;
    TRY(icu_text(&icu));
    for (int32_t i = 0; i < k->rows; i++) {
        k->out->valid[i] = !column_null(k->in[0], i);
        if (!kernel_live(k, i)) continue;
        Mask m = {mask_arg(k, 1, i), mask_arg(k, 2, i), mask_arg(k, 3, i), mask_arg(k, 4, i)};
        COLUMN_DATA(k->out, Str)[i] = mask_text(k, &icu, &m, column_str(k->in[0], i));
    }
    return DONE;
}

static Status analyse_mask(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    default_arg(a, call, 2, string_literal(a, S("X")));
    default_arg(a, call, 3, string_literal(a, S("x")));
    default_arg(a, call, 4, string_literal(a, S("n")));
    Expr *none = expr_literal(a, &type_void, &(Datum){.null = true});
    if (call->nargs < 5) coerce(a, &none, &type_string);
    default_arg(a, call, 5, none);
    call->nullable = call->arg[0]->nullable;
    return DONE;
}

// ---- UTF-8 -------------------------------------------------------------------------------------

static bool is_utf8(Str s) { return utf8_valid_to(s) == s.n; }
EACH1(is_utf8_kernel, Str, uint8_t, , z[i] = is_utf8(x[i]))
EACH1(make_utf8_kernel, Str, Str, ,
      z[i] = is_utf8(x[i]) ? x[i] : json_utf8_repair(k->scratch, x[i]))
EACH1(try_utf8_kernel, Str, Str, , {
    z[i] = x[i];
    k->out->valid[i] = is_utf8(x[i]);
})
static Status validate_utf8(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        Str s = column_str(k->in[0], i);
        if (!kernel_live(k, i)) continue;
        if (!is_utf8(s)) {
            Buf hex = buf_new(k->scratch);
            for (int64_t b = 0; b < s.n; b++) buf_fmt(&hex, "\\x%02X", (unsigned)(uint8_t)s.p[b]);
            return RAISE(INVALID_UTF8_STRING, P("str", buf_str(&hex)));
        }
        COLUMN_DATA(k->out, Str)[i] = s;
    }
    return DONE;
}

static Str quote(const KernelCall *k, Str s)
{
    char *p = room(k, 2 * s.n + 2), *to = p;
    *to++ = '\'';
    for (int64_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'' || s.p[i] == '\\') *to++ = '\\';
        *to++ = s.p[i];
    }
    *to++ = '\'';
    return str_of(p, to - p);
}
EACH1(quote_kernel, Str, Str, , z[i] = quote(k, x[i]))

static bool luhn(Str s)
{
    int32_t sum = 0;
    for (int64_t i = 0; i < s.n; i++) {
        int32_t d = s.p[s.n - 1 - i] - '0';
        if (d < 0 || d > 9) return false;
        sum += i % 2 ? d * 2 - (d > 4 ? 9 : 0) : d;
    }
    return s.n > 0 && sum % 10 == 0;
}
EACH1(luhn_kernel, Str, uint8_t, , z[i] = luhn(x[i]))

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("url_encode"), .signature = "string -> string", .kernel = encode_kernel, .doc = "a text for a URL"},
    {.name = STR_INIT("url_decode"), .signature = "string -> string", .kernel = decode_kernel, .flags = FN_RAISES, .doc = "a text out of a URL"},
    {.name = STR_INIT("try_url_decode"), .signature = "string -> string", .kernel = try_decode_kernel, .flags = FN_MAY_NULL, .doc = "a text out of a URL, NULL when it is none"},
    {.name = STR_INIT("encode"), .signature = "string string -> binary", .kernel = encode_text, .flags = FN_RAISES, .doc = "a text as bytes of a character set"},
    {.name = STR_INIT("decode"), .signature = "any any any* -> -", .doc = "bytes of a character set as a text; or the result beside the value that was found",
     .analyse = analyse_decode, .lower = lower_decode},
    {.name = STR_INIT("decode_bytes"), .signature = "binary string -> string", .kernel = decode_text, .flags = FN_RAISES | FN_INTERNAL},
    {.name = STR_INIT("mask"), .signature = "string string? string? string? string? -> string", .kernel = mask_kernel, .flags = FN_OWN_NULLS,
     .doc = "letters and digits covered", .analyse = analyse_mask},
    {.name = STR_INIT("is_valid_utf8"), .signature = "string -> boolean", .kernel = is_utf8_kernel, .doc = "the bytes are UTF-8"},
    {.name = STR_INIT("make_valid_utf8"), .signature = "string -> string", .kernel = make_utf8_kernel, .doc = "what is no UTF-8 replaced by U+FFFD"},
    {.name = STR_INIT("validate_utf8"), .signature = "string -> string", .kernel = validate_utf8, .flags = FN_RAISES, .doc = "the text, or an error when it is no UTF-8"},
    {.name = STR_INIT("try_validate_utf8"), .signature = "string -> string", .kernel = try_utf8_kernel, .flags = FN_MAY_NULL, .doc = "the text, or NULL when it is no UTF-8"},
    {.name = STR_INIT("quote"), .signature = "string -> string", .kernel = quote_kernel, .doc = "a text as a literal of SQL"},
    {.name = STR_INIT("luhn_check"), .signature = "string -> boolean", .kernel = luhn_kernel, .doc = "the last digit checks the number"},
};
// clang-format on
FN_TABLE(fn_url, rows);
