/* SPDX-License-Identifier: Apache-2.0 */
/* Revocations and numbered documents: the rules of their entries, their rows, and what is asked of them. */
#include "ledger_internal.h"

static enum mc_rc contradiction(struct mc_err *e, const char *field, const char *what)
{
    return mc_fail(e, CA_E_LEDGER, field, "%s", what);
}

static enum mc_rc find_row(struct ledger *l, uint64_t sn, struct ledger_revocation *r, bool *found, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s = ledger_stmt(l, SQL_REVOKED_GET, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)sn);
    rc = ledger_step_row(l, s, found, e);
    if (rc != MC_OK || !*found)
        return rc;
    *r = (struct ledger_revocation){
        sn, (uint64_t)sqlite3_column_int64(s, 0), (uint32_t)sqlite3_column_int64(s, 1)};
    sqlite3_reset(s);
    return MC_OK;
}

/* The certificate must be one that was issued here, to no fabric, by this authority. */
static enum mc_rc check_cert(struct ledger *l, const struct mc_entry *x, uint64_t sn, struct mc_err *e)
{
    struct ledger_row r;
    bool found;
    uint64_t seq;
    enum mc_rc rc;
    sqlite3_stmt *s = ledger_stmt(l, SQL_CERT_ROW, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)sn);
    rc = ledger_step_row(l, s, &found, e);
    if (rc != MC_OK)
        return rc;
    if (!found)
        return contradiction(e, "serial", "no certificate with it is on record");
    seq = (uint64_t)sqlite3_column_int64(s, 0);
    if (sqlite3_column_int(s, 1) != ENTRY_ISSUED && sqlite3_column_int(s, 1) != ENTRY_AUTHORITY)
        rc = contradiction(e, "serial", "it was burned: there is no such certificate");
    else if (sqlite3_column_int(s, 2) != x->kind)
        rc = contradiction(e, "kind", "not the kind of the certificate");
    else if (sqlite3_column_int64(s, 3) != x->authority)
        rc = contradiction(e, "authority", "not the issuer of the certificate");
    else if (sqlite3_column_int64(s, 4) != 0 || !ledger_may_revoke(x->kind))
        rc = contradiction(e, "kind", "only attestation certificates are revoked");
    sqlite3_reset(s);
    if (rc != MC_OK)
        return rc;
    rc = ledger_read_row(l, seq, &r, e);
    if (rc == MC_OK && !mc_span_eq(r.x.serial, x->serial))
        rc = contradiction(e, "serial", "not the serial number of the certificate");
    return rc;
}

enum mc_rc ledger_revoked_check(
    struct ledger *l, const struct mc_entry *x, const struct ledger_facts *f, struct mc_err *e)
{
    struct ledger_revocation old;
    bool found = false;
    enum mc_rc rc = find_row(l, f->revoked, &old, &found, e);

    if (rc == MC_OK && found)
        return mc_fail(e, CA_E_REVOKED, "serial", "by entry %llu", (unsigned long long)old.seq);
    return rc == MC_OK ? check_cert(l, x, f->revoked, e) : rc;
}

enum mc_rc ledger_revoked_store(
    struct ledger *l, const struct mc_entry *x, const struct ledger_facts *f, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s = ledger_stmt(l, SQL_REVOKED_ADD, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)f->revoked);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)x->seq);
    sqlite3_bind_int64(s, 3, x->authority);
    return ledger_step_done(l, s, e);
}

enum mc_rc ledger_revocation(
    struct ledger *l, struct mc_span serial, struct ledger_revocation *r, struct mc_err *e)
{
    uint64_t sn = ledger_serial_sn(serial);
    struct ledger_row row;
    bool found = false;
    enum mc_rc rc;

    if (sn == 0)
        return mc_fail(e, CA_E_NOT_FOUND, "serial", NULL);
    rc = ledger_read_begin(l, e);
    if (rc != MC_OK)
        return rc;
    rc = find_row(l, sn, r, &found, e);
    if (rc == MC_OK && found)
        rc = ledger_read_row(l, r->seq, &row, e);
    ledger_read_end(l);
    if (rc == MC_OK && (!found || !mc_span_eq(row.x.serial, serial)))
        rc = mc_fail(e, CA_E_NOT_FOUND, "serial", NULL);
    return rc;
}

enum mc_rc ledger_revocations(struct ledger *l, uint32_t authority,
    bool (*each)(void *arg, const struct ledger_revocation *r), void *arg, struct mc_err *e)
{
    sqlite3_stmt *s = NULL;
    bool row = true, more = true;
    enum mc_rc rc = ledger_prepare(l,
        authority == 0 ? "SELECT sn, seq, authority FROM revoked ORDER BY sn"
                       : "SELECT sn, seq, authority FROM revoked WHERE authority=?1 ORDER BY sn",
        &s, e);

    if (rc == MC_OK && authority != 0)
        sqlite3_bind_int64(s, 1, authority);
    while (rc == MC_OK && more && (rc = ledger_step_row(l, s, &row, e)) == MC_OK && row) {
        const struct ledger_revocation r = {(uint64_t)sqlite3_column_int64(s, 0),
            (uint64_t)sqlite3_column_int64(s, 1), (uint32_t)sqlite3_column_int64(s, 2)};

        more = each(arg, &r);
    }
    sqlite3_finalize(s);
    return rc;
}

enum mc_rc ledger_revocation_count(
    struct ledger *l, uint32_t authority, uint64_t *n, uint64_t *newest_seq, struct mc_err *e)
{
    sqlite3_stmt *s = NULL;
    bool row = false;
    enum mc_rc rc =
        ledger_prepare(l, "SELECT count(*), coalesce(max(seq), 0) FROM revoked WHERE authority=?1", &s, e);

