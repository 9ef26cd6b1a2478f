/* SPDX-License-Identifier: Apache-2.0 */
/* The period of validity: its form, its limits, and what it means now. */
#include "lint_rules.h"

#include <stdio.h>

#define DAY       INT64_C(86400)
#define YEAR      (365 * DAY)
#define CLIFF     INT64_C(1924819200) /* 2030-12-30T00:00:00Z */
#define TIME_2106 INT64_C(4294967295) /* the last second of a 32-bit Unix time */

static bool say_time(struct mc_lint_check *k, const char *field, int64_t unix_time)
{
    char text[MC_TIME_TEXT_MAX];

    mc_time_format(unix_time, text);
    return mc_lint_say(k, "%s %s", field, text);
}

static bool generalized_early(struct mc_lint_check *k)
{
    return k->f.generalized_early;
}

static bool not_before_zero(struct mc_lint_check *k)
{
    return k->c->not_before_unix == MC_EPOCH2000_UNIX;
}

static bool not_after_zero(struct mc_lint_check *k)
{
    return k->c->not_after_unix == MC_EPOCH2000_UNIX;
}

static bool outside(int64_t t)
{
    return t < MC_EPOCH2000_UNIX || t > MC_EPOCH2000_LAST;
}

static bool range(struct mc_lint_check *k)
{
    const struct mc_cert *c = k->c;

    if (outside(c->not_before_unix))
        return say_time(k, "notBefore", c->not_before_unix);
    return c->not_after_unix != MC_TIME_NO_EXPIRY && outside(c->not_after_unix) &&
           say_time(k, "notAfter", c->not_after_unix);
}

static bool order(struct mc_lint_check *k)
{
    return k->c->not_before_unix >= k->c->not_after_unix;
}

static bool cliff(struct mc_lint_check *k)
{
    return k->c->not_after_unix >= CLIFF && k->c->not_after_unix < CLIFF + DAY;
}

static bool expired(struct mc_lint_check *k)
{
    return k->in->now_unix != 0 && k->c->not_after_unix < k->in->now_unix &&
           say_time(k, "notAfter", k->c->not_after_unix);
}

static bool not_yet(struct mc_lint_check *k)
{
    return k->in->now_unix != 0 && k->c->not_before_unix > k->in->now_unix &&
           say_time(k, "notBefore", k->c->not_before_unix);
}

static bool expires_soon(struct mc_lint_check *k)
{
    return k->in->now_unix != 0 && k->c->not_after_unix >= k->in->now_unix &&
           k->c->not_after_unix - k->in->now_unix < YEAR && say_time(k, "notAfter", k->c->not_after_unix);
}

static bool no_expiry(struct mc_lint_check *k)
{
    return k->c->not_after_unix == MC_TIME_NO_EXPIRY;
}

static bool expires(struct mc_lint_check *k)
{
    return !no_expiry(k) && say_time(k, "notAfter", k->c->not_after_unix);
}

static bool after_issuer(struct mc_lint_check *k)
{
    return k->in->issuer != NULL && k->c->not_after_unix > k->in->issuer->not_after_unix &&
           say_time(k, "the issuer's notAfter", k->in->issuer->not_after_unix);
}

static bool before_issuer(struct mc_lint_check *k)
{
    return k->in->issuer != NULL && k->c->not_before_unix < k->in->issuer->not_before_unix &&
           say_time(k, "the issuer's notBefore", k->in->issuer->not_before_unix);
}

static bool issued_outside_issuer(struct mc_lint_check *k)
{
    const struct mc_cert *issuer = k->in->issuer;

    return issuer != NULL &&
           (k->c->not_before_unix < issuer->not_before_unix || k->c->not_before_unix > issuer->not_after_unix) &&
           say_time(k, "notBefore", k->c->not_before_unix);
}

static bool beyond_32_bits(struct mc_lint_check *k)
{
    return (k->c->not_before_unix < 0 || k->c->not_before_unix > TIME_2106) &&
           say_time(k, "notBefore", k->c->not_before_unix);
}

