// fn_string.c -- texts cut, joined, padded and changed in case. Positions count characters; texts
// of ASCII alone take short ways. Results that are part of an argument share its memory.
#include "expr/fn_in.h"
#include "expr/icu_in.h"
#include "expr/picks_in.h"
#include "expr/utf8_in.h"

static char *room(const KernelCall *k, int64_t n) { return NEW_RAW(k->scratch, char, n); }
static bool is_binary(const KernelCall *k) { return k->in[0]->type->id == T_BINARY; }

EACH1(char_count, Str, int32_t, , z[i] = (int32_t)utf8_chars(x[i]))
MAP1(byte_count, Str, int32_t, x[i].n)
MAP1(bit_count, Str, int32_t, x[i].n * 8)

static Status bind_length(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    b->kernel = call->arg[0]->type->id == T_BINARY ? byte_count : char_count;
    return DONE;
}

// Case. ICU is loaded when the first text comes that is not ASCII.
typedef struct CaseMap { // KernelCall.bound
    IcuText icu;
    void *map;
} CaseMap;
typedef enum Case { UPPER, LOWER } Case;

static Status case_open(CaseMap *m)
{
    int status = 0;
    if (m->map) return DONE;
    TRY(icu_text(&m->icu));
    m->map = m->icu.case_open("", 0, &status);
    return m->map ? DONE : fail(ERR_UNSUPPORTED, "ICU opens no case map");
}

static Status case_icu(const KernelCall *k, Case c, Str s, Str *out)
{
    enum { ICU_BUFFER_OVERFLOW = 15 };
    CaseMap *m = *(CaseMap *const *)k->bound;
    TRY(case_open(m));
    int64_t capacity = s.n * 2 + 8;
    for (;;) {
        int status = 0;
        char *p = room(k, capacity);
        int32_t n = (c == UPPER ? m->icu.to_upper : m->icu.to_lower)(m->map, p, (int32_t)capacity,
                                                                     s.p, (int32_t)s.n, &status);
        *out = str_of(p, n);
        if (status != ICU_BUFFER_OVERFLOW) return DONE;
        capacity = (int64_t)n + 8;
    }
}

static Status case_one(const KernelCall *k, Case c, Str s, Str *out)
{
    if (!is_ascii(s)) return case_icu(k, c, s, out);
    char *restrict p = room(k, s.n);
    char first = c == UPPER ? 'a' : 'A';
    for (int64_t i = 0; i < s.n; i++)
        p[i] = (char)(s.p[i] ^ ((uint8_t)(s.p[i] - first) < 26 ? 0x20 : 0));
    *out = str_of(p, s.n);
    return DONE;
}

static Status case_kernel(const KernelCall *k, Case c)
{
    for (int32_t i = 0; i < k->rows; i++)
        if (kernel_live(k, i))
            TRY(case_one(k, c, column_str(k->in[0], i), &COLUMN_DATA(k->out, Str)[i]));
    return DONE;
}
static Status upper_kernel(const KernelCall *k) { return case_kernel(k, UPPER); }
static Status lower_kernel(const KernelCall *k) { return case_kernel(k, LOWER); }

// A word's first letter takes its title form; where that is several letters (SS of a sharp s), only
// the first of them stays great.
static Status title_char(const KernelCall *k, Str c, Buf *b)
{
    CaseMap *m = *(CaseMap *const *)k->bound;
    int64_t width;
    char utf8[4];
    uint32_t cp = utf8_at(c, 0, &width);
    if (cp < 0x80) {
        buf_char(b, cp >= 'a' && cp <= 'z' ? (char)(cp - 32) : (char)cp);
        return DONE;
    }
    TRY(case_open(m));
    uint32_t title = (uint32_t)m->icu.title((int32_t)cp);
    Str upper, rest;
    if (title != cp) {
        buf_put(b, str_of(utf8, utf8_encode(utf8, title)));
        return DONE;
    }
    TRY(case_icu(k, UPPER, c, &upper));
    int64_t first = upper.n ? utf8_width(upper, 0) : 0;
    buf_put(b, str_of(upper.p, first));
    TRY(case_icu(k, LOWER, str_from(upper, first), &rest));
    buf_put(b, rest);
    return DONE;
}

