/* SPDX-License-Identifier: Apache-2.0 */
#include "proof.h"

#include <stdio.h>

#include "merkle.h"

#define HEADER    "c2sp.org/tlog-proof@v1"
#define HASH_TEXT (4 * ((MC_DIGEST_LEN + 2) / 3))

/* Appends text at *n; the room is checked once, at the end of what is known to be the longest. */
static void put(char *out, size_t *n, const char *text, size_t len)
{
    memcpy(out + *n, text, len);
    *n += len;
}

enum mc_rc mc_proof_encode(const struct mc_proof *p, char *out, size_t cap, size_t *n, struct mc_err *e)
{
    char index[32], entry[4 * ((ENTRY_MAX + 2) / 3) + 1], hash[HASH_TEXT + 1];
    size_t need, at = 0;
    int len = snprintf(index, sizeof(index), "index %llu\n", (unsigned long long)p->index);

    if (p->n > MC_PROOF_HASHES || p->entry_n > sizeof(p->entry) || p->note.n > NOTE_MAX)
        return mc_fail(e, MC_E_SPACE, NULL, NULL);
    mc_base64_encode(p->entry, p->entry_n, entry);
    need = sizeof(HEADER "\nextra \n\n") + strlen(entry) + (size_t)len + p->n * (HASH_TEXT + 1) + p->note.n;
    if (need > cap)
        return mc_fail(e, MC_E_SPACE, NULL, NULL);
    put(out, &at, HEADER "\nextra ", strlen(HEADER "\nextra "));
    put(out, &at, entry, strlen(entry));
    put(out, &at, "\n", 1);
    put(out, &at, index, (size_t)len);
    for (unsigned i = 0; i < p->n; i++) {
        mc_base64_encode(p->hash[i], MC_DIGEST_LEN, hash);
        put(out, &at, hash, HASH_TEXT);
        put(out, &at, "\n", 1);
    }
    put(out, &at, "\n", 1);
    put(out, &at, (const char *)p->note.p, p->note.n);
    out[at] = '\0';
    *n = at;
    return MC_OK;
}

static enum mc_rc bad_line(struct mc_err *e, unsigned line, const char *what)
{
    enum mc_rc rc = mc_fail(e, MC_E_PROOF_FORM, NULL, "line %u: %s", line, what);

    if (e != NULL && e->line == 0)
        e->line = line;
    return rc;
}

/* The rest of a line that begins with word; false if it does not. */
static bool skip_word(struct mc_span *line, const char *word)
{
    size_t n = strlen(word);

    if (line->n < n || memcmp(line->p, word, n) != 0)
        return false;
    line->p += n;
    line->n -= n;
    return true;
}

static bool decode(struct mc_span line, uint8_t *out, size_t cap, size_t *n)
{
    return mc_base64_decode((const char *)line.p, line.n, false, out, cap, n) == MC_OK;
}

static enum mc_rc take_hashes(struct mc_span *text, struct mc_proof *p, struct mc_err *e)
{
    struct mc_span line;
    size_t n;

    for (p->n = 0;; p->n++) {
        if (!mc_note_take_line(text, &line))
            return bad_line(e, 4 + p->n, "the text ends before the checkpoint");
        if (line.n == 0)
            return MC_OK;
        if (p->n == MC_PROOF_HASHES || !decode(line, p->hash[p->n], MC_DIGEST_LEN, &n) || n != MC_DIGEST_LEN)
            return bad_line(e, 4 + p->n, "a hash in base64 is wanted, or an empty line before the checkpoint");
    }
}

enum mc_rc mc_proof_parse(struct mc_span text, struct mc_proof *p, struct mc_err *e)
{
    struct mc_span line;
    enum mc_rc rc;

    if (text.n > MC_PROOF_TEXT_MAX)
        return mc_fail(e, MC_E_TOO_BIG, NULL, NULL);
    if (!mc_note_take_line(&text, &line) || !mc_span_eq(line, mc_span_of(HEADER, strlen(HEADER))))
        return bad_line(e, 1, "it is not '" HEADER "'");
    if (!mc_note_take_line(&text, &line) || !skip_word(&line, "extra ") ||
        !decode(line, p->entry, sizeof(p->entry), &p->entry_n) || p->entry_n == 0)
        return bad_line(e, 2, "'extra' and an entry of a ledger in base64 are wanted");
    if (!mc_note_take_line(&text, &line) || !skip_word(&line, "index ") || !mc_note_take_number(line, &p->index))
        return bad_line(e, 3, "'index' and a number are wanted");
    rc = take_hashes(&text, p, e);
    p->note = text;
    return rc;
}

static enum mc_rc check_note(struct mc_verifier *v, const struct mc_proof *p, const char *origin,
    const uint8_t point[MC_POINT_LEN], struct mc_checkpoint *c, struct mc_err *e)
{
    struct mc_span rest = p->note, line;
    char name[NOTE_ORIGIN_MAX + 1];
    struct mc_err why;
    enum mc_rc rc;

    if (!mc_note_take_line(&rest, &line) || line.n == 0 || line.n > NOTE_ORIGIN_MAX)
        return mc_fail(e, CA_E_NOTE, "checkpoint", "the first line is no origin");
    memcpy(name, line.p, line.n);
    name[line.n] = '\0';
    if (origin != NULL && strcmp(origin, name) != 0)
        return mc_fail(e, MC_E_PROOF_SIGNATURE, "checkpoint", "it is of another ledger");
    mc_err_init(&why);
    rc = mc_note_check(v, p->note, name, point, c, &why);
    return rc == MC_OK ? MC_OK : mc_fail(e, rc == MC_E_SIGNATURE ? MC_E_PROOF_SIGNATURE : rc, "checkpoint", "%s", why.what);
}

enum mc_rc mc_proof_check(struct mc_verifier *v, const struct mc_proof *p, const char *origin,
    const uint8_t point[MC_POINT_LEN], struct mc_checkpoint *c, struct mc_entry *x, struct mc_err *e)
{
    uint8_t leaf[MC_DIGEST_LEN], root[MC_DIGEST_LEN];
    struct mc_span entry = mc_span_of(p->entry, p->entry_n);
    enum mc_rc rc = check_note(v, p, origin, point, c, e);

    if (rc == MC_OK)
        rc = mc_entry_parse(entry, x, e);
    if (rc != MC_OK)
        return rc;
    if (x->seq != p->index)
        return mc_fail(e, MC_E_PROOF_WRONG, "index", "the entry says that it is number %llu",
            (unsigned long long)x->seq);
    if (mc_merkle_leaf(v, entry, leaf) != MC_OK)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    rc = mc_merkle_root_from_proof(
        v, p->index, c->size, leaf, (const uint8_t(*)[MC_DIGEST_LEN])p->hash, p->n, root);
    if (rc == MC_E_CRYPTO)
        return mc_fail(e, rc, NULL, NULL);
    if (rc != MC_OK)
        return mc_fail(e, MC_E_PROOF_WRONG, "hashes", "%u do not fit entry %llu of %llu", p->n,
            (unsigned long long)p->index, (unsigned long long)c->size);
    if (memcmp(root, c->root, sizeof(root)) != 0)
        return mc_fail(e, MC_E_PROOF_WRONG, "root", "entry and hashes give another root than the signed one");
    return MC_OK;
}
