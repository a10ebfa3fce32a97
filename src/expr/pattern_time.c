// pattern_time.c -- datetime patterns: the letters, and writing times by them. Reading is in
// pattern_read.c.
#include "base/num.h"
#include "expr/fn.h"
#include "expr/pattern_time_in.h"
#include "expr/zone_in.h"

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// How often a letter may stand: at most, and whether Spark has it for reading at all.
typedef struct LetterRule {
    char letter;
    uint8_t most;
    bool reads;
} LetterRule;
static const LetterRule rules[] = {
    {'G', 4, true}, {'y', 6, true},  {'M', 4, true},  {'L', 4, true}, {'d', 2, true},
    {'D', 3, true}, {'E', 4, false}, {'F', 1, false}, {'a', 1, true}, {'h', 2, true},
    {'H', 2, true}, {'K', 2, true},  {'k', 2, true},  {'m', 2, true}, {'s', 2, true},
    {'S', 9, true}, {'Q', 4, false}, {'q', 4, false}, {'x', 5, true}, {'X', 5, true},
    {'z', 4, true}, {'Z', 5, true},  {'O', 4, true},  {'V', 2, true}, {'v', 4, true},
};

static Status refuse(Arena *a, Str text, char c)
{
    // The letters of Java's older formatter, whose patterns Spark 2 took.
    if (strchr("ABnNp", c))
        return RAISE(INVALID_DATETIME_PATTERN, P("pattern", text), P("c", str_of(&c, 1)));
    if (strchr("GyYMLwWDdFEuaHkKhmsSzZX#{}!", c))
        return RAISE(INCONSISTENT_BEHAVIOR_DATETIME_PATTERN,
                     P("pattern", str_fmt(a, "'" STR_FMT "'", STR_ARG(text))),
                     P("config", S("\"spark.sql.legacy.timeParserPolicy\"")), DOCROOT);
    return RAISE(INVALID_DATETIME_PATTERN_WITH_SUGGESTION, P("pattern", text));
}

static Status check_letter(Arena *a, Str text, char c, int32_t count, PatternUse use)
{
    for (int32_t i = 0; i < COUNT(rules); i++) {
        if (rules[i].letter != c) continue;
        bool count_ok = count <= rules[i].most && (!strchr("Ov", c) || count == 1 || count == 4) &&
                        (c != 'V' || count == 2);
        bool use_ok = use == PATTERN_WRITE || rules[i].reads;
        if (count_ok && use_ok) return DONE;
    }
    return refuse(a, text, c);
}

// 'text' and '' to the literal they stand for; at stands on the first quote.
static Status quoted(Arena *a, Str text, int64_t *at, Item *item)
{
    Buf b = buf_new(a);
    int64_t i = *at + 1;
    if (i < text.n && text.p[i] == '\'') buf_char(&b, '\'');
    for (; i < text.n; i++) {
        bool quote = text.p[i] == '\'', twice = quote && i + 1 < text.n && text.p[i + 1] == '\'';
        if (quote && !twice) {
            *item = (Item){.kind = ITEM_TEXT, .text = buf_str(&b)};
            *at = i + 1;
            return DONE;
        }
        i += twice;
        buf_char(&b, text.p[i]);
    }
    return RAISE(INVALID_DATETIME_PATTERN_WITH_SUGGESTION, P("pattern", text));
}

static bool is_number(const Item *i)
{
    return i->kind == ITEM_LETTER && strchr("ydDhHKkms", i->letter) != NULL;
}
static bool is_month_number(const Item *i)
{
    return i->kind == ITEM_LETTER && strchr("ML", i->letter) && i->count < 3;
}

// A number directly before others of fixed width leaves them their digits.
static void reserve_digits(Pattern *p)
{
    for (int32_t i = p->n - 2; i >= 0; i--) {
        Item *x = &p->item[i], *y = &p->item[i + 1];
        bool adjacent =
            (is_number(x) || is_month_number(x)) && (is_number(y) || is_month_number(y));
        bool fixed = y->count > 1; // y stands for as many digits as it has letters
        if (adjacent && fixed) x->reserved = y->reserved + y->count;
    }
}

