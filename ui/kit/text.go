package kit

import (
	"sort"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"handrail/ui/theme"
)

// Text is a text in one style, without the insets of Fyne's label, so that it lines up with what is around.
// In a place that is too narrow it wraps if Wrap is set and otherwise ends with an ellipsis.
type Text struct {
	widget.BaseWidget

	Letters float32             // their size; 0 is theme.Body
	Color   fyne.ThemeColorName // "" is theme.Ink
	Bold    bool
	Mono    bool
	Wrap    bool
	Align   fyne.TextAlign

	text  string
	other []string // what it may say at other times
	lines []string
	width float32 // for which lines was made; 0 is unlimited
}

// NewText makes a text in the body's style.
func NewText(text string) *Text {
	t := &Text{text: text, Letters: theme.Body, Color: theme.Ink}
	t.ExtendBaseWidget(t)
	return t
}

// Para makes a text that wraps.
func Para(text string) *Text {
	t := NewText(text)
	t.Wrap = true
	return t
}

// Heading makes a bold text of a size.
func Heading(text string, size float32) *Text {
	t := NewText(text)
	t.Letters, t.Bold, t.Wrap = size, true, true
	return t
}

// Hint makes a small secondary text that wraps.
func Hint(text string) *Text {
	t := NewText(text)
	t.Letters, t.Color, t.Wrap = theme.Caption, theme.Muted, true
	return t
}

// In sets the colour and gives the text back, for use in expressions.
func (t *Text) In(c fyne.ThemeColorName) *Text {
	t.Color = c
	return t
}

// Sized sets the size and gives the text back.
func (t *Text) Sized(size float32) *Text {
	t.Letters = size
	return t
}

// Centered aligns to the middle and gives the text back.
func (t *Text) Centered() *Text {
	t.Align = fyne.TextAlignCenter
	return t
}

// Text is what it says.
func (t *Text) Text() string { return t.text }

// SetText changes what it says; the same text again costs nothing.
func (t *Text) SetText(text string) {
	if t.text == text {
		return
	}
	t.text, t.lines = text, nil
	t.Refresh()
}

// Reserve keeps the room for what the text may say at other times, so that nothing moves when it does.
func (t *Text) Reserve(texts ...string) {
	t.other = texts
	t.Refresh()
}

// SetColor changes the colour.
func (t *Text) SetColor(c fyne.ThemeColorName) {
	if t.Color != c {
		t.Color = c
		t.Refresh()
	}
}

// Cut tells whether the present place is too narrow for the text.
func (t *Text) Cut() bool {
	return !t.Wrap && t.Visible() && t.measure(t.text).Width > t.Size().Width+0.5
}

// AccessibilityLabel is the text.
func (t *Text) AccessibilityLabel() string { return t.text }

// AccessibilityRole is that of a text.
func (t *Text) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func (t *Text) style() fyne.TextStyle { return fyne.TextStyle{Bold: t.Bold, Monospace: t.Mono} }

func (t *Text) measure(s string) fyne.Size {
	return fyne.MeasureText(s, theme.Letters(t.Letters), t.style())
}

// layoutLines breaks the text for a width and tells whether that changed anything.
func (t *Text) layoutLines(width float32) bool {
	if t.lines != nil && t.width == width {
		return false
	}
	before := strings.Join(t.lines, "\n")
	t.width = width
	switch {
	case width <= 0:
		t.lines = strings.Split(t.text, "\n")
	case t.Wrap:
		t.lines = t.wrap(width)
	default:
		t.lines = []string{t.ellipsis(t.text, width)}
	}
	return before != strings.Join(t.lines, "\n")
}

func (t *Text) wrap(width float32) []string {
	var lines []string
	for _, para := range strings.Split(t.text, "\n") {
		line := ""
		for _, word := range strings.Fields(para) {
			next := word
			if line != "" {
				next = line + " " + word
			}
			if !t.wider(next, width) {
				line = next
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			for utf8.RuneCountInString(word) > 1 && t.wider(word, width) {
				head := t.fitting(word, width)
				lines, word = append(lines, head), word[len(head):]
			}
			line = word
		}
		lines = append(lines, line)
	}
	return lines
}

// wider tells whether s needs more than a width. Of a long text, which a peer may have sent, it measures no more than it has to.
func (t *Text) wider(s string, width float32) bool {
	for n := firstStep; n < len(s); n *= 2 {
		if t.measure(s[:runeBefore(s, n)]).Width > width {
			return true
		}
	}
	return t.measure(s).Width > width
}

// fitting is the longest beginning of s that fits, at least one rune, where all of s does not.
func (t *Text) fitting(s string, width float32) string {
	over := firstStep
	for over < len(s) && t.measure(s[:runeBefore(s, over)]).Width <= width {
		over *= 2
	}
	over = min(over, len(s))
	_, first := utf8.DecodeRuneInString(s)
	n := sort.Search(over-first, func(n int) bool { return t.measure(s[:runeBefore(s, first+n+1)]).Width > width })
	return s[:runeBefore(s, first+n)]
}

// firstStep is how many bytes of a text are measured first.
const firstStep = 32

// runeBefore is n, or what is before it where that is within a rune of s.
func runeBefore(s string, n int) int {
	for n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

func (t *Text) ellipsis(s string, width float32) string {
	if t.measure(s).Width <= width+0.5 {
		return s
	}
	runes := []rune(s)
	for n := len(runes) - 1; n > 0; n-- {
		if cut := strings.TrimSpace(string(runes[:n])) + "…"; t.measure(cut).Width <= width {
			return cut
		}
	}
	return "…"
}

// CreateRenderer is for Fyne.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	t.ExtendBaseWidget(t)
	r := &textRenderer{text: t}
	r.Refresh()
	return r
}

type textRenderer struct {
	text    *Text
	objects []fyne.CanvasObject
}

func (r *textRenderer) Layout(size fyne.Size) {
	if r.text.layoutLines(size.Width) {
		r.build()
	}
	height := r.lineHeight()
	for i, o := range r.objects {
		o.Move(fyne.NewPos(0, float32(i)*height))
		o.Resize(fyne.NewSize(size.Width, height))
	}
}

func (r *textRenderer) lineHeight() float32 { return r.text.measure("Ág").Height }

func (r *textRenderer) MinSize() fyne.Size {
	t := r.text
	if !t.Wrap {
		width := t.measure(t.text).Width
		for _, other := range t.other {
			width = max(width, t.measure(other).Width)
		}
		return fyne.NewSize(width, r.lineHeight())
	}
	t.layoutLines(t.width)
	return fyne.NewSize(0, float32(len(t.lines))*r.lineHeight())
}

func (r *textRenderer) Refresh() {
	r.text.lines = nil
	r.text.layoutLines(r.text.Size().Width)
	r.build()
	r.Layout(r.text.Size())
}

func (r *textRenderer) build() {
	t := r.text
	r.objects = r.objects[:0]
	for _, line := range t.lines {
		c := canvas.NewText(line, theme.Color(t.Color))
		c.TextSize, c.TextStyle, c.Alignment = theme.Letters(t.Letters), t.style(), t.Align
		r.objects = append(r.objects, c)
	}
	canvas.Refresh(t)
}

func (r *textRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *textRenderer) Destroy()                     {}

// Natural is the width that the text takes on one line.
func (t *Text) Natural() float32 {
	width := float32(0)
	for _, line := range strings.Split(t.text, "\n") {
		width = max(width, t.measure(line).Width)
	}
	return width
}
