package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"handrail/session/relay/admin"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// Exit statuses.
const (
	statusDone   = 0
	statusFailed = 1
	statusUsage  = 2
)

// Program is handrail-relay, so that tests can run it without a process.
type Program struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	NoSettings bool // the computer's own settings file does not count; for tests
}

// settings are the files that are read when no flag names one.
func (p *Program) settings() []string {
	if p.NoSettings {
		return nil
	}
	return []string{configPath}
}

type commands struct {
	Config kong.ConfigFlag `placeholder:"FILE" help:"Settings file, as \"init\" writes it (default: /etc/handrail/relay.toml, where there is one)."`

	Init         initCmd         `cmd:"" help:"Write the settings of a new relay; asks what no flag says."`
	Serve        serveCmd        `cmd:"" help:"Run the relay until it is told to stop (Ctrl+C, SIGTERM)."`
	Account      accountCmd      `cmd:"" help:"Operators' accounts. These commands also work while the relay runs."`
	Organisation organisationCmd `cmd:"" help:"Show or set the organisation's name, which customers see."`
	Doctor       doctorCmd       `cmd:"" help:"Look for what is missing or wrong, in the data and, with --url, on the way to the relay."`
	Audit        auditCmd        `cmd:"" help:"Check the audit log, or print it."`
	Mail         mailCmd         `cmd:"" help:"Send a mail, to see whether mails arrive."`
	Session      sessionCmd      `cmd:"" help:"Running sessions. These commands also work while the relay runs."`
	Key          keyCmd          `cmd:"" help:"Keys for programs that use the relay's HTTP interface."`
	Report       reportCmd       `cmd:"" help:"Who did what on which day."`
	Abuse        abuseCmd        `cmd:"" help:"What visitors have reported."`
	Appearance   appearanceCmd   `cmd:"" help:"How the organisation shows itself on the pages."`
	Backup       backupCmd       `cmd:"" help:"Copy the relay's data into a file, also while it runs."`
	Restore      restoreCmd      `cmd:"" help:"Put a backup into an empty data folder."`
	Version      versionCmd      `cmd:"" help:"Print the version."`
}

// dataFlag is where a relay keeps its data.
type dataFlag struct {
	Data  string `placeholder:"DIR" help:"Folder of the relay's data. Needs to be readable by the relay only."`
	Store string `placeholder:"ADDRESS" env:"HANDRAIL_STORE" help:"PostgreSQL database that several relays share, such as postgres://handrail@db.example.org/handrail, instead of a file in the data folder. With a password in it, give it in the environment: HANDRAIL_STORE."`
}

const description = "The Handrail relay: brings operators and customers together without seeing what they do."

// Run runs one command and returns the exit status. It returns early when ctx ends.
func (p *Program) Run(ctx context.Context, args []string) (status int) {
	type exit int // --help ends the parser in its middle
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exit:
			status = int(r)
		default:
			panic(r)
		}
	}()
	var c commands
	parser, err := kong.New(&c, kong.Name("handrail-relay"), kong.Description(description),
		kong.Writers(p.Stdout, p.Stderr), kong.Exit(func(code int) { panic(exit(code)) }),
		kong.Configuration(readSettings, p.settings()...),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		panic(err) // the tables above are wrong
	}
	parsed, err := parser.Parse(args)
	if err == nil {
		parsed.BindTo(ctx, (*context.Context)(nil))
		err = parsed.Run(p)
	}
	var parse *kong.ParseError
	var usage usageError
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &parse), errors.As(err, &usage):
		fmt.Fprintf(p.Stderr, "handrail-relay: %v. Try \"handrail-relay --help\".\n", err)
		return statusUsage
	default:
		fmt.Fprintf(p.Stderr, "handrail-relay: %v\n", err)
		return statusFailed
	}
}

// usageError is wrong usage that the parser cannot see.
type usageError string

func (e usageError) Error() string { return string(e) }

// open opens the store, in the data folder unless it is elsewhere; only when create is set may it make them.
func (f dataFlag) open(ctx context.Context, create bool) (*store.DB, error) {
	switch {
	case store.IsAddress(f.Store):
		return store.Open(ctx, f.Store)
	case f.Store != "":
		return nil, usageError("--store needs the address of a PostgreSQL database, such as postgres://handrail@db.example.org/handrail")
	case f.Data == "":
		return nil, usageError("--data is missing: the folder of the relay's data")
	}
	path := filepath.Join(f.Data, store.FileName)
	if create {
		if err := os.MkdirAll(f.Data, 0o700); err != nil {
			return nil, fmt.Errorf("the data folder cannot be made: %w", err)
		}
	} else if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("there is no relay's data in %s", f.Data)
	}
	return store.Open(ctx, path)
}

type versionCmd struct{}

func (versionCmd) Run(p *Program) error {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	_, err := fmt.Fprintf(p.Stdout, "handrail-relay %s, protocol %d\n", version, wire.Version)
	return err
}

type organisationCmd struct {
	Name *string `arg:"" optional:"" help:"New name; leave it out to see the present one, give \"\" for none."`
	dataFlag
}

func (c organisationCmd) Run(ctx context.Context, p *Program) error {
	db, err := c.open(ctx, c.Name != nil)
	if err != nil {
		return err
	}
	defer db.Close()
	if c.Name == nil {
		name, err := db.Organisation(ctx)
		if err == nil {
			_, err = fmt.Fprintln(p.Stdout, name)
		}
		return err
	}
	office := &admin.Office{Store: db, Actor: admin.Console}
	a, err := office.Appearance(ctx)
	if err != nil {
		return err
	}
	a.Organisation = *c.Name
	return office.SetAppearance(ctx, a)
}
