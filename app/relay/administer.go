package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"handrail/session/relay/admin"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// withOffice opens the store for somebody who has the relay's computer.
func withOffice(ctx context.Context, data dataFlag, do func(*admin.Office, *store.DB) error) error {
	db, err := data.open(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	return do(&admin.Office{Store: db, Actor: admin.Console}, db)
}

// linkFlag is where people reach the relay.
type linkFlag struct {
	URL string `placeholder:"URL" help:"Address under which people reach the relay, such as https://relay.example.org."`
}

// passwordLink is a link as people can use it.
func (f linkFlag) passwordLink(word string) string {
	u, err := url.Parse(f.URL)
	if err != nil || f.URL == "" {
		u = &url.URL{Path: "/"}
	}
	return u.JoinPath("/desk/password", word).String()
}

func (f linkFlag) show(p *Program, user, word string) error {
	_, err := fmt.Fprintf(p.Stdout, "%s chooses a password here, once, within three days:\n%s\n", user, f.passwordLink(word))
	return err
}

type linkCmd struct {
	User string `arg:"" name:"name" help:"The account."`
	linkFlag
	dataFlag
}

func (c linkCmd) Run(ctx context.Context, p *Program) error {
	return withAccount(ctx, c.dataFlag, c.User, func(o *admin.Office, _ *store.DB, a store.Account) error {
		_, word, err := o.NewLink(ctx, a.ID)
		if err != nil {
			return err
		}
		return c.show(p, a.User, word)
	})
}

type renameCmd struct {
	User string `arg:"" name:"name" help:"The account."`
	Name string `arg:"" name:"text" help:"What customers see."`
	dataFlag
}

func (c renameCmd) Run(ctx context.Context) error {
	return withAccount(ctx, c.dataFlag, c.User, func(o *admin.Office, _ *store.DB, a store.Account) error {
		return o.ChangeAccount(ctx, a.ID, admin.Change{Name: &c.Name})
	})
}

type secondCmd struct {
	User string `arg:"" name:"name" help:"The account."`
	dataFlag
}

func (c secondCmd) Run(ctx context.Context) error {
	return withAccount(ctx, c.dataFlag, c.User, func(o *admin.Office, _ *store.DB, a store.Account) error {
		return o.RemoveSecondFactor(ctx, a.ID)
	})
}

type sessionCmd struct {
	List sessionListCmd `cmd:"" help:"List the sessions that are waiting or active."`
	End  sessionEndCmd  `cmd:"" help:"End a session, within seconds."`
}

type sessionListCmd struct {
	JSON bool `help:"One JSON object a line."`
	dataFlag
}

func (c sessionListCmd) Run(ctx context.Context, p *Program) error {
	return withOffice(ctx, c.dataFlag, func(_ *admin.Office, db *store.DB) error {
		open, err := db.OpenSessions(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(p.Stdout, 0, 0, 3, ' ', 0)
		if !c.JSON {
			fmt.Fprintln(w, "SESSION\tACCOUNT\tCODE\tSTATE\tSTARTED")
		}
		for _, s := range open {
			state := wire.SessionWaiting
			if !s.Joined.IsZero() {
				state = wire.SessionActive
			}
			if c.JSON {
				err = json.NewEncoder(p.Stdout).Encode(map[string]any{
					"id": s.ID, "user": s.User, "routing": s.Routing, "state": state, "created": s.Created,
				})
				if err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.ID, s.User, s.Routing, state, s.Created.Local().Format("2006-01-02 15:04"))
		}
		return w.Flush()
	})
}

type sessionEndCmd struct {
	ID string `arg:"" help:"The session, as list names it."`
	dataFlag
}

func (c sessionEndCmd) Run(ctx context.Context) error {
	return withOffice(ctx, c.dataFlag, func(o *admin.Office, db *store.DB) error {
		err := db.WantEnd(ctx, c.ID, "")
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("no session %q is running", c.ID)
		}
		return errors.Join(err, db.Audit(ctx, time.Now(), o.Actor, "ended session", c.ID))
	})
}

type keyCmd struct {
	Add    keyAddCmd    `cmd:"" help:"Make a key and print it; it cannot be read again."`
	List   keyListCmd   `cmd:"" help:"List the keys, without what opens anything."`
	Remove keyRemoveCmd `cmd:"" help:"Make a key void."`
}

type keyAddCmd struct {
	User  string   `arg:"" name:"name" help:"The account in whose name the key works."`
	For   string   `required:"" placeholder:"TEXT" help:"What the key is for."`
	Scope []string `required:"" placeholder:"SCOPE" help:"What it may do, such as sessions:read; docs/RELAY.md lists the scopes."`
	Days  int      `default:"90" help:"How many days it works, 1 to 730."`
	dataFlag
}

func (c keyAddCmd) Run(ctx context.Context, p *Program) error {
	return withAccount(ctx, c.dataFlag, c.User, func(o *admin.Office, _ *store.DB, a store.Account) error {
		_, secret, err := o.AddKey(ctx, a, admin.NewKey{Name: c.For, Scopes: c.Scope, Days: c.Days})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.Stdout, secret)
		return err
	})
}

type keyListCmd struct{ dataFlag }

func (c keyListCmd) Run(ctx context.Context, p *Program) error {
	return withOffice(ctx, c.dataFlag, func(_ *admin.Office, db *store.DB) error {
		keys, err := db.Keys(ctx, "")
		if err != nil {
			return err
		}
		accounts, err := db.Accounts(ctx)
		if err != nil {
			return err
		}
		users := map[string]string{}
		for _, a := range accounts {
			users[a.ID] = a.User
		}
		w := tabwriter.NewWriter(p.Stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(w, "KEY\tACCOUNT\tFOR\tSCOPES\tUNTIL")
		for _, k := range keys {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.ID, users[k.Account], k.Name, strings.Join(k.Scopes, " "), k.Expires.Format(time.DateOnly))
		}
		return w.Flush()
	})
}

