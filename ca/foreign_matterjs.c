/* SPDX-License-Identifier: Apache-2.0 */
/* What a storage of matter.js holds, however it lies on the disk (foreign_matterjs_load.c). */
#include "foreign_internal.h"

#include <stdio.h>
#include <stdlib.h>

/* --- values: JSON inside of JSON ----------------------------------------------------------------------------------- */

#define WRAPPED "{\"__object__\":\""

/* The type and the value of {"__object__": TYPE, "__value__": VALUE}; the caller frees *held. */
static const json_t *unwrap(const json_t *v, const char *type, json_t **held)
{
    size_t n = json_string_length(v);
    const char *is;

    *held = NULL;
    if (!json_is_string(v) || n < strlen(WRAPPED) || strncmp(json_string_value(v), WRAPPED, strlen(WRAPPED)) != 0)
        return NULL;
    *held = json_loadb(json_string_value(v), n, JSON_REJECT_DUPLICATES, NULL);
    is = json_string_value(json_object_get(*held, "__object__"));
    return is != NULL && (type == NULL || strcmp(is, type) == 0) ? json_object_get(*held, "__value__") : NULL;
}

bool foreign_js_bytes(const json_t *v, uint8_t *out, size_t cap, size_t *n)
{
    json_t *held;
    const json_t *hex = unwrap(v, "Uint8Array", &held);
    size_t len = json_string_length(hex);
    bool done = json_is_string(hex) && len % 2 == 0 && len / 2 <= cap && mc_hex_decode(json_string_value(hex), len / 2, out);

    *n = done ? len / 2 : 0;
    json_decref(held);
    return done;
}

/* Ids once had types of their own: NodeId, FabricId. */
bool foreign_js_uint(const json_t *v, uint64_t *out)
{
    json_t *held;
    const json_t *inner = unwrap(v, NULL, &held);
    bool done = foreign_json_uint(inner != NULL ? inner : v, out);

    json_decref(held);
    return done;
}

/* --- the CA --------------------------------------------------------------------------------------------------------- */

#define VALUE_MAX 1024

/* Since 0.16 under "certificates", before under "credentials". */
static const json_t *authority_of(const json_t *db)
{
    const json_t *c = json_object_get(db, "certificates");

    return json_object_get(c, "rootCertBytes") != NULL ? c : json_object_get(db, "credentials");
}

bool foreign_is_matterjs(const json_t *db)
{
    return json_object_get(authority_of(db), "rootCertBytes") != NULL;
}

static enum mc_rc take_cert(const json_t *v, const char *name, struct adopt_cert *out, struct mc_err *e)
{
    uint8_t bytes[VALUE_MAX];
    size_t n;

    if (!foreign_js_bytes(v, bytes, sizeof(bytes), &n))
        return foreign_lacks(e, name, "it is no octets");
    return adopt_parse_cert(mc_span_of(bytes, n), out, e);
}

/* {privateKey, publicKey}, or the private key alone. */
static enum mc_rc take_key(const json_t *v, const char *name, uint8_t scalar[HSM_SCALAR_LEN], struct mc_err *e)
{
    uint8_t bytes[VALUE_MAX];
    size_t n;
    const json_t *key = json_is_object(v) ? json_object_get(v, "privateKey") : v;
    enum mc_rc rc = MC_OK;

    if (!foreign_js_bytes(key, bytes, sizeof(bytes), &n))
        rc = foreign_lacks(e, name, "it is no private key");
    if (rc == MC_OK)
        rc = foreign_take_key(mc_span_of(bytes, n), scalar, name, e);
    hsm_wipe(bytes, sizeof(bytes));
    return rc;
}

/* The root's key may be missing where there is an ICA. */
static enum mc_rc take_authority(struct foreign_reader *r, const json_t *c, struct mc_err *e)
{
    struct foreign *f = r->f;
    const json_t *root_key = json_object_get(c, "rootKeyPair");
    enum mc_rc rc = take_cert(json_object_get(c, "rootCertBytes"), "rootCertBytes", &f->root, e);

