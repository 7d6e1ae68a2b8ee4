// Package x11 connects to an X display, for what captures it and what controls it.
package x11

import (
	"fmt"
	"os"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/screen"
)

// ErrNoDisplay says that there is no X display to connect to.
var ErrNoDisplay error = &screen.Obstacle{Name: screen.ObstacleHeadless, Sentence: "there is no screen: this program runs without a graphical session"}

// ErrWayland says that the session is Wayland's, whose screen an X program cannot see.
var ErrWayland error = &screen.Obstacle{Name: screen.ObstacleWayland, Sentence: "this computer's screen uses Wayland, " +
	"which does not let this program see or control it; please sign out and choose an X11 (Xorg) session when signing in again"}

// Connect opens a connection to a display; an empty name is $DISPLAY. The caller closes it. The error is a
// sentence for a person.
func Connect(display string) (*xgb.Conn, *xproto.ScreenInfo, error) {
	if display == "" {
		display = os.Getenv("DISPLAY")
	}
	if display == "" {
		if os.Getenv("WAYLAND_DISPLAY") != "" {
			return nil, nil, ErrWayland
		}
		return nil, nil, ErrNoDisplay
	}
	conn, err := xext.Connect(display)
	if err != nil {
		return nil, nil, fmt.Errorf("the screen %s cannot be opened: %w", display, err)
	}
	if os.Getenv("WAYLAND_DISPLAY") != "" && rootless(conn) {
		conn.Close()
		return nil, nil, ErrWayland
	}
	return conn, xproto.Setup(conn).DefaultScreen(conn), nil
}

// rootless says whether the display is only there for X programs within a Wayland session: its root window
// never shows anything.
func rootless(conn *xgb.Conn) bool {
	const name = "XWAYLAND"
	reply, err := xproto.QueryExtension(conn, uint16(len(name)), name).Reply()
	return err == nil && reply.Present
}