// The small form of a word is made whole (a sigma at its end is another), then its first letter is
// taken off again.
static Status title_word(const KernelCall *k, Str word, Buf *b)
{
    Str first = str_sub(word, 0, utf8_width(word, 0)), small, small_first;
    TRY(case_one(k, LOWER, word, &small));
    TRY(case_one(k, LOWER, first, &small_first));
    TRY(title_char(k, first, b));
    buf_put(b, str_from(small, MIN(small.n, small_first.n)));
    return DONE;
}
static Status initcap_kernel(const KernelCall *k)
{
    Buf b = buf_new(k->scratch);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        buf_clear(&b);
        for (Cut c = str_cut(column_str(k->in[0], i), ' ');; c = str_cut(c.tail, ' ')) {
            if (c.head.n) TRY(title_word(k, c.head, &b));
            if (!c.ok) break;
            buf_char(&b, ' ');
        }
        COLUMN_DATA(k->out, Str)[i] = str_copy(k->scratch, buf_str(&b));
    }
    return DONE;
}

static void case_close(void *map)
{
    CaseMap *m = map;
    if (m->map) m->icu.case_close(m->map);
}

static Status bind_case(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)call, (void)ctx;
    CaseMap **m = NEW(a, CaseMap *, 1);
    *m = NEW(a, CaseMap, 1);
    arena_defer(a, case_close, *m);
    b->data = m;
    return DONE;
}

// substring(s, pos, len): positions from 1, or from the end when negative.
static Str substring(Str s, int64_t pos, int64_t len, bool bytes)
{
    bool by_byte = bytes || is_ascii(s);
    int64_t chars = pos < 0 ? (by_byte ? s.n : utf8_chars(s)) : 0;
    int64_t start = pos > 0 ? pos - 1 : pos < 0 ? chars + pos : 0;
    int64_t end = start + len;
    if (end <= start || end <= 0) return (Str){0};
    start = MAX(start, 0);
    if (by_byte) return start >= s.n ? (Str){0} : str_sub(s, start, MIN(end, s.n) - start);
    int64_t at = utf8_skip(s, 0, start), to = utf8_skip(s, at, end - start);
    return str_sub(s, at, to - at);
}

static Status substring_kernel(const KernelCall *k)
{
    const int32_t *pos = COLUMN_DATA(k->in[1], int32_t), *len = COLUMN_DATA(k->in[2], int32_t);
    bool bytes = is_binary(k);
    for (int32_t i = 0; i < k->rows; i++)
        if (kernel_live(k, i))
            COLUMN_DATA(k->out, Str)[i] = substring(column_str(k->in[0], i), pos[i], len[i], bytes);
    return DONE;
}

static Status left_right(const KernelCall *k, bool right)
{
    const int32_t *len = COLUMN_DATA(k->in[1], int32_t);
    bool bytes = is_binary(k);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str s = column_str(k->in[0], i);
        int64_t n = MAX(len[i], 0);
        COLUMN_DATA(k->out, Str)
        [i] = !n      ? (Str){0}
              : right ? substring(s, -n, INT32_MAX, bytes)
                      : substring(s, 1, n, bytes);
    }
    return DONE;
}
static Status left_kernel(const KernelCall *k) { return left_right(k, false); }
static Status right_kernel(const KernelCall *k) { return left_right(k, true); }

static Status analyse_substring(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    default_arg(a, call, 3, int_literal(a, INT32_MAX));
    call->type = call->arg[0]->type->id == T_BINARY ? &type_binary : &type_string;
    return DONE;
}
static Status analyse_same(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    call->type = call->arg[0]->type->id == T_BINARY ? &type_binary : &type_string;
    return DONE;
}

static Status concat_kernel(const KernelCall *k)
{
    Str *z = COLUMN_DATA(k->out, Str);
    int64_t total = 0;
    for (int32_t i = 0; i < k->rows; i++)
        for (int32_t c = 0; kernel_live(k, i) && c < k->nin; c++)
            total += column_str(k->in[c], i).n;
    char *p = room(k, total);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        z[i].p = p;
        for (int32_t c = 0; c < k->nin; c++) {
            Str s = column_str(k->in[c], i);
            if (s.n) memcpy(p, s.p, (size_t)s.n);
            p += s.n;
        }
        z[i].n = p - z[i].p;
    }
    return DONE;
}

// Arrays are joined to arrays, bytes to bytes, all else as text.
static Status analyse_concat(Arena *a, Expr *call, const EvalCtx *ctx)
{
    int32_t arrays = 0, binaries = 0;
    for (int32_t i = 0; i < call->nargs; i++) {
        arrays += call->arg[i]->type->id == T_ARRAY;
        binaries += call->arg[i]->type->id == T_BINARY;
        if (call->arg[i]->type->id == T_MAP || call->arg[i]->type->id == T_STRUCT)
            return wrong_type(a, call, i, "(\"STRING\" or \"BINARY\" or \"ARRAY\")");
    }
    if (arrays) {
        for (int32_t i = 0; i < call->nargs; i++)
            if (call->arg[i]->type->id != T_ARRAY && call->arg[i]->type->id != T_VOID)
                return diff_types(a, call, NULL);
        TRY(coerce_args(a, call, 0, 1, ctx));
        call->type = call->arg[0]->type;
        return DONE;
    }
    call->type = binaries && binaries == call->nargs ? &type_binary : &type_string;
    for (int32_t i = 0; i < call->nargs; i++) TRY(coerce_arg(a, call, i, call->type));
    return DONE;
}

