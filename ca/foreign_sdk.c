/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SDK's controllers keep values under these names (its example issuer, its fabric table, its group data):
 *
 *     ExampleOpCredsCAKeyN   ExampleCARootCertN           key and RCAC of the CA with index N (hex)
 *     ExampleOpCredsICAKeyN  ExampleCAIntermediateCertN   of its ICA; the key may stand alone: then the root signs NOCs
 *     f/I/n  f/I/r           NOC of the controller, and root, in the fabric with index I (hex)
 *     f/I/k/0                key set 0, with the operational IPK
 *     f/I/s/NODE             a session with a node (16 hex digits) that can be resumed
 */
#include "foreign_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/tlv.h"

#define ROOT_KEY  "ExampleOpCredsCAKey"
#define ROOT_CERT "ExampleCARootCert"
#define ICA_KEY   "ExampleOpCredsICAKey"
#define ICA_CERT  "ExampleCAIntermediateCert"
#define VALUE_MAX 4096
#define NAME_MAX_ 64
#define CAS_MAX   16

/* --- values --------------------------------------------------------------------------------------------------- */

struct value {
    size_t n;
    uint8_t p[VALUE_MAX];
};

static bool decode(const json_t *v, struct value *out)
{
    return json_is_string(v) &&
           mc_base64_decode(json_string_value(v), json_string_length(v), false, out->p, sizeof(out->p), &out->n) == MC_OK;
}

/* MC_OK with n 0 where there is none. */
static enum mc_rc get(const json_t *values, const char *name, struct value *out, struct mc_err *e)
{
    const json_t *v = json_object_get(values, name);

    out->n = 0;
    if (v == NULL || decode(v, out))
        return MC_OK;
    return foreign_lacks(e, name, "its value is no base64, or too long");
}

/* The index behind a name that begins so: hex without zeros, at most 16 digits; none at all is 0. */
static bool index_of(const char *name, const char *prefix, uint64_t *index)
{
    size_t n = strlen(prefix);
    char *end;

    if (strncmp(name, prefix, n) != 0 || strlen(name + n) > 16 || name[n + strspn(name + n, "0123456789abcdefABCDEF")] != '\0')
        return false;
    *index = strtoull(name + n, &end, 16);
    return true;
}

/* "f/I/REST": I, and REST. */
static const char *fabric_of(const char *name, uint64_t *index)
{
    char *end;

    if (strncmp(name, "f/", 2) != 0 || strspn(name + 2, "0123456789abcdefABCDEF") == 0)
        return NULL;
    *index = strtoull(name + 2, &end, 16);
    return *end == '/' && *index <= UINT8_MAX ? end + 1 : NULL;
}

/* --- the CA --------------------------------------------------------------------------------------------------- */

struct ca {
    uint64_t index;
    char suffix[17];
};

static unsigned list_cas(const json_t *values, struct ca ca[CAS_MAX])
{
    const char *name;
    json_t *v;
    unsigned n = 0;

    json_object_foreach((json_t *)(uintptr_t)values, name, v) {
        if (n < CAS_MAX && index_of(name, ROOT_KEY, &ca[n].index)) {
            snprintf(ca[n].suffix, sizeof(ca[n].suffix), "%s", name + strlen(ROOT_KEY));
            n++;
        }
    }
    return n;
}

bool foreign_sdk_has_ca(const json_t *values)
{
    struct ca ca[CAS_MAX];

    return json_is_object(values) && list_cas(values, ca) != 0;
}

static enum mc_rc tell_cas(const struct ca *ca, unsigned n, const char *what, struct mc_err *e)
{
    char text[200] = "";

    for (unsigned i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%llu", i == 0 ? "" : ", ", (unsigned long long)ca[i].index);
    return mc_fail(e, CA_E_FOREIGN_CHOICE, "--ca-index", "%s: %s", what, text);
}

static enum mc_rc choose_ca(const struct foreign_reader *r, const json_t *values, struct ca *out, struct mc_err *e)
{
    struct ca ca[CAS_MAX];
    unsigned n = list_cas(values, ca);

