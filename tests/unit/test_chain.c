/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operational chains: a valid chain is made, one thing in it is changed, and both judges are asked. A row of
 * the table says what changes and what each judge answers; 0 or MC_OK is "accepted".
 */
#include "certs.h"

#include "lib/chain.h"

#define NOW      INT64_C(1800000000)
#define START    INT64_C(1602771823)
#define FABRIC   UINT64_C(0xFAB000000000001D)
#define RCAC_ID  UINT64_C(0xCACACACA00000001)
#define ICAC_ID  UINT64_C(0xCACACACA00000004)

enum { ROOT = MC_CHAIN_ROOT, ICA = MC_CHAIN_ICA, NOC = MC_CHAIN_LEAF, NONE = MC_CHAIN_NONE };

/* A chain before and after it is signed; index by role. */
struct world {
    struct mc_verifier *v;
    struct certs_key key[4];
    struct mc_cert draft[4], cert[4];
    uint8_t bytes[4][MC_CERT_DER_MAX];
    uint8_t future[32];
    struct mc_chain chain;
};

static struct world *w;

static int set_up(void **state)
{
    (void)state;
    w = calloc(1, sizeof(*w));
    w->v = mc_verifier_new();
    assert_non_null(w->v);
    for (int i = ROOT; i <= NOC; i++)
        certs_key_new(&w->key[i]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = ROOT; i <= NOC; i++)
        certs_key_free(&w->key[i]);
    mc_verifier_free(w->v);
    free(w);
    return 0;
}

/* The three drafts of a valid chain. */
static void draft(void)
{
    certs_fill(&w->draft[ROOT], true, &w->key[ROOT], w->key[ROOT].id);
    certs_add_num(&w->draft[ROOT].subject, MC_ATTR_RCAC_ID, RCAC_ID);
    certs_fill(&w->draft[ICA], true, &w->key[ICA], w->key[ROOT].id);
    certs_add_num(&w->draft[ICA].subject, MC_ATTR_ICAC_ID, ICAC_ID);
    certs_noc(&w->draft[NOC], &w->key[NOC], w->key[ICA].id);
    w->draft[NOC].issuer.n = 0;
    w->chain = (struct mc_chain){.at_unix = NOW, .leaf_kind = MC_KIND_NOC};
}

/* Signs the drafts from the root down and reads them again; names of issuers follow unless they were set. */
static void seal(void)
{
    static const int signer[4] = {0, ROOT, ROOT, ICA};

    for (int i = ROOT; i <= NOC; i++) {
        struct mc_span der;

        if (w->draft[i].issuer.n == 0)
            w->draft[i].issuer = w->draft[signer[i]].subject;
        der = certs_issue(&w->draft[i], &w->key[signer[i]], w->bytes[i]);
        assert_int_equal(mc_cert_parse_der(der, MC_RULES_MATTER, &w->cert[i], NULL), MC_OK);
    }
    w->chain.root = &w->cert[ROOT];
    w->chain.ica = &w->cert[ICA];
    w->chain.leaf = &w->cert[NOC];
}

static struct mc_dn *subject(int i)
{
    return &w->draft[i].subject;
}

static void drop_ext(int i, enum mc_ext_id id)
{
    struct mc_cert *c = &w->draft[i];
    unsigned n = 0;

    for (unsigned k = 0; k < c->n_ext; k++)
        if (c->ext[k].id != id)
            c->ext[n++] = c->ext[k];
    c->n_ext = (uint8_t)n;
}

/* --- what may be changed before signing ------------------------------------------------------------ */