Status pattern_compile(const Pattern **out, Arena *a, Str text, PatternUse use)
{
    Pattern *p = NEW(a, Pattern, 1);
    p->item = NEW(a, Item, text.n + 1);
    for (int64_t i = 0; i < text.n;) {
        char c = text.p[i];
        Item *item = &p->item[p->n++];
        if (c == '\'') {
            TRY(quoted(a, text, &i, item));
        } else if (c == '[' || c == ']') {
            item->kind = c == '[' ? ITEM_OPEN : ITEM_CLOSE;
            i++;
        } else if (letter(c)) {
            int64_t n = i;
            while (n < text.n && text.p[n] == c) n++;
            *item = (Item){.kind = ITEM_LETTER, .letter = c, .count = (int32_t)MIN(n - i, 99)};
            TRY(check_letter(a, text, c, item->count, use));
            p->has_era |= c == 'G';
            i = n;
        } else {
            if (strchr("#{}", c)) return refuse(a, text, c);
            *item = (Item){.kind = ITEM_TEXT, .text = str_sub(text, i, 1)};
            i++;
        }
    }
    reserve_digits(p);
    *out = p;
    return DONE;
}

const Str month_names[12] = {STR_INIT("January"), STR_INIT("February"), STR_INIT("March"),
                             STR_INIT("April"),   STR_INIT("May"),      STR_INIT("June"),
                             STR_INIT("July"),    STR_INIT("August"),   STR_INIT("September"),
                             STR_INIT("October"), STR_INIT("November"), STR_INIT("December")};
const Str day_names[7] = {STR_INIT("Monday"),   STR_INIT("Tuesday"), STR_INIT("Wednesday"),
                          STR_INIT("Thursday"), STR_INIT("Friday"),  STR_INIT("Saturday"),
                          STR_INIT("Sunday")};

static void put_number(Buf *b, int64_t v, int32_t width)
{
    char text[NUM_TEXT_MAX];
    int64_t n = num_format_i64(text, v);
    if (width > n) buf_fill(b, '0', width - n);
    buf_put(b, str_of(text, n));
}

// Years with more digits than the pattern has letters get a plus sign.
static void put_year(Buf *b, int64_t year, int32_t count)
{
    if (count == 2) {
        put_number(b, floor_mod(year, 100), 2);
        return;
    }
    int64_t limit = 1;
    for (int32_t i = 0; i < count; i++) limit *= 10;
    if (year < 0) buf_char(b, '-');
    if (count >= 4 && year >= limit) buf_char(b, '+');
    put_number(b, year < 0 ? -year : year, count);
}

static void put_name(Buf *b, Str name, int32_t count)
{
    buf_put(b, count == 4 ? name : str_of(name.p, MIN(name.n, 3)));
}

static void put_quarter(Buf *b, int32_t q, int32_t count)
{
    static const Str names[] = {STR_INIT("1st quarter"), STR_INIT("2nd quarter"),
                                STR_INIT("3rd quarter"), STR_INIT("4th quarter")};
    if (count < 3)
        put_number(b, q, count);
    else if (count == 3)
        buf_fmt(b, "Q%d", q);
    else
        buf_put(b, names[q - 1]);
}

static void put_offset_digits(Buf *b, int64_t seconds, bool colons, bool minutes, bool with_seconds)
{
    int64_t s = seconds < 0 ? -seconds : seconds;
    buf_char(b, seconds < 0 ? '-' : '+');
    put_number(b, s / 3600, 2);
    if (!minutes && s / 60 % 60 == 0) return;
    if (colons) buf_char(b, ':');
    put_number(b, s / 60 % 60, 2);
    if (!with_seconds || s % 60 == 0) return;
    if (colons) buf_char(b, ':');
    put_number(b, s % 60, 2);
}

