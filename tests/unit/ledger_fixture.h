/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger_fixture.h - a ledger in a temporary folder with one fabric, and certificates to fill it with. The
 * certificates have the right form and a signature of random octets, which the ledger does not check.
 */
#ifndef LEDGER_FIXTURE_H
#define LEDGER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ca/ledger.h"

#define FX_TIME      1790000000
#define FX_FABRIC_ID UINT64_C(0xFAB000000000001D)

#define fx_ok(call)                                    \
    do {                                               \
        struct mc_err fx_err;                          \
        char fx_text[400];                             \
        mc_err_init(&fx_err);                          \
        enum mc_rc fx_rc = (call);                     \
        mc_err_format(&fx_err, fx_text, sizeof(fx_text)); \
        if (fx_rc != MC_OK)                            \
            print_error("%s\n", fx_text);              \
        assert_int_equal(fx_rc, MC_OK);                \
    } while (0)

struct fixture {
    char dir[64], path[96];
    struct ledger *l;
    uint64_t random; /* state of fx_random */
};

static inline uint64_t fx_random(struct fixture *fx)
{
    uint64_t z = fx->random += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static inline void fx_fill(struct fixture *fx, uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)fx_random(fx);
}

static inline void fx_point(struct fixture *fx, uint8_t point[MC_POINT_LEN])
{
    fx_fill(fx, point, MC_POINT_LEN);
    point[0] = 0x04;
}

static inline void fx_subject(struct mc_dn *dn, enum mc_kind kind, uint64_t node_id)
{
    dn->n = 0;
    if (kind == MC_KIND_NOC) {
        assert_int_equal(mc_dn_add_num(dn, MC_ATTR_NODE_ID, node_id), MC_OK);
        assert_int_equal(mc_dn_add_num(dn, MC_ATTR_FABRIC_ID, FX_FABRIC_ID), MC_OK);
        return;
    }
    assert_int_equal(mc_dn_add_num(dn, kind == MC_KIND_ICAC ? MC_ATTR_ICAC_ID : MC_ATTR_RCAC_ID, 7), MC_OK);
}

/* Adds an extension, for builders that know what they do. */
static inline void fx_ext(struct mc_cert *c, enum mc_ext_id id)
{
    c->ext[c->n_ext++] = (struct mc_ext){.id = (uint8_t)id, .critical = id <= MC_EXT_EXTENDED_KEY_USAGE, .decoded = true,
        .oid = mc_ext_oid(id)};
}

/* tlv holds MC_CERT_TLV_MAX octets. */
static inline size_t fx_cert(struct fixture *fx, enum mc_kind kind, struct mc_span serial, uint64_t node_id,
    const uint8_t point[MC_POINT_LEN], uint8_t *tlv)
{
    uint8_t id[MC_KEY_ID_LEN];
    struct mc_cert c = {.version = 3, .p256 = true, .has_sig = true, .has_bc = true, .is_ca = kind != MC_KIND_NOC,
        .has_ku = true, .has_skid = true, .has_akid = true, .serial = serial, .not_before_unix = FX_TIME,
        .not_after_unix = FX_TIME + 31536000, .point = mc_span_of(point, MC_POINT_LEN)};
    size_t n;

    fx_fill(fx, id, sizeof(id));
    fx_fill(fx, c.sig, sizeof(c.sig));
    c.ku = kind == MC_KIND_NOC ? MC_KU_DIGITAL_SIGNATURE : MC_KU_KEY_CERT_SIGN | MC_KU_CRL_SIGN;
    c.skid = c.akid = mc_span_of(id, sizeof(id));
    fx_subject(&c.subject, kind, node_id);
    fx_subject(&c.issuer, kind == MC_KIND_NOC ? MC_KIND_ICAC : MC_KIND_RCAC, 0);
    fx_ext(&c, MC_EXT_BASIC_CONSTRAINTS);
    fx_ext(&c, MC_EXT_KEY_USAGE);
    if (kind == MC_KIND_NOC) {
        c.has_eku = true;
        c.n_eku = 2;
        c.eku[0] = MC_EKU_CLIENT_AUTH;
        c.eku[1] = MC_EKU_SERVER_AUTH;
        fx_ext(&c, MC_EXT_EXTENDED_KEY_USAGE);
    }
    fx_ext(&c, MC_EXT_SUBJECT_KEY_ID);
    fx_ext(&c, MC_EXT_AUTHORITY_KEY_ID);
    fx_ok(mc_cert_encode_tlv(&c, tlv, MC_CERT_TLV_MAX, &n, &fx_err));
    return n;
}

