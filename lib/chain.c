/* SPDX-License-Identifier: Apache-2.0 */
/* Operational chains by all the rules (matter-operational 1.3, 1.4, 3.3). The SDK's judge: chain_sdk.c. */
#include "chain.h"

#include "cert_parse.h"
#include "chain_rules.h"
#include "dn.h"

static bool is_authority(enum mc_kind kind)
{
    return kind == MC_KIND_RCAC || kind == MC_KIND_ICAC;
}

/* --- one certificate of a kind --------------------------------------------------------------------- */

/* How often each id stands in the subject. */
static void count_ids(const struct mc_dn *dn, unsigned count[MC_ATTR_COUNT])
{
    memset(count, 0, MC_ATTR_COUNT * sizeof(count[0]));
    for (unsigned i = 0; i < dn->n; i++)
        count[dn->attr[i].id]++;
}

bool mc_cats_distinct(const struct mc_dn *dn)
{
    uint32_t cat[MC_DN_CAP];
    unsigned n = mc_dn_cats(dn, cat);

    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < i; k++)
            if (cat[i] >> 16 == cat[k] >> 16)
                return false;
    return true;
}

/* The table of 1.3: which ids a subject of this kind has. That its own id stands once is what makes the kind. */
static enum mc_rc check_subject(const struct mc_cert *c, enum mc_kind kind, struct mc_err *e)
{
    static const struct {
        uint8_t fabric_min, fabric_max, cats;
    } rows[MC_KIND_COUNT] = {
        [MC_KIND_RCAC] = {0, 1, 0},
        [MC_KIND_ICAC] = {0, 1, 0},
        [MC_KIND_NOC] = {1, 1, MC_CAT_MAX},
        [MC_KIND_FIRMWARE_SIGNING] = {0, 1, 0},
        [MC_KIND_VVSC] = {0, 0, 0},
    };
    unsigned n[MC_ATTR_COUNT];

    if (mc_cert_kind(c) != kind)
        return mc_fail(e, MC_E_CHAIN_KIND, "subject", "it is of kind %s, not %s", mc_kind_name(mc_cert_kind(c)),
            mc_kind_name(kind));
    count_ids(&c->subject, n);
    if (n[MC_ATTR_FABRIC_ID] < rows[kind].fabric_min || n[MC_ATTR_FABRIC_ID] > rows[kind].fabric_max)
        return mc_fail(e, MC_E_CHAIN_NAME, "subject.matter-fabric-id", "it stands %u times", n[MC_ATTR_FABRIC_ID]);
    if (n[MC_ATTR_CAT] > rows[kind].cats)
        return mc_fail(e, MC_E_CHAIN_CAT, "subject.matter-noc-cat", "it stands %u times in a certificate of kind %s",
            n[MC_ATTR_CAT], mc_kind_name(kind));
    if (!mc_cats_distinct(&c->subject))
        return mc_fail(e, MC_E_CHAIN_CAT, "subject.matter-noc-cat", "two have the same identifier");
    return MC_OK;
}

static enum mc_rc check_basic_constraints(const struct mc_cert *c, enum mc_kind kind, struct mc_err *e)
{
    if (!c->has_bc)
        return mc_fail(e, MC_E_CHAIN_CA, "basicConstraints", "it is missing");
    if (c->is_ca != is_authority(kind))
        return mc_fail(e, MC_E_CHAIN_CA, "basicConstraints.cA", "it is %s in a certificate of kind %s",
            c->is_ca ? "TRUE" : "FALSE", mc_kind_name(kind));
    if (kind == MC_KIND_RCAC && c->has_path_len && c->path_len > 1)
        return mc_fail(e, MC_E_CHAIN_PATH_LEN, "basicConstraints.pathLen", "%u is more than 1 in a root", c->path_len);
    return MC_OK;
}

static enum mc_rc check_usages(const struct mc_cert *c, enum mc_kind kind, struct mc_err *e)
{
    uint16_t ku = c->ku;

    if (!c->has_ku)
        return mc_fail(e, MC_E_CHAIN_KEY_USAGE, "keyUsage", "it is missing");
    if (is_authority(kind))
        ku = (uint16_t)(ku & ~MC_KU_DIGITAL_SIGNATURE);
    if (ku != (is_authority(kind) ? MC_KU_KEY_CERT_SIGN | MC_KU_CRL_SIGN : MC_KU_DIGITAL_SIGNATURE))
        return mc_fail(e, MC_E_CHAIN_KEY_USAGE, "keyUsage", "0x%04X in a certificate of kind %s", c->ku, mc_kind_name(kind));
    return MC_OK;
}

bool mc_has_purpose(const struct mc_cert *c, enum mc_eku purpose)
{
    for (unsigned i = 0; i < c->n_eku; i++)
        if (c->eku[i] == purpose)
            return true;
    return false;
}

