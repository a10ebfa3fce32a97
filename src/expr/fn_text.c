// fn_text.c -- finding, replacing and comparing texts. Positions are characters from 1.
#include "expr/fn_in.h"
#include "expr/utf8_in.h"

static char *room(const KernelCall *k, int64_t n) { return NEW_RAW(k->scratch, char, n); }

EACH2(starts_kernel, Str, Str, uint8_t, z[i] = str_starts(x[i], y[i]))
EACH2(ends_kernel, Str, Str, uint8_t, z[i] = str_ends(x[i], y[i]))
EACH2(contains_kernel, Str, Str, uint8_t, z[i] = str_find(x[i], y[i]) >= 0)

// The place of what in s, looked for from character `from` on; 0: it is not there.
static int32_t place_of(Str s, Str what, int64_t from)
{
    if (!what.n) return 1;
    int64_t at = utf8_skip(s, 0, from - 1), found = str_find(str_from(s, at), what);
    return found < 0 ? 0 : (int32_t)utf8_chars(str_of(s.p, at + found)) + 1;
}
EACH2(instr_kernel, Str, Str, int32_t, z[i] = place_of(x[i], y[i], 1))

// locate(what, s, from): 0 when from is NULL or not positive.
static Status locate_kernel(const KernelCall *k)
{
    const Str *what = COLUMN_DATA(k->in[0], Str), *s = COLUMN_DATA(k->in[1], Str);
    const int32_t *from = COLUMN_DATA(k->in[2], int32_t);
    for (int32_t i = 0; i < k->rows; i++) {
        bool no_start = column_null(k->in[2], i);
        k->out->valid[i] = no_start || (!column_null(k->in[0], i) && !column_null(k->in[1], i));
        COLUMN_DATA(k->out, int32_t)[i] = 0;
        if (no_start || !kernel_live(k, i) || from[i] < 1) continue;
        COLUMN_DATA(k->out, int32_t)[i] = place_of(s[i], what[i], from[i]);
    }
    return DONE;
}
static Status analyse_locate(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    default_arg(a, call, 3, int_literal(a, 1));
    return DONE;
}

static Str replace_all(const KernelCall *k, Str s, Str what, Str by)
{
    if (!what.n || str_find(s, what) < 0) return s;
    Buf b = buf_new(k->scratch);
    for (int64_t at; (at = str_find(s, what)) >= 0; s = str_from(s, at + what.n)) {
        buf_put(&b, str_of(s.p, at));
        buf_put(&b, by);
    }
    buf_put(&b, s);
    return buf_str(&b);
}
static Status replace_kernel(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++)
        if (kernel_live(k, i)) COLUMN_DATA(k->out, Str)
    [i] = replace_all(k, column_str(k->in[0], i), column_str(k->in[1], i), column_str(k->in[2], i));
    return DONE;
}
static Status analyse_replace(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    default_arg(a, call, 3, string_literal(a, S("")));
    return DONE;
}

static int64_t rfind(Str s, Str what, int64_t before) // the last that ends before or at `before`
{
    for (int64_t at = before - what.n; at >= 0; at--)
        if (!memcmp(s.p + at, what.p, (size_t)what.n)) return at;
    return -1;
}

// All before the n-th separator, or after the n-th from the end.
static Str substring_index(Str s, Str by, int32_t n)
{
    if (!by.n || !n) return (Str){0};
    int64_t at = 0;
    if (n > 0) {
        for (; n > 0; n--) {
            int64_t found = str_find(str_from(s, at), by);
            if (found < 0) return s;
            at += found + (n > 1 ? by.n : 0);
        }
        return str_of(s.p, at);
    }
    for (at = s.n; n < 0; n++) {
        at = rfind(s, by, at);
        if (at < 0) return s;
    }
    return str_from(s, at + by.n);
}
static Status substring_index_kernel(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++)
        if (kernel_live(k, i)) COLUMN_DATA(k->out, Str)
    [i] = substring_index(column_str(k->in[0], i), column_str(k->in[1], i),
                          COLUMN_DATA(k->in[2], int32_t)[i]);
    return DONE;
}

static int64_t count_parts(Str s, Str by)
{
    int64_t n = 1;
    for (int64_t at; by.n && (at = str_find(s, by)) >= 0; s = str_from(s, at + by.n)) n++;
    return n;
}

