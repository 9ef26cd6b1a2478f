/* SPDX-License-Identifier: Apache-2.0 */
/* Trust bundles: read, and shown. */
#include "trust.h"

#include <stdlib.h>

#include "audit_key.h"
#include "lib/cli/io.h"
#include "lib/cli/json.h"
#include "lib/cli/table.h"
#include "lib/cli/text.h"
#include "pool.h"

const struct cli_option tool_trust_show_options[] = {
    TRUST_NOTE_OPTIONS,
    {.name = "json", .help = "print JSON, schema mattercert.trust-show/1"},
    {.name = NULL},
};

static enum mc_rc check_note(struct cli *c, struct mc_verifier *v, struct trust_input *t, struct mc_err *e)
{
    static struct tool_input key;
    const char *note_path = cli_value(c, "note"), *key_path = cli_value(c, "key");
    struct tool_audit_key k;
    uint8_t note[NOTE_MAX + 1];
    size_t n;
    enum mc_rc rc;

    if ((note_path == NULL) != (key_path == NULL))
        return mc_fail(e, CA_E_USAGE, "--note", "--note and --key go together");
    if (note_path == NULL)
        return MC_OK;
    c->where = key_path;
    rc = tool_audit_key(v, key_path, &key, &k, e);
    if (rc != MC_OK)
        return rc;
    c->where = note_path;
    rc = io_read_into(note_path, note, sizeof(note), &n, e);
    if (rc == MC_OK)
        rc = trust_note_check(v, mc_span_of(note, n), mc_span_of(t->text, t->n), k.point, &t->note, e);
    if (rc == MC_OK && k.origin[0] != '\0' && strcmp(k.origin, t->note.origin) != 0)
        rc = mc_fail(e, MC_E_TRUST, "note", "it is of the ledger %s", t->note.origin);
    t->is_signed = rc == MC_OK;
    return rc;
}

enum mc_rc trust_load(struct cli *c, struct mc_verifier *v, const char *path, struct trust_input *t, struct mc_err *e)
{
    enum mc_rc rc;

    *t = (struct trust_input){0};
    c->where = tool_name_in(path);
    rc = io_read(path, TRUST_BUNDLE_MAX, &t->text, &t->n, e);
    if (rc == MC_OK)
        rc = trust_bundle_parse(mc_span_of(t->text, t->n), v, &t->bundle, e);
    if (rc == MC_OK)
        rc = mc_sha256(v, mc_span_of(t->text, t->n), t->sha256);
    if (rc == MC_OK)
        rc = check_note(c, v, t, e);
    for (size_t i = 0; rc == MC_OK && i < t->bundle.n_left_out; i++) {
        char why[512];

        mc_err_format(&t->bundle.left_out[i].err, why, sizeof(why));
        cli_note(c, "%s is left out: %s", t->bundle.left_out[i].path, why);
    }
    if (rc == MC_OK)
        c->where = NULL;
    else
        trust_unload(t);
    return rc;
}

void trust_unload(struct trust_input *t)
{
    trust_bundle_clear(&t->bundle);
    free(t->text);
    t->text = NULL;
}

static size_t count_revoked(const struct trust_bundle *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->n_entries; i++)
        n += b->entry[i].n_serial;
    return n;
}

void trust_print_head(const struct trust_input *t)
{
    const struct trust_bundle *b = &t->bundle;
    char date[MC_TIME_TEXT_MAX];

    mc_time_format(b->date_unix, date);
    printf("bundle of %s: %zu PAAs, %zu signers of declarations, %zu certificates revoked", date, b->n_paas, b->n_signers,
        count_revoked(b));
    if (b->n_left_out != 0)
        printf("; %zu left out", b->n_left_out);
    putchar('\n');
}

static enum mc_rc add_rows(struct table *t, const char *what, struct trust_cert *const *list, size_t n)
{
    enum mc_rc rc = MC_OK;

    for (size_t i = 0; rc == MC_OK && i < n; i++) {
        char subject[512], id[3 * MC_KEY_ID_LEN + 1], until[MC_TIME_TEXT_MAX];

        mc_dn_format(&list[i]->c.subject, subject, sizeof(subject));
        tool_key_id(list[i]->c.skid, id);
        mc_time_format(list[i]->c.not_after_unix, until);
        rc = table_row(t, (const char *const[]){what, id, list[i]->c.not_after_unix == MC_TIME_NO_EXPIRY ? "never" : until, subject});
    }
    return rc;
}

void trust_describe(const struct mc_revset_entry *x, char subject[512], char id[3 * MC_KEY_ID_LEN + 1])
{
    struct mc_dn dn;

    snprintf(subject, 512, "?");
    if (mc_dn_parse_name(x->issuer_name, &dn) == MC_OK)
        mc_dn_format(&dn, subject, 512);
    tool_key_id(x->issuer_key_id, id);
}

