/* SPDX-License-Identifier: Apache-2.0 */
/* forge: throw-away keys, and drafts that are right. */
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "forge.h"
#include "lib/der.h"
#include "lib/dn.h"

enum { DAY = 86400, SERIAL_LEN = 16, BACKDATE_DAYS = 30, LIFE_DAYS = 3650 };

const char *forge_kind_name(unsigned kind)
{
    if (kind >= MC_KIND_COUNT)
        return kind == FORGE_CSR ? "csr" : kind == FORGE_NOCSR ? "nocsr" : "cd";
    return mc_kind_name((enum mc_kind)kind);
}

unsigned forge_kind_find(const char *name)
{
    return strcmp(name, "csr") == 0     ? (unsigned)FORGE_CSR
           : strcmp(name, "nocsr") == 0 ? (unsigned)FORGE_NOCSR
           : strcmp(name, "cd") == 0    ? (unsigned)FORGE_CD
                                        : (unsigned)mc_kind_find(name);
}

static bool make_key(struct forge_key *k, const char *curve)
{
    size_t n = 0;

    k->key = EVP_EC_gen(curve);
    return k->key != NULL &&
           EVP_PKEY_get_octet_string_param(k->key, "encoded-pub-key", k->point, sizeof(k->point), &n) == 1 &&
           n == MC_POINT_LEN && EVP_Digest(k->point, n, k->id, NULL, EVP_sha1(), NULL) == 1;
}

enum mc_rc forge_world_make(struct forge_world *w, int64_t now_unix, struct mc_err *e)
{
    bool ok = make_key(&w->stranger, "P-256") && make_key(&w->k1, "secp256k1");

    w->now_unix = now_unix;
    for (unsigned k = 1; ok && k < FORGE_KINDS; k++)
        ok = make_key(&w->key[k], "P-256");
    if (ok)
        return MC_OK;
    ERR_clear_error();
    return mc_fail(e, MC_E_CRYPTO, NULL, "a key cannot be made");
}

void forge_world_clear(struct forge_world *w)
{
    EVP_PKEY_free(w->stranger.key);
    EVP_PKEY_free(w->k1.key);
    for (unsigned k = 1; k < FORGE_KINDS; k++)
        EVP_PKEY_free(w->key[k].key);
}

void forge_add_text(struct forge_name *n, enum mc_attr_id id, uint8_t tag, const char *text)
{
    struct forge_attr *a = &n->attr[n->n++];

    memset(a, 0, sizeof(*a));
    a->id = (uint8_t)id;
    a->tag = tag;
    a->n = strlen(text);
    memcpy(a->text, text, a->n);
}

void forge_add_num(struct forge_name *n, enum mc_attr_id id, uint64_t num)
{
    char text[17];

    snprintf(text, sizeof(text), "%0*llX", (int)mc_attr_digits(id), (unsigned long long)num);
    forge_add_text(n, id, MC_DER_UTF8, text);
    n->attr[n->n - 1].num = num;
}

struct forge_attr *forge_find_attr(struct forge_name *n, enum mc_attr_id id)
{
    for (unsigned i = 0; i < n->n; i++)
        if (n->attr[i].id == id)
            return &n->attr[i];
    return NULL;
}

void forge_drop_attr(struct forge_name *n, enum mc_attr_id id)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < n->n; i++)
        if (n->attr[i].id != id)
            n->attr[kept++] = n->attr[i];
    n->n = kept;
}

struct forge_ext *forge_find_ext(struct forge_draft *d, enum mc_ext_id id)
{
    for (unsigned i = 0; i < d->n_ext; i++)
        if (d->ext[i].id == id)
            return &d->ext[i];
    return NULL;
}

void forge_add_ext(struct forge_draft *d, enum mc_ext_id id)
{
    d->ext[d->n_ext++] = (struct forge_ext){
        .id = (uint8_t)id, .critical = id <= MC_EXT_EXTENDED_KEY_USAGE ? FORGE_IS_CRITICAL : FORGE_NOT_CRITICAL};
}

