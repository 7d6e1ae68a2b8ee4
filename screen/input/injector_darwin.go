//go:build cgo

package input

import (
	"fmt"
	"image"
	"strings"

	"github.com/go-vgo/robotgo"

	"handrail/screen"
)

// robot is a device by robotgo.
type robot struct {
	bounds image.Rectangle // of the desktop in the system's coordinates
	wheel  *screen.Wheel
}

func open(Options) (screen.Injector, error) {
	var all image.Rectangle
	for n := range robotgo.DisplaysNum() {
		x, y, w, h := robotgo.GetDisplayBounds(n)
		all = all.Union(image.Rect(x, y, x+w, y+h))
	}
	if all.Empty() {
		return nil, fmt.Errorf("there is no screen: this program runs without a desktop")
	}
	if err := mayControl(); err != nil {
		return nil, err
	}
	robotgo.MouseSleep, robotgo.KeySleep = 0, 0
	return newPlain(robot{bounds: all, wheel: &screen.Wheel{}}), nil
}

func (r robot) move(x, y int) error {
	robotgo.Move(r.bounds.Min.X+min(max(x, 0), r.bounds.Dx()-1), r.bounds.Min.Y+min(max(y, 0), r.bounds.Dy()-1))
	return nil
}

func (robot) button(b screen.Button, down bool) error {
	name, ok := map[screen.Button]string{
		screen.ButtonLeft: "left", screen.ButtonMiddle: "center", screen.ButtonRight: "right",
	}[b]
	if !ok {
		return fmt.Errorf("input: macOS has no button %d here", b)
	}
	return robotgo.Toggle(name, direction(down))
}

func (r robot) scroll(dx, dy int) error {
	const notch = 40 // pixels, as macOS counts
	if dx, dy = r.wheel.Add(dx, dy, screen.Notch/notch); dx != 0 || dy != 0 {
		robotgo.Scroll(-dx, -dy, 0)
	}
	return nil
}

func (robot) key(keysym uint32, down bool) error {
	name := robotNames[keysym]
	switch {
	case name != "":
	case keysym >= screen.KeyF1 && keysym < screen.KeyF1+20:
		name = fmt.Sprintf("f%d", keysym-screen.KeyF1+1)
	case keysym >= screen.KeyPad0 && keysym < screen.KeyPad0+10:
		name = fmt.Sprintf("num%d", keysym-screen.KeyPad0)
	case keysym > ' ' && keysym < 0x7f:
		name = strings.ToLower(string(rune(keysym)))
	default:
		if c := screen.RuneOfKeysym(keysym); c != 0 && down {
			robotgo.Type(string(c))
		}
		return nil
	}
	return robotgo.KeyToggle(name, direction(down))
}

func (robot) place(position uint16, down bool) error { return postKey(position, down) }

func (robot) text(r rune) error {
	robotgo.Type(string(r))
	return nil
}

func direction(down bool) string {
	if down {
		return "down"
	}
	return "up"
}

// robotNames are robotgo's names of keys. It takes a name that it does not know for the letter A.
var robotNames = map[uint32]string{
	screen.KeyBackSpace: "backspace", screen.KeyTab: "tab", screen.KeyReturn: "enter", screen.KeyEscape: "esc",
	screen.KeyHome: "home", screen.KeyLeft: "left", screen.KeyUp: "up", screen.KeyRight: "right",
	screen.KeyDown: "down", screen.KeyPageUp: "pageup", screen.KeyPageDown: "pagedown", screen.KeyEnd: "end",
	screen.KeyShift: "shiftl", screen.KeyShiftRight: "shiftr", screen.KeyCtrl: "ctrll", screen.KeyCtrlRight: "ctrlr",
	screen.KeyCapsLock: "capslock", screen.KeyAlt: "altl", screen.KeyAltRight: "altr", screen.KeyAltGr: "altr",
	screen.KeySuper: "cmdl", screen.KeySuperRight: "cmdr", screen.KeyDelete: "delete", ' ': "space",
	screen.KeyPadEnter: "num_enter", screen.KeyPadMul: "num*", screen.KeyPadAdd: "num+", screen.KeyPadSub: "num-",
	screen.KeyPadDecimal: "num.", screen.KeyPadDiv: "num/",
}
