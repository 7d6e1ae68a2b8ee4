package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/coder/websocket"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

type backupCmd struct {
	File string `arg:"" help:"File to write, which must not exist."`
	dataFlag
}

func (c backupCmd) Run(ctx context.Context) error {
	db, err := c.open(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Backup(ctx, c.File)
}

type restoreCmd struct {
	File string `arg:"" help:"File that backup has written."`
	dataFlag
}

// Run puts a backup into a data folder that has none: it never overwrites, and so needs no relay to be asked.
func (c restoreCmd) Run(ctx context.Context) error {
	switch {
	case c.Store != "":
		return usageError("restore is for a data folder; to fill a PostgreSQL database, use pg_restore")
	case c.Data == "":
		return usageError("--data is missing: the folder of the relay's data")
	}
	to := filepath.Join(c.Data, store.FileName)
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("there is a relay's data in %s already; stop the relay and move %s and its companions away first", c.Data, store.FileName)
	}
	if _, err := os.Stat(c.File); err != nil {
		return fmt.Errorf("the backup cannot be read: %w", err)
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("the data folder cannot be made: %w", err)
	}
	db, err := store.Open(ctx, c.File)
	if err != nil {
		return fmt.Errorf("this is not a relay's backup: %w", err)
	}
	defer db.Close()
	return db.Backup(ctx, to)
}

type auditCmd struct {
	JSON bool `help:"One JSON object a line, the newest first."`
	dataFlag
}

// Run checks the audit log from its first line to its last.
func (c auditCmd) Run(ctx context.Context, p *Program) error {
	db, err := c.open(ctx, false)
	if err != nil {
		return err
	}
	defer db.Close()
	if c.JSON {
		lines, err := db.AuditLines(ctx, 1<<30)
		if err != nil {
			return err
		}
		out := json.NewEncoder(p.Stdout)
		for _, l := range lines {
			if err := out.Encode(map[string]any{
				"number": l.Number, "time": l.At, "actor": l.Actor, "action": l.Action, "detail": l.Detail, "hash": fmt.Sprintf("%x", l.Hash),
			}); err != nil {
				return err
			}
		}
	}
	n, err := db.CheckAudit(ctx)
	if err == nil && !c.JSON {
		_, err = fmt.Fprintf(p.Stdout, "The audit log has %d lines, and none was changed.\n", n)
	}
	return err
}

type doctorCmd struct {
	mailFlags
	URL string `placeholder:"URL" help:"Address under which others reach the relay; checks it from here, while it runs."`
	dataFlag
}

// finding is one thing that was looked at.
type finding struct {
	bad  bool
	text string
}

func good(format string, a ...any) finding  { return finding{false, fmt.Sprintf(format, a...)} }
func wrong(format string, a ...any) finding { return finding{true, fmt.Sprintf(format, a...)} }

func (c doctorCmd) Run(ctx context.Context, p *Program) error {
	found := c.folder(ctx)
	if c.URL != "" {
		found = append(found, reach(ctx, c.URL)...)
	}
	found = append(found, c.mailServer(ctx)...)
	bad := 0
	for _, f := range found {
		mark := "ok     "
		if f.bad {
			mark = "PROBLEM"
			bad++
		}
		fmt.Fprintf(p.Stdout, "%s  %s\n", mark, f.text)
	}
	if bad > 0 {
		return fmt.Errorf("something needs to be done, see above (%d)", bad)
	}
	return nil
}

