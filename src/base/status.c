// status.c -- this thread's newest failure, and the table of Spark's conditions.
#include "base/status.h"
#include "base/buf.h"
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 2048, PARAM_TEXT_MAX = 4096, FRAGMENT_MAX = 512 };
enum { BESIDE_MAX = 32 }; // characters shown on each side of a fragment, as in Spark

// The one piece of thread-local state in the tree: the text of a failure must outlive the arenas
// that die on the way up.
typedef struct Slot {
    Failure f;
    char text[TEXT_MAX];
    char params[PARAM_TEXT_MAX];
    char fragment[FRAGMENT_MAX];
    char beside[FRAGMENT_MAX + 2 * (BESIDE_MAX + 1) * 4];
} Slot;
static _Thread_local Slot slot;

static const Condition conditions[COND_COUNT] = {
#define COND(id, name, sqlstate, code, text)                                                       \
    [COND_##id] = {STR_INIT(name), STR_INIT(sqlstate), code, text},
#include "base/conditions.def"
#undef COND
};

_Noreturn void must_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: must(%s)\n", file, line, what);
    abort();
}

const Condition *condition_of(CondId id)
{
    must(id >= 0 && id < COND_COUNT);
    return &conditions[id];
}

const char *code_name(Code code)
{
    switch (code) {
    case OK: return "ok";
    case ERR_INVALID: return "invalid";
    case ERR_NOT_FOUND: return "not found";
    case ERR_CONFLICT: return "conflict";
    case ERR_CORRUPT: return "corrupt";
    case ERR_IO: return "input/output";
    case ERR_LIMIT: return "limit";
    case ERR_UNSUPPORTED: return "unsupported";
    case ERR_CANCELLED: return "cancelled";
    }
    must_failed("Code", __FILE__, __LINE__);
}

Status fail(Code code, const char *fmt, ...)
{
    must(code != OK);
    char text[TEXT_MAX]; // the arguments may point into the slot
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    int64_t len = MIN((int64_t)MAX(n, 0), TEXT_MAX - 1);
    memcpy(slot.text, text, (size_t)len + 1);
    slot.f = (Failure){.code = code, .text = str_of(slot.text, len)};
    return (Status){code};
}

static Str keep_str(char *text, int64_t *used, Str s)
{
    int64_t at = *used, n = MIN(s.n, PARAM_TEXT_MAX - at);
    if (n) memcpy(text + at, s.p, (size_t)n);
    *used += n;
    return str_of(slot.params + at, n);
}

// Names first: should the room end, values are cut and can still be found.
static void keep_params(const Param *param, int32_t n)
{
    char text[PARAM_TEXT_MAX]; // the parameters may point into the slot
    Param kept[FAILURE_PARAMS_MAX];
    int64_t used = 0;
    for (int32_t i = 0; i < n; i++) kept[i].name = keep_str(text, &used, param[i].name);
    for (int32_t i = 0; i < n; i++) kept[i].value = keep_str(text, &used, param[i].value);
    memcpy(slot.params, text, (size_t)used);
    for (int32_t i = 0; i < n; i++) slot.f.param[i] = kept[i];
    slot.f.nparams = n;
}

static Str param_value(const Failure *f, Str name)
{
    for (int32_t i = 0; i < f->nparams; i++)
        if (str_eq(f->param[i].name, name)) return f->param[i].value;
    return S("");
}

static void append(Str s)
{
    int64_t n = MIN(s.n, TEXT_MAX - 1 - slot.f.text.n);
    if (n > 0) memcpy(slot.text + slot.f.text.n, s.p, (size_t)n);
    slot.f.text.n += MAX(n, 0);
    slot.text[slot.f.text.n] = 0;
}

static void fill_text(const Condition *c)
{
    Str rest = str_z(c->text);
    while (rest.n) {
        Cut open = str_cut(rest, '<');
        append(open.head);
        if (!open.ok) return;
        Cut close = str_cut(open.tail, '>');
        append(param_value(&slot.f, close.head));
        rest = close.tail;
    }
}

Status raise_cond(CondId id, const Param *param, int32_t nparams)
{
    const Condition *c = condition_of(id);
    must(id != COND_NONE && nparams <= FAILURE_PARAMS_MAX);
    keep_params(param, nparams);
    slot.f.code = c->code;
    slot.f.cond = id;
    slot.f.text = str_of(slot.text, 0);
    slot.f.line = slot.f.column = 0;
    slot.f.fragment = S("");
    append(S("["));
    append(c->name);
    append(S("] "));
    fill_text(c);
    return (Status){c->code};
}

const char *fail_text(void) { return slot.f.text.n ? slot.text : ""; }
const Failure *failure(void) { return &slot.f; }

// Up to n bytes of s that end with a whole character.
static Str whole_chars(Str s, int64_t n)
{
    if (s.n <= n) return s;
    while (n > 0 && (s.p[n] & 0xc0) == 0x80) n--;
    return str_sub(s, 0, n);
}

static bool ends_line(Str all, int64_t at)
{
    return at < 0 || at >= all.n || all.p[at] == '\n' || all.p[at] == '\r';
}

