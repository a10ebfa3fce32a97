// pattern_read.c -- reading texts by a datetime pattern, as strictly as Java does: numbers of two
// letters have two digits, the whole text is used up, and what was read makes one time that exists.
#include "base/num.h"
#include "expr/pattern_time_in.h"
#include "expr/time_in.h"
#include "expr/zone_in.h"

enum { ABSENT = -1 };
typedef struct Parsed {
    Str rest, stuck; // stuck: at what could not be read
    bool has_year, before_christ, has_micro;
    int64_t year;
    int32_t month, day, day_of_year, hour, half_hour, am_pm, minute, second, micro;
    PatternTime t;
} Parsed;

static bool digit(Str s, int64_t at) { return at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; }

// At least `least`, at most `most` digits, less what those after it need.
static bool take_digits(Parsed *p, int32_t least, int32_t most, int32_t reserved, int64_t *v)
{
    int64_t have = 0;
    while (have < most + reserved && digit(p->rest, have)) have++;
    int64_t n = reserved ? MAX(least, have - reserved) : have;
    if (n > most) n = most;
    if (n > have || n < least || n > 18) return false;
    *v = 0;
    for (int64_t i = 0; i < n; i++) *v = *v * 10 + p->rest.p[i] - '0';
    p->rest = str_from(p->rest, n);
    return true;
}

static bool take_text(Parsed *p, Str text)
{
    if (p->rest.n < text.n || !str_ieq(str_of(p->rest.p, text.n), text)) return false;
    p->rest = str_from(p->rest, text.n);
    return true;
}

// yyyy takes more than four digits only behind a plus sign.
static bool take_year(Parsed *p, const Item *x)
{
    p->has_year = true;
    if (x->count == 2) {
        if (!take_digits(p, 2, 2, x->reserved, &p->year)) return false;
        p->year += 2000;
        return true;
    }
    bool minus = p->rest.n && p->rest.p[0] == '-', plus = p->rest.n && p->rest.p[0] == '+';
    if (minus || plus) p->rest = str_from(p->rest, 1);
    int64_t before = p->rest.n;
    if (!take_digits(p, x->count, 19, x->reserved, &p->year)) return false;
    int64_t n = before - p->rest.n;
    if (minus) p->year = -p->year;
    if (x->count < 4) return !plus;
    return plus ? n > x->count : n == x->count || minus;
}

static bool take_month(Parsed *p, const Item *x)
{
    int64_t v = 0;
    if (x->count < 3) {
        if (!take_digits(p, x->count, x->count == 1 ? 19 : 2, x->reserved, &v)) return false;
        p->month = (int32_t)MIN(v, 99);
        return true;
    }
    for (int32_t i = 0; i < 12; i++) {
        Str name = x->count == 4 ? month_names[i] : str_of(month_names[i].p, 3);
        if (!take_text(p, name)) continue;
        p->month = i + 1;
        return true;
    }
    return false;
}

// least: digits of the hour.
static bool take_offset_number(Parsed *p, bool colons, int32_t fields, int32_t least,
                               int64_t *seconds)
{
    if (!p->rest.n || (p->rest.p[0] != '+' && p->rest.p[0] != '-')) return false;
    bool minus = p->rest.p[0] == '-';
    int64_t v, unit = 3600;
    p->rest = str_from(p->rest, 1);
    *seconds = 0;
    for (int32_t f = 0; f < fields; f++, unit /= 60) {
        bool more = f == 0 || (colons ? p->rest.n > 0 && p->rest.p[0] == ':' : digit(p->rest, 0));
        if (!more) break;
        if (f && colons) p->rest = str_from(p->rest, 1);
        if (!take_digits(p, f ? 2 : least, 2, 0, &v) || (f && v > 59)) return false;
        *seconds += v * unit;
    }
    if (minus) *seconds = -*seconds;
    return *seconds <= 18 * 3600 && *seconds >= -18 * 3600;
}

