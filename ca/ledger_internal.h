/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger_internal.h - what the files of the ledger share: the open ledger, its statements, its facts.
 */
#ifndef CA_LEDGER_INTERNAL_H
#define CA_LEDGER_INTERNAL_H

#include "ledger.h"
#include "lookup.h"
#include "lib/merkle.h"

#include <sqlite3.h>

#define LEDGER_APPLICATION_ID 0x6865646C /* "hedl" */
#define LEDGER_TILE_BITS      8          /* a subtree row stands for 256^level leaves */

/* Statements, prepared when first used. S(symbol, sql) */
#define LEDGER_STATEMENTS(S) \
    S(BEGIN_WRITE, "BEGIN IMMEDIATE") \
    S(BEGIN_READ, "BEGIN") \
    S(COMMIT, "COMMIT") \
    S(HEAD_GET, "SELECT size, frontier, last_time, next_sn, fresh, lookups FROM head") \
    S(HEAD_SET, "UPDATE head SET size=?1, frontier=?2, last_time=?3, next_sn=?4, fresh=?5, lookups=?6") \
    S(ENTRY_ADD, "INSERT INTO entry(seq, type, leaf, body) VALUES(?1, ?2, ?3, ?4)") \
    S(ENTRY_GET, "SELECT body FROM entry WHERE seq=?1") \
    S(ENTRY_COUNT, "SELECT max(seq) FROM entry") \
    S(LEAF_RANGE, "SELECT leaf FROM entry WHERE seq>=?1 AND seq<?2 ORDER BY seq") \
    S(SUBTREE_ADD, "INSERT INTO subtree(level, idx, hash) VALUES(?1, ?2, ?3)") \
    S(SUBTREE_RANGE, "SELECT hash FROM subtree WHERE level=?1 AND idx>=?2 AND idx<?3 ORDER BY idx") \
    S(CERT_ADD, "INSERT INTO cert(sn, seq, type, kind, authority, fabric, node_id, not_after)" \
                " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)") \
    S(CERT_SEQ, "SELECT seq FROM cert WHERE sn=?1") \
    S(CERT_COUNT, "SELECT count(*) FROM cert WHERE sn>=?1 AND sn<?2") \
    S(AUTHORITY_NEXT, "SELECT coalesce(max(number), 0) + 1 FROM authority") \
    S(AUTHORITY_ADD, "INSERT INTO authority(number, seq, kind, fabric, issuer, state, key, name)" \
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)") \
    S(AUTHORITY_GET, "SELECT seq, kind, fabric, issuer, state FROM authority WHERE number=?1") \
    S(AUTHORITY_BY_NAME, "SELECT number FROM authority WHERE name=?1 AND name<>''") \
    S(AUTHORITY_BY_KEY, "SELECT seq FROM authority WHERE key=?1") \
    S(AUTHORITY_STATE, "UPDATE authority SET state=?2 WHERE number=?1") \
    S(AUTHORITY_FABRIC, "UPDATE authority SET fabric=?2 WHERE number=?1") \
    S(FABRIC_NEXT, "SELECT coalesce(max(number), 0) + 1 FROM fabric") \
    S(FABRIC_ADD, "INSERT INTO fabric(number, seq, name, fabric_id, root, ica, issued, max_node)" \
                  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, 0)") \
    S(FABRIC_BY_NAME, "SELECT number, seq, root, ica, issued FROM fabric WHERE name=?1") \
    S(FABRIC_NODES, "SELECT issued, max_node FROM fabric WHERE number=?1") \
    S(FABRIC_NODES_SET, "UPDATE fabric SET issued=?2, max_node=?3 WHERE number=?1") \
    S(FABRIC_ROOT, "UPDATE fabric SET root=?2 WHERE number=?1") \
    S(FABRIC_ICA, "UPDATE fabric SET ica=?2 WHERE number=?1") \
    S(TALLY_ADD, "INSERT INTO tally VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE" \
                 " SET n=n+excluded.n, last_time=excluded.last_time") \
    S(TALLY_ALL, "SELECT * FROM tally ORDER BY 1, 2, 3, 4") \
    S(INTENT_ADD, "INSERT INTO intent VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)") \
    S(INTENT_AT, "SELECT * FROM intent WHERE first_sn<=?1 ORDER BY first_sn DESC LIMIT 1") \
    S(INTENT_ALL, "SELECT * FROM intent ORDER BY first_sn") \
    S(INTENT_TBS, "UPDATE intent SET tbs_sha256=?2, digest=?3 WHERE first_sn=?1") \
    S(INTENT_DROP, "DELETE FROM intent WHERE first_sn=?1") \
    S(CERT_ROW, "SELECT seq, type, kind, authority, fabric FROM cert WHERE sn=?1") \
    S(REVOKED_ADD, "INSERT INTO revoked(sn, seq, authority) VALUES(?1, ?2, ?3)") \
    S(REVOKED_GET, "SELECT seq, authority FROM revoked WHERE sn=?1") \
    S(DOCUMENT_LAST, "SELECT subject, number, seq, released FROM document" \
                     " WHERE authority=?1 AND what=?2 ORDER BY number DESC LIMIT 1") \
    S(DOCUMENT_GET, "SELECT number, seq, released FROM document WHERE authority=?1 AND what=?2 AND subject=?3") \
    S(DOCUMENT_SET, "INSERT INTO document VALUES(?1, ?2, ?3, ?4, ?5, 0) ON CONFLICT DO UPDATE" \
                    " SET number=excluded.number, seq=excluded.seq") \
    S(DOCUMENT_RELEASED, "UPDATE document SET released=?4 WHERE authority=?1 AND what=?2 AND subject=?3") \
    S(DECISION_SET, "INSERT INTO decision VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET seq=excluded.seq") \
    S(DECISION_DROP, "DELETE FROM decision WHERE fabric=?1 AND what=?2 AND subject=?3") \
    S(DECISION_ANY, "SELECT count(*) FROM (SELECT 1 FROM decision WHERE fabric=?1 AND what=?2 LIMIT 1)") \
    S(DECISION_GET, "SELECT seq FROM decision WHERE fabric=?1 AND what=?2 AND subject=?3")

