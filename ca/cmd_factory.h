/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_factory.h - what the verbs of `heddle factory` share. None of them needs a state or a token.
 */
#ifndef CA_CMD_FACTORY_H
#define CA_CMD_FACTORY_H

#include "cmd.h"
#include "device_in.h"

#define FACTORY_IN_OPTIONS                                                                                   \
    {"in", "FILE", "records or batch results, JSON Lines; default '-': stdin", false, false, 0},             \
        {"key", "FILE", "the recipient's private key (PEM), which opens sealed records", false, false, 0},   \
        {"passphrase-file", "FILE", "read the key's passphrase from FILE (mode 0600)", false, false, 0},     \
        {"passphrase-fd", "N", "read the key's passphrase from descriptor N", false, false, 0}

/* Many devices: a line that fails is told and does not stop the others. */
struct factory_run {
    struct cli *c;
    struct device_in in;
    struct device d; /* the one at hand; wiped by factory_run_close */
    unsigned done, failed;
    enum mc_rc first_failure;
    bool reading; /* device_in_open succeeded */
};
MC_MUST_CHECK enum mc_rc factory_run_open(struct factory_run *r, struct cli *c, struct mc_err *e);
/* Calls work() for each device. A failure with fatal set in it by work ends the run. */
MC_MUST_CHECK enum mc_rc factory_run_all(struct factory_run *r,
    enum mc_rc (*work)(void *arg, const struct device *d, bool *fatal, struct mc_err *e), void *arg, struct mc_err *e);
void factory_run_close(struct factory_run *r);

/*
 * DIR/ID.SUFFIX; what no file name should have in it (all but a-z A-Z 0-9 . _ - and a '.' in front) becomes %XX. CA_E_USAGE if it is too long.
 */
MC_MUST_CHECK enum mc_rc factory_path(
    const char *dir, const char *id, const char *suffix, char out[STATE_PATH_MAX], struct mc_err *e);

#endif