void forge_drop_ext(struct forge_draft *d, enum mc_ext_id id)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < d->n_ext; i++)
        if (d->ext[i].id != id)
            d->ext[kept++] = d->ext[i];
    d->n_ext = kept;
}

void forge_raw_ext(struct forge_draft *d, enum mc_ext_id id, const char *hex)
{
    struct forge_ext *x = id == MC_EXT_FUTURE ? NULL : forge_find_ext(d, id);

    if (x == NULL) {
        forge_add_ext(d, id);
        x = &d->ext[d->n_ext - 1];
    }
    x->n = strlen(hex) / 2;
    if (!mc_hex_decode(hex, x->n, x->whole))
        x->n = 0;
}

/* --- what a certificate of each kind holds --------------------------------------------------------- */

static const struct shape {
    uint8_t id;    /* the Matter attribute of its subject, or 0 */
    uint8_t issuer; /* kind; its own: self-signed */
    bool is_ca, fabric, vid, pid;
    int path_len; /* -1: none */
    uint16_t ku;
    uint8_t eku[2];
} shapes[MC_KIND_COUNT] = {
    [MC_KIND_RCAC] = {MC_ATTR_RCAC_ID, MC_KIND_RCAC, true, false, false, false, -1, 0x60, {0}},
    [MC_KIND_ICAC] = {MC_ATTR_ICAC_ID, MC_KIND_RCAC, true, true, false, false, 0, 0x60, {0}},
    [MC_KIND_NOC] = {MC_ATTR_NODE_ID, MC_KIND_ICAC, false, true, false, false, -1, 0x01,
        {MC_EKU_CLIENT_AUTH, MC_EKU_SERVER_AUTH}},
    [MC_KIND_FIRMWARE_SIGNING] = {MC_ATTR_FIRMWARE_SIGNING_ID, MC_KIND_ICAC, false, false, false, false, -1, 0x01,
        {MC_EKU_CODE_SIGNING}},
    [MC_KIND_VVSC] = {MC_ATTR_VVS_ID, MC_KIND_ICAC, false, false, false, false, -1, 0x01, {0}},
    [MC_KIND_PAA] = {0, MC_KIND_PAA, true, false, true, false, 1, 0x60, {0}},
    [MC_KIND_PAI] = {0, MC_KIND_PAA, true, false, true, true, 0, 0x60, {0}},
    [MC_KIND_DAC] = {0, MC_KIND_PAI, false, false, true, true, -1, 0x01, {0}},
    [MC_KIND_CD_SIGNER] = {0, MC_KIND_PAA, true, false, true, false, 0, 0x61, {0}},
    [MC_KIND_CRL_SIGNER] = {0, MC_KIND_PAA, false, false, false, false, -1, 0x40, {0}},
};

static void fill_name(struct forge_name *n, unsigned kind)
{
    const struct shape *s = &shapes[kind];
    char mark[64];

    if (s->id != 0)
        forge_add_num(n, s->id, kind == MC_KIND_NOC ? FORGE_NODE_ID : 0xF06ED000 + kind);
    if (s->fabric)
        forge_add_num(n, MC_ATTR_FABRIC_ID, FORGE_FABRIC_ID);
    /* An ICAC is marked by its fabric id: its name stands in every NOC, whose size is limited. */
    if (kind == MC_KIND_ICAC)
        return;
    /* What signs declarations is known by its name. */
    snprintf(mark, sizeof(mark), FORGE_MARK "%s%s", s->id == 0 ? " " : "",
        kind == MC_KIND_CD_SIGNER ? "CD Signing" : s->id == 0 ? forge_kind_name(kind) : "");
    forge_add_text(n, MC_ATTR_COMMON_NAME, MC_DER_UTF8, mark);
    if (s->vid)
        forge_add_text(n, MC_ATTR_VID, MC_DER_UTF8, "FFF1");
    if (s->pid)
        forge_add_text(n, MC_ATTR_PID, MC_DER_UTF8, "8000");
}