static void nothing(void) {}
static void noc_says_icac(void)
{
    subject(NOC)->n = 0;
    certs_add_num(subject(NOC), MC_ATTR_ICAC_ID, 7);
}
static void noc_without_fabric(void) { subject(NOC)->n = 1; }
static void noc_two_fabrics(void) { certs_add_num(subject(NOC), MC_ATTR_FABRIC_ID, FABRIC + 1); }
static void noc_two_node_ids(void) { certs_add_num(subject(NOC), MC_ATTR_NODE_ID, 9); }
static void noc_same_cats(void)
{
    certs_add_num(subject(NOC), MC_ATTR_CAT, 0xABCD0001);
    certs_add_num(subject(NOC), MC_ATTR_CAT, 0xABCD0002);
}
static void noc_three_cats(void)
{
    for (uint32_t i = 1; i <= 3; i++)
        certs_add_num(subject(NOC), MC_ATTR_CAT, i << 16 | 1);
}
static void noc_is_ca(void) { w->draft[NOC].is_ca = true; }
static void noc_without_bc(void) { drop_ext(NOC, MC_EXT_BASIC_CONSTRAINTS); }
static void noc_without_ku(void) { drop_ext(NOC, MC_EXT_KEY_USAGE); }
static void noc_ku_more(void) { w->draft[NOC].ku |= MC_KU_KEY_AGREEMENT; }
static void noc_ku_decipher(void) { w->draft[NOC].ku |= MC_KU_DECIPHER_ONLY; }
static void root_ku_decipher(void) { w->draft[ROOT].ku |= MC_KU_DECIPHER_ONLY; }
static void noc_ku_other(void) { w->draft[NOC].ku = MC_KU_KEY_ENCIPHERMENT; }
static void noc_without_eku(void) { drop_ext(NOC, MC_EXT_EXTENDED_KEY_USAGE); }
static void noc_client_only(void) { w->draft[NOC].n_eku = 1; }
static void noc_server_only(void)
{
    w->draft[NOC].n_eku = 1;
    w->draft[NOC].eku[0] = MC_EKU_SERVER_AUTH;
}
static void noc_purposes_swapped(void)
{
    w->draft[NOC].eku[0] = MC_EKU_SERVER_AUTH;
    w->draft[NOC].eku[1] = MC_EKU_CLIENT_AUTH;
}
static void noc_third_purpose(void) { w->draft[NOC].eku[w->draft[NOC].n_eku++] = MC_EKU_CODE_SIGNING; }
static void noc_without_skid(void) { drop_ext(NOC, MC_EXT_SUBJECT_KEY_ID); }
static void noc_without_akid(void) { drop_ext(NOC, MC_EXT_AUTHORITY_KEY_ID); }
static void future(int i, bool critical)
{
    const char *text = critical ? "30(06092B06010401BE6BFF7F 0101FF 04(0403616263))" : CERTS_FUTURE;
    uint8_t room[CERTS_ROOM];
    struct mc_span whole = certs_octets(text, room);

    memcpy(w->future, whole.p, whole.n);
    certs_add_future(&w->draft[i], mc_span_of(w->future, whole.n));
}
static void noc_future(void) { future(NOC, false); }
static void noc_critical(void) { future(NOC, true); }
static void ica_critical(void) { future(ICA, true); }
static void root_critical(void) { future(ROOT, true); }
static void ica_same_fabric(void) { certs_add_num(subject(ICA), MC_ATTR_FABRIC_ID, FABRIC); }
static void ica_other_fabric(void) { certs_add_num(subject(ICA), MC_ATTR_FABRIC_ID, 2); }
static void root_other_fabric(void) { certs_add_num(subject(ROOT), MC_ATTR_FABRIC_ID, 2); }
static void ica_fabric_not_the_roots(void)
{
    certs_add_num(subject(ROOT), MC_ATTR_FABRIC_ID, 2);
    certs_add_num(subject(ICA), MC_ATTR_FABRIC_ID, FABRIC);
}
static void ica_without_id(void)
{
    subject(ICA)->n = 0;
    certs_add_text(subject(ICA), MC_ATTR_COMMON_NAME, "ICA");
}
static void ica_with_cat(void) { certs_add_num(subject(ICA), MC_ATTR_CAT, 0x10001); }
static void ica_no_ca(void) { w->draft[ICA].is_ca = false; }
static void ica_cannot_sign(void) { w->draft[ICA].ku = MC_KU_CRL_SIGN; }
static void ica_no_crl(void) { w->draft[ICA].ku = MC_KU_KEY_CERT_SIGN; }
static void ica_signs_too(void) { w->draft[ICA].ku |= MC_KU_DIGITAL_SIGNATURE; }
static void ica_with_eku(void)
{
    w->draft[ICA].has_eku = true;
    w->draft[ICA].n_eku = 1;
    w->draft[ICA].eku[0] = MC_EKU_SERVER_AUTH;
    certs_add_ext(&w->draft[ICA], MC_EXT_EXTENDED_KEY_USAGE);
}
static void path_len(int i, uint8_t n)
{
    w->draft[i].has_path_len = true;
    w->draft[i].path_len = n;
}
static void ica_path_0(void) { path_len(ICA, 0); }
static void root_path_0(void) { path_len(ROOT, 0); }
static void root_path_1(void) { path_len(ROOT, 1); }
static void root_path_2(void) { path_len(ROOT, 2); }
static void root_no_ca(void) { w->draft[ROOT].is_ca = false; }
static void root_cannot_sign(void) { w->draft[ROOT].ku = MC_KU_CRL_SIGN; }
static void root_without_skid(void) { drop_ext(ROOT, MC_EXT_SUBJECT_KEY_ID); }
static void root_without_akid(void) { drop_ext(ROOT, MC_EXT_AUTHORITY_KEY_ID); }
static void root_other_issuer(void) { certs_add_num(&w->draft[ROOT].issuer, MC_ATTR_RCAC_ID, 5); }
static void root_other_akid(void) { w->draft[ROOT].akid = mc_span_of(w->key[ICA].id, MC_KEY_ID_LEN); }
static void root_says_icac(void)
{
    subject(ROOT)->n = 0;
    certs_add_num(subject(ROOT), MC_ATTR_ICAC_ID, RCAC_ID);
    w->draft[ROOT].issuer.n = 0;
}
static void noc_other_issuer(void)
{
    w->draft[NOC].issuer.n = 0;
    certs_add_num(&w->draft[NOC].issuer, MC_ATTR_ICAC_ID, 5);
}
static void noc_other_akid(void) { w->draft[NOC].akid = mc_span_of(w->key[ROOT].id, MC_KEY_ID_LEN); }
static void ica_other_akid(void) { w->draft[ICA].akid = mc_span_of(w->key[NOC].id, MC_KEY_ID_LEN); }
static void noc_self_issued(void)
{
    w->draft[NOC].issuer = w->draft[NOC].subject;
    w->draft[NOC].akid = w->draft[NOC].skid;
}
static void noc_tomorrow(void) { w->draft[NOC].not_before_unix = NOW + 1; }
static void noc_from_now(void) { w->draft[NOC].not_before_unix = NOW; }
static void noc_until_now(void) { w->draft[NOC].not_after_unix = NOW; }
static void noc_expired(void) { w->draft[NOC].not_after_unix = NOW - 1; }
static void ica_expired(void) { w->draft[ICA].not_after_unix = NOW - 1; }
static void ica_tomorrow(void) { w->draft[ICA].not_before_unix = NOW + 1; }
static void root_expired(void) { w->draft[ROOT].not_after_unix = NOW - 1; }
static void root_tomorrow(void) { w->draft[ROOT].not_before_unix = NOW + 1; }
static void noc_for_ever(void) { w->draft[NOC].not_after_unix = MC_TIME_NO_EXPIRY; }
static void noc_key_nowhere(void)
{
    static uint8_t point[MC_POINT_LEN];

    memset(point, 0x77, sizeof(point));
    point[0] = 0x04;
    w->draft[NOC].point = mc_span_of(point, sizeof(point));
}

static void noc_two_servers(void) { w->draft[NOC].eku[0] = w->draft[NOC].eku[1]; }
static void noc_two_clients(void) { w->draft[NOC].eku[1] = w->draft[NOC].eku[0]; }
static void noc_says_vvsc(void)
{
    subject(NOC)->n = 0;
    certs_add_num(subject(NOC), MC_ATTR_VVS_ID, 7);
}
static void noc_says_vvsc_of_fabric(void)
{
    noc_says_vvsc();
    certs_add_num(subject(NOC), MC_ATTR_FABRIC_ID, FABRIC);
}
static void noc_only_akid_is_own(void) { w->draft[NOC].akid = w->draft[NOC].skid; }
static void noc_only_issuer_is_own(void) { w->draft[NOC].issuer = w->draft[NOC].subject; }
static void noc_client_only_without_skid(void)
{
    noc_client_only();
    noc_without_skid();
}
static void noc_critical_without_skid(void)
{
    noc_critical();
    noc_without_skid();
}
static void ica_path_2(void) { path_len(ICA, 2); }
static void ica_two_fabrics(void)
{
    ica_same_fabric();
    certs_add_num(subject(ICA), MC_ATTR_FABRIC_ID, FABRIC + 1);
}
static void ica_without_ku(void) { drop_ext(ICA, MC_EXT_KEY_USAGE); }
static void ica_without_id_and_skid(void)
{
    ica_without_id();
    drop_ext(ICA, MC_EXT_SUBJECT_KEY_ID);
}
static void ica_no_ca_below_root_path_0(void)
{
    ica_no_ca();
    root_path_0();
}
/* The NOC may sign as far as its usages say, and the ICAC names it as its issuer. */
static void ica_of_the_noc(void)
{
    struct mc_cert *noc = &w->draft[NOC];

    noc->is_ca = true;
    noc->ku |= MC_KU_KEY_CERT_SIGN;
    w->draft[ICA].issuer = noc->subject;
    w->draft[ICA].akid = noc->skid;
}