enum ledger_stmt {
#define S(symbol, sql) SQL_##symbol,
    LEDGER_STATEMENTS(S)
#undef S
        SQL_COUNT
};

/* The counters of the fabric that was issued for last: written back when another comes, and at commit. */
struct fabric_counters {
    uint32_t fabric; /* 0: none */
    uint64_t issued, max_node;
    bool dirty;
};

/* What the rows of an authority and a fabric said in this transaction: each entry of a batch asks the same. */
struct ledger_known {
    uint32_t authority, of_fabric; /* 0: none; the fabric of that authority */
    uint8_t kind;
    uint32_t unremoved; /* a fabric that no node was removed from; 0: none */
};

#define LEDGER_TALLIES 16 /* rows of tally that a transaction keeps in memory */

struct ledger {
    sqlite3 *db;
    sqlite3_stmt *stmt[SQL_COUNT];
    struct mc_verifier *v;
    struct lookup *lookup;
    enum ledger_mode mode;
    unsigned reads; /* nested read transactions */
    bool in_txn;    /* a write transaction is open; what follows is then true and kept in memory */
    bool failed;    /* only a rollback may follow */
    bool broken;    /* the disk failed at a commit: this process writes no more */
    bool head_dirty;
    struct mc_merkle tree;
    int64_t last_time_unix;
    uint64_t next_sn, fresh, lookups;
    struct fabric_counters counters;
    struct ledger_known known;
    struct ledger_tally tally[LEDGER_TALLIES]; /* to be added to the rows */
    unsigned n_tally;
    bool has_intent; /* intent is the one that was used last */
    struct ledger_intent intent;
};

/* Translates a code of SQLite. what names the step for people. */
enum mc_rc ledger_db_fail(sqlite3 *db, int code, const char *what, struct mc_err *e) __attribute__((cold));

/* A prepared statement, reset; NULL after a failure, which is in e (the code in *rc). */
sqlite3_stmt *ledger_stmt(struct ledger *l, enum ledger_stmt id, enum mc_rc *rc, struct mc_err *e);
/* A statement of the caller's own, for loops whose body may use the shared ones; sqlite3_finalize it. */
MC_MUST_CHECK enum mc_rc ledger_prepare(struct ledger *l, const char *text, sqlite3_stmt **out, struct mc_err *e);
/* Steps a statement that gives no row, and resets it. */
MC_MUST_CHECK enum mc_rc ledger_step_done(struct ledger *l, sqlite3_stmt *s, struct mc_err *e);
/* Steps to the next row; *row false at the end (or failure), and then the statement is reset. */
MC_MUST_CHECK enum mc_rc ledger_step_row(struct ledger *l, sqlite3_stmt *s, bool *row, struct mc_err *e);
MC_MUST_CHECK enum mc_rc ledger_run(struct ledger *l, enum ledger_stmt id, struct mc_err *e);

static inline struct mc_span ledger_column_span(sqlite3_stmt *s, int column)
{
    const void *p = sqlite3_column_blob(s, column);

    return mc_span_of(p, (size_t)sqlite3_column_bytes(s, column));
}

/* One snapshot for several statements; nothing inside a write transaction. Nests. */
MC_MUST_CHECK enum mc_rc ledger_read_begin(struct ledger *l, struct mc_err *e);
void ledger_read_end(struct ledger *l);
/* Reads head into memory. */
MC_MUST_CHECK enum mc_rc ledger_load_head(struct ledger *l, struct mc_err *e);
/* Fails the transaction: nothing but a rollback may follow. Returns rc. */
enum mc_rc ledger_poison(struct ledger *l, enum mc_rc rc);
MC_MUST_CHECK enum mc_rc ledger_writable(struct ledger *l, struct mc_err *e);