static Status bind_concat(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    if (call->type->id == T_ARRAY) b->kernel = concat_arrays;
    return DONE;
}

// `||` of three is concat(concat(a, b), c), which is how it is named.
static void sql_concat(Buf *b, const Expr *e) { sql_as(b, e, "concat"); }

static void join(Buf *b, Str by, Str s, bool *first)
{
    if (!*first) buf_put(b, by);
    *first = false;
    buf_put(b, s);
}

static void join_list(const Column *c, int32_t i, Buf *b, Str by, bool *first)
{
    List l = COLUMN_DATA(c, List)[i];
    for (int32_t e = l.at; e < l.at + l.n; e++)
        if (!column_null(&c->kid[0], e)) join(b, by, column_str(&c->kid[0], e), first);
}

// NULLs are passed over; a NULL separator is NULL.
static Status concat_ws(const KernelCall *k)
{
    Buf b = buf_new(k->scratch);
    for (int32_t i = 0; i < k->rows; i++) {
        k->out->valid[i] = !column_null(k->in[0], i);
        if (!kernel_live(k, i)) continue;
        bool first = true;
        Str by = column_str(k->in[0], i);
        buf_clear(&b);
        for (int32_t c = 1; c < k->nin; c++) {
            if (column_null(k->in[c], i)) continue;
            if (k->in[c]->type->id == T_ARRAY)
                join_list(k->in[c], i, &b, by, &first);
            else
                join(&b, by, column_str(k->in[c], i), &first);
        }
        COLUMN_DATA(k->out, Str)[i] = str_copy(k->scratch, buf_str(&b));
    }
    return DONE;
}

static Status analyse_concat_ws(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    for (int32_t i = 1; i < call->nargs; i++) {
        const Type *t = call->arg[i]->type;
        if (t->id == T_MAP || t->id == T_STRUCT)
            return wrong_type(a, call, i, "(\"ARRAY<STRING>\" or \"STRING\")");
        bool list = t->id == T_ARRAY;
        TRY(coerce_arg(a, call, i, list ? type_array(a, &type_string, true) : &type_string));
    }
    call->nullable = call->arg[0]->nullable;
    return DONE;
}

typedef enum Side { BOTH_ENDS, FRONT, BACK } Side;

static bool in_set(Str set, Str c)
{
    for (int64_t at = 0; at < set.n; at += utf8_width(set, at))
        if (str_eq(str_sub(set, at, utf8_width(set, at)), c)) return true;
    return false;
}

static Str trim_set(Str s, Str set, Side side)
{
    int64_t at = 0;
    while (side != BACK && at < s.n && in_set(set, str_sub(s, at, utf8_width(s, at))))
        at += utf8_width(s, at);
    s = str_from(s, at);
    while (side != FRONT && s.n) {
        int64_t last = s.n - 1;
        while (last > 0 && ((uint8_t)s.p[last] & 0xc0) == 0x80) last--;
        if (!in_set(set, str_from(s, last))) break;
        s.n = last;
    }
    return s;
}

static Status trim_kernel(const KernelCall *k)
{
    Side side = *(const Side *)k->bound;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str set = k->nin > 1 ? column_str(k->in[1], i) : S(" ");
        COLUMN_DATA(k->out, Str)[i] = trim_set(column_str(k->in[0], i), set, side);
    }
    return DONE;
}

static Status bind_trim(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)ctx;
    Side *side = NEW(a, Side, 1);
    char first = call->fn->name.p[0];
    *side = first == 'l' ? FRONT : first == 'r' ? BACK : BOTH_ENDS;
    b->data = side;
    return DONE;
}

// ltrim(set, text): what is cut off comes first there, and in TRIM(LEADING set FROM text).
static Status analyse_trim(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)a, (void)ctx;
    if (call->nargs < 2 || str_eq(call->fn->name, S("btrim"))) return DONE;
    Expr *set = call->arg[0];
    call->arg[0] = call->arg[1];
    call->arg[1] = set;
    return DONE;
}

