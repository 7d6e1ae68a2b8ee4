package kit

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"handrail/ui/theme"
)

// ChatLine is a line of a chat as it is shown.
type ChatLine struct {
	Note bool   // nobody's: a line of the journal
	Mine bool   // from the person at this computer
	From string // name of the sender
	At   string // time of day
	Text string
}

// Chat shows the lines of a chat and a field for the next one.
type Chat struct {
	Object fyne.CanvasObject // what to put into the window

	// OnSend sends a line and returns at once; failed puts the line back into the field.
	OnSend func(text string, failed func())

	entry  *Entry
	send   *Button
	list   *fyne.Container
	scroll *container.Scroll
	empty  *Text
	shown  []ChatLine
}

// ChatWords are the texts of a chat.
type ChatWords struct{ Empty, Placeholder, Send string }

// NewChat makes an empty chat.
func NewChat(words ChatWords) *Chat {
	c := &Chat{}
	c.entry = NewEntry(words.Placeholder)
	c.entry.OnSubmitted = func(string) { c.submit() }
	c.send = NewButton(Primary, "", "send", c.submit).WithTip(words.Send)
	c.list = Column(theme.Unit)
	c.empty = Hint(words.Empty).Centered()
	c.scroll = container.NewVScroll(Pad(theme.Unit, theme.Unit, theme.Unit, theme.Unit, c.list))
	c.scroll.SetMinSize(fyne.NewSize(180, 72))
	middle := container.NewStack(Narrow(260, true, c.empty), c.scroll)
	c.Object = Border(nil, Border(nil, nil, nil, Pad(0, 0, 0, theme.Unit, c.send), c.entry), nil, nil,
		Pad(0, 0, theme.Unit, 0, middle))
	return c
}

func (c *Chat) submit() {
	text := strings.TrimSpace(c.entry.Text)
	if text == "" || c.OnSend == nil {
		return
	}
	c.entry.SetText("")
	c.OnSend(text, func() {
		if c.entry.Text == "" {
			c.entry.SetText(text)
		}
	})
}

// Least makes the lines at least so many units high, instead of a few lines.
func (c *Chat) Least(height float32) { c.scroll.SetMinSize(fyne.NewSize(180, height)) }

// Focus moves the keyboard to the field.
func (c *Chat) Focus(w fyne.Window) { Focus(w, c.entry) }

// Entry is the field for the next line.
func (c *Chat) Entry() *Entry { return c.entry }

// SetEnabled opens or closes the field.
func (c *Chat) SetEnabled(enabled bool) {
	if enabled != c.entry.Disabled() {
		return
	}
	if enabled {
		c.entry.Enable()
		c.send.Enable()
	} else {
		c.entry.Disable()
		c.send.Disable()
	}
}

// SetLines shows the lines. It is cheap where they only go on from those shown before.
func (c *Chat) SetLines(lines []ChatLine) {
	if slices.Equal(lines, c.shown) {
		return
	}
	if n := len(c.shown); n > len(lines) || !slices.Equal(lines[:n], c.shown) {
		c.list.RemoveAll()
		c.shown = nil
	}
	for _, line := range lines[len(c.shown):] {
		if line.Note {
			c.list.Add(note(line))
		} else {
			c.list.Add(bubble(line))
		}
	}
	c.shown = slices.Clone(lines)
	c.empty.Hide()
	c.scroll.Refresh()
	c.scroll.ScrollToBottom()
}

// note is a line of the journal: quieter than what people write.
func note(line ChatLine) fyne.CanvasObject {
	at := NewText(line.At).Sized(theme.Caption).In(theme.Muted)
	what := Para(line.Text).Sized(theme.Caption).In(theme.Muted)
	return Pad(0, 2, 0, 2, Row(theme.Unit, at, Fill(what)))
}

func bubble(line ChatLine) fyne.CanvasObject {
	fill, head := theme.GreySoft, line.From+"  "+line.At
	if line.Mine {
		fill, head = theme.AccentSoft, line.At
	}
	text := Para(line.Text)
	who := NewText(head).Sized(theme.Caption).In(theme.Muted)
	panel := NewPanel(fill, 12, Pad(7, 12, 8, 12, Column(1, who, text)))
	natural := max(text.Natural(), who.Natural()) + 25
	return container.New(bubbleLayout{line.Mine, natural}, panel)
}

// bubbleLayout gives a line the width it needs, at most most of the row, on its sender's side.
type bubbleLayout struct {
	right   bool
	natural float32
}

func (b bubbleLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := min(b.natural, size.Width*0.88)
	for _, o := range objects {
		o.Resize(fyne.NewSize(width, o.MinSize().Height))
		o.Resize(fyne.NewSize(width, o.MinSize().Height))
		o.Move(fyne.Position{})
		if b.right {
			o.Move(fyne.NewPos(size.Width-width, 0))
		}
	}
}

func (b bubbleLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(60, objects[0].MinSize().Height)
}

// Badge is a dot with a word: a state that can be seen at a glance.
type Badge struct {
	*Panel
	row  *fyne.Container
	dot  *canvas.Circle
	text *Text
}

// NewBadge makes a badge.
func NewBadge() *Badge {
	b := &Badge{dot: canvas.NewCircle(theme.Color(theme.Grey)), text: NewText("").Sized(theme.Caption)}
	b.text.Bold = true
	b.row = Row(6, Sized(8, 8, b.dot), b.text)
	b.Panel = &Panel{Fill: theme.GreySoft, Radius: 11, content: Pad(3, 10, 3, 9, b.row)}
	b.Panel.ExtendBaseWidget(b) // Fyne keeps what it draws for the outer of the two
	return b
}

// Set changes the word and the colours of the dot, the letters and the surface.
func (b *Badge) Set(word string, dot, ink, fill fyne.ThemeColorName) {
	b.text.SetText(word)
	b.text.SetColor(ink)
	if c := theme.Color(dot); b.dot.FillColor != c {
		b.dot.FillColor = c
		b.dot.Refresh()
	}
	b.SetFill(fill)
}
