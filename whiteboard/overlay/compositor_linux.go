package overlay

import (
	"fmt"
	"image"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
)

// compositor is what is known of the program, if there is one, that puts the windows of an X display together. With one
//
//   - windows can have pixels that are half there, so the strokes have smooth edges and highlighters can be seen through;
//   - what is drawn is on the screen not at once but when the compositor has painted, which Paint waits for;
//   - windows may be faded in and out. The overlay's window is there from the beginning and all the time, in a shape without
//     pixels; and when the program dies, its paper goes first, so that what is faded out is empty;
//   - windows do not learn that others cover them. The order of all windows is watched instead.
type compositor struct {
	// Fixed once watch has returned.
	blends bool            // there is one, and there is a way to have transparency
	visual xproto.Visualid // with alpha
	damage damage.Damage

	mu      sync.Mutex
	present bool              // there is one now
	areas   []image.Rectangle // what has been painted while that is expected
	signal  chan struct{}     // buffered 1: areas has grown
}

// watch finds out whether there is a compositor and asks to be told when that changes.
func (c *compositor) watch(conn *xgb.Conn, root xproto.Window) error {
	c.signal = make(chan struct{}, 1)
	for _, extension := range []string{xext.XFixes, xext.Damage} {
		if xext.Use(conn, extension) != nil {
			return nil // without them there is no compositor, either
		}
	}
	if _, err := xfixes.QueryVersion(conn, 2, 0).Reply(); err != nil {
		return err
	}
	if _, err := damage.QueryVersion(conn, 1, 1).Reply(); err != nil {
		return err
	}
	name := fmt.Sprintf("_NET_WM_CM_S%d", conn.DefaultScreen)
	atom, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return err
	}
	xfixes.SelectSelectionInput(conn, root, atom.Atom, xfixes.SelectionEventMaskSetSelectionOwner|
		xfixes.SelectionEventMaskSelectionWindowDestroy|xfixes.SelectionEventMaskSelectionClientClose)
	owner, err := xproto.GetSelectionOwner(conn, atom.Atom).Reply()
	if err != nil {
		return err
	}
	c.present = owner.Owner != 0
	c.visual = withAlpha(xproto.Setup(conn).DefaultScreen(conn))
	c.blends = c.present && c.visual != 0
	if !c.blends {
		return nil
	}
	if c.damage, err = damage.NewDamageId(conn); err != nil {
		return err
	}
	return xproto.ChangeWindowAttributesChecked(conn, root, xproto.CwEventMask, []uint32{xproto.EventMaskSubstructureNotify}).Check()
}

// withAlpha is a visual with transparency; 0 if there is none.
func withAlpha(screen *xproto.ScreenInfo) xproto.Visualid {
	for _, depth := range screen.AllowedDepths {
		for _, v := range depth.Visuals {
			if depth.Depth == 32 && v.Class == xproto.VisualClassTrueColor && v.RedMask == 0xff0000 && v.BlueMask == 0xff {
				return v.VisualId
			}
		}
	}
	return 0
}

func (c *compositor) changed(present bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.present = present
}

// other tells whether a compositor has come or gone since the windows were made.
func (c *compositor) other() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.visual != 0 && c.present != c.blends
}

// expect begins to write down what is painted onto the screen.
func (c *compositor) expect(conn *xgb.Conn, root xproto.Window) {
	if !c.blends {
		return
	}
	c.mu.Lock()
	c.areas = c.areas[:0]
	c.mu.Unlock()
	damage.Create(conn, c.damage, xproto.Drawable(root), damage.ReportLevelRawRectangles)
}

// maxAreas is how many painted areas are kept; that is reached only where something else is painted all the time.
const maxAreas = 1000

func (c *compositor) painted(area xproto.Rectangle) {
	x, y := int(area.X), int(area.Y)
	c.mu.Lock()
	if len(c.areas) < maxAreas {
		c.areas = append(c.areas, image.Rect(x, y, x+int(area.Width), y+int(area.Height)))
	}
	c.mu.Unlock()
	select {
	case c.signal <- struct{}{}:
	default:
	}
}

// patience is how long a compositor may take to paint: what is below other windows it never does.
const patience = 50 * time.Millisecond

// await waits until the compositor has painted something at each of these rectangles.
func (c *compositor) await(conn *xgb.Conn, rects []image.Rectangle) {
	if !c.blends {
		return
	}
	defer damage.Destroy(conn, c.damage)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for !c.have(rects) {
		select {
		case <-c.signal:
		case <-timer.C:
			return
		}
	}
}

func (c *compositor) have(rects []image.Rectangle) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range rects {
		found := false
		for _, area := range c.areas {
			found = found || area.Overlaps(r)
		}
		if !found {
			return false
		}
	}
	return true
}
