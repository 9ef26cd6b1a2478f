/* SPDX-License-Identifier: Apache-2.0 */
/* What rules ask for: gathered once for each object, leniently, from the parsed form and from the octets. */
#include "lint_rules.h"

#include "cert_parse.h"

enum mc_attr_id mc_lint_attr_id(const struct mc_attr *a)
{
    return a->id != MC_ATTR_UNKNOWN ? a->id : mc_attr_find(a->oid);
}

const struct mc_attr *mc_lint_attr(const struct mc_dn *dn, enum mc_attr_id id)
{
    for (unsigned i = 0; i < dn->n; i++)
        if (mc_lint_attr_id(&dn->attr[i]) == id)
            return &dn->attr[i];
    return NULL;
}

static uint8_t count(const struct mc_dn *dn, uint8_t n[MC_ATTR_COUNT])
{
    for (unsigned i = 0; i < dn->n; i++)
        n[mc_lint_attr_id(&dn->attr[i])]++;
    return dn->n == 0 ? 0 : (uint8_t)(dn->attr[dn->n - 1].rdn + 1);
}

/* --- VID and PID ------------------------------------------------------------------------------------ */

enum { CN_EXAMINED = 64, PREFIX = 5, DIGITS = 4 };

bool mc_lint_upper_hex(struct mc_span text, uint64_t *value)
{
    uint64_t v = 0;

    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];

        if ((c < '0' || c > '9') && (c < 'A' || c > 'F'))
            return false;
        v = v << 4 | (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
    }
    *value = v;
    return true;
}

static bool four_digits(const uint8_t *p, uint16_t *value)
{
    uint64_t v;

    if (!mc_lint_upper_hex(mc_span_of(p, DIGITS), &v))
        return false;
    *value = (uint16_t)v;
    return true;
}

/* The first prefix that four digits follow counts; prefixes without digits only if there is no such. */
static struct mc_lint_id scan(struct mc_span text, const char *prefix)
{
    struct mc_lint_id id = {MC_ID_ABSENT, 0};

    for (size_t i = 0; i + PREFIX <= text.n; i++) {
        if (memcmp(text.p + i, prefix, PREFIX) != 0)
            continue;
        id.state = MC_ID_BAD;
        if (text.n - i - PREFIX < DIGITS)
            break;
        if (four_digits(text.p + i + PREFIX, &id.value)) {
            id.state = MC_ID_FOUND;
            break;
        }
    }
    return id;
}

static void take_common_name(struct mc_span text, struct mc_lint_product *p)
{
    if (p->cn_vid.state == MC_ID_FOUND || p->cn_pid.state == MC_ID_FOUND)
        return;
    text.n = text.n < CN_EXAMINED ? text.n : CN_EXAMINED;
    p->cn_vid = scan(text, "Mvid:");
    p->cn_pid = scan(text, "Mpid:");
}

static struct mc_lint_id of_attribute(const struct mc_attr *a)
{
    struct mc_lint_id id = {MC_ID_BAD, 0};

    if (a->text.n == DIGITS && four_digits(a->text.p, &id.value))
        id.state = MC_ID_FOUND;
    return id;
}

void mc_lint_product_of(const struct mc_dn *dn, struct mc_lint_product *p)
{
    memset(p, 0, sizeof(*p));
    for (unsigned i = 0; i < dn->n; i++) {
        const struct mc_attr *a = &dn->attr[i];
        enum mc_attr_id id = mc_lint_attr_id(a);

        if (id == MC_ATTR_COMMON_NAME)
            take_common_name(a->text, p);
        else if (id == MC_ATTR_VID && p->oid_vid.state != MC_ID_BAD)
            p->oid_vid = of_attribute(a);
        else if (id == MC_ATTR_PID && p->oid_pid.state != MC_ID_BAD)
            p->oid_pid = of_attribute(a);
    }
    p->by_oid = p->oid_vid.state != MC_ID_ABSENT || p->oid_pid.state != MC_ID_ABSENT;
    /* The two encodings do not mix. */
    p->vid = p->by_oid ? p->oid_vid : p->cn_vid;
    p->pid = p->by_oid ? p->oid_pid : p->cn_pid;
}

