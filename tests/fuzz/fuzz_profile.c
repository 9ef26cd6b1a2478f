/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration text and profiles. An accepted text, written again from its items alone, is accepted and
 * means the same; a profile that is accepted makes certificates that both readers take.
 */
#include <stdio.h>

#include "fuzz.h"
#include "lib/profile.h"

enum { TEXT_MAX = 16384 };

static struct mc_mistakes mistakes;
static char text[TEXT_MAX];

static void check_mistakes(const struct mc_mistakes *m, enum mc_rc rc, size_t n)
{
    unsigned kept = m->n < MC_CONF_MISTAKES ? m->n : MC_CONF_MISTAKES;

    REQUIRE((m->n == 0) == (rc == MC_OK));
    REQUIRE(m->n == 0 || m->list[0].rc == rc);
    for (unsigned i = 0; i < kept; i++) {
        REQUIRE(m->list[i].rc != MC_OK && m->list[i].line <= n + 1);
        REQUIRE(i == 0 || m->list[i - 1].line <= m->list[i].line);
    }
    if (kept != 0)
        fuzz_check_err(m->list[n % kept].rc, &m->list[n % kept], n); /* one of them: this is the slow part */
}

/* The items of a text alone, without comments, blank lines and white space, into `text`; its length. */
static size_t write_again(struct mc_span in)
{
    static struct mc_conf c;
    char section[MC_CONF_NAME_MAX] = "";
    size_t n = 0;

    mc_mistakes_init(&mistakes);
    mc_conf_init(&c, in);
    while (mc_conf_take(&c, &mistakes)) {
        REQUIRE(
            strlen(c.section) < sizeof(c.section) && c.key[0] != '\0' && strlen(c.value) < sizeof(c.value));
        if (strcmp(section, c.section) != 0)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "[%s]\n", c.section);
        memcpy(section, c.section, sizeof(section));
        n += (size_t)snprintf(
            text + n, sizeof(text) - n, c.quoted ? "%s=\"%s\"\n" : "%s=%s\n", c.key, c.value);
        REQUIRE(n < sizeof(text));
    }
    return n;
}

static const uint8_t point[MC_POINT_LEN] = {0x04, 1};
static const uint8_t issuer_point[MC_POINT_LEN] = {0x04, 2};
static const uint8_t key_id[MC_KEY_ID_LEN] = {3};

static const uint8_t crl_points[] = {0x30, 0x1B, 0x06, 0x03, 0x55, 0x1D, 0x1F, 0x04, 0x14, 0x30, 0x12, 0x30, 0x10, 0xA0, 0x0E,
    0xA0, 0x0C, 0x86, 0x0A, 'h', 't', 't', 'p', ':', '/', '/', 'x', '/', 'c'};

static struct mc_cert root(void)
{
    struct mc_cert c = {.is_ca = true, .has_skid = true, .ku = MC_KU_KEY_CERT_SIGN, .p256 = true};

    c.skid = mc_span_of(key_id, sizeof(key_id));
    c.point = mc_span_of(issuer_point, sizeof(issuer_point));
    c.not_before_unix = MC_EPOCH2000_UNIX + 1;
    c.not_after_unix = MC_TIME_NO_EXPIRY;
    REQUIRE(mc_dn_add_num(&c.subject, MC_ATTR_RCAC_ID, 1) == MC_OK);
    return c;
}

/* A PAA, or the PAI that a DAC needs, as if read. */
static struct mc_cert attestation_root(enum mc_kind below)
{
    struct mc_cert c = root();

    c.form = MC_FORM_DER;
    c.has_bc = true;
    c.subject.n = 0;
    REQUIRE(mc_dn_add_text(&c.subject, MC_ATTR_COMMON_NAME, mc_span_of("above", 5)) == MC_OK);
    c.issuer = c.subject;
    if (below == MC_KIND_DAC)
        REQUIRE(mc_dn_add_text(&c.subject, MC_ATTR_VID, mc_span_of("FFF1", 4)) == MC_OK);
    return c;
}

static bool has(const struct mc_profile *p, enum mc_attr_id id)
{
    for (unsigned i = 0; i < p->n_attr; i++)
        if (p->attr[i].id == id)
            return true;
    return false;
}

