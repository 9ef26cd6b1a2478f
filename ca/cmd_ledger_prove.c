/* SPDX-License-Identifier: Apache-2.0 */
/* ledger prove: one file from which a stranger sees that an entry is in the ledger. */
#include "cmd_ledger.h"

#include <stdlib.h>

#include "lib/proof.h"

const struct cli_option ledger_prove_options[] = {
    {"out", "FILE", "where to write the proof; default standard output", false, false, 0},
    {"no-sign", NULL, "only with the checkpoint that is there: sign no new one", false, false, 0},
    {"pin-file", "FILE", "read the token's PIN from FILE (mode 0600)", false, false, 0},
    {"pin-fd", "N", "read the token's PIN from descriptor N", false, false, 0},
    {0},
};

/* What a proof is made of; large, so on the heap. */
struct work {
    struct ledger_row row;
    struct ledger_proof path;
    struct mc_proof proof;
    struct mc_checkpoint at;
    char note[NOTE_MAX + 1], text[MC_PROOF_TEXT_MAX];
    size_t note_n, text_n;
};

/* The state opened for reading, or with its token once the last checkpoint does not reach the entry. */
static enum mc_rc open_for_entry(struct cli *c, struct state *s, struct work *w, struct mc_err *e)
{
    enum mc_rc rc = cmd_open(c, LEDGER_READ, s, e);

    if (rc != MC_OK)
        return rc;
    rc = cmd_entry_find(s, c->operands[0], &w->row, e);
    if (rc == MC_OK && w->row.seq < s->checkpoint.size)
        return MC_OK;
    if (rc == MC_OK && cli_flag(c, "no-sign"))
        rc = mc_fail(e, CA_E_NOT_COVERED, NULL, "it covers the first %llu, this is entry %llu",
            (unsigned long long)s->checkpoint.size, (unsigned long long)w->row.seq);
    state_close(s);
    if (rc == MC_OK)
        rc = cmd_open_token(c, s, e);
    if (rc != MC_OK)
        return rc;
    rc = checkpoint_make(s, e);
    if (rc != MC_OK)
        state_close(s);
    return rc;
}

/* The proof is checked as a stranger would before it leaves. */
static enum mc_rc make_proof(struct state *s, struct work *w, struct mc_err *e)
{
    struct audit_key k;
    struct mc_entry x;
    enum mc_rc rc = checkpoint_text(s, w->note, &w->note_n, e);

    if (rc == MC_OK)
        rc = checkpoint_compare(s, mc_span_of(w->note, w->note_n), "the state's checkpoint", &w->at, e);
    if (rc == MC_OK)
        rc = ledger_prove(s->ledger, w->row.seq, w->at.size, &w->path, e);
    if (rc == MC_OK)
        rc = audit_key_read(s->ledger, &k, e);
    if (rc != MC_OK)
        return rc;
    w->proof.index = w->row.seq;
    w->proof.n = w->path.n;
    memcpy(w->proof.hash, w->path.hash, sizeof(w->proof.hash));
    memcpy(w->proof.entry, w->row.body, w->row.n);
    w->proof.entry_n = w->row.n;
    w->proof.note = mc_span_of(w->note, w->note_n);
    rc = mc_proof_encode(&w->proof, w->text, sizeof(w->text), &w->text_n, e);
    return rc == MC_OK ? mc_proof_check(s->verifier, &w->proof, k.origin, k.point, &w->at, &x, e) : rc;
}

static void print_json(const struct work *w)
{
    struct json j;

    json_init(&j, stdout, false);
    json_object(&j, NULL);
    json_string(&j, "schema", "heddle.proof/1");
    json_string(&j, "origin", w->at.origin);
    json_number(&j, "size", (int64_t)w->at.size);
    json_hex(&j, "root", mc_span_of(w->at.root, sizeof(w->at.root)));
    json_number(&j, "leaf", (int64_t)w->proof.index);
    json_hex(&j, "entry", mc_span_of(w->proof.entry, w->proof.entry_n));
    json_hex(&j, "leaf_hash", mc_span_of(w->path.leaf, sizeof(w->path.leaf)));
    json_array(&j, "hashes");
    for (unsigned i = 0; i < w->proof.n; i++)
        json_hex(&j, NULL, mc_span_of(w->proof.hash[i], MC_DIGEST_LEN));
    json_end_array(&j);
    json_text(&j, "checkpoint", mc_span_of(w->note, w->note_n));
    json_text(&j, "proof", mc_span_of(w->text, w->text_n));
    json_end_object(&j);
}

enum mc_rc cmd_ledger_prove(struct cli *c, struct mc_err *e)
{
    const char *out = cli_value(c, "out");
    struct work *w = calloc(1, sizeof(*w));
    struct state s;
    enum mc_rc rc;

    if (w == NULL)
        return mc_fail(e, MC_E_MEMORY, NULL, NULL);
    rc = open_for_entry(c, &s, w, e);
    if (rc != MC_OK) {
        free(w);
        return rc;
    }
    rc = make_proof(&s, w, e);
    if (rc == MC_OK && (out != NULL || !c->json))
        rc = io_write(out != NULL ? out : "-", mc_span_of(w->text, w->text_n), 0644, e);
    if (rc == MC_OK && c->json)
        print_json(w);
    else if (rc == MC_OK && out != NULL)
        cli_note(c, "entry %llu is among the first %llu; proof in %s", (unsigned long long)w->row.seq,
            (unsigned long long)w->at.size, out);
    state_close(&s);
    free(w);
    return rc;
}