static bool take_offset(Parsed *p, const Item *x)
{
    int64_t seconds = 0;
    char c = x->letter;
    bool gmt = c == 'O' || (c == 'Z' && x->count == 4);
    p->t.has_offset = true;
    if (gmt) {
        if (!take_text(p, S("GMT"))) return false;
        bool sign = p->rest.n && (p->rest.p[0] == '+' || p->rest.p[0] == '-');
        bool full = x->count == 4;
        if (sign && full && (p->rest.n < 4 || p->rest.p[3] != ':')) return false;
        if (sign && !take_offset_number(p, true, 3, full ? 2 : 1, &seconds)) return false;
    } else if ((c == 'X' || (c == 'Z' && x->count == 5)) && take_text(p, S("Z"))) {
        seconds = 0;
    } else {
        bool colons = c == 'Z' ? x->count == 5 : x->count == 3 || x->count == 5;
        if (!take_offset_number(p, colons, x->count > 3 ? 3 : 2, 2, &seconds)) return false;
    }
    p->t.offset = seconds * MICROS_PER_SECOND;
    return true;
}

static void zone_taken(Parsed *p, Str zone, int64_t n)
{
    p->t.zone = zone;
    p->rest = str_from(p->rest, n);
}
// [+-]hh:mm[:ss]
static bool take_offset_id(Parsed *p)
{
    int64_t seconds;
    return p->rest.n > 3 && p->rest.p[3] == ':' && take_offset_number(p, true, 3, 2, &seconds);
}
// UTC, GMT or UT, with an offset or without.
static bool take_prefixed(Parsed *p)
{
    static const Str prefix[] = {STR_INIT("UTC"), STR_INIT("GMT"), STR_INIT("UT")};
    Str from = p->rest;
    for (int32_t i = 0; i < COUNT(prefix); i++) {
        if (!take_text(p, prefix[i])) continue;
        Str bare = p->rest;
        if (!take_offset_id(p)) p->rest = bare;
        zone_taken(p, p->rest.n == bare.n ? prefix[i] : str_of(from.p, from.n - p->rest.n), 0);
        return true;
    }
    return false;
}
// Java's order. A name and an id of the same length: the name.
static bool take_zone(Parsed *p, const Item *x)
{
    Str from = p->rest, zone = {0}, named = {0};
    if (from.n && (from.p[0] == '+' || from.p[0] == '-')) {
        if (!take_offset_id(p)) return false;
        zone_taken(p, str_of(from.p, from.n - p->rest.n), 0);
        return true;
    }
    if (take_prefixed(p)) return true;
    bool by_id = x->letter == 'V';
    int64_t of_name = by_id ? 0 : zone_name_read(from, x->count == 4, &named);
    bool word_ends = of_name && (of_name == from.n || from.p[of_name] == ' ');
    int64_t n = word_ends ? 0 : zone_id_read(from, by_id, &zone);
    bool z = !n && !of_name && take_text(p, S("Z"));
    if (z)
        p->t.zone = S("Z");
    else
        zone_taken(p, of_name >= n ? named : zone, MAX(n, of_name));
    return z || p->t.zone.n;
}

static bool take_int(Parsed *p, const Item *x, int32_t *field)
{
    int64_t v;
    if (!take_digits(p, x->count, x->count == 1 ? 19 : x->count, x->reserved, &v)) return false;
    *field = (int32_t)MIN(v, 9999);
    return true;
}

// DD takes three digits too.
static bool take_day_of_year(Parsed *p, const Item *x)
{
    int64_t v;
    int32_t most = x->count == 1 ? 19 : 3;
    if (!take_digits(p, x->count, most, x->reserved, &v)) return false;
    p->day_of_year = (int32_t)MIN(v, 9999);
    return true;
}

