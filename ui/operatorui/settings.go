package operatorui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"handrail/assets"
	"handrail/session/settings"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// settingsPages are the pages of the settings' window with the keys on each; the overview comes before them.
var settingsPages = []struct {
	name string
	keys []string
}{
	{"general", []string{"language", "appearance", "text_size", "autostart", "background", "open_last_view"}},
	{"remote", []string{"open_viewer", "quality", "plain_desktop", "edge_panning", "capture_keys", "remember_viewers"}},
	{"permissions", []string{"ask_control", "ask_files", "ask_clipboard", "ask_whiteboard"}},
	{"files", []string{"files_folder", "pictures_folder"}},
	{"advanced", []string{"relay", "user", "render"}},
}

const overviewPage = "overview"

// settingsWindow shows every setting with who has set it.
type settingsWindow struct {
	window *Window
	values *settings.Values
	win    fyne.Window

	page     string
	search   *kit.Entry
	nav      map[string]*kit.Button
	body     *fyne.Container
	shown    []string         // the settings in it
	controls []fyne.Focusable // what changes each of them
	updates  []func()         // have each of them shown as it is now
}

// openSettings opens the settings, or brings them forward.
func (w *Window) openSettings() {
	if w.settings != nil {
		w.settings.win.RequestFocus()
		return
	}
	s := &settingsWindow{window: w, values: w.options.Settings, page: overviewPage}
	s.win = w.app.NewWindow("")
	s.win.SetIcon(assets.AppIcon())
	s.win.SetPadded(false)
	s.win.SetOnClosed(func() { w.settings = nil })
	s.win.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			s.win.Close()
		}
	})
	w.settings = s
	s.build()
	over(s.win, w.win, fyne.NewSize(820, 600), w.options.Device)
	s.win.Show()
}

// build makes the window's content, also anew in another language.
func (s *settingsWindow) build() {
	at := slices.Index(s.controls, s.win.Canvas().Focused())
	s.win.SetTitle(text.T("set.title") + " – " + text.T("app.name"))
	s.search = kit.NewSearch(text.T("search"))
	s.search.OnChanged = func(string) { s.show() }
	s.nav = map[string]*kit.Button{}
	pages := kit.Column(2)
	add := func(name string) {
		b := kit.NewButton(kit.Quiet, text.T("set.page."+name), "", func() { s.open(name) })
		b.Left = true
		s.nav[name] = b
		pages.Add(b)
	}
	add(overviewPage)
	for _, p := range settingsPages {
		add(p.name)
	}
	side := kit.NewPanel(theme.Card, 0, kit.Pad(16, 12, 16, 12, kit.Column(14, s.search, pages)))
	s.body = container.NewStack()
	left := kit.Border(nil, nil, nil, kit.Rule(), kit.Sized(220, 300, side))
	s.win.SetContent(kit.Root(kit.Border(nil, nil, left, nil, container.NewVScroll(s.body))))
	s.show()
	if at >= 0 && at < len(s.controls) {
		kit.Focus(s.win, s.controls[at])
	}
}

func (s *settingsWindow) open(page string) {
	s.page = page
	if s.search.Text != "" {
		s.search.SetText("") // shows the page too
		return
	}
	s.show()
}

// show shows what is looked for, or the page.
func (s *settingsWindow) show() {
	looking := s.looking()
	for name, b := range s.nav {
		b.SetSelected(!looking && name == s.page)
	}
	keys := s.keys()
	s.shown, s.controls, s.updates = keys, nil, nil
	title, lines := text.T("search"), []fyne.CanvasObject{}
	switch {
	case looking && len(keys) == 0:
		lines = append(lines, kit.Para(text.T("set.search.none")).In(theme.Muted))
	case looking:
	case s.page == overviewPage:
		title = text.T("set.page.overview")
		lines = s.overview(len(keys) > 0)
	default:
		title = text.T("set.page." + s.page)
	}
	rows := []fyne.CanvasObject{}
	for i, key := range keys {
		if i > 0 {
			rows = append(rows, kit.Rule())
		}
		rows = append(rows, s.row(key))
	}
	content := kit.Column(20, kit.Heading(title, theme.Display))
	if len(lines) > 0 {
		content.Add(kit.Column(8, lines...))
	}
	if len(rows) > 0 {
		content.Add(kit.Card(kit.Column(16, rows...)))
	}
	if !looking && s.page == overviewPage {
		content.Add(kit.Card(kit.Column(16, s.contents()...)))
	}
	s.body.Objects = []fyne.CanvasObject{kit.Pad(24, 28, 24, 28, content)}
	s.body.Refresh()
}

func (s *settingsWindow) looking() bool { return strings.TrimSpace(s.search.Text) != "" }

