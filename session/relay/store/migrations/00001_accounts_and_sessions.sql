-- +goose Up
CREATE TABLE account (
    id            TEXT PRIMARY KEY,
    user_name     TEXT NOT NULL UNIQUE,             -- lower case
    display_name  TEXT NOT NULL,
    password_hash TEXT NOT NULL,                    -- PHC string
    created_ms    INTEGER NOT NULL,
    disabled      INTEGER NOT NULL DEFAULT 0,
    last_seen_ms  INTEGER NOT NULL DEFAULT 0        -- 0: never
);

CREATE TABLE token (
    hash       BLOB PRIMARY KEY,                    -- SHA-256 of the token
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
);
CREATE INDEX token_expires ON token (expires_ms);
CREATE INDEX token_account ON token (account_id);

-- History outlives the account, so there is no foreign key here.
CREATE TABLE session (
    id         TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    user_name  TEXT NOT NULL,
    routing    TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    joined_ms  INTEGER NOT NULL DEFAULT 0,          -- 0: nobody joined
    ended_ms   INTEGER NOT NULL DEFAULT 0,          -- 0: not ended
    end_reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX session_ended ON session (ended_ms);

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- +goose Down
DROP TABLE setting;
DROP TABLE session;
DROP TABLE token;
DROP TABLE account;