/* The counters of a fabric, in memory. */
MC_MUST_CHECK enum mc_rc ledger_counters(struct ledger *l, uint32_t fabric, struct mc_err *e);
MC_MUST_CHECK enum mc_rc ledger_counters_flush(struct ledger *l, struct mc_err *e);

/* The open intent that sn belongs to, with its digest checked. CA_E_LEDGER if there is none. */
MC_MUST_CHECK enum mc_rc ledger_intent_of(
    struct ledger *l, uint64_t sn, const struct ledger_intent **i, struct mc_err *e);

/* The row of entry seq without looking at what is derived. CA_E_LEDGER if it is missing or not canonical. */
MC_MUST_CHECK enum mc_rc ledger_read_row(struct ledger *l, uint64_t seq, struct ledger_row *r, struct mc_err *e);

/* What follows from an entry alone. */
struct ledger_facts {
    uint64_t sn;      /* 0: none; the serial number was used up by this entry */
    uint64_t revoked; /* 0: none; the serial number that this entry revokes */
    int64_t not_after_unix;
    bool has_cert, is_noc;
    bool is_node; /* a NOC, or a node that was adopted without one */
    struct mc_cert cert; /* borrows from the entry */
    unsigned n;
    uint64_t h[3]; /* for the lookup */
};
/* What a node carries: issued here, or adopted; of an adopted node it may be unknown. */
static inline bool ledger_is_node_cert(const struct mc_entry *x)
{
    return x->type == ENTRY_ISSUED || x->type == ENTRY_ADOPTED;
}

/* What the serial number of a device is found by: VID and PID, big-endian, and its octets. */
#define LEDGER_DEVICE_KEY_MAX (4 + ENTRY_NAME_MAX)
static inline size_t ledger_device_key_of(
    uint16_t vid, uint16_t pid, struct mc_span serial_number, uint8_t key[LEDGER_DEVICE_KEY_MAX])
{
    const uint8_t head[] = {(uint8_t)(vid >> 8), (uint8_t)vid, (uint8_t)(pid >> 8), (uint8_t)pid};

    memcpy(key, head, sizeof(head));
    memcpy(key + sizeof(head), serial_number.p, serial_number.n);
    return sizeof(head) + serial_number.n;
}
/* The key of an entry with its certificate; false if it has none. */
bool ledger_device_key(
    const struct mc_entry *x, const struct ledger_facts *f, uint8_t key[LEDGER_DEVICE_KEY_MAX], size_t *n);

/* Checks the entry against its certificate. CA_E_LEDGER, MC_E_CRYPTO. */
MC_MUST_CHECK enum mc_rc ledger_facts_of(
    struct mc_verifier *v, const struct mc_entry *x, struct ledger_facts *f, struct mc_err *e);

/* The row that counts this entry, with n 1; false if none does. */
bool ledger_tally_of(const struct mc_entry *x, const struct ledger_facts *f, struct ledger_tally *t);
MC_MUST_CHECK enum mc_rc ledger_tally_add(struct ledger *l, const struct ledger_tally *t, struct mc_err *e);
MC_MUST_CHECK enum mc_rc ledger_tally_flush(struct ledger *l, struct mc_err *e);

/* What a DECISION entry decides, and about whom; false if it is none that the ledger knows. */
struct ledger_decided {
    enum ledger_what what;
    uint64_t subject;
};
bool ledger_decided_of(const struct mc_entry *x, struct ledger_decided *d);
MC_MUST_CHECK enum mc_rc ledger_decision_store(struct ledger *l, const struct mc_entry *x, struct mc_err *e);

/* Attestation certificates are revoked; those of fabrics are replaced. */
static inline bool ledger_may_revoke(uint8_t kind)
{
    return kind >= MC_KIND_PAI;
}

/* ledger_revoked.c: rules and rows of REVOKED and DOCUMENT entries. CA_E_LEDGER, CA_E_REVOKED. */
MC_MUST_CHECK enum mc_rc ledger_revoked_check(
    struct ledger *l, const struct mc_entry *x, const struct ledger_facts *f, struct mc_err *e);
MC_MUST_CHECK enum mc_rc ledger_revoked_store(
    struct ledger *l, const struct mc_entry *x, const struct ledger_facts *f, struct mc_err *e);
MC_MUST_CHECK enum mc_rc ledger_document_check(struct ledger *l, const struct mc_entry *x, struct mc_err *e);
MC_MUST_CHECK enum mc_rc ledger_document_store(struct ledger *l, const struct mc_entry *x, struct mc_err *e);

/* Calls each() for the entry with the certificate of every authority that has this key, until it returns false. */
MC_MUST_CHECK enum mc_rc ledger_authority_entries(struct ledger *l, const uint8_t point[MC_POINT_LEN],
    bool (*each)(void *arg, uint64_t seq), void *arg, struct mc_err *e);

/* The schema as SQL, NUL-terminated. */
extern const char ledger_schema_sql[];

#endif