static bool take_fraction(Parsed *p, const Item *x)
{
    int32_t n = 0, micros = 0;
    for (; n < x->count && digit(p->rest, n); n++)
        if (n < 6) micros = micros * 10 + p->rest.p[n] - '0';
    for (int32_t i = n; i < 6; i++) micros *= 10;
    if (p->has_micro && p->micro != micros) return false; // said twice
    p->rest = str_from(p->rest, n);
    p->micro = micros;
    p->has_micro = true;
    return n > 0;
}

static bool take_letter(Parsed *p, const Item *x)
{
    switch (x->letter) {
    case 'G':
        p->before_christ = take_text(p, S("BC")) || take_text(p, S("Before Christ"));
        return p->before_christ || take_text(p, S("AD")) || take_text(p, S("Anno Domini"));
    case 'y': return take_year(p, x);
    case 'M':
    case 'L': return take_month(p, x);
    case 'd': return take_int(p, x, &p->day);
    case 'D': return take_day_of_year(p, x);
    case 'a': p->am_pm = take_text(p, S("PM")); return p->am_pm || take_text(p, S("AM"));
    case 'H': return take_int(p, x, &p->hour);
    case 'k':
        if (!take_int(p, x, &p->hour) || p->hour < 1 || p->hour > 24) return false;
        p->hour %= 24;
        return true;
    case 'h':
        if (!take_int(p, x, &p->half_hour) || p->half_hour < 1 || p->half_hour > 12) return false;
        p->half_hour %= 12;
        return true;
    case 'K': return take_int(p, x, &p->half_hour) && p->half_hour < 12;
    case 'm': return take_int(p, x, &p->minute);
    case 's': return take_int(p, x, &p->second);
    case 'S': return take_fraction(p, x);
    case 'z':
    case 'v':
    case 'V': return take_zone(p, x);
    }
    return take_offset(p, x);
}

// Items from i on; *next is the item after the closing bracket when `inside` one.
static bool take_items(const Pattern *p, int32_t i, Parsed *s, bool inside, int32_t *next)
{
    for (; i < p->n; i++) {
        const Item *x = &p->item[i];
        Str at = s->rest;
        if (x->kind == ITEM_CLOSE && inside) break;
        if (x->kind == ITEM_OPEN) {
            Parsed before = *s;
            int32_t after = i;
            if (!take_items(p, i + 1, s, true, &after)) {
                *s = before; // what is optional may be missing as a whole
                int32_t depth = 0;
                for (after = i; after < p->n; after++) {
                    depth += p->item[after].kind == ITEM_OPEN;
                    depth -= p->item[after].kind == ITEM_CLOSE;
                    if (!depth) break;
                }
            }
            i = after;
        } else if (x->kind == ITEM_TEXT ? !take_text(s, x->text)
                                        : x->kind == ITEM_LETTER && !take_letter(s, x)) {
            s->stuck = at;
            return false;
        }
    }
    *next = i;
    return true;
}

typedef struct Complaint { // why a text names no time; NULL where nobody asks
    Arena *arena;
    Str text;
} Complaint;

static bool conflict(Complaint *c, const Parsed *p, const char *field, int32_t said, int32_t is,
                     const Civil *d)
{
    if (!c) return false;
    c->text = str_fmt(c->arena,
                      "Conflict found: Field %s %d differs from %s %d derived from "
                      "%04lld-%02d-%02d%s",
                      field, p->has_year ? is : said, field, p->has_year ? said : is,
                      (long long)d->year, (int)d->month, (int)d->day, p->has_year ? "" : ".");
    return false;
}

// The day of the year against the month and the day, where they stand too.
static bool resolve_day_of_year(const Parsed *p, Civil *c, Complaint *why)
{
    int64_t days = civil_to_days(c->year, 1, 1) + p->day_of_year - 1;
    Civil d = *c;
    civil_from_days(days, &d.year, &d.month, &d.day);
    if (d.year != c->year || p->day_of_year < 1) {
        if (why)
            why->text =
                str_fmt(why->arena, "Invalid date 'DayOfYear %d' as '%lld' is not a leap year",
                        (int)p->day_of_year, (long long)c->year);
        return false;
    }
    if (p->month != ABSENT && p->month != d.month)
        return conflict(why, p, "MonthOfYear", p->month, d.month, &d);
    if (p->day != ABSENT && p->day != d.day)
        return conflict(why, p, "DayOfMonth", p->day, d.day, &d);
    *c = d;
    return true;
}

