/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger.h - the record of every certificate ever signed: storage promises and nothing else.
 *
 * The entries are the leaves of an RFC 6962 Merkle tree and the only truth. Every other table follows from
 * them and can be recomputed (ledger_verify does). One writer at a time (BEGIN IMMEDIATE); readers never
 * wait. A call that fails inside a transaction leaves only ledger_rollback to be called: what memory knows
 * is then thrown away and read again from the database.
 *
 * Serial numbers: the ledger hands out a counter (sn, from 1, never twice, burned ones included). The
 * serial of a certificate is sn in 8 octets big-endian with the top octet 0x40, then random octets.
 */
#ifndef CA_LEDGER_H
#define CA_LEDGER_H

#include "lib/entry.h"

#define LEDGER_SCHEMA_VERSION 1
#define LEDGER_SERIAL_LEN     20 /* 8 of prefix and counter, 12 random */
#define LEDGER_HASH_LEN       32
#define LEDGER_PROOF_MAX      64 /* hashes in an inclusion proof */

struct ledger;

enum ledger_mode { LEDGER_READ, LEDGER_WRITE };

/* Makes a new database at path (which must not exist) with the schema and nothing in it. CA_E_EXISTS, CA_E_DB... */
MC_MUST_CHECK enum mc_rc ledger_create(const char *path, struct mc_err *e);
/*
 * Opens one that exists; never makes one. CA_E_STATE_NONE, CA_E_STATE_VERSION (newer schema), CA_E_DB,
 * CA_E_DB_READONLY, CA_E_LEDGER. WAL, synchronous FULL, foreign keys, busy timeout busy_ms, no
 * extensions, trusted_schema off, cell size check on.
 */
MC_MUST_CHECK enum mc_rc ledger_open(
    const char *path, enum ledger_mode mode, unsigned busy_ms, struct ledger **out, struct mc_err *e);
void ledger_close(struct ledger *l); /* NULL is fine; an open transaction is rolled back */

/* One write transaction. CA_E_BUSY when another process holds it for longer than busy_ms. */
MC_MUST_CHECK enum mc_rc ledger_begin(struct ledger *l, struct mc_err *e);
/* Durable when it returns MC_OK. CA_E_DB, CA_E_DB_FULL, CA_E_DB_READONLY: then nothing was written. */
MC_MUST_CHECK enum mc_rc ledger_commit(struct ledger *l, struct mc_err *e);
void ledger_rollback(struct ledger *l); /* without a transaction: nothing */

/*
 * Appends inside a transaction: sets x->seq (and x->fabric or x->authority for ENTRY_FABRIC and
 * ENTRY_AUTHORITY, the next row number), stores the canonical bytes, extends the tree, brings all derived
 * tables up to date. Time never goes back: x->time_unix becomes that of the last entry if it is earlier
 * (whether to work with such a clock at all is the caller's matter: CA_E_CLOCK).
 *
 * What it refuses as CA_E_LEDGER: fields that the type does not have or lacks; an entry before GENESIS or a
 * second GENESIS; a serial that is not of our form, belongs to no open intent, was not made from the
 * intent's seed, or has its entry already; an issuer, fabric, kind, or (single requests) TBS hash other than
 * the intent's; a certificate whose serial, kind, node id or key is not what the entry says; authorities
 * and fabrics that do not exist; a revocation of what is not on record, a document's number that is not the
 * next. CA_E_REVOKED for a second revocation. CA_E_FABRIC_EXISTS for a second fabric of one name,
 * CA_E_AUTHORITY_EXISTS for a second attestation authority.
 */
MC_MUST_CHECK enum mc_rc ledger_append(struct ledger *l, struct mc_entry *x, struct mc_err *e);

/*
 * Thousands of questions will follow, about what mostly is not there: reads the filters of the lookup tables (lookup.h) now,
 * and not when the questions come. Outside of a transaction; what is not read is read later.
 */
MC_MUST_CHECK enum mc_rc ledger_expect_many(struct ledger *l, struct mc_err *e);

