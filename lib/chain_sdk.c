/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operational chains as the deployed SDK judges them: its checks, in its order, with its errors
 * (matter-operational 3.1 to 3.6).
 */
#include "cert_parse.h"
#include "chain_rules.h"

#include <strings.h>

#define SDK_ERRORS(X)                                                                                                  \
    X(INCORRECT_STATE, 0x03)                                                                                           \
    X(NO_MEMORY, 0x0B)                                                                                                 \
    X(KEY_NOT_FOUND, 0x10)                                                                                             \
    X(INVALID_SIGNATURE, 0x14)                                                                                         \
    X(UNSUPPORTED_SIGNATURE_TYPE, 0x17)                                                                                \
    X(BUFFER_TOO_SMALL, 0x19)                                                                                          \
    X(END_OF_TLV, 0x21)                                                                                                \
    X(TLV_UNDERRUN, 0x22)                                                                                              \
    X(INVALID_TLV_ELEMENT, 0x23)                                                                                       \
    X(INVALID_TLV_TAG, 0x24)                                                                                           \
    X(WRONG_TLV_TYPE, 0x26)                                                                                            \
    X(UNEXPECTED_TLV_ELEMENT, 0x2B)                                                                                    \
    X(INVALID_ARGUMENT, 0x2F)                                                                                          \
    X(MISSING_TLV_ELEMENT, 0x3D)                                                                                       \
    X(CA_CERT_NOT_FOUND, 0x4A)                                                                                         \
    X(CERT_PATH_LEN_CONSTRAINT_EXCEEDED, 0x4B)                                                                         \
    X(CERT_PATH_TOO_LONG, 0x4C)                                                                                        \
    X(CERT_USAGE_NOT_ALLOWED, 0x4D)                                                                                    \
    X(CERT_EXPIRED, 0x4E)                                                                                              \
    X(CERT_NOT_VALID_YET, 0x4F)                                                                                        \
    X(UNSUPPORTED_CERT_FORMAT, 0x50)                                                                                   \
    X(UNSUPPORTED_ELLIPTIC_CURVE, 0x51)                                                                                \
    X(CERT_NOT_FOUND, 0x53)                                                                                            \
    X(INVALID_CASE_PARAMETER, 0x54)                                                                                    \
    X(CERT_LOAD_FAILED, 0x56)                                                                                          \
    X(CERT_NOT_TRUSTED, 0x57)                                                                                          \
    X(WRONG_CERT_DN, 0x59)                                                                                             \
    X(WRONG_NODE_ID, 0x5C)                                                                                             \
    X(INVALID_FABRIC_INDEX, 0x71)                                                                                      \
    X(INVALID_ADMIN_SUBJECT, 0x78)                                                                                     \
    X(INSUFFICIENT_PRIVILEGE, 0x79)                                                                                    \
    X(FABRIC_EXISTS, 0x7E)                                                                                             \
    X(INVALID_INTEGER_VALUE, 0x8F)                                                                                     \
    X(WRONG_CERT_TYPE, 0x9D)                                                                                           \
    X(INTERNAL, 0xAC)                                                                                                  \
    X(INVALID_PUBLIC_KEY, 0xC5)                                                                                        \
    X(FABRIC_MISMATCH_ON_ICA, 0xC6)                                                                                    \
    X(NO_SHARED_TRUSTED_ROOT, 0xC9)                                                                                    \
    X(NOT_FOUND, 0xD8)                                                                                                 \
    X(ASN1_ERROR_OVERFLOW, 0x302)

enum {
#define X(name, number) SDK_##name = number,
    SDK_ERRORS(X)
#undef X
};

static const struct mc_sdk_error errors[] = {
#define X(name, number) {number, #name},
    SDK_ERRORS(X)
#undef X
    {0x32, "TIMEOUT"},
    {0x300, "ASN1_END"},
    {0x301, "ASN1_ERROR_UNDERRUN"},
    {0x303, "ASN1_ERROR_INVALID_STATE"},
    {0x304, "ASN1_ERROR_MAX_DEPTH_EXCEEDED"},
    {0x305, "ASN1_ERROR_INVALID_ENCODING"},
    {0x306, "ASN1_ERROR_UNSUPPORTED_ENCODING"},
    {0x307, "ASN1_ERROR_TAG_OVERFLOW"},
    {0x308, "ASN1_ERROR_LENGTH_OVERFLOW"},
    {0x309, "ASN1_ERROR_VALUE_OVERFLOW"},
    {0x30A, "ASN1_ERROR_UNKNOWN_OBJECT_ID"},
};
#define ERRORS (sizeof(errors) / sizeof(errors[0]))

