// Package xext lets several connections of one program use extensions of the X server. The X library keeps in
// global maps which event numbers belong to which extension, and writes them whenever a connection takes an
// extension into use, while other connections may be reading them: the program would crash. So:
//
//	conn, err := xext.Connect(display)    // instead of xgb.NewConnDisplay(display)
//	err = xext.Use(conn, xext.Damage)     // instead of damage.Init(conn)
package xext

import (
	"fmt"
	"io"
	"log"
	"sync"

	"github.com/jezek/xgb"
	_ "github.com/jezek/xgb/damage" // each tells the library its events
	_ "github.com/jezek/xgb/randr"
	_ "github.com/jezek/xgb/res"
	_ "github.com/jezek/xgb/shape"
	_ "github.com/jezek/xgb/shm"
	_ "github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"
	_ "github.com/jezek/xgb/xtest"
)

// The extensions that Handrail uses, as X servers name them.
const (
	Damage   = "DAMAGE"
	RandR    = "RANDR"
	Resource = "X-Resource"
	Shape    = "SHAPE"
	SHM      = "MIT-SHM"
	XFixes   = "XFIXES"
	XTest    = "XTEST"
)

var all = []string{Damage, RandR, Resource, Shape, SHM, XFixes, XTest}

var (
	mu     sync.Mutex
	events = map[int]string{} // which extension's each number in xgb.NewEventFuncs is
	faults = map[int]string{} // and in xgb.NewErrorFuncs
)

func init() {
	xgb.Logger = log.New(io.Discard, "", 0) // the library prints what it also returns
}

// Connect opens a connection to a display; an empty name is $DISPLAY.
func Connect(display string) (*xgb.Conn, error) {
	if err := prepare(display); err != nil {
		return nil, err
	}
	return xgb.NewConnDisplay(display)
}

// prepare makes the library know the numbers of a display's extensions, over a connection of its own on which
// no events arrive. Numbers that are known already, as all are from the second connection to a display on,
// are left alone.
func prepare(display string) error {
	mu.Lock()
	defer mu.Unlock()
	probe, err := xgb.NewConnDisplay(display)
	if err != nil {
		return err
	}
	defer probe.Close()
	for _, name := range all {
		reply, err := xproto.QueryExtension(probe, uint16(len(name)), name).Reply()
		if err != nil {
			return err
		}
		if reply.Present {
			remember(name, int(reply.FirstEvent), int(reply.FirstError))
		}
	}
	return nil
}

func remember(name string, firstEvent, firstError int) {
	for i, make := range xgb.NewExtEventFuncs[name] {
		if n := firstEvent + i; events[n] != name {
			xgb.NewEventFuncs[n], events[n] = make, name
		}
	}
	for i, make := range xgb.NewExtErrorFuncs[name] {
		if n := firstError + i; faults[n] != name {
			xgb.NewErrorFuncs[n], faults[n] = make, name
		}
	}
}

// Use takes an extension into use on a connection from Connect.
func Use(conn *xgb.Conn, name string) error {
	reply, err := xproto.QueryExtension(conn, uint16(len(name)), name).Reply()
	if err != nil {
		return err
	}
	if !reply.Present {
		return fmt.Errorf("the X server has no extension %s", name)
	}
	conn.ExtLock.Lock()
	defer conn.ExtLock.Unlock()
	conn.Extensions[name] = reply.MajorOpcode
	return nil
}