/* A PAA, PAI or DAC with its ids in the common name, as DER; der holds MC_CERT_DER_MAX octets. */
static inline size_t fx_att_cert(struct fixture *fx, enum mc_kind kind, struct mc_span serial,
    const uint8_t point[MC_POINT_LEN], uint8_t *der)
{
    const char *subject = kind == MC_KIND_DAC ? "Mvid:FFF1 Mpid:8000" : kind == MC_KIND_PAI ? "Mvid:FFF1" : "PAA";
    const char *issuer = kind == MC_KIND_DAC ? "Mvid:FFF1" : "PAA";
    uint8_t id[MC_KEY_ID_LEN];
    struct mc_cert c = {.version = 3, .p256 = true, .has_sig = true, .has_bc = true, .is_ca = kind != MC_KIND_DAC,
        .has_ku = true, .has_skid = true, .has_akid = true, .serial = serial, .not_before_unix = FX_TIME,
        .not_after_unix = FX_TIME + 31536000, .point = mc_span_of(point, MC_POINT_LEN)};
    size_t n;

    fx_fill(fx, id, sizeof(id));
    fx_fill(fx, c.sig, sizeof(c.sig));
    c.ku = kind == MC_KIND_DAC ? MC_KU_DIGITAL_SIGNATURE : MC_KU_KEY_CERT_SIGN | MC_KU_CRL_SIGN;
    c.skid = c.akid = mc_span_of(id, sizeof(id));
    fx_ok(mc_dn_add_text(&c.subject, MC_ATTR_COMMON_NAME, mc_span_of(subject, strlen(subject))));
    fx_ok(mc_dn_add_text(&c.issuer, MC_ATTR_COMMON_NAME, mc_span_of(issuer, strlen(issuer))));
    fx_ext(&c, MC_EXT_BASIC_CONSTRAINTS);
    fx_ext(&c, MC_EXT_KEY_USAGE);
    fx_ext(&c, MC_EXT_SUBJECT_KEY_ID);
    fx_ext(&c, MC_EXT_AUTHORITY_KEY_ID);
    fx_ok(mc_cert_encode_der(&c, der, MC_CERT_DER_MAX, &n, &fx_err));
    return n;
}

/* An open intent for n certificates. */
static inline struct ledger_intent fx_intent(
    struct fixture *fx, uint32_t authority, uint32_t fabric, enum mc_kind kind, uint32_t n)
{
    struct ledger_intent i = {.n = n, .instance = 1, .authority = authority, .fabric = fabric,
        .kind = (uint8_t)kind, .time_unix = FX_TIME, .not_before_unix = FX_TIME};

    fx_fill(fx, i.seed, sizeof(i.seed));
    fx_ok(ledger_intent_open(fx->l, &i, &fx_err));
    return i;
}

/* Room for what an entry borrows. */
struct fx_issue {
    struct mc_entry x;
    uint8_t serial[LEDGER_SERIAL_LEN], point[MC_POINT_LEN], tlv[MC_CERT_DER_MAX], tbs[32], csr[32], key_id[20];
    char request[32];
};

static inline void fx_noc(struct fixture *fx, const struct ledger_intent *i, uint64_t sn, uint64_t node_id,
    struct fx_issue *s)
{
    fx_point(fx, s->point);
    fx_fill(fx, s->tbs, sizeof(s->tbs));
    fx_fill(fx, s->csr, sizeof(s->csr));
    ledger_serial(i->seed, sn, s->serial);
    snprintf(s->request, sizeof(s->request), "request-%llu", (unsigned long long)sn);
    s->x = (struct mc_entry){.type = ENTRY_ISSUED, .time_unix = FX_TIME, .fabric = i->fabric,
        .authority = i->authority, .serial = mc_span_of(s->serial, sizeof(s->serial)),
        .request_id = mc_span_of(s->request, strlen(s->request)), .csr_sha256 = mc_span_of(s->csr, 32),
        .tbs_sha256 = mc_span_of(s->tbs, 32), .content_sha256 = mc_span_of(s->csr, 32),
        .profile_sha256 = mc_span_of(s->csr, 32), .kind = MC_KIND_NOC, .has_node_id = true, .node_id = node_id};
    s->x.cert_tlv = mc_span_of(s->tlv, fx_cert(fx, MC_KIND_NOC, s->x.serial, node_id, s->point, s->tlv));
}

