package files

import (
	"fmt"
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"handrail/transfer"
	"handrail/ui/files/reveal"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// row shows one transfer.
type row struct {
	window *Window
	id     string
	final  bool
	path   string
	object fyne.CanvasObject

	icon   *kit.Icon
	name   *kit.Text
	place  *kit.Text
	status *kit.Text
	bar    *bar
	barred fyne.CanvasObject // with bar
	find   *kit.Button
	remove *kit.Button
}

func newRow(w *Window, r transfer.Row) *row {
	o := &row{window: w, id: r.ID, path: r.Path}
	icon := "upload"
	if r.Direction == transfer.Receiving {
		icon = "download"
	}
	o.icon = kit.NewIcon(icon, 20, theme.Muted)
	o.name = kit.NewText("")
	o.name.Bold = true
	o.place = kit.NewText("").Sized(theme.Caption).In(theme.Muted)
	o.status = kit.Hint("")
	o.bar = newBar()
	o.find = kit.NewButton(kit.Quiet, text.T("files.find"), "folder-open", func() { reveal.Show(o.path) })
	o.find.Low = true
	o.remove = kit.NewButton(kit.Quiet, "", "x", o.drop)
	o.remove.Low = true
	o.barred = kit.Pad(4, 0, 2, 0, o.bar.object)
	words := kit.Column(2, elide(o.name), elide(o.place), o.barred, o.status)
	o.object = kit.Pad(10, 8, 10, 14, kit.Row(12, o.icon, kit.Fill(words), o.find, o.remove))
	return o
}

// drop cancels the transfer, or takes it off the list.
func (o *row) drop() {
	if o.final {
		o.window.desk.Clear(o.id)
	} else {
		o.window.desk.Cancel(o.id)
	}
	o.window.Update()
}

func (o *row) update(r transfer.Row) {
	o.final, o.path = r.State.Final(), r.Path
	o.name.SetText(r.Name)
	o.place.SetText(r.Path)
	sentence, ink := describe(r)
	o.status.SetText(sentence)
	o.status.SetColor(ink)
	setVisible(o.barred, !o.final)
	o.bar.set(share(r))
	tip := text.T("files.cancel")
	if o.final {
		tip = text.T("files.forget")
	}
	o.remove.Tip = tip
	setVisible(o.find, r.Direction == transfer.Sending || r.State == transfer.Done)
	switch r.State {
	case transfer.Done:
		o.icon.Set(o.iconName(r), theme.AccentText)
	case transfer.Failed:
		o.icon.Set("circle-alert", theme.AmberText)
	default:
		o.icon.Set(o.iconName(r), theme.Muted)
	}
}

func (o *row) iconName(r transfer.Row) string {
	if r.Direction == transfer.Receiving {
		return "download"
	}
	return "upload"
}

func share(r transfer.Row) float32 {
	if r.Size == 0 {
		return 0
	}
	return float32(r.Bytes) / float32(r.Size)
}

// describe says how a transfer stands.
func describe(r transfer.Row) (string, fyne.ThemeColorName) {
	switch r.State {
	case transfer.Offered:
		return text.T("files.waiting") + "  ·  " + Size(r.Size), theme.Muted
	case transfer.Running:
		line := text.T("files.progress", "Done", Size(r.Bytes), "Size", Size(r.Size))
		if r.Rate > 0 {
			line += "  ·  " + text.T("files.rate", "Rate", Size(int64(r.Rate)))
		}
		if left := r.Left(); left > 0 {
			line += "  ·  " + text.T("files.left", "Time", span(left))
		}
		return line, theme.Muted
	case transfer.Failed:
		return text.T("files.problem." + string(r.Problem)), theme.AmberText
	case transfer.Stopped:
		return text.T("files.problem.cancelled"), theme.Muted
	}
	line := text.T("files.sent")
	if r.Direction == transfer.Receiving {
		line = text.T("files.received")
	}
	line += "  ·  " + Size(r.Size) + "  ·  " + text.Clock(r.Ended)
	if r.Lost > 0 {
		return line + "  ·  " + text.N("files.lost", r.Lost), theme.AmberText
	}
	return line, theme.Muted
}

// Size is a number of bytes for people: 3.2 MB.
func Size(bytes int64) string {
	units := []string{"kB", "MB", "GB", "TB"}
	if bytes < 1000 {
		return fmt.Sprintf("%d B", bytes)
	}
	value := float64(bytes)
	unit := ""
	for _, unit = range units {
		if value /= 1000; value < 999.5 {
			break
		}
	}
	if value < 9.95 {
		return fmt.Sprintf("%.1f %s", value, unit)
	}
	return fmt.Sprintf("%.0f %s", value, unit)
}

// span is a time that is left, as mm:ss.
func span(d time.Duration) string {
	seconds := int(d.Seconds() + 0.5)
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// elide lets a text end with an ellipsis where there is no room for it.
func elide(t *kit.Text) fyne.CanvasObject { return container.New(eliding{}, t) }

type eliding struct{}

func (eliding) Layout(objects []fyne.CanvasObject, size fyne.Size) { objects[0].Resize(size) }

func (eliding) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, objects[0].MinSize().Height)
}

// bar is a thin bar that fills.
type bar struct {
	object *fyne.Container
	share  float32
}

func newBar() *bar {
	b := &bar{}
	track := kit.NewPanel(theme.GreySoft, 2, canvas.NewRectangle(color.Transparent))
	filled := kit.NewPanel(theme.Accent, 2, canvas.NewRectangle(color.Transparent))
	b.object = container.New(b, track, filled)
	return b
}

func (b *bar) set(share float32) {
	if b.share != share {
		b.share = share
		b.object.Refresh()
	}
}

// Layout is for Fyne.
func (b *bar) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(size)
	objects[1].Resize(fyne.NewSize(size.Width*max(0, min(b.share, 1)), size.Height))
}

// MinSize is for Fyne.
func (b *bar) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(40, 4) }
