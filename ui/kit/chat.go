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
	older  *Text // there were lines before those that are shown
	shown  []ChatLine
}

// How much of a chat is shown: the newest lines, and no more letters than can be drawn at once. The journal has the rest. Who gives
// one line more has it said that there are older ones.
const (
	ChatShown      = 300
	chatShownBytes = 64 << 10
	lineEndBytes   = 40  // what the end of a line counts for
	lineEnds       = 400 // that are shown of one text
)

// shortened leaves out what has more lines than anybody reads here.
func shortened(text string) string {
	if parts := strings.SplitN(text, "\n", lineEnds+1); len(parts) > lineEnds {
		return strings.Join(parts[:lineEnds], "\n") + "\n…"
	}
	return text
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
	c.older = Hint("…").Centered()
	c.older.Hide()
	c.scroll = container.NewVScroll(Pad(theme.Unit, theme.Unit, theme.Unit, theme.Unit, Column(theme.Unit, c.older, c.list)))
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

// SetLines shows the newest of the lines, and the notes among them. Those that are shown already
// stay as they are.
func (c *Chat) SetLines(lines []ChatLine) {
	all := len(lines)
	lines = newest(lines)
	if slices.Equal(lines, c.shown) {
		return
	}
	objects, next := make([]fyne.CanvasObject, 0, len(lines)), 0 // of those shown
	for _, line := range lines {
		switch n := slices.Index(c.shown[next:], line); {
		case n >= 0:
			objects = append(objects, c.list.Objects[next+n])
			next += n + 1
		case line.Note:
			objects = append(objects, note(line))
		default:
			objects = append(objects, bubble(line))
		}
	}
	c.list.Objects = objects
	c.list.Refresh()
	if len(lines) < all {
		c.older.Show()
	}
	c.shown = slices.Clone(lines)
	c.empty.Hide()
	c.scroll.Refresh()
	c.scroll.ScrollToBottom()
}

// newest leaves of the chat only what is shown; notes stay.
func newest(lines []ChatLine) []ChatLine {
	count, letters, first := 0, 0, len(lines)
	for ; first > 0; first-- {
		line := lines[first-1]
		if line.Note {
			continue
		}
		count, letters = count+1, letters+len(line.Text)+lineEndBytes*strings.Count(line.Text, "\n")
		if count > ChatShown || count > 1 && letters > chatShownBytes {
			break
		}
	}
	if first == 0 {
		return lines
	}
	var shown []ChatLine
	for _, line := range lines[:first] {
		if line.Note {
			shown = append(shown, line)
		}
	}
	return append(shown, lines[first:]...)
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
	text := Para(shortened(line.Text))
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
