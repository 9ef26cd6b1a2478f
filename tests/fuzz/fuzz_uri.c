/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 7512 URIs: what is read and has a token, a label and an id of this program is written and read again.
 */
#include "fuzz.h"
#include "hsm/internal.h"

enum { IN_MAX = 4096, URI_CAP = 512 };

static void check_written(const struct hsm_uri *u)
{
    static struct hsm h;
    struct hsm_uri back;
    char text[URI_CAP + 1];

    text[URI_CAP] = (char)FUZZ_CANARY;
    memcpy(h.label, u->token, sizeof(u->token));
    hsm_key_uri(&h, u->key.label, u->key.id, text);
    REQUIRE(text[URI_CAP] == (char)FUZZ_CANARY && strnlen(text, URI_CAP) < URI_CAP);
    REQUIRE(hsm_uri_parse(text, &back, NULL) == MC_OK);
    REQUIRE(strcmp(back.token, u->token) == 0 && strcmp(back.key.label, u->key.label) == 0);
    REQUIRE(mc_span_eq(mc_span_of(back.key.id, back.key.id_n), mc_span_of(u->key.id, u->key.id_n)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static char text[IN_MAX + 1];
    static const struct hsm_uri none;
    struct hsm_uri u = {.token = ""};
    struct mc_err e;
    enum mc_rc rc;

    if (n > IN_MAX)
        return 0;
    memcpy(text, data, n);
    text[n] = '\0';
    mc_err_init(&e);
    rc = hsm_uri_parse(text, &u, &e);
    fuzz_check_err(rc, &e, n);
    if (rc != MC_OK) {
        REQUIRE(memcmp(&u, &none, sizeof(u)) == 0);
        return 0;
    }
    REQUIRE(u.key.id_n <= sizeof(u.key.id) && (u.key.id_n != 0 || u.key.label[0] != '\0'));
    REQUIRE(strnlen(u.token, sizeof(u.token)) < sizeof(u.token) &&
            strnlen(u.model, sizeof(u.model)) < sizeof(u.model));
    if (u.token[0] != '\0' && u.key.label[0] != '\0' && u.key.id_n == HSM_ID_LEN)
        check_written(&u);
    return 0;
}
