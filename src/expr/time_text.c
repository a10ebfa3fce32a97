// time_text.c -- texts of times and dates, by the grammar of Spark's casts: [+-]y{4,6}[-m[-d]] then
// a blank or T and h[:m[:s[.f]]], a zone after the seconds; or a time alone, which is today's.
//
// Nearly all texts are of 19 to 27 bytes and in the one ISO form; those are read eight bytes at a
// time. Whatever is else, or looks wrong there, takes the general reader, which alone refuses.
#include "expr/time_in.h"
#include "expr/zone_in.h"

TimeReader time_reader(const EvalCtx *ctx)
{
    TimeReader r = {.zone = ctx->zone, .now = ctx->batch_time};
    r.plain = zone_is_fixed(ctx->zone);
    r.plain_offset = r.plain ? zone_offset(ctx->zone, 0) : 0;
    return r;
}

static inline uint64_t load8(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

#define BYTES(b)  (UINT64_C(0x0101010101010101) * (b))
#define NINES_UP  BYTES(0x76)                  // added to a byte over 9, it sets the high bit
#define TIME_ZERO UINT64_C(0x30303a30303a3030) // "00:00:00", first byte lowest

// hh:mm:ss to seconds of the day, or -1.
static inline int64_t clock_seconds(const char *p)
{
    uint64_t x = load8(p) ^ TIME_ZERO;
    if (((x | (x + NINES_UP)) & BYTES(0x80)) | (x & UINT64_C(0x0000ff0000ff0000))) return -1;
    uint64_t pairs = x * 10 + (x >> 8);
    uint64_t h = pairs & 0xff, m = pairs >> 24 & 0xff, s = pairs >> 48 & 0xff;
    if ((h > 23) | (m > 59) | (s > 59)) return -1;
    return (int64_t)(h * 3600 + m * 60 + s);
}

// ?.dddddd from its first byte on to the digits' value, or -1.
static inline int64_t six_digits(const char *p)
{
    uint64_t x = load8(p) >> 8 ^ (UINT64_C(0x303030303030) << 8 | '.');
    if (((x | (x + NINES_UP)) & BYTES(0x80)) | (x & 0xff)) return -1;
    x = (x >> 8) << 16; // six digits as the last of eight
    x = (x * 10 + (x >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    x = (x * 100 + (x >> 16)) & UINT64_C(0x0000ffff0000ffff);
    return (int64_t)((x * 10000 + (x >> 32)) & 0xffffffff);
}

// .d to .ddddd, n bytes with the point: the micros, or -1.
static inline int64_t few_digits(const char *p, int64_t n)
{
    static const int32_t scale[] = {0, 100000, 10000, 1000, 100, 10};
    uint32_t sum = 0, wrong = p[0] != '.';
    for (int64_t i = 1; i < n; i++) {
        uint32_t d = (uint8_t)p[i] - (uint32_t)'0';
        wrong |= d > 9;
        sum = sum * 10 + d;
    }
    return wrong ? -1 : (int64_t)sum * scale[n - 1];
}

static bool digits_at(const char *p, int32_t n, int32_t *v)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9') return false;
        sum = sum * 10 + (p[i] - '0');
    }
    *v = sum;
    return true;
}

// yyyy-MM-dd at p, kept as the reader's last date.
static bool keep_date(TimeReader *r, const char *p)
{
    int32_t y, m, d;
    if (!digits_at(p, 4, &y) || p[4] != '-' || !digits_at(p + 5, 2, &m) || p[7] != '-' ||
        !digits_at(p + 8, 2, &d) || !civil_exists(y, m, d))
        return false;
    r->date_lo = load8(p);
    r->date_hi = load8(p + 2);
    r->midnight = civil_to_days(y, m, d) * MICROS_PER_DAY;
    return true;
}

// The ISO form. Local time, and whether a Z says that it is UTC.
static inline bool read_iso(TimeReader *r, Str s, Micros *local, bool *is_utc)
{
    if (s.n < 19 || s.n > 27) return false; // 27: six digits and a Z
    const char *p = s.p;
    *is_utc = p[s.n - 1] == 'Z';
    int64_t n = s.n - *is_utc;
    if (n < 19 || n == 20 || n > 26) return false;
    if (load8(p) != r->date_lo || load8(p + 2) != r->date_hi)
        if (!keep_date(r, p)) return false;
    int64_t seconds = clock_seconds(p + 11);
    int64_t micros = n == 26 ? six_digits(p + 18) : n > 20 ? few_digits(p + 19, n - 19) : 0;
    if ((seconds | micros) < 0 || (p[10] != 'T' && p[10] != ' ')) return false;
    *local = r->midnight + seconds * MICROS_PER_SECOND + micros;
    return true;
}

typedef struct TimeParts {
    Civil c;
    bool time_only;
    Str zone; // as written, may be empty
} TimeParts;

static bool blank(char c) { return (uint8_t)c <= ' ' || c == 0x7f; }

static Str trim_all(Str s)
{
    while (s.n && blank(s.p[0])) s = str_from(s, 1);
    while (s.n && blank(s.p[s.n - 1])) s.n--;
    return s;
}

// The segments of Spark's reader: year, month, day, hour, minute, second, fraction, zone.
typedef enum Segment { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, FRACTION, ZONE, SEGMENTS } Segment;
typedef struct Scan {
    int32_t value[SEGMENTS];
    int32_t at; // the segment being read
    int32_t digits, sum, fraction_digits;
} Scan;

static bool end_segment(Scan *s)
{
    bool ok = s->at == FRACTION || (s->at == YEAR && s->digits >= 4 && s->digits <= 6) ||
              (s->at == ZONE && s->digits <= 2) ||
              (s->at != YEAR && s->at < FRACTION && s->digits > 0 && s->digits <= 2);
    if (!ok) return false;
    s->value[s->at++] = s->sum;
    s->digits = s->sum = 0;
    return true;
}

static void take_digit(Scan *s, char c)
{
    if (s->at == FRACTION) s->fraction_digits++;
    if (s->at == FRACTION ? s->digits < 6 : s->digits < 8) s->sum = s->sum * 10 + (c - '0');
    s->digits++;
}

// A byte that is no digit ends a segment; what it may be depends on which.
static bool take_sign(Scan *s, TimeParts *t, Str rest, bool first, bool has_sign)
{
    char c = rest.p[0];
    if (first && c == 'T') {
        t->time_only = true;
        s->at = HOUR;
        return true;
    }
    if (s->at < DAY && c == '-') return end_segment(s);
    if (s->at == YEAR && c == ':' && !has_sign) {
        t->time_only = true;
        s->at = HOUR;
        return end_segment(s);
    }
    if (s->at == DAY && (c == ' ' || c == 'T')) return end_segment(s);
    if ((s->at == HOUR || s->at == MINUTE) && c == ':') return end_segment(s);
    if (s->at == SECOND && c == '.') return end_segment(s);
    if (s->at != SECOND && s->at != FRACTION) return false;
    if (!end_segment(s)) return false;
    s->at = ZONE;
    t->zone = trim_all(rest);
    return true;
}

static bool read_parts(Str text, TimeParts *t)
{
    Str s = trim_all(text);
    if (!s.n) return false;
    Scan scan = {.value = {1, 1, 1}};
    bool at_start = s.p == text.p; // a T after white space is no time
    bool minus = s.p[0] == '-', has_sign = minus || s.p[0] == '+';
    for (int64_t i = has_sign; i < s.n; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9')
            take_digit(&scan, s.p[i]);
        else if (!take_sign(&scan, t, str_from(s, i), i == 0 && at_start, has_sign))
            return false;
        else if (scan.at == ZONE)
            break;
    }
    if (!end_segment(&scan)) return false;
    for (int32_t i = scan.fraction_digits; i < 6; i++) scan.value[FRACTION] *= 10;
    t->c = (Civil){.year = minus ? -scan.value[YEAR] : scan.value[YEAR],
                   .month = scan.value[MONTH],
                   .day = scan.value[DAY],
                   .hour = scan.value[HOUR],
                   .minute = scan.value[MINUTE],
                   .second = scan.value[SECOND],
                   .micro = scan.value[FRACTION]};
    return true;
}

static bool to_instant(const Zone *zone, Str named, Micros local, Micros *t)
{
    if (named.n) return zone_local_to_utc(named, local, t);
    *t = zone_to_utc(zone, local);
    return true;
}

static bool today(const TimeReader *r, const TimeParts *p, Civil *c)
{
    Micros now = r->now + zone_offset(r->zone, r->now), utc_now;
    if (p->zone.n) {
        if (!zone_local_to_utc(p->zone, r->now, &utc_now)) return false;
        now = r->now + (r->now - utc_now);
    }
    Civil day = civil_of(now);
    c->year = day.year;
    c->month = day.month;
    c->day = day.day;
    return true;
}

static bool read_general(const TimeReader *r, Str s, Micros *t)
{
    TimeParts p = {0};
    Micros local;
    if (!read_parts(s, &p)) return false;
    if (p.time_only && !today(r, &p, &p.c)) return false;
    return civil_checked(&p.c, &local) && to_instant(r->zone, p.zone, local, t);
}

bool time_read(TimeReader *r, Str s, Micros *t)
{
    Micros local;
    bool is_utc;
    if (!read_iso(r, s, &local, &is_utc)) return read_general(r, s, t);
    if (is_utc)
        *t = local;
    else if (r->plain)
        *t = local - r->plain_offset;
    else
        *t = zone_to_utc(r->zone, local);
    return true;
}

bool time_read_ntz(TimeReader *r, Str s, Micros *t)
{
    bool is_utc;
    if (read_iso(r, s, t, &is_utc)) return true;
    TimeParts p = {0};
    Micros ignored;
    if (!read_parts(s, &p) || p.time_only || !civil_checked(&p.c, t)) return false;
    return !p.zone.n || zone_local_to_utc(p.zone, 0, &ignored);
}

// yyyy[-m[-d]]; after a full date a blank or T ends it, whatever follows.
bool date_read(Str text, int32_t *days)
{
    Str s = trim_all(text);
    int32_t part[3] = {1, 1, 1}, at = 0, digits = 0;
    int64_t sum = 0, i = 0;
    bool minus = s.n && s.p[0] == '-';
    if (s.n && (minus || s.p[0] == '+')) i++;
    for (; i < s.n && s.p[i] != ' ' && s.p[i] != 'T'; i++) {
        bool sign = s.p[i] == '-' && at < 2;
        if (!sign && (s.p[i] < '0' || s.p[i] > '9')) return false;
        if (sign) {
            if (at ? digits < 1 || digits > 2 : digits < 4 || digits > 7) return false;
            part[at++] = (int32_t)sum;
            sum = digits = 0;
            continue;
        }
        if (++digits > 7) return false;
        sum = sum * 10 + (s.p[i] - '0');
    }
    if (at ? digits < 1 || digits > 2 : digits < 4) return false;
    if (at < 2 && i < s.n) return false;
    part[at] = (int32_t)sum;
    int64_t year = minus ? -part[0] : part[0];
    if (!civil_exists(year, part[1], part[2])) return false;
    int64_t d = civil_to_days(year, part[1], part[2]);
    *days = (int32_t)d;
    return d == *days;
}

bool time_of_day_read(Str text, int64_t *nanos)
{
    TimeParts p = {0};
    if (!read_parts(text, &p) || !p.time_only || p.zone.n) return false;
    if (p.c.hour > 23 || p.c.minute > 59 || p.c.second > 59) return false;
    int64_t seconds = p.c.hour * INT64_C(3600) + p.c.minute * 60 + p.c.second;
    *nanos = (seconds * MICROS_PER_SECOND + p.c.micro) * 1000;
    return true;
}

bool civil_exists(int64_t year, int32_t month, int32_t day)
{
    return month >= 1 && month <= 12 && day >= 1 && day <= civil_days_in_month(year, month);
}

bool civil_checked(const Civil *c, Micros *t)
{
    if (!civil_exists(c->year, c->month, c->day)) return false;
    if (c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 || c->second < 0 ||
        c->second > 59)
        return false;
    if (c->year > 294247 || c->year < -290308) return false;
    int64_t seconds = c->hour * INT64_C(3600) + c->minute * 60 + c->second;
    int64_t days = civil_to_days(c->year, c->month, c->day), midnight;
    if (__builtin_mul_overflow(days, MICROS_PER_DAY, &midnight)) return false;
    return !__builtin_add_overflow(midnight, seconds * MICROS_PER_SECOND + c->micro, t);
}

int64_t date_add_months(int64_t days, int64_t months)
{
    int64_t year;
    int32_t month, day;
    civil_from_days(days, &year, &month, &day);
    int64_t total = year * 12 + (month - 1) + months;
    year = floor_div(total, 12);
    month = (int32_t)floor_mod(total, 12) + 1;
    return civil_to_days(year, month, MIN(day, civil_days_in_month(year, month)));
}

Micros add_months(Micros t, int64_t months, const Zone *z)
{
    Micros local = t + zone_offset(z, t);
    int64_t days = floor_div(local, MICROS_PER_DAY);
    Micros moved = local + (date_add_months(days, months) - days) * MICROS_PER_DAY;
    return months ? zone_to_utc(z, moved) : t;
}

Micros add_days(Micros t, int64_t days, const Zone *z)
{
    if (!days) return t;
    return zone_to_utc(z, t + zone_offset(z, t) + days * MICROS_PER_DAY);
}
