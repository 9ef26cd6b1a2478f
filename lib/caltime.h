/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caltime.h - the three clocks of a certificate: Unix seconds, X.509 times, Matter epoch seconds.
 *
 * All times are UTC. `unix` values are seconds since 1970-01-01 (int64_t); `epoch2000` values are
 * unsigned 32-bit seconds since 2000-01-01T00:00:00Z, the form of Matter TLV. X.509 uses UTCTime
 * (13 octets, years 1950..2049) and GeneralizedTime (15 octets, from 2050 on): RFC 5280 4.1.2.5.
 */
#ifndef MC_CALTIME_H
#define MC_CALTIME_H

#include "buf.h"

#define MC_EPOCH2000_UNIX INT64_C(946684800)     /* 2000-01-01T00:00:00Z */
#define MC_EPOCH2000_LAST INT64_C(5241652095)    /* 2136-02-07T06:28:15Z, the last that TLV can hold */
#define MC_TIME_NO_EXPIRY INT64_C(253402300799)  /* 9999-12-31T23:59:59Z: "no well-defined expiration" */
#define MC_TIME_TEXT_MAX  21                     /* "2026-11-23T18:00:00Z" and NUL */

struct mc_calendar {
    int year; /* 0..9999 */
    int month, day, hour, minute, second;
};

/* Calendar and Unix seconds; the calendar must be valid (mc_calendar_check). */
int64_t mc_calendar_to_unix(const struct mc_calendar *c);
void mc_calendar_from_unix(int64_t unix_time, struct mc_calendar *c);
/* Month 1..12, day within its month, hour < 24, minute and second < 60. */
bool mc_calendar_check(const struct mc_calendar *c);

/*
 * Reads the content octets of UTCTime (tag 0x17) or GeneralizedTime (0x18): Z and seconds mandatory,
 * no fraction. *canonical is false for a GeneralizedTime before 2050. MC_E_TIME_FORM.
 */
MC_MUST_CHECK enum mc_rc mc_time_parse_x509(uint8_t tag, struct mc_span content, int64_t *unix_time, bool *canonical);
/* Writes tag, length and content, 15 or 17 octets, in the form that RFC 5280 wants. */
void mc_time_put_x509(struct mc_out *o, int64_t unix_time);

/* "2026-11-23T18:00:00Z"; out holds MC_TIME_TEXT_MAX. Years outside 0..9999 give "out of range". */
void mc_time_format(int64_t unix_time, char *out);
/* Reads "YYYY-MM-DDTHH:MM:SSZ" or "YYYY-MM-DD" (midnight). MC_E_TIME_TEXT. */
MC_MUST_CHECK enum mc_rc mc_time_parse_text(const char *text, int64_t *unix_time, struct mc_err *e);

#endif
