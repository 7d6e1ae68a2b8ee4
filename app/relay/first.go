package main

import (
	"context"
	"errors"
	"log/slog"
	"net/url"

	"handrail/session/relay/admin"
	"handrail/session/relay/store"
)

// firstUser is what the first administrator signs in with.
const firstUser = "admin"

// firstAdministrator makes an administrator's account where there are no accounts at all, and says once, in the log,
// with which link its password is set. Nobody else can reach a page that sets a relay up.
func firstAdministrator(ctx context.Context, db *store.DB, log *slog.Logger, public *url.URL) error {
	accounts, err := db.Accounts(ctx)
	if err != nil || len(accounts) > 0 {
		return err
	}
	office := &admin.Office{Store: db, Actor: admin.Console}
	_, word, err := office.AddAccount(ctx, admin.NewAccount{User: firstUser, Name: "Administrator", Administrator: true})
	if errors.Is(err, admin.ErrExists) { // another relay with the same database was faster
		return nil
	}
	if err == nil {
		log.Warn("There are no accounts yet. Within three days, choose the password of the administrator's account \"" + firstUser +
			"\" here: " + public.JoinPath("desk", "password", word).String())
	}
	return err
}
