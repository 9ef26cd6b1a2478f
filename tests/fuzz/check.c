/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "fuzz.h"

enum {
    TEXT_MAX = 512,
    SENTENCE_SHARE = 8, /* writing sentences costs more than reading a certificate */
};

static void check_sentence(const struct mc_err *e, size_t cap)
{
    char text[TEXT_MAX + 1];
    size_t n;

    text[cap] = (char)FUZZ_CANARY;
    mc_err_format(e, text, cap);
    REQUIRE(text[cap] == (char)FUZZ_CANARY);
    n = strnlen(text, cap);
    REQUIRE(n < cap);
    for (size_t i = 0; i < n; i++)
        REQUIRE((unsigned char)text[i] >= 0x20 && text[i] != 0x7F);
}

void fuzz_check_err(enum mc_rc rc, const struct mc_err *e, size_t input_n)
{
    REQUIRE(e->rc == rc);
    if (rc == MC_OK)
        return;
    REQUIRE(rc > MC_OK && rc < MC_RC_COUNT);
    REQUIRE(mc_rc_class(rc) != MC_CLASS_OK && mc_rc_class(rc) != MC_CLASS_INTERNAL);
    REQUIRE(mc_rc_text(rc)[0] != '\0' && mc_rc_rule(rc)[0] != '\0');
    REQUIRE(memchr(e->field, '\0', sizeof(e->field)) != NULL);
    REQUIRE(memchr(e->what, '\0', sizeof(e->what)) != NULL);
    REQUIRE(e->offset == MC_NO_OFFSET || e->offset <= input_n);
    if ((input_n + e->offset) % SENTENCE_SHARE != 0)
        return;
    check_sentence(e, 1 + input_n % 96);
    check_sentence(e, TEXT_MAX);
}

void fuzz_check_oid_format(struct mc_span oid)
{
    char whole[TEXT_MAX], cut[TEXT_MAX];
    size_t n, cap = 1 + oid.n % 24;

    mc_oid_format(oid, whole, sizeof(whole));
    n = strnlen(whole, sizeof(whole));
    REQUIRE(n < sizeof(whole));
    cut[cap] = (char)FUZZ_CANARY;
    mc_oid_format(oid, cut, cap);
    REQUIRE(cut[cap] == (char)FUZZ_CANARY && strnlen(cut, cap) < cap);
    /* What is not well-formed gives no text, unless the cut comes before the place where that shows. */
    if (n != 0 && n < cap)
        REQUIRE(strcmp(cut, whole) == 0);
    else if (cap >= 4)
        REQUIRE((n == 0 && cut[0] == '\0') || strcmp(cut + cap - 4, "...") == 0);
    (void)mc_oid_name(oid);
}

void fuzz_check_time_format(int64_t unix_time)
{
    char text[MC_TIME_TEXT_MAX + 1];
    struct mc_err e;
    int64_t back;

    text[MC_TIME_TEXT_MAX] = (char)FUZZ_CANARY;
    mc_time_format(unix_time, text);
    REQUIRE(text[MC_TIME_TEXT_MAX] == (char)FUZZ_CANARY);
    REQUIRE(strnlen(text, MC_TIME_TEXT_MAX) < MC_TIME_TEXT_MAX);
    if (strcmp(text, "out of range") == 0)
        return;
    mc_err_init(&e);
    REQUIRE(mc_time_parse_text(text, &back, &e) == MC_OK && back == unix_time);
}

struct mc_verifier *fuzz_verifier(void)
{
    static struct mc_verifier *v;

    if (v == NULL)
        v = mc_verifier_new();
    if (v == NULL)
        abort();
    return v;
}

bool fuzz_openssl_takes_name(struct mc_span der)
{
    const unsigned char *p = der.p;
    X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)der.n);
    bool taken = name != NULL;

    X509_NAME_free(name);
    ERR_clear_error();
    return taken;
}

/* FNV-1a over the whole input. */
bool fuzz_sampled(struct mc_span in, unsigned share)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < in.n; i++)
        h = (h ^ in.p[i]) * 16777619u;
    return (h ^ h >> 16) % share == 0;
}

uint8_t fuzz_u8(struct fuzz_bytes *b)
{
    return b->p < b->end ? *b->p++ : 0;
}

uint64_t fuzz_u64(struct fuzz_bytes *b)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < 8; i++)
        v = v << 8 | fuzz_u8(b);
    return v;
}