const struct mc_sdk_error *mc_sdk_error_find(uint32_t number)
{
    for (size_t i = 0; i < ERRORS; i++)
        if (errors[i].number == number)
            return &errors[i];
    return NULL;
}

const struct mc_sdk_error *mc_sdk_error_find_name(const char *name)
{
    static const char *const prefixes[] = {"CHIP_ERROR_", "CHIP_", ""};

    for (size_t p = 0; p < sizeof(prefixes) / sizeof(prefixes[0]); p++) {
        size_t n = strlen(prefixes[p]);

        for (size_t i = 0; strncasecmp(name, prefixes[p], n) == 0 && i < ERRORS; i++)
            if (strcasecmp(name + n, errors[i].name) == 0)
                return &errors[i];
    }
    return NULL;
}

/* --- the set of certificates ----------------------------------------------------------------------- */

/* What went wrong, on which certificate; the caller of a look-up hides it. */
struct cause {
    uint32_t error;
    enum mc_chain_cert where;
    const char *why;
    enum mc_rc rule;
};

struct set {
    struct mc_verifier *v;
    const struct mc_chain *chain;
    const struct mc_cert *cert[3];
    enum mc_chain_cert role[3];
    unsigned n;
    struct cause inner; /* the deepest cause of a failed look-up of an issuer */
};

/* The rule that an error of the SDK mostly means. */
static enum mc_rc rule_of(uint32_t error)
{
    switch (error) {
    case SDK_INVALID_SIGNATURE:
        return MC_E_SIGNATURE;
    case SDK_CERT_PATH_LEN_CONSTRAINT_EXCEEDED:
    case SDK_CERT_PATH_TOO_LONG:
        return MC_E_CHAIN_PATH_LEN;
    case SDK_CERT_USAGE_NOT_ALLOWED:
        return MC_E_CHAIN_KEY_USAGE;
    case SDK_CERT_EXPIRED:
        return MC_E_CHAIN_EXPIRED;
    case SDK_CERT_NOT_VALID_YET:
        return MC_E_CHAIN_NOT_YET;
    case SDK_UNSUPPORTED_CERT_FORMAT:
        return MC_E_CHAIN_KEY_ID;
    case SDK_CERT_NOT_TRUSTED:
        return MC_E_CHAIN_SELF;
    case SDK_WRONG_CERT_DN:
    case SDK_NOT_FOUND:
        return MC_E_CHAIN_NAME;
    case SDK_WRONG_CERT_TYPE:
        return MC_E_CHAIN_KIND;
    case SDK_FABRIC_MISMATCH_ON_ICA:
        return MC_E_CHAIN_FABRIC;
    case SDK_ASN1_ERROR_OVERFLOW:
        return MC_E_CHAIN_TBS_SIZE;
    case SDK_BUFFER_TOO_SMALL:
        return MC_E_CHAIN_CAT;
    default:
        return MC_E_CHAIN_ISSUER;
    }
}

static struct cause fail(uint32_t error, enum mc_chain_cert where, const char *why)
{
    return (struct cause){error, where, why, rule_of(error)};
}

static const struct cause fine = {0, MC_CHAIN_NONE, "", MC_OK};

static bool same_cert(const struct mc_cert *a, const struct mc_cert *b)
{
    return mc_span_eq(a->serial, b->serial) && memcmp(a->sig, b->sig, MC_SIG_LEN) == 0 &&
           mc_span_eq(a->point, b->point) && mc_dn_equal(&a->subject, &b->subject) && mc_dn_equal(&a->issuer, &b->issuer);
}

/* 3.2, 2.5: its buffer for the signed part holds 527 octets. */
static struct cause check_loading(const struct mc_cert *c, enum mc_chain_cert role)
{
    if (mc_cert_tbs_size(c) > MC_CERT_TBS_MAX)
        return fail(SDK_ASN1_ERROR_OVERFLOW, role, "its signed part is larger than 527 octets");
    /* 1.4: its list of the usages that it knows leaves this one out. */
    if (c->has_ku && (c->ku & MC_KU_DECIPHER_ONLY) != 0)
        return (struct cause){SDK_UNSUPPORTED_CERT_FORMAT, role, "it cannot read decipherOnly", MC_E_CHAIN_KEY_USAGE};
    if (!c->has_skid || !c->has_akid)
        return fail(SDK_UNSUPPORTED_CERT_FORMAT, role, "a key identifier is missing");
    return fine;
}

