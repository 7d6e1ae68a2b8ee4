package operatorui

import "encoding/json"

// rememberedWindow is the preference in which the main window is kept.
const rememberedWindow = "window"

// lastView is what is kept of the main window for the program's next start, if that is wanted.
type lastView struct {
	place
	Settings string `json:"settings,omitempty"` // the page of the settings, if they were open
}

// keepView keeps the main window as it is.
func (w *Window) keepView() {
	if !w.options.Settings.On("open_last_view") || w.win.FullScreen() {
		return
	}
	v := lastView{place: placeOf(w.win, w.options.Device)}
	if w.settings != nil {
		v.Settings = w.settings.page
	}
	data, err := json.Marshal(v)
	if err != nil {
		return // sizes that are no numbers
	}
	w.app.Preferences().SetString(rememberedWindow, string(data))
}

// lastView is how the main window was left; false: it is not wanted, or not known.
func (w *Window) lastView() (v lastView, ok bool) {
	if !w.options.Settings.On("open_last_view") {
		return v, false
	}
	kept := w.app.Preferences().String(rememberedWindow)
	return v, json.Unmarshal([]byte(kept), &v) == nil && v.valid()
}

// openView opens what was open beside the main window.
func (w *Window) openView() {
	if v, ok := w.lastView(); ok && v.Settings != "" {
		w.openSettings()
		if _, there := w.settings.nav[v.Settings]; there {
			w.settings.open(v.Settings)
		}
	}
}
