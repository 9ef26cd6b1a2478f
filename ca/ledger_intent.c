/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_internal.h"

#include <stdlib.h>

#define OPENSSL_SUPPRESS_DEPRECATED /* a serial cannot fail: the plain functions have no failure */
#include <openssl/sha.h>

#define SN_END (UINT64_C(1) << 56) /* the counter has seven octets of the serial */

void ledger_serial(const uint8_t seed[32], uint64_t sn, uint8_t serial[LEDGER_SERIAL_LEN])
{
    uint8_t counter[8], digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX c;

    lookup_be64(counter, sn);
    SHA256_Init(&c);
    SHA256_Update(&c, seed, 32);
    SHA256_Update(&c, counter, sizeof(counter));
    SHA256_Final(digest, &c);
    memcpy(serial, counter, sizeof(counter));
    serial[0] = 0x40;
    memcpy(serial + 8, digest, LEDGER_SERIAL_LEN - 8);
}

/* Every column but the digest itself, in the order of the schema, with the length of the only free one. */
static enum mc_rc digest_of(struct mc_verifier *v, const struct ledger_intent *i, uint8_t out[MC_DIGEST_LEN])
{
    uint64_t numbers[] = {i->id, i->first_sn, i->n, i->instance, i->authority, i->fabric, i->kind,
        (uint64_t)i->time_unix, (uint64_t)i->not_before_unix, i->batch, i->has_node_id, i->node_id};
    uint8_t be[sizeof(numbers)];
    struct mc_span parts[] = {
        {be, sizeof(be)},
        {i->seed, sizeof(i->seed)},
        {i->profile_sha256, sizeof(i->profile_sha256)},
        {i->input_sha256, sizeof(i->input_sha256)},
        {i->tbs_sha256, sizeof(i->tbs_sha256)},
        {i->content_sha256, sizeof(i->content_sha256)},
        {(const uint8_t *)i->request_id, strlen(i->request_id)},
    };

    for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
        lookup_be64(be + 8 * k, numbers[k]);
    return mc_sha256_parts(v, parts, sizeof(parts) / sizeof(parts[0]), out);
}

static void bind_intent(sqlite3_stmt *s, const struct ledger_intent *i, const uint8_t digest[MC_DIGEST_LEN])
{
    const sqlite3_int64 numbers[] = {(sqlite3_int64)i->first_sn, i->n, (sqlite3_int64)i->instance,
        i->authority, i->fabric, i->kind, i->time_unix, i->not_before_unix, (sqlite3_int64)i->batch,
        i->has_node_id, (sqlite3_int64)i->node_id};
    const uint8_t *const hashes[] = {
        i->seed, i->profile_sha256, i->input_sha256, i->tbs_sha256, i->content_sha256};
    int at = 1;

    for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
        sqlite3_bind_int64(s, at++, numbers[k]);
    for (size_t k = 0; k < sizeof(hashes) / sizeof(hashes[0]); k++)
        sqlite3_bind_blob(s, at++, hashes[k], 32, SQLITE_TRANSIENT);
    sqlite3_bind_text(s, at++, i->request_id, -1, SQLITE_TRANSIENT);
    sqlite3_bind_blob(s, at, digest, MC_DIGEST_LEN, SQLITE_TRANSIENT);
}

static bool take_hash(sqlite3_stmt *s, int column, uint8_t out[32])
{
    struct mc_span h = ledger_column_span(s, column);

    if (h.n != 32)
        return false;
    memcpy(out, h.p, 32);
    return true;
}

/* Reads the row that s stands on. Values that do not fit their members fail the digest. */
static enum mc_rc take_intent(struct ledger *l, sqlite3_stmt *s, struct ledger_intent *i, struct mc_err *e)
{
    uint8_t stored[MC_DIGEST_LEN], digest[MC_DIGEST_LEN];
    struct mc_span id = ledger_column_span(s, 16);
    bool ok;

