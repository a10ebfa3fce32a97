// regex.c -- Java's syntax rewritten where PCRE2's differs, then compiled. The match data belong to
// the regex, so a regex is used by one thread at a time.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/buf.h"
#include "base/num.h"
#include "expr/regex_in.h"
#include <pcre2.h>

struct Regex {
    pcre2_code *code;
    pcre2_match_data *data;
    int32_t groups;
};

typedef struct Rewrite {
    Str s;
    int64_t i;
    Buf out;
    int32_t class_depth;
    const char *refused; // what cannot be said in PCRE2
} Rewrite;

static bool at(const Rewrite *w, const char *text)
{
    return str_starts(str_from(w->s, w->i), str_z(text));
}

// \p{Lower} and its like: POSIX classes, Java's own, then Unicode's.
static void rewrite_property(Rewrite *w, Str name, bool negated)
{
    static const struct {
        Str java, plain; // plain: for the inside of a class
    } known[] = {
        {S("Lower"), S("a-z")},
        {S("Upper"), S("A-Z")},
        {S("ASCII"), S("\\x00-\\x7F")},
        {S("Alpha"), S("a-zA-Z")},
        {S("Digit"), S("0-9")},
        {S("Alnum"), S("a-zA-Z0-9")},
        {S("Punct"), S("!-\\/:-@\\[-`{-~")},
        {S("Graph"), S("!-~")},
        {S("Print"), S(" -~")},
        {S("Blank"), S(" \\t")},
        {S("Cntrl"), S("\\x00-\\x1F\\x7F")},
        {S("XDigit"), S("0-9a-fA-F")},
        {S("Space"), S(" \\t\\n\\x0B\\f\\r")},
        {S("javaLowerCase"), S("\\p{Ll}")},
        {S("javaUpperCase"), S("\\p{Lu}")},
        {S("javaWhitespace"), S("\\s")},
        {S("javaLetter"), S("\\p{L}")},
        {S("javaDigit"), S("\\p{Nd}")},
        {S("IsAlphabetic"), S("\\p{L}\\p{Nl}")},
        {S("IsLetter"), S("\\p{L}")},
        {S("IsDigit"), S("\\p{Nd}")},
        {S("IsUppercase"), S("\\p{Lu}")},
        {S("IsLowercase"), S("\\p{Ll}")},
        {S("IsPunctuation"), S("\\p{P}")},
        {S("IsWhite_Space"), S("\\s")},
    };
    for (int32_t i = 0; i < COUNT(known); i++) {
        if (!str_eq(name, known[i].java)) continue;
        if (w->class_depth && negated) w->refused = "a negated property inside a class";
        if (w->class_depth)
            buf_put(&w->out, known[i].plain);
        else
            buf_fmt(&w->out, "[%s" STR_FMT "]", negated ? "^" : "", STR_ARG(known[i].plain));
        return;
    }
    if (str_starts(name, S("In"))) w->refused = "a block of Unicode";
    if (str_starts(name, S("Is"))) name = str_from(name, 2);
    buf_fmt(&w->out, "\\%c{" STR_FMT "}", negated ? 'P' : 'p', STR_ARG(name));
}

static bool hex_at(const Rewrite *w, int64_t at_byte, uint64_t *v)
{
    return at_byte + 4 <= w->s.n && num_parse_u64_hex(str_sub(w->s, at_byte, 4), v);
}

static void rewrite_escape(Rewrite *w)
{
    char c = w->i + 1 < w->s.n ? w->s.p[w->i + 1] : 0;
    uint64_t v, low;
    if ((c == 'p' || c == 'P') && at(w, c == 'p' ? "\\p{" : "\\P{")) {
        int64_t close = str_find_char(str_from(w->s, w->i), '}');
        if (close > 0) {
            rewrite_property(w, str_sub(w->s, w->i + 3, close - 3), c == 'P');
            w->i += close + 1;
            return;
        }
    }
    if (c == 'u' && hex_at(w, w->i + 2, &v)) {
        w->i += 6;
        bool high = v >= 0xd800 && v < 0xdc00 && at(w, "\\u") && hex_at(w, w->i + 2, &low);
        if (high) {
            v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
            w->i += 6;
        }
        buf_fmt(&w->out, "\\x{%llx}", (unsigned long long)v);
        return;
    }
    if (c == '0') { // octal
        int64_t n = 2, sum = 0;
        while (n < 5 && w->i + n < w->s.n && w->s.p[w->i + n] >= '0' && w->s.p[w->i + n] <= '7')
            sum = sum * 8 + w->s.p[w->i + n++] - '0';
        buf_fmt(&w->out, "\\x{%llx}", (long long)sum);
        w->i += n;
        return;
    }
    int64_t take = c ? 2 : 1;
    buf_put(&w->out, str_sub(w->s, w->i, take));
    w->i += take;
}

