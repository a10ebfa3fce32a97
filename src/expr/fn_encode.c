// fn_encode.c -- bytes and numbers as texts: hex, base64, other bases, single characters.
#include "expr/fn_in.h"
#include "expr/utf8_in.h"

static char *room(const KernelCall *k, int64_t n) { return NEW_RAW(k->scratch, char, n); }
static const char hex_digit[] = "0123456789ABCDEF";

static Str hex_bytes(const KernelCall *k, Str s)
{
    char *p = room(k, 2 * s.n);
    for (int64_t i = 0; i < s.n; i++) {
        p[2 * i] = hex_digit[(uint8_t)s.p[i] >> 4];
        p[2 * i + 1] = hex_digit[s.p[i] & 15];
    }
    return str_of(p, 2 * s.n);
}
// Digits of v in a base that is a power of two.
static Str digits_of(const KernelCall *k, uint64_t v, int32_t bits)
{
    char *p = room(k, 64);
    int32_t at = 64;
    do {
        p[--at] = hex_digit[v & ((1U << bits) - 1)];
        v >>= bits;
    } while (v);
    return str_of(p + at, 64 - at);
}
EACH1(hex_str, Str, Str, , z[i] = hex_bytes(k, x[i]))
EACH1(hex_i64, int64_t, Str, , z[i] = digits_of(k, (uint64_t)x[i], 4))
EACH1(bin_kernel, int64_t, Str, , z[i] = digits_of(k, (uint64_t)x[i], 1))

static Status bind_hex(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    b->kernel = call->arg[0]->type->id == T_BIGINT ? hex_i64 : hex_str;
    return DONE;
}

static int32_t digit_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if ((c | 32) >= 'a' && (c | 32) <= 'z') return (c | 32) - 'a' + 10;
    return 99;
}

// An odd number of digits has a 0 before it.
static bool unhex(const KernelCall *k, Str s, Str *out)
{
    int64_t n = (s.n + 1) / 2, at = 0;
    char *p = room(k, n);
    for (int64_t i = s.n % 2 ? -1 : 0; i < s.n; i += 2, at++) {
        int32_t high = i < 0 ? 0 : digit_value(s.p[i]), low = digit_value(s.p[i + 1]);
        if (high > 15 || low > 15) return false;
        p[at] = (char)(high << 4 | low);
    }
    *out = str_of(p, n);
    return true;
}
EACH1(unhex_kernel, Str, Str, , k->out->valid[i] = unhex(k, x[i], &z[i]))

static const char base64_digit[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static Str base64(const KernelCall *k, Str s)
{
    int64_t n = (s.n + 2) / 3 * 4;
    char *p = room(k, n), *to = p;
    for (int64_t i = 0; i < s.n; i += 3) {
        uint32_t v = (uint32_t)(uint8_t)s.p[i] << 16;
        if (i + 1 < s.n) v |= (uint32_t)(uint8_t)s.p[i + 1] << 8;
        if (i + 2 < s.n) v |= (uint8_t)s.p[i + 2];
        for (int32_t d = 0; d < 4; d++) *to++ = base64_digit[v >> (18 - 6 * d) & 63];
    }
    for (int64_t i = 0; i < (3 - s.n % 3) % 3; i++) to[-1 - i] = '=';
    return str_of(p, n);
}
EACH1(base64_kernel, Str, Str, , z[i] = base64(k, x[i]))

// As Java's MIME decoder: what is no digit is passed over; a single digit at the end is an error.
static bool unbase64(const KernelCall *k, Str s, Str *out)
{
    char *p = room(k, s.n / 4 * 3 + 3);
    uint32_t v = 0;
    int64_t n = 0;
    int32_t have = 0;
    for (int64_t i = 0; i < s.n && s.p[i] != '='; i++) {
        const char *at = s.p[i] ? strchr(base64_digit, s.p[i]) : NULL;
        if (!at) continue;
        v = v << 6 | (uint32_t)(at - base64_digit);
        if (++have == 4) {
            for (int32_t b = 16; b >= 0; b -= 8) p[n++] = (char)(v >> b);
            have = 0;
            v = 0;
        }
    }
    if (have == 1) return false;
    if (have > 1) p[n++] = (char)(v >> (have == 2 ? 4 : 10));
    if (have > 2) p[n++] = (char)(v >> 2);
    *out = str_of(p, n);
    return true;
}
static Status unbase64_kernel(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str s = column_str(k->in[0], i);
        if (!unbase64(k, s, &COLUMN_DATA(k->out, Str)[i]))
            return RAISE(CONVERSION_INVALID_INPUT, P("str", s), P("fmt", S("'BASE64'")),
                         P("targetType", S("\"BINARY\"")), P("suggestion", S("`try_to_binary`")));
    }
    return DONE;
}