/* An authority through its intent; returns its number. */
static inline uint32_t fx_authority(struct fixture *fx, enum mc_kind kind, uint32_t issuer, uint32_t fabric)
{
    struct ledger_intent i = fx_intent(fx, issuer, fabric, kind, 1);
    struct fx_issue s;

    fx_point(fx, s.point);
    fx_fill(fx, s.key_id, sizeof(s.key_id));
    ledger_serial(i.seed, i.first_sn, s.serial);
    s.x = (struct mc_entry){.type = ENTRY_KEY, .time_unix = FX_TIME, .point = mc_span_of(s.point, sizeof(s.point)),
        .key_id = mc_span_of(s.key_id, sizeof(s.key_id)), .label = mc_span_of("label", 5)};
    fx_ok(ledger_append(fx->l, &s.x, &fx_err));
    s.x.type = ENTRY_AUTHORITY;
    s.x.kind = (uint8_t)kind;
    s.x.issuer = issuer;
    s.x.fabric = fabric;
    s.x.serial = mc_span_of(s.serial, sizeof(s.serial));
    if (mc_kind_is_attestation(kind)) {
        snprintf(s.request, sizeof(s.request), "att-%llu", (unsigned long long)i.first_sn);
        s.x.name = mc_span_of(s.request, strlen(s.request));
    }
    if (mc_kind_is_attestation(kind))
        s.x.cert_der = mc_span_of(s.tlv, fx_att_cert(fx, kind, s.x.serial, s.point, s.tlv));
    else
        s.x.cert_tlv = mc_span_of(s.tlv, fx_cert(fx, kind, s.x.serial, 0, s.point, s.tlv));
    fx_ok(ledger_append(fx->l, &s.x, &fx_err));
    fx_ok(ledger_intent_close(fx->l, i.id, &fx_err));
    return s.x.authority;
}

/* A DAC of the PAI with this number, inside a transaction; serial holds LEDGER_SERIAL_LEN octets. */
static inline void fx_dac(struct fixture *fx, uint32_t pai, uint8_t *serial)
{
    struct ledger_intent i = fx_intent(fx, pai, 0, MC_KIND_DAC, 1);
    struct fx_issue s;

    fx_point(fx, s.point);
    fx_fill(fx, s.tbs, sizeof(s.tbs));
    ledger_serial(i.seed, i.first_sn, s.serial);
    s.x = (struct mc_entry){.type = ENTRY_ISSUED, .time_unix = FX_TIME, .authority = pai,
        .serial = mc_span_of(s.serial, sizeof(s.serial)), .tbs_sha256 = mc_span_of(s.tbs, 32), .kind = MC_KIND_DAC};
    s.x.cert_der = mc_span_of(s.tlv, fx_att_cert(fx, MC_KIND_DAC, s.x.serial, s.point, s.tlv));
    fx_ok(ledger_append(fx->l, &s.x, &fx_err));
    fx_ok(ledger_intent_close(fx->l, i.id, &fx_err));
    memcpy(serial, s.serial, LEDGER_SERIAL_LEN);
}

/* Inside a transaction: what ledger_append says of a revocation. */
static inline enum mc_rc fx_revoke(
    struct fixture *fx, uint32_t issuer, enum mc_kind kind, const uint8_t serial[LEDGER_SERIAL_LEN], struct mc_err *e)
{
    struct mc_entry x = {.type = ENTRY_REVOKED, .time_unix = FX_TIME, .authority = issuer, .kind = (uint8_t)kind,
        .serial = mc_span_of(serial, LEDGER_SERIAL_LEN), .why = mc_span_of("stolen", 6)};