static Str part_at(Str s, Str by, int64_t n)
{
    int64_t parts = count_parts(s, by);
    if (n < 0) n += parts + 1;
    if (n < 1 || n > parts) return (Str){0};
    for (; n > 1; n--) s = str_from(s, str_find(s, by) + by.n);
    int64_t end = by.n ? str_find(s, by) : -1;
    return end < 0 ? s : str_of(s.p, end);
}
static Status split_part_kernel(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        int32_t n = COLUMN_DATA(k->in[2], int32_t)[i];
        if (!n) return RAISE(INVALID_INDEX_OF_ZERO);
        COLUMN_DATA(k->out, Str)[i] = part_at(column_str(k->in[0], i), column_str(k->in[1], i), n);
    }
    return DONE;
}

static int32_t find_in_set(Str what, Str set)
{
    if (str_find_char(what, ',') >= 0) return 0;
    for (int32_t n = 1;; n++) {
        Cut cut = str_cut(set, ',');
        if (str_eq(cut.head, what)) return n;
        if (!cut.ok) return 0;
        set = cut.tail;
    }
}
EACH2(find_in_set_kernel, Str, Str, int32_t, z[i] = find_in_set(x[i], y[i]))

// One row of the table of distances at a time, over characters.
static int32_t levenshtein(const KernelCall *k, Str x, Str y)
{
    int64_t n = utf8_chars(y);
    int32_t *row = NEW_RAW(k->scratch, int32_t, n + 1);
    for (int64_t j = 0; j <= n; j++) row[j] = (int32_t)j;
    int32_t i = 1;
    for (int64_t ax = 0; ax < x.n; ax += utf8_width(x, ax), i++) {
        Str cx = str_sub(x, ax, utf8_width(x, ax));
        int32_t corner = row[0], j = 1;
        row[0] = i;
        for (int64_t ay = 0; ay < y.n; ay += utf8_width(y, ay), j++) {
            bool same = str_eq(cx, str_sub(y, ay, utf8_width(y, ay)));
            int32_t best = MIN(corner + !same, MIN(row[j], row[j - 1]) + 1);
            corner = row[j];
            row[j] = best;
        }
    }
    return row[n];
}
static Status levenshtein_kernel(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        int32_t d = levenshtein(k, column_str(k->in[0], i), column_str(k->in[1], i));
        bool over = k->nin > 2 && d > COLUMN_DATA(k->in[2], int32_t)[i];
        COLUMN_DATA(k->out, int32_t)[i] = over ? -1 : d;
    }
    return DONE;
}

// Letters H and W between two of one code are passed over, vowels part them.
static Str soundex(const KernelCall *k, Str s)
{
    static const char codes[] = "01230127022455012623017202"; // 7: H and W
    if (!s.n) return s;
    uint8_t first = (uint8_t)s.p[0] & 0xdf;
    if (first < 'A' || first > 'Z') return s;
    char *p = room(k, 4);
    memset(p, '0', 4);
    p[0] = (char)first;
    int32_t n = 1;
    char last = codes[first - 'A'];
    for (int64_t i = 1; i < s.n && n < 4; i++) {
        uint8_t c = (uint8_t)s.p[i] & 0xdf;
        if (c < 'A' || c > 'Z') {
            last = '0';
            continue;
        }
        char code = codes[c - 'A'];
        if (code == '7') continue;
        if (code != '0' && code != last) p[n++] = code;
        last = code;
    }
    return str_of(p, 4);
}
EACH1(soundex_kernel, Str, Str, , z[i] = soundex(k, x[i]))

// Each character of `from` becomes the one of `to` at its place, or goes.
static Str translate(const KernelCall *k, Str s, Str from, Str to)
{
    Buf b = buf_new(k->scratch);
    for (int64_t at = 0; at < s.n;) {
        Str c = str_sub(s, at, utf8_width(s, at));
        at += c.n;
        int64_t f = 0, t = 0;
        while (f < from.n && !str_eq(str_sub(from, f, utf8_width(from, f)), c)) {
            f += utf8_width(from, f);
            t = t < to.n ? t + utf8_width(to, t) : t;
        }
        if (f >= from.n)
            buf_put(&b, c);
        else if (t < to.n)
            buf_put(&b, str_sub(to, t, utf8_width(to, t)));
    }
    return buf_str(&b);
}
static Status translate_kernel(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++)
        if (kernel_live(k, i)) COLUMN_DATA(k->out, Str)
    [i] = translate(k, column_str(k->in[0], i), column_str(k->in[1], i), column_str(k->in[2], i));
    return DONE;
}

