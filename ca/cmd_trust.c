/* SPDX-License-Identifier: Apache-2.0 */
/* trust sign. */
#include "cmd_revocation.h"

#include <stdlib.h>

#include "cmd.h"
#include "lib/cli/trust_bundle.h"
#include "trust.h"

const struct cli_option trust_sign_options[] = {
    {"out", "FILE", "write the signed note there", false, true, 'o'},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

/* Only what is a bundle through and through is signed: everything in it can be used. */
static enum mc_rc check_bundle(struct mc_verifier *v, struct mc_span text, struct mc_err *e)
{
    struct trust_bundle b;
    char *again = NULL;
    size_t n = 0;
    enum mc_rc rc = trust_bundle_parse(text, v, &b, e);

    if (rc != MC_OK)
        return rc;
    if (b.n_left_out != 0)
        rc = mc_fail(e, MC_E_TRUST, b.left_out[0].path, "it cannot be used: %s", mc_rc_text(b.left_out[0].err.rc));
    if (rc == MC_OK)
        rc = trust_bundle_text(&b, &again, &n, e);
    if (rc == MC_OK && !mc_span_eq(text, mc_span_of(again, n)))
        rc = mc_fail(e, MC_E_TRUST, NULL, "it is not in the form in which 'mattercert trust make' writes it");
    free(again);
    trust_bundle_clear(&b);
    return rc;
}

static enum mc_rc sign(struct cli *c, struct mc_span text, struct mc_err *e)
{
    const char *out = cli_value(c, "out");
    uint64_t number;
    struct state s;
    struct json j;
    enum mc_rc rc = cmd_open_token(c, &s, e);

    if (rc != MC_OK)
        return rc;
    rc = state_blame_disk(&s, trust_sign(&s, text, out, &number, e), e);
    if (rc == MC_OK)
        cmd_checkpoint(c, &s, true);
    if (rc == MC_OK && c->json && strcmp(out, "-") != 0) {
        json_init(&j, stdout, false);
        json_object(&j, NULL);
        json_string(&j, "schema", "heddle.trust-note/1");
        json_number(&j, "number", (int64_t)number);
        json_string(&j, "file", out);
        json_end_object(&j);
    } else if (rc == MC_OK && strcmp(out, "-") != 0) {
        printf("signed as number %llu\n", (unsigned long long)number);
    }
    state_close(&s);
    return rc;
}

enum mc_rc cmd_trust_sign(struct cli *c, struct mc_err *e)
{
    struct mc_verifier *v = mc_verifier_new();
    uint8_t *text = NULL;
    size_t n = 0;
    enum mc_rc rc = v != NULL ? MC_OK : mc_fail(e, MC_E_MEMORY, NULL, NULL);

    c->where = c->operands[0];
    if (rc == MC_OK)
        rc = io_read(c->operands[0], TRUST_BUNDLE_MAX, &text, &n, e);
    if (rc == MC_OK)
        rc = check_bundle(v, mc_span_of(text, n), e);
    mc_verifier_free(v);
    if (rc == MC_OK) {
        c->where = NULL;
        rc = sign(c, mc_span_of(text, n), e);
    }
    free(text);
    return rc;
}