/* The rigid form of a network identity. */
static void fill_identity(struct forge_draft *d)
{
    d->serial_n = 1;
    d->serial[0] = 1;
    forge_add_text(&d->subject, MC_ATTR_COMMON_NAME, MC_DER_UTF8, "*");
    d->issuer = d->subject;
    d->not_before_unix = MC_EPOCH2000_UNIX + 1;
    d->not_after_unix = MC_TIME_NO_EXPIRY;
    d->ku = 0x01;
    d->n_eku = 2;
    d->eku[0] = MC_EKU_CLIENT_AUTH;
    d->eku[1] = MC_EKU_SERVER_AUTH;
    forge_add_ext(d, MC_EXT_BASIC_CONSTRAINTS);
    forge_add_ext(d, MC_EXT_KEY_USAGE);
    forge_add_ext(d, MC_EXT_EXTENDED_KEY_USAGE);
}

static void fill_extensions(struct forge_draft *d, const struct forge_world *w)
{
    const struct shape *s = &shapes[d->kind];

    d->is_ca = s->is_ca;
    d->has_path_len = s->path_len >= 0;
    d->path_len = d->has_path_len ? (uint8_t)s->path_len : 0;
    d->ku = s->ku;
    while (d->n_eku < 2 && s->eku[d->n_eku] != 0) {
        d->eku[d->n_eku] = s->eku[d->n_eku];
        d->n_eku++;
    }
    memcpy(d->skid, w->key[d->kind].id, d->skid_n = MC_KEY_ID_LEN);
    memcpy(d->akid, w->key[s->issuer].id, d->akid_n = MC_KEY_ID_LEN);
    forge_add_ext(d, MC_EXT_BASIC_CONSTRAINTS);
    forge_add_ext(d, MC_EXT_KEY_USAGE);
    if (d->n_eku > 0)
        forge_add_ext(d, MC_EXT_EXTENDED_KEY_USAGE);
    forge_add_ext(d, MC_EXT_SUBJECT_KEY_ID);
    forge_add_ext(d, MC_EXT_AUTHORITY_KEY_ID);
}

void forge_draft_fill(struct forge_draft *d, unsigned kind, const struct forge_world *w)
{
    memset(d, 0, sizeof(*d));
    d->kind = kind;
    d->version = kind >= MC_KIND_COUNT ? 0 : 2;
    d->signer = &w->key[kind < MC_KIND_COUNT && shapes[kind].issuer != 0 ? shapes[kind].issuer : kind];
    d->nonce_n = 32;
    memcpy(d->point, w->key[kind].point, d->point_n = MC_POINT_LEN);
    if (kind == MC_KIND_NETWORK_IDENTITY) {
        fill_identity(d);
        return;
    }
    if (kind == FORGE_CD) {
        d->signer = &w->key[MC_KIND_CD_SIGNER];
        forge_cd_fill(d);
        return;
    }
    if (kind >= MC_KIND_COUNT) {
        forge_add_text(&d->subject, MC_ATTR_ORGANIZATION, MC_DER_UTF8, "CSR");
        return;
    }
    if (RAND_bytes(d->serial, SERIAL_LEN) != 1)
        ERR_clear_error();
    d->serial[0] = (uint8_t)((d->serial[0] & 0x3F) | 0x40);
    d->serial_n = SERIAL_LEN;
    fill_name(&d->subject, kind);
    fill_name(&d->issuer, shapes[kind].issuer);
    d->not_before_unix = w->now_unix - BACKDATE_DAYS * DAY;
    d->not_after_unix = d->not_before_unix + (int64_t)LIFE_DAYS * DAY - 1;
    fill_extensions(d, w);
}
