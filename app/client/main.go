// Command handrail-client is the customer's program: a small window in which a code is typed, what will be
// shared is agreed, and the session can be stopped. It runs in place and writes nothing.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"handrail/app"
	"handrail/app/command"
	"handrail/app/console"
	"handrail/screen"
	"handrail/screen/capture"
	"handrail/screen/clipboard"
	"handrail/screen/input"
	"handrail/screen/plain"
	"handrail/screen/turbojpeg"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/settings"
	"handrail/transfer"
	"handrail/ui/customerui"
	"handrail/ui/doctor"
	"handrail/whiteboard/overlay"
)

func main() {
	plain.Guard()
	capture.Guard()
	console.Attach()
	console.OutliveReaders()
	debug.SetGCPercent(gcPercent)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := (&program{out: os.Stdout, err: os.Stderr}).main(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

// program is the command with its means.
type program struct {
	out, err io.Writer
}

type commandLine struct {
	Link    string           `arg:"" optional:"" help:"Link that begins with handrail: and says what to join."`
	Relay   string           `help:"Address of the relay, for example https://relay.example.org." placeholder:"URL"`
	Code    string           `help:"Code to join with at once." placeholder:"CODE"`
	Offer   bool             `help:"Show an ID and a password at once, for an operator who connects with them."`
	Yes     bool             `help:"Start sharing without asking: whoever typed this has agreed."`
	Events  bool             `help:"Print events as they happen, one JSON object a line."`
	Journal string           `help:"Folder for a journal of what happened; none is written otherwise." type:"path" placeholder:"DIR"`
	Log     bool             `help:"Write a log to standard error."`
	Doctor  bool             `help:"Say what works and what does not on the way to the relay, without a window."`
	Version kong.VersionFlag `help:"Print the version."`
}

// main runs the program and returns its exit status.
func (p *program) main(ctx context.Context, args []string) int {
	var cli commandLine
	return command.Program{
		Name: "handrail-client", Description: "Remote support that people trust: the program of the person who is helped.",
		Out: p.out, Err: p.err,
	}.Run(&cli, args, func(*kong.Context) error { return p.open(ctx, cli) })
}

// open shows the window until it is closed or ctx ends.
func (p *program) open(ctx context.Context, c commandLine) error {
	start, err := p.start(c)
	if err != nil {
		return err
	}
	if c.Doctor {
		return doctor.Run(ctx, p.out, start.Relay)
	}
	log := &recent{}
	lines := io.Writer(log)
	if c.Log {
		lines = io.MultiWriter(log, p.err)
	}
	logger := slog.New(slog.NewTextHandler(lines, nil))
	config := customer.Config{
		Program: "handrail-client " + app.Version, Name: app.Hostname(), System: app.System(),
		OpenScreen: func() (screen.Capturer, error) {
			debug.FreeOSMemory() // what opening the window took
			return capture.Open(capture.Options{Log: logger})
		},
		NewJPEG:   turbojpeg.New,
		OpenInput: func() (screen.Injector, error) { return input.Open(input.Options{}) },
		OpenOverlay: func() (customer.Overlay, error) {
			return overlay.Open(overlay.Options{})
		},
		OpenLocal: func(on func(screen.LocalEvent)) (io.Closer, error) {
			return input.WatchLocal(input.Options{}, on)
		},
		OpenClipboard: func(on func(screen.Clip)) (screen.Clipboard, error) {
			return clipboard.Open(clipboard.Options{}, on)
		},
		OpenFileClipboard: func(on func([]string)) (screen.FileClipboard, error) {
			return clipboard.OpenFiles(clipboard.Options{}, on)
		},
		OpenPlain:    openPlain,
		OpenSettings: openSettings,

		Places:  transfer.StandardPlaces(),
		MayLook: c.Yes,
		Events:  &session.Hub{},
		Journal: c.Journal,
		Log:     logger,
	}
	if c.Events {
		defer printEvents(config.Events, p.out)()
	}
	var memory thrift
	defer config.Events.ListenWithoutUpdates(memory.event)()
	defer memory.end()
	config.HotKeys = start.HotKeys
	start.Config, start.Yes, start.Log, start.Offer, start.Service = config, c.Yes, c.Log, c.Offer, service(log, start.Proxy)
	return runWindow(ctx, start)
}

// openPlain makes the desktop plain.
func openPlain() (io.Closer, []string, error) {
	desktop, err := plain.Take()
	if err != nil {
		return nil, nil, err
	}
	return desktop, desktop.Left(), nil
}

// start says with which relay and code the window opens: what the command line names comes first, then a link that
// opened the program, then the name of the program's own file, then the settings.
func (p *program) start(c commandLine) (o windowOptions, err error) {
	if c.Code != "" {
		if _, err := session.ParseCode(c.Code); err != nil {
			return o, err
		}
	}
	file, notes := app.Settings()
	keys, err := customer.HotKeys{Panic: file.Keys.Panic, Control: file.Keys.Control, Files: file.Keys.Files}.Check()
	if err != nil {
		notes = append(notes, err.Error())
	}
	for _, note := range notes {
		fmt.Fprintln(p.err, "handrail-client:", note)
	}
	known, err := relayOf(c.Relay, file)
	if err != nil {
		return o, err
	}
	o.HotKeys, o.Proxy, o.Plain = keys, file.Proxy, customer.PlainChoice(file.Plain)
	if file.Plain != "" && !slices.Contains(customer.PlainChoices, o.Plain) {
		fmt.Fprintf(p.err, "handrail-client: plain is asked, always or never, not %q; wallpaper and effects stay.\n", file.Plain)
		o.Plain = customer.PlainNever // whoever wrote it did not want what others choose
	}
	given := fromLink(c.Link)
	if own, err := os.Executable(); c.Link == "" && err == nil {
		given = fromName(own)
	}
	o.Relay, o.Code = known, c.Code
	if given.Relay != nil && c.Relay == "" {
		o.Unfamiliar = known == nil || *known != *given.Relay
		o.Relay = given.Relay
	}
	if o.Code == "" {
		o.Code = given.Code
	}
	_, err = session.ParseCode(o.Code)
	o.Wait = o.Unfamiliar || o.Relay == nil || err != nil
	return o, nil
}

// relayOf is the relay's address from the command line or the settings file; nil when nothing names one.
func relayOf(given string, file settings.File) (*url.URL, error) {
	if given == "" {
		given = file.Relay
	}
	if given == "" {
		return nil, nil
	}
	return settings.ParseRelay(given)
}

// windowOptions is what the window is opened with.
type windowOptions struct {
	Config customer.Config
	Relay  *url.URL // nil: the person types it
	Code   string   // joined with at once; empty: the person types it
	// Unfamiliar says that the relay comes from the program's name or a link, not from whoever set this computer or
	// program up: the person is shown it before anything is sent there.
	Unfamiliar bool
	HotKeys    customer.HotKeys
	Wait       bool                 // the code is not joined with before the person says so
	Yes        bool                 // the person has agreed already
	Proxy      string               // from the settings file
	Plain      customer.PlainChoice // likewise
	Service    customerui.Service   // what the menu can do
	Offer      bool                 // begin with an ID and a password
	Log        bool                 // the toolkit may write to standard error
}
