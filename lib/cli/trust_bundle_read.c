/* SPDX-License-Identifier: Apache-2.0 */
/* Trust bundles: read. A bad entry never blocks the others. */
#include <stdio.h>
#include <stdlib.h>

#include "json_read.h"
#include "revset_file.h"
#include "trust_bundle.h"

static const char *const members[] = {"schema", "date", "paas", "cd_signers", "revocation_sets", NULL};
static const char *const cert_members[] = {"subject", "key_id", "certificate", NULL};

struct reading {
    struct trust_bundle *b;
    struct mc_verifier *v;
    struct mc_err *e;
};

/* Which certificate the bundle says it is: for whoever looks for the one that is missing. */
static void name_it(struct mc_err *why, const char *subject)
{
    size_t n = strlen(why->what);

    if (*subject != '\0')
        snprintf(why->what + n, sizeof(why->what) - n, "%ssaid to be %.100s", n == 0 ? "" : "; ", subject);
}

static enum mc_rc read_cert(
    struct reading *r, const struct json_t *object, const char *where, bool is_paa, struct mc_err *why)
{
    uint8_t der[MC_CERT_DER_MAX], id[MC_KEY_ID_LEN];
    size_t n = 0, n_id = 0, before = is_paa ? r->b->n_paas : r->b->n_signers;
    struct mc_cert c;
    const char *subject = "";
    enum mc_rc rc = json_read_object(object, where, cert_members, why);

    if (rc == MC_OK)
        rc = json_read_string(object, where, "subject", &subject, why);
    if (rc == MC_OK)
        rc = json_read_hex(object, where, "key_id", id, sizeof(id), &n_id, why);
    if (rc == MC_OK)
        rc = json_read_base64(object, where, "certificate", der, sizeof(der), &n, why);
    if (rc == MC_OK)
        rc = mc_cert_parse_der(mc_span_of(der, n), MC_RULES_X509, &c, why);
    if (rc == MC_OK && !mc_span_eq(c.skid, mc_span_of(id, n_id)))
        rc = mc_fail(why, MC_E_TRUST, "key_id", "not that of the certificate");
    if (rc == MC_OK)
        rc = is_paa ? trust_bundle_add_paa(r->b, r->v, mc_span_of(der, n), why)
                    : trust_bundle_add_signer(r->b, mc_span_of(der, n), why);
    if (rc == MC_OK && before == (is_paa ? r->b->n_paas : r->b->n_signers))
        rc = mc_fail(why, MC_E_TRUST, "certificate", "it stands twice");
    if (rc != MC_OK)
        name_it(why, subject);
    return rc;
}

static enum mc_rc read_entry(struct reading *r, const struct json_t *object, const char *where, struct mc_err *why)
{
    struct revset_file f;
    enum mc_rc rc = revset_file_take(object, where, &f, why);

    if (rc != MC_OK)
        return rc;
    rc = trust_bundle_add_entry(r->b, f.entry, why);
    revset_file_clear(&f);
    return rc;
}

/* Every element of an array, each by itself. */
static enum mc_rc read_array(struct reading *r, const struct json_t *root, const char *name)
{
    const struct json_t *list;
    enum mc_rc rc = json_read_array(root, "", name, &list, r->e);

    for (size_t i = 0; rc == MC_OK && i < json_read_count(list); i++) {
        const struct json_t *x = json_read_at(list, i);
        struct mc_err why;
        char where[48];
        enum mc_rc one;

        mc_err_init(&why);
        snprintf(where, sizeof(where), "%.20s[%zu]", name, i);
        if (name == members[4])
            one = read_entry(r, x, where, &why);
        else
            one = read_cert(r, x, where, name == members[2], &why);
        if (one == MC_E_MEMORY)
            rc = mc_fail(r->e, one, NULL, NULL);
        else if (one != MC_OK)
            rc = trust_bundle_leave_out(r->b, where, &why, r->e);
    }
    return rc;
}

static enum mc_rc read_root(struct reading *r, const struct json_t *root)
{
    const char *schema = "", *date = "";
    enum mc_rc rc = json_read_object(root, "", members, r->e);

    if (rc == MC_OK)
        rc = json_read_string(root, "", "schema", &schema, r->e);
    if (rc == MC_OK && strcmp(schema, TRUST_BUNDLE_SCHEMA) != 0)
        rc = mc_fail(r->e, MC_E_TRUST, "schema", "it is not \"%s\"", TRUST_BUNDLE_SCHEMA);
    if (rc == MC_OK)
        rc = json_read_string(root, "", "date", &date, r->e);
    if (rc == MC_OK && mc_time_parse_text(date, &r->b->date_unix, NULL) != MC_OK)
        rc = mc_fail(r->e, MC_E_TRUST, "date", "it is no UTC time");
    for (unsigned i = 2; rc == MC_OK && members[i] != NULL; i++)
        rc = read_array(r, root, members[i]);
    return rc;
}

enum mc_rc trust_bundle_parse(struct mc_span text, struct mc_verifier *v, struct trust_bundle *b, struct mc_err *e)
{
    struct reading r = {b, v, e};
    struct json_t *root = NULL;
    enum mc_rc rc;

    *b = (struct trust_bundle){0};
    rc = json_read_text(text, &root, e);
    if (rc == MC_OK)
        rc = read_root(&r, root);
    json_read_free(root);
    if (rc != MC_OK)
        trust_bundle_clear(b);
    return rc;
}
