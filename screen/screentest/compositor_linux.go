package screentest

import (
	"github.com/jezek/xgb/xproto"

	"handrail/screen/internal/x11"
)

// Compositor starts the compositor picom, which fades windows in and out and gives them shadows, and waits until it
// paints the display.
func (d *Display) Compositor() *Process {
	d.t.Helper()
	p := d.Run("picom", "--config", "/dev/null", "--backend", "xrender", "--fading", "--shadow")
	WaitFor(d.t, "picom paints the display", func() bool {
		conn, _, err := x11.Connect(d.Name)
		if err != nil {
			return false
		}
		defer conn.Close()
		const name = "_NET_WM_CM_S0"
		atom, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
		if err != nil {
			return false
		}
		owner, err := xproto.GetSelectionOwner(conn, atom.Atom).Reply()
		return err == nil && owner.Owner != 0
	})
	return p
}
