// fn_regex.c -- like, ilike, rlike, regexp_* and split. Patterns are nearly always literals: they
// are compiled when the expression is; a pattern that changes from row to row is compiled when it
// does.
#include "base/num.h"
#include "expr/fn_in.h"
#include "expr/picks_in.h"
#include "expr/regex_in.h"
#include "expr/utf8_in.h"

// LIKE. A pattern is bytes to match, any one character, or any number of them.
typedef enum LikeOp { LIKE_BYTE, LIKE_ONE, LIKE_MANY } LikeOp;
typedef struct Like {
    uint8_t *op;
    char *byte;
    int32_t n;
    enum { LIKE_GENERAL, LIKE_EXACT, LIKE_PREFIX, LIKE_SUFFIX, LIKE_INSIDE } shape;
    Str text; // of the shapes that are one text with % around it
    Str source;
} Like;

static void like_shape(Like *l)
{
    bool front = l->n && l->op[0] == LIKE_MANY;
    bool back = l->n > front && l->op[l->n - 1] == LIKE_MANY;
    for (int32_t i = front; i < l->n - back; i++)
        if (l->op[i] != LIKE_BYTE) return;
    l->text = str_of(l->byte + front, l->n - front - back);
    l->shape = front ? (back ? LIKE_INSIDE : LIKE_SUFFIX) : back ? LIKE_PREFIX : LIKE_EXACT;
}

static Status like_compile(Arena *a, Str pattern, char escape, Like *l)
{
    *l = (Like){.op = NEW(a, uint8_t, pattern.n), .byte = NEW(a, char, pattern.n)};
    l->source = pattern;
    for (int64_t i = 0; i < pattern.n; i++, l->n++) {
        char c = pattern.p[i];
        if (c == escape) {
            if (++i >= pattern.n) return RAISE(INVALID_FORMAT_ESC_AT_THE_END, P("format", pattern));
            c = pattern.p[i];
            if (c != '_' && c != '%' && c != escape)
                return RAISE(INVALID_FORMAT_ESC_IN_THE_MIDDLE, P("format", pattern),
                             P("char", str_sub(pattern, i, 1)));
        } else if (c == '_' || c == '%') {
            l->op[l->n] = c == '_' ? LIKE_ONE : LIKE_MANY;
        }
        l->byte[l->n] = c;
    }
    like_shape(l);
    return DONE;
}

// One way back suffices: to the last % seen, which takes one character more.
static bool like_general(const Like *l, Str s)
{
    int64_t at = 0, back_at = -1;
    int32_t i = 0, back_i = -1;
    while (at < s.n || i < l->n) {
        if (i < l->n && l->op[i] == LIKE_MANY) {
            back_i = ++i;
            back_at = at;
            continue;
        }
        bool fits = i < l->n && at < s.n && (l->op[i] == LIKE_ONE || l->byte[i] == s.p[at]);
        if (fits) {
            at += l->op[i] == LIKE_ONE ? utf8_width(s, at) : 1;
            i++;
            continue;
        }
        if (back_i < 0 || back_at >= s.n) return false;
        back_at += utf8_width(s, back_at);
        at = back_at;
        i = back_i;
    }
    return true;
}

static bool like_matches(const Like *l, Str s)
{
    switch (l->shape) {
    case LIKE_GENERAL: return like_general(l, s);
    case LIKE_EXACT: return str_eq(s, l->text);
    case LIKE_PREFIX: return str_starts(s, l->text);
    case LIKE_SUFFIX: return str_ends(s, l->text);
    case LIKE_INSIDE: return str_find(s, l->text) >= 0;
    }
    must_failed("the shape of a pattern", __FILE__, __LINE__);
}

static char escape_of(const KernelCall *k)
{
    if (k->nin < 3) return '\\';
    Str s = column_str(k->in[2], 0);
    return s.n ? s.p[0] : '\\';
}

static Status like_kernel(const KernelCall *k)
{
    const Like *bound = k->bound;
    Like own = {.source = {NULL, -1}};
    uint8_t *z = COLUMN_DATA(k->out, uint8_t);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        Str pattern = column_str(k->in[1], i);
        if (!bound && !(own.source.n >= 0 && str_eq(own.source, pattern)))
            TRY(like_compile(k->scratch, pattern, escape_of(k), &own));
        z[i] = like_matches(bound ? bound : &own, column_str(k->in[0], i));
    }
    return DONE;
}