/*
 * Housekeeping that no single request should pay for: merges the runs of the lookup tables (lookup.h).
 * Opens its own transactions; call it outside of one, at the end of a batch and at checkpoints.
 */
MC_MUST_CHECK enum mc_rc ledger_maintain(struct ledger *l, struct mc_err *e);

/*
 * Copies the whole database, as it is at one moment, into the empty file at path: readers and the writer are not
 * held up. CA_E_DB, CA_E_DB_FULL.
 */
MC_MUST_CHECK enum mc_rc ledger_copy(struct ledger *l, const char *path, struct mc_err *e);

/* Facts of the head. Outside of a transaction they are read from the database anew. */
struct ledger_head {
    uint64_t size;                  /* entries */
    uint8_t root[LEDGER_HASH_LEN];  /* RFC 6962 root; SHA-256 of nothing for size 0 */
    int64_t last_time_unix;         /* of the last entry; 0 if none */
    uint64_t next_sn;
};
MC_MUST_CHECK enum mc_rc ledger_head(struct ledger *l, struct ledger_head *h, struct mc_err *e);

/*
 * Intents. An intent is durable (committed) before any signature under it is asked for. `instance` names
 * the process that opened it (instance.h). n serial numbers first_sn..first_sn+n-1 belong to it; the
 * random octets of serial sn are the first 12 of SHA-256(seed || sn big-endian), so that every TBS that
 * might have been signed can be told from the intent and the requests.
 */
struct ledger_intent {
    uint64_t id; /* set by ledger_intent_open */
    uint64_t first_sn;
    uint32_t n;
    uint64_t instance;
    uint32_t authority, fabric; /* fabric 0: none */
    uint8_t kind;               /* enum mc_kind */
    int64_t time_unix, not_before_unix;
    uint8_t seed[32];
    uint8_t profile_sha256[32];
    uint8_t input_sha256[32]; /* single: SHA-256 of the CSR; block: of the batch's input for the block */
    uint8_t tbs_sha256[32];   /* single; zero for a block */
    uint8_t content_sha256[32];
    char request_id[ENTRY_REQUEST_MAX + 1]; /* single; "" for a block */
    uint64_t batch;                         /* 0: none */
    bool has_node_id;
    uint64_t node_id; /* single: of the request; block: the highest that its requests take by `next` */
};
/* Takes the next n serial numbers: sets id and first_sn. Inside a transaction. */
MC_MUST_CHECK enum mc_rc ledger_intent_open(struct ledger *l, struct ledger_intent *i, struct mc_err *e);
/*
 * Fixes what is known only when first_sn is: the hash of the TBS (single requests). Same transaction as
 * ledger_intent_open.
 */
MC_MUST_CHECK enum mc_rc ledger_intent_set_tbs(
    struct ledger *l, uint64_t id, const uint8_t tbs_sha256[32], struct mc_err *e);
/*
 * Closes it: the entries were appended in this transaction. Every serial number of the intent must have
 * its ISSUED, AUTHORITY, VOID or REFUSED (with serial) entry, so that none is ever unaccounted for:
 * else CA_E_LEDGER.
 */
MC_MUST_CHECK enum mc_rc ledger_intent_close(struct ledger *l, uint64_t id, struct mc_err *e);
/* Calls each() for every open intent until it returns false. */
MC_MUST_CHECK enum mc_rc ledger_intents(struct ledger *l,
    bool (*each)(void *arg, const struct ledger_intent *i), void *arg, struct mc_err *e);
/* The serial of sn under a seed. */
void ledger_serial(const uint8_t seed[32], uint64_t sn, uint8_t serial[LEDGER_SERIAL_LEN]);
/* The counter inside a serial of our own form; 0 if it is not of that form. */
uint64_t ledger_serial_sn(struct mc_span serial);