/* One certificate comes into the set; one that is there already is silently not added again. */
static struct cause load(struct set *s, const struct mc_cert *c, enum mc_chain_cert role)
{
    struct cause why = check_loading(c, role);

    if (why.error != 0)
        return why;
    for (unsigned i = 0; i < s->n; i++)
        if (same_cert(s->cert[i], c))
            return fine;
    s->cert[s->n] = c;
    s->role[s->n++] = role;
    return fine;
}

/* 1.3 as the SDK derives it: an illegal mixture of ids is an error, no id at all is not. */
static bool legal_type(const struct mc_cert *c, enum mc_kind *kind)
{
    unsigned ids = 0, fabrics = 0, cats = 0;

    *kind = mc_cert_kind(c);
    if (*kind == MC_KIND_NETWORK_IDENTITY)
        return true;
    for (unsigned i = 0; i < c->subject.n; i++) {
        unsigned id = c->subject.attr[i].id;

        fabrics += id == MC_ATTR_FABRIC_ID;
        cats += id == MC_ATTR_CAT;
        ids += mc_attr_is_matter(id) && id != MC_ATTR_FABRIC_ID && id != MC_ATTR_CAT;
    }
    if (ids > 1 || fabrics > 1)
        return false;
    if (cats > 0 && *kind != MC_KIND_NOC)
        return false;
    if (*kind == MC_KIND_NOC && fabrics != 1)
        return false;
    return *kind != MC_KIND_VVSC || fabrics == 0;
}

static struct cause check_authority(const struct mc_cert *c, enum mc_kind kind, unsigned depth, enum mc_chain_cert role)
{
    if (!c->is_ca)
        return fail(SDK_CERT_USAGE_NOT_ALLOWED, role, "cA is not TRUE");
    if (!c->has_ku || (c->ku & MC_KU_KEY_CERT_SIGN) == 0)
        return fail(SDK_CERT_USAGE_NOT_ALLOWED, role, "keyUsage lacks keyCertSign");
    if (kind != MC_KIND_RCAC && kind != MC_KIND_ICAC)
        return fail(SDK_WRONG_CERT_TYPE, role, "it is neither RCAC nor ICAC");
    if (c->has_path_len && depth - 1 > c->path_len)
        return fail(SDK_CERT_PATH_LEN_CONSTRAINT_EXCEEDED, role, "the path is longer than pathLen allows");
    return fine;
}

static struct cause check_leaf(const struct mc_cert *c, enum mc_kind kind, const struct set *s, enum mc_chain_cert role)
{
    if (!c->has_ku || (c->ku & MC_KU_DIGITAL_SIGNATURE) == 0)
        return fail(SDK_CERT_USAGE_NOT_ALLOWED, role, "keyUsage lacks digitalSignature");
    if (!c->has_eku || !mc_has_purpose(c, MC_EKU_SERVER_AUTH))
        return fail(SDK_CERT_USAGE_NOT_ALLOWED, role, "extKeyUsage lacks serverAuth");
    if (kind != s->chain->leaf_kind)
        return fail(SDK_WRONG_CERT_TYPE, role, "it is not of the kind that is wanted");
    return fine;
}

/* 3.4, the policy that applies where none is given; an expired root is excused by the server. */
static struct cause check_time(const struct mc_cert *c, const struct set *s, enum mc_chain_cert role)
{
    const struct mc_chain *chain = s->chain;

    if (chain->time_source == MC_TIME_UNKNOWN)
        return fine;
    if (chain->time_source == MC_TIME_CURRENT && chain->at_unix < c->not_before_unix)
        return fail(SDK_CERT_NOT_VALID_YET, role, "it is not valid yet");
    if (chain->time_source == MC_TIME_CURRENT && chain->at_unix > c->not_after_unix && role != MC_CHAIN_ROOT)
        return fail(SDK_CERT_EXPIRED, role, "it has expired");
    return fine;
}

static struct cause validate(struct set *s, unsigned index, unsigned depth);

/* Look-up of an issuer by name and key identifier: the first candidate that is valid wins. */
static struct cause find_issuer(struct set *s, const struct mc_cert *c, unsigned depth, const struct mc_cert **issuer)
{
    struct cause last = fail(SDK_CA_CERT_NOT_FOUND, MC_CHAIN_NONE, "no certificate has its issuer's name and key identifier");