static bool is_text(const Expr *e) { return e->kind == E_LITERAL && !e->value.null; }

static Status bind_like(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)ctx;
    if (!is_text(call->arg[1]) || (call->nargs > 2 && !is_text(call->arg[2]))) return DONE;
    Like *l = NEW(a, Like, 1);
    char escape = call->nargs > 2 && call->arg[2]->value.s.n ? call->arg[2]->value.s.p[0] : '\\';
    TRY(like_compile(a, call->arg[1]->value.s, escape, l));
    b->data = l;
    return DONE;
}

static void sql_like(Buf *b, const Expr *e)
{
    expr_sql(b, e->arg[0]);
    buf_put(b, S(" LIKE "));
    expr_sql(b, e->arg[1]);
    if (e->nargs < 3) return;
    buf_put(b, S(" ESCAPE '"));
    expr_sql(b, e->arg[2]);
    buf_char(b, '\'');
}

static Status lower_ilike(Arena *a, const Expr *call, const EvalCtx *ctx, Expr **e)
{
    Expr *arg[3] = {NULL, NULL, call->nargs > 2 ? call->arg[2] : NULL};
    for (int32_t i = 0; i < 2; i++) TRY(fn_make(&arg[i], a, ctx, S("lower"), &call->arg[i], 1));
    return fn_make(e, a, ctx, S("like"), arg, call->nargs);
}

// A compiled pattern, or the last one that a row had.
typedef struct Pattern {
    const char *function;
    const Regex *literal;
} Pattern;
typedef struct Current {
    const Regex *regex;
    Str source;
} Current;

static Status pattern_at(const KernelCall *k, int32_t i, Current *c)
{
    const Pattern *p = k->bound;
    if (p->literal) {
        c->regex = p->literal;
        return DONE;
    }
    Str source = column_str(k->in[1], i);
    if (c->regex && str_eq(c->source, source)) return DONE;
    c->source = source;
    return regex_compile(&c->regex, k->scratch, source, p->function);
}

static Status bind_regex(Arena *a, const Expr *call, const EvalCtx *ctx, Bound *b)
{
    (void)ctx;
    Pattern *p = NEW(a, Pattern, 1);
    p->function = str_to_z(a, call->fn->name);
    b->data = p;
    if (!is_text(call->arg[1])) return DONE;
    return regex_compile(&p->literal, a, call->arg[1]->value.s, p->function);
}

static Status rlike_kernel(const KernelCall *k)
{
    Current c = {0};
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        TRY(pattern_at(k, i, &c));
        COLUMN_DATA(k->out, uint8_t)[i] = regex_find(c.regex, column_str(k->in[0], i), 0, NULL);
    }
    return DONE;
}

static int64_t *group_room(const KernelCall *k, const Regex *r)
{
    return NEW_RAW(k->scratch, int64_t, 2 * (regex_groups(r) + 1));
}

// Where Java looks next: past an empty match by one character.
static int64_t next_from(Str s, const int64_t *g)
{
    if (g[1] > g[0]) return g[1];
    return g[1] < s.n ? g[1] + utf8_width(s, g[1]) : s.n + 1;
}

static Status bad_replacement(const KernelCall *k, Str replacement)
{
    (void)k;
    return RAISE(INVALID_REGEXP_REPLACE, P("replacement", replacement));
}

