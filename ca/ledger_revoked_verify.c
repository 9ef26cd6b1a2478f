/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying: revocations and numbered documents, made again from their entries and compared with their rows. */
#include "ledger_verify.h"

#include <stdlib.h>

/* The certificate that an entry revokes was on record before it, as the table says, which is checked itself. */
static enum mc_rc check_cert(struct ledger *l, const struct mc_entry *x, uint64_t sn, struct mc_err *e)
{
    struct ledger_row r;
    bool found = false, fits = false;
    uint64_t seq = 0;
    enum mc_rc rc;
    sqlite3_stmt *s = ledger_stmt(l, SQL_CERT_ROW, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)sn);
    rc = ledger_step_row(l, s, &found, e);
    if (rc != MC_OK)
        return rc;
    if (found) {
        int type = sqlite3_column_int(s, 1);

        seq = (uint64_t)sqlite3_column_int64(s, 0);
        fits = seq < x->seq && (type == ENTRY_ISSUED || type == ENTRY_AUTHORITY) &&
               sqlite3_column_int(s, 2) == x->kind && sqlite3_column_int64(s, 3) == x->authority &&
               sqlite3_column_int64(s, 4) == 0 && ledger_may_revoke(x->kind);
        sqlite3_reset(s);
    }
    if (!fits)
        return verify_bad(e, x->seq, "it revokes a certificate that is not on record before it");
    rc = ledger_read_row(l, seq, &r, e);
    if (rc == MC_OK && !mc_span_eq(r.x.serial, x->serial))
        rc = verify_bad(e, x->seq, "it revokes another serial number than entry %llu has", (unsigned long long)seq);
    return rc;
}

enum mc_rc verify_revoked_row(
    struct ledger *l, const struct mc_entry *x, const struct ledger_facts *f, struct mc_err *e)
{
    bool found = false;
    enum mc_rc rc;
    sqlite3_stmt *s = ledger_stmt(l, SQL_REVOKED_GET, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)f->revoked);
    rc = ledger_step_row(l, s, &found, e);
    if (rc != MC_OK)
        return rc;
    if (!found || (uint64_t)sqlite3_column_int64(s, 0) != x->seq || sqlite3_column_int64(s, 1) != x->authority)
        rc = verify_bad(e, x->seq, "its row in revoked is missing or says something else");
    sqlite3_reset(s);
    return rc == MC_OK ? check_cert(l, x, f->revoked, e) : rc;
}

/* Each entry has its row; rows are as many as entries, and a serial has one. */
enum mc_rc verify_revocations(struct verify *y, struct mc_err *e)
{
    uint64_t n = 0, rows = 0;
    sqlite3_stmt *s = NULL;
    bool row = false;
    enum mc_rc rc = MC_OK;

    for (size_t i = 0; i < y->seen.n_rare && rc == MC_OK; i++) {
        struct ledger_facts f;
        struct ledger_row r;

        rc = ledger_read_row(y->l, y->seen.rare[i], &r, e);
        if (rc != MC_OK || r.x.type != ENTRY_REVOKED)
            continue;
        n++;
        rc = ledger_facts_of(y->l->v, &r.x, &f, e);
        if (rc == MC_OK)
            rc = verify_revoked_row(y->l, &r.x, &f, e);
    }
    if (rc == MC_OK)
        rc = ledger_prepare(y->l, "SELECT count(*) FROM revoked", &s, e);
    if (rc == MC_OK)
        rc = ledger_step_row(y->l, s, &row, e);
    if (row)
        rows = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    if (rc == MC_OK && rows != n)
        rc = mc_fail(e, CA_E_LEDGER, "revoked", "a row that no entry made");
    return rc;
}

/* Documents in order of time, from which rows are made again. */
struct documents {
    struct ledger_document *d;
    uint8_t (*tbs)[MC_DIGEST_LEN]; /* of the last number taken */
    uint64_t *until;
    size_t n;
};

static size_t row_of(const struct documents *ds, const struct mc_entry *x)
{
    size_t i = 0;

    while (i < ds->n && (ds->d[i].authority != x->authority || ds->d[i].what != x->document ||
                            ds->d[i].subject != x->issuer))
        i++;
    return i;
}

static uint64_t last_number(const struct documents *ds, const struct mc_entry *x)
{
    uint64_t last = 0;

    for (size_t i = 0; i < ds->n; i++)
        if (ds->d[i].authority == x->authority && ds->d[i].what == x->document && ds->d[i].number > last)
            last = ds->d[i].number;
    return last;
}

static enum mc_rc replay(struct documents *ds, const struct mc_entry *x, struct mc_err *e)
{
    size_t i = row_of(ds, x);

