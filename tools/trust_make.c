/* SPDX-License-Identifier: Apache-2.0 */
/* trust make, trust export. */
#include <ctype.h>
#include <stdlib.h>
#include <time.h>

#include "lib/cli/io.h"
#include "lib/cli/revset_file.h"
#include "pool.h"
#include "trust.h"

const struct cli_option tool_trust_make_options[] = {
    {.name = "paa", .arg = "FILE|DIR", .help = "trust these PAAs; may be repeated", .repeat = true},
    {.name = "cd-signer", .arg = "FILE|DIR", .help = "trust these signers of declarations; may be repeated", .repeat = true},
    {.name = "revocation-set", .arg = "FILE", .help = "take these revocations; may be repeated", .repeat = true},
    {.name = "date", .arg = "TIME", .help = "the bundle's date; default now"},
    {.name = "out", .arg = "FILE", .help = "write the bundle there; default standard output"},
    {.name = NULL},
};

const struct cli_option tool_trust_export_options[] = {
    {.name = "out", .arg = "DIR", .help = "write the folders there", .required = true},
    TRUST_NOTE_OPTIONS,
    {.name = NULL},
};

enum { PATH_TEXT = 1024 };

struct making {
    struct cli *c;
    struct mc_verifier *v;
    struct trust_bundle bundle;
    struct tool_tally tally;
};

/* Certificates of a file or folder; one that cannot be used is told, and stops nothing. */
static enum mc_rc add_certs(struct making *m, const char *path, bool are_paas, struct mc_err *e)
{
    struct pool pool = {0};
    struct tool_tally read = {0};
    enum mc_rc rc = pool_add(&pool, m->c, path, &read, e);

    for (size_t i = 0; rc == MC_OK && i < pool.n; i++) {
        struct mc_err why;
        enum mc_rc one;

        if (are_paas && trust_is_csa_root(&pool.cert[i]->c)) {
            cli_note(m->c, "%s is the CSA's certification root, which is no PAA: passed over", pool.cert[i]->path);
            continue;
        }
        mc_err_init(&why);
        one = are_paas ? trust_bundle_add_paa(&m->bundle, m->v, pool.cert[i]->der, &why)
                       : trust_bundle_add_signer(&m->bundle, pool.cert[i]->der, &why);
        tool_count(&m->tally, m->c, pool.cert[i]->path, one, &why);
    }
    m->tally.failed += read.failed;
    if (m->tally.first_failure == MC_OK)
        m->tally.first_failure = read.first_failure;
    pool_free(&pool);
    return rc;
}

static enum mc_rc add_set(struct making *m, const char *path, struct mc_err *e)
{
    struct revset_file f;
    struct mc_err why;
    char where[PATH_TEXT];
    enum mc_rc rc;

    mc_err_init(&why);
    rc = revset_file_read(path, &f, &why);
    if (rc != MC_OK)
        tool_count(&m->tally, m->c, tool_name_in(path), rc, &why);
    if (rc != MC_OK)
        return rc == MC_E_MEMORY ? mc_fail(e, rc, NULL, NULL) : MC_OK;
    for (size_t i = 0; i < f.set.n; i++) {
        mc_err_init(&why);
        snprintf(where, sizeof(where), "%.900s: entry %zu", tool_name_in(path), i);
        rc = trust_bundle_add_entry(&m->bundle, &f.entry[i], &why);
        tool_count(&m->tally, m->c, where, rc, &why);
    }
    revset_file_clear(&f);
    return MC_OK;
}

static enum mc_rc add_all(struct making *m, struct mc_err *e)
{
    enum mc_rc rc = MC_OK;
    const char *path;

    for (unsigned i = 0; rc == MC_OK && (path = cli_value_at(m->c, "paa", i)) != NULL; i++)
        rc = add_certs(m, path, true, e);
    for (unsigned i = 0; rc == MC_OK && (path = cli_value_at(m->c, "cd-signer", i)) != NULL; i++)
        rc = add_certs(m, path, false, e);
    for (unsigned i = 0; rc == MC_OK && (path = cli_value_at(m->c, "revocation-set", i)) != NULL; i++)
        rc = add_set(m, path, e);
    if (rc == MC_OK && m->tally.done + m->tally.failed == 0)
        rc = mc_fail(e, MC_E_EMPTY, NULL, "no certificate and no revocation set is in what was given");
    return rc;
}

/* Commissioners look a PAA up by its key id alone, and the first wins. */
static void note_shared_ids(struct cli *c, const struct trust_bundle *b)
{
    for (size_t i = 1; i < b->n_paas; i++) {
        char id[3 * MC_KEY_ID_LEN + 1];

        tool_key_id(b->paa[i]->c.skid, id);
        if (mc_span_eq(b->paa[i]->c.skid, b->paa[i - 1]->c.skid))
            cli_note(c, "two PAAs have the key id %s: a commissioner of the SDK takes the first that it reads", id);
    }
}

static enum mc_rc make(struct making *m, struct mc_err *e)
{
    const char *date = cli_value(m->c, "date"), *out = cli_value(m->c, "out");
    char *text = NULL;
    size_t n = 0;
    enum mc_rc rc = MC_OK;