    memset(i, 0, sizeof(*i));
    i->id = i->first_sn = (uint64_t)sqlite3_column_int64(s, 0);
    i->n = (uint32_t)sqlite3_column_int64(s, 1);
    i->instance = (uint64_t)sqlite3_column_int64(s, 2);
    i->authority = (uint32_t)sqlite3_column_int64(s, 3);
    i->fabric = (uint32_t)sqlite3_column_int64(s, 4);
    i->kind = (uint8_t)sqlite3_column_int64(s, 5);
    i->time_unix = sqlite3_column_int64(s, 6);
    i->not_before_unix = sqlite3_column_int64(s, 7);
    i->batch = (uint64_t)sqlite3_column_int64(s, 8);
    i->has_node_id = sqlite3_column_int64(s, 9) != 0;
    i->node_id = (uint64_t)sqlite3_column_int64(s, 10);
    ok = take_hash(s, 11, i->seed) && take_hash(s, 12, i->profile_sha256) &&
         take_hash(s, 13, i->input_sha256) && take_hash(s, 14, i->tbs_sha256) &&
         take_hash(s, 15, i->content_sha256) && take_hash(s, 17, stored) && id.n <= ENTRY_REQUEST_MAX &&
         i->n != 0 && i->first_sn != 0;
    if (ok && id.n != 0)
        memcpy(i->request_id, id.p, id.n);
    if (ok && digest_of(l->v, i, digest) != MC_OK)
        return mc_fail(e, MC_E_CRYPTO, NULL, NULL);
    if (!ok || memcmp(stored, digest, sizeof(digest)) != 0)
        return mc_fail(e, CA_E_LEDGER, "intent", "the intent at serial counter %llu is damaged",
            (unsigned long long)i->first_sn);
    return MC_OK;
}

static enum mc_rc insert(struct ledger *l, const struct ledger_intent *i, struct mc_err *e)
{
    uint8_t digest[MC_DIGEST_LEN];
    enum mc_rc rc = digest_of(l->v, i, digest);
    sqlite3_stmt *s;

    if (rc != MC_OK)
        return mc_fail(e, rc, NULL, NULL);
    s = ledger_stmt(l, SQL_INTENT_ADD, &rc, e);
    if (s == NULL)
        return rc;
    bind_intent(s, i, digest);
    return ledger_step_done(l, s, e);
}

enum mc_rc ledger_intent_open(struct ledger *l, struct ledger_intent *i, struct mc_err *e)
{
    enum mc_rc rc = ledger_writable(l, e);

    if (rc != MC_OK)
        return rc;
    if (i->n == 0 || strnlen(i->request_id, sizeof(i->request_id)) == sizeof(i->request_id))
        return ledger_poison(l, mc_fail(e, CA_E_LEDGER, "intent", "no request, or a request id without end"));
    if (l->next_sn > SN_END - 1 - i->n)
        return ledger_poison(l, mc_fail(e, CA_E_LEDGER, "intent", "no serial number is left"));
    i->id = i->first_sn = l->next_sn;
    rc = insert(l, i, e);
    if (rc != MC_OK)
        return ledger_poison(l, rc);
    l->next_sn += i->n;
    l->head_dirty = true;
    l->intent = *i;
    l->has_intent = true;
    return MC_OK;
}

static bool covers(const struct ledger_intent *i, uint64_t sn)
{
    return sn >= i->first_sn && sn - i->first_sn < i->n;
}

enum mc_rc ledger_intent_of(struct ledger *l, uint64_t sn, const struct ledger_intent **i, struct mc_err *e)
{
    enum mc_rc rc;
    sqlite3_stmt *s;
    bool row;

    *i = &l->intent;
    if (l->has_intent && covers(&l->intent, sn))
        return MC_OK;
    s = ledger_stmt(l, SQL_INTENT_AT, &rc, e);
    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)sn);
    rc = ledger_step_row(l, s, &row, e);
    if (rc != MC_OK)
        return rc;
    l->has_intent = false;
    if (row) {
        rc = take_intent(l, s, &l->intent, e);
        sqlite3_reset(s);
        l->has_intent = rc == MC_OK;
    }
    if (rc == MC_OK && (!row || !covers(&l->intent, sn)))
        rc = mc_fail(e, CA_E_LEDGER, "serial", "serial counter %llu belongs to no open intent",
            (unsigned long long)sn);
    return rc;
}

enum mc_rc ledger_intent_set_tbs(
    struct ledger *l, uint64_t id, const uint8_t tbs_sha256[32], struct mc_err *e)
{
    uint8_t digest[MC_DIGEST_LEN];
    const struct ledger_intent *i;
    sqlite3_stmt *s;
    enum mc_rc rc = ledger_writable(l, e);

