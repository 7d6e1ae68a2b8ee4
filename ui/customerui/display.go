package customerui

import (
	"slices"

	"handrail/assets"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// display is how the windows look. It is chosen in the menu and lasts until the program ends: nothing is written.
type display struct {
	language string // "auto", or as in text.Use
	look     int    // index of looks
	size     int    // index of theme.LetterSizes
}

// looks are the appearances that can be chosen; the first is what the main has found out of the desktop.
var looks = []theme.Variant{theme.System, theme.Light, theme.Dark, theme.Contrast}

// showDisplay lets the person choose language, colours and the size of letters. Each counts at once.
func (w *Window) showDisplay() {
	languages := append([]string{"auto"}, assets.Languages()...)
	names := make([]string, len(languages))
	for i, l := range languages {
		names[i] = text.T("choice." + l)
	}
	lookNames := []string{text.T("choice.auto"), text.T("choice.light"), text.T("choice.dark"), text.T("choice.contrast")}
	sizes := []string{text.T("choice.normal"), text.T("choice.large"), text.T("choice.larger")}

	var close func()
	changed := func() {
		close()
		w.useDisplay()
		w.rebuild()
		w.showDisplay()
	}
	language := kit.NewChoice(names, max(0, slices.Index(languages, w.display.language)), func(i int) {
		w.display.language = languages[i]
		changed()
	})
	look := kit.NewChoice(lookNames, w.display.look, func(i int) {
		w.display.look = i
		changed()
	})
	size := kit.NewChoice(sizes, w.display.size, func(i int) {
		w.display.size = i
		changed()
	})
	close = kit.Tell(w.win, text.T("menu.display"), text.T("close"), kit.Column(16,
		kit.Row(16, kit.Fill(kit.Para(text.T("set.language"))), language.Canvas()),
		kit.Row(16, kit.Fill(kit.Para(text.T("set.appearance"))), look.Canvas()),
		kit.Row(16, kit.Fill(kit.Para(text.T("set.text_size"))), size.Canvas()),
		kit.Hint(text.T("display.hint"))))
}

// useDisplay makes the choices count for what is built from now on.
func (w *Window) useDisplay() {
	_ = text.Use(w.display.language) // the choices are the languages that there are
	theme.SetLetters(theme.LetterSizes[w.display.size])
	variant := looks[w.display.look]
	if w.display.look == 0 {
		variant = w.options.Variant
	}
	w.variant = variant
	w.app.Settings().SetTheme(theme.New(variant))
}

// rebuild makes what is shown anew.
func (w *Window) rebuild() {
	code := newCodeScreen(w)
	code.relay.SetText(w.code.relay.Text)
	code.code.SetText(w.code.code.Text)
	joining := w.show == screen(w.code) && w.code.cancelJoin != nil
	if !joining { // otherwise it will be built when that has ended
		if w.show == screen(w.code) {
			w.show = code
		}
		w.code = code
	}
	switch old := w.show.(type) {
	case *codeScreen:
		w.open(w.code)
	case *offerScreen:
		w.open(old.rebuilt())
	case *askScreen:
		w.open(old.rebuilt())
	case *sessionScreen:
		w.open(old.rebuilt())
		w.closeBar()
	case *endedScreen:
		w.open(newEndedScreen(w, old.session, old.info))
	}
	w.unread.show()
	w.changed()
}