static enum mc_rc print_page(const struct trust_input *t, struct mc_err *e)
{
    static const char *const headers[] = {"TRUSTED AS", "KEY ID", "EXPIRES", "SUBJECT", NULL};
    static const char *const revoked[] = {">REVOKED", "KEY ID", "OF", NULL};
    const struct trust_bundle *b = &t->bundle;
    struct table *certs = table_new(headers), *sets = table_new(revoked);
    char hex[2 * MC_DIGEST_LEN + 1];
    enum mc_rc rc = certs == NULL || sets == NULL ? MC_E_MEMORY : add_rows(certs, "PAA", b->paa, b->n_paas);

    mc_hex_encode(t->sha256, sizeof(t->sha256), hex);
    trust_print_head(t);
    printf("SHA-256 %s\n", hex);
    if (t->is_signed)
        printf("signed as number %llu by %s\n", (unsigned long long)t->note.number, t->note.origin);
    if (rc == MC_OK)
        rc = add_rows(certs, "CD signer", b->signer, b->n_signers);
    for (size_t i = 0; rc == MC_OK && i < b->n_entries; i++) {
        char subject[512], id[3 * MC_KEY_ID_LEN + 1], n[24];

        trust_describe(&b->entry[i], subject, id);
        snprintf(n, sizeof(n), "%zu", b->entry[i].n_serial);
        rc = table_row(sets, (const char *const[]){n, id, subject});
    }
    if (rc == MC_OK && b->n_paas + b->n_signers != 0) {
        putchar('\n');
        table_print(certs, stdout);
    }
    if (rc == MC_OK && b->n_entries != 0) {
        putchar('\n');
        table_print(sets, stdout);
    }
    table_free(certs);
    table_free(sets);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc, NULL, NULL);
}

static void json_certs(struct json *j, const char *key, struct trust_cert *const *list, size_t n)
{
    json_array(j, key);
    for (size_t i = 0; i < n; i++) {
        char subject[512], until[MC_TIME_TEXT_MAX];

        mc_dn_format(&list[i]->c.subject, subject, sizeof(subject));
        mc_time_format(list[i]->c.not_after_unix, until);
        json_object(j, NULL);
        json_string(j, "subject", subject);
        json_hex(j, "key_id", list[i]->c.skid);
        json_string(j, "not_after", until);
        json_end_object(j);
    }
    json_end_array(j);
}

void trust_json_head(struct json *j, const char *schema, const struct trust_input *t)
{
    char date[MC_TIME_TEXT_MAX];

    mc_time_format(t->bundle.date_unix, date);
    json_init(j, stdout, false);
    json_object(j, NULL);
    json_string(j, "schema", schema);
    json_string(j, "date", date);
    json_hex(j, "sha256", mc_span_of(t->sha256, sizeof(t->sha256)));
    if (t->is_signed) {
        json_string(j, "signed_by", t->note.origin);
        json_number(j, "number", (int64_t)t->note.number);
    }
    json_array(j, "left_out");
    for (size_t i = 0; i < t->bundle.n_left_out; i++) {
        json_object(j, NULL);
        json_string(j, "entry", t->bundle.left_out[i].path);
        json_string(j, "rule", mc_rc_rule(t->bundle.left_out[i].err.rc));
        json_end_object(j);
    }
    json_end_array(j);
}

static enum mc_rc show(struct cli *c, const struct trust_input *t, struct mc_err *e)
{
    struct json j;
    enum mc_rc rc = MC_OK;

    if (c->json) {
        trust_json_head(&j, "mattercert.trust-show/1", t);
        json_certs(&j, "paas", t->bundle.paa, t->bundle.n_paas);
        json_certs(&j, "cd_signers", t->bundle.signer, t->bundle.n_signers);
        json_number(&j, "revoked", (int64_t)count_revoked(&t->bundle));
        json_end_object(&j);
    } else {
        rc = print_page(t, e);
    }
    if (rc != MC_OK || t->bundle.n_left_out == 0)
        return rc;
    c->reported = true;
    return CA_E_PARTIAL;
}

enum mc_rc tool_trust_show(struct cli *c, struct mc_err *e)
{
    struct mc_verifier *v = mc_verifier_new();
    struct trust_input t;
    enum mc_rc rc = v == NULL ? mc_fail(e, MC_E_CRYPTO, NULL, NULL) : trust_load(c, v, c->operands[0], &t, e);

    if (rc == MC_OK) {
        rc = show(c, &t, e);
        trust_unload(&t);
    }
    mc_verifier_free(v);
    return rc;
}