// keys are the settings that there are to show.
func (s *settingsWindow) keys() []string {
	switch {
	case s.looking():
		return s.found()
	case s.page == overviewPage:
		return s.changed()
	}
	return pageKeys(s.page)
}

func pageKeys(name string) []string {
	for _, p := range settingsPages {
		if p.name == name {
			return p.keys
		}
	}
	return nil
}

// allKeys are the settings in the order of the pages.
func allKeys() []string {
	keys := []string{}
	for _, p := range settingsPages {
		keys = append(keys, p.keys...)
	}
	return keys
}

// found are the settings that have all words that are looked for.
func (s *settingsWindow) found() []string {
	words := strings.Fields(strings.ToLower(s.search.Text))
	if len(words) == 0 {
		return nil
	}
	return slices.DeleteFunc(allKeys(), func(key string) bool {
		name, about := settingWords(key)
		all := strings.ToLower(name + "\n" + about + "\n" + key)
		return slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(all, word) })
	})
}

// changed are the settings that are not at their default.
func (s *settingsWindow) changed() []string {
	return slices.DeleteFunc(allKeys(), func(key string) bool { return s.values.Source(key) == settings.FromDefault })
}

// overview is what is said above what differs from the defaults.
func (s *settingsWindow) overview(differs bool) []fyne.CanvasObject {
	lines := []fyne.CanvasObject{}
	for _, note := range s.window.options.Notes {
		lines = append(lines, kit.Note(theme.AmberSoft, kit.Para(text.Settings(note)).In(theme.AmberText)))
	}
	if path := s.values.Path(); path != "" {
		lines = append(lines, kit.Hint(text.T("set.file", "Path", path)))
	}
	if differs {
		return append(lines, kit.Para(text.T("set.changed")))
	}
	return append(lines, kit.Para(text.T("set.unchanged")))
}

// contents are the other pages with what is on each.
func (s *settingsWindow) contents() []fyne.CanvasObject {
	rows := []fyne.CanvasObject{}
	for i, p := range settingsPages {
		if i > 0 {
			rows = append(rows, kit.Rule())
		}
		names := make([]string, len(p.keys))
		for i, key := range p.keys {
			names[i], _ = settingWords(key)
		}
		title := kit.Para(text.T("set.page." + p.name))
		title.Bold = true
		open := kit.NewButton(kit.Quiet, "", "chevron-right", func() { s.open(p.name) }).WithTip(text.T("set.page." + p.name))
		rows = append(rows, kit.Row(16, kit.Fill(kit.Column(2, title, kit.Hint(strings.Join(names, " · ")))), open))
	}
	return rows
}

// settingWords are a setting's name and what it does.
func settingWords(key string) (name, about string) {
	switch key {
	case "relay", "user":
		return text.T("signin." + key), text.T("set.filled.about")
	case "files_folder", "pictures_folder":
		return text.T("set." + key), text.T("set.folder.about")
	}
	if strings.HasPrefix(key, "ask_") {
		return text.T("set." + key), text.T("set.ask.about")
	}
	return text.T("set." + key), text.T("set." + key + ".about")
}

// choiceName is what a choice is called.
func choiceName(value string) string {
	if slices.Contains([]string{"high", "speed", "low"}, value) {
		return text.T("viewer." + value)
	}
	return text.T("choice." + value)
}

// row is one setting: what it is, who has set it, and how to change it.
func (s *settingsWindow) row(key string) fyne.CanvasObject {
	setting, _ := s.values.Setting(key)
	name, about := settingWords(key)
	if setting.Restart {
		about += " " + text.T("set.restart")
	}
	title := kit.Para(name)
	title.Bold = true
	c := s.control(setting, name)
	source := s.values.Source(key)
	state := kit.Row(6, s.state(key, source)...)
	s.controls = append(s.controls, c.keyboard)
	s.updates = append(s.updates, func() {
		c.update()
		if now := s.values.Source(key); now != source {
			source = now
			focused := s.win.Canvas().Focused()
			lost := slices.ContainsFunc(state.Objects, func(o fyne.CanvasObject) bool { return any(o) == any(focused) })
			if state.Objects = s.state(key, source); lost {
				kit.Focus(s.win, c.keyboard)
			}
		}
	})
	if source == settings.FromPolicy {
		if d, ok := c.keyboard.(fyne.Disableable); ok {
			d.Disable()
		}
	}
	words := kit.Column(2, title, kit.Hint(about))
	if setting.Kind == settings.Text || setting.Kind == settings.Folder {
		return kit.Column(8, kit.Row(12, kit.Fill(words), state), c.object)
	}
	return kit.Row(16, kit.Fill(kit.Column(4, words, kit.Sized(1, 24, kit.Row(0, state, kit.Spring())))), c.object)
}