static void sql_trim(Buf *b, const Expr *e)
{
    if (e->nargs < 2 || str_eq(e->fn->name, S("btrim"))) {
        sql_as(b, e, str_to_z(b->arena, e->name));
        return;
    }
    char first = e->fn->name.p[0];
    buf_put(b, first == 'l'   ? S("TRIM(LEADING ")
               : first == 'r' ? S("TRIM(TRAILING ")
                              : S("TRIM(BOTH "));
    expr_sql(b, e->arg[1]);
    buf_put(b, S(" FROM "));
    expr_sql(b, e->arg[0]);
    buf_char(b, ')');
}

static Str pad(const KernelCall *k, Str s, int64_t len, Str by, bool left)
{
    bool bytes = is_binary(k);
    int64_t have = bytes ? s.n : utf8_chars(s), unit = bytes ? by.n : utf8_chars(by);
    if (len <= have || !unit) return substring(s, 1, MAX(MIN(len, have), 0), bytes);
    int64_t missing = len - have, whole = missing / unit;
    Str rest = substring(by, 1, missing % unit, bytes);
    int64_t fill = whole * by.n + rest.n;
    char *p = room(k, s.n + fill), *to = left ? p : p + s.n;
    if (s.n) memcpy(left ? p + fill : p, s.p, (size_t)s.n);
    for (int64_t i = 0; i < whole; i++, to += by.n) memcpy(to, by.p, (size_t)by.n);
    if (rest.n) memcpy(to, rest.p, (size_t)rest.n);
    return str_of(p, s.n + fill);
}

enum { TEXT_MAX = 1 << 27 }; // bytes that one row may make out of a few

static Status check_length(const char *function, long long bytes)
{
    if (bytes <= TEXT_MAX) return DONE;
    return fail(ERR_LIMIT, "%s: a text of %lld bytes", function, bytes);
}

static Status pad_rows(const KernelCall *k, bool left)
{
    const int32_t *len = COLUMN_DATA(k->in[1], int32_t);
    for (int32_t i = 0; i < k->rows; i++)
        if (kernel_live(k, i)) {
            TRY(check_length(left ? "lpad" : "rpad", len[i]));
            Str *z = &COLUMN_DATA(k->out, Str)[i];
            *z = pad(k, column_str(k->in[0], i), len[i], column_str(k->in[2], i), left);
        }
    return DONE;
}
static Status lpad_kernel(const KernelCall *k) { return pad_rows(k, true); }
static Status rpad_kernel(const KernelCall *k) { return pad_rows(k, false); }

static Status analyse_pad(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    bool binary = call->arg[0]->type->id == T_BINARY;
    call->type = binary ? &type_binary : &type_string;
    Datum by = {.s = binary ? str_of("", 1) : S(" ")}; // the byte 0
    default_arg(a, call, 3, expr_literal(a, call->type, &by));
    return coerce_arg(a, call, 2, call->type);
}

static Status repeat_kernel(const KernelCall *k)
{
    const int32_t *times = COLUMN_DATA(k->in[1], int32_t);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str s = column_str(k->in[0], i);
        int64_t n = s.n ? MAX(times[i], 0) : 0;
        long long bytes = s.n * n;
        TRY(check_length("repeat", bytes));
        char *p = room(k, s.n * n);
        for (int64_t at = 0; at < n; at++) memcpy(p + at * s.n, s.p, (size_t)s.n);
        COLUMN_DATA(k->out, Str)[i] = str_of(p, s.n * n);
    }
    return DONE;
}

static Status lower_space(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    Expr *arg[2] = {string_literal(a, S(" ")), call->arg[0]};
    return fn_make(e, a, ctx, S("repeat"), arg, 2);
}

static Str reverse_text(const KernelCall *k, Str s)
{
    char *p = room(k, s.n), *to = p + s.n;
    for (int64_t at = 0; at < s.n;) {
        int64_t w = utf8_width(s, at);
        to -= w;
        memcpy(to, s.p + at, (size_t)w);
        at += w;
    }
    return str_of(p, s.n);
}
static Str reverse_bytes(const KernelCall *k, Str s)
{
    char *p = room(k, s.n);
    for (int64_t i = 0; i < s.n; i++) p[s.n - 1 - i] = s.p[i];
    return str_of(p, s.n);
}
EACH1(reverse_bytes_kernel, Str, Str, , z[i] = reverse_bytes(k, x[i]))
EACH1(reverse_kernel, Str, Str, , z[i] = reverse_text(k, x[i]))

static Status analyse_reverse(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    TypeId id = call->arg[0]->type->id;
    call->type = id == T_ARRAY || id == T_BINARY ? call->arg[0]->type : &type_string;
    return coerce_arg(a, call, 0, call->type);
}
static Status bind_reverse(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)a, (void)ctx;
    if (call->type->id == T_ARRAY) b->kernel = reverse_arrays;
    if (call->type->id == T_BINARY) b->kernel = reverse_bytes_kernel;
    return DONE;
}

