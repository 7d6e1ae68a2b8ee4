package operatorui

import (
	"image"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"handrail/assets"
	"handrail/screen"
	"handrail/session"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/viewer"
)

// monitorWindow shows one of the customer's monitors beside the viewer, which shows the others.
type monitorWindow struct {
	win     fyne.Window
	picture *viewer.Picture
	queue   *viewer.Queue
}

// showMonitors shows the menu of the customer's monitors: which of them this window shows, which have a window of their
// own, and their resolution.
func (v *viewerWindow) showMonitors() {
	monitors := v.info.Desktop.Monitors
	items := []kit.Item{{Label: text.T("viewer.monitors.all"), Mark: v.monitor == "", Do: func() { v.showMonitor("") }}}
	for i, m := range monitors {
		items = append(items, kit.Item{Label: monitorName(i, m), Mark: v.monitor == m.Name, Do: func() { v.showMonitor(m.Name) }})
	}
	if len(monitors) > 1 {
		items = append(items, kit.Item{})
		for i, m := range monitors {
			label := text.T("viewer.monitor.window", "N", strconv.Itoa(i+1))
			items = append(items, kit.Item{Label: label, Mark: v.others[m.Name] != nil, Do: func() { v.openMonitor(i, m) }})
		}
	}
	if v.mayResize() {
		items = append(items, kit.Item{}, kit.Item{Label: text.T("viewer.resolution"), Do: func() { kit.Do(v.showModes) }})
	}
	kit.ShowMenu(v.bar.monitors, items...)
}

// monitorName is a monitor as people count them, with its size, and its scale where things are drawn larger there.
func monitorName(i int, m screen.Monitor) string {
	size := pixelSize(m.Bounds.Dx(), m.Bounds.Dy())
	if m.Scale > 0 && m.Scale != 100 {
		size += " · " + strconv.Itoa(m.Scale) + " %"
	}
	return text.T("viewer.monitor", "N", strconv.Itoa(i+1), "Size", size)
}

// monitorsMatter tells whether the menu has anything to choose.
func (v *viewerWindow) monitorsMatter() bool {
	return v.info.State == session.Active && (len(v.info.Desktop.Monitors) > 1 || v.mayResize())
}

// mayResize tells whether the customer's resolution can be changed.
func (v *viewerWindow) mayResize() bool {
	return len(v.info.Desktop.Modes) > 0 && v.info.Permissions.Has(session.Control)
}

// showMonitor shows one monitor here, or all.
func (v *viewerWindow) showMonitor(name string) {
	v.monitor = name
	v.followMonitors()
	v.scroll.Refresh()
	v.update()
	v.focusPicture()
}

// followMonitors shows what was chosen where it is now; a monitor that is gone is no longer shown by itself, and has its
// window again when it is back.
func (v *viewerWindow) followMonitors() {
	monitors := v.info.Desktop.Monitors
	find := func(name string) int {
		return slices.IndexFunc(monitors, func(m screen.Monitor) bool { return m.Name == name })
	}
	part := image.Rectangle{}
	if i := find(v.monitor); i >= 0 {
		part = monitors[i].Bounds
	} else {
		v.monitor = ""
	}
	if part != v.picture.Part() {
		v.picture.SetPart(part)
	}
	for name, w := range v.others {
		switch i := find(name); {
		case i >= 0 && v.info.State != session.Ended:
			w.picture.SetPart(monitors[i].Bounds)
			setTitle(w.win, v.monitorTitle(i, monitors[i]))
		case v.info.State != session.Reconnecting:
			v.keepMonitor(name, w, true)
			w.win.Close()
		}
	}
	if v.info.State != session.Active || len(monitors) < 2 {
		return
	}
	for i, m := range monitors {
		if v.places[m.Name].Open && v.others[m.Name] == nil {
			v.openMonitor(i, m)
			v.win.RequestFocus() // the person has not asked for it now
		}
	}
}

// openMonitor gives a monitor a window of its own, or brings that to the front.
func (v *viewerWindow) openMonitor(i int, m screen.Monitor) {
	if w := v.others[m.Name]; w != nil {
		w.win.RequestFocus()
		return
	}
	w := &monitorWindow{win: v.board.window.app.NewWindow(v.monitorTitle(i, m)), queue: viewer.NewQueue(v.session)}
	w.picture = viewer.NewPicture(v.session.Source(), newPasting(w.queue, v.session.CopiedFiles, v.pasteFiles))
	w.picture.SetByPosition(v.picture.ByPosition())
	w.picture.SetPart(m.Bounds)
	w.win.SetIcon(assets.AppIcon())
	w.win.SetPadded(false)
	w.win.SetContent(kit.Root(container.NewScroll(w.picture)))
	device := v.board.window.options.Device
	if p, known := v.places[m.Name]; known {
		p.put(w.win, device)
	} else {
		w.win.Resize(fyne.NewSize(960, 600))
	}
	w.win.SetOnDropped(v.dropped)
	w.win.SetCloseIntercept(func() { v.closeMonitor(m.Name) })
	w.win.SetOnClosed(func() {
		w.picture.Close()
		w.queue.Close()
		delete(v.others, m.Name)
	})
	v.others[m.Name] = w
	w.win.Show()
	if device != nil {
		device.Buttons(w.win, w.picture.ExtraButton)
	}
	w.win.Canvas().Focus(w.picture)
}

// monitorTitle is the title of a monitor's own window.
func (v *viewerWindow) monitorTitle(i int, m screen.Monitor) string {
	size := m.Bounds.Size()
	return customerName(v.info) + " – " + text.T("viewer.monitor", "N", strconv.Itoa(i+1), "Size", pixelSize(size.X, size.Y))
}

// setTitle gives a window another title; with the same one there is nothing to do for the system.
func setTitle(w fyne.Window, title string) {
	if w.Title() != title {
		w.SetTitle(title)
	}
}

// closeMonitor closes a monitor's window because the person wants that.
func (v *viewerWindow) closeMonitor(name string) {
	w := v.others[name]
	v.keepMonitor(name, w, false)
	w.win.Close()
}

// closeMonitors closes the windows of monitors.
func (v *viewerWindow) closeMonitors() {
	for _, w := range v.others {
		w.win.Close()
	}
}

// shownModes bounds the menu of resolutions: it must fit on the operator's screen.
const shownModes = 14

// showModes shows the menu of resolutions: those of the monitor that is shown, else of the first.
func (v *viewerWindow) showModes() {
	v.info = v.session.Info()
	items := []kit.Item{{Label: text.T("viewer.resolution.original"), Icon: "rotate-ccw", Do: func() { v.setResolution(screen.Mode{}) }}, {}}
	var of screen.Monitor
	for i, m := range v.info.Desktop.Monitors {
		if i == 0 || m.Primary && v.monitor == "" || m.Name == v.monitor {
			of = m
		}
	}
	for _, mode := range v.info.Desktop.Modes {
		if mode.Monitor == of.Name && len(items) < shownModes {
			now := mode.Width == of.Bounds.Dx() && mode.Height == of.Bounds.Dy()
			items = append(items, kit.Item{Label: pixelSize(mode.Width, mode.Height), Mark: now, Do: func() { v.setResolution(mode) }})
		}
	}
	kit.ShowMenu(v.bar.monitors, items...)
}

// setResolution asks the customer's computer for another resolution. The picture shows it when it is done.
func (v *viewerWindow) setResolution(m screen.Mode) {
	go func() { _ = v.session.SetMode(m) }() // without a connection there is nothing to change
	v.focusPicture()
}