// $1, ${name} and \x of a replacement, as java.util.regex.Matcher has them.
static Status append_replacement(const KernelCall *k, Buf *b, Str s, Str by, const Regex *r,
                                 const int64_t *g)
{
    for (int64_t i = 0; i < by.n; i++) {
        char c = by.p[i];
        int32_t group = -1;
        if (c == '\\') {
            if (++i >= by.n) return bad_replacement(k, by);
            buf_char(b, by.p[i]);
            continue;
        }
        if (c != '$') {
            buf_char(b, c);
            continue;
        }
        if (i + 1 < by.n && by.p[i + 1] == '{') {
            int64_t close = str_find_char(str_from(by, i), '}');
            if (close > 0) group = regex_group_named(r, str_sub(by, i + 2, close - 2));
            i += close;
        } else if (i + 1 < by.n && by.p[i + 1] >= '0' && by.p[i + 1] <= '9') {
            group = by.p[++i] - '0';
            while (i + 1 < by.n && by.p[i + 1] >= '0' && by.p[i + 1] <= '9' &&
                   group * 10 + by.p[i + 1] - '0' <= regex_groups(r))
                group = group * 10 + by.p[++i] - '0';
        }
        if (group < 0 || group > regex_groups(r)) return bad_replacement(k, by);
        if (g[2 * group] >= 0)
            buf_put(b, str_sub(s, g[2 * group], g[2 * group + 1] - g[2 * group]));
    }
    return DONE;
}

static Status replace_one(const KernelCall *k, const Regex *r, Str s, int32_t i, Buf *b)
{
    Str by = column_str(k->in[2], i);
    int32_t position = COLUMN_DATA(k->in[3], int32_t)[i];
    int64_t from = position > 1 ? utf8_skip(s, 0, position - 1) : 0, copied = 0;
    int64_t *g = group_room(k, r);
    while (regex_find(r, s, from, g)) {
        buf_put(b, str_sub(s, copied, g[0] - copied));
        TRY(append_replacement(k, b, s, by, r, g));
        copied = g[1];
        from = next_from(s, g);
    }
    buf_put(b, str_from(s, copied));
    return DONE;
}

static Status regexp_replace(const KernelCall *k)
{
    Current c = {0};
    Buf b = buf_new(k->scratch);
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        TRY(pattern_at(k, i, &c));
        buf_clear(&b);
        TRY(replace_one(k, c.regex, column_str(k->in[0], i), i, &b));
        COLUMN_DATA(k->out, Str)[i] = str_copy(k->scratch, buf_str(&b));
    }
    return DONE;
}

static Status check_group(const KernelCall *k, const Regex *r, int32_t group)
{
    if (group >= 0 && group <= regex_groups(r)) return DONE;
    const Pattern *p = k->bound;
    return RAISE(INVALID_PARAMETER_VALUE_REGEX_GROUP_INDEX, P("parameter", S("`idx`")),
                 P("functionName", str_fmt(k->scratch, "`%s`", p->function)),
                 P("groupCount", str_fmt(k->scratch, "%d", regex_groups(r))),
                 P("groupIndex", str_fmt(k->scratch, "%d", group)));
}

static Str group_text(Str s, const int64_t *g, int32_t group)
{
    if (g[2 * group] < 0) return (Str){0};
    return str_sub(s, g[2 * group], g[2 * group + 1] - g[2 * group]);
}

static Status regexp_extract(const KernelCall *k)
{
    Current c = {0};
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        TRY(pattern_at(k, i, &c));
        int32_t group = COLUMN_DATA(k->in[2], int32_t)[i];
        Str s = column_str(k->in[0], i);
        int64_t *g = group_room(k, c.regex);
        bool found = regex_find(c.regex, s, 0, g);
        if (found) TRY(check_group(k, c.regex, group));
        COLUMN_DATA(k->out, Str)[i] = found ? group_text(s, g, group) : (Str){0};
    }
    return DONE;
}

typedef struct TextList { // the elements of a column of arrays of strings
    const KernelCall *k;
    VEC(Str) text;
    int32_t start;
} TextList;
static void list_end(TextList *l, int32_t i)
{
    COLUMN_DATA(l->k->out, List)[i] = (List){l->start, (int32_t)l->text.n - l->start};
    l->start = (int32_t)l->text.n;
}
static void list_finish(TextList *l)
{
    l->k->out->kid[0] =
        (Column){.type = &type_string, .data = l->text.v, .rows = (int32_t)l->text.n};
}

