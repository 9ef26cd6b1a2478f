/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yardstick STATE FABRIC SECONDS PROCESSES: what nothing that issues NOCs on this machine can beat. So many
 * processes at once each verify signatures with OpenSSL and sign with the fabric's key in the token, by the
 * kind of handle that heddle signs with, in short turns and with nothing else around the calls.
 *
 * yardstick STATE PAI SECONDS PROCESSES RECIPIENT: the same for DACs, and what a device's secrets cost: its key (a
 * random scalar times the generator), the hashing and the point of its Spake2+ verifier (1000 iterations of
 * PBKDF2 for 80 octets are 6000 blocks of SHA-256), and sealing its record to the certificate.
 *
 * Prints microseconds by the clock and of CPU for each: verification, signature, key, verifier, sealing.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* SHA256_Transform: a block and nothing around it */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ca/attestation.h"
#include "ca/recipient.h"
#include "hsm/internal.h"

#define TURN      25 /* operations between two looks at the clocks */
#define PROCESSES 64

#define BLOCKS    6000
#define RECORD    1750 /* octets of a device's record */

enum what { VERIFY, SIGN, KEY, VERIFIER, SEAL, KINDS };
#define NOC_KINDS KEY

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

struct device_work {
    EC_GROUP *group;
    EC_POINT *point;
    BIGNUM *scalar;
    BN_CTX *ctx;
    struct recipient *to;
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

static bool make_device_work(struct device_work *d, const char *path)
{
    struct mc_err e;

    mc_err_init(&e);
    d->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    d->point = EC_POINT_new(d->group);
    d->scalar = BN_new();
    d->ctx = BN_CTX_new();
    return recipient_read(path, &d->to, &e) == MC_OK;
}

static bool multiply(struct device_work *d)
{
    uint8_t random[32], point[MC_POINT_LEN];

    return RAND_priv_bytes(random, sizeof(random)) == 1 && BN_bin2bn(random, sizeof(random), d->scalar) != NULL &&
           EC_POINT_mul(d->group, d->point, d->scalar, NULL, NULL, d->ctx) == 1 &&
           EC_POINT_point2oct(d->group, d->point, POINT_CONVERSION_UNCOMPRESSED, point, sizeof(point), d->ctx) == sizeof(point);
}

static bool hash(void)
{
    uint8_t block[SHA256_CBLOCK] = {1};
    SHA256_CTX c;

    SHA256_Init(&c);
    for (int i = 0; i < BLOCKS; i++)
        SHA256_Transform(&c, block);
    return c.h[0] != 0 || c.h[1] != 0;
}

static bool seal(struct device_work *d)
{
    static const uint8_t record[RECORD];
    static uint8_t out[SEALED_MAX];
    size_t n;

    return recipient_seal(d->to, mc_span_of(record, sizeof(record)), out, sizeof(out), &n, NULL) == MC_OK;
}

static bool device_turn(struct device_work *d, enum what what)
{
    bool ok = true;

    for (int i = 0; i < TURN; i++)
        ok = (what == KEY ? multiply(d) : what == SEAL ? seal(d) : hash() && multiply(d)) && ok;
    return ok;
}

static bool timed(struct result *r, enum what what, struct verify_key *v, struct hsm_key *k, struct device_work *d)
{
    double wall = now_us(CLOCK_MONOTONIC), cpu = now_us(CLOCK_PROCESS_CPUTIME_ID);
    bool ok = what == VERIFY ? verify_turn(v) : what == SIGN ? sign_turn(k) : device_turn(d, what);

    r->cpu_us[what] += now_us(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    r->wall_us[what] += now_us(CLOCK_MONOTONIC) - wall;
    return ok;
}

static void run(struct common *c, unsigned index, unsigned processes, const char *const *args, struct hsm_key *k)
{
    struct result *r = &c->result[index];
    struct device_work d;
    struct verify_key v;
    unsigned kinds = args[4] != NULL ? KINDS : NOC_KINDS;
    bool ok = make_verify_key(&v) && sign_turn(k) && (args[4] == NULL || make_device_work(&d, args[4]));
    double end;

    atomic_fetch_add(&c->ready, 1);
    while (atomic_load(&c->ready) < processes)
        usleep(100);
    end = now_us(CLOCK_MONOTONIC) + strtod(args[2], NULL) * 1e6;
    while (ok && now_us(CLOCK_MONOTONIC) < end) {
        for (unsigned what = 0; ok && what < kinds; what++)
            ok = timed(r, what, &v, k, &d);
        r->n += TURN;
    }
    r->ok = ok;
}

static enum mc_rc find_issuer(struct state *s, const char *const *args, uint32_t *number, struct mc_err *e)
{
    struct ledger_authority a;
    struct ledger_fabric f;
    enum mc_rc rc = args[4] != NULL ? attestation_find(s, args[1], MC_KIND_PAI, &a, e)
                                    : ledger_fabric_by_name(s->ledger, args[1], &f, e);

    if (rc == MC_OK)
        *number = args[4] != NULL ? a.number : fabric_issuer(&f);
    return rc;
}

/* In its own process: the module must be loaded after the fork. */
static enum mc_rc work(struct common *c, const char *const *args, unsigned index, unsigned processes)
{
    struct state s;
    struct issuer issuer;
    struct mc_err e;
    uint32_t number = 0;
    enum mc_rc rc;

    mc_err_init(&e);
    rc = state_open(args[0], LEDGER_READ, &s, NULL, &e);
    if (rc == MC_OK)
        rc = find_issuer(&s, args, &number, &e);
    if (rc == MC_OK)
        rc = state_open_token(&s, NULL, &e);
    if (rc == MC_OK)
        rc = issuer_load(&s, number, &issuer, &e);
    if (rc == MC_OK) {
        uint8_t sig[HSM_SIG_LEN], digest[HSM_DIGEST_LEN] = {1};

        /* The first signature makes the session copy. */
        rc = hsm_sign(issuer.key, digest, sig, &e);
    }
    if (rc == MC_OK)
        run(c, index, processes, args, issuer.key);
    else
        fprintf(stderr, "yardstick: %s: %s %s\n", mc_rc_rule(rc), mc_rc_text(rc), e.what);
    atomic_fetch_add(&c->ready, processes); /* nobody waits for one that failed */
    return rc;
}

static int print(const struct common *c, unsigned processes, unsigned kinds)
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
    for (unsigned i = 0; i < 2 * kinds; i++)
        printf("%s%.2f", i > 0 ? " " : "", sum[i]);
    putchar('\n');
    return 0;
}

int main(int argc, char **argv)
{
    unsigned processes = argc == 5 || argc == 6 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    const char *args[5] = {NULL};
    struct common *c =
        mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (processes == 0 || processes > PROCESSES || c == MAP_FAILED) {
        fprintf(stderr, "usage: yardstick STATE FABRIC|PAI SECONDS PROCESSES [RECIPIENT]\n");
        return 2;
    }
    for (int i = 1; i < argc; i++)
        args[i - 1] = argv[i];
    for (unsigned i = 0; i < processes; i++) {
        pid_t pid = fork();

        if (pid < 0)
            return 1;
        if (pid == 0)
            _exit(work(c, args, i, processes) == MC_OK ? 0 : 1);
    }
    while (wait(NULL) > 0)
        continue;
    return print(c, processes, argc == 6 ? KINDS : NOC_KINDS);
}