// clang-format off
#define ALIAS(fn, of, doc_) {.name = STR_INIT(fn), .signature = "= " of, .doc = doc_}
static const FnRow rows[] = {
    {.name = STR_INIT("length"), .signature = "string|binary -> int", .doc = "characters of a text, bytes of a binary", .bind = bind_length},
    ALIAS("len", "length", "characters of a text, bytes of a binary"),
    ALIAS("char_length", "length", "characters of a text, bytes of a binary"),
    ALIAS("character_length", "length", "characters of a text, bytes of a binary"),
    {.name = STR_INIT("octet_length"), .signature = "string|binary -> int", .kernel = byte_count, .doc = "bytes"},
    {.name = STR_INIT("bit_length"), .signature = "string|binary -> int", .kernel = bit_count, .doc = "bits"},
    {.name = STR_INIT("upper"), .signature = "string -> string", .kernel = upper_kernel, .doc = "in capital letters", .bind = bind_case},
    ALIAS("ucase", "upper", "in capital letters"),
    {.name = STR_INIT("lower"), .signature = "string -> string", .kernel = lower_kernel, .doc = "in small letters", .bind = bind_case},
    ALIAS("lcase", "lower", "in small letters"),
    {.name = STR_INIT("initcap"), .signature = "string -> string", .kernel = initcap_kernel, .doc = "each word with a capital, the rest small", .bind = bind_case},
    {.name = STR_INIT("substring"), .signature = "string|binary int int? -> -", .kernel = substring_kernel, .doc = "the part from a position, of a length", .analyse = analyse_substring},
    ALIAS("substr", "substring", "the part from a position, of a length"),
    {.name = STR_INIT("left"), .signature = "string|binary int -> -", .kernel = left_kernel, .doc = "the first n characters", .analyse = analyse_same},
    {.name = STR_INIT("right"), .signature = "string|binary int -> -", .kernel = right_kernel, .doc = "the last n characters", .analyse = analyse_same},
    {.name = STR_INIT("concat"), .signature = "any* -> -", .kernel = concat_kernel, .doc = "texts, bytes or arrays one after the other", .analyse = analyse_concat, .bind = bind_concat, .sql = sql_concat},
    ALIAS("||", "concat", "texts, bytes or arrays one after the other"),
    {.name = STR_INIT("concat_ws"), .signature = "string any* -> string", .kernel = concat_ws, .flags = FN_OWN_NULLS, .doc = "texts that are not NULL, with a separator between", .analyse = analyse_concat_ws},
    {.name = STR_INIT("trim"), .signature = "string string? -> string", .kernel = trim_kernel, .doc = "without blanks (or characters of a set) at both ends", .analyse = analyse_trim, .bind = bind_trim, .sql = sql_trim},
    {.name = STR_INIT("ltrim"), .signature = "string string? -> string", .kernel = trim_kernel, .doc = "without blanks (or characters of a set) at the front", .analyse = analyse_trim, .bind = bind_trim, .sql = sql_trim},
    {.name = STR_INIT("rtrim"), .signature = "string string? -> string", .kernel = trim_kernel, .doc = "without blanks (or characters of a set) at the end", .analyse = analyse_trim, .bind = bind_trim, .sql = sql_trim},
    {.name = STR_INIT("btrim"), .signature = "string string? -> string", .kernel = trim_kernel, .doc = "without blanks (or characters of the second) at both ends", .analyse = analyse_trim, .bind = bind_trim, .sql = sql_trim},
    {.name = STR_INIT("lpad"), .signature = "string|binary int any? -> -", .kernel = lpad_kernel, .doc = "filled at the front to a length, or cut to it", .analyse = analyse_pad},
    {.name = STR_INIT("rpad"), .signature = "string|binary int any? -> -", .kernel = rpad_kernel, .doc = "filled at the end to a length, or cut to it", .analyse = analyse_pad},
    {.name = STR_INIT("repeat"), .signature = "string int -> string", .kernel = repeat_kernel, .flags = FN_RAISES, .doc = "n times"},
    {.name = STR_INIT("space"), .signature = "int -> string", .doc = "n blanks", .lower = lower_space},
    {.name = STR_INIT("reverse"), .signature = "any -> -", .kernel = reverse_kernel, .doc = "characters or elements backwards", .analyse = analyse_reverse, .bind = bind_reverse},
};
// clang-format on
FN_TABLE(fn_string, rows);