/* A found entry: x borrows from body. */
struct ledger_row {
    uint64_t seq;
    size_t n;
    uint8_t body[ENTRY_MAX];
    struct mc_entry x;
};
MC_MUST_CHECK enum mc_rc ledger_get(struct ledger *l, uint64_t seq, struct ledger_row *r, struct mc_err *e);
/* The ISSUED, AUTHORITY, VOID or REFUSED entry of a serial given out here. CA_E_NOT_FOUND. */
MC_MUST_CHECK enum mc_rc ledger_find_serial(
    struct ledger *l, struct mc_span serial, struct ledger_row *r, struct mc_err *e);
/* The ISSUED entry of a request id within a fabric (fabric 0: requests outside of fabrics). CA_E_NOT_FOUND. */
MC_MUST_CHECK enum mc_rc ledger_find_request(
    struct ledger *l, uint32_t fabric, const char *request_id, struct ledger_row *r, struct mc_err *e);
/* The latest ISSUED entry for this public key (any fabric). CA_E_NOT_FOUND. */
MC_MUST_CHECK enum mc_rc ledger_find_key(
    struct ledger *l, const uint8_t point[MC_POINT_LEN], struct ledger_row *r, struct mc_err *e);
/* The latest DAC of the device with this serial number. CA_E_NOT_FOUND. */
MC_MUST_CHECK enum mc_rc ledger_find_device(struct ledger *l, uint16_t vid, uint16_t pid, struct mc_span serial_number,
    struct ledger_row *r, struct mc_err *e);
/*
 * The latest ISSUED or ADOPTED entry of a node; it holds no certificate if the node was adopted by its id alone.
 * CA_E_NOT_FOUND.
 */
MC_MUST_CHECK enum mc_rc ledger_find_node(
    struct ledger *l, uint32_t fabric, uint64_t node_id, struct ledger_row *r, struct mc_err *e);
/* The smallest operational node id above every one used in the fabric or by an open intent. CA_E_NODE_SPACE. */
MC_MUST_CHECK enum mc_rc ledger_next_node(struct ledger *l, uint32_t fabric, uint64_t *node_id, struct mc_err *e);

/* Authorities and fabrics, from their entries. */
struct ledger_authority {
    uint32_t number;
    uint8_t kind; /* enum mc_kind */
    uint32_t fabric, issuer; /* 0: none, self-signed */
    enum authority_state state;
    uint8_t key_id[20], point[MC_POINT_LEN];
    char label[ENTRY_NAME_MAX + 1];
    char name[ENTRY_NAME_MAX + 1]; /* of an attestation authority; else "" */
    uint64_t seq; /* entry with the certificate */
    size_t cert_n;
    uint8_t cert_der[MC_CERT_DER_MAX];
};
struct ledger_fabric {
    uint32_t number, root, ica; /* ica 0: none */
    char name[ENTRY_NAME_MAX + 1];
    uint64_t fabric_id;
    size_t sealed_n;
    uint8_t sealed[128]; /* the IPK */
    uint64_t seq;
    uint64_t issued; /* NOCs */
};
MC_MUST_CHECK enum mc_rc ledger_authority(
    struct ledger *l, uint32_t number, struct ledger_authority *a, struct mc_err *e);
/* An attestation authority. CA_E_NOT_FOUND. */
MC_MUST_CHECK enum mc_rc ledger_authority_by_name(
    struct ledger *l, const char *name, struct ledger_authority *a, struct mc_err *e);
MC_MUST_CHECK enum mc_rc ledger_fabric_by_name(
    struct ledger *l, const char *name, struct ledger_fabric *f, struct mc_err *e);
MC_MUST_CHECK enum mc_rc ledger_fabrics(
    struct ledger *l, bool (*each)(void *arg, const struct ledger_fabric *f), void *arg, struct mc_err *e);
/* True if the point is the key of an authority. */
MC_MUST_CHECK enum mc_rc ledger_is_authority_key(
    struct ledger *l, const uint8_t point[MC_POINT_LEN], bool *is, struct mc_err *e);

/* Calls each() for every authority of a fabric, by number, until it returns false. */
MC_MUST_CHECK enum mc_rc ledger_authorities(struct ledger *l, uint32_t fabric,
    bool (*each)(void *arg, const struct ledger_authority *a), void *arg, struct mc_err *e);
