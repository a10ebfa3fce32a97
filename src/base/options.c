#include "base/options.h"
#include "base/num.h"

const Str *options_get(const Options *opts, Str key)
{
    for (int64_t i = opts->n - 1; i >= 0; i--)
        if (str_ieq(opts->v[i].key, key)) return &opts->v[i].value;
    return NULL;
}

typedef struct Unit {
    Str name;
    Micros micros;
    int64_t months;
} Unit;
static const Unit units[] = {
    {STR_INIT("microsecond"), 1, 0},     {STR_INIT("us"), 1, 0},
    {STR_INIT("millisecond"), 1000, 0},  {STR_INIT("ms"), 1000, 0},
    {STR_INIT("second"), 1000000, 0},    {STR_INIT("s"), 1000000, 0},
    {STR_INIT("sec"), 1000000, 0},       {STR_INIT("minute"), 60000000, 0},
    {STR_INIT("min"), 60000000, 0},      {STR_INIT("m"), 60000000, 0},
    {STR_INIT("hour"), 3600000000, 0},   {STR_INIT("h"), 3600000000, 0},
    {STR_INIT("day"), 86400000000, 0},   {STR_INIT("d"), 86400000000, 0},
    {STR_INIT("week"), 604800000000, 0}, {STR_INIT("month"), 0, 1},
    {STR_INIT("year"), 0, 12},
};

static const Unit *unit_of(Str name)
{
    for (int64_t i = 0; i < COUNT(units); i++) {
        if (str_ieq(name, units[i].name)) return &units[i];
        bool plural = name.n == units[i].name.n + 1 && (name.p[name.n - 1] | 32) == 's';
        if (plural && name.n > 3 && str_ieq(str_of(name.p, name.n - 1), units[i].name))
            return &units[i];
    }
    return NULL;
}

static Status bad_duration(Str text)
{
    return fail(ERR_INVALID, "'" STR_FMT "' is no length of time such as '10 seconds'",
                STR_ARG(text));
}

// One "<number> <unit>" off the front of *rest.
static Status take_unit(Str text, Str *rest, int64_t *months, Micros *micros)
{
    int64_t n = rest->p[0] == '-' || rest->p[0] == '+';
    while (n < rest->n && rest->p[n] >= '0' && rest->p[n] <= '9') n++;
    int64_t number;
    if (!num_parse_i64(str_of(rest->p, n), &number)) return bad_duration(text);
    Str after = str_trim(str_from(*rest, n));
    int64_t m = 0;
    while (m < after.n && (after.p[m] | 32) >= 'a' && (after.p[m] | 32) <= 'z') m++;
    const Unit *u = unit_of(str_of(after.p, m));
    if (!u || (u->months && !months)) return bad_duration(text);
    int64_t none = 0, *whole = months ? months : &none;
    int64_t month_step;
    Micros step;
    if (__builtin_mul_overflow(number, u->micros, &step) ||
        __builtin_add_overflow(*micros, step, micros) ||
        __builtin_mul_overflow(number, u->months, &month_step) ||
        __builtin_add_overflow(*whole, month_step, whole))
        return bad_duration(text);
    *rest = str_trim(str_from(after, m));
    return DONE;
}

Status duration_parse(Str text, int64_t *months, Micros *micros)
{
    Str rest = str_trim(text);
    if (rest.n > 9 && str_ieq(str_of(rest.p, 9), S("interval ")))
        rest = str_trim(str_from(rest, 9));
    if (rest.n == 0) return bad_duration(text);
    *micros = 0;
    if (months) *months = 0;
    while (rest.n) TRY(take_unit(text, &rest, months, micros));
    return DONE;
}

