// status.c -- this thread's newest failure, and the table of Spark's conditions.
#include "base/status.h"
#include "base/buf.h"
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 2048, PARAM_TEXT_MAX = 4096 };

// The one piece of thread-local state in the tree: the text of a failure must outlive the arenas
// that die on the way up.
typedef struct Slot {
    Failure f;
    char text[TEXT_MAX];
    char params[PARAM_TEXT_MAX];
    char fragment[512];
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

Status fail_at(Status s, int32_t line, int32_t column, Str fragment)
{
    if (!s.code || slot.f.line) return s;
    slot.f.line = line;
    slot.f.column = column;
    int64_t n = MIN(fragment.n, (int64_t)sizeof slot.fragment);
    if (n) memmove(slot.fragment, fragment.p, (size_t)n);
    slot.f.fragment = str_of(slot.fragment, n);
    return s;
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
    slot.f.line = 0;
    return fail_at(s, copy.line, copy.column, copy.fragment);
}
