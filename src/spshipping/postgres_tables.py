"""The tables that machines share in a PostgreSQL database; `$schema` is the schema they are in."""

VERSION = 1
"""Of the tables."""
SCHEMA = """
CREATE TABLE $schema.facts (name TEXT PRIMARY KEY, value BYTEA NOT NULL);
CREATE TABLE $schema.purchases (
    place TEXT COLLATE "C" NOT NULL, seller TEXT COLLATE "C" NOT NULL, business TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL, generation BIGINT NOT NULL, state TEXT NOT NULL,
    attempt BIGINT NOT NULL, key TEXT NOT NULL UNIQUE, fence BIGINT NOT NULL,
    lease_until DOUBLE PRECISION NOT NULL, began_at DOUBLE PRECISION NOT NULL,
    changed_at DOUBLE PRECISION NOT NULL, fields TEXT NOT NULL, wanted BYTEA, call BYTEA, result BYTEA,
    amount TEXT, unit TEXT, day TEXT, sent_at DOUBLE PRECISION, has_been_in_doubt BOOLEAN NOT NULL,
    is_by_hand BOOLEAN NOT NULL, delivered_at DOUBLE PRECISION,
    PRIMARY KEY (place, seller, business, reference, generation)
);
CREATE INDEX purchases_by_day ON $schema.purchases (day, place, seller) WHERE day IS NOT NULL;
CREATE INDEX purchases_by_state ON $schema.purchases (state, place, seller);
CREATE TABLE $schema.events (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source TEXT NOT NULL,
    key TEXT COLLATE "C" NOT NULL, state TEXT NOT NULL, text TEXT NOT NULL, personal BYTEA,
    received_at DOUBLE PRECISION NOT NULL, changed_at DOUBLE PRECISION NOT NULL,
    due_at DOUBLE PRECISION NOT NULL, forget_at DOUBLE PRECISION, deliveries BIGINT NOT NULL,
    unreadable TEXT, UNIQUE (source, key)
);
CREATE INDEX events_waiting ON $schema.events (source, number) WHERE state = 'waiting';
CREATE INDEX events_to_forget ON $schema.events (forget_at) WHERE forget_at IS NOT NULL;
CREATE SEQUENCE $schema.submission_numbers;
CREATE TABLE $schema.submissions (
    number BIGINT PRIMARY KEY, place TEXT NOT NULL,
    vendor_code TEXT NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL, state TEXT NOT NULL,
    body TEXT NOT NULL, began_at DOUBLE PRECISION NOT NULL, due_at DOUBLE PRECISION NOT NULL,
    sent_at DOUBLE PRECISION,
    transaction_id TEXT, outcome TEXT, has_been_in_doubt BOOLEAN NOT NULL, warnings TEXT NOT NULL
);
CREATE INDEX submissions_by_reference
    ON $schema.submissions (place, vendor_code, kind, reference, number);
CREATE INDEX submissions_open ON $schema.submissions (place, due_at)
    WHERE state IN ('begun', 'sent', 'unknown');
CREATE TABLE $schema.serial_blocks (
    prefix TEXT NOT NULL, extension BIGINT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL,
    issued_at DOUBLE PRECISION NOT NULL, shipped_at DOUBLE PRECISION,
    PRIMARY KEY (prefix, extension, first)
);
CREATE SEQUENCE $schema.fences;
CREATE TABLE $schema.sellers (
    name TEXT COLLATE "C" PRIMARY KEY, due_at DOUBLE PRECISION NOT NULL, search_at DOUBLE PRECISION NOT NULL,
    pulled_to DOUBLE PRECISION, owner TEXT, lease_until DOUBLE PRECISION, fence BIGINT NOT NULL DEFAULT 0,
    failures BIGINT NOT NULL DEFAULT 0, checkpoint TEXT, until DOUBLE PRECISION
);
CREATE INDEX sellers_by_due ON $schema.sellers (due_at, name);
CREATE TABLE $schema.changes (
    number BIGINT GENERATED ALWAYS AS IDENTITY, key TEXT COLLATE "C" PRIMARY KEY,
    seller TEXT COLLATE "C" REFERENCES $schema.sellers ON DELETE CASCADE, item_id TEXT,
    changed_at DOUBLE PRECISION, due_at DOUBLE PRECISION NOT NULL, deliveries BIGINT NOT NULL DEFAULT 0,
    over_at DOUBLE PRECISION, reason TEXT
);
CREATE INDEX changes_waiting ON $schema.changes (seller, number) WHERE over_at IS NULL;
CREATE INDEX changes_over ON $schema.changes (over_at) WHERE over_at IS NOT NULL;
CREATE UNIQUE INDEX changes_by_time ON $schema.changes (seller, item_id, changed_at)
    WHERE changed_at IS NOT NULL;
"""
