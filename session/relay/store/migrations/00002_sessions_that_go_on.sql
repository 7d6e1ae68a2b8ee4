-- +goose Up
-- What a relay needs to let the peers of a session back in after it was restarted.
ALTER TABLE session ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN operator_resume TEXT NOT NULL DEFAULT '';  -- SHA-256 of the peer's token, hexadecimal
ALTER TABLE session ADD COLUMN customer_resume TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE session DROP COLUMN customer_resume;
ALTER TABLE session DROP COLUMN operator_resume;
ALTER TABLE session DROP COLUMN tries;