    f->has_root_key = json_is_object(root_key) || (json_is_string(root_key) && strstr(json_string_value(root_key), "Undefined") == NULL);
    if (rc == MC_OK && f->has_root_key)
        rc = take_key(root_key, "rootKeyPair", f->root_key, e);
    f->has_ica = json_object_get(c, "icacCertBytes") != NULL;
    if (rc == MC_OK && f->has_ica)
        rc = take_cert(json_object_get(c, "icacCertBytes"), "icacCertBytes", &f->ica, e);
    if (rc == MC_OK && f->has_ica)
        rc = take_key(json_object_get(c, "icacKeyPair"), "icacKeyPair", f->ica_key, e);
    return rc;
}

/* --- the fabric ------------------------------------------------------------------------------------------------------ */

static bool has_our_root(const struct foreign *f, const json_t *fabric)
{
    struct adopt_cert c;

    return take_cert(json_object_get(fabric, "rootCert"), "rootCert", &c, NULL) == MC_OK &&
           mc_span_eq(c.cert.point, f->root.cert.point);
}

/* Calls each for the fabrics of our root. */
static enum mc_rc for_fabrics(struct foreign_reader *r, const json_t *db,
    enum mc_rc (*each)(struct foreign_reader *r, const json_t *db, const json_t *fabric, void *arg, struct mc_err *e),
    void *arg, struct mc_err *e)
{
    const json_t *list = json_object_get(json_object_get(db, "fabrics"), "fabrics"), *x;
    const json_t *only = json_object_get(json_object_get(db, "credentials"), "fabric");
    enum mc_rc rc = MC_OK;
    size_t i;

    json_array_foreach(list, i, x)
        if (rc == MC_OK && has_our_root(r->f, x))
            rc = each(r, db, x, arg, e);
    if (rc == MC_OK && json_is_object(only) && has_our_root(r->f, only))
        rc = each(r, db, only, arg, e);
    return rc;
}

static enum mc_rc offer(struct foreign_reader *r, const json_t *db, const json_t *fabric, void *arg, struct mc_err *e)
{
    uint64_t id;

    (void)r;
    (void)db;
    if (!foreign_js_uint(json_object_get(fabric, "fabricId"), &id))
        return foreign_lacks(e, "fabricId", "it is no number");
    foreign_offer_fabric(arg, id);
    return MC_OK;
}

static enum mc_rc take_ipk(struct foreign *f, const json_t *fabric, struct mc_err *e)
{
    size_t n;

    if (f->has_ipk)
        return MC_OK;
    if (!foreign_js_bytes(json_object_get(fabric, "identityProtectionKey"), f->ipk, sizeof(f->ipk), &n) || n != MC_IPK_LEN)
        return foreign_lacks(e, "identityProtectionKey", "it is no 16 octets");
    f->has_ipk = true;
    f->has_operational_ipk = foreign_js_bytes(json_object_get(fabric, "operationalIdentityProtectionKey"), f->operational_ipk,
                                 sizeof(f->operational_ipk), &n) && n == MC_IPK_LEN;
    return MC_OK;
}

static enum mc_rc take_noc(struct foreign_reader *r, const json_t *v, struct mc_err *e)
{
    uint8_t noc[VALUE_MAX];
    size_t n;

    if (v == NULL)
        return MC_OK;
    if (!foreign_js_bytes(v, noc, sizeof(noc), &n)) {
        r->f->unread++;
        return MC_OK;
    }
    return foreign_add_noc(r, mc_span_of(noc, n), e);
}

/* "nodes.PEER.endpoints.0.SECTION": PEER up to its dot, if it is one. */
static bool is_peer_section(const char *context, const char *section, size_t *peer_n)
{
    const char *rest;

    if (strncmp(context, "nodes.", 6) != 0)
        return false;
    rest = strchr(context + 6, '.');
    if (rest == NULL || strncmp(rest, ".endpoints.0.", 13) != 0 || strcmp(rest + 13, section) != 0)
        return false;
    *peer_n = (size_t)(rest - context) - 6;
    return true;
}