// (?iu) and its like: case is Unicode's already, d and u say nothing here.
static bool rewrite_flags(Rewrite *w)
{
    if (!at(w, "(?")) return false;
    int64_t n = w->i + 2;
    bool letters = false;
    for (; n < w->s.n && strchr("idmsuxU-", w->s.p[n]); n++) letters = true;
    if (!letters || n >= w->s.n || (w->s.p[n] != ')' && w->s.p[n] != ':')) return false;
    buf_put(&w->out, S("(?"));
    for (int64_t i = w->i + 2; i <= n; i++)
        if (!strchr("udU", w->s.p[i])) buf_char(&w->out, w->s.p[i]);
    w->i = n + 1;
    return true;
}

static void rewrite_class_char(Rewrite *w)
{
    char c = w->s.p[w->i];
    if (c == '[') w->refused = "a class inside a class";
    if (at(w, "&&")) w->refused = "an intersection of classes";
    if (c == ']') w->class_depth = 0;
    buf_char(&w->out, c);
    w->i++;
}

static Str java_to_pcre(Rewrite *w)
{
    while (w->i < w->s.n) {
        char c = w->s.p[w->i];
        if (at(w, "\\Q")) {
            int64_t end = str_find(str_from(w->s, w->i), S("\\E"));
            int64_t n = end < 0 ? w->s.n - w->i : end + 2;
            buf_put(&w->out, str_sub(w->s, w->i, n));
            w->i += n;
        } else if (c == '\\') {
            rewrite_escape(w);
        } else if (w->class_depth) {
            rewrite_class_char(w);
        } else if (c == '[') {
            w->class_depth = 1;
            int64_t n = 1 + at(w, "[^");
            if (w->i + n < w->s.n && w->s.p[w->i + n] == ']') n++; // a literal ] at the start
            buf_put(&w->out, str_sub(w->s, w->i, n));
            w->i += n;
        } else if (!rewrite_flags(w)) {
            buf_char(&w->out, c);
            w->i++;
        }
    }
    return buf_str(&w->out);
}

static void code_free(void *code) { pcre2_code_free(code); }
static void data_free(void *data) { pcre2_match_data_free(data); }

Status regex_compile(const Regex **out, Arena *a, Str pattern, const char *function)
{
    Rewrite w = {.s = pattern, .out = buf_new(a)};
    Str text = java_to_pcre(&w);
    if (w.refused)
        return RAISE(UNSUPPORTED_FEATURE,
                     P("feature", str_fmt(a, "%s in the regular expression " STR_FMT, w.refused,
                                          STR_ARG(pattern))),
                     P("needs", S("write it as alternatives")));
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    must(context != NULL);
    pcre2_set_newline(context, PCRE2_NEWLINE_ANY);
    Regex *r = NEW(a, Regex, 1);
    int error;
    PCRE2_SIZE where;
    uint32_t flags = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
    r->code = pcre2_compile((PCRE2_SPTR)(text.n ? text.p : ""), (PCRE2_SIZE)text.n, flags, &error,
                            &where, context);
    pcre2_compile_context_free(context);
    if (!r->code)
        return RAISE(INVALID_PARAMETER_VALUE_PATTERN, P("parameter", S("`regexp`")),
                     P("functionName", str_fmt(a, "`%s`", function)),
                     P("value", str_fmt(a, "'" STR_FMT "'", STR_ARG(pattern))));
    arena_defer(a, code_free, r->code);
    pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE); // without it matching is slower, not wrong
    r->data = pcre2_match_data_create_from_pattern(r->code, NULL);
    must(r->data != NULL);
    arena_defer(a, data_free, r->data);
    uint32_t groups = 0;
    pcre2_pattern_info(r->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    r->groups = (int32_t)groups;
    *out = r;
    return DONE;
}

int32_t regex_groups(const Regex *r) { return r->groups; }

int32_t regex_group_named(const Regex *r, Str name)
{
    char z[64];
    if (name.n >= (int64_t)sizeof z) return -1;
    memcpy(z, name.p, (size_t)name.n);
    z[name.n] = 0;
    int n = pcre2_substring_number_from_name(r->code, (PCRE2_SPTR)z);
    return n < 0 ? -1 : n;
}

bool regex_find(const Regex *r, Str s, int64_t from, int64_t *group)
{
    if (from > s.n) return false;
    int rc = pcre2_match(r->code, (PCRE2_SPTR)(s.n ? s.p : ""), (PCRE2_SIZE)s.n, (PCRE2_SIZE)from,
                         0, r->data, NULL);
    if (rc < 0) return false; // no match, or past PCRE2's limits on work
    if (!group) return true;
    const PCRE2_SIZE *found = pcre2_get_ovector_pointer(r->data);
    for (int32_t g = 0; g <= r->groups; g++) {
        bool there = found[2 * g] != PCRE2_UNSET;
        group[2 * g] = there ? (int64_t)found[2 * g] : -1;
        group[2 * g + 1] = there ? (int64_t)found[2 * g + 1] : -1;
    }
    return true;
}

bool regex_is_plain(Str pattern)
{
    for (int64_t i = 0; i < pattern.n; i++)
        if (strchr("\\^$.|?*+()[]{}", pattern.p[i])) return false;
    return true;
}