    m->bundle.date_unix = (int64_t)time(NULL);
    if (date != NULL)
        rc = mc_time_parse_text(date, &m->bundle.date_unix, e);
    if (rc == MC_OK)
        rc = add_all(m, e);
    if (rc == MC_OK && m->tally.done == 0)
        return tool_total(&m->tally, m->c);
    note_shared_ids(m->c, &m->bundle);
    if (rc == MC_OK)
        rc = trust_bundle_text(&m->bundle, &text, &n, e);
    if (rc == MC_OK)
        rc = io_write(out != NULL ? out : "-", mc_span_of(text, n), 0644, e);
    free(text);
    return rc == MC_OK ? tool_total(&m->tally, m->c) : rc;
}

enum mc_rc tool_trust_make(struct cli *c, struct mc_err *e)
{
    struct making m = {.c = c, .v = mc_verifier_new()};
    enum mc_rc rc = m.v == NULL ? mc_fail(e, MC_E_CRYPTO, NULL, NULL) : make(&m, e);

    trust_bundle_clear(&m.bundle);
    mc_verifier_free(m.v);
    return rc;
}

/* --- export ---------------------------------------------------------------------------------------- */

/* The subject, as far as it is fit for a file's name, and the begin of a hash: no two are the same. */
static void file_name(struct mc_verifier *v, const struct trust_cert *x, char out[128])
{
    char subject[256], *p = out;
    uint8_t digest[MC_DIGEST_LEN] = {0};

    mc_dn_format(&x->c.subject, subject, sizeof(subject));
    for (const char *s = subject; *s != '\0' && p < out + 96; s++) {
        bool plain = isalnum((unsigned char)*s) || *s == '-';

        if (plain || (p != out && p[-1] != '_'))
            *p++ = plain ? *s : '_';
    }
    if (mc_sha256(v, x->der, digest) != MC_OK)
        digest[0] = 0;
    snprintf(p, 24, "_%02x%02x%02x%02x.der", digest[0], digest[1], digest[2], digest[3]);
}

static enum mc_rc write_certs(struct mc_verifier *v, const char *out, const char *folder, struct trust_cert *const *list,
    size_t n, struct mc_err *e)
{
    char dir[PATH_TEXT], path[PATH_TEXT + 160], name[128];
    enum mc_rc rc;

    if (snprintf(dir, sizeof(dir), "%s/%s", out, folder) >= (int)sizeof(dir))
        return mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    rc = io_make_dir(dir, 0755, e);
    for (size_t i = 0; rc == MC_OK && i < n; i++) {
        file_name(v, list[i], name);
        snprintf(path, sizeof(path), "%s/%s", dir, name);
        rc = io_write_fast(path, list[i]->der, 0644, e);
    }
    return rc;
}

static enum mc_rc write_set(const char *out, const struct trust_bundle *b, struct mc_err *e)
{
    const struct mc_revset set = trust_bundle_revset(b);
    size_t cap = mc_revset_json_bound(&set), n = 0;
    char path[PATH_TEXT], *text = malloc(cap);
    enum mc_rc rc = text == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : mc_revset_encode_json(&set, text, cap, &n, e);

    if (rc == MC_OK && snprintf(path, sizeof(path), "%s/revocation-set.json", out) >= (int)sizeof(path))
        rc = mc_fail(e, CA_E_OUTPUT, NULL, "the path is too long");
    if (rc == MC_OK)
        rc = io_write(path, mc_span_of(text, n), 0644, e);
    free(text);
    return rc;
}

static enum mc_rc export_to(struct cli *c, struct mc_verifier *v, const struct trust_bundle *b, struct mc_err *e)
{
    const char *out = cli_value(c, "out");
    enum mc_rc rc = io_make_dir(out, 0755, e);

    if (rc == MC_OK)
        rc = write_certs(v, out, "paa-root-certs", b->paa, b->n_paas, e);
    if (rc == MC_OK)
        rc = write_certs(v, out, "cd-certs", b->signer, b->n_signers, e);
    if (rc == MC_OK)
        rc = write_set(out, b, e);
    if (rc != MC_OK)
        return rc;
    note_shared_ids(c, b);
    cli_note(c, "wrote %zu PAAs, %zu signers and the revocation set to %s", b->n_paas, b->n_signers, out);
    return MC_OK;
}

enum mc_rc tool_trust_export(struct cli *c, struct mc_err *e)
{
    struct mc_verifier *v = mc_verifier_new();
    struct trust_input t;
    enum mc_rc rc = v == NULL ? mc_fail(e, MC_E_CRYPTO, NULL, NULL) : trust_load(c, v, c->operands[0], &t, e);

    if (rc == MC_OK) {
        rc = export_to(c, v, &t.bundle, e);
        if (rc == MC_OK && t.bundle.n_left_out != 0) {
            c->reported = true;
            rc = CA_E_PARTIAL;
        }
        trust_unload(&t);
    }
    mc_verifier_free(v);
    return rc;
}