static enum mc_rc check_purposes(const struct mc_cert *c, enum mc_kind kind, struct mc_err *e)
{
    bool ok;

    if (is_authority(kind) || kind == MC_KIND_VVSC)
        ok = !c->has_eku;
    else if (kind == MC_KIND_FIRMWARE_SIGNING)
        ok = c->has_eku && c->n_eku == 1 && mc_has_purpose(c, MC_EKU_CODE_SIGNING);
    else
        ok = c->has_eku && c->n_eku == 2 && mc_has_purpose(c, MC_EKU_CLIENT_AUTH) && mc_has_purpose(c, MC_EKU_SERVER_AUTH);
    return ok ? MC_OK
              : mc_fail(e, MC_E_CHAIN_EKU, "extKeyUsage", "%s in a certificate of kind %s",
                    c->has_eku ? "other purposes" : "none", mc_kind_name(kind));
}

bool mc_has_unknown_critical(const struct mc_cert *c)
{
    for (unsigned i = 0; i < c->n_ext; i++)
        if (c->ext[i].id == MC_EXT_FUTURE && c->ext[i].critical)
            return true;
    return false;
}

static enum mc_rc check_size(const struct mc_cert *c, struct mc_err *e)
{
    size_t n = c->tbs.n != 0 ? c->tbs.n : mc_cert_tbs_size(c);

    return n <= MC_CERT_TBS_MAX ? MC_OK : mc_fail(e, MC_E_CHAIN_TBS_SIZE, NULL, "%zu octets", n);
}

static enum mc_rc check_profile(const struct mc_cert *c, enum mc_kind kind, struct mc_err *e)
{
    enum mc_rc rc;

    if (kind == MC_KIND_NETWORK_IDENTITY)
        return mc_cert_kind(c) == kind ? MC_OK : mc_fail(e, MC_E_CHAIN_KIND, "subject", "it is not CN=*");
    if (kind < MC_KIND_RCAC || kind > MC_KIND_VVSC)
        return mc_fail(e, MC_E_CHAIN_KIND, NULL, "%s is no operational kind", mc_kind_name(kind));
    rc = check_subject(c, kind, e);
    if (rc == MC_OK)
        rc = check_basic_constraints(c, kind, e);
    if (rc == MC_OK)
        rc = check_usages(c, kind, e);
    if (rc == MC_OK)
        rc = check_purposes(c, kind, e);
    if (rc == MC_OK && (!c->has_skid || !c->has_akid))
        rc = mc_fail(e, MC_E_CHAIN_KEY_ID, c->has_skid ? "authorityKeyIdentifier" : "subjectKeyIdentifier", NULL);
    if (rc == MC_OK && mc_has_unknown_critical(c))
        rc = mc_fail(e, MC_E_CHAIN_CRITICAL, "extensions", NULL);
    return rc == MC_OK ? check_size(c, e) : rc;
}

static enum mc_rc check_point(struct mc_verifier *v, const struct mc_cert *c, struct mc_err *e)
{
    enum mc_rc rc = mc_point_check(v, c->point);

    return rc == MC_OK ? MC_OK : mc_fail(e, rc, "subjectPublicKey.point", NULL);
}

enum mc_rc mc_cert_check_kind(struct mc_verifier *v, const struct mc_cert *c, enum mc_kind kind, struct mc_err *e)
{
    enum mc_rc rc = check_profile(c, kind, e);

    return rc == MC_OK ? check_point(v, c, e) : rc;
}

/* --- the chain: an authority's point is checked when its key verifies a signature ------------------ */

static enum mc_rc check_time(const struct mc_chain *chain, const struct mc_cert *c, struct mc_err *e)
{
    char text[MC_TIME_TEXT_MAX];

    if (chain->time_source == MC_TIME_UNKNOWN)
        return MC_OK;
    if (chain->time_source == MC_TIME_CURRENT && chain->at_unix < c->not_before_unix) {
        mc_time_format(c->not_before_unix, text);
        return mc_fail(e, MC_E_CHAIN_NOT_YET, "validity.notBefore", "%s", text);
    }
    if (chain->at_unix > c->not_after_unix) {
        mc_time_format(c->not_after_unix, text);
        return mc_fail(e, MC_E_CHAIN_EXPIRED, "validity.notAfter", "%s", text);
    }
    return MC_OK;
}

static enum mc_rc fail_issuer(const struct mc_cert *c, const struct mc_cert *issuer, struct mc_err *e)
{
    char named[96], above[96];

    mc_dn_format(&c->issuer, named, sizeof(named));
    mc_dn_format(&issuer->subject, above, sizeof(above));
    return mc_fail(e, MC_E_CHAIN_ISSUER, "issuer", "%s, not %s", named, above);
}

