package customerui

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"handrail/session/customer"
	"handrail/session/settings"
	"handrail/ui/bar"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// Service is what the window's menu can do besides, as the main provides it. What is nil is not in the menu.
type Service struct {
	Version string

	// Report is what an error report would say; it is shown before it goes anywhere.
	Report func() string
	// SaveReport writes a report to where the person finds it; it blocks.
	SaveReport func(report string) (path string, err error)
	// SaveJournal writes the record of a session to where the person finds it; it blocks.
	SaveJournal func(journal []byte) (path string, err error)
	// SendReport gives a report to the relay's administrator; it blocks.
	SendReport func(ctx context.Context, relay *url.URL, report string) (number string, err error)
	// Newest is the version that the relay offers, "" where it does not say; it blocks.
	Newest func(ctx context.Context, relay *url.URL) (version string, err error)
	// UseProxy sends everything through an HTTP proxy from now on; nil is what the system says. Proxy is the one that
	// was set at the start, "" for none.
	UseProxy func(*url.URL)
	Proxy    string
}

// menuButton opens the menu. Every screen has one, in its right upper corner.
func (w *Window) menuButton() *kit.Button {
	b := kit.NewButton(kit.Quiet, "", "ellipsis-vertical", nil).WithTip(text.T("menu"))
	b.OnTap = func() { kit.ShowMenu(b, w.menu()...) }
	w.menus = b
	return b
}

// menu is what can be done on every screen.
func (w *Window) menu() []kit.Item {
	items := []kit.Item{{Label: text.T("menu.display"), Icon: "sun-moon", Do: w.showDisplay}}
	add := func(there bool, key, icon string, do func()) {
		if there {
			items = append(items, kit.Item{Label: text.T(key), Icon: icon, Do: do})
		}
	}
	s := w.options.Service
	add(true, "menu.plain", "image", w.showPlain)
	add(s.UseProxy != nil, "menu.proxy", "network", w.showProxy)
	add(true, "keys.title", "keyboard", w.showKeys)
	add(s.Report != nil, "menu.report", "life-buoy", w.showReport)
	add(s.Newest != nil && w.relay() != nil, "menu.newest", "refresh-cw", w.checkNewest)
	add(true, "menu.about", "info", w.showAbout)
	return items
}

// relay is the relay that the window works with, nil while that is not known.
func (w *Window) relay() *url.URL {
	if w.options.Relay != nil {
		return w.options.Relay
	}
	relay, err := settings.ParseRelay(strings.TrimSpace(w.code.relay.Text))
	if err != nil {
		return nil
	}
	return relay
}

// showProxy lets the person name the network's proxy. It counts until the program ends: nothing is written.
func (w *Window) showProxy() {
	address := kit.NewEntry("proxy.example.org:3128")
	address.SetText(w.proxy)
	hint := text.T("proxy.hint")
	kit.Check(w.win, text.T("proxy.title"), text.T("save"), text.T("cancel"),
		kit.Column(2*theme.Unit, kit.Para(hint).In(theme.Muted), kit.Field(text.T("proxy.address"), address)),
		[]*kit.Entry{address}, func() string {
			given := strings.TrimSpace(address.Text)
			if given == "" {
				w.proxy = ""
				w.options.Service.UseProxy(nil)
				return ""
			}
			proxy, err := settings.ParseProxy(given)
			if err != nil {
				return text.T("proxy.bad")
			}
			w.proxy = given
			w.options.Service.UseProxy(proxy)
			return ""
		})
}

// showPlain lets the person choose what is done with wallpaper and effects while the screen is shared. It counts at once.
func (w *Window) showPlain() {
	choices := customer.PlainChoices
	names := make([]string, len(choices))
	for i, c := range choices {
		names[i] = text.T("plain." + string(c))
	}
	var close func()
	choice := kit.NewChoice(names, max(0, slices.Index(choices, w.options.Plain)), func(i int) {
		close()
		w.options.Plain = choices[i]
		if w.session != nil {
			w.session.SetPlain(choices[i])
		}
		w.showPlain()
	})
	close = kit.Tell(w.win, text.T("menu.plain"), text.T("close"), kit.Column(16,
		kit.Para(text.T("plain.hint")).In(theme.Muted),
		kit.Column(8, kit.Para(text.T("plain.while")), kit.Start(choice.Canvas())),
		kit.Hint(text.T("display.hint"))))
}