/* --- extensions ------------------------------------------------------------------------------------- */

/* BasicConstraints with pathLen although cA is FALSE, or cA FALSE spelt out: no Matter form, but plain. */
static void read_constraints(struct mc_lint_check *k)
{
    const struct mc_ext *x = k->f.ext[MC_EXT_BASIC_CONSTRAINTS];
    struct mc_lint_constraints *bc = &k->f.bc;
    struct mc_der d, seq;

    if (k->c->has_bc) {
        *bc = (struct mc_lint_constraints){true, k->c->is_ca, k->c->has_path_len, k->c->path_len};
        return;
    }
    if (x == NULL)
        return;
    d = mc_der_of(x->value);
    if (mc_der_take(&d, MC_DER_SEQUENCE, &seq) != MC_OK)
        return;
    if (mc_der_peek(&seq, MC_DER_BOOLEAN) && mc_der_take_bool(&seq, &bc->is_ca) != MC_OK)
        return;
    bc->has_path_len = mc_der_more(&seq);
    if (bc->has_path_len && mc_der_take_uint(&seq, &bc->path_len) != MC_OK)
        return;
    bc->readable = !mc_der_more(&seq) && !mc_der_more(&d);
}

static void list_extensions(struct mc_lint_check *k)
{
    for (unsigned i = 0; i < k->c->n_ext; i++) {
        const struct mc_ext *x = &k->c->ext[i];

        if (x->id < MC_EXT_FUTURE && k->f.ext[x->id] == NULL)
            k->f.ext[x->id] = x;
    }
}

bool mc_lint_critical_wrong(const struct mc_lint_check *k, enum mc_ext_id id)
{
    const struct mc_ext *x = k->f.ext[id];

    return x != NULL && x->critical != (id <= MC_EXT_EXTENDED_KEY_USAGE);
}

/* --- the octets of the TBS -------------------------------------------------------------------------- */

static bool skip(struct mc_der *d)
{
    struct mc_der content;
    uint8_t tag;

    return mc_der_take_any(d, &tag, &content) == MC_OK;
}

static bool generalized_early(struct mc_der validity, const struct mc_cert *c)
{
    static const int64_t first_2050 = INT64_C(2524608000);
    const int64_t times[] = {c->not_before_unix, c->not_after_unix};

    for (unsigned i = 0; i < 2; i++) {
        if (mc_der_peek(&validity, MC_DER_GENERALIZED_TIME) && times[i] < first_2050)
            return true;
        if (!skip(&validity))
            break;
    }
    return false;
}

/* The reader took these octets; what it skips as an obstacle is looked up here. */
static void walk_tbs(struct mc_lint_check *k)
{
    struct mc_der d = mc_der_of(k->c->tbs), tbs, alg, validity;

    if (mc_der_take(&d, MC_DER_SEQUENCE, &tbs) != MC_OK)
        return;
    if (mc_der_peek(&tbs, MC_DER_CONTEXT_CONSTRUCTED) && !skip(&tbs))
        return;
    if (!skip(&tbs) || mc_der_take(&tbs, MC_DER_SEQUENCE, &alg) != MC_OK || !skip(&alg))
        return;
    k->f.alg_parameters = mc_der_more(&alg);
    if (!skip(&tbs) || mc_der_take(&tbs, MC_DER_SEQUENCE, &validity) != MC_OK)
        return;
    k->f.generalized_early = generalized_early(validity, k->c);
    if (skip(&tbs) && skip(&tbs))
        k->f.unique_id = mc_der_peek(&tbs, MC_DER_CONTEXT | 1) || mc_der_peek(&tbs, MC_DER_CONTEXT | 2);
}

/* --- all ---------------------------------------------------------------------------------------------- */

static enum mc_lint_key_id key_id_of(const struct mc_lint_check *k)
{
    const struct mc_cert *c = k->c;
    uint8_t hash[MC_DIGEST_LEN];

