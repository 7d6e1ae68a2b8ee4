package endtoend

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/wire"
)

// readWords is what an OCR program reads on a part of a picture, enlarged, since it likes large letters.
func readWords(t *testing.T, picture *image.RGBA, part image.Rectangle) string {
	t.Helper()
	const times = 3
	part = part.Intersect(picture.Rect)
	large := image.NewRGBA(image.Rect(0, 0, times*part.Dx(), times*part.Dy()))
	for y := range large.Rect.Dy() {
		for x := range large.Rect.Dx() {
			large.Set(x, y, picture.At(part.Min.X+x/times, part.Min.Y+y/times))
		}
	}
	file := filepath.Join(t.TempDir(), "part.png")
	out, err := os.Create(file)
	if err == nil {
		err = png.Encode(out, large)
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return read(t, file)
}

// watching is an operator at the viewer of a customer who sits at a computer of their own.
type watching struct {
	t                 *testing.T
	operators         *screentest.Display
	person, customers *screentest.Display
	relay             *relay
	desk              *desk
	session           string
	client            *client
	bar               barOf
}

func startWatching(t *testing.T) *watching {
	t.Helper()
	w := &watching{t: t, operators: screentest.Start(t, 1280, 860)}
	w.operators.Openbox()
	w.person, w.customers = screentest.StartNested(t, 1280, 800)
	w.customers.Openbox()
	w.relay = startRelay(t)
	w.desk = startWindow(t, w.operators, w.relay)
	w.join()
	return w
}

// join begins a session.
func (w *watching) join() {
	w.t.Helper()
	s := w.desk.newSession()
	w.session = s.ID
	w.client = startClient(w.t, w.customers, "--relay", w.relay.url, "--code", s.Code, "--yes", "--events")
	w.client.await(session.Active)
	viewer := viewerOf(w.t, w.operators)
	w.operators.Xdotool("windowactivate", "--sync", viewer)
	screentest.WaitFor(w.t, "the picture is there", func() bool { return colours(shot(w.operators)) > 200 })
	becomes(w.t, w.operators, viewer, "the viewer is where this test reads", func(at [4]int) bool {
		if at[2] == 1240 && at[3] == 780 {
			return true
		}
		w.operators.Xdotool("windowsize", viewer, "1240", "780", "windowmove", viewer, "10", "30")
		return false
	})
	w.bar = barOf{w.t, w.person, w.customers}
	endButton(w.t, w.customers)
}

// sees waits until these words can be read on the operator's viewer, and keeps a picture. meanwhile is done before each look.
func (w *watching) sees(words, name string, meanwhile ...func()) {
	w.t.Helper()
	var read string
	defer func() {
		if w.t.Failed() {
			keep(w.t, w.operators, "sees-not-"+name)
			w.t.Logf("instead of %q there is %q", words, read)
		}
	}()
	screentest.WaitFor(w.t, "the operator sees "+words, func() bool {
		for _, do := range meanwhile {
			do()
		}
		picture := shot(w.operators)
		read = ""
		for _, part := range []image.Rectangle{ // the status line, and notices of two lengths without what is dark around them
			image.Rect(12, 780, 700, 811), image.Rect(508, 412, 751, 444), image.Rect(550, 412, 710, 444),
		} {
			read += readWords(w.t, picture, part)
		}
		return strings.Contains(strings.Join(strings.Fields(read), " "), words)
	})
	keep(w.t, w.operators, "sees-"+name)
}

// permission waits until both sides say that a permission is so.
func (w *watching) permission(p session.Permission, granted bool) {
	w.t.Helper()
	w.client.awaitPermission(p, granted)
	screentest.WaitFor(w.t, "the operator's program knows of "+string(p), func() bool {
		return w.desk.show(w.session).Permissions.Has(p) == granted
	})
}

// TestWhatTheOperatorThenSees goes through everything by which a customer keeps control, with a person's mouse and keys, and
// reads on the operator's screen what has become of it.
func TestWhatTheOperatorThenSees(t *testing.T) {
	if os.Getenv("HANDRAIL_SOAK") == "" {
		t.Skip("it takes a minute; run: make soak")
	}
	w := startWatching(t)
	w.sees("Operator has control", "operator")
	w.sees("Customer has control", "customer", func() { // who has it for as long as they move, and five seconds more
		w.person.Xdotool("mousemove", "600", "420", "mousemove", "601", "420")
	})
	w.client.awaitHolder(session.HolderOperator)
	w.sees("Operator has control", "operator-again")

	w.person.Xdotool("key", "F12")
	w.permission(session.Control, false)
	w.sees("View only", "f12")
	w.person.Xdotool("key", "F12")
	w.permission(session.Control, true)

	files := w.desk.show(w.session).Permissions.Has(session.Files)
	w.person.Xdotool("key", "F11")
	w.permission(session.Files, !files)
	w.person.Xdotool("key", "F11")
	w.permission(session.Files, files)

	w.bar.press(revokeButton)
	w.permission(session.Control, false)
	w.sees("View only", "revoked")
	w.bar.press(revokeButton)
	w.permission(session.Control, true)
	w.client.awaitHolder(session.HolderOperator)
	w.sees("Operator has control", "allowed")

	w.bar.press(stopButton)
	w.permission(session.View, false)
	w.sees("paused sharing", "stopped")
	w.bar.press(stopButton)
	w.permission(session.View, true)

	w.bar.press(0)
	if ended := w.client.await(session.Ended); ended.Reason != wire.ReasonByCustomer {
		t.Errorf("with the bar's button it ended for %q", ended.Reason)
	}
	w.sees("The session has ended", "ended")

	w.operators.Xdotool("key", "alt+F4") // the old viewer
	w.join()
	w.person.Xdotool("mousemove", "640", "430", "key", "ctrl+alt+shift+Escape")
	if ended := w.client.await(session.Ended); ended.Reason != wire.ReasonPanic {
		t.Errorf("with the panic key it ended for %q", ended.Reason)
	}
	w.sees("The session has ended", "panic")
	if reason := w.desk.show(w.session).Reason; reason != wire.ReasonPanic {
		t.Errorf("the operator is told %q", reason)
	}
}

// stall stops the relay's process, as a network does that takes everything and delivers nothing.
func (w *watching) stall(stalled bool) {
	w.t.Helper()
	signal := syscall.SIGCONT
	if stalled {
		signal = syscall.SIGSTOP
	}
	if err := w.relay.cmd.Process.Signal(signal); err != nil {
		w.t.Fatal(err)
	}
}

// pointerAt is where the customer's pointer is.
func (w *watching) pointerAt() string {
	at, _, _ := strings.Cut(w.customers.Xdotool("getmouselocation"), " screen")
	return at
}

// duringStall has the customer do something while nothing goes through the network, and awaits that it is in force here; what the
// operator then sends is refused when it comes, and the operator learns how things stand.
func (w *watching) duringStall(what string, do func(), p session.Permission, granted bool) {
	w.t.Helper()
	if p == session.Files || !granted { // the operator has control before
		w.person.Xdotool("mousemove", "500", "500")
		w.client.awaitHolder(session.HolderOperator)
	}
	w.stall(true)
	begun := time.Now()
	do()
	w.client.awaitPermission(p, granted)
	w.t.Logf("%s with a stalled network: in force and reported after %v", what, time.Since(begun).Round(time.Millisecond))
	before, reaches := w.pointerAt(), p == session.Files || granted // then control is as it was, or is given
	_, _ = w.desk.tryCtl("pointer", w.session, "move", "77", "77")  // the operator's program may know better already
	w.stall(false)
	screentest.WaitFor(w.t, "the operator knows", func() bool { return w.desk.show(w.session).Permissions.Has(p) == granted })
	if now := w.pointerAt(); now != before && !reaches {
		w.t.Errorf("%s: the operator's pointer moved from %s to %s", what, before, now)
	}
}

// gone waits until neither the bar nor the frame is left on the customer's screen.
func (w *watching) gone() {
	w.t.Helper()
	frames := image.Rect(0, 0, 1280, 4)
	screentest.WaitFor(w.t, "the frame and the bar have gone", func() bool {
		picture := shot(w.customers)
		strip := image.NewRGBA(frames)
		draw.Draw(strip, frames, picture, image.Point{}, draw.Src)
		return find(strip, frameColor).Empty()
	})
}

// endDuringStall has the customer end the session while nothing goes through the network.
func (w *watching) endDuringStall(what string, do func(), reason wire.Reason) {
	w.t.Helper()
	w.stall(true)
	begun := time.Now()
	do()
	w.gone()
	w.t.Logf("%s with a stalled network: the bar had gone after %v", what, time.Since(begun).Round(time.Millisecond))
	if ended := w.client.await(session.Ended); ended.Reason != reason {
		w.t.Errorf("%s: it ended for %q", what, ended.Reason)
	}
	w.t.Logf("%s with a stalled network: the session had ended after %v", what, time.Since(begun).Round(time.Millisecond))
	w.stall(false)
	w.sees("The session has ended", "stalled-"+string(reason))
}

// TestAStalledNetworkTakesNoControl does the same while nothing goes through the network: what the customer does is in force
// here at once, what the operator has sent meanwhile is refused when it comes, and the operator then sees how things stand.
func TestAStalledNetworkTakesNoControl(t *testing.T) {
	if os.Getenv("HANDRAIL_SOAK") == "" {
		t.Skip("it takes a minute; run: make soak")
	}
	w := startWatching(t)
	t.Cleanup(func() { w.stall(false) })
	w.client.awaitHolder(session.HolderOperator)
	key := func(k string) func() { return func() { w.person.Xdotool("key", k) } }
	button := func(b int) func() { return func() { w.bar.press(b) } }

	files := w.desk.show(w.session).Permissions.Has(session.Files)
	w.duringStall("F11", key("F11"), session.Files, !files)
	w.duringStall("F11 again", key("F11"), session.Files, files)
	w.duringStall("F12", key("F12"), session.Control, false)
	w.sees("View only", "stalled-f12")
	w.duringStall("F12 again", key("F12"), session.Control, true)
	w.duringStall("revoke control", button(revokeButton), session.Control, false)
	w.sees("View only", "stalled-revoked")
	w.duringStall("allow control", button(revokeButton), session.Control, true)
	w.client.awaitHolder(session.HolderOperator)
	w.sees("Operator has control", "stalled-allowed")
	w.desk.ctl("pointer", w.session, "move", "333", "222")
	screentest.WaitFor(t, "the operator's pointer goes where it is sent", func() bool { return w.pointerAt() == "x:333 y:222" })
	w.duringStall("stop sharing", button(stopButton), session.View, false)
	w.sees("paused sharing", "stalled-stopped")
	w.bar.press(stopButton)
	w.permission(session.View, true)
	w.endDuringStall("end session", button(0), wire.ReasonByCustomer)

	w.operators.Xdotool("key", "alt+F4") // the old viewer
	w.join()
	w.endDuringStall("panic", key("ctrl+alt+shift+Escape"), wire.ReasonPanic)
}

// frameColor is that of the frame around monitors that are seen.
var frameColor = color.RGBA{0x0b, 0x7a, 0x75, 255}
