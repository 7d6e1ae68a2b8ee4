-- +goose Up
-- Keys for programs that use the relay in an account's name.
CREATE TABLE api_key (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,                       -- what it is for
    hash       BLOB NOT NULL UNIQUE,                -- SHA-256 of the key
    scopes     TEXT NOT NULL,                       -- separated by spaces
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_ms    INTEGER NOT NULL DEFAULT 0           -- 0: never; else within the hour
);
CREATE INDEX api_key_account ON api_key (account_id);

-- Links with which people set a password, once.
CREATE TABLE password_link (
    hash       BLOB PRIMARY KEY,                    -- SHA-256 of the link's last part
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    expires_ms INTEGER NOT NULL
);
CREATE INDEX password_link_account ON password_link (account_id);

-- What visitors have reported. No foreign keys: a report outlives what it is about.
CREATE TABLE abuse_report (
    id         TEXT PRIMARY KEY,
    at_ms      INTEGER NOT NULL,
    routing    TEXT NOT NULL,                       -- first digits of the code
    session_id TEXT NOT NULL,                       -- the latest session with these digits, or ''
    account_id TEXT NOT NULL,
    user_name  TEXT NOT NULL,
    text       TEXT NOT NULL,
    done_ms    INTEGER NOT NULL DEFAULT 0           -- 0: nobody has looked into it
);
CREATE INDEX abuse_report_at ON abuse_report (at_ms);
CREATE INDEX session_routing ON session (routing, created_ms);

-- +goose Down
DROP INDEX session_routing;
DROP TABLE abuse_report;
DROP TABLE password_link;
DROP TABLE api_key;
