// json_path.c -- see json_path_in.h. The rules for several matches are Hive's by way of Spark: one
// match under [*] stands alone, more become an array; [*][*] flattens.
#include "expr/json_path_in.h"

typedef enum StepKind { STEP_KEY, STEP_ANY_KEY, STEP_INDEX, STEP_ANY_INDEX } StepKind;
typedef struct PathStep {
    StepKind kind;
    Str name;
    int64_t index;
} PathStep;
struct JsonPath {
    PathStep *v;
    int64_t n, cap;
};

// ---- the path's text ---------------------------------------------------------------------------

static bool parse_index(Str inside, PathStep *s)
{
    s->kind = STEP_INDEX;
    for (int64_t i = 0; i < inside.n; i++) {
        if (inside.p[i] < '0' || inside.p[i] > '9' || s->index > INT32_MAX) return false;
        s->index = 10 * s->index + (inside.p[i] - '0');
    }
    return inside.n > 0;
}

static bool parse_bracket(Str *rest, PathStep *s)
{
    bool quoted = str_starts(*rest, S("['"));
    int64_t end = str_find(*rest, quoted ? S("']") : S("]"));
    if (end < 0) return false;
    int64_t begin = quoted ? 2 : 1;
    Str inside = str_of(rest->p + begin, end - begin);
    *rest = str_from(*rest, end + begin);
    if (str_eq(inside, S("*"))) {
        s->kind = quoted ? STEP_ANY_KEY : STEP_ANY_INDEX;
        return true;
    }
    if (!quoted) return parse_index(inside, s);
    *s = (PathStep){.kind = STEP_KEY, .name = inside};
    return inside.n > 0 && str_find_char(inside, '\'') < 0 && str_find_char(inside, '?') < 0;
}

static bool parse_dot(Str *rest, PathStep *s)
{
    int64_t n = 1;
    while (n < rest->n && rest->p[n] != '.' && rest->p[n] != '[') n++;
    Str name = str_of(rest->p + 1, n - 1);
    *rest = str_from(*rest, n);
    *s = (PathStep){.kind = str_eq(name, S("*")) ? STEP_ANY_KEY : STEP_KEY, .name = name};
    return name.n > 0;
}

const JsonPath *json_path_parse(Arena *a, Str text)
{
    JsonPath *p = NEW(a, JsonPath, 1);
    if (!text.n || text.p[0] != '$') return NULL;
    Str rest = str_from(text, 1);
    while (rest.n) {
        PathStep s = {0};
        bool ok =
            rest.p[0] == '[' ? parse_bracket(&rest, &s) : rest.p[0] == '.' && parse_dot(&rest, &s);
        if (!ok) return NULL;
        vec_push(a, p, s);
    }
    return p;
}

// ---- the walk ----------------------------------------------------------------------------------

typedef enum Style { RAW, QUOTED, FLATTEN } Style;
typedef struct Walk {
    JsonLex lex;
    const JsonPath *path;
    Buf *to;
    bool broken; // the text is no JSON: whatever was found does not count
} Walk;

static bool walk(Walk *w, Style style, int64_t at);

static bool next(Walk *w, JsonToken stop) // false at `stop`, at the end and where it breaks
{
    if (w->broken || !json_lex_next(&w->lex) || w->lex.token == JSON_NONE) {
        w->broken = true;
        return false;
    }
    return w->lex.token != stop;
}
static bool skip(Walk *w) // always false: nothing was found
{
    if (!json_lex_skip(&w->lex)) w->broken = true;
    return false;
}

static void put_comma(Buf *to)
{
    char last = to->n ? to->p[to->n - 1] : '[';
    if (last != '[') buf_char(to, ',');
}

// Inside an array that is being written an element needs a comma before it.
static bool put_value(Walk *w, Style style)
{
    if (style == RAW && w->lex.token == JSON_STRING) {
        if (!json_lex_string(&w->lex)) return skip(w) || (w->broken = true, false);
        buf_put(w->to, w->lex.string);
        return true;
    }
    if (style != RAW) put_comma(w->to);
    Buf own = buf_new(w->to->arena);
    if (!json_lex_copy(&w->lex, &own)) w->broken = true;
    buf_put(w->to, buf_str(&own));
    return !w->broken;
}