/* --- what may be changed in the chain after it ----------------------------------------------------- */

static void noc_bad_signature(void) { w->cert[NOC].sig[40] ^= 1; }
static void ica_bad_signature(void) { w->cert[ICA].sig[40] ^= 1; }
static void root_bad_signature(void) { w->cert[ROOT].sig[40] ^= 1; }
static void without_ica(void) { w->chain.ica = NULL; }
static void root_as_ica(void) { w->chain.ica = w->chain.root; }
static void noc_as_ica(void) { w->chain.ica = w->chain.leaf; }
static void ica_as_noc(void) { w->chain.leaf = w->chain.ica; }
static void ica_as_root(void) { w->chain.root = w->chain.ica; }
static void want_vvsc(void) { w->chain.leaf_kind = MC_KIND_VVSC; }
static void want_firmware_signing(void) { w->chain.leaf_kind = MC_KIND_FIRMWARE_SIGNING; }

static const struct row {
    const char *name;
    void (*before)(void), (*after)(void);
    enum mc_rc rule;
    unsigned where;
    uint32_t sdk, inner;
    unsigned sdk_where;
} rows[] = {
    {"nothing is changed", nothing, nothing, MC_OK, NONE, 0, 0, NONE},
    {"the leaf's subject is an ICAC's", noc_says_icac, nothing, MC_E_CHAIN_KIND, NOC, 0x9D, 0, NOC},
    {"the leaf has no fabric id", noc_without_fabric, nothing, MC_E_CHAIN_NAME, NOC, 0x59, 0, NOC},
    {"the leaf has two fabric ids", noc_two_fabrics, nothing, MC_E_CHAIN_NAME, NOC, 0x59, 0, NOC},
    {"the leaf has two node ids", noc_two_node_ids, nothing, MC_E_CHAIN_KIND, NOC, 0x59, 0, NOC},
    {"two CATs have one identifier", noc_same_cats, nothing, MC_E_CHAIN_CAT, NOC, 0x59, 0, NOC},
    {"three CATs are fine", noc_three_cats, nothing, MC_OK, NONE, 0, 0, NONE},
    {"the leaf is a CA", noc_is_ca, nothing, MC_E_CHAIN_CA, NOC, 0, 0, NONE},
    {"the leaf has no basicConstraints", noc_without_bc, nothing, MC_E_CHAIN_CA, NOC, 0, 0, NONE},
    {"the leaf has no keyUsage", noc_without_ku, nothing, MC_E_CHAIN_KEY_USAGE, NOC, 0x4D, 0, NOC},
    {"the leaf has a second usage", noc_ku_more, nothing, MC_E_CHAIN_KEY_USAGE, NOC, 0, 0, NONE},
    {"the leaf has decipherOnly", noc_ku_decipher, nothing, MC_E_CHAIN_KEY_USAGE, NOC, 0x50, 0, NOC},
    {"the root has decipherOnly", root_ku_decipher, nothing, MC_E_CHAIN_KEY_USAGE, ROOT, 0x50, 0, ROOT},
    {"the leaf has another usage", noc_ku_other, nothing, MC_E_CHAIN_KEY_USAGE, NOC, 0x4D, 0, NOC},
    {"the leaf has no extKeyUsage", noc_without_eku, nothing, MC_E_CHAIN_EKU, NOC, 0x4D, 0, NOC},
    {"the leaf is a client only", noc_client_only, nothing, MC_E_CHAIN_EKU, NOC, 0x4D, 0, NOC},
    {"the leaf is a server only", noc_server_only, nothing, MC_E_CHAIN_EKU, NOC, 0, 0, NONE},
    {"server before client is fine", noc_purposes_swapped, nothing, MC_OK, NONE, 0, 0, NONE},
    {"the leaf has a third purpose", noc_third_purpose, nothing, MC_E_CHAIN_EKU, NOC, 0, 0, NONE},
    {"the leaf has no SKID", noc_without_skid, nothing, MC_E_CHAIN_KEY_ID, NOC, 0x50, 0, NOC},
    {"the leaf has no AKID", noc_without_akid, nothing, MC_E_CHAIN_KEY_ID, NOC, 0x50, 0, NOC},
    {"a future extension is fine", noc_future, nothing, MC_OK, NONE, 0, 0, NONE},
    {"a critical future extension", noc_critical, nothing, MC_E_CHAIN_CRITICAL, NOC, 0x4D, 0, NOC},
    {"the same in the ICAC", ica_critical, nothing, MC_E_CHAIN_CRITICAL, ICA, 0x4A, 0x4D, ICA},
    {"the same in the root", root_critical, nothing, MC_E_CHAIN_CRITICAL, ROOT, 0x4A, 0x4D, ROOT},
    {"the ICAC's fabric is the NOC's", ica_same_fabric, nothing, MC_OK, NONE, 0, 0, NONE},
    {"the ICAC has another fabric", ica_other_fabric, nothing, MC_E_CHAIN_FABRIC, NOC, 0xC6, 0, ICA},
    {"the root has another fabric", root_other_fabric, nothing, MC_E_CHAIN_FABRIC, NOC, 0x59, 0, ROOT},
    {"ICAC and root differ in fabric", ica_fabric_not_the_roots, nothing, MC_E_CHAIN_FABRIC, ICA, 0x59, 0, ROOT},
    {"the ICAC has no id", ica_without_id, nothing, MC_E_CHAIN_KIND, ICA, 0x59, 0, ICA},
    {"the ICAC has a CAT", ica_with_cat, nothing, MC_E_CHAIN_CAT, ICA, 0x59, 0, ICA},
    {"the ICAC is no CA", ica_no_ca, nothing, MC_E_CHAIN_CA, ICA, 0x4A, 0x4D, ICA},
    {"the ICAC may not sign", ica_cannot_sign, nothing, MC_E_CHAIN_KEY_USAGE, ICA, 0x4A, 0x4D, ICA},
    {"the ICAC may not sign CRLs", ica_no_crl, nothing, MC_E_CHAIN_KEY_USAGE, ICA, 0, 0, NONE},
    {"the ICAC has digitalSignature", ica_signs_too, nothing, MC_OK, NONE, 0, 0, NONE},
    {"the ICAC has purposes", ica_with_eku, nothing, MC_E_CHAIN_EKU, ICA, 0, 0, NONE},
    {"the ICAC has pathLen 0", ica_path_0, nothing, MC_OK, NONE, 0, 0, NONE},
    {"the root has pathLen 1", root_path_1, nothing, MC_OK, NONE, 0, 0, NONE},
    {"the root has pathLen 0", root_path_0, nothing, MC_E_CHAIN_PATH_LEN, ICA, 0x4A, 0x4B, ROOT},
    {"the root has pathLen 2", root_path_2, nothing, MC_E_CHAIN_PATH_LEN, ROOT, 0x4D, 0, ROOT},
    {"the root is no CA", root_no_ca, nothing, MC_E_CHAIN_CA, ROOT, 0x4D, 0, ROOT},
    {"the root may not sign", root_cannot_sign, nothing, MC_E_CHAIN_KEY_USAGE, ROOT, 0x4D, 0, ROOT},
    {"the root has no SKID", root_without_skid, nothing, MC_E_CHAIN_KEY_ID, ROOT, 0x50, 0, ROOT},
    {"the root has no AKID", root_without_akid, nothing, MC_E_CHAIN_KEY_ID, ROOT, 0x50, 0, ROOT},
    {"the root names another issuer", root_other_issuer, nothing, MC_E_CHAIN_SELF, ROOT, 0x9D, 0, ROOT},
    {"the root has another's AKID", root_other_akid, nothing, MC_E_CHAIN_SELF, ROOT, 0x9D, 0, ROOT},
    {"the root's subject is an ICAC's", root_says_icac, nothing, MC_E_CHAIN_KIND, ROOT, 0x9D, 0, ROOT},
    {"the NOC names another issuer", noc_other_issuer, nothing, MC_E_CHAIN_ISSUER, NOC, 0x4A, 0, NOC},
    {"the NOC has another AKID", noc_other_akid, nothing, MC_E_CHAIN_AKID, NOC, 0x4A, 0, NOC},
    {"the ICAC has another AKID", ica_other_akid, nothing, MC_E_CHAIN_AKID, ICA, 0x4A, 0, ICA},
    {"the NOC issued itself", noc_self_issued, nothing, MC_E_CHAIN_ISSUER, NOC, 0x57, 0, NOC},
    {"the NOC begins in a second", noc_tomorrow, nothing, MC_E_CHAIN_NOT_YET, NOC, 0x4F, 0, NOC},
    {"the NOC begins now", noc_from_now, nothing, MC_OK, NONE, 0, 0, NONE},
    {"the NOC ends now", noc_until_now, nothing, MC_OK, NONE, 0, 0, NONE},
    {"the NOC ended a second ago", noc_expired, nothing, MC_E_CHAIN_EXPIRED, NOC, 0x4E, 0, NOC},
    {"the ICAC ended a second ago", ica_expired, nothing, MC_E_CHAIN_EXPIRED, ICA, 0x4A, 0x4E, ICA},
    {"the ICAC begins in a second", ica_tomorrow, nothing, MC_E_CHAIN_NOT_YET, ICA, 0x4A, 0x4F, ICA},
    {"the root ended a second ago", root_expired, nothing, MC_E_CHAIN_EXPIRED, ROOT, 0, 0, NONE},
    {"the root begins in a second", root_tomorrow, nothing, MC_E_CHAIN_NOT_YET, ROOT, 0x4A, 0x4F, ROOT},
    {"the NOC never ends", noc_for_ever, nothing, MC_OK, NONE, 0, 0, NONE},
    {"the NOC's key is no point", noc_key_nowhere, nothing, MC_E_POINT_CURVE, NOC, 0, 0, NONE},
    {"the NOC's signature is wrong", nothing, noc_bad_signature, MC_E_SIGNATURE, NOC, 0x14, 0, NOC},
    {"the ICAC's signature is wrong", nothing, ica_bad_signature, MC_E_SIGNATURE, ICA, 0x4A, 0x14, ICA},
    {"the root's signature is wrong", nothing, root_bad_signature, MC_E_SIGNATURE, ROOT, 0x14, 0, ROOT},
    {"the ICAC is missing", nothing, without_ica, MC_E_CHAIN_ISSUER, NOC, 0x4A, 0, NOC},
    {"the root is given as ICAC", nothing, root_as_ica, MC_E_CHAIN_KIND, ICA, 0x59, 0, ICA},
    {"the NOC is given as ICAC", nothing, noc_as_ica, MC_E_CHAIN_KIND, ICA, 0x59, 0, ICA},
    {"the ICAC is given as NOC", nothing, ica_as_noc, MC_E_CHAIN_KIND, NOC, 0x4D, 0, ICA},
    {"the ICAC is given as root", nothing, ica_as_root, MC_E_CHAIN_KIND, ROOT, 0x9D, 0, ROOT},
    {"the leaf is twice a server", noc_two_servers, nothing, MC_E_CHAIN_EKU, NOC, 0, 0, NONE},
    {"the leaf is twice a client", noc_two_clients, nothing, MC_E_CHAIN_EKU, NOC, 0x4D, 0, NOC},
    {"the leaf breaks two rules", noc_client_only_without_skid, nothing, MC_E_CHAIN_EKU, NOC, 0x50, 0, NOC},
    {"the leaf breaks the last rules", noc_critical_without_skid, nothing, MC_E_CHAIN_KEY_ID, NOC, 0x50, 0, NOC},
    {"the leaf has its own AKID", noc_only_akid_is_own, nothing, MC_E_CHAIN_AKID, NOC, 0x4A, 0, NOC},
    {"the leaf has its own name as issuer", noc_only_issuer_is_own, nothing, MC_E_CHAIN_ISSUER, NOC, 0x4A, 0, NOC},
    {"the ICAC has pathLen 2", ica_path_2, nothing, MC_OK, NONE, 0, 0, NONE},
    {"the ICAC has two fabric ids", ica_two_fabrics, nothing, MC_E_CHAIN_NAME, ICA, 0x59, 0, ICA},
    {"the ICAC has no keyUsage", ica_without_ku, nothing, MC_E_CHAIN_KEY_USAGE, ICA, 0x4A, 0x4D, ICA},
    {"the ICAC has no id and no SKID", ica_without_id_and_skid, nothing, MC_E_CHAIN_KIND, ICA, 0x50, 0, ICA},
    {"the ICAC is no CA, and not allowed", ica_no_ca_below_root_path_0, nothing, MC_E_CHAIN_CA, ICA, 0x4A, 0x4D, ICA},
    {"the ICAC is issued by the NOC", ica_of_the_noc, nothing, MC_E_CHAIN_ISSUER, ICA, 0x4A, 0x9D, NOC},
    {"a VVSC has a fabric id", noc_says_vvsc_of_fabric, want_vvsc, MC_E_CHAIN_NAME, NOC, 0x59, 0, NOC},
    {"a VVSC has purposes", noc_says_vvsc, want_vvsc, MC_E_CHAIN_EKU, NOC, 0xD8, 0, NOC},
    {"another kind is wanted", nothing, want_firmware_signing, MC_E_CHAIN_KIND, NOC, 0x9D, 0, NOC},
};

