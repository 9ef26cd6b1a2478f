/* SPDX-License-Identifier: Apache-2.0 */
/* probe.c - tries what the CA asks of a token, with keys that live as long as their session. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "internal.h"

#define SPEED_MS 500 /* how long signatures are counted */

static const struct {
    const char *what;
    bool needed;
} steps[HSM_PROBE_STEPS] = {
    [HSM_PROBE_RANDOM] = {"random octets", false},
    [HSM_PROBE_KEYGEN] = {"make a P-256 key pair", true},
    [HSM_PROBE_HIDDEN] = {"keep the private key to itself", true},
    [HSM_PROBE_SIGN] = {"sign with ECDSA", true},
    [HSM_PROBE_COPY] = {"sign with a session copy of a key", false},
    [HSM_PROBE_SEAL] = {"seal secrets with AES-256-GCM", true},
    [HSM_PROBE_WRITE] = {"take new keys for good", true},
};

const char *hsm_probe_what(enum hsm_probe_step s)
{
    return steps[s].what;
}

bool hsm_probe_needed(enum hsm_probe_step s)
{
    return steps[s].needed;
}

struct probe_task {
    struct hsm_task t;
    struct hsm_probe out;
    CK_OBJECT_HANDLE pair[2], copy;
    uint8_t point[HSM_POINT_LEN];
};

static bool outcome(struct probe_task *p, enum hsm_probe_step step, const char *call, CK_RV rv)
{
    struct hsm_probe_result *r = &p->out.step[step];

    r->ok = rv == CKR_OK;
    if (!r->ok)
        snprintf(r->why, sizeof(r->why), "%s: %s", call, hsm_ckr_name(rv));
    return r->ok;
}

static bool refuted(struct probe_task *p, enum hsm_probe_step step, const char *why)
{
    snprintf(p->out.step[step].why, sizeof(p->out.step[step].why), "%s", why);
    return p->out.step[step].ok = false;
}

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static bool make_pair(struct probe_task *p)
{
    CK_MECHANISM keygen = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE public[] = {
        {CKA_EC_PARAMS, hsm_mutable(hsm_p256_params), sizeof(hsm_p256_params)},
        {CKA_TOKEN, &no, sizeof(no)},
        {CKA_VERIFY, &yes, sizeof(yes)},
    };
    CK_ATTRIBUTE private[] = {
        {CKA_TOKEN, &no, sizeof(no)},
        {CKA_PRIVATE, &yes, sizeof(yes)},
        {CKA_SENSITIVE, &yes, sizeof(yes)},
        {CKA_EXTRACTABLE, &no, sizeof(no)},
        {CKA_SIGN, &yes, sizeof(yes)},
        {CKA_DERIVE, &no, sizeof(no)},
    };
    double began = now_us();
    CK_RV rv = p->t.h->m.f->C_GenerateKeyPair(
        p->t.s->handle, &keygen, public, 3, private, 6, &p->pair[0], &p->pair[1]);

    p->out.keygen_us = now_us() - began;
    if (!outcome(p, HSM_PROBE_KEYGEN, "C_GenerateKeyPair", rv))
        return false;
    if (hsm_object_point(p->t.h, p->t.s->handle, p->pair[0], p->point, NULL) != MC_OK)
        return refuted(p, HSM_PROBE_KEYGEN, "the new public key cannot be read");
    return true;
}

static void try_random(struct probe_task *p)
{
    uint8_t octets[32];

    (void)outcome(p, HSM_PROBE_RANDOM, "C_GenerateRandom", p->t.h->m.f->C_GenerateRandom(p->t.s->handle, octets, sizeof(octets)));
}

static void try_to_read(struct probe_task *p)
{
    uint8_t value[64];
    struct mc_out o = mc_out_of(value, sizeof(value));
    enum hsm_tri sensitive = HSM_ABSENT, extractable = HSM_ABSENT;

    p->out.step[HSM_PROBE_HIDDEN].ok = true;
    if (hsm_object_bytes(p->t.h, p->t.s->handle, p->pair[1], CKA_VALUE, &o) == CKR_OK && o.n > 0)
        (void)refuted(p, HSM_PROBE_HIDDEN, "its value can be read");
    else if (hsm_object_bool(p->t.h, p->t.s->handle, p->pair[1], CKA_SENSITIVE, &sensitive) != CKR_OK ||
             hsm_object_bool(p->t.h, p->t.s->handle, p->pair[1], CKA_EXTRACTABLE, &extractable) != CKR_OK ||
             sensitive != HSM_TRUE || extractable != HSM_FALSE)
        (void)refuted(p, HSM_PROBE_HIDDEN, "it does not say that it is sensitive and not extractable");
    hsm_wipe(value, sizeof(value));
}