static Status regexp_extract_all(const KernelCall *k)
{
    Current c = {0};
    TextList list = {.k = k};
    for (int32_t i = 0; i < k->rows; i++) {
        COLUMN_DATA(k->out, List)[i] = (List){0};
        if (!kernel_live(k, i)) continue;
        TRY(pattern_at(k, i, &c));
        int32_t group = COLUMN_DATA(k->in[2], int32_t)[i];
        Str s = column_str(k->in[0], i);
        int64_t *g = group_room(k, c.regex), from = 0;
        for (; regex_find(c.regex, s, from, g); from = next_from(s, g)) {
            TRY(check_group(k, c.regex, group));
            vec_push(k->scratch, &list.text, group_text(s, g, group));
        }
        list_end(&list, i);
    }
    list_finish(&list);
    return DONE;
}

// regexp_count, regexp_instr, regexp_substr
static Status regexp_search(const KernelCall *k)
{
    Current c = {0};
    char what = k->out->type->id == T_STRING ? 's' : ((const Pattern *)k->bound)->function[7];
    for (int32_t i = 0; i < k->rows; i++) {
        if (!kernel_live(k, i)) continue;
        TRY(pattern_at(k, i, &c));
        Str s = column_str(k->in[0], i);
        int64_t *g = group_room(k, c.regex), from = 0;
        int32_t count = 0;
        for (; what == 'c' && regex_find(c.regex, s, from, g); from = next_from(s, g)) count++;
        bool found = what != 'c' && regex_find(c.regex, s, 0, g);
        if (what == 's' && found && g[0] == g[1]) found = false; // nothing is NULL
        if (what == 's') {
            if (found) COLUMN_DATA(k->out, Str)[i] = group_text(s, g, 0);
            k->out->valid[i] = found;
        } else {
            int32_t place = found ? (int32_t)utf8_count(str_of(s.p, g[0])) + 1 : 0;
            COLUMN_DATA(k->out, int32_t)[i] = what == 'c' ? count : place;
        }
    }
    return DONE;
}

static void split_plain(TextList *list, Str s, Str by, int32_t limit)
{
    int64_t at;
    for (int32_t n = 1; (limit <= 0 || n < limit) && (at = str_find(s, by)) >= 0; n++) {
        vec_push(list->k->scratch, &list->text, str_of(s.p, at));
        s = str_from(s, at + by.n);
    }
    vec_push(list->k->scratch, &list->text, s);
}

// An empty pattern parts all characters.
static void split_chars(TextList *list, Str s, int32_t limit)
{
    int64_t at = 0;
    for (int32_t n = 1; at < s.n; n++) {
        int64_t w = limit > 0 && n >= limit ? s.n - at : utf8_width(s, at);
        vec_push(list->k->scratch, &list->text, str_sub(s, at, w));
        at += w;
    }
    if (!s.n) vec_push(list->k->scratch, &list->text, s);
}

// An empty match at the start parts nothing, as in Java.
static void split_regex(TextList *list, const Regex *r, Str s, int32_t limit)
{
    int64_t *g = group_room(list->k, r), from = 0, copied = 0;
    int32_t n = 1;
    for (; (limit <= 0 || n < limit) && regex_find(r, s, from, g); from = next_from(s, g)) {
        if (g[1] == 0) continue;
        vec_push(list->k->scratch, &list->text, str_sub(s, copied, g[0] - copied));
        copied = g[1];
        n++;
    }
    vec_push(list->k->scratch, &list->text, str_from(s, copied));
}

static Status split(const KernelCall *k)
{
    Current c = {0};
    TextList list = {.k = k};
    for (int32_t i = 0; i < k->rows; i++) {
        COLUMN_DATA(k->out, List)[i] = (List){0};
        if (!kernel_live(k, i)) continue;
        Str s = column_str(k->in[0], i), by = column_str(k->in[1], i);
        int32_t limit = COLUMN_DATA(k->in[2], int32_t)[i];
        if (!by.n) {
            split_chars(&list, s, limit);
        } else if (regex_is_plain(by)) {
            split_plain(&list, s, by, limit);
        } else {
            TRY(pattern_at(k, i, &c));
            split_regex(&list, c.regex, s, limit);
        }
        list_end(&list, i);
    }
    list_finish(&list);
    return DONE;
}

