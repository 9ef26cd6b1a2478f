/* SPDX-License-Identifier: Apache-2.0 */
#include "certs.h"

#include <time.h>

#include "lib/caltime.h"

static const struct {
    const char *name, *text;
    uint8_t tag;
    enum mc_rc want;
    int64_t unix_time;
    bool canonical;
} times[] = {
    {"first UTCTime", "500101000000Z", 0x17, MC_OK, INT64_C(-631152000), true},
    {"last of the 20th century", "991231235959Z", 0x17, MC_OK, INT64_C(946684799), true},
    {"first of Matter", "000101000000Z", 0x17, MC_OK, MC_EPOCH2000_UNIX, true},
    {"last UTCTime", "491231235959Z", 0x17, MC_OK, INT64_C(2524607999), true},
    {"first GeneralizedTime", "20500101000000Z", 0x18, MC_OK, INT64_C(2524608000), true},
    {"GeneralizedTime of 2049", "20491231235959Z", 0x18, MC_OK, INT64_C(2524607999), false},
    {"GeneralizedTime of 1950", "19500101000000Z", 0x18, MC_OK, INT64_C(-631152000), false},
    {"GeneralizedTime of 1949", "19491231235959Z", 0x18, MC_OK, INT64_C(-631152001), true},
    {"last of Matter", "21360207062815Z", 0x18, MC_OK, MC_EPOCH2000_LAST, true},
    {"no expiry", "99991231235959Z", 0x18, MC_OK, MC_TIME_NO_EXPIRY, true},
    {"year 0", "00000101000000Z", 0x18, MC_OK, INT64_C(-62167219200), true},
    {"leap day", "240229120000Z", 0x17, MC_OK, INT64_C(1709208000), true},
    {"no leap day", "230229120000Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"leap day of 2000", "000229000000Z", 0x17, MC_OK, INT64_C(951782400), true},
    {"leap day of 2096", "20960229000000Z", 0x18, MC_OK, INT64_C(3981312000), true},
    {"no leap day in 2100", "21000229000000Z", 0x18, MC_E_TIME_FORM, 0, false},
    {"28 February 2100", "21000228000000Z", 0x18, MC_OK, INT64_C(4107456000), true},
    {"month 0", "240001000000Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"month 13", "241301000000Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"day 0", "240100000000Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"31 January", "240131000000Z", 0x17, MC_OK, INT64_C(1706659200), true},
    {"32 January", "240132000000Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"31 April", "240431000000Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"30 April", "240430000000Z", 0x17, MC_OK, INT64_C(1714435200), true},
    {"hour 23", "240101230000Z", 0x17, MC_OK, INT64_C(1704150000), true},
    {"hour 24", "240101240000Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"minute 60", "240101006000Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"leap second", "161231235960Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"without seconds", "2401010000Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"without Z", "240101000000", 0x17, MC_E_TIME_FORM, 0, false},
    {"small z", "240101000000z", 0x17, MC_E_TIME_FORM, 0, false},
    {"an offset", "240101000000+0000", 0x17, MC_E_TIME_FORM, 0, false},
    {"a fraction", "20500101000000.5Z", 0x18, MC_E_TIME_FORM, 0, false},
    {"a space for a digit", "24 101000000Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"a letter in the year", "A40101000000Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"a letter in the century", "2A500101000000Z", 0x18, MC_E_TIME_FORM, 0, false},
    {"a letter in the generalized year", "205A0101000000Z", 0x18, MC_E_TIME_FORM, 0, false},
    {"a colon behind 9", "24010100000:Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"a slash before 0", "24010100000/Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"nothing", "", 0x17, MC_E_TIME_FORM, 0, false},
    {"the length of the other form", "20240101000000Z", 0x17, MC_E_TIME_FORM, 0, false},
    {"the length of the other form", "240101000000Z", 0x18, MC_E_TIME_FORM, 0, false},
    {"another tag", "240101000000Z", 0x0C, MC_E_TIME_FORM, 0, false},
};

static void x509_times_are_read_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(times); i++) {
        int64_t got = 0;
        bool canonical = false;
        enum mc_rc rc =
            mc_time_parse_x509(times[i].tag, mc_span_of(times[i].text, strlen(times[i].text)), &got, &canonical);

        if (rc != times[i].want || (rc == MC_OK && (got != times[i].unix_time || canonical != times[i].canonical)))
            fail_msg("%s (%s): %s, %lld", times[i].name, times[i].text, mc_rc_symbol(rc), (long long)got);
    }
}

static void canonical_times_are_written_as_they_were_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(times); i++) {
        uint8_t room[17];
        struct mc_out o = mc_out_of(room, sizeof(room));

        if (times[i].want != MC_OK || !times[i].canonical)
            continue;
        mc_time_put_x509(&o, times[i].unix_time);
        assert_int_equal(o.rc, MC_OK);
        assert_int_equal(o.n, 2 + strlen(times[i].text));
        assert_int_equal(room[0], times[i].tag);
        assert_int_equal(room[1], strlen(times[i].text));
        assert_memory_equal(room + 2, times[i].text, strlen(times[i].text));
        o = mc_out_of(room, o.n - 1);
        mc_time_put_x509(&o, times[i].unix_time);
        assert_int_equal(o.rc, MC_E_SPACE);
    }
}

