// zone.c -- time zones. A fixed offset is one number. A region is a list of the instants at which
// its offset changes, read from ICU once; past the last one the calendar repeats every 400 years.
#include "base/civil.h"
#include "base/map.h"
#include "expr/eval.h"
#include "expr/icu_in.h"
#include "expr/zone_in.h"

struct Zone {
    Str name, id;
    const ZoneNames *names; // NULL: called by its id
    int64_t fixed;          // of all times when n is 0
    int32_t n;              // changes
    const Micros *at;       // n instants, ascending
    const Micros *local_at; // local times from which the offset after the change holds
    const int64_t *offset;  // n + 1: before the first change, after each
    const bool *summer;     // n + 1
    bool repeats;           // there is summer time still: changes go on past the last
};
enum { ZONE_CHANGES_MAX = 4096, ZONE_ID_MAX = 64, LAST_YEAR = 2500 };
#define MICROS_400_YEARS (INT64_C(146097) * MICROS_PER_DAY)

static const Zone utc = {.name = STR_INIT("UTC"), .id = STR_INIT("UTC"), .names = zone_names};

const Zone *zone_utc(void) { return &utc; }
bool zone_is_utc(const Zone *z) { return z->n == 0 && z->fixed == 0; }
bool zone_is_fixed(const Zone *z) { return z->n == 0; }
Str zone_name(const Zone *z) { return z->name; }

// How many of at[0..n) are <= t.
static int32_t count_upto(const Micros *at, int32_t n, Micros t)
{
    int32_t lo = 0;
    while (n > 0) {
        int32_t half = n / 2;
        bool right = at[lo + half] <= t;
        lo = right ? lo + half + 1 : lo;
        n = right ? n - half - 1 : half;
    }
    return lo;
}

static Micros into_cycle(const Zone *z, Micros t)
{
    Micros last = z->at[z->n - 1];
    return t <= last || !z->repeats
               ? t
               : t - (t - last + MICROS_400_YEARS - 1) / MICROS_400_YEARS * MICROS_400_YEARS;
}

int64_t zone_offset(const Zone *z, Micros t)
{
    if (!z->n) return z->fixed;
    return z->offset[count_upto(z->at, z->n, into_cycle(z, t))];
}
ZoneSeason zone_season(const Zone *z, Micros t)
{
    if (!z->n) return ZONE_WINTER;
    return z->summer[count_upto(z->at, z->n, into_cycle(z, t))] ? ZONE_SUMMER : ZONE_WINTER;
}
Str zone_id(const Zone *z) { return z->id; }
Str zone_text(const Zone *z, ZoneSeason season, bool full)
{
    return z->names ? z->names->name[season * 2 + full] : z->id;
}

Micros zone_to_utc(const Zone *z, Micros local)
{
    if (!z->n) return local - z->fixed;
    return local - z->offset[count_upto(z->local_at, z->n, into_cycle(z, local))];
}

static bool two_digits(Str *s, int32_t *v, bool one_will_do)
{
    int32_t n = 0;
    *v = 0;
    while (n < 2 && n < s->n && s->p[n] >= '0' && s->p[n] <= '9') *v = *v * 10 + s->p[n++] - '0';
    *s = str_from(*s, n);
    return n == 2 || (n == 1 && one_will_do);
}

// [+-]h, hh, hhmm, h:m, hh:mm, hhmmss, hh:mm:ss: at most 18 hours.
static bool offset_parse(Str s, int64_t *micros)
{
    if (s.n < 2 || (s.p[0] != '+' && s.p[0] != '-')) return false;
    int32_t part[3] = {0};
    bool minus = s.p[0] == '-';
    s = str_from(s, 1);
    if (!two_digits(&s, &part[0], true)) return false;
    bool colons = s.n && s.p[0] == ':';
    for (int32_t i = 1; i < 3 && s.n; i++) {
        if (colons != (s.p[0] == ':')) return false;
        if (colons) s = str_from(s, 1);
        if (!two_digits(&s, &part[i], colons && i == 1)) return false;
    }
    if (s.n || part[1] > 59 || part[2] > 59) return false;
    int64_t seconds = part[0] * INT64_C(3600) + part[1] * 60 + part[2];
    if (seconds > 18 * 3600) return false;
    *micros = (minus ? -seconds : seconds) * MICROS_PER_SECOND;
    return true;
}