static struct mc_request request_for(const struct mc_profile *p)
{
    struct mc_request r = {
        .has_node_id = has(p, MC_ATTR_NODE_ID),
        .has_fabric_id = has(p, MC_ATTR_FABRIC_ID),
        .has_authority_id = has(p, MC_ATTR_RCAC_ID) || has(p, MC_ATTR_ICAC_ID) || has(p, MC_ATTR_VVS_ID),
        .has_firmware_id = has(p, MC_ATTR_FIRMWARE_SIGNING_ID),
        .has_vid = has(p, MC_ATTR_VID),
        .has_pid = has(p, MC_ATTR_PID),
        .vid = 0xFFF1,
        .pid = 0x8000,
        .node_id = 1,
        .fabric_id = 2,
        .authority_id = 3,
        .firmware_id = 4,
        .serial = {(const uint8_t *)"\x10\x01", 2},
        .not_before_unix = MC_EPOCH2000_UNIX + 5,
        .not_after_unix = MC_TIME_NO_EXPIRY,
        .point = point,
    };

    for (unsigned i = 0; i < p->n_attr; i++)
        if (p->attr[i].presence == MC_REQUIRED && p->attr[i].id == MC_ATTR_COMMON_NAME)
            r.common_name = p->kind == MC_KIND_CD_SIGNER ? mc_span_of("CD Signing", 10) : mc_span_of("n", 1);
    if (p->crl_points == MC_REQUIRED)
        r.crl_points = mc_span_of(crl_points, sizeof(crl_points));
    if (has(p, MC_ATTR_CAT)) {
        r.n_cat = 1;
        r.cat[0] = 0x00010001;
    }
    memcpy(r.key_id, key_id, sizeof(r.key_id));
    return r;
}

/*
 * Names may still be too long or too many for one certificate, and a fixed common name may say of an attestation
 * certificate that it is another; nothing else may go wrong.
 */
static bool is_allowed(enum mc_rc rc, enum mc_kind kind)
{
    return rc == MC_E_TBS_SIZE || rc == MC_E_SIZE_DER || rc == MC_E_SIZE_TLV || rc == MC_E_DN_COUNT ||
           (mc_kind_is_attestation(kind) && (rc == MC_E_DN_TEXT || rc == MC_E_PROFILE_REQUEST));
}

static void check_use(const struct mc_profile *p)
{
    static struct mc_cert c;
    bool attestation = mc_kind_is_attestation(p->kind);
    struct mc_cert issuer = attestation ? attestation_root(p->kind) : root();
    struct mc_request r = request_for(p);
    uint8_t der[MC_CERT_DER_MAX], tlv[MC_CERT_TLV_MAX];
    size_t n = 0;
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = mc_profile_apply(p, &r, p->kind == MC_KIND_RCAC || p->kind == MC_KIND_PAA ? NULL : &issuer, &c, &e);
    fuzz_check_err(rc, &e, 0);
    REQUIRE(rc == MC_OK || is_allowed(rc, p->kind));
    if (rc != MC_OK)
        return;
    REQUIRE(mc_cert_encode_der(&c, der, sizeof(der), &n, &e) == MC_OK);
    REQUIRE(mc_cert_parse_der(mc_span_of(der, n), attestation ? MC_RULES_X509 : MC_RULES_MATTER, &issuer, &e) == MC_OK);
    REQUIRE(mc_cert_kind(&issuer) == p->kind);
    if (attestation)
        return;
    REQUIRE(mc_cert_encode_tlv(&c, tlv, sizeof(tlv), &n, &e) == MC_OK);
    REQUIRE(mc_cert_parse_tlv(mc_span_of(tlv, n), &issuer, &e) == MC_OK && mc_cert_kind(&issuer) == p->kind);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct mc_profile p, again;
    enum mc_rc rc = mc_profile_parse(mc_span_of(data, n), &p, &mistakes);

    check_mistakes(&mistakes, rc, n);
    REQUIRE(p.n_ext <= sizeof(p.ext) && p.n_attr <= MC_DN_CAP && p.n_eku <= MC_EKU_CAP);
    if (rc != MC_OK || n > TEXT_MAX / 2)
        return 0;
    n = write_again(mc_span_of(data, n));
    REQUIRE(mistakes.n == 0);
    REQUIRE(mc_profile_parse(mc_span_of(text, n), &again, &mistakes) == MC_OK);
    REQUIRE(memcmp(&p, &again, sizeof(p)) == 0);
    check_use(&p);
    return 0;
}