static enum mc_rc check_link(struct mc_verifier *v, const struct mc_cert *c, const struct mc_cert *issuer, struct mc_err *e)
{
    if (!mc_dn_equal(&c->issuer, &issuer->subject))
        return fail_issuer(c, issuer, e);
    if (!mc_span_eq(c->akid, issuer->skid))
        return mc_fail(e, MC_E_CHAIN_AKID, "authorityKeyIdentifier", NULL);
    return mc_cert_check_signature(v, c, issuer->point.p, e);
}

/* An authority that names a fabric signs for that one only. */
static enum mc_rc check_fabric(const struct mc_cert *c, const struct mc_cert *issuer, struct mc_err *e)
{
    uint64_t above, below;

    if (!mc_dn_find(&issuer->subject, MC_ATTR_FABRIC_ID, &above) || !mc_dn_find(&c->subject, MC_ATTR_FABRIC_ID, &below) ||
        above == below)
        return MC_OK;
    return mc_fail(e, MC_E_CHAIN_FABRIC, "subject.matter-fabric-id", "0x%llX under 0x%llX", (unsigned long long)below,
        (unsigned long long)above);
}

/* What the reader noted, then the profile. */
static enum mc_rc check_itself(const struct mc_cert *c, enum mc_kind kind, struct mc_err *e)
{
    if (c->obstacle.rc == MC_OK)
        return check_profile(c, kind, e);
    *e = c->obstacle;
    return e->rc;
}

static enum mc_rc check_root(struct mc_verifier *v, const struct mc_chain *chain, struct mc_err *e)
{
    const struct mc_cert *root = chain->root;
    enum mc_rc rc = check_itself(root, MC_KIND_RCAC, e);

    if (rc != MC_OK)
        return rc;
    if (!mc_dn_equal(&root->issuer, &root->subject) || !mc_span_eq(root->akid, root->skid))
        return mc_fail(e, MC_E_CHAIN_SELF, "issuer", NULL);
    rc = check_time(chain, root, e);
    return rc == MC_OK && !chain->root_trusted ? mc_cert_check_signature(v, root, root->point.p, e) : rc;
}

static enum mc_rc check_ica(struct mc_verifier *v, const struct mc_chain *chain, struct mc_err *e)
{
    const struct mc_cert *ica = chain->ica, *root = chain->root;
    enum mc_rc rc = check_itself(ica, MC_KIND_ICAC, e);

    if (rc == MC_OK && root->has_path_len && root->path_len == 0)
        rc = mc_fail(e, MC_E_CHAIN_PATH_LEN, "basicConstraints.pathLen", "the root allows no ICAC below it");
    if (rc == MC_OK)
        rc = check_fabric(ica, root, e);
    if (rc == MC_OK)
        rc = check_time(chain, ica, e);
    return rc == MC_OK ? check_link(v, ica, root, e) : rc;
}

static enum mc_rc check_leaf(struct mc_verifier *v, const struct mc_chain *chain, struct mc_err *e)
{
    const struct mc_cert *leaf = chain->leaf, *issuer = chain->ica != NULL ? chain->ica : chain->root;
    enum mc_rc rc = check_itself(leaf, chain->leaf_kind, e);

    if (rc == MC_OK)
        rc = check_fabric(leaf, issuer, e);
    if (rc == MC_OK)
        rc = check_fabric(leaf, chain->root, e);
    if (rc == MC_OK)
        rc = check_time(chain, leaf, e);
    if (rc == MC_OK)
        rc = check_link(v, leaf, issuer, e);
    return rc == MC_OK ? check_point(v, leaf, e) : rc;
}

void mc_verdict_ids(const struct mc_chain *chain, struct mc_verdict *out)
{
    if (!mc_dn_find(&chain->leaf->subject, MC_ATTR_NODE_ID, &out->node_id))
        out->node_id = 0;
    if (!mc_dn_find(&chain->leaf->subject, MC_ATTR_FABRIC_ID, &out->fabric_id))
        out->fabric_id = 0;
}

enum mc_rc mc_chain_check(struct mc_verifier *v, const struct mc_chain *chain, struct mc_verdict *out)
{
    memset(out, 0, sizeof(*out));
    mc_err_init(&out->err);
    out->where = MC_CHAIN_ROOT;
    out->rc = check_root(v, chain, &out->err);
    if (out->rc == MC_OK && chain->ica != NULL) {
        out->where = MC_CHAIN_ICA;
        out->rc = check_ica(v, chain, &out->err);
    }
    if (out->rc == MC_OK) {
        out->where = MC_CHAIN_LEAF;
        out->rc = check_leaf(v, chain, &out->err);
    }
    if (out->rc == MC_OK) {
        out->where = MC_CHAIN_NONE;
        mc_verdict_ids(chain, out);
    } else {
        (void)mc_fail(&out->err, out->rc, NULL, NULL);
    }
    return out->rc;
}
