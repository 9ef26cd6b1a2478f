/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.c - one small user of a token, for the shell tests:
 *   client make DIR          makes the token and a key
 *   client sign DIR          opens, signs, verifies, closes
 *   client generate DIR      makes one more key
 *   client bench DIR N COPY  signs N times, with (1) or without (0) a session copy; prints the rate
 * DIR holds pin, softhsm/ and what make left in key (serial, id, point). The exit status is the code's class.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hsm/hsm.h"
#include "lib/pubkey.h"

struct client {
    char dir[256], pin[256], wrong[256], note[256];
    struct {
        char serial[17];
        uint8_t id[HSM_ID_LEN], point[HSM_POINT_LEN];
    } key;
    struct hsm_config cfg;
    struct hsm *h;
    struct mc_err e;
};

static bool note_io(struct client *c, const char *mode)
{
    FILE *f = fopen(c->note, mode);
    bool ok = f != NULL;

    if (ok && mode[0] == 'w')
        ok = fwrite(&c->key, sizeof(c->key), 1, f) == 1;
    else if (ok)
        ok = fread(&c->key, sizeof(c->key), 1, f) == 1;
    if (f != NULL && fclose(f) != 0)
        ok = false;
    return ok;
}

static enum mc_rc make(struct client *c)
{
    enum mc_rc rc = hsm_embedded_create(&c->cfg, c->key.serial, &c->e);

    if (rc == MC_OK)
        rc = hsm_open(&c->cfg, &c->h, &c->e);
    if (rc == MC_OK)
        rc = hsm_generate_p256(c->h, "client", c->key.point, c->key.id, &c->e);
    return rc == MC_OK && !note_io(c, "w") ? mc_fail(&c->e, MC_E_INTERNAL, NULL, "cannot write %s", c->note)
                                           : rc;
}

static enum mc_rc open_key(struct client *c, struct hsm_key **k)
{
    enum mc_rc rc;

    if (!note_io(c, "r"))
        return mc_fail(&c->e, MC_E_INTERNAL, NULL, "cannot read %s", c->note);
    c->cfg.token_serial = c->key.serial;
    rc = hsm_open(&c->cfg, &c->h, &c->e);
    return rc != MC_OK ? rc : hsm_find_key(c->h, c->key.id, c->key.point, k, &c->e);
}

static enum mc_rc sign(struct client *c)
{
    uint8_t digest[HSM_DIGEST_LEN] = {7}, sig[HSM_SIG_LEN];
    struct mc_verifier *v = mc_verifier_new();
    struct hsm_key *k;
    enum mc_rc rc = open_key(c, &k);

    if (rc == MC_OK)
        rc = hsm_sign(k, digest, sig, &c->e);
    if (rc == MC_OK)
        rc = mc_verify(v, c->key.point, digest, sig);
    mc_verifier_free(v);
    return rc;
}

static enum mc_rc generate(struct client *c)
{
    uint8_t point[HSM_POINT_LEN], id[HSM_ID_LEN];
    struct hsm_key *k;
    enum mc_rc rc = open_key(c, &k);

    return rc != MC_OK ? rc : hsm_generate_p256(c->h, "more", point, id, &c->e);
}

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static enum mc_rc bench(struct client *c, unsigned n, bool copy)
{
    uint8_t digest[HSM_DIGEST_LEN] = {7}, sig[HSM_SIG_LEN];
    double wall, cpu;
    struct hsm_key *k;
    enum mc_rc rc;

    c->cfg.session_copy = copy;
    rc = open_key(c, &k);
    wall = seconds(CLOCK_MONOTONIC);
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (unsigned i = 0; rc == MC_OK && i < n; i++) {
        memcpy(digest, &i, sizeof(i));
        rc = hsm_sign(k, digest, sig, &c->e);
    }
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%s: %.0f signatures/s, %.1f us each, %.1f us of CPU\n", copy ? "session copy" : "token object",
        n / wall, wall / n * 1e6, cpu / n * 1e6);
    return rc;
}

static enum mc_rc run(struct client *c, int argc, char **argv)
{
    if (strcmp(argv[1], "make") == 0)
        return make(c);
    if (strcmp(argv[1], "sign") == 0)
        return sign(c);
    if (strcmp(argv[1], "generate") == 0)
        return generate(c);
    if (strcmp(argv[1], "bench") == 0 && argc == 5)
        return bench(c, (unsigned)atoi(argv[3]), argv[4][0] == '1');
    return mc_fail(&c->e, MC_E_INTERNAL, NULL, "unknown verb %s", argv[1]);
}

int main(int argc, char **argv)
{
    struct client c = {.cfg = {.token_label = "client", .session_copy = true, .timeout_ms = 30000}};
    char text[512];
    enum mc_rc rc;

    hsm_harden_process();
    if (argc < 3)
        return 2;
    mc_err_init(&c.e);
    snprintf(c.dir, sizeof(c.dir), "%s/softhsm", argv[2]);
    snprintf(c.pin, sizeof(c.pin), "%s/pin", argv[2]);
    snprintf(c.wrong, sizeof(c.wrong), "%s/pin-wrong", argv[2]);
    snprintf(c.note, sizeof(c.note), "%s/key", argv[2]);
    c.cfg.embedded_dir = c.dir;
    c.cfg.pin_wrong_file = c.wrong;
    c.cfg.pin = (struct hsm_pin_source){.fd = -1, .file = c.pin};
    rc = run(&c, argc, argv);
    hsm_close(c.h);
    if (rc == MC_OK)
        return 0;
    c.e.rc = rc;
    mc_err_format(&c.e, text, sizeof(text));
    fprintf(stderr, "client %s: %s\n", argv[1], text);
    return (int)mc_rc_class(rc);
}
