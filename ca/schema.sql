-- SPDX-License-Identifier: Apache-2.0
--
-- The ledger. `entry` is the only truth; every other table but `intent` follows from it, and
-- ledger_verify compares them. Numbers that are unsigned 64-bit in the program (node and fabric ids, hashes,
-- instances, batches) are kept as INTEGER with the same bits, so that large ones look negative here: they
-- are compared for equality only. In lookup_new.h the top bit is flipped, which makes SQLite's order that of
-- unsigned numbers.
--
-- Keys that grow (seq, sn) are rowids: appending touches the last page of a table and no other. Keys that
-- are random go through lookup_new, run and lookup, see lookup.h.

-- The leaves of the Merkle tree, append-only. leaf = SHA-256(0x00 || body).
CREATE TABLE entry(
    seq  INTEGER PRIMARY KEY,
    type INTEGER NOT NULL CHECK(type BETWEEN 1 AND 13),
    leaf BLOB NOT NULL CHECK(length(leaf) = 32),
    body BLOB NOT NULL CHECK(length(body) BETWEEN 1 AND 2048)
) STRICT;

-- Adopted nodes have no row in cert; they are few, and no other entry pays for this.
CREATE INDEX entry_adopted ON entry(type) WHERE type = 11;

CREATE TRIGGER entry_insert BEFORE INSERT ON entry
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), -1) + 1 FROM entry)
BEGIN SELECT raise(ABORT, 'entries are only appended'); END;
CREATE TRIGGER entry_update BEFORE UPDATE ON entry
BEGIN SELECT raise(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entry_delete BEFORE DELETE ON entry
BEGIN SELECT raise(ABORT, 'entries are never removed'); END;

-- Hashes of the complete subtrees of 256^level leaves.
CREATE TABLE subtree(
    level INTEGER NOT NULL CHECK(level BETWEEN 1 AND 7),
    idx   INTEGER NOT NULL,
    hash  BLOB NOT NULL CHECK(length(hash) = 32),
    PRIMARY KEY(level, idx)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER subtree_update BEFORE UPDATE ON subtree
BEGIN SELECT raise(ABORT, 'subtrees are never changed'); END;
CREATE TRIGGER subtree_delete BEFORE DELETE ON subtree
BEGIN SELECT raise(ABORT, 'subtrees are never removed'); END;

-- One row: the state from which the next entry is appended. frontier = hashes of the perfect subtrees,
-- largest first. fresh = rows of lookup_new; lookups = changes of run.
CREATE TABLE head(
    id        INTEGER PRIMARY KEY CHECK(id = 1),
    size      INTEGER NOT NULL CHECK(size >= 0),
    frontier  BLOB NOT NULL,
    last_time INTEGER NOT NULL,
    next_sn   INTEGER NOT NULL CHECK(next_sn >= 1),
    fresh     INTEGER NOT NULL CHECK(fresh >= 0),
    lookups   INTEGER NOT NULL CHECK(lookups >= 0)
) STRICT;
INSERT INTO head VALUES(1, 0, x'', 0, 1, 0, 0);

-- Keys that sign. key = first 64 bits of SHA-256(point). name = of an attestation authority, else ''.
CREATE TABLE authority(
    number INTEGER PRIMARY KEY,
    seq    INTEGER NOT NULL UNIQUE REFERENCES entry(seq),
    kind   INTEGER NOT NULL,
    fabric INTEGER NOT NULL,
    issuer INTEGER NOT NULL,
    state  INTEGER NOT NULL,
    key    INTEGER NOT NULL,
    name   TEXT NOT NULL
) STRICT;
CREATE INDEX authority_key ON authority(key);
CREATE UNIQUE INDEX authority_name ON authority(name) WHERE name <> '';

-- issued = NOCs, adopted ones included. max_node = highest node id on record; 0 for none.
CREATE TABLE fabric(
    number    INTEGER PRIMARY KEY,
    seq       INTEGER NOT NULL UNIQUE REFERENCES entry(seq),
    name      TEXT NOT NULL UNIQUE,
    fabric_id INTEGER NOT NULL,
    root      INTEGER NOT NULL REFERENCES authority(number),
    ica       INTEGER NOT NULL,
    issued    INTEGER NOT NULL,
    max_node  INTEGER NOT NULL
) STRICT;

-- Every serial number that was used up. sn is the counter inside the serial; type is that of the entry.
-- The last three are 0 where the entry has none; not_after is that of the certificate.
CREATE TABLE cert(
    sn        INTEGER PRIMARY KEY,
    seq       INTEGER NOT NULL,
    type      INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    authority INTEGER NOT NULL,
    fabric    INTEGER NOT NULL,
    node_id   INTEGER NOT NULL,
    not_after INTEGER NOT NULL
) STRICT;

CREATE TRIGGER cert_update BEFORE UPDATE ON cert
BEGIN SELECT raise(ABORT, 'certificates are never changed'); END;
CREATE TRIGGER cert_delete BEFORE DELETE ON cert
BEGIN SELECT raise(ABORT, 'certificates are never removed'); END;

-- What came of requests: counts by fabric and authority (0: none), type of entry (issued, void, refused, revoked) and,
-- for certificates, the month in which they expire (12 * year + month - 1; else 0). last_time is that of the
-- newest entry counted.
CREATE TABLE tally(
    fabric    INTEGER NOT NULL,
    authority INTEGER NOT NULL,
    type      INTEGER NOT NULL,
    month     INTEGER NOT NULL,
    n         INTEGER NOT NULL CHECK(n >= 1),
    last_time INTEGER NOT NULL,
    PRIMARY KEY(fabric, authority, type, month)
) STRICT, WITHOUT ROWID;

-- Decisions that stand, with the newest entry of each: what is enum ledger_what; subject is the node that was
-- removed, the identifier of the CAT, or 0 for a fabric that was replaced. A node taken back has no row.
CREATE TABLE decision(
    fabric  INTEGER NOT NULL,
    what    INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    PRIMARY KEY(fabric, what, subject)
) STRICT, WITHOUT ROWID;

-- Certificates that were revoked, by the counter inside their serial; authority is their issuer.
CREATE TABLE revoked(
    sn        INTEGER PRIMARY KEY,
    seq       INTEGER NOT NULL,
    authority INTEGER NOT NULL
) STRICT;
CREATE INDEX revoked_issuer ON revoked(authority);

CREATE TRIGGER revoked_update BEFORE UPDATE ON revoked
BEGIN SELECT raise(ABORT, 'a revocation is never changed'); END;
CREATE TRIGGER revoked_delete BEFORE DELETE ON revoked
BEGIN SELECT raise(ABORT, 'a revocation is never removed'); END;

-- Documents that an authority (0: the audit key) signed, a row for each kind (enum ledger_document) and each
-- authority that they are about (0: the signer itself): the last number taken, its entry, and the entry that
-- says which was given out last (0: none).
CREATE TABLE document(
    authority INTEGER NOT NULL,
    what      INTEGER NOT NULL,
    subject   INTEGER NOT NULL,
    number    INTEGER NOT NULL CHECK(number >= 1),
    seq       INTEGER NOT NULL,
    released  INTEGER NOT NULL,
    PRIMARY KEY(authority, what, subject)
) STRICT, WITHOUT ROWID;

-- Serial numbers given out whose outcome is not known yet; the row goes when their entries come.
-- digest = SHA-256 over the other columns, so that a damaged intent is never believed.
CREATE TABLE intent(
    first_sn       INTEGER PRIMARY KEY,
    n              INTEGER NOT NULL CHECK(n >= 1),
    instance       INTEGER NOT NULL,
    authority      INTEGER NOT NULL,
    fabric         INTEGER NOT NULL,
    kind           INTEGER NOT NULL,
    time           INTEGER NOT NULL,
    not_before     INTEGER NOT NULL,
    batch          INTEGER NOT NULL,
    has_node_id    INTEGER NOT NULL,
    node_id        INTEGER NOT NULL,
    seed           BLOB NOT NULL CHECK(length(seed) = 32),
    profile_sha256 BLOB NOT NULL CHECK(length(profile_sha256) = 32),
    input_sha256   BLOB NOT NULL CHECK(length(input_sha256) = 32),
    tbs_sha256     BLOB NOT NULL CHECK(length(tbs_sha256) = 32),
    content_sha256 BLOB NOT NULL CHECK(length(content_sha256) = 32),
    request_id     TEXT NOT NULL,
    digest         BLOB NOT NULL CHECK(length(digest) = 32)
) STRICT;

-- Look-up by hash, see lookup.h: what came last, as rows;
CREATE TABLE lookup_new(
    h   INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY(h, seq)
) STRICT, WITHOUT ROWID;
-- older, as sorted runs (age: the last seq in it);
CREATE TABLE run(
    id     INTEGER PRIMARY KEY,
    level  INTEGER NOT NULL CHECK(level BETWEEN 0 AND 15),
    bits   INTEGER NOT NULL CHECK(bits BETWEEN 0 AND 24),
    n      INTEGER NOT NULL CHECK(n >= 1),
    age    INTEGER NOT NULL,
    filter BLOB NOT NULL
) STRICT;
-- and their parts: id = run id * 2^24 + part, data = pairs (hash, seq), 16 octets big-endian each.
CREATE TABLE lookup(
    id   INTEGER PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;