    for (unsigned i = 0; i < s->n; i++) {
        if (!mc_dn_equal(&s->cert[i]->subject, &c->issuer) || !mc_span_eq(s->cert[i]->skid, c->akid))
            continue;
        last = validate(s, i, depth);
        if (last.error == 0) {
            *issuer = s->cert[i];
            return fine;
        }
    }
    return last;
}

/* The table of 3.3. */
static struct cause validate(struct set *s, unsigned index, unsigned depth)
{
    const struct mc_cert *c = s->cert[index], *issuer = NULL;
    enum mc_chain_cert role = s->role[index];
    enum mc_kind kind;
    struct cause why;

    if (!legal_type(c, &kind))
        return fail(SDK_WRONG_CERT_DN, role, "its subject mixes ids or lacks the fabric id");
    if (mc_has_unknown_critical(c))
        return fail(SDK_CERT_USAGE_NOT_ALLOWED, role, "an unknown extension is critical");
    why = depth > 0 ? check_authority(c, kind, depth, role) : check_leaf(c, kind, s, role);
    if (why.error == 0)
        why = check_time(c, s, role);
    if (why.error != 0 || role == MC_CHAIN_ROOT)
        return why;
    if (mc_dn_equal(&c->issuer, &c->subject) && mc_span_eq(c->akid, c->skid))
        return fail(SDK_CERT_NOT_TRUSTED, role, "it is self-issued");
    if (depth >= s->n)
        return fail(SDK_CERT_PATH_TOO_LONG, role, "the path is longer than the set");
    why = find_issuer(s, c, depth + 1, &issuer);
    if (why.error != 0) {
        if (s->inner.error == 0)
            s->inner = why;
        return fail(SDK_CA_CERT_NOT_FOUND, why.where != MC_CHAIN_NONE ? why.where : role, why.why);
    }
    if (mc_cert_check_signature(s->v, c, issuer->point.p, NULL) != MC_OK)
        return fail(SDK_INVALID_SIGNATURE, role, "its signature does not verify");
    return fine;
}

/* --- after the chain (3.3, 13 to 16) --------------------------------------------------------------- */

static struct cause check_fabrics(const struct mc_chain *chain)
{
    uint64_t leaf, above;

    if (!mc_dn_find(&chain->leaf->subject, MC_ATTR_FABRIC_ID, &leaf))
        return fail(SDK_NOT_FOUND, MC_CHAIN_LEAF, "it has no fabric id");
    if (chain->ica != NULL && mc_dn_find(&chain->ica->subject, MC_ATTR_FABRIC_ID, &above) && above != leaf)
        return fail(SDK_FABRIC_MISMATCH_ON_ICA, MC_CHAIN_ICA, "its fabric id is not the NOC's");
    if (mc_dn_find(&chain->root->subject, MC_ATTR_FABRIC_ID, &above) && above != leaf)
        return fail(SDK_WRONG_CERT_DN, MC_CHAIN_ROOT, "its fabric id is not the NOC's");
    return fine;
}

static struct cause check_cats(const struct mc_chain *chain)
{
    uint32_t cat[MC_DN_CAP];

    if (mc_dn_cats(&chain->leaf->subject, cat) > MC_CAT_MAX)
        return fail(SDK_BUFFER_TOO_SMALL, MC_CHAIN_LEAF, "it has more than 3 CATs");
    if (!mc_cats_distinct(&chain->leaf->subject))
        return fail(SDK_WRONG_CERT_DN, MC_CHAIN_LEAF, "two of its CATs have the same identifier");
    return fine;
}

/* NodeOperationalCertStatusEnum; a root is answered by AddTrustedRootCertificate's INVALID_COMMAND. */
enum { STATUS_OK = 0x00, STATUS_INVALID_NODE_OP_ID = 0x02, STATUS_INVALID_NOC = 0x03, STATUS_INVALID_COMMAND = 0x85 };

static enum mc_rc judge(struct mc_verdict *out, struct cause why, struct cause inner, uint8_t status)
{
    const struct cause *cause = inner.error != 0 ? &inner : &why;

    if (why.error == 0)
        return MC_OK;
    out->sdk_error = why.error;
    out->inner_error = inner.error != why.error ? inner.error : 0;
    out->where = inner.where != MC_CHAIN_NONE ? inner.where : why.where;
    out->noc_status = why.error == SDK_WRONG_NODE_ID ? STATUS_INVALID_NODE_OP_ID : status;
    out->rc = mc_fail(&out->err, cause->rule, NULL, "%s", cause->why);
    return out->rc;
}