static bool resolve(Parsed *p, Complaint *why)
{
    int32_t hour = p->hour;
    if (hour == ABSENT && p->half_hour != ABSENT)
        hour = p->half_hour + (p->am_pm == 1 ? 12 : 0);
    else if (hour == ABSENT)
        hour = p->am_pm == 1 ? 12 : 0;
    Civil c = {.year = p->has_year ? p->year : 1970,
               .month = p->month == ABSENT ? 1 : p->month,
               .day = p->day == ABSENT ? 1 : p->day,
               .hour = hour,
               .minute = p->minute,
               .second = p->second,
               .micro = p->micro};
    if (p->before_christ) c.year = 1 - c.year;
    bool whole = p->has_year && p->month != ABSENT && p->day != ABSENT;
    bool exists = !whole || civil_exists(c.year, c.month, c.day);
    if (exists && p->day_of_year != ABSENT && !resolve_day_of_year(p, &c, why)) return false;
    if (civil_checked(&c, &p->t.local)) return true;
    if (why) why->text = civil_complaint(why->arena, &c);
    return false;
}

static Parsed nothing_of(Str text)
{
    return (Parsed){.rest = text,
                    .month = ABSENT,
                    .day = ABSENT,
                    .day_of_year = ABSENT,
                    .hour = ABSENT,
                    .half_hour = ABSENT,
                    .am_pm = ABSENT};
}

bool pattern_read(const Pattern *p, Str text, PatternTime *t)
{
    Parsed s = nothing_of(text);
    int32_t end = 0;
    if (!take_items(p, 0, &s, false, &end) || s.rest.n || !resolve(&s, NULL)) return false;
    *t = s.t;
    return true;
}

Str pattern_complaint(Arena *a, const Pattern *p, Str text)
{
    Parsed s = nothing_of(text);
    Complaint why = {.arena = a};
    int32_t end = 0;
    Str head = str_fmt(a, "Text '" STR_FMT "' could not be parsed", STR_ARG(text));
    if (!take_items(p, 0, &s, false, &end))
        return str_fmt(a, STR_FMT " at index %lld", STR_ARG(head), (long long)(s.stuck.p - text.p));
    if (s.rest.n)
        return str_fmt(a, STR_FMT ", unparsed text found at index %lld", STR_ARG(head),
                       (long long)(s.rest.p - text.p));
    if (resolve(&s, &why)) return head;
    return s.has_year ? str_fmt(a, STR_FMT ": " STR_FMT, STR_ARG(head), STR_ARG(why.text))
                      : why.text;
}

bool pattern_instant(const Pattern *p, Str text, const Zone *zone, Micros *t)
{
    PatternTime parsed;
    if (!pattern_read(p, text, &parsed)) return false;
    if (parsed.has_offset) return !__builtin_sub_overflow(parsed.local, parsed.offset, t);
    if (parsed.zone.n) return zone_local_to_utc(parsed.zone, parsed.local, t);
    *t = zone_to_utc(zone, parsed.local);
    return true;
}

bool pattern_datum(const Pattern *p, const Type *t, Str text, const Zone *zone, Datum *v)
{
    PatternTime parsed;
    if (t->id == T_TIMESTAMP) return pattern_instant(p, text, zone, &v->i);
    if (!pattern_read(p, text, &parsed)) return false;
    v->i = parsed.local;
    if (t->id == T_DATE) v->i = floor_div(parsed.local, MICROS_PER_DAY);
    if (t->id == T_TIME) v->i = floor_mod(parsed.local, MICROS_PER_DAY) * 1000;
    return t->id == T_DATE || t->id == T_TIME || t->id == T_TIMESTAMP_NTZ;
}
