package operatorui

import (
	"handrail/session"
	"handrail/session/settings"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// textSizes are how large letters are drawn.
var textSizes = map[string]float32{"normal": theme.LetterSizes[0], "large": theme.LetterSizes[1], "larger": theme.LetterSizes[2]}

// variants are the appearances that can be chosen; auto is what the main has found out of the desktop.
var variants = map[string]theme.Variant{"light": theme.Light, "dark": theme.Dark, "contrast": theme.Contrast}

// useSettings makes what concerns all windows count; it does not build them anew.
func (w *Window) useSettings() {
	v := w.options.Settings
	_ = text.Use(v.Get("language")) // the choices are the languages that there are
	theme.SetLetters(textSizes[v.Get("text_size")])
	variant, chosen := variants[v.Get("appearance")]
	if !chosen {
		variant = w.options.Variant
	}
	w.app.Settings().SetTheme(theme.New(variant))
}

// settingChanged is called after every change, on any goroutine.
func (w *Window) settingChanged(key string) {
	switch key {
	case "language", "appearance", "text_size":
		kit.Do(func() {
			w.useSettings()
			w.rebuild()
		})
	case "autostart", "background":
		if w.options.Startup != nil {
			w.startups.Go(w.changeStartup)
		}
	}
}

// changeStartup makes the settings about starting with the computer true, and says so if that fails.
func (w *Window) changeStartup() {
	w.startup.Lock()
	defer w.startup.Unlock()
	if w.options.Startup() == nil {
		return
	}
	kit.Do(func() {
		parent := w.win
		if w.settings != nil {
			parent = w.settings.win
		}
		kit.Tell(parent, text.T("set.title"), text.T("close"), kit.Para(text.T("set.autostart.failed")))
	})
}

// rebuild makes all windows anew, in the language and the letters that count now.
func (w *Window) rebuild() {
	if w.board != nil {
		w.board.rebuild()
	} else {
		w.signIn.rebuild()
	}
	if w.settings != nil {
		w.settings.build()
	}
}

// rebuild makes the dashboard anew; the windows of its sessions stay open.
func (d *dashboard) rebuild() {
	before, query := d.pages, d.search.Text
	d.leave()
	d.build()
	d.show()
	for id, p := range d.pages {
		if was := before[id]; was != nil {
			p.opened, p.unread = was.opened, was.unread
			p.chat.Entry().SetText(was.chat.Entry().Text)
		}
	}
	d.search.SetText(query)
	d.choose(d.selected)
	for _, v := range d.viewers {
		v.rebuild()
	}
	for _, s := range d.sessions() {
		if w := d.files[s.ID()]; w != nil {
			w.Rebuild(d.filesOptions(s))
		}
	}
	d.refresh()
}

// rebuild makes what is in the viewer anew; what is open in it stays so.
func (v *viewerWindow) rebuild() {
	chat, drawing, hidden, full := v.side.Visible(), v.tool.Visible(), v.top.hidden, v.top.full
	line := v.chat.Entry().Text
	v.build()
	v.chat.Entry().SetText(line)
	v.top.hidden, v.top.full = hidden, full
	setVisible(v.side, chat)
	setVisible(v.tool, drawing)
	setVisible(v.status.object, !full)
	v.top.place(false)
	v.frame.Refresh()
	v.update()
}

// Prepare gives a new session what the settings say; it is for operator.Config.Prepare.
func Prepare(s Preparing, v *settings.Values) {
	asked := session.DefaultPermissions()
	for key, p := range map[string]session.Permission{"ask_control": session.Control, "ask_files": session.Files, "ask_clipboard": session.Clipboard, "ask_whiteboard": session.Whiteboard} {
		if !v.On(key) {
			asked = asked.Without(p)
		}
	}
	s.Ask(asked)
	if v.On("plain_desktop") {
		_ = s.SetPlain(true) // before anybody has joined, nothing can fail
	}
	if q := session.Quality(v.Get("quality")); q.Valid() {
		_ = s.SetQuality(q) // the same
	}
}

// Preparing is the part of a session that the settings are about.
type Preparing interface {
	Ask(session.Permissions)
	SetPlain(plain bool) error
	SetQuality(q session.Quality) error
}
