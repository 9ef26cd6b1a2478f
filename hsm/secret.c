/* SPDX-License-Identifier: Apache-2.0 */
/* secret.c - for backups: a passphrase, and the embedded token's files held still while they are copied. */
#include <stdio.h>

#include "internal.h"

enum mc_rc hsm_passphrase_read(const struct hsm_pin_source *src, const char *question, uint8_t out[HSM_PIN_MAX + 1],
    size_t *n, struct mc_err *e)
{
    bool ask = src->fd < 0 && src->file == NULL && src->prompt;
    struct hsm_pin *pin = NULL;
    enum mc_rc rc;

    if (ask) {
        pin = hsm_pin_new();
        rc = pin == NULL ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : hsm_prompt(question, pin, e);
    } else {
        rc = hsm_pin_read(src, "", &pin, e);
    }
    if (rc == MC_OK) {
        memcpy(out, pin->bytes, pin->n);
        out[pin->n] = '\0';
        *n = pin->n;
    }
    hsm_pin_free(pin);
    return rc;
}

enum mc_rc hsm_embedded_lock(const char *embedded_dir, int *fd, struct mc_err *e)
{
    return hsm_store_lock(embedded_dir, HSM_TIMEOUT_DEFAULT_MS, fd, e);
}