// state says who has set a setting, with a way back to the default.
func (s *settingsWindow) state(key string, source settings.Source) []fyne.CanvasObject {
	who := text.T("set.by." + map[settings.Source]string{settings.FromDefault: "default", settings.FromUser: "user", settings.FromPolicy: "policy"}[source])
	by := kit.NewText(who).Sized(theme.Caption).In(theme.Muted)
	switch source {
	case settings.FromPolicy:
		by.SetColor(theme.AmberText)
		return []fyne.CanvasObject{kit.NewIcon("lock", 14, theme.AmberText), by}
	case settings.FromUser:
		by.SetColor(theme.AccentText)
		reset := kit.NewButton(kit.Quiet, "", "rotate-ccw", func() { s.change(func() error { return s.values.Reset(key) }) }).WithTip(text.T("set.reset"))
		reset.Small = true
		return []fyne.CanvasObject{by, reset}
	}
	return []fyne.CanvasObject{by}
}

// control is what changes a setting.
type control struct {
	object   fyne.CanvasObject
	keyboard fyne.Focusable
	update   func() // shows the value that counts now
}

func (s *settingsWindow) control(setting settings.Setting, name string) control {
	value := func() string { return s.values.Get(setting.Key) }
	set := func(value string) { s.change(func() error { return s.values.Set(setting.Key, value) }) }
	switch setting.Kind {
	case settings.Switch:
		b := kit.NewSwitch(name, value() == "true")
		b.OnChange = func(on bool) {
			if on {
				set("true")
			} else {
				set("false")
			}
		}
		return control{b, b, func() { b.SetOn(value() == "true") }}
	case settings.Choice:
		names := make([]string, len(setting.Choices))
		for i, c := range setting.Choices {
			names[i] = choiceName(c)
		}
		chosen := func() int { return max(0, slices.Index(setting.Choices, value())) }
		c := kit.NewChoice(names, chosen(), func(i int) { set(setting.Choices[i]) })
		return control{c.Canvas(), c.Button, func() { c.Choose(chosen()) }}
	}
	return s.field(setting.Key, set)
}

// field is what changes a text. What the setting cannot be is refused with a sentence, and stays to be corrected.
func (s *settingsWindow) field(key string, set func(string)) control {
	shown := s.values.Get(key)
	e := kit.NewEntry("")
	e.SetText(shown)
	problem := kit.Para("").In(theme.AmberText)
	refused := kit.Note(theme.AmberSoft, problem)
	say := func(sentence string) {
		problem.SetText(sentence)
		setVisible(refused, sentence != "")
	}
	say(refuse(key, shown)) // a file may have it
	take := func(value string) {
		sentence := refuse(key, value)
		say(sentence)
		s.body.Refresh() // it has the room that the words need
		if sentence == "" {
			set(value)
		}
	}
	e.OnSubmitted = func(text string) { take(strings.TrimSpace(text)) }
	e.OnLeft = func() {
		if text := strings.TrimSpace(e.Text); text != s.values.Get(key) {
			take(text)
		}
	}
	update := func() {
		before, now := shown, s.values.Get(key)
		if shown = now; now == before {
			return
		}
		if reset := s.values.Source(key) == settings.FromDefault; reset || e.Text == before { // and nobody is typing
			e.SetText(now)
			say(refuse(key, now))
		}
	}
	return control{kit.Column(6, e, refused), e, update}
}

// refuse says why a setting cannot have a value, or "".
func refuse(key, value string) string {
	if key == "relay" && value != "" {
		if _, err := settings.ParseRelay(value); err != nil {
			return text.Error(err)
		}
	}
	return ""
}

// change changes a setting, which writes a file: on a disk that may be slow or far away, so not on Fyne's thread. Changes
// follow each other in the order in which they were made.
func (s *settingsWindow) change(do func() error) {
	before, done := s.window.changing, make(chan struct{})
	s.window.changing = done
	go func() {
		if before != nil {
			<-before
		}
		err := do()
		close(done)
		kit.Do(func() { s.did(err) })
	}()
}

// did shows how changing went.
func (s *settingsWindow) did(err error) {
	if s.window.settings != s {
		return // closing took the keyboard from a field
	}
	if slices.Equal(s.keys(), s.shown) {
		for _, update := range s.updates { // so the keyboard stays where it is, and what is being typed
			update()
		}
		s.body.Refresh()
	} else {
		s.show()
	}
	if err != nil {
		kit.Tell(s.win, text.T("set.title"), text.T("close"), kit.Para(text.T("set.failed")))
	}
}
