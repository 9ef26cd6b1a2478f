/* SPDX-License-Identifier: Apache-2.0 */
/*
 * note.h - checkpoints: the head of the ledger as a signed note (C2SP signed-note and tlog-checkpoint).
 *
 *     <origin>\n <size, decimal>\n <base64 of the root>\n   the body, which is what is signed
 *     \n
 *     — <key name> <base64(key id || signature)>\n          U+2014, then a space
 *
 * Signature type ECDSA (0x02): the signature is ECDSA-Sig-Value DER over SHA-256 of the body, and the key id
 * is the first four octets of SHA-256(SubjectPublicKeyInfo DER of the key). The key is P-256.
 */
#ifndef MC_NOTE_H
#define MC_NOTE_H

#include "pubkey.h"

#define NOTE_MAX        4096 /* octets of a note that is read */
#define NOTE_ORIGIN_MAX 128  /* octets of origins and key names */
#define NOTE_KEY_ID_LEN 4
#define NOTE_SIGNATURES 16   /* lines that are looked at */

struct mc_checkpoint {
    char origin[NOTE_ORIGIN_MAX + 1];
    uint64_t size;
    uint8_t root[MC_DIGEST_LEN];
};

/* The body of a checkpoint, NUL-terminated. CA_E_NAME (empty origin, white space, control characters, +). */
MC_MUST_CHECK enum mc_rc mc_note_format_body(
    const struct mc_checkpoint *c, char *out, size_t cap, size_t *n, struct mc_err *e);
/* SubjectPublicKeyInfo DER of a P-256 point. */
#define MC_SPKI_LEN (26 + MC_POINT_LEN)
void mc_spki_of(const uint8_t point[MC_POINT_LEN], uint8_t out[MC_SPKI_LEN]);
/* MC_E_CRYPTO. */
MC_MUST_CHECK enum mc_rc mc_note_key_hash(
    struct mc_verifier *v, const uint8_t point[MC_POINT_LEN], uint8_t id[NOTE_KEY_ID_LEN]);
/* Body, blank line and one signature line, NUL-terminated. sig is over SHA-256(body). CA_E_NAME, MC_E_SPACE. */
MC_MUST_CHECK enum mc_rc mc_note_assemble(struct mc_verifier *v, struct mc_span body, const char *key_name,
    const uint8_t point[MC_POINT_LEN], const uint8_t sig[MC_SIG_LEN], char *out, size_t cap, size_t *n,
    struct mc_err *e);
/*
 * Reads a note and checks that key_name, with this key, signed it. Signatures of other keys are ignored, as
 * the format wants; one of this key that is wrong refuses the note. CA_E_NOTE: not a checkpoint;
 * MC_E_SIGNATURE: not signed by this key, or wrongly.
 */
MC_MUST_CHECK enum mc_rc mc_note_check(struct mc_verifier *v, struct mc_span note, const char *key_name,
    const uint8_t point[MC_POINT_LEN], struct mc_checkpoint *c, struct mc_err *e);

/* Takes a line without its newline from the front of in; false if there is none. */
bool mc_note_take_line(struct mc_span *in, struct mc_span *line);
/* The whole line as a decimal number without leading zeros. */
bool mc_note_take_number(struct mc_span line, uint64_t *value);

#endif
