package kit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"handrail/ui/theme"
)

// Ask shows a question that must be answered before anything else. The safe answer has the keyboard; Escape
// gives it too.
func Ask(parent fyne.Window, title, question, yes, no string, do func()) {
	var popup *widget.PopUp
	close := func() { popup.Hide() }
	safe := NewButton(Secondary, no, "", close)
	act := NewButton(Danger, yes, "", func() {
		close()
		do()
	})
	safe.OnEscape, act.OnEscape = close, close
	body := Column(3*theme.Unit,
		Column(theme.Unit, Heading(title, theme.Title), Para(question)),
		Row(12, Spring(), safe, act))
	popup = show(parent, 420, body)
	parent.Canvas().Focus(safe)
}

// Tell shows something to read until it is closed, by its button or by close.
func Tell(parent fyne.Window, title, ok string, content fyne.CanvasObject) (close func()) {
	var popup *widget.PopUp
	button := NewButton(Secondary, ok, "", func() { popup.Hide() })
	button.OnEscape = button.OnTap
	// Texts that wrap know their height once they have a width.
	wrap := func() {
		width := min(460, parent.Canvas().Size().Width-around) - 4*theme.Unit
		content.Resize(fyne.NewSize(max(width, content.MinSize().Width), content.MinSize().Height))
	}
	wrap()
	if most := parent.Canvas().Size().Height - 180; content.MinSize().Height > most && most > 100 { // it would stick out
		const bar = 12 // of the scroller, which would lie on the content
		content = Pad(0, bar, 0, 0, content)
		wrap()
		scroll := container.NewVScroll(content)
		scroll.SetMinSize(fyne.NewSize(content.MinSize().Width, most))
		content = scroll
	}
	popup = show(parent, max(460, content.MinSize().Width+4*theme.Unit), Column(3*theme.Unit, Heading(title, theme.Title), content, Row(12, Spring(), button)))
	parent.Canvas().Focus(button)
	return button.OnTap
}

// Check shows content with fields to fill in, and stays open until do says "": any other sentence is shown. Return goes
// from field to field and then submits; the first empty one gets the keyboard.
func Check(parent fyne.Window, title, yes, no string, content fyne.CanvasObject, fields []*Entry, do func() string) {
	var popup *widget.PopUp
	problem := Para("").In(theme.AmberText)
	note := Note(theme.AmberSoft, problem)
	note.Hide()
	close := func() { popup.Hide() }
	submit := func() {
		if sentence := do(); sentence != "" {
			problem.SetText(sentence)
			note.Show()
			fit(popup)
			return
		}
		close()
	}
	give, act := NewButton(Secondary, no, "", close), NewButton(Primary, yes, "", submit)
	give.OnEscape, act.OnEscape = close, close
	popup = show(parent, 460, Column(3*theme.Unit, Heading(title, theme.Title), content, note, Row(12, Spring(), give, act)))
	focus := fields[0]
	for i, f := range slices.Backward(fields) {
		f.escape, f.OnSubmitted = close, func(string) { submit() }
		if i+1 < len(fields) {
			f.OnSubmitted = func(string) { Focus(parent, fields[i+1]) }
		}
		if f.Text == "" {
			focus = f
		}
	}
	Focus(parent, focus)
}

// fit gives a popup the height that its content now needs.
func fit(popup *widget.PopUp) {
	width := popup.Content.Size().Width
	popup.Content.Refresh()
	popup.Content.Resize(fyne.NewSize(width, popup.Content.MinSize().Height))
	popup.Resize(fyne.NewSize(width, popup.Content.MinSize().Height))
}

// Form shows fields to fill in. Escape gives up; focus gets the keyboard.
func Form(parent fyne.Window, title, yes, no string, content fyne.CanvasObject, focus fyne.Focusable, do func()) {
	var popup *widget.PopUp
	close := func() { popup.Hide() }
	give := NewButton(Secondary, no, "", close)
	save := NewButton(Primary, yes, "", func() {
		close()
		do()
	})
	give.OnEscape, save.OnEscape = close, close
	escapes(content, close)
	popup = show(parent, 460, Column(3*theme.Unit, Heading(title, theme.Title), content, Row(12, Spring(), give, save)))
	parent.Canvas().Focus(focus)
}

// Prompt asks for a line of text; do gets it unless it is empty or the person changes their mind.
func Prompt(parent fyne.Window, title, placeholder, yes, no string, do func(string)) {
	var popup *widget.PopUp
	close := func() { popup.Hide() }
	field := NewEntry(placeholder)
	act := func() {
		close()
		if field.Text != "" {
			do(field.Text)
		}
	}
	field.OnSubmitted, field.escape = func(string) { act() }, close
	cancel, put := NewButton(Secondary, no, "", close), NewButton(Primary, yes, "", act)
	cancel.OnEscape, put.OnEscape = close, close
	popup = show(parent, 420, Column(3*theme.Unit, Heading(title, theme.Title), field, Row(12, Spring(), cancel, put)))
	parent.Canvas().Focus(field)
}

// escapes makes Escape do something in every field that has nothing else for it.
func escapes(o fyne.CanvasObject, do func()) {
	switch o := o.(type) {
	case *Entry:
		if o.escape == nil {
			o.escape = do
		}
	case *fyne.Container:
		for _, child := range o.Objects {
			escapes(child, do)
		}
	}
}

// around is how much of its window a dialog leaves free at least, at both sides together.
const around = 32

func show(parent fyne.Window, width float32, body fyne.CanvasObject) *widget.PopUp {
	width = min(width, parent.Canvas().Size().Width-around)
	content := PadAll(2*theme.Unit, body)
	popup := widget.NewModalPopUp(content, parent.Canvas())
	content.Resize(fyne.NewSize(width, content.MinSize().Height))
	popup.Resize(fyne.NewSize(width, content.MinSize().Height))
	popup.Show()
	return popup
}