static void years_of_five_digits_and_below_zero_are_not_written(void **state)
{
    uint8_t room[32];
    char text[MC_TIME_TEXT_MAX];
    static const int64_t outside[] = {
        MC_TIME_NO_EXPIRY + 1, INT64_C(-62167219201), INT64_C(1) << 60, -(INT64_C(1) << 60), INT64_MAX, INT64_MIN};

    (void)state;
    for (size_t i = 0; i < COUNT(outside); i++) {
        struct mc_out o = mc_out_of(room, sizeof(room));

        mc_time_format(outside[i], text);
        assert_string_equal(text, "out of range");
        mc_time_put_x509(&o, outside[i]);
        assert_int_equal(o.rc, MC_E_TIME_RANGE);
    }
}

/* The C library is the witness, at every 41st hour or so of the years that UTCTime and Matter know. */
static void a_calendar_has_bounds(void **state)
{
    static const struct {
        struct mc_calendar c;
        bool good;
    } cases[] = {
        {{2000, 2, 29, 0, 0, 0}, true}, {{0, 1, 1, 0, 0, 0}, true}, {{9999, 12, 31, 23, 59, 59}, true},
        {{-1, 1, 1, 0, 0, 0}, false}, {{10000, 1, 1, 0, 0, 0}, false}, {{2000, 0, 1, 0, 0, 0}, false},
        {{2000, 13, 1, 0, 0, 0}, false}, {{2000, 1, 0, 0, 0, 0}, false}, {{2001, 2, 29, 0, 0, 0}, false},
        {{2000, 1, 1, -1, 0, 0}, false}, {{2000, 1, 1, 24, 0, 0}, false}, {{2000, 1, 1, 0, -1, 0}, false},
        {{2000, 1, 1, 0, 60, 0}, false}, {{2000, 1, 1, 0, 0, -1}, false}, {{2000, 1, 1, 0, 0, 60}, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (mc_calendar_check(&cases[i].c) != cases[i].good)
            fail_msg("case %zu", i);
}

static void the_calendar_agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t t = INT64_C(-631152000); t <= INT64_C(5300000000); t += 147611) {
        time_t seconds = (time_t)t;
        struct mc_calendar c;
        struct tm tm;

        assert_non_null(gmtime_r(&seconds, &tm));
        mc_calendar_from_unix(t, &c);
        if (c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 || c.day != tm.tm_mday || c.hour != tm.tm_hour ||
            c.minute != tm.tm_min || c.second != tm.tm_sec)
            fail_msg("%lld", (long long)t);
        assert_true(mc_calendar_check(&c));
        assert_int_equal(mc_calendar_to_unix(&c), t);
    }
}

static const struct {
    const char *text;
    enum mc_rc want;
    int64_t unix_time;
} texts[] = {
    {"2026-11-23T18:00:00Z", MC_OK, INT64_C(1795456800)},
    {"2026-11-23", MC_OK, INT64_C(1795392000)},
    {"9999-12-31T23:59:59Z", MC_OK, MC_TIME_NO_EXPIRY},
    {"1970-01-01", MC_OK, 0},
    {"2024-02-29", MC_OK, INT64_C(1709164800)},
    {"2023-02-29", MC_E_TIME_TEXT, 0},
    {"2026-11-23T18:00:00", MC_E_TIME_TEXT, 0},
    {"2026-11-23t18:00:00Z", MC_E_TIME_TEXT, 0},
    {"2026-11-23 18:00:00Z", MC_E_TIME_TEXT, 0},
    {"2026-11-23T18:00:60Z", MC_E_TIME_TEXT, 0},
    {"2026-11-23T24:00:00Z", MC_E_TIME_TEXT, 0},
    {"2026-13-01", MC_E_TIME_TEXT, 0},
    {"2026-1-01", MC_E_TIME_TEXT, 0},
    {"2026-11-2x", MC_E_TIME_TEXT, 0},
    {"2026/11/23", MC_E_TIME_TEXT, 0},
    {"", MC_E_TIME_TEXT, 0},
    {"now", MC_E_TIME_TEXT, 0},
};

static void iso_times_are_read_strictly_and_written_back(void **state)
{
    char back[MC_TIME_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        int64_t got = 0;
        enum mc_rc rc = mc_time_parse_text(texts[i].text, &got, NULL);

        if (rc != texts[i].want || got != texts[i].unix_time)
            fail_msg("%s: %s, %lld", texts[i].text, mc_rc_symbol(rc), (long long)got);
        if (rc != MC_OK)
            continue;
        mc_time_format(got, back);
        assert_int_equal(strlen(back), MC_TIME_TEXT_MAX - 1);
        assert_memory_equal(back, texts[i].text, strlen(texts[i].text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x509_times_are_read_strictly),
        cmocka_unit_test(canonical_times_are_written_as_they_were_read),
        cmocka_unit_test(years_of_five_digits_and_below_zero_are_not_written),
        cmocka_unit_test(a_calendar_has_bounds),
        cmocka_unit_test(the_calendar_agrees_with_the_c_library),
        cmocka_unit_test(iso_times_are_read_strictly_and_written_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