    return ledger_append(fx->l, &x, e);
}

/* Inside a transaction: what ledger_append says of a document, whose octets are told by their first octet. */
static inline enum mc_rc fx_document(struct fixture *fx, uint32_t signer, uint32_t subject, uint64_t number,
    uint8_t octets, bool released, struct mc_err *e)
{
    uint8_t tbs[MC_DIGEST_LEN] = {octets};
    struct mc_entry x = {.type = ENTRY_DOCUMENT, .time_unix = FX_TIME, .authority = signer, .issuer = subject,
        .document = DOCUMENT_CRL, .number = number, .until_unix = FX_TIME + 86400, .has_state = released,
        .state = released ? AUTHORITY_ACTIVE : 0, .tbs_sha256 = mc_span_of(tbs, sizeof(tbs))};

    return ledger_append(fx->l, &x, e);
}

static inline uint32_t fx_fabric(struct fixture *fx, const char *name)
{
    struct mc_entry x = {.type = ENTRY_FABRIC, .time_unix = FX_TIME, .name = mc_span_of(name, strlen(name)),
        .has_fabric_id = true, .fabric_id = FX_FABRIC_ID, .sealed = mc_span_of("sealed", 6)};

    x.root = fx_authority(fx, MC_KIND_RCAC, 0, 0);
    x.ica = fx_authority(fx, MC_KIND_ICAC, x.root, 0);
    fx_ok(ledger_append(fx->l, &x, &fx_err));
    return x.fabric;
}

static inline void fx_genesis(struct fixture *fx)
{
    uint8_t point[MC_POINT_LEN];
    struct mc_entry x = {.type = ENTRY_GENESIS, .time_unix = FX_TIME, .name = mc_span_of("heddle.test/1", 13),
        .point = mc_span_of(point, sizeof(point))};

    fx_point(fx, point);
    fx_ok(ledger_append(fx->l, &x, &fx_err));
}

/* A new ledger in a new folder: genesis and the fabric "home" (number 1, root 1, ICA 2): 6 entries, 2 sns. */
static inline void fx_open(struct fixture *fx)
{
    *fx = (struct fixture){.random = 1};
    snprintf(fx->dir, sizeof(fx->dir), "/tmp/heddle-ledger-XXXXXX");
    assert_non_null(mkdtemp(fx->dir));
    snprintf(fx->path, sizeof(fx->path), "%s/ledger.db", fx->dir);
    fx_ok(ledger_create(fx->path, &fx_err));
    fx_ok(ledger_open(fx->path, LEDGER_WRITE, 5000, &fx->l, &fx_err));
    fx_ok(ledger_begin(fx->l, &fx_err));
    fx_genesis(fx);
    assert_int_equal(fx_fabric(fx, "home"), 1);
    fx_ok(ledger_commit(fx->l, &fx_err));
}

/* n NOCs under one intent in one transaction; node ids from node_id on. */
static inline void fx_issue(struct fixture *fx, uint32_t n, uint64_t node_id)
{
    struct fx_issue s;
    struct ledger_intent i;

    fx_ok(ledger_begin(fx->l, &fx_err));
    i = fx_intent(fx, 2, 1, MC_KIND_NOC, n);
    for (uint32_t k = 0; k < n; k++) {
        fx_noc(fx, &i, i.first_sn + k, node_id + k, &s);
        fx_ok(ledger_append(fx->l, &s.x, &fx_err));
    }
    fx_ok(ledger_intent_close(fx->l, i.id, &fx_err));
    fx_ok(ledger_commit(fx->l, &fx_err));
}

static inline void fx_reopen(struct fixture *fx, enum ledger_mode mode)
{
    ledger_close(fx->l);
    fx->l = NULL;
    fx_ok(ledger_open(fx->path, mode, 5000, &fx->l, &fx_err));
}

static inline void fx_close(struct fixture *fx)
{
    static const char *const names[] = {"ledger.db", "ledger.db-wal", "ledger.db-shm", "copy.db", "copy.db-wal",
        "copy.db-shm"};
    char path[128];

    ledger_close(fx->l);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", fx->dir, names[i]);
        unlink(path);
    }
    rmdir(fx->dir);
}

#endif