    if (n == 0)
        return foreign_lacks(e, ROOT_KEY, "there is no CA in it");
    if (!r->choice->has_ca && n > 1)
        return tell_cas(ca, n, "there are several CAs, with these indexes", e);
    for (unsigned i = 0; i < n; i++) {
        if (!r->choice->has_ca || ca[i].index == r->choice->ca) {
            *out = ca[i];
            return MC_OK;
        }
    }
    return tell_cas(ca, n, "no CA has this index; there are", e);
}

static enum mc_rc take_pair(const json_t *values, const char *key_name, const char *cert_name,
    uint8_t scalar[HSM_SCALAR_LEN], struct adopt_cert *cert, struct mc_err *e)
{
    struct value v;
    enum mc_rc rc = get(values, cert_name, &v, e);

    if (rc == MC_OK && v.n == 0)
        rc = foreign_lacks(e, cert_name, "it is missing");
    if (rc == MC_OK)
        rc = adopt_parse_cert(mc_span_of(v.p, v.n), cert, e);
    if (rc == MC_OK)
        rc = get(values, key_name, &v, e);
    if (rc == MC_OK)
        rc = foreign_take_key(mc_span_of(v.p, v.n), scalar, key_name, e);
    hsm_wipe(&v, sizeof(v));
    return rc;
}

static enum mc_rc take_ca(struct foreign_reader *r, const json_t *values, const struct ca *ca, struct mc_err *e)
{
    char key[NAME_MAX_], cert[NAME_MAX_];
    struct foreign *f = r->f;
    enum mc_rc rc;

    snprintf(key, sizeof(key), ROOT_KEY "%s", ca->suffix);
    snprintf(cert, sizeof(cert), ROOT_CERT "%s", ca->suffix);
    rc = take_pair(values, key, cert, f->root_key, &f->root, e);
    f->has_root_key = rc == MC_OK;
    snprintf(key, sizeof(key), ICA_KEY "%s", ca->suffix);
    snprintf(cert, sizeof(cert), ICA_CERT "%s", ca->suffix);
    f->has_ica = json_object_get(values, cert) != NULL;
    return rc == MC_OK && f->has_ica ? take_pair(values, key, cert, f->ica_key, &f->ica, e) : rc;
}

/* --- its fabrics ---------------------------------------------------------------------------------------------- */

/* The fabric id of a row of the fabric table, if its root is ours. */
static bool row_fabric(const struct foreign *f, const json_t *values, uint64_t index, struct value *noc, uint64_t *fabric_id)
{
    char name[NAME_MAX_];
    struct value root;
    struct adopt_cert c;

    snprintf(name, sizeof(name), "f/%llx/r", (unsigned long long)index);
    if (get(values, name, &root, NULL) != MC_OK || root.n == 0 ||
        adopt_parse_cert(mc_span_of(root.p, root.n), &c, NULL) != MC_OK ||
        !mc_span_eq(c.cert.point, f->root.cert.point))
        return false;
    snprintf(name, sizeof(name), "f/%llx/n", (unsigned long long)index);
    return get(values, name, noc, NULL) == MC_OK && noc->n != 0 &&
           adopt_parse_cert(mc_span_of(noc->p, noc->n), &c, NULL) == MC_OK &&
           mc_dn_find(&c.cert.subject, MC_ATTR_FABRIC_ID, fabric_id);
}

/* {"1": [{"fabricId": 1, "vendorId": 65521}]}, of the Python controller; the index is decimal. */
static void offer_listed(const json_t *ca_list, const struct ca *ca, struct foreign_fabrics *all)
{
    char name[24];
    const json_t *admin;
    size_t i;
    uint64_t id;

    snprintf(name, sizeof(name), "%llu", (unsigned long long)ca->index);
    json_array_foreach(json_object_get(ca_list, name), i, admin)
        if (foreign_json_uint(json_object_get(admin, "fabricId"), &id))
            foreign_offer_fabric(all, id);
}

static void offer_rows(const struct foreign *f, const json_t *values, struct foreign_fabrics *all)
{
    const char *name, *rest;
    struct value noc;
    uint64_t index, id;
    json_t *v;

    json_object_foreach((json_t *)(uintptr_t)values, name, v) {
        rest = fabric_of(name, &index);
        if (rest != NULL && strcmp(rest, "n") == 0 && row_fabric(f, values, index, &noc, &id))
            foreign_offer_fabric(all, id);
    }
}

/* --- what a fabric's rows hold ---------------------------------------------------------------------------------- */

#define KEY_SET_KEYS  3
#define TAG_POLICY    1
#define TAG_COUNT     2
#define TAG_KEYS      3
#define TAG_START     4
#define TAG_HASH      5
#define TAG_KEY       6

/* The newest of the keys that are in use: what sessions are opened with. */
static bool take_operational_ipk(struct mc_span set, uint8_t out[MC_IPK_LEN])
{
    struct mc_tlv t = mc_tlv_of(set, false);
    struct mc_tlv_elem x;
    uint64_t count;

    if (mc_tlv_take_as(&t, MC_TLV_STRUCT, MC_TLV_ANONYMOUS, &x) != MC_OK ||
        mc_tlv_take_as(&t, MC_TLV_UINT, TAG_POLICY, &x) != MC_OK || mc_tlv_take_as(&t, MC_TLV_UINT, TAG_COUNT, &x) != MC_OK)
        return false;
    count = x.num;
    if (count == 0 || count > KEY_SET_KEYS || mc_tlv_take_as(&t, MC_TLV_ARRAY, TAG_KEYS, &x) != MC_OK)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        if (mc_tlv_take_as(&t, MC_TLV_STRUCT, MC_TLV_ANONYMOUS, &x) != MC_OK ||
            mc_tlv_take_as(&t, MC_TLV_UINT, TAG_START, &x) != MC_OK || mc_tlv_take_as(&t, MC_TLV_UINT, TAG_HASH, &x) != MC_OK ||
            mc_tlv_take_as(&t, MC_TLV_BYTES, TAG_KEY, &x) != MC_OK || x.bytes.n != MC_IPK_LEN)
            return false;
        /* With three keys the second is the current one (GroupDataProvider). */
        if (i == 0 || (i == 1 && count == KEY_SET_KEYS))
            memcpy(out, x.bytes.p, MC_IPK_LEN);
        if (mc_tlv_take(&t, &x) != MC_OK || x.type != MC_TLV_END)
            return false;
    }
    return true;
}