bool zone_fixed_parse(Str name, int64_t *micros)
{
    *micros = 0;
    if (str_eq(name, S("Z"))) return true;
    if (offset_parse(name, micros)) return true;
    static const Str prefix[] = {STR_INIT("UTC"), STR_INIT("GMT"), STR_INIT("UT")};
    for (int32_t i = 0; i < COUNT(prefix); i++) {
        if (!str_starts(name, prefix[i])) continue;
        Str rest = str_from(name, prefix[i].n);
        if (!rest.n || offset_parse(rest, micros)) return true;
    }
    return false;
}

// What a short name of three letters stands for.
static Str long_id(Str name)
{
    static const struct {
        Str id, region;
    } short_ids[] = {
        {S("ACT"), S("Australia/Darwin")},
        {S("AET"), S("Australia/Sydney")},
        {S("AGT"), S("America/Argentina/Buenos_Aires")},
        {S("ART"), S("Africa/Cairo")},
        {S("AST"), S("America/Anchorage")},
        {S("BET"), S("America/Sao_Paulo")},
        {S("BST"), S("Asia/Dhaka")},
        {S("CAT"), S("Africa/Harare")},
        {S("CNT"), S("America/St_Johns")},
        {S("CST"), S("America/Chicago")},
        {S("CTT"), S("Asia/Shanghai")},
        {S("EAT"), S("Africa/Addis_Ababa")},
        {S("ECT"), S("Europe/Paris")},
        {S("IET"), S("America/Indiana/Indianapolis")},
        {S("IST"), S("Asia/Kolkata")},
        {S("JST"), S("Asia/Tokyo")},
        {S("MIT"), S("Pacific/Apia")},
        {S("NET"), S("Asia/Yerevan")},
        {S("NST"), S("Pacific/Auckland")},
        {S("PLT"), S("Asia/Karachi")},
        {S("PNT"), S("America/Phoenix")},
        {S("PRT"), S("America/Puerto_Rico")},
        {S("PST"), S("America/Los_Angeles")},
        {S("SST"), S("Pacific/Guadalcanal")},
        {S("VST"), S("Asia/Ho_Chi_Minh")},
        {S("EST"), S("-05:00")},
        {S("MST"), S("-07:00")},
        {S("HST"), S("-10:00")},
    };
    for (int32_t i = 0; i < COUNT(short_ids); i++)
        if (str_eq(name, short_ids[i].id)) return short_ids[i].region;
    return name;
}

// A fixed zone as Java calls it: "GMT+3" is GMT+03:00, "+0" is Z.
static Str fixed_id(Arena *a, Str name, int64_t micros)
{
    int64_t sign = 0, s = (micros < 0 ? -micros : micros) / MICROS_PER_SECOND;
    while (sign < name.n && name.p[sign] != '+' && name.p[sign] != '-') sign++;
    Buf b = buf_new(a);
    buf_put(&b, str_of(name.p, sign));
    if (!s && !sign) return S("Z");
    if (!s) return str_copy(a, buf_str(&b));
    buf_fmt(&b, "%c%02d:%02d", micros < 0 ? '-' : '+', (int)(s / 3600), (int)(s / 60 % 60));
    if (s % 60) buf_fmt(&b, ":%02d", (int)(s % 60));
    return buf_str(&b);
}

typedef struct Region { // a calendar of ICU set to a region
    IcuTime icu;
    void *cal;
} Region;

static Status region_open(Region *r, Str name)
{
    TRY(icu_time(&r->icu));
    uint16_t id[ZONE_ID_MAX], canonical[ZONE_ID_MAX];
    int status = 0;
    int32_t n = 0;
    for (; n < name.n && n < ZONE_ID_MAX; n++) id[n] = (uint8_t)name.p[n];
    if (name.n && name.n < ZONE_ID_MAX) {
        r->icu.canonical(id, n, canonical, ZONE_ID_MAX, NULL, &status);
        if (status <= 0) r->cal = r->icu.open(id, n, "", 1, &status);
    }
    if (!r->cal || status > 0) return RAISE(INVALID_TIMEZONE, P("timeZone", name));
    return DONE;
}

