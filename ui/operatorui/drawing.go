package operatorui

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"handrail/ui/board"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/whiteboard"
)

// addBoard puts the board over the picture.
func (v *viewerWindow) addBoard() {
	v.hand = &whiteboard.Hand{
		Pad: v.session.Board(), Monitors: v.session.Monitors,
		Failed: func(err error) { kit.Do(func() { v.sayDrawing(err) }) },
		Write:  func(x, y int) { kit.Do(func() { v.write(x, y) }) },
	}
	v.tools = board.NewTools(v.hand, whiteboard.Red)
	v.layer = board.NewLayer(v.session, v.hand, v.picture.Redraw)
	v.picture.Layer = v.layer
}

// newTools is the panel beside the picture, which is not there at first.
func (v *viewerWindow) newTools() fyne.CanvasObject {
	panel := board.NewPanel(v.tools, board.Actions{
		Undo: v.undo, Redo: func() { v.session.Board().Redo(); v.focusPicture() }, Clear: v.clear, Save: v.snapshot, Close: v.toggleDrawing,
	})
	v.tools.OnChange = func() {
		panel.Update()
		v.focusPicture()
	}
	v.tool = kit.PadAll(6, container.NewVScroll(kit.Pad(1, 6, 1, 1, kit.Column(0, panel.Object, kit.Spring())))) // it scrolls on low monitors
	v.tool.Hide()
	return v.tool
}

// toggleDrawing opens the tools with a pen in the hand, or puts them away.
func (v *viewerWindow) toggleDrawing() {
	open := !v.tool.Visible()
	if err := v.session.MayDraw(); open && err != nil {
		v.sayDrawing(err)
		return
	}
	setVisible(v.tool, open)
	tool := whiteboard.Cursor
	if open {
		tool = whiteboard.ToolOf(whiteboard.Pen)
	}
	v.tools.Choose(tool)
	v.frame.Refresh()
	v.update()
}

// checkDrawing puts the tools away when the customer no longer allows them.
func (v *viewerWindow) checkDrawing() {
	if v.tool.Visible() && v.session.MayDraw() != nil {
		v.toggleDrawing()
	}
}

func (v *viewerWindow) sayDrawing(err error) {
	if errors.Is(err, whiteboard.ErrFull) {
		v.status.say(text.T("draw.full"))
		return
	}
	v.status.say(text.T("draw.none"))
}

func (v *viewerWindow) undo() {
	if v.session.MayDraw() == nil {
		v.session.Board().Undo()
	}
	v.focusPicture()
}

func (v *viewerWindow) clear() {
	if v.session.MayDraw() == nil {
		_ = v.session.Board().Clear() // who may draw is connected
	}
	v.focusPicture()
}

// write asks for a text and puts it where the pointer was.
func (v *viewerWindow) write(x, y int) {
	kit.Prompt(v.win, text.T("draw.text"), text.T("draw.text.placeholder"), text.T("draw.put"), text.T("cancel"), func(line string) {
		v.hand.Put(x, y, line)
		v.focusPicture()
	})
}
