package board

import (
	"fyne.io/fyne/v2"

	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// wideWidth is how wide a wide panel is, in Fyne's units.
const wideWidth = 380

// NewWidePanel makes a panel that has a window to itself: with a word on every tool, and room to write. For a low monitor it
// is half as high and twice as wide.
func NewWidePanel(tools *Tools, low bool, do Actions) *Panel {
	p := newPanel(tools)
	p.lives = map[int]*kit.Button{}
	p.note = kit.Para("").Sized(theme.Caption).In(theme.Muted)
	p.note.Hide()
	p.writing = kit.Column(0)
	p.writing.Hide()
	all := p.wideTools()
	what := []fyne.CanvasObject{kit.Column(gap, all[0], all[1], kit.Pairs(gap, all[2:]...)), p.writing} // the first two have the most words
	how := []fyne.CanvasObject{
		kit.Row(6, p.colorDots()...), kit.Row(6, p.widthDots()...), kit.Rule(),
		kit.Column(gap, p.wideLives()...), kit.Rule(), p.wideActions(do), p.note,
	}
	if low {
		p.Object = kit.Equal(16, kit.Sized(wideWidth, 0, kit.Column(8, what...)), kit.Sized(wideWidth, 0, kit.Column(8, how...)))
	} else {
		p.Object = kit.Sized(wideWidth, 0, kit.Column(8, append(append(what, kit.Rule()), how...)...))
	}
	tools.OnChange = p.Update
	p.Update()
	return p
}

func wideButton(label, icon string, tap func()) *kit.Button {
	b := kit.NewButton(kit.Quiet, label, icon, tap)
	b.Left, b.Low = true, true
	return b
}

func (p *Panel) wideTools() []fyne.CanvasObject {
	var list []fyne.CanvasObject
	for _, t := range toolList {
		b := wideButton(text.T(t.key), t.icon, func() { p.tools.Choose(t.tool) })
		p.buttons[t.tool] = b
		list = append(list, b)
	}
	return list
}

// wideLives are the ways of erasing.
func (p *Panel) wideLives() []fyne.CanvasObject {
	var list []fyne.CanvasObject
	for _, l := range lifeList {
		b := wideButton(text.T(l.key), "clock", func() { p.tools.SetLife(l.seconds) })
		if l.seconds == 0 {
			b.SetIcon("eraser")
		}
		p.lives[l.seconds] = b
		list = append(list, b)
	}
	return list
}

func (p *Panel) wideActions(do Actions) fyne.CanvasObject {
	p.undo, p.redo = wideButton(text.T("draw.undo"), "undo-2", do.Undo), wideButton(text.T("draw.redo"), "redo-2", do.Redo)
	rows := []fyne.CanvasObject{kit.Pairs(gap, p.undo, p.redo)}
	last := []fyne.CanvasObject{wideButton(text.T("draw.clear"), "trash-2", do.Clear)}
	if do.Close != nil {
		last = append(last, wideButton(text.T("draw.close"), "x", do.Close))
	}
	if do.Save != nil {
		rows = append(rows, wideButton(text.T("draw.save"), "camera", do.Save))
	}
	return kit.Column(gap, append(rows, kit.Pairs(gap, last...))...)
}

// Say shows a sentence at the bottom of a wide panel.
func (p *Panel) Say(sentence string) {
	p.note.SetText(sentence)
	p.note.Show()
	p.Object.Refresh()
}

// Ask asks for a line below the tools of a wide panel, and gives it to do if there is one.
func (p *Panel) Ask(in fyne.Window, do func(string)) {
	field := kit.NewEntry(text.T("draw.text.placeholder"))
	act := func() {
		p.writing.Hide()
		p.Object.Refresh()
		if field.Text != "" {
			do(field.Text)
		}
	}
	field.OnSubmitted = func(string) { act() }
	p.writing.Objects = []fyne.CanvasObject{kit.Row(8, kit.Fill(field), kit.NewButton(kit.Primary, text.T("draw.put"), "", act))}
	p.writing.Show()
	p.Object.Refresh()
	in.RequestFocus()
	in.Canvas().Focus(field)
}