static void check_verdict(const char *judge, const struct row *r, const struct mc_verdict *d, uint32_t error)
{
    char text[512];

    if (d->rc == MC_OK)
        return;
    mc_err_format(&d->err, text, sizeof(text));
    if (strstr(text, mc_rc_rule(d->rc)) == NULL)
        fail_msg("%s: %s says '%s', without its rule", r->name, judge, text);
    if (error != 0 && mc_sdk_error_find(error) == NULL)
        fail_msg("%s: 0x%X has no name", r->name, error);
}

static void each_rule_is_judged_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct mc_verdict rules, sdk;
        enum mc_rc returned[2];

        draft();
        r->before();
        seal();
        r->after();
        returned[0] = mc_chain_check(w->v, &w->chain, &rules);
        returned[1] = mc_chain_check_sdk(w->v, &w->chain, &sdk);
        assert_true(returned[0] == rules.rc && returned[1] == sdk.rc);
        if (rules.rc != r->rule || rules.where != r->where)
            fail_msg("%s: the rules say %s at %u", r->name, mc_rc_symbol(rules.rc), rules.where);
        if (sdk.sdk_error != r->sdk || sdk.inner_error != r->inner || sdk.where != r->sdk_where)
            fail_msg("%s: the SDK says 0x%X (0x%X) at %u", r->name, sdk.sdk_error, sdk.inner_error, sdk.where);
        if ((sdk.rc == MC_OK) != (r->sdk == 0))
            fail_msg("%s: the SDK's code is %s", r->name, mc_rc_symbol(sdk.rc));
        check_verdict("the rules' judge", r, &rules, 0);
        check_verdict("the SDK's judge", r, &sdk, sdk.sdk_error);
    }
}

