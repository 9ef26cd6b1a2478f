/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yardstick STATE FABRIC SECONDS PROCESSES: what nothing that issues NOCs on this machine can beat. So many
 * processes at once each verify signatures with OpenSSL and sign with the fabric's key in the token, by the
 * kind of handle that heddle signs with, in short turns and with nothing else around the calls.
 *
 * Prints microseconds: verification by the clock and of CPU, signature by the clock and of CPU.
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ca/authority.h"
#include "hsm/internal.h"

#define TURN      25 /* operations between two looks at the clocks */
#define PROCESSES 64

enum what { VERIFY, SIGN, KINDS };

struct result {
    double wall_us[KINDS], cpu_us[KINDS];
    uint64_t n;
    bool ok;
};

/* What the workers share: the start, and one result each. */
struct common {
    atomic_uint ready;
    struct result result[PROCESSES];
};

struct verify_key {
    EVP_PKEY *key;
    EVP_PKEY_CTX *ctx;
    uint8_t digest[HSM_DIGEST_LEN], sig[80];
    size_t sig_n;
};

static double now_us(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static bool make_verify_key(struct verify_key *k)
{
    EVP_PKEY_CTX *ctx;
    bool ok;

    memset(k->digest, 0x5A, sizeof(k->digest));
    k->key = EVP_EC_gen("P-256");
    k->sig_n = sizeof(k->sig);
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->key, NULL);
    ok = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
         EVP_PKEY_sign(ctx, k->sig, &k->sig_n, k->digest, sizeof(k->digest)) == 1;
    EVP_PKEY_CTX_free(ctx);
    k->ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->key, NULL);
    return ok && k->ctx != NULL && EVP_PKEY_verify_init(k->ctx) == 1;
}

static bool verify_turn(struct verify_key *k)
{
    bool ok = true;

    for (int i = 0; i < TURN; i++)
        ok = EVP_PKEY_verify(k->ctx, k->sig, k->sig_n, k->digest, sizeof(k->digest)) == 1 && ok;
    return ok;
}

static bool sign_turn(struct hsm_key *k)
{
    struct hsm_session *s = &k->h->sessions[0];
    CK_OBJECT_HANDLE object = k->copy[0] != CK_INVALID_HANDLE ? k->copy[0] : k->object;
    uint8_t digest[HSM_DIGEST_LEN] = {1}, sig[HSM_SIG_LEN];
    const char *call;
    bool ok = true;

    for (int i = 0; i < TURN; i++)
        ok = hsm_sign_raw(k->h, s->handle, object, digest, sig, &call) == CKR_OK && ok;
    return ok;
}

static bool timed(struct result *r, enum what what, struct verify_key *v, struct hsm_key *k)
{
    double wall = now_us(CLOCK_MONOTONIC), cpu = now_us(CLOCK_PROCESS_CPUTIME_ID);
    bool ok = what == VERIFY ? verify_turn(v) : sign_turn(k);

    r->cpu_us[what] += now_us(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    r->wall_us[what] += now_us(CLOCK_MONOTONIC) - wall;
    return ok;
}

static void run(struct common *c, unsigned index, unsigned processes, double seconds, struct hsm_key *k)
{
    struct result *r = &c->result[index];
    struct verify_key v;
    bool ok = make_verify_key(&v) && sign_turn(k);
    double end;

    atomic_fetch_add(&c->ready, 1);
    while (atomic_load(&c->ready) < processes)
        usleep(100);
    end = now_us(CLOCK_MONOTONIC) + seconds * 1e6;
    while (ok && now_us(CLOCK_MONOTONIC) < end) {
        ok = timed(r, VERIFY, &v, k) && timed(r, SIGN, &v, k);
        r->n += TURN;
    }
    r->ok = ok;
}

/* In its own process: the module must be loaded after the fork. */
static enum mc_rc work(struct common *c, const char *const *args, unsigned index, unsigned processes)
{
    struct state s;
    struct ledger_fabric f;
    struct issuer issuer;
    struct mc_err e;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = state_open(args[0], LEDGER_READ, &s, NULL, &e);
    if (rc == MC_OK)
        rc = ledger_fabric_by_name(s.ledger, args[1], &f, &e);
    if (rc == MC_OK)
        rc = state_open_token(&s, NULL, &e);
    if (rc == MC_OK)
        rc = issuer_load(&s, fabric_issuer(&f), &issuer, &e);
    if (rc == MC_OK) {
        uint8_t sig[HSM_SIG_LEN], digest[HSM_DIGEST_LEN] = {1};

        /* The first signature makes the session copy. */
        rc = hsm_sign(issuer.key, digest, sig, &e);
    }
    if (rc == MC_OK)
        run(c, index, processes, strtod(args[2], NULL), issuer.key);
    else
        fprintf(stderr, "yardstick: %s: %s %s\n", mc_rc_rule(rc), mc_rc_text(rc), e.what);
    atomic_fetch_add(&c->ready, processes); /* nobody waits for one that failed */
    return rc;
}

static int print(const struct common *c, unsigned processes)
{
    double sum[2 * KINDS] = {0};

    for (unsigned i = 0; i < processes; i++) {
        const struct result *r = &c->result[i];

        if (!r->ok || r->n == 0)
            return 1;
        for (unsigned w = 0; w < KINDS; w++) {
            sum[2 * w] += r->wall_us[w] / (double)r->n / processes;
            sum[2 * w + 1] += r->cpu_us[w] / (double)r->n / processes;
        }
    }
    printf("%.2f %.2f %.2f %.2f\n", sum[0], sum[1], sum[2], sum[3]);
    return 0;
}

int main(int argc, char **argv)
{
    unsigned processes = argc == 5 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    const char *const args[] = {argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "", argc > 3 ? argv[3] : ""};
    struct common *c =
        mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (processes == 0 || processes > PROCESSES || c == MAP_FAILED) {
        fprintf(stderr, "usage: yardstick STATE FABRIC SECONDS PROCESSES\n");
        return 2;
    }
    for (unsigned i = 0; i < processes; i++) {
        pid_t pid = fork();

        if (pid < 0)
            return 1;
        if (pid == 0)
            _exit(work(c, args, i, processes) == MC_OK ? 0 : 1);
    }
    while (wait(NULL) > 0)
        continue;
    return print(c, processes);
}
