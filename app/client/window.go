package main

import (
	"context"
	"errors"
	"io"
	"log"
	"sync"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"handrail/app"
	"handrail/assets"
	"handrail/session"
	"handrail/session/wire"
	"handrail/ui/board"
	"handrail/ui/customerui"
	"handrail/ui/device"
	"handrail/ui/kit"
	"handrail/ui/rest"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/watch"
)

// runWindow shows the customer's window until it is closed or ctx ends.
func runWindow(ctx context.Context, o windowOptions) error {
	restore := leaveNoTraces()
	if !o.Log {
		log.SetOutput(io.Discard) // Fyne reports here, also that it cannot keep its files
	}
	// Without an ID there are no preferences, so none are written.
	fyneapp.SetMetadata(fyne.AppMetadata{Name: "Handrail", Version: app.Version, Icon: assets.AppIcon()})
	if err := text.Load(); err != nil {
		return err
	}
	board.UseEmoji()
	a := fyneapp.New()
	defer rest.Begin()()
	defer watch.Begin()()
	quit := func() { kit.Do(func() { kit.End(a.Quit) }) }
	defer context.AfterFunc(ctx, quit)()
	last := &unattended{quit: quit}
	if o.Yes { // before the window, which joins at once
		defer o.Config.Events.ListenWithoutUpdates(last.event)()
	}
	window := customerui.New(a, o.Config, customerui.Options{
		Relay: o.Relay, Code: o.Code, Unfamiliar: o.Unfamiliar, Wait: o.Wait, Yes: o.Yes, Offer: o.Offer, Plain: o.Plain, Service: o.Service, Variant: theme.Desktop(), Unfocused: device.Unfocused,
		Place: device.Place, Monitors: device.Monitors,
	})
	a.Lifecycle().SetOnStarted(func() {
		restore()
		window.Fit(device.Monitors())
	})
	window.ShowAndRun()
	return last.result()
}

// unattended ends a program that was started with --yes with its session: nobody may be there to close the window.
type unattended struct {
	quit func()

	mu     sync.Mutex
	joined bool
	ended  wire.Reason
}

func (u *unattended) event(e session.Event) {
	if e.Type != session.EventState {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	switch e.State {
	case session.Ended:
		u.ended = e.Reason
		u.quit()
	default:
		u.joined = true
	}
}

// result is an error when the code could not be joined with; a session that has ended is none.
func (u *unattended) result() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.joined || u.ended == "" {
		return nil
	}
	return errors.New(u.ended.Sentence())
}
