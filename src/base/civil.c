// civil.c -- the day algorithms count years from March, so that the leap day is the last of a year,
// in eras of 400 years (H. Hinnant, "chrono-compatible low-level date algorithms").
#include "base/civil.h"

int64_t civil_to_days(int64_t year, int32_t month, int32_t day)
{
    year -= month <= 2;
    int64_t era = floor_div(year, 400);
    int64_t yoe = year - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void civil_from_days(int64_t days, int64_t *year, int32_t *month, int32_t *day)
{
    days += 719468;
    int64_t era = floor_div(days, 146097);
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int32_t)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int32_t)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

Civil civil_of(Micros t)
{
    Civil c = {0};
    int64_t rest = floor_mod(t, MICROS_PER_DAY);
    civil_from_days(floor_div(t, MICROS_PER_DAY), &c.year, &c.month, &c.day);
    c.hour = (int32_t)(rest / MICROS_PER_HOUR);
    c.minute = (int32_t)(rest / MICROS_PER_MINUTE % 60);
    c.second = (int32_t)(rest / MICROS_PER_SECOND % 60);
    c.micro = (int32_t)(rest % MICROS_PER_SECOND);
    return c;
}

Micros civil_to_micros(const Civil *c)
{
    int64_t seconds = (c->hour * INT64_C(60) + c->minute) * 60 + c->second;
    return civil_to_days(c->year, c->month, c->day) * MICROS_PER_DAY + seconds * MICROS_PER_SECOND +
           c->micro;
}

int32_t civil_days_in_month(int64_t year, int32_t month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

int32_t civil_weekday(int64_t days) { return (int32_t)floor_mod(days + 3, 7); }

int32_t civil_day_of_year(int64_t days)
{
    int64_t year;
    int32_t month, day;
    civil_from_days(days, &year, &month, &day);
    return (int32_t)(days - civil_to_days(year, 1, 1)) + 1;
}

static char *digits(char *p, int64_t v, int32_t width)
{
    for (int32_t i = width - 1; i >= 0; i--, v /= 10) p[i] = (char)('0' + v % 10);
    return p + width;
}

// Years past 9999 carry a plus sign, years before 0 a minus sign, as Java's formatter has it.
static char *year_text(char *p, int64_t year)
{
    if (year > 9999) *p++ = '+';
    if (year < 0) *p++ = '-';
    int64_t y = year < 0 ? -year : year;
    int32_t width = 4;
    for (int64_t limit = 10000; y >= limit && width < 19; limit *= 10) width++;
    return digits(p, y, width);
}

static char *date_text(char *p, int64_t days)
{
    int64_t year;
    int32_t month, day;
    civil_from_days(days, &year, &month, &day);
    p = year_text(p, year);
    *p++ = '-';
    p = digits(p, month, 2);
    *p++ = '-';
    return digits(p, day, 2);
}

int64_t civil_format_date(char *out, int64_t days) { return date_text(out, days) - out; }

static char *time_text(char *p, int64_t of_day)
{
    p = digits(p, of_day / MICROS_PER_HOUR, 2);
    *p++ = ':';
    p = digits(p, of_day / MICROS_PER_MINUTE % 60, 2);
    *p++ = ':';
    return digits(p, of_day / MICROS_PER_SECOND % 60, 2);
}

int64_t civil_format(char *out, Micros t)
{
    int64_t of_day = floor_mod(t, MICROS_PER_DAY), micro = of_day % MICROS_PER_SECOND;
    char *p = date_text(out, floor_div(t, MICROS_PER_DAY));
    *p++ = ' ';
    p = time_text(p, of_day);
    if (micro) {
        *p++ = '.';
        p = digits(p, micro, 6);
        while (p[-1] == '0') p--;
    }
    return p - out;
}

int64_t civil_format_ms(char *out, Micros t)
{
    int64_t of_day = floor_mod(t, MICROS_PER_DAY);
    char *p = date_text(out, floor_div(t, MICROS_PER_DAY));
    *p++ = 'T';
    p = time_text(p, of_day);
    *p++ = '.';
    p = digits(p, of_day % MICROS_PER_SECOND / MICROS_PER_MS, 3);
    *p++ = 'Z';
    return p - out;
}
