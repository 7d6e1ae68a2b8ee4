package operatorui

import (
	"encoding/json"
	"image"

	"fyne.io/fyne/v2"

	"handrail/session"
	"handrail/ui/viewer"
)

// choices are what is remembered of a viewer, by the name of the customer's computer.
type choices struct {
	Name string `json:"name"`
	place
	Actual  bool            `json:"actual,omitempty"`
	Chat    bool            `json:"chat,omitempty"`
	Hidden  bool            `json:"hidden,omitempty"` // the toolbar
	Places  bool            `json:"places,omitempty"` // the keyboard goes by position
	Quality session.Quality `json:"quality,omitempty"`

	Monitors map[string]monitorPlace `json:"monitors,omitempty"` // by the monitor's name
}

// monitorPlace is what is remembered of a monitor's own window.
type monitorPlace struct {
	place
	Open bool `json:"open,omitempty"` // it was open when the viewer was closed
}

// rememberedViewers is the preference that they are kept in, and maxRemembered how many are kept: those that
// were used last.
const (
	rememberedViewers = "viewers"
	maxRemembered     = 50
	maxPlaces         = 16 // of monitors' windows for one computer
)

func loadChoices(p fyne.Preferences) (list []choices) {
	if json.Unmarshal([]byte(p.String(rememberedViewers)), &list) != nil {
		return nil // not written by this program, or not yet
	}
	return list
}

// choicesFor is what was chosen for a computer the last time.
func choicesFor(p fyne.Preferences, name string) (choices, bool) {
	for _, c := range loadChoices(p) {
		if c.Name == name && c.valid() {
			return c, true
		}
	}
	return choices{}, false
}

// keep remembers choices, the newest first.
func keep(p fyne.Preferences, now choices) {
	list := []choices{now}
	for _, c := range loadChoices(p) {
		if c.Name != now.Name && len(list) < maxRemembered {
			list = append(list, c)
		}
	}
	data, err := json.Marshal(list)
	if err != nil {
		return // sizes that are no numbers
	}
	p.SetString(rememberedViewers, string(data))
}

// restore makes the viewer as it was left for this computer.
func (v *viewerWindow) restore() {
	c, ok := choicesFor(v.board.window.app.Preferences(), v.info.Customer.Name)
	if !ok || !v.board.window.options.Settings.On("remember_viewers") {
		desktop, chrome := v.info.Desktop, v.top.pinned.MinSize().Height+v.status.object.MinSize().Height
		ample(v.win, v.board.window.win, image.Pt(desktop.Width, desktop.Height), fyne.NewSize(0, chrome), fyne.NewSize(1180, 780), v.board.window.options.Device)
		return
	}
	c.put(v.win, v.board.window.options.Device)
	for name, p := range c.Monitors {
		if p.valid() {
			v.places[name] = p
		}
	}
	if c.Actual {
		v.picture.SetMode(viewer.Actual)
	}
	if c.Chat {
		v.toggleChat()
	}
	if c.Hidden {
		v.setHidden(true)
	}
	v.picture.SetByPosition(c.Places)
	if c.Quality.Valid() && c.Quality != v.info.Quality {
		v.setQuality(c.Quality)
	}
}

// remember keeps how the viewer is left. Full screen is left out: it would be a surprise.
func (v *viewerWindow) remember() {
	if v.info.Customer.Name == "" || v.win.FullScreen() || !v.board.window.options.Settings.On("remember_viewers") {
		return
	}
	for name, w := range v.others {
		v.keepMonitor(name, w, true)
	}
	keep(v.board.window.app.Preferences(), choices{
		Name: v.info.Customer.Name, place: placeOf(v.win, v.board.window.options.Device), Actual: v.picture.Mode() == viewer.Actual,
		Chat: v.side.Visible(), Hidden: v.top.hidden, Quality: v.info.Quality,
		Places: v.picture.ByPosition(), Monitors: v.places,
	})
}

// keepMonitor remembers where a monitor's own window is, and whether it is wanted there the next time. At most as many are
// kept as one computer has.
func (v *viewerWindow) keepMonitor(name string, w *monitorWindow, open bool) {
	if _, known := v.places[name]; !known && len(v.places) >= maxPlaces {
		clear(v.places) // most of them no longer exist
	}
	v.places[name] = monitorPlace{place: placeOf(w.win, v.board.window.options.Device), Open: open}
}