static enum mc_rc take_row(struct foreign_reader *r, const json_t *values, uint64_t index, struct mc_err *e)
{
    char name[NAME_MAX_];
    struct value set;
    enum mc_rc rc;

    snprintf(name, sizeof(name), "f/%llx/k/0", (unsigned long long)index);
    rc = get(values, name, &set, e);
    if (rc == MC_OK && set.n != 0 && !r->f->has_operational_ipk) {
        r->f->has_operational_ipk = take_operational_ipk(mc_span_of(set.p, set.n), r->f->operational_ipk);
        if (!r->f->has_operational_ipk)
            rc = foreign_lacks(e, name, "it is no key set");
    }
    hsm_wipe(&set, sizeof(set));
    return rc;
}

static enum mc_rc take_session(struct foreign_reader *r, const char *rest, struct mc_err *e)
{
    if (strncmp(rest, "s/", 2) != 0 || strlen(rest + 2) != 16 || strspn(rest + 2, "0123456789abcdefABCDEF") != 16)
        return MC_OK;
    return foreign_add_node(r, strtoull(rest + 2, NULL, 16), e);
}

static enum mc_rc take_rows(struct foreign_reader *r, const json_t *values, struct mc_err *e)
{
    const char *name, *rest;
    struct value noc;
    uint64_t index, id;
    json_t *v;
    enum mc_rc rc = MC_OK;

    json_object_foreach((json_t *)(uintptr_t)values, name, v) {
        rest = fabric_of(name, &index);
        if (rest == NULL || !row_fabric(r->f, values, index, &noc, &id) || id != r->f->fabric_id)
            continue;
        rc = take_session(r, rest, e);
        if (rc == MC_OK && strcmp(rest, "n") == 0)
            rc = foreign_add_noc(r, mc_span_of(noc.p, noc.n), e);
        if (rc == MC_OK && strcmp(rest, "n") == 0)
            rc = take_row(r, values, index, e);
        if (rc != MC_OK)
            break;
    }
    return rc;
}

enum mc_rc foreign_sdk_take(struct foreign_reader *r, const json_t *values, const json_t *ca_list, struct mc_err *e)
{
    struct foreign_fabrics all = {.n = 0};
    struct ca ca;
    enum mc_rc rc = json_is_object(values) ? choose_ca(r, values, &ca, e) : foreign_lacks(e, "sdk-config", "it is missing");

    if (rc == MC_OK)
        rc = take_ca(r, values, &ca, e);
    if (rc != MC_OK)
        return rc;
    offer_rows(r->f, values, &all);
    offer_listed(ca_list, &ca, &all);
    rc = foreign_choose_fabric(r, &all, e);
    return rc == MC_OK && r->f->has_fabric_id ? take_rows(r, values, e) : rc;
}