// overlay(s, by, from, len): len characters from `from` on replaced, as many as by has when len <
// 0.
static Status overlay_kernel(const KernelCall *k)
{
    const int32_t *from = COLUMN_DATA(k->in[2], int32_t), *len = COLUMN_DATA(k->in[3], int32_t);
    bool bytes = k->out->type->id == T_BINARY;
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str s = column_str(k->in[0], i), by = column_str(k->in[1], i);
        int64_t n = len[i] >= 0 ? len[i] : bytes ? by.n : utf8_chars(by);
        int64_t at = MAX((int64_t)from[i] - 1, 0), end = at + n;
        at = bytes ? MIN(at, s.n) : utf8_skip(s, 0, at);
        end = bytes ? MIN(end, s.n) : utf8_skip(s, at, n);
        Str tail = str_from(s, end);
        COLUMN_DATA(k->out, Str)
        [i] = str_cat(k->scratch, str_cat(k->scratch, str_of(s.p, at), by), tail);
    }
    return DONE;
}
static Status analyse_overlay(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    default_arg(a, call, 4, int_literal(a, -1));
    bool bytes = call->arg[0]->type->id == T_BINARY && call->arg[1]->type->id == T_BINARY;
    call->type = bytes ? &type_binary : &type_string;
    for (int32_t i = 0; i < 2; i++) coerce(a, &call->arg[i], call->type);
    return DONE;
}

// elt(n, a, b, ...)
static Status elt_kernel(const KernelCall *k)
{
    for (int32_t i = 0; i < k->rows; i++) {
        bool there = !column_null(k->in[0], i);
        int32_t n = there ? COLUMN_DATA(k->in[0], int32_t)[i] : 0;
        bool inside = there && n >= 1 && n < k->nin;
        k->out->valid[i] = inside && !column_null(k->in[n], i);
        if (inside) COLUMN_DATA(k->out, Str)[i] = column_str(k->in[n], i);
        if (!there || inside || !k->ctx->ansi || (k->active && !k->active[i])) continue;
        return RAISE(INVALID_ARRAY_INDEX, P("indexValue", str_fmt(k->scratch, "%d", n)),
                     P("arraySize", str_fmt(k->scratch, "%d", k->nin - 1)));
    }
    return DONE;
}

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("startswith"), .signature = "string|binary string|binary -> boolean", .kernel = starts_kernel, .doc = "the text begins with the other"},
    {.name = STR_INIT("endswith"), .signature = "string|binary string|binary -> boolean", .kernel = ends_kernel, .doc = "the text ends with the other"},
    {.name = STR_INIT("contains"), .signature = "string|binary string|binary -> boolean", .kernel = contains_kernel, .doc = "the other stands in the text"},
    {.name = STR_INIT("instr"), .signature = "string string -> int", .kernel = instr_kernel, .doc = "where the second stands in the first; 0: nowhere"},
    {.name = STR_INIT("locate"), .signature = "string string int? -> int", .kernel = locate_kernel, .flags = FN_OWN_NULLS, .doc = "where the first stands in the second; 0: nowhere", .analyse = analyse_locate},
    {.name = STR_INIT("position"), .signature = "= locate", .doc = "where the first stands in the second; 0: nowhere"},
    {.name = STR_INIT("replace"), .signature = "string string string? -> string", .kernel = replace_kernel, .doc = "with another text wherever one stands", .analyse = analyse_replace},
    {.name = STR_INIT("substring_index"), .signature = "string string int -> string", .kernel = substring_index_kernel, .doc = "what stands before the n-th separator, or after the n-th from the end"},
    {.name = STR_INIT("split_part"), .signature = "string string int -> string", .kernel = split_part_kernel, .flags = FN_RAISES, .doc = "the n-th part between separators"},
    {.name = STR_INIT("find_in_set"), .signature = "string string -> int", .kernel = find_in_set_kernel, .doc = "the place in a list with commas"},
    {.name = STR_INIT("levenshtein"), .signature = "string string int? -> int", .kernel = levenshtein_kernel, .doc = "changes of one character that lead from one to the other"},
    {.name = STR_INIT("soundex"), .signature = "string -> string", .kernel = soundex_kernel, .doc = "the Soundex code"},
    {.name = STR_INIT("translate"), .signature = "string string string -> string", .kernel = translate_kernel, .doc = "characters of the second become those of the third"},
    {.name = STR_INIT("overlay"), .signature = "string|binary string|binary int int? -> -", .kernel = overlay_kernel, .doc = "with another text from a position on", .analyse = analyse_overlay},
    {.name = STR_INIT("elt"), .signature = "int string string* -> string", .kernel = elt_kernel, .flags = FN_OWN_NULLS | FN_RAISES, .doc = "the n-th of the others"},
};
// clang-format on
FN_TABLE(fn_text, rows);
