-- +goose Up
-- The relays that share this database. Each session belongs to one of them.
CREATE TABLE node (
    address TEXT PRIMARY KEY,                       -- under which peers reach it
    run     TEXT NOT NULL,                          -- random, of the process that has the address
    seen_ms INTEGER NOT NULL                        -- by the database's clock
);

ALTER TABLE session ADD COLUMN node TEXT NOT NULL DEFAULT '';           -- node.address, or '' where there are no nodes
ALTER TABLE session ADD COLUMN end_wanted INTEGER NOT NULL DEFAULT 0;   -- another node has been asked to end it

-- IDs that customers' programs show, and where.
CREATE TABLE offer (
    number TEXT PRIMARY KEY,
    node   TEXT NOT NULL
);

-- +goose Down
DROP TABLE offer;
ALTER TABLE session DROP COLUMN end_wanted;
ALTER TABLE session DROP COLUMN node;
DROP TABLE node;
