/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fill_ledger STATE FABRIC N: appends N issued NOCs to the ledger of a state, by the way that issuing takes,
 * in large groups. Keys, hashes and signatures in them are random octets, which the ledger does not check:
 * this is for measuring how a large ledger behaves, and no node would accept the certificates.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ca/ledger.h"
#include "lib/oid.h"

#define GROUP 4096

static uint64_t random_state;

static uint64_t next_random(void)
{
    uint64_t z = random_state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static void fill(uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(next_random() >> 32);
}

static void must(enum mc_rc rc, const struct mc_err *e)
{
    char text[400];

    if (rc == MC_OK)
        return;
    mc_err_format(e, text, sizeof(text));
    fprintf(stderr, "fill_ledger: %s\n", text);
    exit(1);
}

static void add_ext(struct mc_cert *c, enum mc_ext_id id)
{
    c->ext[c->n_ext++] = (struct mc_ext){
        .id = (uint8_t)id, .critical = id <= MC_EXT_EXTENDED_KEY_USAGE, .decoded = true, .oid = mc_ext_oid(id)};
}

/* Everything of the certificates that does not change. */
static void make_template(struct mc_cert *c, const struct ledger_fabric *f, time_t now)
{
    *c = (struct mc_cert){.version = 3, .p256 = true, .has_sig = true, .has_bc = true, .has_ku = true,
        .has_eku = true, .has_skid = true, .has_akid = true, .n_eku = 2, .ku = MC_KU_DIGITAL_SIGNATURE,
        .eku = {MC_EKU_CLIENT_AUTH, MC_EKU_SERVER_AUTH}, .not_before_unix = now};
    must(mc_dn_add_num(&c->issuer, MC_ATTR_ICAC_ID, 1), NULL);
    must(mc_dn_add_num(&c->subject, MC_ATTR_NODE_ID, 1), NULL);
    must(mc_dn_add_num(&c->subject, MC_ATTR_FABRIC_ID, f->fabric_id), NULL);
    add_ext(c, MC_EXT_BASIC_CONSTRAINTS);
    add_ext(c, MC_EXT_KEY_USAGE);
    add_ext(c, MC_EXT_EXTENDED_KEY_USAGE);
    add_ext(c, MC_EXT_SUBJECT_KEY_ID);
    add_ext(c, MC_EXT_AUTHORITY_KEY_ID);
}

static void append(struct ledger *l, struct mc_cert *c, const struct ledger_intent *i, uint32_t k, time_t now)
{
    uint8_t serial[LEDGER_SERIAL_LEN], room[MC_POINT_LEN + 2 * MC_KEY_ID_LEN + 4 * 32], tlv[MC_CERT_TLV_MAX];
    uint8_t *hash = room + MC_POINT_LEN + 2 * MC_KEY_ID_LEN;
    char request[40];
    struct mc_entry x = {.type = ENTRY_ISSUED, .time_unix = now, .fabric = i->fabric, .authority = i->authority,
        .kind = MC_KIND_NOC, .has_node_id = true, .node_id = i->node_id + k};
    struct mc_err e;
    size_t n;

    mc_err_init(&e);
    fill(room, sizeof(room));
    fill(c->sig, sizeof(c->sig));
    room[0] = 0x04;
    ledger_serial(i->seed, i->first_sn + k, serial);
    c->serial = mc_span_of(serial, sizeof(serial));
    c->point = mc_span_of(room, MC_POINT_LEN);
    c->skid = mc_span_of(room + MC_POINT_LEN, MC_KEY_ID_LEN);
    c->akid = mc_span_of(room + MC_POINT_LEN + MC_KEY_ID_LEN, MC_KEY_ID_LEN);
    c->subject.attr[0].num = x.node_id;
    c->not_after_unix = now + (time_t)(1 + next_random() % 730) * 86400;
    must(mc_cert_encode_tlv(c, tlv, sizeof(tlv), &n, &e), &e);
    x.serial = c->serial;
    x.cert_tlv = mc_span_of(tlv, n);
    x.request_id = mc_span_of(request,
        (size_t)snprintf(request, sizeof(request), "fill-%llu", (unsigned long long)x.node_id));
    x.csr_sha256 = mc_span_of(hash, 32);
    x.tbs_sha256 = mc_span_of(hash + 32, 32);
    x.content_sha256 = mc_span_of(hash + 64, 32);
    x.profile_sha256 = mc_span_of(hash + 96, 32);
    must(ledger_append(l, &x, &e), &e);
}

static void append_group(struct ledger *l, struct mc_cert *c, const struct ledger_fabric *f, uint32_t n)
{
    struct ledger_intent i = {.n = n, .instance = 1, .authority = f->ica != 0 ? f->ica : f->root,
        .fabric = f->number, .kind = MC_KIND_NOC, .time_unix = time(NULL)};
    struct mc_err e;

    mc_err_init(&e);
    fill(i.seed, sizeof(i.seed));
    must(ledger_begin(l, &e), &e);
    must(ledger_next_node(l, f->number, &i.node_id, &e), &e);
    must(ledger_intent_open(l, &i, &e), &e);
    for (uint32_t k = 0; k < n; k++)
        append(l, c, &i, k, i.time_unix);
    must(ledger_intent_close(l, i.id, &e), &e);
    must(ledger_commit(l, &e), &e);
    must(ledger_maintain(l, &e), &e);
}

int main(int argc, char **argv)
{
    struct ledger *l = NULL;
    struct ledger_fabric f;
    struct mc_cert c;
    struct mc_err e;
    char path[1024];
    unsigned long long n;

    mc_err_init(&e);
    if (argc != 4 || (n = strtoull(argv[3], NULL, 10)) == 0 ||
        snprintf(path, sizeof(path), "%s/ledger.db", argv[1]) >= (int)sizeof(path)) {
        fprintf(stderr, "usage: fill_ledger STATE FABRIC N\n");
        return 2;
    }
    random_state = (uint64_t)time(NULL);
    must(ledger_open(path, LEDGER_WRITE, 10000, &l, &e), &e);
    must(ledger_fabric_by_name(l, argv[2], &f, &e), &e);
    make_template(&c, &f, time(NULL));
    for (unsigned long long done = 0; done < n; done += GROUP)
        append_group(l, &c, &f, (uint32_t)(n - done < GROUP ? n - done : GROUP));
    ledger_close(l);
    return 0;
}
