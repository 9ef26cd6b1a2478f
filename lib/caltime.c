/* SPDX-License-Identifier: Apache-2.0 */
#include "caltime.h"

#include <stdio.h>

#include "der.h"

static bool leap(int y)
{
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && leap(year) ? 29 : days[month - 1];
}

bool mc_calendar_check(const struct mc_calendar *c)
{
    return c->year >= 0 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= days_in_month(c->year, c->month) && c->hour >= 0 && c->hour < 24 && c->minute >= 0 &&
           c->minute < 60 && c->second >= 0 && c->second < 60;
}

/*
 * Days between 1970-01-01 and a civil date. The year is taken to begin in March, so that the leap day is
 * its last and a month's first day is a linear function of its number.
 */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

int64_t mc_calendar_to_unix(const struct mc_calendar *c)
{
    return days_from_civil(c->year, c->month, c->day) * 86400 + c->hour * 3600 + c->minute * 60 + c->second;
}

void mc_calendar_from_unix(int64_t unix_time, struct mc_calendar *c)
{
    int64_t days = unix_time / 86400, rest = unix_time % 86400;

    if (rest < 0) {
        rest += 86400;
        days--;
    }
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;

    c->day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    c->month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    c->year = (int)(year_of_era + era * 400 + (c->month <= 2));
    c->hour = (int)(rest / 3600);
    c->minute = (int)(rest / 60 % 60);
    c->second = (int)(rest % 60);
}

static const int64_t year_0 = INT64_C(-62167219200); /* its first second */

/* Years 0 to 9999, which four digits can hold. */
static bool four_digit_year(int64_t unix_time)
{
    return unix_time >= year_0 && unix_time <= MC_TIME_NO_EXPIRY;
}

/* Two digits at p, or a number above 99. */
static int two_digits(const uint8_t *p)
{
    unsigned tens = (unsigned)p[0] - '0', ones = (unsigned)p[1] - '0';

    return tens <= 9 && ones <= 9 ? (int)(tens * 10 + ones) : 100;
}

enum mc_rc mc_time_parse_x509(uint8_t tag, struct mc_span t, int64_t *unix_time, bool *canonical)
{
    struct mc_calendar c;
    const uint8_t *p = t.p;
    size_t want = tag == MC_DER_UTC_TIME ? 13 : 15;

    if ((tag != MC_DER_UTC_TIME && tag != MC_DER_GENERALIZED_TIME) || t.n != want || p[want - 1] != 'Z')
        return MC_E_TIME_FORM;
    if (tag == MC_DER_UTC_TIME) {
        int yy = two_digits(p);

        if (yy > 99)
            return MC_E_TIME_FORM;
        c.year = yy < 50 ? 2000 + yy : 1900 + yy;
        p += 2;
    } else {
        int century = two_digits(p), yy = two_digits(p + 2);

        if (century > 99 || yy > 99)
            return MC_E_TIME_FORM;
        c.year = century * 100 + yy;
        p += 4;
    }
    c.month = two_digits(p);
    c.day = two_digits(p + 2);
    c.hour = two_digits(p + 4);
    c.minute = two_digits(p + 6);
    c.second = two_digits(p + 8);
    if (!mc_calendar_check(&c))
        return MC_E_TIME_FORM;
    *unix_time = mc_calendar_to_unix(&c);
    *canonical = tag == MC_DER_UTC_TIME || c.year >= 2050 || c.year < 1950;
    return MC_OK;
}

static uint8_t *put_two(uint8_t *at, int v)
{
    *at++ = (uint8_t)('0' + v / 10);
    *at++ = (uint8_t)('0' + v % 10);
    return at;
}

void mc_time_put_x509(struct mc_out *o, int64_t unix_time)
{
    struct mc_calendar c;
    uint8_t *at;

    if (!four_digit_year(unix_time)) {
        mc_out_fail(o, MC_E_TIME_RANGE);
        return;
    }
    mc_calendar_from_unix(unix_time, &c);
    bool utc = c.year >= 1950 && c.year < 2050;
    at = mc_out_room(o, utc ? 15 : 17);
    if (at == NULL)
        return;
    *at++ = utc ? MC_DER_UTC_TIME : MC_DER_GENERALIZED_TIME;
    *at++ = utc ? 13 : 15;
    if (!utc)
        at = put_two(at, c.year / 100);
    at = put_two(at, c.year % 100);
    at = put_two(at, c.month);
    at = put_two(at, c.day);
    at = put_two(at, c.hour);
    at = put_two(at, c.minute);
    at = put_two(at, c.second);
    *at = 'Z';
}

void mc_time_format(int64_t unix_time, char *out)
{
    struct mc_calendar c;
    uint8_t *at = (uint8_t *)out;

    if (!four_digit_year(unix_time)) {
        snprintf(out, MC_TIME_TEXT_MAX, "out of range");
        return;
    }
    mc_calendar_from_unix(unix_time, &c);
    at = put_two(put_two(at, c.year / 100), c.year % 100);
    *at++ = '-';
    at = put_two(at, c.month);
    *at++ = '-';
    at = put_two(at, c.day);
    *at++ = 'T';
    at = put_two(at, c.hour);
    *at++ = ':';
    at = put_two(at, c.minute);
    *at++ = ':';
    at = put_two(at, c.second);
    *at++ = 'Z';
    *at = '\0';
}

enum mc_rc mc_time_parse_text(const char *text, int64_t *unix_time, struct mc_err *e)
{
    static const char pattern[] = "dddd-dd-ddTdd:dd:ddZ";
    const uint8_t *p = (const uint8_t *)text;
    struct mc_calendar c = {0};
    size_t n = strlen(text);

    if (n != 10 && n != 20)
        return mc_fail(e, MC_E_TIME_TEXT, NULL, "'%.40s'", text);
    for (size_t i = 0; i < n; i++)
        if (pattern[i] == 'd' ? p[i] < '0' || p[i] > '9' : p[i] != pattern[i])
            return mc_fail(e, MC_E_TIME_TEXT, NULL, "'%.40s'", text);
    c.year = two_digits(p) * 100 + two_digits(p + 2);
    c.month = two_digits(p + 5);
    c.day = two_digits(p + 8);
    if (n == 20) {
        c.hour = two_digits(p + 11);
        c.minute = two_digits(p + 14);
        c.second = two_digits(p + 17);
    }
    if (!mc_calendar_check(&c))
        return mc_fail(e, MC_E_TIME_TEXT, NULL, "'%.40s' is no date", text);
    *unix_time = mc_calendar_to_unix(&c);
    return MC_OK;
}
