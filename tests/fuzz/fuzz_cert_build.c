/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate that keeps the rules is made from the input, and encoded in both forms: both readers must
 * take it, unless it is too large. Then one octet of one form is changed, and it is read again.
 */
#include "fuzz.h"
#include "lib/cert_parse.h"

enum { OUT_MAX = 4096 };

static bool is_false_identity(const struct mc_cert *c)
{
    return mc_cert_kind(c) == MC_KIND_NETWORK_IDENTITY && mc_identity_check(c, NULL) != MC_OK;
}

/* What the reader of one form must say, given what the writers of both said. */
static enum mc_rc expected(const struct mc_cert *c, enum mc_rc other_form)
{
    return is_false_identity(c) ? MC_E_IDENTITY : other_form;
}

static void change_one_octet(struct fuzz_bytes *b, uint8_t *p, size_t n)
{
    size_t at = (size_t)(fuzz_u8(b) << 8);

    at = (at | fuzz_u8(b)) % n;
    p[at] ^= (uint8_t)(1 + fuzz_u8(b) % 255);
}

/* The other form is read and compared on the way. */
static void check_der(const struct mc_cert *c, struct mc_span der, enum mc_rc tlv_rc)
{
    static struct mc_cert back;
    struct mc_err e;

    mc_err_init(&e);
    REQUIRE(mc_cert_parse_der(der, MC_RULES_MATTER, &back, &e) == expected(c, tlv_rc));
    fuzz_cert_der(der);
}

static void check_tlv(const struct mc_cert *c, struct mc_span tlv, enum mc_rc der_rc)
{
    static struct mc_cert back;
    struct mc_err e;

    mc_err_init(&e);
    REQUIRE(mc_cert_parse_tlv(tlv, &back, &e) == expected(c, der_rc));
    if (der_rc != MC_OK)
        fuzz_cert_tlv(tlv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct fuzz_room room;
    static struct mc_cert c;
    static uint8_t der[OUT_MAX], tlv[OUT_MAX];
    struct fuzz_bytes b = {data, data + n};
    size_t der_n = 0, tlv_n = 0;
    enum mc_rc der_rc, tlv_rc;

    fuzz_generate(&b, &room, &c);
    der_rc = mc_cert_encode_der(&c, der, sizeof(der), &der_n, NULL);
    tlv_rc = mc_cert_encode_tlv(&c, tlv, sizeof(tlv), &tlv_n, NULL);
    REQUIRE(der_rc == MC_OK || der_rc == MC_E_SIZE_DER);
    REQUIRE(tlv_rc == MC_OK || tlv_rc == MC_E_SIZE_TLV);
    if (der_rc == MC_OK)
        check_der(&c, mc_span_of(der, der_n), tlv_rc);
    if (tlv_rc == MC_OK)
        check_tlv(&c, mc_span_of(tlv, tlv_n), der_rc);
    if (fuzz_u8(&b) % 2 != 0 && der_rc == MC_OK) {
        change_one_octet(&b, der, der_n);
        fuzz_cert_der(mc_span_of(der, der_n));
    } else if (tlv_rc == MC_OK) {
        change_one_octet(&b, tlv, tlv_n);
        fuzz_cert_tlv(mc_span_of(tlv, tlv_n));
    }
    return 0;
}