/* The state alone, for the way of every request. CA_E_NOT_FOUND. */
MC_MUST_CHECK enum mc_rc ledger_authority_state(
    struct ledger *l, uint32_t number, enum authority_state *state, struct mc_err *e);

/* What an operator decides about a fabric (DECISION entries). */
enum ledger_what { LEDGER_NODE_REMOVED = 1, LEDGER_NODE_RESTORED, LEDGER_CAT_VERSION, LEDGER_FABRIC_REPLACED };
const char *ledger_what_rule(enum ledger_what w); /* "node-removed", ... */
/*
 * The newest decision that stands: about a node id (a node that was restored has none), a CAT identifier (high
 * 16 bits), or 0 for the fabric as a whole. CA_E_NOT_FOUND.
 */
MC_MUST_CHECK enum mc_rc ledger_decision(struct ledger *l, uint32_t fabric, enum ledger_what w, uint64_t subject,
    struct ledger_row *r, struct mc_err *e);
MC_MUST_CHECK enum mc_rc ledger_node_removed(
    struct ledger *l, uint32_t fabric, uint64_t node_id, bool *removed, struct mc_err *e);

/* Revocations (REVOKED entries): what a CRL of the issuer makes known. */
struct ledger_revocation {
    uint64_t sn, seq; /* counter inside of the serial; the entry that revokes it */
    uint32_t authority; /* the issuer */
};
/* Whether the certificate with this serial is revoked, and by which entry. CA_E_NOT_FOUND: not revoked. */
MC_MUST_CHECK enum mc_rc ledger_revocation(
    struct ledger *l, struct mc_span serial, struct ledger_revocation *r, struct mc_err *e);
/* Calls each() for every revocation of an issuer (0: of all), by serial counter, until it returns false. */
MC_MUST_CHECK enum mc_rc ledger_revocations(struct ledger *l, uint32_t authority,
    bool (*each)(void *arg, const struct ledger_revocation *r), void *arg, struct mc_err *e);
/* How many there are of an issuer, and the newest entry among them (0: none). */
MC_MUST_CHECK enum mc_rc ledger_revocation_count(
    struct ledger *l, uint32_t authority, uint64_t *n, uint64_t *newest_seq, struct mc_err *e);

/*
 * Documents that are numbered (DOCUMENT entries). Inside a transaction: ask for the next number, make the
 * octets that are to be signed with it, append the entry without state, commit; then sign, verify, write it
 * out, and append the same entry with state ACTIVE. A number that never gets the second entry is burned.
 */
MC_MUST_CHECK enum mc_rc ledger_document_next(
    struct ledger *l, uint32_t authority, enum entry_document what, uint64_t *number, struct mc_err *e);
/* What was numbered last for a signer and subject (0: the signer itself). CA_E_NOT_FOUND. */
struct ledger_document {
    uint32_t authority, subject;
    uint8_t what; /* enum entry_document */
    uint64_t number, seq, released_seq; /* released_seq 0: none was given out */
};
MC_MUST_CHECK enum mc_rc ledger_documents(struct ledger *l, enum entry_document what,
    bool (*each)(void *arg, const struct ledger_document *d), void *arg, struct mc_err *e);

/* A node as its latest NOC says. One that was adopted by its id alone had none: the ledger does not know what it holds. */
struct ledger_node {
    uint64_t node_id, seq;  /* the entry of that NOC */
    uint32_t authority;     /* its issuer; 0 without a NOC */
    int64_t not_after_unix; /* 0 without a NOC */
    uint64_t nocs;          /* how many it had */
    bool removed;
};
/*
 * Calls each() for every node of a fabric in the order of ids until it returns false. Reads the rows of all NOCs
 * once and sorts them, outside of a transaction by way of temporary files: memory stays flat.
 */
MC_MUST_CHECK enum mc_rc ledger_nodes(struct ledger *l, uint32_t fabric,
    bool (*each)(void *arg, const struct ledger_node *n), void *arg, struct mc_err *e);