    if (!c->p256 || !c->has_skid || k->in->v == NULL || mc_key_id(k->in->v, c->point.p, hash) != MC_OK)
        return MC_KEY_ID_UNKNOWN;
    if (mc_span_eq(c->skid, mc_span_of(hash, MC_KEY_ID_LEN)))
        return MC_KEY_ID_SHA1;
    if (mc_sha256(k->in->v, c->point, hash) != MC_OK)
        return MC_KEY_ID_UNKNOWN;
    return mc_span_eq(c->skid, mc_span_of(hash, MC_KEY_ID_LEN)) ? MC_KEY_ID_SHA256 : MC_KEY_ID_OTHER;
}

void mc_lint_gather(struct mc_lint_check *k)
{
    const struct mc_cert *c = k->c;

    if (c == NULL)
        return;
    k->f.subject_rdns = count(&c->subject, k->f.subject);
    k->f.issuer_rdns = count(&c->issuer, k->f.issuer);
    k->f.self_issued = mc_dn_equal(&c->issuer, &c->subject);
    list_extensions(k);
    read_constraints(k);
    k->f.key_id = key_id_of(k);
    if (c->obstacle.rc != MC_OK)
        walk_tbs(k);
    if (mc_lint_kinds(k, ATT | CDS | CRLS)) {
        mc_lint_product_of(&c->subject, &k->f.product);
        mc_lint_product_of(&c->issuer, &k->f.issuer_product);
    }
}

/* --- the kind ----------------------------------------------------------------------------------------- */

/* Broken attestation certificates still say what they want to be: by their names, then their key usage. */
static enum mc_kind nearest_attestation_kind(const struct mc_cert *c)
{
    struct mc_lint_product p;
    bool authority = c->is_ca || (c->ku & MC_KU_KEY_CERT_SIGN) != 0;

    if (!c->is_ca && mc_cert_signs_crls_only(c))
        return MC_KIND_CRL_SIGNER;
    mc_lint_product_of(&c->subject, &p);
    if (!p.by_oid && p.cn_vid.state == MC_ID_ABSENT && p.cn_pid.state == MC_ID_ABSENT)
        return authority && mc_dn_equal(&c->subject, &c->issuer) ? MC_KIND_PAA : MC_KIND_UNKNOWN;
    if (mc_dn_equal(&c->subject, &c->issuer))
        return MC_KIND_PAA;
    if (authority)
        return MC_KIND_PAI;
    return p.oid_pid.state != MC_ID_ABSENT || p.cn_pid.state != MC_ID_ABSENT || c->has_ku ? MC_KIND_DAC : MC_KIND_PAI;
}

/* The kind whose id the subject has, also where that id is broken or stands twice; unknown if it has several. */
static enum mc_kind nearest_operational_kind(const struct mc_dn *dn, bool *operational)
{
    static const uint8_t kind_of[] = {MC_KIND_NOC, MC_KIND_FIRMWARE_SIGNING, MC_KIND_ICAC, MC_KIND_RCAC,
        MC_KIND_UNKNOWN, MC_KIND_UNKNOWN, MC_KIND_VVSC};
    unsigned kinds = 0;

    *operational = false;
    for (unsigned i = 0; i < dn->n; i++) {
        enum mc_attr_id id = mc_lint_attr_id(&dn->attr[i]);

        if (!mc_attr_is_matter(id))
            continue;
        *operational = true;
        kinds |= MC_LINT_KIND(kind_of[id - MC_ATTR_NODE_ID]) & ~MC_LINT_UNKNOWN;
    }
    return kinds != 0 && (kinds & (kinds - 1)) == 0 ? (enum mc_kind)__builtin_ctz(kinds) : MC_KIND_UNKNOWN;
}

uint32_t mc_lint_kind_of(const struct mc_cert *c)
{
    enum mc_kind kind = mc_cert_kind(c);
    bool operational;

    if (kind != MC_KIND_UNKNOWN && kind < MC_KIND_PAA)
        return MC_LINT_KIND(kind);
    enum mc_kind nearest = nearest_operational_kind(&c->subject, &operational);

    if (operational || c->form != MC_FORM_DER)
        return MC_LINT_KIND(nearest);
    if (mc_dn_names_cd_signer(&c->subject))
        return MC_LINT_KIND(MC_KIND_CD_SIGNER);
    return MC_LINT_KIND(kind != MC_KIND_UNKNOWN ? kind : nearest_attestation_kind(c));
}