    if (x->has_state) {
        if (i == ds->n || ds->d[i].number != x->number || ds->d[i].released_seq > ds->d[i].seq ||
            ds->until[i] != x->until_unix || !mc_span_eq(x->tbs_sha256, mc_span_of(ds->tbs[i], MC_DIGEST_LEN)))
            return verify_bad(e, x->seq, "it gives out another document than was numbered");
        ds->d[i].released_seq = x->seq;
        return MC_OK;
    }
    if (x->number != last_number(ds, x) + 1)
        return verify_bad(e, x->seq, "its number is not one more than the last of its signer and kind");
    if (i == ds->n)
        ds->d[ds->n++] =
            (struct ledger_document){.authority = x->authority, .what = x->document, .subject = x->issuer};
    ds->d[i].number = x->number;
    ds->d[i].seq = x->seq;
    ds->until[i] = x->until_unix;
    memcpy(ds->tbs[i], x->tbs_sha256.p, MC_DIGEST_LEN);
    return MC_OK;
}

static enum mc_rc compare_rows(struct verify *y, const struct documents *ds, struct mc_err *e)
{
    sqlite3_stmt *s = NULL;
    size_t rows = 0;
    bool row = true;
    enum mc_rc rc =
        ledger_prepare(y->l, "SELECT authority, what, subject, number, seq, released FROM document", &s, e);

    while (rc == MC_OK && (rc = ledger_step_row(y->l, s, &row, e)) == MC_OK && row) {
        const struct mc_entry key = {.authority = (uint32_t)sqlite3_column_int64(s, 0),
            .document = (uint8_t)sqlite3_column_int(s, 1), .issuer = (uint32_t)sqlite3_column_int64(s, 2)};
        size_t i = row_of(ds, &key);

        rows++;
        if (i == ds->n)
            rc = mc_fail(e, CA_E_LEDGER, "document", "a row that no entry made");
        else if (sqlite3_column_int64(s, 0) != key.authority || sqlite3_column_int64(s, 1) != key.document ||
                 sqlite3_column_int64(s, 2) != key.issuer ||
                 (uint64_t)sqlite3_column_int64(s, 3) != ds->d[i].number ||
                 (uint64_t)sqlite3_column_int64(s, 4) != ds->d[i].seq ||
                 (uint64_t)sqlite3_column_int64(s, 5) != ds->d[i].released_seq)
            rc = verify_bad(e, ds->d[i].seq, "its row in document says something else");
    }
    sqlite3_finalize(s);
    if (rc == MC_OK && rows != ds->n)
        rc = mc_fail(e, CA_E_LEDGER, "document", "%zu rows; the entries give %zu", rows, ds->n);
    return rc;
}

static size_t count_documents(struct verify *y, enum mc_rc *rc, struct mc_err *e)
{
    struct ledger_row r;
    size_t n = 0;

    *rc = MC_OK;
    for (size_t i = 0; i < y->seen.n_rare && *rc == MC_OK; i++) {
        *rc = ledger_read_row(y->l, y->seen.rare[i], &r, e);
        n += *rc == MC_OK && r.x.type == ENTRY_DOCUMENT;
    }
    return n;
}

/* After verify_model, which has put the rare entries in order. */
enum mc_rc verify_documents(struct verify *y, struct mc_err *e)
{
    struct documents ds = {0};
    struct ledger_row r;
    enum mc_rc rc;
    size_t n = count_documents(y, &rc, e) + 1;

    ds.d = calloc(n, sizeof(*ds.d));
    ds.tbs = calloc(n, sizeof(*ds.tbs));
    ds.until = calloc(n, sizeof(*ds.until));
    if (ds.d == NULL || ds.tbs == NULL || ds.until == NULL)
        rc = rc == MC_OK ? mc_fail(e, MC_E_MEMORY, NULL, NULL) : rc;
    for (size_t i = 0; i < y->seen.n_rare && rc == MC_OK; i++) {
        rc = ledger_read_row(y->l, y->seen.rare[i], &r, e);
        if (rc == MC_OK && r.x.type == ENTRY_DOCUMENT)
            rc = replay(&ds, &r.x, e);
    }
    if (rc == MC_OK)
        rc = compare_rows(y, &ds, e);
    free(ds.d);
    free(ds.tbs);
    free(ds.until);
    return rc;
}

/* A row speaks of the last entries of its signer, kind and subject: those of part of a ledger are not after it. */
enum mc_rc verify_document_row(struct ledger *l, const struct mc_entry *x, struct mc_err *e)
{
    bool found = false;
    enum mc_rc rc;
    sqlite3_stmt *s = ledger_stmt(l, SQL_DOCUMENT_GET, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, x->authority);
    sqlite3_bind_int(s, 2, x->document);
    sqlite3_bind_int64(s, 3, x->issuer);
    rc = ledger_step_row(l, s, &found, e);
    if (rc != MC_OK)
        return rc;
    if (!found || (uint64_t)sqlite3_column_int64(s, 0) < x->number ||
        (uint64_t)sqlite3_column_int64(s, x->has_state ? 2 : 1) < x->seq)
        rc = verify_bad(e, x->seq, "its row in document is missing or says something else");
    sqlite3_reset(s);
    return rc;
}