static Status parse_bytes(const OptSpec *s, Str v, int64_t *out)
{
    static const char suffix[] = "kmgt";
    int64_t scale = 1;
    Str digits = v;
    if (digits.n && (digits.p[digits.n - 1] | 32) == 'b') digits.n--;
    const char *at = digits.n ? strchr(suffix, digits.p[digits.n - 1] | 32) : NULL;
    if (at && *at) {
        scale = INT64_C(1024) << (10 * (at - suffix));
        digits.n--;
    }
    int64_t n;
    if (!num_parse_i64(digits, &n) || n < 0 || n > INT64_MAX / scale)
        return fail(ERR_INVALID, "option " STR_FMT ": '" STR_FMT "' is no number of bytes",
                    STR_ARG(s->key), STR_ARG(v));
    *out = n * scale;
    return DONE;
}

static Status parse_choice(const OptSpec *s, Str v, int32_t *out)
{
    int32_t i = 0;
    for (Str rest = str_z(s->choices); rest.n; i++) {
        Cut c = str_cut(rest, '|');
        if (str_ieq(c.head, v)) {
            *out = i;
            return DONE;
        }
        rest = c.tail;
    }
    return fail(ERR_INVALID, "option " STR_FMT ": '" STR_FMT "' is none of %s", STR_ARG(s->key),
                STR_ARG(v), s->choices);
}

static Status set_one(void *into, const OptSpec *s, Str v)
{
    void *at = (char *)into + s->at;
    switch (s->type) {
    case OPT_STR: *(Str *)at = v; return DONE;
    case OPT_BOOL:
        if (!str_ieq(v, S("true")) && !str_ieq(v, S("false")))
            return fail(ERR_INVALID, "option " STR_FMT ": '" STR_FMT "' is neither true nor false",
                        STR_ARG(s->key), STR_ARG(v));
        *(bool *)at = str_ieq(v, S("true"));
        return DONE;
    case OPT_I64: {
        int64_t n;
        if (!num_parse_i64(str_trim(v), &n) || n < s->min || (s->max && n > s->max))
            return fail(
                ERR_INVALID, "option " STR_FMT ": '" STR_FMT "' is no whole number from %lld%s",
                STR_ARG(s->key), STR_ARG(v), (long long)s->min, s->max ? " to its bound" : "");
        *(int64_t *)at = n;
        return DONE;
    }
    case OPT_BYTES: return parse_bytes(s, v, at);
    case OPT_DURATION:
        return fail_in(duration_parse(v, NULL, at), "option " STR_FMT, STR_ARG(s->key));
    case OPT_CHOICE: return parse_choice(s, v, at);
    case OPT_UNBUILT:
        return fail(ERR_UNSUPPORTED, "option " STR_FMT " is not built yet", STR_ARG(s->key));
    }
    must_failed("OptType", __FILE__, __LINE__);
}

static const OptSpec *spec_of(const OptSpec *spec, int64_t n, Str key)
{
    for (int64_t i = 0; i < n; i++)
        if (str_ieq(spec[i].key, key)) return &spec[i];
    return NULL;
}

static void warn_unknown(Buf *warn, const OptSpec *spec, int64_t nspec, Str key)
{
    enum { MOST = 64 };
    Str names[MOST];
    int64_t n = MIN(nspec, MOST);
    for (int64_t i = 0; i < n; i++) names[i] = spec[i].key;
    Str near = str_nearest(key, names, n);
    buf_fmt(warn, "unknown option '" STR_FMT "' has no effect", STR_ARG(key));
    if (near.n) buf_fmt(warn, "; did you mean '" STR_FMT "'?", STR_ARG(near));
    buf_char(warn, '\n');
}

Status options_parse(void *into, const OptSpec *spec, int64_t nspec, const Options *opts,
                     bool (*ignore)(Str key), Buf *warn)
{
    for (int64_t i = 0; i < nspec; i++)
        if (spec[i].dflt.n && spec[i].type != OPT_UNBUILT)
            TRY(set_one(into, &spec[i], spec[i].dflt));
    for (int64_t i = 0; opts && i < opts->n; i++) {
        const OptSpec *s = spec_of(spec, nspec, opts->v[i].key);
        if (s)
            TRY(set_one(into, s, opts->v[i].value));
        else if (warn && !(ignore && ignore(opts->v[i].key)))
            warn_unknown(warn, spec, nspec, opts->v[i].key);
    }
    return DONE;
}
