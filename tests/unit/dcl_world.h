/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dcl_world.h - a ledger and what is submitted to it: a PAA of vendor 1234, its PAI, DAC and delegates, a record of a
 * distribution point. A row of dcl_rows.h changes one of them.
 */
#ifndef TEST_DCL_WORLD_H
#define TEST_DCL_WORLD_H

#include "lib/dcl.h"
#include "lint_objects.h"

#define NOW INT64_C(1790000000) /* 2026-09-21 */
#define PEM_TEXT "-----BEGIN CERTIFICATE-----"

/* Where a certificate is kept: the one that is submitted, those on the ledger, those in the record. */
enum place { SUBMITTED, PAA, PAI, OTHER, SIGNER, DELEGATOR, OLD_SIGNER, PLACES };

struct world {
    uint8_t room[PLACES][CERTS_ROOM];
    struct mc_span der[PLACES];
    struct mc_cert cert[PLACES];
    struct mc_dcl_cert ledger[3], pending[1];
    struct mc_dcl_point point, old;
    struct mc_err err;
    struct mc_dcl_case c;
};

static struct world w;

static void put(enum place at, unsigned base, const struct row *r)
{
    struct mc_err e;
    char why[256];

    w.der[at] = certificate(base, r, w.room[at]);
    mc_err_init(&e);
    if (mc_cert_parse_der(w.der[at], MC_RULES_X509, &w.cert[at], &e) == MC_OK)
        return;
    mc_err_format(&e, why, sizeof(why));
    fail_msg("%s", why);
}

static struct mc_span text_of(const char *s)
{
    return mc_span_of(s, strlen(s));
}

static struct mc_dcl_cert on_ledger(enum place at)
{
    return (struct mc_dcl_cert){&w.cert[at], w.der[at]};
}

static struct mc_dcl_member in_record(enum place at)
{
    return (struct mc_dcl_member){text_of(PEM_TEXT), &w.cert[at], w.der[at]};
}

/* A delegate of the PAI; PAI_DELEGATE stands in two parts of a row. */
#define PAI_DELEGATE(exts) {.part = DER_SUBJECT, .with = DN(CN("PAI Delegate")), .part2 = DER_EXTENSIONS, .with2 = EXTS(exts)}
static const struct row pai_delegate = PAI_DELEGATE(CERTS_BC KU_CRL SKID(ID1) AKID(ID2));

static const struct row approved_paa = {.part = DER_SERIAL, .with = "02(11)"};

/* All is right: the PAI under the PAA, or the DAC under both, or a first PAA, or the PAI's distribution point. */
static void begin(struct mc_verifier *v, enum mc_dcl_kind kind)
{
    memset(&w, 0, sizeof(w));
    put(PAA, B_PAA, &approved_paa);
    put(PAI, B_PAI, NULL);
    put(SUBMITTED, kind == MC_DCL_PAA ? B_PAA : kind == MC_DCL_PAI ? B_PAI : B_DAC, NULL);
    w.c = (struct mc_dcl_case){.kind = kind, .v = v, .now_unix = NOW, .cert = &w.cert[SUBMITTED], .read_err = &w.err,
        .der = w.der[SUBMITTED], .is_pem = true, .text_n = 800, .has_vid = true, .vid = 0x1234, .has_ledger = true,
        .has_pending = true, .has_others = true, .ledger = w.ledger, .pending = w.pending, .others = &w.old};
    w.ledger[0] = on_ledger(PAA);
    w.ledger[1] = on_ledger(PAI);
    w.c.n_ledger = kind == MC_DCL_PAA ? 0 : kind == MC_DCL_DAC ? 2 : 1;
    if (kind != MC_DCL_POINT)
        return;
    w.c.cert = NULL;
    put(SIGNER, B_PAI, NULL);
    w.point = (struct mc_dcl_point){.vid = 0x1234, .type = 1, .label = text_of("acme"), .issuer_key_id = text_of(ID2),
        .data_url = text_of("https://example.com/pai.crl"), .signer = in_record(SIGNER)};
    w.c.point = &w.point;
}

#endif
