package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"handrail/session/relay/admin"
	"handrail/session/relay/store"
)

type accountCmd struct {
	Add      addCmd      `cmd:"" help:"Add an account."`
	List     listCmd     `cmd:"" help:"List the accounts."`
	Password passwordCmd `cmd:"" help:"Set an account's password and sign it out everywhere."`
	Link     linkCmd     `cmd:"" help:"Make a link with which the account's owner chooses a password."`
	Rename   renameCmd   `cmd:"" help:"Change what customers see of an account."`
	Second   secondCmd   `cmd:"" help:"Let an account sign in without its six digits, when the phone is lost."`
	Role     roleCmd     `cmd:"" help:"Make an account an administrator's, or an operator's again."`
	Block    blockCmd    `cmd:"" help:"Block an account, or let it in again with --off. Its sessions end within seconds."`
	Remove   removeCmd   `cmd:"" help:"Remove an account. Its sessions end within seconds."`
}

// passwordFlag is where a password comes from. There is no flag for the password itself, because everybody on the
// machine can read command lines.
type passwordFlag struct {
	PasswordFile string `required:"" placeholder:"FILE" help:"File whose first line is the password; - reads it from standard input."`
}

// newPasswordFlag is the same for a new account, which may also get a link.
type newPasswordFlag struct {
	PasswordFile string `placeholder:"FILE" help:"File whose first line is the password; - reads it from standard input. Without it, a link is printed with which the owner chooses one."`
}

// hash reads the password and returns its hash.
func (f passwordFlag) hash(ctx context.Context, p *Program) (string, error) {
	in := p.Stdin
	if f.PasswordFile != "-" {
		file, err := os.Open(f.PasswordFile)
		if err != nil {
			return "", fmt.Errorf("the password file cannot be read: %w", err)
		}
		defer file.Close()
		in = file
	}
	line, err := bufio.NewReader(io.LimitReader(in, store.MaxPassword+3)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("the password cannot be read: %w", err)
	}
	password := strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if err := store.CheckPassword(password); err != nil {
		return "", err
	}
	return store.NewHasher(store.DefaultParams, 1).Hash(ctx, password)
}

type addCmd struct {
	User          string `arg:"" name:"name" help:"What the operator signs in with, for example desk1."`
	Name          string `name:"name" placeholder:"TEXT" help:"What customers see, for example \"Help desk 1\"; the sign-in name when left out."`
	Administrator bool   `help:"The account may manage others on the web pages."`
	newPasswordFlag
	linkFlag
	dataFlag
}

func (c addCmd) Run(ctx context.Context, p *Program) error {
	hash := ""
	if c.PasswordFile != "" {
		var err error
		if hash, err = (passwordFlag{c.PasswordFile}).hash(ctx, p); err != nil {
			return err
		}
	}
	db, err := c.open(ctx, true)
	if err != nil {
		return err
	}
	defer db.Close()
	office := &admin.Office{Store: db, Actor: admin.Console}
	a, word, err := office.AddAccount(ctx, admin.NewAccount{User: c.User, Name: c.Name, Administrator: c.Administrator})
	if errors.Is(err, admin.ErrExists) {
		return fmt.Errorf("there is already an account %q; to change its password, use \"account password\"", strings.ToLower(c.User))
	}
	if err != nil {
		return err
	}
	if hash != "" {
		return errors.Join(db.UsePasswordLink(ctx, admin.HashSecret(word), time.Now()), db.SetPassword(ctx, a.ID, hash))
	}
	return c.show(p, a.User, word)
}

type listCmd struct {
	JSON bool `help:"One JSON array."`
	dataFlag
}

// listed is an account in "account list --json". Fields are only ever added.
type listed struct {
	User     string     `json:"user"`
	Name     string     `json:"name"`
	Created  time.Time  `json:"created"`
	Disabled bool       `json:"disabled"`
	LastSeen *time.Time `json:"last_seen"` // null: never signed in
	Role     string     `json:"role"`      // operator or administrator
}

func (c listCmd) Run(ctx context.Context, p *Program) error {
	db, err := c.open(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	accounts, err := db.Accounts(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(p.Stdout, accounts)
	}
	if len(accounts) == 0 {
		_, err := fmt.Fprintln(p.Stdout, "There are no accounts yet. Add one with \"handrail-relay account add\".")
		return err
	}
	w := tabwriter.NewWriter(p.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "ACCOUNT\tNAME\tROLE\tCREATED\tLAST SEEN")
	for _, a := range accounts {
		seen := "never"
		if !a.LastSeen.IsZero() {
			seen = a.LastSeen.Local().Format("2006-01-02 15:04")
		}
		if a.Disabled {
			seen += " (disabled)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.User, a.Name, roleOf(a), a.Created.Local().Format("2006-01-02"), seen)
	}
	return w.Flush()
}

func writeJSON(w io.Writer, accounts []store.Account) error {
	all := []listed{}
	for _, a := range accounts {
		l := listed{User: a.User, Name: a.Name, Created: a.Created, Disabled: a.Disabled, Role: roleOf(a)}
		if !a.LastSeen.IsZero() {
			l.LastSeen = &a.LastSeen
		}
		all = append(all, l)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(all)
}

type passwordCmd struct {
	User string `arg:"" name:"name" help:"The account."`
	passwordFlag
	dataFlag
}

func (c passwordCmd) Run(ctx context.Context, p *Program) error {
	return withAccount(ctx, c.dataFlag, c.User, func(o *admin.Office, db *store.DB, a store.Account) error {
		hash, err := c.hash(ctx, p)
		if err != nil {
			return err
		}
		if err := db.Audit(ctx, time.Now(), o.Actor, "set password", a.User); err != nil {
			return err
		}
		return db.SetPassword(ctx, a.ID, hash)
	})
}

func roleOf(a store.Account) string {
	if a.Administrator {
		return "administrator"
	}
	return "operator"
}

type roleCmd struct {
	User string `arg:"" name:"name" help:"The account."`
	Role string `arg:"" enum:"operator,administrator" help:"operator or administrator."`
	dataFlag
}

func (c roleCmd) Run(ctx context.Context) error {
	return withAccount(ctx, c.dataFlag, c.User, func(o *admin.Office, _ *store.DB, a store.Account) error {
		administrator := c.Role == "administrator"
		return o.ChangeAccount(ctx, a.ID, admin.Change{Administrator: &administrator})
	})
}

type blockCmd struct {
	User string `arg:"" name:"name" help:"The account."`
	Off  bool   `help:"Let it in again."`
	dataFlag
}

func (c blockCmd) Run(ctx context.Context) error {
	return withAccount(ctx, c.dataFlag, c.User, func(o *admin.Office, _ *store.DB, a store.Account) error {
		disabled := !c.Off
		return o.ChangeAccount(ctx, a.ID, admin.Change{Disabled: &disabled})
	})
}

type removeCmd struct {
	User string `arg:"" name:"name" help:"The account."`
	dataFlag
}

func (c removeCmd) Run(ctx context.Context) error {
	return withAccount(ctx, c.dataFlag, c.User, func(o *admin.Office, _ *store.DB, a store.Account) error {
		return o.RemoveAccount(ctx, a.ID)
	})
}

func withAccount(ctx context.Context, data dataFlag, user string, do func(*admin.Office, *store.DB, store.Account) error) error {
	return withOffice(ctx, data, func(o *admin.Office, db *store.DB) error {
		user = strings.ToLower(strings.TrimSpace(user))
		a, err := db.AccountByUser(ctx, user)
		if err == nil {
			err = do(o, db, a)
		}
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("there is no account %q", user)
		}
		return err
	})
}
