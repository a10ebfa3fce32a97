// generate.c -- the events themselves. Times advance by a step and are disturbed on purpose: a
// share out of order, a share late.
#include "cli/generate.h"
#include "base/civil.h"
#include "base/hash.h"
#include "base/num.h"

enum { EVENT_BYTES_MAX = 768 };

Generator generator_of(const GenerateOptions *o)
{
    Generator g = {.opt = *o, .state = hash_u64(o->seed + 1), .day = INT64_MIN};
    if (!g.opt.users) g.opt.users = 100;
    return g;
}

static uint32_t dice(Generator *g) // 32 even bits
{
    g->state += UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(hash_u64(g->state) >> 32);
}

static uint32_t between(Generator *g, uint32_t from, uint32_t to) // both may come up
{
    return from + (uint32_t)((uint64_t)dice(g) * (to - from + 1) >> 32);
}

static bool chance(Generator *g, double share) { return dice(g) < share * 4294967296.0; }

static Micros back(Generator *g, Micros most) // 1 .. most
{
    return 1 + (Micros)((__int128)(dice(g) + UINT64_C(1)) * (most - 1) >> 32);
}

static Micros next_time(Generator *g)
{
    const GenerateOptions *o = &g->opt;
    Micros t = o->start + g->made * o->step;
    if (o->disordered > 0 && chance(g, o->disordered)) t -= back(g, MAX(o->disorder, 1));
    if (o->late > 0 && chance(g, o->late)) t -= o->late_by;
    return t;
}

// ---- text --------------------------------------------------------------------------------------

#define LITERAL(p, text) (memcpy((p), (text), sizeof(text) - 1), (p) + sizeof(text) - 1)

static char *put_str(char *p, Str s)
{
    memcpy(p, s.p, (size_t)s.n);
    return p + s.n;
}

static char *put_digits(char *p, uint64_t v, int32_t least) // with zeros before it
{
    char back[20];
    int32_t n = 0;
    do back[n++] = (char)('0' + v % 10);
    while (v /= 10);
    while (n < least) back[n++] = '0';
    while (n) *p++ = back[--n];
    return p;
}

// As Python writes a float: 23.0, 23.5, 23.25.
static char *put_places(char *p, uint32_t units, int32_t places)
{
    uint32_t one = places == 1 ? 10 : 100;
    if (places == 2 && units % 10 == 0) return put_places(p, units / 10, 1);
    p = put_digits(p, units / one, 1);
    *p++ = '.';
    return put_digits(p, units % one, places);
}

// datetime.isoformat(): no fraction when it is zero.
static char *put_time(Generator *g, char *p, Micros t, bool fraction)
{
    int64_t day = floor_div(t, MICROS_PER_DAY), rest = floor_mod(t, MICROS_PER_DAY);
    if (day != g->day) {
        char text[40];
        must(civil_format_date(text, day) == sizeof g->date);
        memcpy(g->date, text, sizeof g->date);
        g->day = day;
    }
    uint32_t second = (uint32_t)(rest / MICROS_PER_SECOND);
    p = put_str(p, str_of(g->date, sizeof g->date));
    *p++ = 'T';
    p = put_digits(p, second / 3600, 2);
    *p++ = ':';
    p = put_digits(p, second / 60 % 60, 2);
    *p++ = ':';
    p = put_digits(p, second % 60, 2);
    if (!fraction || rest % MICROS_PER_SECOND == 0) return p;
    *p++ = '.';
    return put_digits(p, (uint64_t)(rest % MICROS_PER_SECOND), 6);
}

// ---- kinds -------------------------------------------------------------------------------------

static char *put_event(Generator *g, char *p, Micros t)
{
    static const Str type[] = {STR_INIT("page_view"), STR_INIT("api_call"),
                               STR_INIT("database_query"), STR_INIT("cache_hit"),
                               STR_INIT("error")};
    p = LITERAL(p, "{\"event_id\": \"evt_");
    p = put_digits(p, (uint64_t)g->made + 1, 6);
    p = LITERAL(p, "\", \"event_type\": \"");
    p = put_str(p, type[between(g, 0, COUNT(type) - 1)]);
    p = LITERAL(p, "\", \"duration_ms\": ");
    p = put_digits(p, between(g, 10, 5000), 1);
    p = LITERAL(p, ", \"event_timestamp\": \"");
    p = put_time(g, p, t, true);
    p = LITERAL(p, "\", \"user_id\": \"user_");
    p = put_digits(p, between(g, 1, g->opt.users), 1);
    p = LITERAL(p, "\", \"session_id\": \"session_");
    p = put_digits(p, between(g, 1, (g->opt.users + 1) / 2), 1);
    return LITERAL(p, "\"}");
}

static char *put_sensor(Generator *g, char *p, Micros t)
{
    bool hot = chance(g, 0.2);
    p = LITERAL(p, "{\"sensor_id\": \"sensor_");
    p = put_digits(p, between(g, 1, 10), 1);
    p = LITERAL(p, "\", \"temperature\": ");
    p = put_places(p, hot ? between(g, 8500, 9500) : between(g, 6000, 9000), 2);
    p = LITERAL(p, ", \"timestamp\": \"");
    p = put_time(g, p, t, true);
    p = LITERAL(p, "\", \"location\": \"zone_");
    p = put_digits(p, between(g, 1, 5), 1);
    return LITERAL(p, "\"}");
}

static char *put_hex(char *p, uint32_t v) // six digits
{
    static const char digit[] = "0123456789abcdef";
    for (int32_t shift = 20; shift >= 0; shift -= 4) *p++ = digit[v >> shift & 15];
    return p;
}

static char *put_device(Generator *g, char *p, Micros t)
{
    p = LITERAL(p, "{\"eventId\": \"evt_");
    p = put_digits(p, (uint64_t)g->made + 123456789, 1);
    p = LITERAL(
        p, "\", \"eventType\": \"sensor_reading\", \"eventVersion\": \"1.0\", \"timestamp\": \"");
    p = put_time(g, p, t, false);
    p = LITERAL(p, "Z\", \"correlationId\": \"trace_");
    p = put_hex(p, dice(g));
    p = LITERAL(p, "\", \"data\": {\"deviceId\": \"device_");
    p = put_digits(p, between(g, 1, 1000), 3);
    p = LITERAL(p, "\", \"sensorId\": \"temp_sensor_");
    p = put_digits(p, between(g, 1, 4), 1);
    p = LITERAL(p, "\", \"temperature\": ");
    p = put_places(p, between(g, 150, 350), 1);
    p = LITERAL(p, ", \"humidity\": ");
    p = put_places(p, between(g, 300, 900), 1);
    p = LITERAL(p, ", \"location\": {\"lat\": 47.6062, \"lon\": -122.3321}, \"metadata\": "
                   "{\"firmwareVersion\": \"2.1.0\", \"batteryLevel\": ");
    p = put_digits(p, between(g, 1, 100), 1);
    return LITERAL(p, "}}, \"source\": {\"system\": \"iot_platform\", \"region\": \"us-west-2\"}}");
}

void generator_next(Generator *g, Buf *to, Micros *t)
{
    *t = next_time(g);
    char *p = buf_room(to, EVENT_BYTES_MAX), *end = NULL;
    switch ((GenerateKind)g->opt.kind) {
    case GENERATE_EVENTS: end = put_event(g, p, *t); break;
    case GENERATE_SENSORS: end = put_sensor(g, p, *t); break;
    case GENERATE_DEVICES: end = put_device(g, p, *t); break;
    }
    must(end - p <= EVENT_BYTES_MAX);
    to->n += end - p;
    g->made++;
}