// showReport shows all of the error report, and saves or sends it as the person chooses.
func (w *Window) showReport() {
	s := w.options.Service
	report := s.Report()
	shown := kit.Column(1)
	for _, line := range strings.Split(report, "\n") {
		shown.Add(kit.Para(line).Sized(theme.Caption))
	}
	scroll := container.NewVScroll(kit.PadAll(8, shown))
	scroll.SetMinSize(fyne.NewSize(200, 220))
	if w.low {
		scroll.SetMinSize(fyne.NewSize(200, 110)) // so that the buttons below are seen as well
	}
	box := kit.NewPanel(theme.GreySoft, theme.RadiusInput, scroll)
	answer := kit.Para("")
	answer.Hide()
	busy := func(b *kit.Button, do func() string) {
		b.Disable()
		go func() {
			sentence := do()
			kit.Do(func() {
				b.Enable()
				answer.SetText(sentence)
				answer.Show()
				box.Refresh()
			})
		}()
	}
	save := kit.NewButton(kit.Secondary, text.T("report.save"), "download", nil)
	save.OnTap = func() {
		busy(save, func() string {
			path, err := s.SaveReport(report)
			if err != nil {
				return text.T("report.not_saved")
			}
			return text.T("viewer.snapshot.saved", "Path", path)
		})
	}
	send := kit.NewButton(kit.Secondary, text.T("report.send"), "send", nil)
	relay := w.relay()
	send.OnTap = func() {
		busy(send, func() string {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			number, err := s.SendReport(ctx, relay, report)
			if err != nil {
				return text.T("report.not_sent")
			}
			return text.T("report.sent", "Number", number)
		})
	}
	if relay == nil || s.SendReport == nil {
		send.Disable()
	}
	kit.Tell(w.win, text.T("report.title"), text.T("close"), kit.Column(14,
		kit.Para(text.T("report.hint")).In(theme.Muted), box, kit.Pairs(10, save, send), answer))
}

// checkNewest asks the relay which version belongs to it.
func (w *Window) checkNewest() {
	relay, own := w.relay(), w.options.Service.Version
	progress := kit.NewBusy()
	progress.Start()
	said := kit.Para(text.T("newest.busy"))
	open := kit.NewButton(kit.Primary, text.T("newest.open"), "download", func() {
		_ = w.app.OpenURL(relay) // the address is shown too
	})
	open.Hide()
	content := kit.Column(14, kit.Row(12, kit.Fill(said), kit.Sized(48, 20, progress)), open)
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	kit.Tell(w.win, text.T("menu.newest"), text.T("close"), content)
	go func() {
		defer cancel()
		newest, err := w.options.Service.Newest(ctx, relay)
		kit.Do(func() {
			progress.Stop()
			progress.Hide()
			switch {
			case err != nil:
				said.SetText(text.Error(err))
			case newest == "" || newest == own:
				said.SetText(text.T("newest.same", "Version", own))
			default:
				said.SetText(text.T("newest.other", "Version", newest, "Own", own, "Relay", relay.Host))
				open.Show()
			}
			content.Refresh()
		})
	}()
}

func (w *Window) showAbout() {
	lines := []fyne.CanvasObject{kit.Para(text.T("about.what"))}
	if v := w.options.Service.Version; v != "" {
		lines = append(lines, kit.Para(text.T("about.version", "Version", v)).In(theme.Muted))
	}
	lines = append(lines, kit.Para(text.T("about.writes")).In(theme.Muted))
	name := kit.NewText(text.T("app.name")).Sized(theme.Title)
	name.Bold = true
	kit.Tell(w.win, text.T("menu.about"), text.T("close"), kit.Column(14, kit.Row(14, kit.Mark(48), name), kit.Column(8, lines...)))
}

// Shortcuts of the window. Those of the session have no effect before and after it.
var (
	keyChat = &desktop.CustomShortcut{KeyName: fyne.KeyM, Modifier: fyne.KeyModifierShortcutDefault}
	keyEnd  = &desktop.CustomShortcut{KeyName: fyne.KeyE, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift}
)

func (w *Window) addShortcuts() {
	c := w.win.Canvas()
	c.AddShortcut(keyChat, func(fyne.Shortcut) {
		switch s := w.show.(type) {
		case *askScreen:
			s.chat.Focus(w.win)
		case *sessionScreen:
			s.chat.Focus(w.win)
		}
	})
	c.AddShortcut(keyEnd, func(fyne.Shortcut) {
		if w.session != nil {
			w.session.End()
		}
	})
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		switch e.Name {
		case fyne.KeyF1:
			w.showKeys()
		case fyne.KeyF10:
			w.menus.Tapped(nil)
		}
	})
}

// showKeys lists the keys.
func (w *Window) showKeys() {
	if w.win.Canvas().Overlays().Top() != nil {
		return
	}
	hot := w.keys.Defaults()
	kit.Tell(w.win, text.T("keys.title"), text.T("close"), kit.KeyList([][2]string{
		{text.T("key.tab"), text.T("keys.next")},
		{text.T("key.space"), text.T("keys.press")},
		{text.T("key.escape"), text.T("keys.back")},
		{text.Keys("Ctrl+M"), text.T("chat.title")},
		{text.Keys("Ctrl+Shift+E"), text.T("session.end")},
		{bar.KeyName(hot.Control), text.T("keys.control")},
		{bar.KeyName(hot.Panic), text.T("keys.panic")},
		{"F10", text.T("menu")},
		{"F1", text.T("keys.title")},
	}))
}
