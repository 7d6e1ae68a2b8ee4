package capture

import (
	"encoding/binary"
	"image"

	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/screen"
)

// watchCursor asks for events about the cursor's image. Without them the operator sees a plain pointer.
func (c *capturer) watchCursor() {
	if xfixes.SelectCursorInputChecked(c.conn, c.root, xfixes.CursorNotifyMaskDisplayCursor).Check() == nil {
		c.cursorNews = true // the first one is news
	}
}

// Cursor is part of screen.CursorWatcher.
func (c *capturer) Cursor() *screen.Cursor {
	c.mu.Lock()
	news := c.cursorNews
	c.cursorNews = false
	c.mu.Unlock()
	if !news {
		return nil
	}
	reply, err := xfixes.GetCursorImage(c.conn).Reply()
	if err != nil || reply.CursorSerial == c.cursorSerial {
		return nil
	}
	c.cursorSerial = reply.CursorSerial
	cursor := &screen.Cursor{
		Width: int(reply.Width), Height: int(reply.Height), HotX: int(reply.Xhot), HotY: int(reply.Yhot),
	}
	if cursor.Width > screen.MaxCursor || cursor.Height > screen.MaxCursor || len(reply.CursorImage) < cursor.Width*cursor.Height {
		return nil
	}
	for _, argb := range reply.CursorImage[:cursor.Width*cursor.Height] {
		cursor.Pixels = binary.BigEndian.AppendUint32(cursor.Pixels, argb<<8|argb>>24)
	}
	if !cursor.Valid() {
		return nil
	}
	return cursor
}

// Pointer is part of screen.PointerWatcher.
func (c *capturer) Pointer() (at image.Point, ok bool) {
	reply, err := xproto.QueryPointer(c.conn, c.root).Reply()
	if err != nil || !reply.SameScreen {
		return at, false
	}
	return image.Pt(int(reply.RootX), int(reply.RootY)), true
}
