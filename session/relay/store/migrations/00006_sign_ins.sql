-- +goose Up
-- How often the password was changed. Who has proved one of before is not signed in any more.
ALTER TABLE account ADD COLUMN passwords INTEGER NOT NULL DEFAULT 0;

-- Words that sign in once, within a minute.
CREATE TABLE once_word (
    hash       BLOB PRIMARY KEY,                    -- SHA-256 of the word
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    expires_ms INTEGER NOT NULL
);
CREATE INDEX once_word_account ON once_word (account_id);

-- +goose Down
DROP TABLE once_word;
ALTER TABLE account DROP COLUMN passwords;
