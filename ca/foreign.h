/* SPDX-License-Identifier: Apache-2.0 */
/*
 * foreign.h - fabrics in the storage of other controllers, as their public sources lay it out:
 *
 *     chip-tool           chip_tool_config.NAME.ini, section [Default]: a key and the base64 of its value on each line
 *     Python controller   chip.json: "sdk-config" with the same keys and values, "repl-config" with the list of CAs;
 *                         beside it, of python-matter-server, COMPRESSED-FABRIC-ID.json: nodes and what they were read
 *     matter.js           a folder: one file a value, or snapshot.json and wal/, or storage.json, or storage.db
 *
 * Which it is, is recognised. Nothing is written there, and nothing of it is believed: certificates are read by the strict
 * rules, keys are compared with them, and whether NOCs hang from them is for the adoption to find out (adopt.h).
 */
#ifndef CA_FOREIGN_H
#define CA_FOREIGN_H

#include "adopt.h"
#include "lib/cli/io.h"

#define FOREIGN_MAX      ((size_t)64 << 20) /* octets of all files together, unpacked */
#define FOREIGN_NODES    65536              /* nodes, and NOCs, of one fabric */
#define FOREIGN_PATH_MAX 1024
#define FOREIGN_KEYS_MAX 64 /* files that hold keys */

/* What the user chose among several; has_ false: the only one there is. */
struct foreign_choice {
    bool has_fabric_id, has_ca;
    uint64_t fabric_id;
    uint64_t ca; /* index of the CA, of chip-tool and the Python controller */
};

struct foreign {
    const char *tool; /* "chip-tool", ... */
    struct adopt_cert root, ica;
    bool has_root_key, has_ica;
    uint8_t root_key[HSM_SCALAR_LEN], ica_key[HSM_SCALAR_LEN];
    bool has_fabric_id;
    uint64_t fabric_id;
    bool has_ipk, has_operational_ipk;
    uint8_t ipk[MC_IPK_LEN];             /* the epoch key */
    uint8_t operational_ipk[MC_IPK_LEN]; /* what was derived from it */
    struct adopt_cert **noc;
    size_t n_noc;
    uint64_t *node; /* ids that the storage names, with a NOC or without */
    size_t n_node;
    unsigned unread; /* NOCs that are none */
    char **key_file; /* which hold private keys */
    size_t n_key_file;
    char where[FOREIGN_PATH_MAX]; /* the file at work, for errors */
};

/*
 * Reads the storage at path, a file or a folder. The caller clears *out in any case.
 * CA_E_FILE_NOT_FOUND, CA_E_READ, MC_E_TOO_BIG, CA_E_FOREIGN_FORM (nothing that is known), CA_E_FOREIGN (it is broken),
 * CA_E_FOREIGN_CHOICE (several fabrics), CA_E_KEY_FILE, MC_E_*.
 */
MC_MUST_CHECK enum mc_rc foreign_read(
    const char *path, const struct foreign_choice *choice, struct foreign *out, struct mc_err *e);

/* Where the epoch key comes from: it is the fabric's own, the one that the SDK's controllers all begin with, or to be made. */
enum foreign_ipk { FOREIGN_IPK_OWN, FOREIGN_IPK_WELL_KNOWN, FOREIGN_IPK_NEW };
/*
 * Puts the epoch key into f->ipk: given (NULL: none), else the storage's, else the well-known one if the storage's was
 * derived from it. CA_E_ADOPT_IPK (it cannot be told), CA_E_ADOPT (it is not the one of the storage).
 */
MC_MUST_CHECK enum mc_rc foreign_find_ipk(
    struct foreign *f, const uint8_t *given, bool make_new, enum foreign_ipk *of, struct mc_err *e);
void foreign_clear(struct foreign *f); /* wipes; of a zeroed struct, too */

#endif