static const struct mc_rule rules[] = {
    {"x509-time-form", MC_ERROR, X509, "1.0", "matter-operational 1.6",
        "A time is not a valid UTCTime or GeneralizedTime with seconds and Z, so the period cannot be read.",
        "issue it again with a valid time", MC_E_TIME_FORM, NULL},
    {"x509-time-order", MC_ERROR, X509, "1.0", "matter-operational 1.6",
        "notBefore is not before notAfter, so the certificate is never valid and converters refuse it.",
        "issue it with a period that is not empty", MC_E_TIME_ORDER, order},
    {"op-time-choice", MC_ERROR, MATTER, "1.0", "matter-operational 1.6",
        "A year before 2050 is written as GeneralizedTime, so the certificate does not survive the way through Matter TLV.",
        "write times up to 2049 as UTCTime", MC_E_TIME_CHOICE, generalized_early},
    {"att-time-choice", MC_WARNING, ATT | CDS | CRLS, "1.0", "matter-attestation 1.7",
        "A year before 2050 is written as GeneralizedTime, which RFC 5280 forbids and strict libraries refuse.",
        "write times up to 2049 as UTCTime", MC_OK, generalized_early},
    {"op-time-range", MC_ERROR, MATTER, "1.0", "matter-operational 1.6",
        "A time lies outside of what Matter TLV can hold (2000-01-01 to 2136-02-07).",
        "issue it with times inside that range, or notAfter 99991231235959Z for no expiry", MC_E_TIME_RANGE, range},
    {"op-not-before-zero", MC_ERROR, MATTER, "1.0", "matter-operational 1.6, 6 row 11",
        "notBefore is 2000-01-01T00:00:00Z, which is 0 in Matter TLV and comes back as the year 9999, so the signature breaks.",
        "issue it with notBefore 2000-01-01T00:00:01Z or later", MC_E_TIME_ZERO, not_before_zero},
    {"op-not-after-zero", MC_ERROR, MATTER, "1.0", "matter-operational 2.5",
        "notAfter is 2000-01-01T00:00:00Z, which is 0 in Matter TLV and means no expiry.",
        "issue it with the notAfter that is meant", MC_OK, not_after_zero},
    {"field-2030-12-30", MC_NOTICE, OP, "1.0", "field 1 item 22",
        "notAfter is 2030-12-30, the day on which everything that the SDK's example issuer made expires at once.",
        "renew in time, each certificate on a day of its own", MC_OK, cliff},
    {"op-expired", MC_WARNING, OP, "1.0", "matter-operational 3.4",
        "The certificate has expired; nodes with a clock may refuse it, and roots cannot be replaced on a node.",
        "renew it", MC_OK, expired},
    {"op-not-yet-valid", MC_WARNING, OP, "1.0", "matter-operational 3.4",
        "The certificate is not yet valid, so nodes with a clock refuse it.",
        "check the issuer's clock; back-date a little and never date ahead", MC_OK, not_yet},
    {"op-expires-soon", MC_NOTICE, OP, "1.0", "matter-operational 5.3", "The certificate expires within a year.",
        "plan its renewal", MC_OK, expires_soon},
    {"op-root-expires", MC_NOTICE, RCAC, "1.0", "matter-operational 5.4, 6 row 17",
        "The root expires, but no command replaces a root on a node, and some implementations enforce its expiry.",
        "issue roots with notAfter 99991231235959Z", MC_OK, expires},
    {"op-no-expiry", MC_NOTICE, ICAC | NOC | FW | VVSC, "1.0", "matter-operational 1.6",
        "The certificate never expires, so only a change of access lists ends what its key can do.",
        "issue with a lifetime, and renew", MC_OK, no_expiry},
    {"op-outlives-issuer", MC_WARNING, OP & ~RCAC, "1.0", "peers: chip-cert",
        "The certificate outlives its issuer, and its last part is worthless where periods are checked.",
        "end it with its issuer, or renew the issuer first", MC_OK, after_issuer},
    {"op-older-than-issuer", MC_WARNING, OP & ~RCAC, "1.0", "field 2c F31",
        "The certificate begins before its issuer does, so it was back-dated or its issuer is another.",
        "begin it inside of its issuer's period", MC_OK, before_issuer},
    {"att-issued-outside-issuer", MC_ERROR, DAC, "1.0", "matter-attestation 1.7, 2.2",
        "notBefore does not lie within the issuer's period, so every commissioner refuses the chain (result 301).",
        "issue inside of the issuer's period", MC_OK, issued_outside_issuer},
    {"att-dac-expired", MC_ERROR, DAC, "1.0", "matter-attestation 1.7",
        "The DAC has expired, so commissioners refuse the device (result 300).",
        "issue DACs with no or a far expiry; a sold device gets no new one", MC_OK, expired},
    {"att-dac-not-yet-valid", MC_ERROR, DAC, "1.0", "matter-attestation 1.7",
        "The DAC is not yet valid, so commissioners refuse the device (result 300).", "check the issuer's clock", MC_OK,
        not_yet},
    {"att-authority-expired", MC_NOTICE, ATT_CA, "1.0", "matter-attestation 1.7, 6.1 C8",
        "The authority has expired: DACs that it issued in time stay good, but it can issue no more and the DCL takes nothing below it.",
        "issue with a new authority", MC_OK, expired},
    {"att-authority-not-yet-valid", MC_NOTICE, ATT_CA, "1.0", "matter-attestation 1.7",
        "The authority is not yet valid, so what it issues before then is refused.", "check the issuer's clock", MC_OK,
        not_yet},
    {"att-dac-expires-soon", MC_WARNING, DAC, "1.0", "matter-attestation 1.7",
        "The DAC expires within a year, and a device cannot be commissioned after that.",
        "issue DACs with no or a far expiry", MC_OK, expires_soon},
    {"att-dac-time-32-bits", MC_ERROR, DAC, "1.0", "matter-attestation 1.7",
        "notBefore does not fit a 32-bit Unix time (1970 to 2106-02-07), so the SDK refuses the DAC (result 303).",
        "issue it with a notBefore inside that range", MC_OK, beyond_32_bits},
};

const struct mc_rule_table mc_rules_time = MC_RULE_TABLE(rules);
