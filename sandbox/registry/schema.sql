-- The pretend registry's books. Times are text, UTC, RFC 3339 with microseconds, so that text order is time order.
-- `change` counts every change of anything: lists are read oldest change first by it, so a page never skips a row.

CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL, at TEXT NOT NULL);
INSERT OR IGNORE INTO counter VALUES ('change', 0, ''), ('cancellation', 0, ''), ('mandate', 0, '');

CREATE TABLE IF NOT EXISTS activity (
    activity_ref TEXT PRIMARY KEY,
    body         TEXT NOT NULL,               -- JSON, the contract's Activity without updated_at
    change       INTEGER NOT NULL UNIQUE,
    updated_at   TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS account (
    account_id     TEXT PRIMARY KEY,
    holder_name    TEXT NOT NULL,
    holder_country TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('open', 'suspended', 'closed'))
);

CREATE TABLE IF NOT EXISTS block (
    block_id             TEXT PRIMARY KEY,
    account_id           TEXT NOT NULL REFERENCES account,
    activity_ref         TEXT NOT NULL REFERENCES activity,
    issuance_ref         TEXT NOT NULL,
    monitoring_start     TEXT NOT NULL,
    monitoring_end       TEXT NOT NULL,
    vintage              INTEGER NOT NULL,
    unit_class           TEXT NOT NULL CHECK (unit_class IN ('AER', 'MCER')),
    authorization        TEXT NOT NULL,       -- JSON, the contract's Authorization
    first_transferred_at TEXT,
    prefix               TEXT NOT NULL,
    first                INTEGER NOT NULL,
    last                 INTEGER NOT NULL CHECK (last >= first),
    status               TEXT NOT NULL CHECK (status IN ('active', 'frozen', 'moved')),
    change               INTEGER NOT NULL UNIQUE
);

CREATE TABLE IF NOT EXISTS mandate (
    mandate_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account,
    block_id   TEXT NOT NULL REFERENCES block,
    quantity   INTEGER NOT NULL CHECK (quantity > 0),
    state      TEXT NOT NULL CHECK (state IN ('active', 'revoked', 'expired')),
    suspended  INTEGER NOT NULL DEFAULT 0,
    expires_at TEXT,
    granted_by TEXT NOT NULL,
    change     INTEGER NOT NULL UNIQUE,
    updated_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS mandate_of_block ON mandate (block_id);

CREATE TABLE IF NOT EXISTS cancellation (
    cancellation_id  TEXT PRIMARY KEY,
    client_reference TEXT NOT NULL UNIQUE,    -- for ever
    mandate_id       TEXT NOT NULL REFERENCES mandate,
    quantity         INTEGER NOT NULL CHECK (quantity > 0),
    purpose          TEXT NOT NULL,
    beneficiary      TEXT NOT NULL,           -- JSON
    reason           TEXT,
    status           TEXT NOT NULL CHECK (status IN ('accepted', 'completed', 'rejected')),
    due_at           TEXT,                    -- when an accepted one completes by itself; NULL = when told to
    completed_at     TEXT,
    attestation      TEXT,                    -- reference
    rejection_code   TEXT,
    rejection_detail TEXT,
    change           INTEGER NOT NULL UNIQUE,
    updated_at       TEXT NOT NULL
);

-- Every block is cut into segments without gap or overlap, so a serial number has one owner and is never used twice.
CREATE TABLE IF NOT EXISTS segment (
    block_id        TEXT NOT NULL REFERENCES block,
    first           INTEGER NOT NULL,
    last            INTEGER NOT NULL CHECK (last >= first),
    state           TEXT NOT NULL CHECK (state IN ('free', 'earmarked', 'reserved', 'cancelled', 'transferred')),
    mandate_id      TEXT REFERENCES mandate,
    cancellation_id TEXT REFERENCES cancellation,
    PRIMARY KEY (block_id, first)
);
CREATE INDEX IF NOT EXISTS segment_of_mandate ON segment (mandate_id, state);
CREATE INDEX IF NOT EXISTS segment_of_cancellation ON segment (cancellation_id);

CREATE TABLE IF NOT EXISTS answer (           -- what was answered under an idempotency key
    caller      TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status      INTEGER NOT NULL,
    body        TEXT NOT NULL,
    at          TEXT NOT NULL,
    PRIMARY KEY (caller, key)
);

CREATE TABLE IF NOT EXISTS event (            -- the outbox
    event_id     TEXT PRIMARY KEY,
    type         TEXT NOT NULL,
    resource_id  TEXT NOT NULL,
    occurred_at  TEXT NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    next_at      TEXT NOT NULL,
    delivered_at TEXT
);
CREATE INDEX IF NOT EXISTS event_undelivered ON event (next_at) WHERE delivered_at IS NULL;