/* The NOCs attribute of Operational Credentials (0x3E), read from the peer: [{noc, icac, fabricIndex}]. */
static enum mc_rc take_peer_nocs(struct foreign_reader *r, const json_t *db, const char *context, size_t peer_n, struct mc_err *e)
{
    char name[300];
    const json_t *list, *x;
    enum mc_rc rc = MC_OK;
    size_t i;

    if (snprintf(name, sizeof(name), "nodes.%.*s.endpoints.0.62", (int)peer_n, context + 6) >= (int)sizeof(name))
        return MC_OK;
    list = json_object_get(json_object_get(db, name), "0");
    json_array_foreach(list, i, x)
        if (rc == MC_OK)
            rc = take_noc(r, json_object_get(x, "noc"), e);
    return rc;
}

static enum mc_rc take_peers(struct foreign_reader *r, const json_t *db, uint64_t fabric_index, struct mc_err *e)
{
    const char *context;
    uint64_t index, id;
    size_t peer_n = 0;
    json_t *v;
    enum mc_rc rc = MC_OK;

    json_object_foreach((json_t *)(uintptr_t)db, context, v) {
        const json_t *address = json_object_get(v, "peerAddress");

        if (!is_peer_section(context, "commissioning", &peer_n) || address == NULL)
            continue;
        if (!foreign_js_uint(json_object_get(address, "fabricIndex"), &index) ||
            !foreign_js_uint(json_object_get(address, "nodeId"), &id))
            return foreign_lacks(e, "peerAddress", "it is no address");
        if (index != fabric_index)
            continue;
        rc = foreign_add_node(r, id, e);
        if (rc == MC_OK)
            rc = take_peer_nocs(r, db, context, peer_n, e);
        if (rc != MC_OK)
            break;
    }
    return rc;
}

/* Before 0.16: [[node id, {...}], ...]. */
static enum mc_rc take_commissioned(struct foreign_reader *r, const json_t *db, struct mc_err *e)
{
    const json_t *list = json_object_get(json_object_get(db, "nodes"), "commissionedNodes"), *x;
    enum mc_rc rc = MC_OK;
    uint64_t id;
    size_t i;

    json_array_foreach(list, i, x)
        if (rc == MC_OK && foreign_js_uint(json_array_get(x, 0), &id))
            rc = foreign_add_node(r, id, e);
    return rc;
}

static enum mc_rc take_fabric(struct foreign_reader *r, const json_t *db, const json_t *fabric, void *arg, struct mc_err *e)
{
    uint64_t id, index;
    enum mc_rc rc;

    (void)arg;
    if (!foreign_js_uint(json_object_get(fabric, "fabricId"), &id) || id != r->f->fabric_id)
        return MC_OK;
    rc = take_ipk(r->f, fabric, e);
    if (rc == MC_OK)
        rc = take_noc(r, json_object_get(fabric, "operationalCert"), e);
    if (rc == MC_OK && foreign_js_uint(json_object_get(fabric, "fabricIndex"), &index))
        rc = take_peers(r, db, index, e);
    return rc == MC_OK ? take_commissioned(r, db, e) : rc;
}

enum mc_rc foreign_matterjs_take(struct foreign_reader *r, const json_t *db, struct mc_err *e)
{
    struct foreign_fabrics all = {.n = 0};
    enum mc_rc rc = take_authority(r, authority_of(db), e);

    if (rc == MC_OK)
        rc = for_fabrics(r, db, offer, &all, e);
    if (rc == MC_OK)
        rc = foreign_choose_fabric(r, &all, e);
    return rc == MC_OK && r->f->has_fabric_id ? for_fabrics(r, db, take_fabric, NULL, e) : rc;
}
