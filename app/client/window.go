package main

import (
	"context"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"handrail/app"
	"handrail/assets"
	"handrail/ui/customerui"
	"handrail/ui/text"
)

// runWindow shows the customer's window until it is closed or ctx ends.
func runWindow(ctx context.Context, o windowOptions) error {
	restore := leaveNoTraces()
	// Without an ID there are no preferences, so none are written.
	fyneapp.SetMetadata(fyne.AppMetadata{Name: "Handrail", Version: app.Version, Icon: assets.AppIcon()})
	text.Load()
	a := fyneapp.New()
	a.Lifecycle().SetOnStarted(restore)
	window := customerui.New(a, o.Config, customerui.Options{Relay: o.Relay, Code: o.Code, Yes: o.Yes})
	stop := context.AfterFunc(ctx, func() { fyne.Do(a.Quit) })
	defer stop()
	window.ShowAndRun()
	return nil
}