/*
 * What came of requests, counted as they were recorded: a row for each fabric, authority (0: none), type
 * (ISSUED, VOID, REFUSED, REVOKED) and month of expiry (12 * year + month - 1; 0 for what is no certificate).
 */
struct ledger_tally {
    uint32_t fabric, authority, month;
    enum entry_type type;
    uint64_t n;
    int64_t last_time_unix; /* of the newest entry that is counted here */
};
/* Calls each() for every row in the order of fabric, authority, type, month until it returns false. */
MC_MUST_CHECK enum mc_rc ledger_tallies(
    struct ledger *l, bool (*each)(void *arg, const struct ledger_tally *t), void *arg, struct mc_err *e);

/*
 * Entries from..size-1, in order, until each() returns false; size is that at the start. type 0: all. Read in
 * pages with a short transaction each, so that a long scan holds up nothing: what it has seen does not change.
 */
MC_MUST_CHECK enum mc_rc ledger_scan(struct ledger *l, uint64_t from, enum entry_type type,
    bool (*each)(void *arg, const struct ledger_row *r), void *arg, struct mc_err *e);

/* How a certificate stands at a moment: revoked wins over expired. */
enum ledger_standing { LEDGER_ANY, LEDGER_VALID, LEDGER_EXPIRED, LEDGER_REVOKED };

/* What ledger_search looks for: all of what is set. */
struct ledger_query {
    struct mc_span serial;
    const uint8_t *point;   /* 65 octets; NULL: any */
    const char *request_id; /* NULL: any */
    struct mc_span key_id;  /* 20 octets: the certificate's subject key id; n == 0: any */
    struct mc_span name, rule; /* n == 0: any */
    uint32_t fabric;        /* 0: any */
    uint32_t authority;     /* that issued it, or is it; 0: any */
    uint8_t kind;           /* enum mc_kind; 0: any */
    uint64_t batch;         /* 0: any */
    bool has_node_id, has_cat, has_vid, has_pid;
    uint64_t node_id;
    uint32_t cat;        /* one of the certificate's, with its version */
    uint16_t vid, pid;   /* of the certificate's subject */
    enum entry_type type; /* 0: any */
    int64_t after_unix, before_unix; /* after <= time < before; before 0: no end */
    int64_t expires_after_unix, expires_before_unix; /* the same of the certificate's end */
    enum ledger_standing standing;
    int64_t now_unix; /* with standing */
};
/*
 * The entries that fit, in order, until each() returns false. By serial all types, by key, request or node (in
 * this order, the first that is set) issued certificates are found by their index, by key authorities too; with
 * another type wanted, or without any of the four, entries are read one by one, from the first of the time asked for.
 */
MC_MUST_CHECK enum mc_rc ledger_search(struct ledger *l, const struct ledger_query *q,
    bool (*each)(void *arg, const struct ledger_row *r), void *arg, struct mc_err *e);

/* Inclusion proof of entry seq in the tree of the given size (RFC 6962 2.1.1). */
struct ledger_proof {
    uint64_t seq, size;
    unsigned n;
    uint8_t hash[LEDGER_PROOF_MAX][LEDGER_HASH_LEN];
    uint8_t leaf[LEDGER_HASH_LEN], root[LEDGER_HASH_LEN];
};
MC_MUST_CHECK enum mc_rc ledger_prove(
    struct ledger *l, uint64_t seq, uint64_t size, struct ledger_proof *p, struct mc_err *e);
/* The root of the first `size` entries. */
MC_MUST_CHECK enum mc_rc ledger_root_at(
    struct ledger *l, uint64_t size, uint8_t root[LEDGER_HASH_LEN], struct mc_err *e);

/*
 * Recomputes everything from the entries, from entry `from` on (0: all): canonical bytes, sequence, times,
 * leaf hashes, tree, and every derived table. The first bad entry is named in e: field "entry N".
 * progress (may be NULL) is called now and then. CA_E_LEDGER.
 */
MC_MUST_CHECK enum mc_rc ledger_verify(struct ledger *l, uint64_t from,
    void (*progress)(void *arg, uint64_t done, uint64_t total), void *arg, struct mc_err *e);

#endif
