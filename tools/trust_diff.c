/* SPDX-License-Identifier: Apache-2.0 */
/* trust diff: what one bundle trusts and another does not. */
#include "lib/cli/json.h"
#include "lib/cli/text.h"
#include "pool.h"
#include "trust.h"

const struct cli_option tool_trust_diff_options[] = {
    {.name = "json", .help = "print JSON, schema mattercert.trust-diff/1"},
    {.name = NULL},
};

struct difference {
    const struct cli *c;
    struct json j;
    size_t n;
};

static void differs(struct difference *d, bool added, const char *what, const char *id, const char *text)
{
    d->n++;
    if (!d->c->json) {
        printf("%c %-9s  %s  ", added ? '+' : '-', what, id);
        text_puts(stdout, text);
        putchar('\n');
        return;
    }
    json_object(&d->j, NULL);
    json_string(&d->j, "change", added ? "added" : "removed");
    json_string(&d->j, "what", what);
    json_string(&d->j, "key_id", id);
    json_string(&d->j, "text", text);
    json_end_object(&d->j);
}

static bool has_cert(struct trust_cert *const *list, size_t n, const struct trust_cert *x)
{
    for (size_t i = 0; i < n; i++)
        if (mc_span_eq(list[i]->der, x->der))
            return true;
    return false;
}

/* What is in the one list and not in the other. */
static void diff_certs(struct difference *d, bool added, const char *what, struct trust_cert *const *in, size_t n_in,
    struct trust_cert *const *not_in, size_t n_not_in)
{
    for (size_t i = 0; i < n_in; i++) {
        char subject[512], id[3 * MC_KEY_ID_LEN + 1];

        if (has_cert(not_in, n_not_in, in[i]))
            continue;
        mc_dn_format(&in[i]->c.subject, subject, sizeof(subject));
        tool_key_id(in[i]->c.skid, id);
        differs(d, added, what, id, subject);
    }
}

/* Revocations are compared as commissioners ask: by authority and serial, whoever signed the CRL. */
static void diff_revoked(struct difference *d, bool added, const struct trust_bundle *in, const struct trust_bundle *not_in)
{
    const struct mc_revset set = trust_bundle_revset(not_in);

    for (size_t i = 0; i < in->n_entries; i++) {
        const struct mc_revset_entry *x = &in->entry[i];
        char subject[512], id[3 * MC_KEY_ID_LEN + 1], text[600], hex[2 * MC_SERIAL_MAX + 1];

        trust_describe(x, subject, id);
        for (size_t k = 0; k < x->n_serial; k++) {
            if (mc_revset_find(&set, x->issuer_name, x->issuer_key_id, x->serial[k], NULL) == MC_REVSET_REVOKED)
                continue;
            mc_hex_encode_upper(x->serial[k].p, x->serial[k].n, hex);
            snprintf(text, sizeof(text), "%s of %s", hex, subject);
            differs(d, added, "revoked", id, text);
        }
    }
}

static void diff(struct difference *d, const struct trust_bundle *a, const struct trust_bundle *b)
{
    diff_certs(d, false, "PAA", a->paa, a->n_paas, b->paa, b->n_paas);
    diff_certs(d, true, "PAA", b->paa, b->n_paas, a->paa, a->n_paas);
    diff_certs(d, false, "CD signer", a->signer, a->n_signers, b->signer, b->n_signers);
    diff_certs(d, true, "CD signer", b->signer, b->n_signers, a->signer, a->n_signers);
    diff_revoked(d, false, a, b);
    diff_revoked(d, true, b, a);
}

static enum mc_rc compare(struct cli *c, const struct trust_input *a, const struct trust_input *b)
{
    struct difference d = {.c = c};
    char from[MC_TIME_TEXT_MAX], to[MC_TIME_TEXT_MAX];

    mc_time_format(a->bundle.date_unix, from);
    mc_time_format(b->bundle.date_unix, to);
    if (c->json) {
        json_init(&d.j, stdout, false);
        json_object(&d.j, NULL);
        json_string(&d.j, "schema", "mattercert.trust-diff/1");
        json_string(&d.j, "from", from);
        json_string(&d.j, "to", to);
        json_array(&d.j, "changes");
    }
    diff(&d, &a->bundle, &b->bundle);
    if (c->json) {
        json_end_array(&d.j);
        json_end_object(&d.j);
    } else if (d.n == 0 && !c->quiet) {
        printf("the same trust, of %s and of %s\n", from, to);
    }
    c->reported = d.n != 0;
    return d.n != 0 ? MC_E_DIFFER : MC_OK;
}

enum mc_rc tool_trust_diff(struct cli *c, struct mc_err *e)
{
    struct mc_verifier *v = mc_verifier_new();
    struct trust_input a, b;
    enum mc_rc rc = v == NULL ? mc_fail(e, MC_E_CRYPTO, NULL, NULL) : trust_load(c, v, c->operands[0], &a, e);

    if (rc == MC_OK) {
        rc = trust_load(c, v, c->operands[1], &b, e);
        if (rc == MC_OK) {
            rc = compare(c, &a, &b);
            trust_unload(&b);
        }
        trust_unload(&a);
    }
    mc_verifier_free(v);
    return rc;
}
