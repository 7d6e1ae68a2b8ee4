// Package board is what people draw with: the panel of tools, and the layer over the remote picture that shows what the
// picture does not have yet and gives the pointer to the tool.
//
//	tools := board.NewTools(hand)
//	panel := board.NewPanel(tools, board.Actions{…})     // put panel.Object beside the picture
//	layer := board.NewLayer(source, hand, picture.Redraw)  // picture.Layer = layer
//
// Everything is used on Fyne's thread, but a Layer's Paint.
package board

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/whiteboard"
)

// Tools is what a person has chosen. Pens, highlighters, letters and erasers keep a width of their own.
type Tools struct {
	Hand     *whiteboard.Hand
	OnChange func() // something was chosen

	tool   whiteboard.Tool
	color  whiteboard.Color
	widths map[whiteboard.Kind]int // of what is not as wide as the pen
	life   int                     // seconds; 0: erased by hand
}

// NewTools begins with the cursor, and a pen of a colour and 4 pixels.
func NewTools(hand *whiteboard.Hand, c whiteboard.Color) *Tools {
	return &Tools{Hand: hand, color: c, widths: map[whiteboard.Kind]int{
		whiteboard.Pen: whiteboard.DefaultWidth, whiteboard.Highlighter: 24, whiteboard.Text: 32, whiteboard.Eraser: 24,
	}}
}

// widths offered for each kind, thinnest first.
var widths = map[whiteboard.Kind][4]int{
	whiteboard.Pen: {2, 4, 8, 14}, whiteboard.Highlighter: {12, 24, 36, 56}, whiteboard.Text: {20, 32, 48, 72}, whiteboard.Eraser: {12, 24, 48, 96},
}

// widthOf is the kind whose width another one has.
func widthOf(k whiteboard.Kind) whiteboard.Kind {
	if _, own := widths[k]; own {
		return k
	}
	return whiteboard.Pen
}

// Tool is what is held.
func (t *Tools) Tool() whiteboard.Tool { return t.tool }

// Life is after how many seconds strokes go by themselves; 0 is never.
func (t *Tools) Life() int { return t.life }

// Width is how wide the tool draws.
func (t *Tools) Width() int { return t.widths[widthOf(t.tool.Kind())] }

// Choose takes a tool.
func (t *Tools) Choose(tool whiteboard.Tool) { t.tool = tool; t.changed() }

// SetColor takes a colour.
func (t *Tools) SetColor(c whiteboard.Color) { t.color = c; t.changed() }

// SetWidth makes the tool wider or thinner.
func (t *Tools) SetWidth(w int) { t.widths[widthOf(t.tool.Kind())] = w; t.changed() }

// SetLife makes strokes go after so many seconds.
func (t *Tools) SetLife(seconds int) { t.life = seconds; t.changed() }

func (t *Tools) changed() {
	t.Hand.Hold(t.tool, whiteboard.Style{Color: t.color, Width: t.Width(), Life: t.life})
	if t.OnChange != nil {
		t.OnChange()
	}
}

// Actions are what the panel's other buttons do. A nil Save has no button.
type Actions struct {
	Undo, Redo, Clear, Save, Close func()
}

// Panel is the panel of tools.
type Panel struct {
	Object fyne.CanvasObject

	tools      *Tools
	buttons    map[whiteboard.Tool]*kit.Button
	colors     map[whiteboard.Color]*kit.Dot
	widths     [4]*kit.Dot
	undo, redo *kit.Button
	life       *kit.Text // narrow: after how many seconds strokes go

	// Wide.
	lives   map[int]*kit.Button // by seconds
	note    *kit.Text
	writing *fyne.Container // asks for a text
}

// lifeList is the ways of erasing, by hand and after so many seconds.
var lifeList = []struct {
	seconds int
	key     string
}{{0, "draw.life.0"}, {5, "draw.life.5"}, {10, "draw.life.10"}}

// toolList is the tools in the order in which they are shown.
var toolList = []struct {
	tool      whiteboard.Tool
	key, icon string
}{
	{whiteboard.Cursor, "draw.cursor", "mouse-pointer-2"},
	{whiteboard.Spot, "draw.pointer", "crosshair"},
	{whiteboard.ToolOf(whiteboard.Pen), "draw.pen", "pencil"},
	{whiteboard.ToolOf(whiteboard.Highlighter), "draw.highlighter", "highlighter"},
	{whiteboard.ToolOf(whiteboard.Line), "draw.line", "slash"},
	{whiteboard.ToolOf(whiteboard.Arrow), "draw.arrow", "move-up-right"},
	{whiteboard.ToolOf(whiteboard.Rectangle), "draw.rectangle", "square"},
	{whiteboard.ToolOf(whiteboard.Ellipse), "draw.ellipse", "circle"},
	{whiteboard.ToolOf(whiteboard.Text), "draw.text", "type"},
	{whiteboard.ToolOf(whiteboard.Eraser), "draw.eraser", "eraser"},
}

var colorList = []struct {
	color whiteboard.Color
	key   string
}{
	{whiteboard.Red, "draw.red"},
	{whiteboard.Orange, "draw.orange"},
	{whiteboard.Yellow, "draw.yellow"},
	{whiteboard.Green, "draw.green"},
	{whiteboard.Blue, "draw.blue"},
	{whiteboard.Violet, "draw.violet"},
	{whiteboard.Black, "draw.black"},
	{whiteboard.White, "draw.white"},
}

func newPanel(tools *Tools) *Panel {
	return &Panel{tools: tools, buttons: map[whiteboard.Tool]*kit.Button{}, colors: map[whiteboard.Color]*kit.Dot{}}
}