static int64_t region_offset(const Region *r, double millis, bool *summer)
{
    enum { ZONE_OFFSET = 15, DST_OFFSET = 16 };
    int status = 0;
    r->icu.set_millis(r->cal, millis, &status);
    int64_t ms = r->icu.get(r->cal, ZONE_OFFSET, &status);
    int64_t saved = r->icu.get(r->cal, DST_OFFSET, &status);
    *summer = saved != 0;
    return (ms + saved) * MICROS_PER_MS;
}

// ICU reports changes of name too; those keep the offset.
static void region_read(const Region *r, Zone *z, Arena *a)
{
    enum { NEXT = 0 };
    double ms_per_day = (double)MICROS_PER_DAY / (double)MICROS_PER_MS;
    double upto = (double)civil_to_days(LAST_YEAR, 1, 1) * ms_per_day;
    double from = (double)civil_to_days(1, 1, 1) * ms_per_day, at = from;
    VEC(Micros) ats = {0}, locals = {0};
    VEC(int64_t) offsets = {0};
    VEC(bool) summers = {0};
    bool was, is;
    vec_push(a, &offsets, region_offset(r, from, &was));
    vec_push(a, &summers, was);
    int status = 0;
    r->icu.set_millis(r->cal, from, &status);
    while (ats.n < ZONE_CHANGES_MAX && r->icu.transition(r->cal, NEXT, &at, &status) &&
           status <= 0) {
        z->repeats = at >= upto;
        if (z->repeats) break;
        int64_t before = offsets.v[offsets.n - 1], after = region_offset(r, at, &is);
        if (before == after && was == is) continue;
        Micros t = (Micros)at * MICROS_PER_MS;
        vec_push(a, &ats, t);
        vec_push(a, &locals, t + MAX(before, after));
        vec_push(a, &offsets, after);
        vec_push(a, &summers, is);
        was = is;
    }
    z->n = (int32_t)ats.n;
    z->at = ats.v;
    z->local_at = locals.v;
    z->offset = offsets.v;
    z->summer = summers.v;
    z->fixed = offsets.v[0];
}

Status zone_open(const Zone **out, Arena *a, Str name)
{
    Zone *z = NEW(a, Zone, 1);
    z->name = str_copy(a, name);
    z->id = long_id(z->name);
    z->names = zone_names_of(z->id);
    *out = z;
    if (zone_fixed_parse(z->id, &z->fixed)) {
        z->id = fixed_id(a, z->id, z->fixed);
        return DONE;
    }
    Region r = {0};
    TRY(region_open(&r, z->id));
    region_read(&r, z, a);
    r.icu.close(r.cal);
    return DONE;
}

// Away from changes two looks at ICU are enough; beside one the whole list decides.
static bool region_to_utc(Str region, Micros local, Micros *utc_time, bool *near_change)
{
    Region r = {0};
    if (region_open(&r, region).code) return false;
    double millis = (double)floor_div(local, MICROS_PER_MS), day = 86400000;
    bool summer;
    int64_t before = region_offset(&r, millis - day, &summer);
    int64_t after = region_offset(&r, millis + day, &summer);
    r.icu.close(r.cal);
    *near_change = before != after;
    return !__builtin_sub_overflow(local, after, utc_time);
}

bool zone_local_to_utc(Str name, Micros local, Micros *utc_time)
{
    int64_t fixed = 0;
    Str id = long_id(name);
    if (zone_fixed_parse(id, &fixed)) return !__builtin_sub_overflow(local, fixed, utc_time);
    bool near_change = false;
    if (!region_to_utc(id, local, utc_time, &near_change)) return false;
    if (!near_change) return true;
    Arena *scratch = arena_new(NULL);
    const Zone *z;
    Status s = zone_open(&z, scratch, name);
    if (!s.code) *utc_time = zone_to_utc(z, local);
    arena_free(scratch);
    return s.code == OK;
}