static void start(struct mc_verdict *out)
{
    memset(out, 0, sizeof(*out));
    mc_err_init(&out->err);
}

/* 3.5, in its order. */
static struct cause check_root(struct mc_verifier *v, const struct mc_cert *c, bool trusted)
{
    enum mc_kind kind;
    struct cause why = check_loading(c, MC_CHAIN_ROOT);

    if (why.error != 0)
        return why;
    if (!legal_type(c, &kind))
        return fail(SDK_WRONG_CERT_DN, MC_CHAIN_ROOT, "its subject mixes ids");
    if (kind != MC_KIND_RCAC)
        return fail(SDK_WRONG_CERT_TYPE, MC_CHAIN_ROOT, "it is not an RCAC");
    if (!mc_dn_equal(&c->issuer, &c->subject))
        return fail(SDK_WRONG_CERT_TYPE, MC_CHAIN_ROOT, "issuer and subject differ");
    if (!mc_span_eq(c->skid, c->akid))
        return fail(SDK_WRONG_CERT_TYPE, MC_CHAIN_ROOT, "its two key identifiers differ");
    if (!c->is_ca)
        return fail(SDK_CERT_USAGE_NOT_ALLOWED, MC_CHAIN_ROOT, "cA is not TRUE");
    if (c->has_path_len && c->path_len > 1)
        return fail(SDK_CERT_USAGE_NOT_ALLOWED, MC_CHAIN_ROOT, "pathLen is more than 1");
    if (!c->has_ku || (c->ku & MC_KU_KEY_CERT_SIGN) == 0)
        return fail(SDK_CERT_USAGE_NOT_ALLOWED, MC_CHAIN_ROOT, "keyUsage lacks keyCertSign");
    if (!trusted && mc_cert_check_signature(v, c, c->point.p, NULL) != MC_OK)
        return fail(SDK_INVALID_SIGNATURE, MC_CHAIN_ROOT, "its self-signature does not verify");
    return fine;
}

enum mc_rc mc_root_check_sdk(struct mc_verifier *v, const struct mc_cert *root, struct mc_verdict *out)
{
    start(out);
    return judge(out, check_root(v, root, false), fine, STATUS_INVALID_COMMAND);
}

static struct cause load_all(struct set *s)
{
    const struct mc_chain *chain = s->chain;
    enum mc_kind kind;
    struct cause why = load(s, chain->root, MC_CHAIN_ROOT);

    if (why.error == 0 && chain->ica != NULL) {
        why = load(s, chain->ica, MC_CHAIN_ICA);
        if (why.error == 0 && (!legal_type(chain->ica, &kind) || kind != MC_KIND_ICAC))
            why = fail(SDK_WRONG_CERT_DN, MC_CHAIN_ICA, "it is not an ICAC");
    }
    return why.error == 0 ? load(s, chain->leaf, MC_CHAIN_LEAF) : why;
}

/* The leaf is looked up by its own name and key identifier, like every other. */
static struct cause find_leaf(struct set *s)
{
    struct cause last = fail(SDK_CERT_NOT_FOUND, MC_CHAIN_LEAF, "it is not in the set");

    for (unsigned i = 0; i < s->n; i++) {
        if (!mc_dn_equal(&s->cert[i]->subject, &s->chain->leaf->subject) ||
            !mc_span_eq(s->cert[i]->skid, s->chain->leaf->skid))
            continue;
        last = validate(s, i, 0);
        if (last.error == 0)
            return fine;
    }
    return last;
}

enum mc_rc mc_chain_check_sdk(struct mc_verifier *v, const struct mc_chain *chain, struct mc_verdict *out)
{
    struct set s = {.v = v, .chain = chain, .inner = fine};
    struct cause why;

    start(out);
    why = check_root(v, chain->root, chain->root_trusted);
    if (why.error != 0)
        return judge(out, why, fine, STATUS_INVALID_COMMAND);
    why = load_all(&s);
    if (why.error == 0)
        why = find_leaf(&s);
    if (why.error != 0)
        return judge(out, why, s.inner, STATUS_INVALID_NOC);
    why = check_fabrics(chain);
    if (why.error == 0)
        why = check_cats(chain);
    if (why.error != 0)
        return judge(out, why, fine, STATUS_INVALID_NOC);
    mc_verdict_ids(chain, out);
    return MC_OK;
}