static bool try_signing(struct probe_task *p, enum hsm_probe_step step, CK_OBJECT_HANDLE key)
{
    uint8_t digest[HSM_DIGEST_LEN] = {1}, sig[HSM_SIG_LEN];
    const char *call = "";
    CK_RV rv = hsm_sign_raw(p->t.h, p->t.s->handle, key, digest, sig, &call);

    if (!outcome(p, step, call, rv))
        return false;
    return mc_verify(p->t.h->verifier, p->point, digest, sig) == MC_OK || refuted(p, step, "the signature is wrong");
}

static void try_copy(struct probe_task *p)
{
    CK_BBOOL no = CK_FALSE;
    CK_ATTRIBUTE change = {CKA_TOKEN, &no, sizeof(no)};
    CK_RV rv = p->t.h->m.f->C_CopyObject(p->t.s->handle, p->pair[1], &change, 1, &p->copy);

    if (outcome(p, HSM_PROBE_COPY, "C_CopyObject", rv))
        (void)try_signing(p, HSM_PROBE_COPY, p->copy);
}

static CK_RV make_aes(struct probe_task *p, CK_OBJECT_HANDLE *key)
{
    CK_MECHANISM keygen = {CKM_AES_KEY_GEN, NULL, 0};
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ULONG length = 32;
    CK_ATTRIBUTE want[] = {{CKA_TOKEN, &no, sizeof(no)}, {CKA_PRIVATE, &yes, sizeof(yes)},
        {CKA_SENSITIVE, &yes, sizeof(yes)}, {CKA_EXTRACTABLE, &no, sizeof(no)}, {CKA_ENCRYPT, &yes, sizeof(yes)},
        {CKA_DECRYPT, &yes, sizeof(yes)}, {CKA_VALUE_LEN, &length, sizeof(length)}};

    return p->t.h->m.f->C_GenerateKey(p->t.s->handle, &keygen, want, 7, key);
}

static CK_RV round_trip(struct probe_task *p, CK_OBJECT_HANDLE key, const char **call, bool *same)
{
    CK_FUNCTION_LIST_PTR f = p->t.h->m.f;
    uint8_t iv[12] = {2}, text[16] = "a secret of ours", sealed[64], back[64] = {0};
    CK_GCM_PARAMS gcm = {.pIv = iv, .ulIvLen = sizeof(iv), .ulIvBits = 8 * sizeof(iv), .ulTagBits = 128};
    CK_MECHANISM mechanism = {CKM_AES_GCM, &gcm, sizeof(gcm)};
    CK_ULONG sealed_n = sizeof(sealed), back_n = sizeof(back);
    CK_RV rv = f->C_EncryptInit(p->t.s->handle, &mechanism, key);

    *call = "C_EncryptInit";
    if (rv == CKR_OK) {
        *call = "C_Encrypt";
        rv = f->C_Encrypt(p->t.s->handle, text, sizeof(text), sealed, &sealed_n);
    }
    if (rv == CKR_OK) {
        *call = "C_DecryptInit";
        rv = f->C_DecryptInit(p->t.s->handle, &mechanism, key);
    }
    if (rv == CKR_OK) {
        *call = "C_Decrypt";
        rv = f->C_Decrypt(p->t.s->handle, sealed, sealed_n, back, &back_n);
    }
    *same = rv == CKR_OK && back_n == sizeof(text) && memcmp(back, text, sizeof(text)) == 0;
    return rv;
}

static void try_sealing(struct probe_task *p)
{
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    const char *call = "C_GenerateKey";
    bool same = false;
    CK_RV rv = make_aes(p, &key);

    if (rv == CKR_OK) {
        rv = round_trip(p, key, &call, &same);
        p->t.h->m.f->C_DestroyObject(p->t.s->handle, key);
    }
    if (outcome(p, HSM_PROBE_SEAL, call, rv) && !same)
        (void)refuted(p, HSM_PROBE_SEAL, "what it decrypts is not what it encrypted");
}

/* Nothing is written: a session that may, on a token that is not write-protected, is all that can be seen so. */
static void try_writing(struct probe_task *p)
{
    CK_SESSION_HANDLE s = CK_INVALID_HANDLE;
    CK_TOKEN_INFO info;
    struct mc_err e;

    mc_err_init(&e);
    if (hsm_session_open_rw(p->t.h, &s, &e) != MC_OK) {
        (void)refuted(p, HSM_PROBE_WRITE, e.what);
        return;
    }
    p->t.h->m.f->C_CloseSession(s);
    p->out.step[HSM_PROBE_WRITE].ok = true;
    if (hsm_token_info(p->t.h, &info, &e) == MC_OK && (info.flags & CKF_WRITE_PROTECTED) != 0)
        (void)refuted(p, HSM_PROBE_WRITE, "the token is write-protected");
}

static enum mc_rc probe_run(struct hsm_task *t)
{
    struct probe_task *p = (struct probe_task *)t;
    CK_TOKEN_INFO info;