static bool each_element(Walk *w, Style style, int64_t at, int64_t *found)
{
    *found = 0;
    while (next(w, JSON_ARRAY_END)) *found += walk(w, style, at);
    return *found > 0;
}

static bool walk_object(Walk *w, Style style, int64_t at)
{
    const PathStep *s = &w->path->v[at];
    bool found = false;
    while (next(w, JSON_OBJECT_END)) { // at a name
        bool mine = s->kind == STEP_ANY_KEY || str_eq(json_lex_name(&w->lex), s->name);
        if (!next(w, JSON_NONE)) return false;
        bool null = s->kind == STEP_KEY && w->lex.token == JSON_NULL;
        if (found || !mine || null)
            skip(w);
        else
            found = walk(w, style, at + 1);
    }
    return found;
}

static bool walk_index(Walk *w, Style style, int64_t at)
{
    bool any = at + 1 < w->path->n && w->path->v[at + 1].kind == STEP_ANY_INDEX;
    bool found = false;
    for (int64_t i = 0; next(w, JSON_ARRAY_END); i++) {
        if (i == w->path->v[at].index)
            found = walk(w, any ? QUOTED : style, at + 1);
        else
            skip(w);
    }
    return found;
}

// The elements go into a text of their own, then with or without brackets to the outer one.
static bool walk_elements(Walk *w, Style style, int64_t at)
{
    Buf *outer = w->to, own = buf_new(outer->arena);
    int64_t found;
    bool twice = at + 1 < w->path->n && w->path->v[at + 1].kind == STEP_ANY_INDEX;
    Style inner = twice || style == FLATTEN ? FLATTEN : QUOTED;
    bool always = twice || style == QUOTED; // brackets whatever was found
    buf_char(&own, '[');
    w->to = &own;
    bool some = each_element(w, inner, at + 1 + twice, &found);
    w->to = outer;
    buf_char(&own, ']');
    Str text = buf_str(&own);
    if (!always && found == 1) text = str_of(text.p + 1, text.n - 2);
    if (!always && found == 0) return false;
    if (style != RAW) put_comma(outer);
    buf_put(outer, text);
    return some;
}

static bool walk(Walk *w, Style style, int64_t at)
{
    JsonToken t = w->lex.token;
    int64_t found;
    if (at == w->path->n) {
        if (t == JSON_ARRAY && style == FLATTEN) return each_element(w, FLATTEN, at, &found);
        return put_value(w, style);
    }
    switch (w->path->v[at].kind) {
    case STEP_KEY:
    case STEP_ANY_KEY: return t == JSON_OBJECT ? walk_object(w, style, at) : skip(w);
    case STEP_INDEX: return t == JSON_ARRAY ? walk_index(w, style, at) : skip(w);
    case STEP_ANY_INDEX: return t == JSON_ARRAY ? walk_elements(w, style, at) : skip(w);
    }
    must_failed("StepKind", __FILE__, __LINE__);
}

static Walk walk_of(Arena *a, Str text, const JsonOptions *o)
{
    Walk w = {0};
    json_lex_start(&w.lex, a, text, o);
    return w;
}

bool json_path_get(Arena *a, const JsonPath *p, Str text, const JsonOptions *o, Str *found)
{
    Buf to = buf_new(a);
    Walk w = walk_of(a, text, o);
    w.path = p;
    w.to = &to;
    if (!next(&w, JSON_NONE) || !walk(&w, RAW, 0) || w.broken) return false;
    *found = to.p ? buf_str(&to) : S("");
    return true;
}

int64_t json_array_count(Arena *a, Str text, const JsonOptions *o)
{
    Walk w = walk_of(a, text, o);
    int64_t n = 0;
    if (!next(&w, JSON_NONE) || w.lex.token != JSON_ARRAY) return -1;
    while (next(&w, JSON_ARRAY_END)) {
        skip(&w);
        n++;
    }
    return w.broken ? -1 : n;
}

bool json_object_names(Arena *a, Str text, const JsonOptions *o, JsonNames *names)
{
    Walk w = walk_of(a, text, o);
    if (!next(&w, JSON_NONE) || w.lex.token != JSON_OBJECT) return false;
    while (next(&w, JSON_OBJECT_END)) {
        vec_push(a, names, str_copy(a, json_lex_name(&w.lex)));
        if (next(&w, JSON_NONE)) skip(&w);
    }
    return !w.broken;
}