    if (rc != MC_OK)
        return rc;
    rc = ledger_intent_of(l, id, &i, e);
    if (rc != MC_OK || i->id != id)
        return ledger_poison(
            l, rc != MC_OK ? rc : mc_fail(e, CA_E_LEDGER, "intent", "there is none of this id"));
    memcpy(l->intent.tbs_sha256, tbs_sha256, sizeof(l->intent.tbs_sha256));
    if ((rc = digest_of(l->v, &l->intent, digest)) != MC_OK)
        return ledger_poison(l, mc_fail(e, rc, NULL, NULL));
    s = ledger_stmt(l, SQL_INTENT_TBS, &rc, e);
    if (s == NULL)
        return ledger_poison(l, rc);
    sqlite3_bind_int64(s, 1, (sqlite3_int64)id);
    sqlite3_bind_blob(s, 2, tbs_sha256, 32, SQLITE_TRANSIENT);
    sqlite3_bind_blob(s, 3, digest, sizeof(digest), SQLITE_TRANSIENT);
    return ledger_poison(l, ledger_step_done(l, s, e));
}

static enum mc_rc check_all_used(struct ledger *l, const struct ledger_intent *i, struct mc_err *e)
{
    uint64_t used;
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = ledger_stmt(l, SQL_CERT_COUNT, &rc, e);

    if (s == NULL)
        return rc;
    sqlite3_bind_int64(s, 1, (sqlite3_int64)i->first_sn);
    sqlite3_bind_int64(s, 2, (sqlite3_int64)(i->first_sn + i->n));
    rc = ledger_step_row(l, s, &row, e);
    if (rc != MC_OK)
        return rc;
    used = (uint64_t)sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    if (used != i->n)
        return mc_fail(e, CA_E_LEDGER, "intent", "%llu of its %u serial numbers have no entry",
            (unsigned long long)(i->n - used), i->n);
    return MC_OK;
}

enum mc_rc ledger_intent_close(struct ledger *l, uint64_t id, struct mc_err *e)
{
    const struct ledger_intent *i;
    sqlite3_stmt *s;
    enum mc_rc rc = ledger_writable(l, e);

    if (rc != MC_OK)
        return rc;
    rc = ledger_intent_of(l, id, &i, e);
    if (rc == MC_OK && i->id != id)
        rc = mc_fail(e, CA_E_LEDGER, "intent", "there is none of this id");
    if (rc == MC_OK)
        rc = check_all_used(l, i, e);
    if (rc != MC_OK)
        return ledger_poison(l, rc);
    l->has_intent = false;
    s = ledger_stmt(l, SQL_INTENT_DROP, &rc, e);
    if (s == NULL)
        return ledger_poison(l, rc);
    sqlite3_bind_int64(s, 1, (sqlite3_int64)id);
    return ledger_poison(l, ledger_step_done(l, s, e));
}

/* All open intents in memory; there are few: one a working process. */
static enum mc_rc read_all(struct ledger *l, struct ledger_intent **list, size_t *n, struct mc_err *e)
{
    size_t cap = 0;
    enum mc_rc rc;
    bool row;
    sqlite3_stmt *s = ledger_stmt(l, SQL_INTENT_ALL, &rc, e);

    if (s == NULL)
        return rc;
    while ((rc = ledger_step_row(l, s, &row, e)) == MC_OK && row) {
        if (*n == cap) {
            struct ledger_intent *more;

            cap = cap == 0 ? 8 : 2 * cap;
            more = realloc(*list, cap * sizeof(**list));
            if (more == NULL) {
                rc = mc_fail(e, MC_E_MEMORY, NULL, NULL);
                break;
            }
            *list = more;
        }
        rc = take_intent(l, s, &(*list)[*n], e);
        if (rc != MC_OK)
            break;
        (*n)++;
    }
    sqlite3_reset(s);
    return rc;
}

/* Read before the first call, so that each() may close the intents that it is told. */
enum mc_rc ledger_intents(
    struct ledger *l, bool (*each)(void *arg, const struct ledger_intent *i), void *arg, struct mc_err *e)
{
    struct ledger_intent *list = NULL;
    size_t n = 0;
    enum mc_rc rc = read_all(l, &list, &n, e);

    for (size_t k = 0; rc == MC_OK && k < n && each(arg, &list[k]); k++)
        ;
    free(list);
    return rc;
}