// Where line and column lie in the text, in bytes; -1 when it has no such place.
static int64_t byte_of(const Origin *at, int32_t *chars)
{
    int32_t line = 1, column = 0;
    int64_t i = 0;
    *chars = 0;
    for (; i < at->all.n && (line < at->line || column < at->column); i++) {
        bool first = (at->all.p[i] & 0xc0) != 0x80;
        column = at->all.p[i] == '\n' ? 0 : column + first;
        line += at->all.p[i] == '\n';
        *chars += first;
    }
    while (i < at->all.n && (at->all.p[i] & 0xc0) == 0x80) i++;
    return line == at->line && column == at->column ? i : -1;
}

static int64_t char_beside(Str all, int64_t at, int64_t step)
{
    do at += step;
    while (at > 0 && at < all.n && (all.p[at] & 0xc0) == 0x80);
    return at;
}

static Str keep_place(char *slot_of, Str s)
{
    if (s.n) memmove(slot_of, s.p, (size_t)s.n);
    return str_of(slot_of, s.n);
}

// The fragment with what stands beside it in its lines, dots where that is cut.
static void keep_beside(Str all, int64_t from, int64_t n)
{
    int64_t left = from, right = from + n;
    int32_t before = 0, after = 0;
    for (; before < BESIDE_MAX && !ends_line(all, left - 1); before++)
        left = char_beside(all, left, -1);
    for (; after < BESIDE_MAX && !ends_line(all, right); after++)
        right = char_beside(all, right, 1);
    Str dots = S("..."), none = {0};
    Str part[] = {ends_line(all, left - 1) ? none : dots, str_sub(all, left, right - left),
                  ends_line(all, right) ? none : dots};
    int64_t used = 0;
    for (int32_t i = 0; i < COUNT(part); i++) {
        if (part[i].n) memcpy(slot.beside + used, part[i].p, (size_t)part[i].n);
        used += part[i].n;
    }
    slot.f.beside = str_of(slot.beside, used);
    slot.f.lead = before + (int32_t)part[0].n;
}

Status fail_at(Status s, const Origin *at)
{
    if (!s.code || slot.f.line || slot.f.fragment.n || !origin_known(at)) return s;
    Str fragment = whole_chars(at->text, FRAGMENT_MAX);
    int64_t from = byte_of(at, &slot.f.start);
    slot.f.line = at->line;
    slot.f.column = at->column;
    slot.f.lead = 0;
    slot.f.fragment = keep_place(slot.fragment, fragment);
    if (at->line && from >= 0 && str_starts(str_from(at->all, from), fragment)) {
        keep_beside(at->all, from, fragment.n);
        return s;
    }
    Str beside = at->line ? fragment : whole_chars(at->all, (int64_t)sizeof slot.beside);
    slot.f.beside = keep_place(slot.beside, beside);
    return s;
}

// A line of SQL, and carets below those of its characters that are wrong: [from, to).
static void put_line(Buf *b, Str line, int64_t from, int64_t to)
{
    buf_put(b, line);
    buf_char(b, '\n');
    buf_fill(b, ' ', MAX(from, 0));
    buf_fill(b, '^', MAX(MIN(to, utf8_count(line)) - MAX(from, 0), 0));
    buf_char(b, '\n');
}

Str failure_context(Arena *a, const Failure *f)
{
    Buf b = buf_new(a);
    if (!f->line && !f->fragment.n) return S("");
    if (!f->line) {
        buf_fmt(&b, "== DataFrame ==\n\"" STR_FMT "\" was called from\n" STR_FMT "\n",
                STR_ARG(f->fragment), STR_ARG(f->beside));
        return buf_str(&b);
    }
    buf_fmt(&b, "== SQL (line %d, position %d) ==\n", f->line, f->column + 1);
    int64_t from = f->lead, to = from + MAX(utf8_count(f->fragment), 1);
    for (Cut c = {.tail = f->beside}; c.tail.n && to > 0;) {
        c = str_cut(c.tail, '\n');
        put_line(&b, c.head, from, to);
        from -= utf8_count(c.head) + 1;
        to -= utf8_count(c.head) + 1;
    }
    return buf_str(&b);
}

Status fail_in(Status s, const char *fmt, ...)
{
    if (!s.code) return s;
    char text[TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    int64_t used = MIN((int64_t)MAX(n, 0), TEXT_MAX - 1);
    int64_t more = MIN(slot.f.text.n + 2, TEXT_MAX - 1 - used);
    if (more > 2) {
        text[used] = ':';
        text[used + 1] = ' ';
        memcpy(text + used + 2, slot.text, (size_t)more - 2);
        used += more;
    }
    memcpy(slot.text, text, (size_t)used);
    slot.text[used] = 0;
    slot.f.text = str_of(slot.text, used);
    return s;
}

Failure *failure_copy(Arena *a, const Failure *f)
{
    Failure *to = NEW(a, Failure, 1);
    *to = *f;
    to->text = str_copy(a, f->text);
    to->fragment = str_copy(a, f->fragment);
    to->beside = str_copy(a, f->beside);
    for (int32_t i = 0; i < f->nparams; i++) {
        to->param[i].name = str_copy(a, f->param[i].name);
        to->param[i].value = str_copy(a, f->param[i].value);
    }
    return to;
}

Status failure_again(const Failure *f)
{
    must(f->code != OK && f != &slot.f);
    Failure copy = *f;
    Status s = fail(f->code, STR_FMT, STR_ARG(f->text));
    Str text = slot.f.text;
    slot.f = copy;
    slot.f.text = text;
    keep_params(copy.param, copy.nparams);
    slot.f.fragment = keep_place(slot.fragment, copy.fragment);
    slot.f.beside = keep_place(slot.beside, copy.beside);
    return s;
}