static void put_offset(Buf *b, const Item *x, int64_t micros)
{
    int64_t seconds = micros / MICROS_PER_SECOND;
    char c = x->letter;
    bool gmt = c == 'O' || (c == 'Z' && x->count == 4);
    if (gmt) {
        buf_put(b, S("GMT"));
        if (!seconds) return;
        if (c == 'O' && x->count == 1) {
            int64_t s = seconds < 0 ? -seconds : seconds;
            buf_fmt(b, "%c%d", seconds < 0 ? '-' : '+', (int)(s / 3600));
            if (s % 3600) buf_fmt(b, ":%02d", (int)(s / 60 % 60));
            if (s % 60) buf_fmt(b, ":%02d", (int)(s % 60));
            return;
        }
        put_offset_digits(b, seconds, true, true, true);
        return;
    }
    if (!seconds && (c == 'X' || (c == 'Z' && x->count == 5))) {
        buf_char(b, 'Z');
        return;
    }
    bool colons = c == 'Z' ? x->count == 5 : x->count == 3 || x->count == 5;
    put_offset_digits(b, seconds, colons, c == 'Z' || x->count > 1, x->count > 3);
}

typedef struct Moment { // what is written
    Civil c;
    int64_t days;
    int64_t offset;
    const Zone *zone;
    ZoneSeason season;
} Moment;

static void put_letter(Buf *b, const Item *x, const Moment *m, bool era)
{
    int32_t n = x->count, half = m->c.hour % 12;
    switch (x->letter) {
    case 'G':
        buf_put(b, m->c.year > 0 ? (n == 4 ? S("Anno Domini") : S("AD"))
                                 : (n == 4 ? S("Before Christ") : S("BC")));
        return;
    case 'y': put_year(b, era && m->c.year <= 0 ? 1 - m->c.year : m->c.year, n); return;
    case 'M':
    case 'L':
        if (n < 3)
            put_number(b, m->c.month, n);
        else
            put_name(b, month_names[m->c.month - 1], n);
        return;
    case 'd': put_number(b, m->c.day, n); return;
    case 'D': put_number(b, civil_day_of_year(m->days), n); return;
    case 'E': put_name(b, day_names[civil_weekday(m->days)], n); return;
    case 'F': put_number(b, (m->c.day - 1) % 7 + 1, n); return;
    case 'a': buf_put(b, m->c.hour < 12 ? S("AM") : S("PM")); return;
    case 'h': put_number(b, half ? half : 12, n); return;
    case 'H': put_number(b, m->c.hour, n); return;
    case 'K': put_number(b, half, n); return;
    case 'k': put_number(b, m->c.hour ? m->c.hour : 24, n); return;
    case 'm': put_number(b, m->c.minute, n); return;
    case 's': put_number(b, m->c.second, n); return;
    case 'S': {
        static const int32_t unit[] = {1, 100000, 10000, 1000, 100, 10, 1};
        put_number(b, n < 7 ? m->c.micro / unit[n] : m->c.micro, MIN(n, 6));
        buf_fill(b, '0', MAX(n - 6, 0));
        return;
    }
    case 'Q':
    case 'q': put_quarter(b, (m->c.month + 2) / 3, n); return;
    case 'z': buf_put(b, zone_text(m->zone, m->season, n == 4)); return;
    case 'v': buf_put(b, zone_text(m->zone, ZONE_ANY_SEASON, n == 4)); return;
    case 'V': buf_put(b, zone_id(m->zone)); return;
    }
    put_offset(b, x, m->offset);
}

void pattern_write(const Pattern *p, Buf *b, Micros t, const Zone *zone)
{
    Moment m = {.offset = zone_offset(zone, t), .zone = zone, .season = zone_season(zone, t)};
    m.c = civil_of(t + m.offset);
    m.days = floor_div(t + m.offset, MICROS_PER_DAY);
    for (int32_t i = 0; i < p->n; i++) {
        const Item *x = &p->item[i];
        if (x->kind == ITEM_TEXT) buf_put(b, x->text);
        if (x->kind == ITEM_LETTER) put_letter(b, x, &m, p->has_era);
    }
}