    if (rc == MC_OK) {
        sqlite3_bind_int64(s, 1, authority);
        rc = ledger_step_row(l, s, &row, e);
    }
    *n = row ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    *newest_seq = row ? (uint64_t)sqlite3_column_int64(s, 1) : 0;
    sqlite3_finalize(s);
    return rc;
}

/* Documents. */

static void bind(sqlite3_stmt *s, uint32_t authority, uint8_t what, uint32_t subject)
{
    sqlite3_bind_int64(s, 1, authority);
    sqlite3_bind_int(s, 2, what);
    sqlite3_bind_int64(s, 3, subject);
}

/* The document of a signer and kind that was numbered last; number 0 if there is none. */
static enum mc_rc last_document(
    struct ledger *l, uint32_t authority, uint8_t what, struct ledger_document *d, struct mc_err *e)
{
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = ledger_stmt(l, SQL_DOCUMENT_LAST, &rc, e);

    *d = (struct ledger_document){.authority = authority, .what = what};
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, authority);
    sqlite3_bind_int(s, 2, what);
    rc = ledger_step_row(l, s, &row, e);
    if (rc != MC_OK || !row)
        return rc;
    d->subject = (uint32_t)sqlite3_column_int64(s, 0);
    d->number = (uint64_t)sqlite3_column_int64(s, 1);
    d->seq = (uint64_t)sqlite3_column_int64(s, 2);
    d->released_seq = (uint64_t)sqlite3_column_int64(s, 3);
    sqlite3_reset(s);
    return MC_OK;
}

enum mc_rc ledger_document_next(
    struct ledger *l, uint32_t authority, enum entry_document what, uint64_t *number, struct mc_err *e)
{
    struct ledger_document d;
    enum mc_rc rc = last_document(l, authority, (uint8_t)what, &d, e);

    *number = d.number + 1;
    return rc;
}

/* The row of a signer, kind and subject; number 0 if there is none. */
static enum mc_rc find_document(
    struct ledger *l, const struct mc_entry *x, struct ledger_document *d, struct mc_err *e)
{
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = ledger_stmt(l, SQL_DOCUMENT_GET, &rc, e);

    *d = (struct ledger_document){.authority = x->authority, .subject = x->issuer, .what = x->document};
    if (s == NULL)
        return rc;
    bind(s, x->authority, x->document, x->issuer);
    rc = ledger_step_row(l, s, &row, e);
    if (rc != MC_OK || !row)
        return rc;
    d->number = (uint64_t)sqlite3_column_int64(s, 0);
    d->seq = (uint64_t)sqlite3_column_int64(s, 1);
    d->released_seq = (uint64_t)sqlite3_column_int64(s, 2);
    sqlite3_reset(s);
    return MC_OK;
}

/* The second entry of a document says what the first one said. */
static enum mc_rc check_release(struct ledger *l, const struct mc_entry *x, struct mc_err *e)
{
    struct ledger_document d;
    struct ledger_row r;
    enum mc_rc rc = find_document(l, x, &d, e);

    if (rc != MC_OK)
        return rc;
    if (d.number != x->number || d.released_seq > d.seq)
        return contradiction(e, "number", "not that of the document that is being signed");
    rc = ledger_read_row(l, d.seq, &r, e);
    if (rc == MC_OK && (!mc_span_eq(r.x.tbs_sha256, x->tbs_sha256) || r.x.until_unix != x->until_unix))
        rc = contradiction(e, "tbs_sha256", "not that of the document that is being signed");
    return rc;
}

enum mc_rc ledger_document_check(struct ledger *l, const struct mc_entry *x, struct mc_err *e)
{
    struct ledger_document last;
    enum mc_rc rc;

    if (x->has_state)
        return check_release(l, x, e);
    rc = last_document(l, x->authority, x->document, &last, e);
    if (rc == MC_OK && x->number != last.number + 1)
        rc = contradiction(e, "number", "not one more than the last of this signer and kind");
    return rc;
}

enum mc_rc ledger_document_store(struct ledger *l, const struct mc_entry *x, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s = ledger_stmt(l, x->has_state ? SQL_DOCUMENT_RELEASED : SQL_DOCUMENT_SET, &rc, e);

    if (s == NULL)
        return rc;
    bind(s, x->authority, x->document, x->issuer);
    sqlite3_bind_int64(s, 4, (sqlite3_int64)(x->has_state ? x->seq : x->number));
    if (!x->has_state)
        sqlite3_bind_int64(s, 5, (sqlite3_int64)x->seq);
    return ledger_step_done(l, s, e);
}

enum mc_rc ledger_documents(struct ledger *l, enum entry_document what,
    bool (*each)(void *arg, const struct ledger_document *d), void *arg, struct mc_err *e)
{
    sqlite3_stmt *s = NULL;
    bool row = true, more = true;
    enum mc_rc rc = ledger_prepare(l,
        "SELECT authority, subject, number, seq, released FROM document WHERE what=?1 ORDER BY 1, 2", &s, e);

    if (rc == MC_OK)
        sqlite3_bind_int(s, 1, (int)what);
    while (rc == MC_OK && more && (rc = ledger_step_row(l, s, &row, e)) == MC_OK && row) {
        const struct ledger_document d = {.authority = (uint32_t)sqlite3_column_int64(s, 0),
            .subject = (uint32_t)sqlite3_column_int64(s, 1),
            .what = (uint8_t)what,
            .number = (uint64_t)sqlite3_column_int64(s, 2),
            .seq = (uint64_t)sqlite3_column_int64(s, 3),
            .released_seq = (uint64_t)sqlite3_column_int64(s, 4)};

        more = each(arg, &d);
    }
    sqlite3_finalize(s);
    return rc;
}
