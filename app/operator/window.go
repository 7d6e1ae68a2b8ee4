package main

import (
	"context"
	"image"
	"os"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"handrail/app"
	"handrail/assets"
	"handrail/screen"
	"handrail/session/operator"
	"handrail/session/settings"
	"handrail/ui/device"
	"handrail/ui/kit"
	"handrail/ui/operatorui"
	"handrail/ui/rest"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/watch"
)

// hands are this computer's keyboard, mouse and monitors.
type hands struct{}

func (hands) Buttons(w fyne.Window, on func(screen.Button, bool)) { device.Buttons(w, on) }
func (hands) Moves(w fyne.Window, on func(fyne.Position))         { device.Moves(w, on) }
func (hands) Place(w fyne.Window) (image.Rectangle, bool)         { return device.Place(w) }
func (hands) Monitors() []image.Rectangle                         { return device.Monitors() }
func (hands) Capture(w fyne.Window, on bool) bool                 { return device.Capture(w, on) }

// options are what the window begins with. An address of a relay that cannot be used is for the person to correct: it comes from a
// file, which the program would otherwise never open again to change.
func (s startValues) options() operatorui.Options {
	o := operatorui.Options{User: s.User, Problem: s.Failure, Settings: s.Settings, Notes: s.Notes}
	o.Startup = func() error { return startup(s.Settings) }
	if s.Relay == "" {
		return o
	}
	relay, err := settings.ParseRelay(s.Relay)
	if err != nil {
		o.Address, o.Problem = s.Relay, err
	}
	o.Relay = relay
	return o
}

// runWindow shows the operator's window until it is closed or ctx ends.
func runWindow(ctx context.Context, engine *operator.Engine, start startValues) error {
	fyneapp.SetMetadata(fyne.AppMetadata{ID: "org.handrail.operator", Name: "Handrail", Version: app.Version, Icon: assets.AppIcon()})
	if start.Settings.Get("render") == "software" {
		os.Setenv("LIBGL_ALWAYS_SOFTWARE", "1") // Mesa, which draws on Linux, looks here
	}
	if err := text.Load(); err != nil {
		return err
	}
	a := fyneapp.New()
	options := start.options()
	options.Variant, options.Device = theme.Desktop(), hands{}
	window := operatorui.New(a, engine, options)
	if start.Background {
		a.Lifecycle().SetOnStarted(func() { device.Minimise(window.Fyne()) })
	}
	defer rest.Begin()()
	defer watch.Begin()()
	stop := context.AfterFunc(ctx, func() { kit.Do(func() { kit.End(a.Quit) }) })
	defer stop()
	window.ShowAndRun()
	return nil
}