// What Spark takes for base 64: digits, with blanks between, then at most two signs of equality
// that fill the last group.
static bool is_base64(Str s)
{
    int64_t digits = 0, fill = 0;
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool digit = c && strchr(base64_digit, c);
        bool blank = c == ' ' || (c >= '\t' && c <= '\r');
        if ((fill && c != '=') || (!digit && !blank && c != '=')) return false;
        digits += digit;
        fill += c == '=';
    }
    return fill <= 2 && (fill ? (digits + fill) % 4 == 0 : digits % 4 != 1);
}
static bool strict_base64(const KernelCall *k, Str s, Str *out)
{
    return is_base64(s) && unbase64(k, s, out);
}

// to_binary(text, format): hex, base64 or utf-8.
typedef struct ToBinary {
    bool (*read)(const KernelCall *k, Str s, Str *out);
    const char *format;
    bool tries;
} ToBinary;
static bool same_bytes(const KernelCall *k, Str s, Str *out)
{
    (void)k;
    *out = s;
    return true;
}
static Status to_binary(const KernelCall *k)
{
    const ToBinary *b = k->bound;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str s = column_str(k->in[0], i);
        bool ok = b->read(k, s, &COLUMN_DATA(k->out, Str)[i]);
        if (b->tries) k->out->valid[i] = ok;
        if (!ok && !b->tries)
            return RAISE(CONVERSION_INVALID_INPUT,
                         P("str", str_fmt(k->scratch, "'" STR_FMT "'", STR_ARG(s))),
                         P("fmt", str_z(b->format)), P("targetType", S("\"BINARY\"")),
                         P("suggestion", S("`try_to_binary`")));
    }
    return DONE;
}
static Status bind_to_binary(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *bound)
{
    static const ToBinary ways[] = {{unhex, "'HEX'", false},
                                    {strict_base64, "'BASE64'", false},
                                    {same_bytes, "'UTF-8'", false}};
    Datum v;
    ToBinary *b = NEW(a, ToBinary, 1);
    Datum none = {.null = true};
    v = none; // hex
    if (call->nargs > 1) TRY(fold_arg(a, call, 1, ctx, &v));
    int32_t way = v.null || str_ieq(v.s, S("hex"))                      ? 0
                  : str_ieq(v.s, S("base64"))                           ? 1
                  : str_ieq(v.s, S("utf-8")) || str_ieq(v.s, S("utf8")) ? 2
                                                                        : -1;
    if (way < 0)
        return RAISE(DATATYPE_MISMATCH_INVALID_ARG_VALUE, P("sqlExpr", quoted_sql(a, call)),
                     P("inputName", S("fmt")), P("requireType", S("case-insensitive \"STRING\"")),
                     P("validValues", S("'hex', 'utf-8', 'utf8', or 'base64'")),
                     P("inputValue", str_fmt(a, "'" STR_FMT "'", STR_ARG(str_lower(a, v.s)))));
    *b = ways[way];
    b->tries = str_starts(call->fn->name, S("try"));
    bound->data = b;
    return DONE;
}
static Status analyse_to_binary(Arena *a, Expr *call, const EvalCtx *ctx)
{
    return bind_to_binary(a, call, ctx, &(Bound){0});
}

// conv(text, from, to): up to the first character that is no digit; to < 0: signed. Beyond 64 bits
// an error under ANSI, else all ones.
typedef enum Converted { CONV_OK, CONV_NULL, CONV_OVERFLOW } Converted;