// folder looks at the data.
func (c doctorCmd) folder(ctx context.Context) (found []finding) {
	if c.Data == "" && c.Store == "" {
		return append(found, wrong("Give --data: the folder of the relay's data."))
	}
	info, err := os.Stat(cmp.Or(c.Data, "."))
	switch {
	case c.Data == "":
	case err != nil:
		return append(found, wrong("The data folder cannot be read: %v.", err))
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		found = append(found, wrong("Others on this computer can read %s. Run: chmod 700 %s", c.Data, c.Data))
	default:
		found = append(found, good("Only the relay's user can read the data folder."))
	}
	db, err := c.open(ctx, false)
	if err != nil {
		return append(found, wrong("The database cannot be opened: %v.", err))
	}
	defer db.Close()
	accounts, err := db.Accounts(ctx)
	administrators := 0
	for _, a := range accounts {
		if a.Administrator && !a.Disabled {
			administrators++
		}
	}
	switch {
	case err != nil:
		found = append(found, wrong("The accounts cannot be read: %v.", err))
	case len(accounts) == 0:
		found = append(found, wrong("There are no accounts. Add one with \"handrail-relay account add\"."))
	case administrators == 0:
		found = append(found, wrong("Nobody is an administrator. Make somebody one with \"handrail-relay account role\"."))
	default:
		found = append(found, good("There are accounts: %d, of administrators: %d.", len(accounts), administrators))
	}
	if n, err := db.CheckAudit(ctx); err != nil {
		found = append(found, wrong("The audit log: %v.", err))
	} else {
		found = append(found, good("The audit log has %d lines, and none was changed.", n))
	}
	programs, _ := filepath.Glob(filepath.Join(c.Data, "downloads", "*client*"))
	if len(programs) == 0 {
		return append(found, wrong("The web pages offer customers no program. Put some into %s.", filepath.Join(c.Data, "downloads")))
	}
	return append(found, good("The web pages offer %d files to customers.", len(programs)))
}

// mailServer looks at the way to the mail server, when there is one.
func (c doctorCmd) mailServer(ctx context.Context) (found []finding) {
	m, err := c.mailer()
	switch {
	case err != nil:
		return append(found, wrong("Mails: %v.", err))
	case m == nil:
		return append(found, good("The relay sends no mails; invitations are sent by hand."))
	}
	if err := m.Check(ctx); err != nil {
		return append(found, wrong("Mails: %v.", err))
	}
	return append(found, good("The mail server takes mails from %s.", m.From()))
}

// reach looks at the relay as its visitors do.
func reach(ctx context.Context, address string) (found []finding) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return append(found, wrong("--url %q is not an address such as https://relay.example.org.", address))
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	base := u.Scheme + "://" + u.Host
	resp, err := get(ctx, base+wire.HealthPath)
	if err != nil {
		return append(found, wrong("The relay does not answer at %s: %v.", base, plain(err)))
	}
	var health wire.Health
	err = json.NewDecoder(io.LimitReader(resp.Body, 4096)).Decode(&health)
	resp.Body.Close()
	if err != nil || health.Status == "" {
		return append(found, wrong("Something answers at %s, but it is not this relay.", base))
	}
	found = append(found, good("The relay answers at %s.", base))
	if state := resp.TLS; state != nil {
		left := time.Until(state.PeerCertificates[0].NotAfter)
		if days := int(left.Hours() / 24); days < 14 {
			found = append(found, wrong("The certificate ends in %d days, and should have been renewed by now.", days))
		} else {
			found = append(found, good("The certificate is good for %d days.", days))
		}
	} else if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		found = append(found, wrong("%s has no TLS: programs and browsers refuse it.", base))
	}
	link := "ws" + strings.TrimPrefix(base, "http") + wire.LinkPath
	conn, _, err := websocket.Dial(ctx, link, &websocket.DialOptions{Subprotocols: []string{wire.Subprotocol}})
	if err != nil {
		return append(found, wrong("WebSockets do not get through to %s: a proxy in front of the relay must pass them. (%v)", link, plain(err)))
	}
	conn.CloseNow()
	return append(found, good("WebSockets get through."))
}

func get(ctx context.Context, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}

// plain is an error without the request around it.
func plain(err error) error {
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return fmt.Errorf("its certificate is not trusted: %w", certificate.Err)
	}
	return err
}