type keyRemoveCmd struct {
	ID string `arg:"" help:"The key, as list names it."`
	dataFlag
}

func (c keyRemoveCmd) Run(ctx context.Context) error {
	return withOffice(ctx, c.dataFlag, func(o *admin.Office, _ *store.DB) error { return o.RemoveKey(ctx, "", c.ID) })
}

type reportCmd struct {
	From     string `placeholder:"DAY" help:"First day, as 2026-01-31, in UTC; 30 days ago when left out."`
	Until    string `placeholder:"DAY" help:"Last day; today when left out."`
	User     string `placeholder:"NAME" help:"Of one account only."`
	Sessions bool   `help:"Every session instead of one line for each day and account."`
	dataFlag
}

// Run prints a report as CSV.
func (c reportCmd) Run(ctx context.Context, p *Program) error {
	now := time.Now().UTC()
	until := now.Truncate(24 * time.Hour)
	from := until.AddDate(0, 0, -30)
	for text, at := range map[*string]*time.Time{&c.From: &from, &c.Until: &until} {
		if *text == "" {
			continue
		}
		t, err := time.Parse(time.DateOnly, *text)
		if err != nil {
			return usageError(fmt.Sprintf("%q is no day such as 2026-01-31", *text))
		}
		*at = t
	}
	until = until.AddDate(0, 0, 1)
	return withOffice(ctx, c.dataFlag, func(_ *admin.Office, db *store.DB) error {
		out := csv.NewWriter(p.Stdout)
		if c.Sessions {
			records, err := db.History(ctx, "", from, until, 1<<20)
			if err != nil {
				return err
			}
			return out.WriteAll(admin.HistoryTable(records, now))
		}
		rows, err := db.Report(ctx, c.User, from, until, now)
		if err != nil {
			return err
		}
		return out.WriteAll(admin.ReportTable(rows))
	})
}

type abuseCmd struct {
	List abuseListCmd `cmd:"" help:"Print the reports, those first that nobody has looked into."`
	Done abuseDoneCmd `cmd:"" help:"Note that somebody has looked into a report."`
}

type abuseListCmd struct{ dataFlag }

// Run prints JSON: what visitors have written may have lines and marks that would mislead on a terminal.
func (c abuseListCmd) Run(ctx context.Context, p *Program) error {
	return withOffice(ctx, c.dataFlag, func(_ *admin.Office, db *store.DB) error {
		reports, err := db.AbuseReports(ctx, 1000)
		if err != nil {
			return err
		}
		for _, r := range reports {
			err := json.NewEncoder(p.Stdout).Encode(map[string]any{
				"id": r.ID, "time": r.At, "routing": r.Routing, "session": r.Session, "user": r.User, "text": r.Text, "done": !r.Done.IsZero(),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

type abuseDoneCmd struct {
	ID string `arg:"" help:"The report, as list names it."`
	dataFlag
}

func (c abuseDoneCmd) Run(ctx context.Context) error {
	return withOffice(ctx, c.dataFlag, func(o *admin.Office, _ *store.DB) error { return o.AbuseDone(ctx, c.ID) })
}

type appearanceCmd struct {
	Show appearanceShowCmd `cmd:"" help:"Print it as JSON."`
	Set  appearanceSetCmd  `cmd:"" help:"Change what is in a JSON file, as show prints it; what it lacks stays."`
	Logo logoCmd           `cmd:"" help:"Set the logo to a PNG or JPEG picture, or remove it with --none."`
}

type appearanceShowCmd struct{ dataFlag }

func (c appearanceShowCmd) Run(ctx context.Context, p *Program) error {
	return withOffice(ctx, c.dataFlag, func(o *admin.Office, _ *store.DB) error {
		a, err := o.Appearance(ctx)
		if err != nil {
			return err
		}
		e := json.NewEncoder(p.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(a)
	})
}

type appearanceSetCmd struct {
	File string `arg:"" help:"The JSON file; - for standard input."`
	dataFlag
}

func (c appearanceSetCmd) Run(ctx context.Context, p *Program) error {
	data, err := readAll(p, c.File, 64<<10)
	if err != nil {
		return err
	}
	return withOffice(ctx, c.dataFlag, func(o *admin.Office, _ *store.DB) error {
		a, err := o.Appearance(ctx)
		if err != nil {
			return err
		}
		d := json.NewDecoder(strings.NewReader(string(data)))
		d.DisallowUnknownFields()
		if err := d.Decode(&a); err != nil {
			return fmt.Errorf("this is no appearance: %w", err)
		}
		return o.SetAppearance(ctx, a)
	})
}

type logoCmd struct {
	File string `arg:"" optional:"" help:"The picture; - for standard input."`
	None bool   `help:"Show the usual mark again."`
	dataFlag
}

func (c logoCmd) Run(ctx context.Context, p *Program) error {
	if (c.File == "") != c.None {
		return usageError("which picture? Give a file, or --none")
	}
	var data []byte
	if !c.None {
		var err error
		if data, err = readAll(p, c.File, admin.MaxLogo+1); err != nil {
			return err
		}
	}
	return withOffice(ctx, c.dataFlag, func(o *admin.Office, _ *store.DB) error { return o.SetLogo(ctx, data) })
}

// readAll reads a file, or standard input for "-", as far as it may be long.
func readAll(p *Program, path string, limit int64) ([]byte, error) {
	in := p.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("the file cannot be read: %w", err)
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, limit))
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	return data, nil
}