static Converted conv(const KernelCall *k, Str s, int32_t from, int32_t to, Str *out)
{
    int32_t base = to < 0 ? -to : to;
    s = str_trim(s);
    if (from < 2 || from > 36 || base < 2 || base > 36 || !s.n) return CONV_NULL;
    bool minus = s.p[0] == '-', over = false;
    uint64_t v = 0;
    for (int64_t i = minus; i < s.n && digit_value(s.p[i]) < from; i++)
        over |= __builtin_mul_overflow(v, (uint64_t)from, &v) ||
                __builtin_add_overflow(v, (uint64_t)digit_value(s.p[i]), &v);
    if (over && k->ctx->ansi) return CONV_OVERFLOW;
    if (over) v = UINT64_MAX;
    if (minus && to > 0) v = (int64_t)v < 0 ? UINT64_MAX : 0 - v;
    bool sign = minus && to < 0;
    if (to < 0 && (int64_t)v < 0) v = 0 - v, sign = true;
    char *p = room(k, 66);
    int32_t at = 66;
    do {
        uint64_t d = v % (uint64_t)base;
        p[--at] = (char)(d < 10 ? '0' + d : 'A' + d - 10);
        v /= (uint64_t)base;
    } while (v);
    if (sign) p[--at] = '-';
    *out = str_of(p + at, 66 - at);
    return CONV_OK;
}
static Status conv_kernel(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Converted c = conv(k, column_str(k->in[0], i), COLUMN_DATA(k->in[1], int32_t)[i],
                           COLUMN_DATA(k->in[2], int32_t)[i], &COLUMN_DATA(k->out, Str)[i]);
        if (c == CONV_OVERFLOW)
            return RAISE(ARITHMETIC_OVERFLOW, P("message", S("Overflow in function conv()")),
                         P("alternative", S("")), P("config", S("\"spark.sql.ansi.enabled\"")));
        k->out->valid[i] = c == CONV_OK;
    }
    return DONE;
}

static int32_t first_code(Str s)
{
    int64_t width;
    return s.n ? (int32_t)utf8_at(s, 0, &width) : 0;
}
EACH1(ascii_kernel, Str, int32_t, , z[i] = first_code(x[i]))

// chr(n): the character of the low byte, nothing for negative numbers.
static Str chr(const KernelCall *k, int64_t v)
{
    char *p = room(k, 4);
    return v < 0 ? (Str){0} : str_of(p, utf8_encode(p, (uint32_t)(v & 0xff)));
}
EACH1(chr_kernel, int64_t, Str, , z[i] = chr(k, x[i]))

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("hex"), .signature = "bigint|binary|string -> string", .doc = "as hexadecimal text", .bind = bind_hex},
    {.name = STR_INIT("unhex"), .signature = "string -> binary", .kernel = unhex_kernel, .flags = FN_MAY_NULL, .doc = "the bytes of a hexadecimal text"},
    {.name = STR_INIT("base64"), .signature = "binary -> string", .kernel = base64_kernel, .doc = "as text in base 64"},
    {.name = STR_INIT("unbase64"), .signature = "string -> binary", .kernel = unbase64_kernel, .flags = FN_RAISES, .doc = "the bytes of a text in base 64"},
    {.name = STR_INIT("to_binary"), .signature = "string lit:string? -> binary", .kernel = to_binary, .flags = FN_RAISES, .doc = "the bytes of a text in hex, base64 or utf-8",
     .analyse = analyse_to_binary, .bind = bind_to_binary},
    {.name = STR_INIT("try_to_binary"), .signature = "string lit:string? -> binary", .kernel = to_binary, .flags = FN_MAY_NULL, .doc = "the bytes of a text in hex, base64 or utf-8, else NULL",
     .analyse = analyse_to_binary, .bind = bind_to_binary},
    {.name = STR_INIT("bin"), .signature = "bigint -> string", .kernel = bin_kernel, .doc = "as binary text"},
    {.name = STR_INIT("conv"), .signature = "string int int -> string", .kernel = conv_kernel, .flags = FN_MAY_NULL | FN_RAISES, .doc = "a number in another base"},
    {.name = STR_INIT("ascii"), .signature = "string -> int", .kernel = ascii_kernel, .doc = "the code of the first character"},
    {.name = STR_INIT("chr"), .signature = "bigint -> string", .kernel = chr_kernel, .doc = "the character of a code"},
    {.name = STR_INIT("char"), .signature = "= chr", .doc = "the character of a code"},
};
// clang-format on
FN_TABLE(fn_encode, rows);