    try_random(p);
    try_writing(p);
    try_sealing(p);
    if (make_pair(p)) {
        try_to_read(p);
        if (try_signing(p, HSM_PROBE_SIGN, p->pair[1]))
            try_copy(p);
    }
    if (hsm_token_info(t->h, &info, NULL) == MC_OK && info.ulMaxSessionCount != CK_UNAVAILABLE_INFORMATION)
        p->out.sessions_max = (unsigned)info.ulMaxSessionCount;
    return MC_OK;
}

static enum mc_rc clean_run(struct hsm_task *t)
{
    struct probe_task *p = (struct probe_task *)t;
    CK_OBJECT_HANDLE all[] = {p->copy, p->pair[1], p->pair[0]};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i] != CK_INVALID_HANDLE)
            t->h->m.f->C_DestroyObject(t->s->handle, all[i]);
    return MC_OK;
}

/* --- speed ------------------------------------------------------------------------------------------- */

struct speed_task {
    struct hsm_task t;
    CK_OBJECT_HANDLE key;
    uint64_t n;
    double us;
};

static enum mc_rc speed_run(struct hsm_task *t)
{
    struct speed_task *s = (struct speed_task *)t;
    uint8_t digest[HSM_DIGEST_LEN] = {1}, sig[HSM_SIG_LEN];
    double began = now_us();
    const char *call = "";

    while (now_us() < began + SPEED_MS * 1000) {
        CK_RV rv = hsm_sign_raw(t->h, t->s->handle, s->key, digest, sig, &call);

        if (rv != CKR_OK)
            return hsm_fail_ckr(&t->e, call, rv);
        s->n++;
    }
    s->us = now_us() - began;
    return MC_OK;
}

struct runner {
    struct hsm *h;
    struct hsm_session *s;
    CK_OBJECT_HANDLE key;
    pthread_t thread;
    double rate; /* signatures a second */
    enum mc_rc rc;
    struct mc_err e;
};

static void *measure_one(void *arg)
{
    struct runner *r = arg;
    struct hsm_task *t = NULL;

    mc_err_init(&r->e);
    r->rc = hsm_task_new(r->h, sizeof(struct speed_task), speed_run, &t, &r->e);
    if (r->rc != MC_OK)
        return NULL;
    ((struct speed_task *)t)->key = r->key;
    r->rc = hsm_task_run(r->s, &t, r->h->timeout_ms + SPEED_MS, &r->e);
    if (r->rc == MC_OK && ((struct speed_task *)t)->us > 0)
        r->rate = (double)((struct speed_task *)t)->n * 1e6 / ((struct speed_task *)t)->us;
    hsm_task_free(t);
    return NULL;
}

/* The first n sessions at once. */
static enum mc_rc measure(struct hsm *h, CK_OBJECT_HANDLE key, unsigned n, double *rate, struct mc_err *e)
{
    struct runner *r = calloc(n, sizeof(*r));
    unsigned started = 0;
    enum mc_rc rc = MC_OK;

    if (r == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    for (; started < n && rc == MC_OK; started++) {
        r[started] = (struct runner){.h = h, .s = &h->sessions[started], .key = key};
        if (pthread_create(&r[started].thread, NULL, measure_one, &r[started]) != 0) {
            rc = mc_fail(e, MC_E_MEMORY, NULL, "no thread can be started");
            break;
        }
    }
    *rate = 0;
    for (unsigned i = 0; i < started; i++) {
        pthread_join(r[i].thread, NULL);
        *rate += r[i].rate;
        if (rc == MC_OK && r[i].rc != MC_OK) {
            rc = r[i].rc;
            if (e != NULL)
                *e = r[i].e;
        }
    }
    free(r);
    return rc;
}

enum mc_rc hsm_probe(struct hsm *h, struct hsm_probe *out, struct mc_err *e)
{
    struct hsm_task *t = NULL;
    struct probe_task *p;
    enum mc_rc rc = hsm_task_new(h, sizeof(*p), probe_run, &t, e);

    if (rc != MC_OK)
        return rc;
    p = (struct probe_task *)t;
    rc = hsm_task_run(&h->sessions[0], &t, h->timeout_ms, e);
    if (rc == MC_OK && p->out.step[HSM_PROBE_SIGN].ok) {
        CK_OBJECT_HANDLE key = p->copy != CK_INVALID_HANDLE && h->session_copy ? p->copy : p->pair[1];

        rc = measure(h, key, 1, &p->out.one_per_second, e);
        if (rc == MC_OK)
            rc = measure(h, key, h->session_count, &p->out.all_per_second, e);
    }
    if (rc == MC_OK) {
        p->out.sessions = h->session_count;
        *out = p->out;
        t->run = clean_run;
        rc = hsm_task_run(&h->sessions[0], &t, h->timeout_ms, e);
    }
    hsm_task_free(t);
    return rc;
}
