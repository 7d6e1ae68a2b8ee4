// Command handrail is the operator's program: a window, or with --headless the same engine without one.
// "handrail ctl" drives either.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"handrail/app"
	"handrail/app/command"
	"handrail/app/console"
	"handrail/screen"
	"handrail/screen/clipboard"
	"handrail/session/control"
	"handrail/session/operator"
	"handrail/session/settings"
	"handrail/ui/board"
	"handrail/ui/operatorui"
)

func main() {
	console.Attach()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once, whatever it waits for
	status := (&program{in: os.Stdin, out: os.Stdout, err: os.Stderr}).main(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

// program is the command with its means.
type program struct {
	in       io.Reader
	out, err io.Writer
}

type commandLine struct {
	Open    openCommand      `cmd:"" default:"withargs" help:"Open the window (what happens without a command), or run without one."`
	Ctl     ctl              `cmd:"" help:"Drive a running operator's program from scripts."`
	Verify  verifyCommand    `cmd:"" help:"Check a session's journal, or compare both sides'."`
	Doctor  doctorCommand    `cmd:"" help:"Say what works and what does not on the way to the relay."`
	Links   linksCommand     `cmd:"" help:"Let the buttons of a relay's web pages open this program."`
	Version kong.VersionFlag `help:"Print the version."`
}

type openCommand struct {
	Headless     bool   `help:"Run without a window, driven by handrail ctl."`
	Background   bool   `help:"Begin with the window minimised."`
	Relay        string `help:"Address of the relay, for example https://relay.example.org." placeholder:"URL"`
	User         string `help:"Account to sign in with." placeholder:"NAME"`
	PasswordFile string `help:"File whose first line is the password; - for standard input." placeholder:"FILE"`
	Link         string `help:"Link of a relay's web page, which begins with handrail:operate." placeholder:"LINK"`
	Socket       string `help:"Socket for handrail ctl; one in the user's run-time folder if not given." type:"path" placeholder:"FILE"`
	Journals     string `help:"Folder for the journals of sessions; one in the user's data folder if not given, none for -." placeholder:"DIR"`
	Log          bool   `help:"Write a log to standard error."`
}

// main runs the command and returns its exit status.
func (p *program) main(ctx context.Context, args []string) int {
	var cli commandLine
	return command.Program{
		Name: "handrail", Description: "Remote support that people trust: the operator's program.", Out: p.out, Err: p.err,
	}.Run(&cli, args, func(parsed *kong.Context) error {
		switch name := parsed.Command(); {
		case strings.HasPrefix(name, "ctl"):
			return p.control(ctx, parsed, &cli.Ctl)
		case strings.HasPrefix(name, "verify"):
			return cli.Verify.run(p.out)
		case strings.HasPrefix(name, "links"):
			return cli.Links.run(p)
		case strings.HasPrefix(name, "doctor"):
			return cli.Doctor.run(ctx, p)
		}
		return p.open(ctx, cli.Open)
	})
}

func (p *program) control(ctx context.Context, parsed *kong.Context, command *ctl) error {
	socket, err := socketPath(command.Socket)
	if err != nil {
		return err
	}
	return parsed.Run(&asker{ctx: ctx, socket: socket, out: p.out}, command)
}

func socketPath(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	return control.DefaultSocket()
}

// open runs the engine, with its window or without, and the socket for ctl.
func (p *program) open(ctx context.Context, c openCommand) error {
	console.OutliveReaders()
	log := slog.New(slog.DiscardHandler)
	if c.Log {
		log = slog.New(slog.NewTextHandler(p.err, nil))
	}
	if joins(c.Link) {
		return passOn(c.Link)
	}
	start, err := p.startValues(c)
	if err != nil {
		return err
	}
	board.UseEmoji()
	engine := operator.New(c.config(start.Settings, log))
	defer engine.Close()
	if c.Headless || start.complete() {
		if err := p.signIn(ctx, engine, start); err != nil {
			if c.Headless {
				return err
			}
			start.Failure = err
		} else if start.Begin {
			if _, err := engine.NewSession(ctx); err != nil {
				log.Warn("the session was not started", "error", err)
			}
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served, err := p.serveControl(ctx, c, engine)
	if err != nil {
		return err
	}
	defer func() { cancel(); <-served }()
	if !c.Headless {
		start.Background = c.Background
		p.keepStartup(start.Settings)
		return runWindow(ctx, engine, start)
	}
	fmt.Fprintln(p.err, "handrail: signed in; waiting for handrail ctl")
	<-ctx.Done()
	return nil
}

// config is what the engine is made of.
func (c openCommand) config(v *settings.Values, log *slog.Logger) operator.Config {
	config := operator.Config{
		Program: "handrail " + app.Version, Log: log, Folder: v.Get("files_folder"), Journals: journals(c.Journals),
		Prepare: func(s *operator.Session) { operatorui.Prepare(s, v) },
	}
	if !c.Headless {
		config.OpenClipboard = func(on func(screen.Clip)) (screen.Clipboard, error) { return clipboard.Open(clipboard.Options{}, on) }
		config.OpenFileClipboard = func(on func([]string)) (screen.FileClipboard, error) {
			return clipboard.OpenFiles(clipboard.Options{}, on)
		}
	}
	return config
}

// serveControl opens the socket. With a window and no socket asked for, a second program goes without.
func (p *program) serveControl(ctx context.Context, c openCommand, engine *operator.Engine) (served chan struct{}, err error) {
	served = make(chan struct{})
	socket, err := socketPath(c.Socket)
	if err != nil {
		return nil, err
	}
	listener, err := control.Listen(socket)
	if err != nil {
		if c.Headless || c.Socket != "" {
			return nil, err
		}
		fmt.Fprintln(p.err, "handrail: without handrail ctl:", err)
		close(served)
		return served, nil
	}
	go func() {
		defer close(served)
		if err := control.Serve(ctx, listener, engine); err != nil {
			fmt.Fprintln(p.err, "handrail:", err)
		}
	}()
	return served, nil
}

// startValues gathers what the command line, the settings file and the password file say.
func (p *program) startValues(c openCommand) (startValues, error) {
	start := startValues{Relay: c.Relay, User: c.User}
	if c.Relay != "" {
		if _, err := settings.ParseRelay(c.Relay); err != nil {
			return start, err
		}
	}
	file, notes := app.Settings()
	for _, note := range notes {
		fmt.Fprintln(p.err, "handrail:", note)
	}
	start.Settings, start.Notes = settings.Open(settings.Operator, settings.UserFile(), settings.PolicyFile())
	for _, note := range start.Notes {
		fmt.Fprintln(p.err, "handrail:", note)
	}
	for _, relay := range []string{start.Settings.Get("relay"), file.Relay} {
		if start.Relay == "" {
			start.Relay = relay
		}
	}
	if start.User == "" {
		start.User = start.Settings.Get("user")
	}
	start.follow(c.Link)
	if c.PasswordFile == "" {
		return start, nil
	}
	var err error
	start.Password, err = p.readPassword(c.PasswordFile)
	return start, err
}

// maxPassword bounds the first line of a password file, in bytes.
const maxPassword = 1024

// readPassword is the first line of a file, or of standard input for "-".
func (p *program) readPassword(path string) (string, error) {
	in := p.in
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("the password file cannot be read: %w", err)
		}
		defer file.Close()
		in = file
	}
	line, err := bufio.NewReader(io.LimitReader(in, maxPassword)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("the password file cannot be read: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func (p *program) signIn(ctx context.Context, engine *operator.Engine, start startValues) error {
	switch {
	case start.Relay == "":
		return errors.New("no relay is known; give one with --relay")
	case start.User == "" || start.Password == "":
		return errors.New("--headless needs --user and --password-file")
	}
	relay, err := settings.ParseRelay(start.Relay)
	if err != nil {
		return err
	}
	return engine.SignIn(ctx, relay, start.User, start.Password)
}

// startValues is what is known before the window opens.
type startValues struct {
	Relay, User, Password string
	Begin                 bool  // start a session as soon as signed in
	Background            bool  // the window begins minimised
	Failure               error // of signing in with these

	Settings *settings.Values
	Notes    []settings.Note // about what is wrong in the settings files
}

// complete tells whether there is all that signing in takes. What is missing is asked for in the window.
func (s startValues) complete() bool { return s.Relay != "" && s.User != "" && s.Password != "" }
