/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/crypto.h>

#include "lib/cli/io.h"
#include "tool.h"

enum mc_rc tool_read(const char *path, struct tool_input *t, struct mc_err *e)
{
    t->n = 0;
    return io_read_into(path, t->raw, sizeof(t->raw), &t->n, e);
}

enum mc_rc tool_decode(struct tool_input *t, struct mc_err *e)
{
    enum mc_rc rc = mc_input_decode(mc_span_of(t->raw, t->n), t->scratch, sizeof(t->scratch), &t->in, e);

    if (rc == MC_OK) {
        t->object = mc_object_guess(&t->in);
        if (t->object == MC_OBJECT_PRIVATE_KEY)
            rc = mc_fail(e, MC_E_PRIVATE_KEY, NULL, NULL);
    }
    if (rc == MC_E_PRIVATE_KEY) {
        OPENSSL_cleanse(t->raw, t->n);
        OPENSSL_cleanse(t->scratch, t->n);
    }
    return rc;
}

enum mc_rc tool_load(const char *path, struct tool_input *t, struct mc_err *e)
{
    enum mc_rc rc = tool_read(path, t, e);

    return rc == MC_OK ? tool_decode(t, e) : rc;
}

enum mc_rc tool_want_object(enum mc_object got, enum mc_object wanted, struct mc_err *e)
{
    static const char *const use[MC_OBJECT_COUNT] = {
        [MC_OBJECT_CERTIFICATE] = "use 'mattercert show' or 'mattercert convert'",
        [MC_OBJECT_CSR] = "use 'mattercert csr show'",
        [MC_OBJECT_ELEMENTS] = "use 'mattercert cd show' or 'mattercert attest verify'",
        [MC_OBJECT_NOCSR] = "use 'mattercert csr show'",
        [MC_OBJECT_CRL] = "use 'mattercert crl show'",
        [MC_OBJECT_PUBLIC_KEY] = "use 'openssl pkey -pubin -text'",
        [MC_OBJECT_CMS] = "use 'mattercert cd show'",
    };

    if (got == wanted || got == MC_OBJECT_UNKNOWN)
        return MC_OK;
    return mc_fail(e, MC_E_OBJECT, NULL, "%s; %s", mc_object_name(got), use[got]);
}

enum mc_rc tool_want(const struct tool_input *t, enum mc_object wanted, struct mc_err *e)
{
    return tool_want_object(t->object, wanted, e);
}

enum mc_rc tool_certificate(
    const struct tool_input *t, enum mc_rules rules, struct mc_cert *c, struct mc_err *e)
{
    enum mc_rc rc = tool_want(t, MC_OBJECT_CERTIFICATE, e);

    if (rc != MC_OK)
        return rc;
    if (t->in.inner != MC_INNER_TLV)
        return mc_cert_parse_der(t->in.bytes, rules, c, e);
    return rules == MC_RULES_X509 ? mc_cert_parse_tlv_loose(t->in.bytes, c, e) : mc_cert_parse_tlv(t->in.bytes, c, e);
}

const char *tool_name_in(const char *path)
{
    return strcmp(path, "-") == 0 ? "stdin" : path;
}

const char *tool_name_out(const char *path)
{
    return strcmp(path, "-") == 0 ? "stdout" : path;
}

const char *tool_form_name(const struct mc_input *in)
{
    static const char *const names[2][4] = {
        [MC_INNER_DER] = {"DER", "hex of DER", "base64 of DER", "PEM"},
        [MC_INNER_TLV] = {"Matter TLV", "hex of Matter TLV", "base64 of Matter TLV", "PEM of Matter TLV"},
    };

    return names[in->inner][in->outer];
}

void tool_count(
    struct tool_tally *t, const struct cli *c, const char *where, enum mc_rc rc, const struct mc_err *e)
{
    if (rc == MC_OK) {
        t->done++;
        return;
    }
    if (t->failed++ == 0)
        t->first_failure = rc;
    cli_print_error(c, where, e);
}

enum mc_rc tool_total(const struct tool_tally *t, struct cli *c)
{
    c->reported = t->failed > 0;
    if (t->failed == 0)
        return MC_OK;
    return t->done > 0 ? CA_E_PARTIAL : t->first_failure;
}
