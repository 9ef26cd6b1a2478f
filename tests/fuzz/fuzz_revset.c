/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation sets in the SDK's JSON. What is read is what jansson alone finds in the text; a set that commissioners can
 * use is written in its one form, which reads back as the same; look-ups find each serial that is in it, and no other.
 */
#include <jansson.h>
#include <stdlib.h>

#include "fuzz.h"
#include "lib/cli/revset_file.h"

enum { OUT_MAX = 65536, SECOND_SHARE = 4 };

/* --- jansson's own view ---------------------------------------------------------------------------------------- */

static bool is_hex_of(const json_t *text, struct mc_span s)
{
    char hex[2 * MC_CERT_DER_MAX + 1];

    mc_hex_encode_upper(s.p, s.n, hex);
    return json_is_string(text) && strcmp(json_string_value(text), hex) == 0;
}

static bool is_base64_of(const json_t *text, struct mc_span s)
{
    char base64[4 * ((MC_CERT_DER_MAX + 2) / 3) + 1];

    mc_base64_encode(s.p, s.n, base64);
    return json_is_string(text) && strcmp(json_string_value(text), base64) == 0;
}

static void require_entry(const json_t *o, const struct mc_revset_entry *x)
{
    const json_t *serials = json_object_get(o, "revoked_serial_numbers"), *delegator = json_object_get(o, "crl_signer_delegator");

    REQUIRE(json_object_size(o) == (delegator != NULL ? 6 : 5));
    REQUIRE(is_hex_of(json_object_get(o, "issuer_subject_key_id"), x->issuer_key_id));
    REQUIRE(is_base64_of(json_object_get(o, "issuer_name"), x->issuer_name));
    REQUIRE(is_base64_of(json_object_get(o, "crl_signer_cert"), x->signer));
    REQUIRE((delegator != NULL) == x->has_delegator);
    REQUIRE(delegator == NULL || (json_is_null(delegator) ? x->delegator.n == 0 : is_base64_of(delegator, x->delegator)));
    REQUIRE(json_array_size(serials) == x->n_serial);
    for (size_t i = 0; i < x->n_serial; i++)
        REQUIRE(is_hex_of(json_array_get(serials, i), x->serial[i]));
}

static void compare(struct mc_span text, const struct mc_revset *set)
{
    json_t *all = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, NULL);

    REQUIRE(json_is_array(all) && json_array_size(all) == set->n);
    for (size_t i = 0; i < set->n; i++)
        require_entry(json_array_get(all, i), &set->entry[i]);
    json_decref(all);
}

/* --- look-ups ---------------------------------------------------------------------------------------------------- */

static void look_up(const struct mc_revset *set)
{
    static const uint8_t never[] = {0x7F, 0x12, 0x34, 0x56, 0x78, 0x9A};
    size_t at;

    for (size_t i = 0; i < set->n; i++) {
        const struct mc_revset_entry *x = &set->entry[i];
        enum mc_revset_verdict v =
            mc_revset_find(set, x->issuer_name, x->issuer_key_id, mc_span_of(never, sizeof(never)), &at);

        REQUIRE(v != MC_REVSET_NOTHING && at < set->n);
        if (v == MC_REVSET_BROKEN) {
            REQUIRE(mc_revset_check_entry(&set->entry[at], NULL) != MC_OK);
            continue;
        }
        if (x->n_serial != 0)
            REQUIRE(mc_revset_find(set, x->issuer_name, x->issuer_key_id, x->serial[x->n_serial - 1], &at) == MC_REVSET_REVOKED);
        if (x->n_serial != 0 && x->serial[0].n < MC_SERIAL_MAX) {
            uint8_t content[MC_SERIAL_MAX + 1] = {0};

            /* As a certificate has it: INTEGER content, with the zero octet that a set top bit needs. */
            memcpy(content + 1, x->serial[0].p, x->serial[0].n);
            REQUIRE(mc_revset_find(set, x->issuer_name, x->issuer_key_id, mc_span_of(content, x->serial[0].n + 1), &at) ==
                    MC_REVSET_REVOKED);
        }
    }
}

/* --- the writer ---------------------------------------------------------------------------------------------------- */

static bool is_usable(const struct mc_revset *set, size_t n_text)
{
    for (size_t i = 0; i < set->n; i++) {
        struct mc_err e;
        enum mc_rc rc;

        mc_err_init(&e);
        rc = mc_revset_check_entry(&set->entry[i], &e);
        fuzz_check_err(rc, &e, n_text);
        if (rc != MC_OK)
            return false;
    }
    return true;
}

static void require_same(const struct mc_revset *a, const struct mc_revset *b)
{
    REQUIRE(a->n == b->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct mc_revset_entry *x = &a->entry[i], *y = &b->entry[i];

        REQUIRE(mc_span_eq(x->issuer_name, y->issuer_name) && mc_span_eq(x->issuer_key_id, y->issuer_key_id));
        REQUIRE(mc_span_eq(x->signer, y->signer) && x->has_delegator == y->has_delegator && mc_span_eq(x->delegator, y->delegator));
        REQUIRE(x->n_serial == y->n_serial);
        for (size_t k = 0; k < x->n_serial; k++)
            REQUIRE(mc_span_eq(x->serial[k], y->serial[k]));
    }
}

static void write_anew(const struct mc_revset *set)
{
    static char out[OUT_MAX], again[OUT_MAX];
    struct revset_file back;
    size_t n = 0, n_again = 0;

    REQUIRE(mc_revset_json_bound(set) <= OUT_MAX);
    REQUIRE(mc_revset_encode_json(set, out, mc_revset_json_bound(set), &n, NULL) == MC_OK);
    REQUIRE(revset_file_parse(mc_span_of(out, n), &back, NULL) == MC_OK);
    require_same(set, &back.set);
    REQUIRE(mc_revset_encode_json(&back.set, again, sizeof(again), &n_again, NULL) == MC_OK);
    REQUIRE(n_again == n && memcmp(out, again, n) == 0);
    n_again = FUZZ_LEN_UNTOUCHED;
    REQUIRE(mc_revset_encode_json(&back.set, again, n - 1, &n_again, NULL) == MC_E_SPACE && n_again == FUZZ_LEN_UNTOUCHED);
    revset_file_clear(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mc_span text = mc_span_of(data, n);
    struct revset_file f;
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = revset_file_parse(text, &f, &e);
    fuzz_check_err(rc, &e, n);
    if (rc != MC_OK) {
        REQUIRE(f.entry == NULL && f.serial == NULL && f.octets == NULL);
        return 0;
    }
    if (fuzz_sampled(text, SECOND_SHARE))
        compare(text, &f.set);
    look_up(&f.set);
    if (is_usable(&f.set, n) && fuzz_sampled(text, SECOND_SHARE))
        write_anew(&f.set);
    revset_file_clear(&f);
    return 0;
}