/* What the two judges say, in words: the place and what is wrong there. */
static void the_words_name_the_place(void **state)
{
    static const struct {
        void (*before)(void);
        const char *field, *rules, *sdk;
    } cases[] = {
        {noc_is_ca, "basicConstraints.cA", "it is TRUE in a certificate of kind noc", ""},
        {ica_no_ca, "basicConstraints.cA", "it is FALSE in a certificate of kind icac", "cA is not TRUE"},
        {noc_without_eku, "extKeyUsage", "none in a certificate of kind noc", "extKeyUsage lacks serverAuth"},
        {noc_client_only, "extKeyUsage", "other purposes in a certificate of kind noc", "extKeyUsage lacks serverAuth"},
        {noc_without_skid, "subjectKeyIdentifier", "", "a key identifier is missing"},
        {noc_without_akid, "authorityKeyIdentifier", "", "a key identifier is missing"},
        {noc_other_issuer, "issuer", "matter-icac-id=0000000000000005, not matter-icac-id=CACACACA00000004", "no certificate has its issuer's name and key identifier"},
        {ica_expired, "validity.notAfter", "2027-01-15T07:59:59Z", "it has expired"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct mc_verdict d;

        draft();
        cases[i].before();
        seal();
        (void)mc_chain_check(w->v, &w->chain, &d);
        if (strcmp(d.err.field, cases[i].field) != 0 || strcmp(d.err.what, cases[i].rules) != 0)
            fail_msg("'%s: %s' is not '%s: %s'", d.err.field, d.err.what, cases[i].field, cases[i].rules);
        (void)mc_chain_check_sdk(w->v, &w->chain, &d);
        if (strcmp(d.err.what, cases[i].sdk) != 0)
            fail_msg("'%s' is not '%s'", d.err.what, cases[i].sdk);
    }
}

static void an_accepted_chain_tells_its_ids(void **state)
{
    struct mc_verdict d;

    (void)state;
    draft();
    seal();
    assert_int_equal(mc_chain_check(w->v, &w->chain, &d), MC_OK);
    assert_true(d.node_id == UINT64_C(0xDEDEDEDE00020003) && d.fabric_id == FABRIC);
    assert_int_equal(mc_chain_check_sdk(w->v, &w->chain, &d), MC_OK);
    assert_true(d.node_id == UINT64_C(0xDEDEDEDE00020003) && d.noc_status == 0);
}

static void the_root_may_sign_the_noc_itself(void **state)
{
    struct mc_verdict d;

    (void)state;
    draft();
    w->draft[NOC].issuer = w->draft[ROOT].subject;
    w->draft[NOC].akid = w->draft[ROOT].skid;
    seal();
    assert_int_equal(mc_cert_parse_der(certs_issue(&w->draft[NOC], &w->key[ROOT], w->bytes[NOC]), MC_RULES_MATTER,
                         &w->cert[NOC], NULL),
        MC_OK);
    w->chain.ica = NULL;
    assert_int_equal(mc_chain_check(w->v, &w->chain, &d), MC_OK);
    assert_int_equal(mc_chain_check_sdk(w->v, &w->chain, &d), MC_OK);
    w->chain.ica = &w->cert[ICA];
    assert_int_equal(mc_chain_check(w->v, &w->chain, &d), MC_E_CHAIN_ISSUER);
    assert_int_equal(mc_chain_check_sdk(w->v, &w->chain, &d), MC_OK);
}

/* What each answer of a node is: AddTrustedRootCertificate's for a root, else AddNOC's. */
static void the_answer_follows_from_where_it_breaks(void **state)
{
    struct mc_verdict d;

    (void)state;
    draft();
    seal();
    noc_bad_signature();
    assert_int_equal(mc_chain_check_sdk(w->v, &w->chain, &d), MC_E_SIGNATURE);
    assert_int_equal(d.noc_status, 0x03);
    root_bad_signature();
    assert_int_equal(mc_chain_check_sdk(w->v, &w->chain, &d), MC_E_SIGNATURE);
    assert_int_equal(d.noc_status, 0x85);
    assert_int_equal(mc_root_check_sdk(w->v, w->chain.root, &d), MC_E_SIGNATURE);
    assert_int_equal(d.noc_status, 0x85);
}

static void a_trusted_root_is_not_verified_again(void **state)
{
    struct mc_verdict d;

    (void)state;
    draft();
    seal();
    root_bad_signature();
    w->chain.root_trusted = true;
    assert_int_equal(mc_chain_check(w->v, &w->chain, &d), MC_OK);
    assert_int_equal(mc_chain_check_sdk(w->v, &w->chain, &d), MC_OK);
    assert_int_equal(mc_root_check_sdk(w->v, w->chain.root, &d), MC_E_SIGNATURE);
}

static void time_is_judged_by_what_is_known_of_it(void **state)
{
    static const struct {
        void (*before)(void);
        enum mc_time_source source;
        enum mc_rc rule;
        uint32_t sdk;
    } cases[] = {
        {noc_tomorrow, MC_TIME_LAST_KNOWN, MC_OK, 0},
        {noc_expired, MC_TIME_LAST_KNOWN, MC_E_CHAIN_EXPIRED, 0},
        {noc_tomorrow, MC_TIME_UNKNOWN, MC_OK, 0},
        {noc_expired, MC_TIME_UNKNOWN, MC_OK, 0},
        {root_expired, MC_TIME_UNKNOWN, MC_OK, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct mc_verdict d;

        draft();
        cases[i].before();
        seal();
        w->chain.time_source = cases[i].source;
        assert_int_equal(mc_chain_check(w->v, &w->chain, &d), cases[i].rule);
        (void)mc_chain_check_sdk(w->v, &w->chain, &d);
        assert_int_equal(d.sdk_error, cases[i].sdk);
    }
}

/* The NOC with text in its name that makes its signed part as long as is wanted, signed. */
static bool seal_sized(size_t size)
{
    static char text[300];
    struct mc_cert *c = &w->draft[NOC];
    size_t n = 0;

    memset(text, 'x', sizeof(text));
    c->issuer = w->draft[ICA].subject;
    for (size_t i = 1; n < size && i < sizeof(text); i++) {
        subject(NOC)->n = 2;
        certs_add_text(subject(NOC), MC_ATTR_ORGANIZATION, "");
        subject(NOC)->attr[2].text = mc_span_of(text, i);
        assert_int_equal(mc_cert_encode_tbs(c, w->bytes[NOC], MC_CERT_DER_MAX, &n, NULL), MC_OK);
    }
    certs_sign(&w->key[ICA], mc_span_of(w->bytes[NOC], n), c->sig);
    c->has_sig = true;
    w->chain.leaf = c;
    return n == size;
}

/* Only builders can break it: what a reader accepts is 600 octets with its signature, hence shorter. */
static void the_signed_part_has_a_limit(void **state)
{
    (void)state;
    /* One character more makes 529: a length takes an octet more. */
    for (size_t size = MC_CERT_TBS_MAX; size <= MC_CERT_TBS_MAX + 2; size += 2) {
        bool fits = size <= MC_CERT_TBS_MAX;
        struct mc_verdict d;

        draft();
        seal();
        assert_true(seal_sized(size));
        assert_int_equal(mc_chain_check(w->v, &w->chain, &d), fits ? MC_OK : MC_E_CHAIN_TBS_SIZE);
        assert_int_equal(mc_chain_check_sdk(w->v, &w->chain, &d), fits ? MC_OK : MC_E_CHAIN_TBS_SIZE);
        assert_int_equal(d.sdk_error, fits ? 0 : 0x302);
    }
}

static void other_kinds_have_their_own_profile(void **state)
{
    struct mc_cert c;

    (void)state;
    certs_fill(&c, false, &w->key[NOC], w->key[ICA].id);
    certs_add_num(&c.subject, MC_ATTR_FIRMWARE_SIGNING_ID, 1);
    assert_int_equal(mc_cert_check_kind(w->v, &c, MC_KIND_FIRMWARE_SIGNING, NULL), MC_E_CHAIN_EKU);
    c.n_eku = 1;
    c.eku[0] = MC_EKU_CODE_SIGNING;
    assert_int_equal(mc_cert_check_kind(w->v, &c, MC_KIND_FIRMWARE_SIGNING, NULL), MC_OK);
    c.eku[0] = MC_EKU_SERVER_AUTH;
    assert_int_equal(mc_cert_check_kind(w->v, &c, MC_KIND_FIRMWARE_SIGNING, NULL), MC_E_CHAIN_EKU);
    c.n_eku = 2;
    c.eku[1] = MC_EKU_CODE_SIGNING;
    assert_int_equal(mc_cert_check_kind(w->v, &c, MC_KIND_FIRMWARE_SIGNING, NULL), MC_E_CHAIN_EKU);
    certs_fill(&c, false, &w->key[NOC], w->key[ICA].id);
    certs_add_num(&c.subject, MC_ATTR_VVS_ID, 1);
    assert_int_equal(mc_cert_check_kind(w->v, &c, MC_KIND_VVSC, NULL), MC_E_CHAIN_EKU);
    c.has_eku = false;
    assert_int_equal(mc_cert_check_kind(w->v, &c, MC_KIND_VVSC, NULL), MC_OK);
    certs_add_num(&c.subject, MC_ATTR_FABRIC_ID, 1);
    assert_int_equal(mc_cert_check_kind(w->v, &c, MC_KIND_VVSC, NULL), MC_E_CHAIN_NAME);
    assert_int_equal(mc_cert_check_kind(w->v, &c, MC_KIND_DAC, NULL), MC_E_CHAIN_KIND);
    assert_int_equal(mc_cert_check_kind(w->v, &c, MC_KIND_NETWORK_IDENTITY, NULL), MC_E_CHAIN_KIND);
}

static void only_operational_kinds_are_judged(void **state)
{
    static const enum mc_kind kinds[] = {MC_KIND_UNKNOWN, MC_KIND_PAA, MC_KIND_PAI, MC_KIND_DAC};
    struct mc_cert c;
    struct mc_err e;

    (void)state;
    certs_fill(&c, false, &w->key[NOC], w->key[ICA].id);
    certs_add_text(&c.subject, MC_ATTR_COMMON_NAME, "x");
    for (size_t i = 0; i < COUNT(kinds); i++) {
        mc_err_init(&e);
        assert_int_equal(mc_cert_check_kind(w->v, &c, kinds[i], &e), MC_E_CHAIN_KIND);
        assert_non_null(strstr(e.what, "is no operational kind"));
    }
}

/* AddTrustedRootCertificate asks for nothing else of a root. */
static void a_good_root_is_taken(void **state)
{
    struct mc_verdict d;

    (void)state;
    draft();
    seal();
    assert_int_equal(mc_root_check_sdk(w->v, w->chain.root, &d), MC_OK);
    assert_true(d.rc == MC_OK && d.sdk_error == 0 && d.noc_status == 0);
}

/* A firmware signer needs no fabric, but the SDK looks for one behind every chain. */
static void the_sdk_wants_a_fabric_of_every_leaf(void **state)
{
    struct mc_verdict d;

    (void)state;
    draft();
    subject(NOC)->n = 0;
    certs_add_num(subject(NOC), MC_ATTR_FIRMWARE_SIGNING_ID, 1);
    seal();
    w->chain.leaf_kind = MC_KIND_FIRMWARE_SIGNING;
    assert_int_equal(mc_chain_check_sdk(w->v, &w->chain, &d), MC_E_CHAIN_NAME);
    assert_int_equal(d.sdk_error, 0xD8);
}

static void errors_of_the_sdk_have_numbers_and_names(void **state)
{
    (void)state;
    assert_string_equal(mc_sdk_error_find(0x50)->name, "UNSUPPORTED_CERT_FORMAT");
    assert_int_equal(mc_sdk_error_find_name("chip_error_ca_cert_not_found")->number, 0x4A);
    assert_int_equal(mc_sdk_error_find_name("CA_CERT_NOT_FOUND")->number, 0x4A);
    assert_int_equal(mc_sdk_error_find_name("ASN1_ERROR_INVALID_ENCODING")->number, 0x305);
    assert_string_equal(mc_sdk_error_find(0x30A)->name, "ASN1_ERROR_UNKNOWN_OBJECT_ID");
    assert_int_equal(mc_sdk_error_find_name("ASN1_ERROR_UNKNOWN_OBJECT_ID")->number, 0x30A);
    assert_null(mc_sdk_error_find_name("CHIP_ERRORX_CA_CERT_NOT_FOUND"));
    assert_null(mc_sdk_error_find_name("CHUP_ERROR_CA_CERT_NOT_FOUND"));
    assert_null(mc_sdk_error_find(0xFFFF));
    assert_null(mc_sdk_error_find_name("CHIP_ERROR_"));
}

/* --- one bit, anywhere ----------------------------------------------------------------------------- */

/* $FLIPS trials, else as many as the promise says. */
static unsigned flips(void)
{
    const char *text = getenv("FLIPS");

    return text != NULL ? (unsigned)atoi(text) : 100000;
}

static uint32_t random_state = 0x9E3779B9;
static uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    return random_state ^= random_state << 5;
}

/* The same signed part and the same signature value. */
static bool same_content(const struct mc_cert *a, const struct mc_cert *b)
{
    uint8_t ta[MC_CERT_DER_MAX], tb[MC_CERT_DER_MAX];
    size_t na, nb;

    return mc_cert_encode_tbs(a, ta, sizeof(ta), &na, NULL) == MC_OK &&
           mc_cert_encode_tbs(b, tb, sizeof(tb), &nb, NULL) == MC_OK &&
           mc_span_eq(mc_span_of(ta, na), mc_span_of(tb, nb)) && memcmp(a->sig, b->sig, MC_SIG_LEN) == 0;
}

static enum mc_rc read_form(bool tlv, struct mc_span in, struct mc_cert *c)
{
    return tlv ? mc_cert_parse_tlv(in, c, NULL) : mc_cert_parse_der(in, MC_RULES_MATTER, c, NULL);
}

static void one_flipped_bit_is_never_accepted(void **state)
{
    static uint8_t bytes[2][4][MC_CERT_DER_MAX];
    size_t n[2][4];
    unsigned accepted = 0, unread = 0, trials = flips();

    (void)state;
    draft();
    seal();
    for (int i = ROOT; i <= NOC; i++) {
        assert_int_equal(mc_cert_encode_der(&w->cert[i], bytes[0][i], MC_CERT_DER_MAX, &n[0][i], NULL), MC_OK);
        assert_int_equal(mc_cert_encode_tlv(&w->cert[i], bytes[1][i], MC_CERT_DER_MAX, &n[1][i], NULL), MC_OK);
    }
    for (unsigned i = 0; i < trials; i++) {
        unsigned tlv = next_random() & 1, role = ROOT + next_random() % 3;
        size_t bit = next_random() % (8 * n[tlv][role]);
        struct mc_cert broken;
        struct mc_verdict d;
        struct mc_chain chain = w->chain;

        bytes[tlv][role][bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (read_form(tlv, mc_span_of(bytes[tlv][role], n[tlv][role]), &broken) == MC_OK) {
            *(role == ROOT ? &chain.root : role == ICA ? &chain.ica : &chain.leaf) = &broken;
            if (mc_chain_check(w->v, &chain, &d) == MC_OK) {
                accepted++;
                assert_true(same_content(&broken, &w->cert[role]));
            }
        } else {
            unread++;
        }
        bytes[tlv][role][bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    print_message("%u flips: %u not read, %u refused, %u accepted\n", trials, unread, trials - unread - accepted, accepted);
    assert_int_equal(accepted, 0);
}

/* --- published vectors ----------------------------------------------------------------------------- */

static uint8_t vector_bytes[4][2048];

static void load(const char *name, int role)
{
    size_t n = vectors_read(name, vector_bytes[role], sizeof(vector_bytes[role]));
    bool tlv = strstr(name, ".tlv") != NULL || strstr(name, ".chip") != NULL;

    assert_int_equal(read_form(tlv, mc_span_of(vector_bytes[role], n), &w->cert[role]), MC_OK);
}

static void load_pair(const char *name, bool tlv, int role)
{
    char path[128];

    snprintf(path, sizeof(path), "operational/pairs/sTestCert_%s_%s", name, tlv ? "Chip.tlv" : "DER.der");
    load(path, role);
}

static void the_published_chains_are_valid_but_one(void **state)
{
    static const struct {
        const char *root, *ica, *noc;
        enum mc_rc rule;
        uint32_t sdk;
    } chains[] = {
        {"Root01", "ICA01", "Node01_01", MC_OK, 0},
        {"Root01", NULL, "Node01_02", MC_OK, 0},
        {"Root02", "ICA02", "Node02_01", MC_OK, 0},
        {"Root02", "ICA02", "Node02_02", MC_OK, 0},
        {"Root02", "ICA02", "Node02_03", MC_OK, 0},
        {"Root02", "ICA02", "Node02_04", MC_OK, 0},
        {"Root02", "ICA02", "Node02_05", MC_OK, 0},
        {"Root02", "ICA02", "Node02_06", MC_OK, 0},
        {"Root02", "ICA02", "Node02_07", MC_E_CHAIN_CRITICAL, 0x4D},
        {"Root02", "ICA02", "Node02_08", MC_OK, 0},
        {"Root01", "ICA02", "Node02_01", MC_E_CHAIN_ISSUER, 0x4A},
        {"Root02", NULL, "Node02_01", MC_E_CHAIN_ISSUER, 0x4A},
        {"Root02", "ICA02", "Node01_01", MC_E_CHAIN_FABRIC, 0x4A},
    };

    (void)state;
    vectors_need();
    for (size_t i = 0; i < 8 * COUNT(chains); i++) {
        size_t k = i / 8;
        struct mc_verdict d;

        load_pair(chains[k].root, i & 1, ROOT);
        load_pair(chains[k].noc, i & 2, NOC);
        if (chains[k].ica != NULL)
            load_pair(chains[k].ica, i & 4, ICA);
        w->chain = (struct mc_chain){.root = &w->cert[ROOT], .ica = chains[k].ica != NULL ? &w->cert[ICA] : NULL,
            .leaf = &w->cert[NOC], .at_unix = NOW, .leaf_kind = MC_KIND_NOC};
        (void)mc_chain_check(w->v, &w->chain, &d);
        if (chains[k].rule == MC_E_CHAIN_FABRIC ? d.rc == MC_OK : d.rc != chains[k].rule)
            fail_msg("%s: the rules say %s", chains[k].noc, mc_rc_symbol(d.rc));
        (void)mc_chain_check_sdk(w->v, &w->chain, &d);
        if (d.sdk_error != chains[k].sdk)
            fail_msg("%s: the SDK says 0x%X", chains[k].noc, d.sdk_error);
    }
}

/* "load" and conversions fail in the readers (test_vectors.c); what is read fails here. */
static void each_error_case_is_refused_where_it_must_be(void **state)
{
    char path[512], file[320], line[256];
    unsigned as_root = 0, by_type = 0;
    FILE *f;

    (void)state;
    vectors_need();
    snprintf(path, sizeof(path), "%s/expected/error-cases.tsv", vectors_root());
    f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof(line), f));
    while (fgets(line, sizeof(line), f) != NULL) {
        char *what = strchr(line, '\t');
        struct mc_verdict d;
        size_t n;
        enum mc_rc read;

        assert_non_null(what);
        *what++ = '\0';
        snprintf(file, sizeof(file), "operational/error-cases/%s", line);
        n = vectors_read(file, vector_bytes[ROOT], sizeof(vector_bytes[ROOT]));
        read = read_form(strstr(line, ".chip") != NULL, mc_span_of(vector_bytes[ROOT], n), &w->cert[ROOT]);
        if (strstr(what, "as-rcac") != NULL) {
            as_root++;
            if (read == MC_OK && mc_root_check_sdk(w->v, &w->cert[ROOT], &d) == MC_OK)
                fail_msg("%s is accepted as a root", line);
        }
        if (strstr(what, "type") != NULL) {
            enum mc_kind kind = strstr(line, "NOC") != NULL    ? MC_KIND_NOC
                                : strstr(line, "ICAC") != NULL ? MC_KIND_ICAC
                                                               : MC_KIND_RCAC;

            by_type++;
            if (read == MC_OK && mc_cert_check_kind(w->v, &w->cert[ROOT], kind, NULL) == MC_OK)
                fail_msg("%s is of kind %s", line, mc_kind_name(kind));
        }
    }
    fclose(f);
    assert_true(as_root > 40 && by_type > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_is_judged_as_the_table_says),
        cmocka_unit_test(an_accepted_chain_tells_its_ids),
        cmocka_unit_test(the_root_may_sign_the_noc_itself),
        cmocka_unit_test(the_answer_follows_from_where_it_breaks),
        cmocka_unit_test(a_trusted_root_is_not_verified_again),
        cmocka_unit_test(time_is_judged_by_what_is_known_of_it),
        cmocka_unit_test(the_signed_part_has_a_limit),
        cmocka_unit_test(other_kinds_have_their_own_profile),
        cmocka_unit_test(the_words_name_the_place),
        cmocka_unit_test(only_operational_kinds_are_judged),
        cmocka_unit_test(a_good_root_is_taken),
        cmocka_unit_test(the_sdk_wants_a_fabric_of_every_leaf),
        cmocka_unit_test(errors_of_the_sdk_have_numbers_and_names),
        cmocka_unit_test(one_flipped_bit_is_never_accepted),
        cmocka_unit_test(the_published_chains_are_valid_but_one),
        cmocka_unit_test(each_error_case_is_refused_where_it_must_be),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
