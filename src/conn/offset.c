// offset.c -- small texts of connectors.
#include "conn/offset.h"
#include "base/civil.h"
#include "base/num.h"
#include <jansson.h>

static void release(void *json) { json_decref(json); }

Status offset_field(Arena *a, Str json, Str name, int64_t *v)
{
    json_t *o = json_loadb(json.p, (size_t)json.n, 0, NULL);
    if (o) arena_defer(a, release, o);
    json_t *field = json_object_get(o, str_to_z(a, name));
    if (!json_is_integer(field))
        return fail(ERR_CORRUPT, "the offset " STR_FMT " has no number " STR_FMT, STR_ARG(json),
                    STR_ARG(name));
    *v = json_integer_value(field);
    return DONE;
}

Status offset_number(Str text, int64_t *v)
{
    if (num_parse_i64(str_trim(text), v)) return DONE;
    return fail(ERR_CORRUPT, "the offset " STR_FMT " is no number", STR_ARG(text));
}

Status duration_java(Str option, Str text, Micros unit, Micros *v)
{
    static const struct {
        Str name;
        Micros micros;
    } units[] = {
        {STR_INIT("us"), 1},
        {STR_INIT("ms"), MICROS_PER_MS},
        {STR_INIT("s"), MICROS_PER_SECOND},
        {STR_INIT("m"), MICROS_PER_MINUTE},
        {STR_INIT("min"), MICROS_PER_MINUTE},
        {STR_INIT("h"), MICROS_PER_HOUR},
        {STR_INIT("d"), MICROS_PER_DAY},
    };
    Str s = str_trim(text);
    int64_t n = s.n;
    while (n > 0 && (s.p[n - 1] < '0' || s.p[n - 1] > '9')) n--;
    bool known = n == s.n;
    for (int64_t i = 0; i < COUNT(units); i++) {
        if (!str_ieq(str_from(s, n), units[i].name)) continue;
        known = true;
        unit = units[i].micros;
    }
    if (known && num_parse_i64(str_of(s.p, n), v) && !__builtin_mul_overflow(*v, unit, v))
        return DONE;
    return fail(ERR_INVALID,
                "option " STR_FMT ": " STR_FMT " is no duration; write 50s, 100ms, 5min, 7d",
                STR_ARG(option), STR_ARG(text));
}
