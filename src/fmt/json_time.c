// json_time.c -- dates and times in JSON text. Nearly all are plain ISO texts, read here eight
// characters at a time with the date remembered; the others are for the cast that the caller lent.
#include "base/civil.h"
#include "base/num.h"
#include "fmt/json_in.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t eight(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

// Are all bytes of v (text xor what it should look like with zeros for digits) digits?
static inline bool digits8(uint64_t v) { return !((v | (v + EACH(6))) & EACH(0xf0)); }

static bool two(const char *p, int32_t *v)
{
    uint32_t hi = (uint32_t)(p[0] - '0'), lo = (uint32_t)(p[1] - '0');
    *v = (int32_t)(hi * 10 + lo);
    return hi <= 9 && lo <= 9;
}

static bool new_day(JsonDay *day, const char *p)
{
    int32_t century, year, month, d;
    if (p[4] != '-' || p[7] != '-' || !two(p, &century) || !two(p + 2, &year) ||
        !two(p + 5, &month) || !two(p + 8, &d))
        return false;
    year += century * 100;
    if (month < 1 || month > 12 || d < 1 || d > civil_days_in_month(year, month)) return false;
    memcpy(day->text, p, sizeof day->text);
    day->days = (int32_t)civil_to_days(year, month, d);
    return true;
}

static inline bool iso_day(JsonDay *day, const char *p) // yyyy-MM-dd
{
    return !memcmp(p, day->text, sizeof day->text) || new_day(day, p);
}

static inline bool iso_clock(const char *p, Micros *t) // HH:mm:ss
{
    uint64_t v = eight(p) ^ eight("00:00:00");
    if (!digits8(v) || v & UINT64_C(0x0000ff0000ff0000)) return false;
    uint64_t pairs = v * 10 + (v >> 8); // byte 0, 3 and 6: two digits as a number
    uint32_t h = pairs & 0xff, m = pairs >> 24 & 0xff, s = pairs >> 48 & 0xff;
    *t = ((h * 60 + m) * 60 + s) * MICROS_PER_SECOND;
    return h < 24 && m < 60 && s < 60;
}

static inline bool six_digits(const char *p, int64_t *micro) // behind two more bytes
{
    uint64_t v = (eight(p - 2) ^ EACH('0')) & ~UINT64_C(0xffff);
    if (!digits8(v)) return false;
    v = v * 10 + (v >> 8);
    uint64_t lo = (v & UINT64_C(0xff000000ff)) * UINT64_C(0xf424000000064);
    uint64_t hi = (v >> 16 & UINT64_C(0xff000000ff)) * UINT64_C(0x271000000001);
    *micro = (int64_t)((lo + hi) >> 32);
    return true;
}

bool json_time_iso(JsonDay *day, Str s, Micros *t, bool *zoned)
{
    const char *p = s.p, *end = s.p + s.n;
    if (s.n < 19 || (p[10] != 'T' && p[10] != ' ') || !iso_day(day, p) || !iso_clock(p + 11, t))
        return false;
    int64_t micro = 0;
    *zoned = end[-1] == 'Z';
    end -= *zoned;
    p += 19;
    if (p < end) {
        if (*p++ != '.' || p == end || end - p > 9) return false;
        if (end - p == 6) {
            if (!six_digits(p, &micro)) return false;
            p = end;
        }
        int64_t unit = 100000;
        for (; p < end && (uint8_t)(*p - '0') <= 9; p++, unit /= 10) micro += (*p - '0') * unit;
    }
    *t += day->days * MICROS_PER_DAY + micro;
    return p == end;
}

static Str without_gmt(Arena *a, Str s)
{
    Buf b = buf_new(a);
    for (int64_t i; (i = str_find(s, S("GMT"))) >= 0; s = str_from(s, i + 3))
        buf_put(&b, str_of(s.p, i));
    buf_put(&b, s);
    return buf_str(&b);
}

// The day that the Julian calendar of old called so; they agree from 1582-10-15 on.
static int64_t days_from_julian(int64_t days)
{
    if (days >= -141427) return days;
    int64_t c = days + 2440588 + 32082;
    int64_t d = floor_div(4 * c + 3, 1461), e = c - floor_div(1461 * d, 4), m = (5 * e + 2) / 153;
    int32_t day = (int32_t)(e - (153 * m + 2) / 5);
    return civil_to_days(d - 4800 + m / 10, (int32_t)(m + 3 - 12 * (m / 10)), 1) + day;
}

bool json_cast(const JsonReader *r, const Type *t, Str s, Str pattern, Datum *v)
{
    const TextCast *c = &r->opt->cast;
    return c->read && c->read(c, t, s, pattern, v);
}

// As Spark 1.x read it, when the form or the option asks for it.
static bool time_fallback(const JsonReader *r, const Type *t, Str s, Str pattern, Datum *v)
{
    Str wish = r->opt->time_parser_fallback;
    if (wish.n ? !str_ieq(wish, S("true")) : pattern.n > 0) return false;
    if (json_cast(r, t, without_gmt(r->scratch, s), (Str){0}, v)) return true;
    if (t->id != T_DATE || r->opt->no_day_numbers || !num_parse_i64(s, &v->i)) return false;
    if (v->i < INT32_MIN || v->i > INT32_MAX) return false;
    v->i = days_from_julian(v->i);
    return true;
}

bool json_timestamp(JsonReader *r, const Type *t, Str s, Datum *v)
{
    bool ntz = t->id == T_TIMESTAMP_NTZ, zoned;
    Str pattern = ntz ? r->opt->timestamp_ntz_format : r->opt->timestamp_format;
    if (pattern.n == 0 && json_time_iso(&r->day, s, &v->i, &zoned))
        if (ntz ? !zoned : zoned || r->opt->cast.utc) return true;
    if (json_cast(r, t, s, pattern, v)) return true;
    return !ntz && time_fallback(r, t, s, pattern, v);
}

bool json_date(JsonReader *r, const Type *t, Str s, Datum *v)
{
    Str pattern = r->opt->date_format;
    if (pattern.n == 0 && s.n == 10 && iso_day(&r->day, s.p)) {
        v->i = r->day.days;
        return true;
    }
    return json_cast(r, t, s, pattern, v) || time_fallback(r, t, s, pattern, v);
}