// NewPanel makes a narrow panel beside a picture. It follows the tools.
func NewPanel(tools *Tools, do Actions) *Panel {
	p := newPanel(tools)
	rows := []fyne.CanvasObject{p.toolRows(), kit.Rule(), p.colorRows(), kit.Rule(), p.widthRows(), kit.Rule(), p.actionRows(do)}
	p.life = kit.NewText("").Sized(theme.Caption).In(theme.Muted)
	p.life.Reserve(text.T("draw.seconds", "N", lifeList[len(lifeList)-1].seconds)) // or the panel would become wider
	rows = append(rows, p.life)
	card := kit.NewPanel(theme.Card, theme.RadiusCard, kit.PadAll(6, kit.Column(6, rows...)))
	card.Border = theme.Line
	p.Object = card
	tools.OnChange = p.Update
	p.Update()
	return p
}

// gap is between buttons.
const gap = 2

func (p *Panel) toolRows() fyne.CanvasObject {
	var rows []fyne.CanvasObject
	for i := 0; i < len(toolList); i += 2 {
		var pair []fyne.CanvasObject
		for _, t := range toolList[i : i+2] {
			b := kit.NewButton(kit.Quiet, "", t.icon, func() { p.choose(t.tool) }).WithTip(text.T(t.key))
			p.buttons[t.tool] = b
			pair = append(pair, b)
		}
		rows = append(rows, kit.Row(gap, pair...))
	}
	eraser := p.buttons[whiteboard.ToolOf(whiteboard.Eraser)]
	eraser.Tip = text.T("draw.eraser.tip")
	eraser.OnMore = p.askLife
	return kit.Column(gap, rows...)
}

// choose takes a tool; the eraser a second time asks how strokes are erased, for those who have no right button.
func (p *Panel) choose(t whiteboard.Tool) {
	if t == p.tools.Tool() && t.Kind() == whiteboard.Eraser {
		p.askLife()
		return
	}
	p.tools.Choose(t)
}

func (p *Panel) colorDots() []fyne.CanvasObject {
	var dots []fyne.CanvasObject
	for _, c := range colorList {
		d := kit.NewDot(toColor(c.color), 18, text.T(c.key), func() { p.tools.SetColor(c.color) })
		p.colors[c.color] = d
		dots = append(dots, d)
	}
	return dots
}

func (p *Panel) colorRows() fyne.CanvasObject { return inTwos(p.colorDots()) }

// inTwos puts dots into rows of two.
func inTwos(dots []fyne.CanvasObject) fyne.CanvasObject {
	var rows []fyne.CanvasObject
	for i := 0; i < len(dots); i += 2 {
		rows = append(rows, kit.Middle(kit.Row(6, dots[i:i+2]...)))
	}
	return kit.Column(gap, rows...)
}

func (p *Panel) widthRows() fyne.CanvasObject { return inTwos(p.widthDots()) }

func (p *Panel) widthDots() []fyne.CanvasObject {
	var row []fyne.CanvasObject
	for i, key := range []string{"draw.width.1", "draw.width.2", "draw.width.3", "draw.width.4"} {
		p.widths[i] = kit.NewDot(nil, []float32{4, 8, 12, 17}[i], text.T(key), func() {
			p.tools.SetWidth(widths[widthOf(p.tools.Tool().Kind())][i])
		})
		row = append(row, p.widths[i])
	}
	return row
}

func (p *Panel) actionRows(do Actions) fyne.CanvasObject {
	button := func(key, icon string, tap func()) *kit.Button {
		return kit.NewButton(kit.Quiet, "", icon, tap).WithTip(text.T(key))
	}
	p.undo, p.redo = button("draw.undo", "undo-2", do.Undo), button("draw.redo", "redo-2", do.Redo)
	last := []fyne.CanvasObject{button("draw.clear", "trash-2", do.Clear)}
	if do.Save != nil {
		last = append(last, button("draw.save", "camera", do.Save))
	}
	rows := []fyne.CanvasObject{kit.Row(gap, p.undo, p.redo), kit.Row(gap, last...)}
	if do.Close != nil {
		rows = append(rows, kit.Row(gap, button("draw.close", "x", do.Close)))
	}
	return kit.Column(gap, rows...)
}

// askLife asks whether strokes are erased by hand or go by themselves.
func (p *Panel) askLife() {
	eraser := p.buttons[whiteboard.ToolOf(whiteboard.Eraser)]
	c := fyne.CurrentApp().Driver().CanvasForObject(eraser)
	if c == nil {
		return
	}
	var items []*fyne.MenuItem
	for _, l := range lifeList {
		m := fyne.NewMenuItem(text.T(l.key), func() { p.tools.SetLife(l.seconds) })
		m.Checked = p.tools.Life() == l.seconds
		items = append(items, m)
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), c)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(eraser)
	menu.ShowAtPosition(at.Add(fyne.NewPos(0, eraser.Size().Height)))
	c.Focus(menu)
}

// Update makes the panel agree with the tools.
func (p *Panel) Update() {
	tool := p.tools.Tool()
	for t, b := range p.buttons {
		b.SetSelected(t == tool)
	}
	for c, d := range p.colors {
		d.SetSelected(c == p.tools.color)
	}
	for i, d := range p.widths {
		d.SetSelected(widths[widthOf(tool.Kind())][i] == p.tools.Width())
	}
	for seconds, b := range p.lives {
		b.SetSelected(seconds == p.tools.Life())
	}
	if p.life == nil {
		return
	}
	p.life.SetText("")
	if seconds := p.tools.Life(); seconds > 0 {
		p.life.SetText(text.T("draw.seconds", "N", seconds))
	}
}

func toColor(c whiteboard.Color) color.Color { return color.NRGBA{c.R, c.G, c.B, 255} }
