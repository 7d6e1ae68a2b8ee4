-- +goose Up
ALTER TABLE account ADD COLUMN administrator INTEGER NOT NULL DEFAULT 0;

-- The second factor of a sign-in: the secret that the relay shares with a person's authenticator.
CREATE TABLE second_factor (
    account_id TEXT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    secret     BLOB NOT NULL,
    confirmed  INTEGER NOT NULL DEFAULT 0,          -- 0: being set up, does not count yet
    last_step  INTEGER NOT NULL DEFAULT 0           -- the latest time step that was used; none is taken twice
);

CREATE TABLE recovery_code (
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    hash       BLOB NOT NULL,                       -- SHA-256 of the code
    PRIMARY KEY (account_id, hash)
);

-- What administrators and operators did. Each line has a hash over itself and the line before it.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY,                     -- from 1, without gaps
    at_ms  INTEGER NOT NULL,
    actor  TEXT NOT NULL,                           -- sign-in name, or "" for nobody known
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash   BLOB NOT NULL
);

CREATE INDEX session_account ON session (account_id, created_ms);
CREATE INDEX session_created ON session (created_ms);

-- +goose Down
DROP INDEX session_created;
DROP INDEX session_account;
DROP TABLE audit;
DROP TABLE recovery_code;
DROP TABLE second_factor;
ALTER TABLE account DROP COLUMN administrator;