static Status default_int(Arena *a, Expr *call, int32_t n, int32_t v)
{
    default_arg(a, call, n, int_literal(a, v));
    call->nullable = call->nullable || any_nullable(call);
    return DONE;
}
static Status analyse_replace(Arena *a, Expr *call, const EvalCtx *ctx)
{
    Datum v = {.null = true};
    if (call->nargs == 4 && expr_foldable(call->arg[3])) TRY(fold_arg(a, call, 3, ctx, &v));
    if (!v.null && v.i <= 0)
        return RAISE(DATATYPE_MISMATCH_VALUE_OUT_OF_RANGE, P("sqlExpr", quoted_sql(a, call)),
                     P("exprName", S("position")), P("valueRange", S("(0, 2147483647]")),
                     P("currentValue", str_fmt(a, "%lld", (long long)v.i)));
    return default_int(a, call, 4, 1);
}
static Status analyse_extract(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    return default_int(a, call, 3, 1);
}
static Status analyse_instr(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    return default_int(a, call, 3, 0);
}
static Status analyse_list(Arena *a, Expr *call, const EvalCtx *ctx)
{
    (void)ctx;
    bool is_split = str_eq(call->fn->name, S("split"));
    call->type = type_array(a, &type_string, !is_split);
    return default_int(a, call, 3, is_split ? -1 : 1);
}

static void sql_rlike(Buf *b, const Expr *e)
{
    char name[16];
    Str s = e->name;
    for (int64_t i = 0; i < s.n && i < 15; i++)
        name[i] = (char)(s.p[i] == '_' ? '_' : s.p[i] & ~32);
    name[MIN(s.n, 15)] = 0;
    sql_as(b, e, name);
}

// clang-format off
static const FnRow rows[] = {
    {.name = STR_INIT("like"), .signature = "string string lit:string? -> boolean", .kernel = like_kernel, .flags = FN_RAISES,
     .doc = "the text fits a pattern of % and _", .bind = bind_like, .sql = sql_like},
    {.name = STR_INIT("ilike"), .signature = "string string lit:string? -> boolean",
     .doc = "the text fits a pattern of % and _, in letters of either case", .lower = lower_ilike},
    {.name = STR_INIT("rlike"), .signature = "string string -> boolean", .kernel = rlike_kernel, .flags = FN_RAISES,
     .doc = "a regular expression is found in the text", .bind = bind_regex, .sql = sql_rlike},
    {.name = STR_INIT("regexp"), .signature = "= rlike", .doc = "a regular expression is found in the text"},
    {.name = STR_INIT("regexp_like"), .signature = "= rlike", .doc = "a regular expression is found in the text"},
    {.name = STR_INIT("regexp_replace"), .signature = "string string string int? -> string", .kernel = regexp_replace, .flags = FN_RAISES,
     .doc = "all that a regular expression finds, replaced", .analyse = analyse_replace, .bind = bind_regex},
    {.name = STR_INIT("regexp_extract"), .signature = "string string int? -> string", .kernel = regexp_extract, .flags = FN_RAISES,
     .doc = "a group of the first match", .analyse = analyse_extract, .bind = bind_regex},
    {.name = STR_INIT("regexp_extract_all"), .signature = "string string int? -> -", .kernel = regexp_extract_all, .flags = FN_RAISES,
     .doc = "a group of each match", .analyse = analyse_list, .bind = bind_regex},
    {.name = STR_INIT("regexp_count"), .signature = "string string -> int", .kernel = regexp_search, .flags = FN_RAISES,
     .doc = "how many matches there are", .bind = bind_regex},
    {.name = STR_INIT("regexp_instr"), .signature = "string string int? -> int", .kernel = regexp_search, .flags = FN_RAISES,
     .doc = "where the first match begins, from 1", .analyse = analyse_instr, .bind = bind_regex},
    {.name = STR_INIT("regexp_substr"), .signature = "string string -> string", .kernel = regexp_search, .flags = FN_RAISES | FN_MAY_NULL,
     .doc = "the first match", .bind = bind_regex},
    {.name = STR_INIT("split"), .signature = "string string int? -> -", .kernel = split, .flags = FN_RAISES,
     .doc = "the texts between what a regular expression finds", .analyse = analyse_list, .bind = bind_regex},
};
// clang-format on
FN_TABLE(fn_regex, rows);
