package screentest

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"

	"handrail/screen/internal/x11"
)

// StartNested starts a display inside another one, as a window without a border that fills it. What xdotool does on
// the outer one arrives on the inner one as real input, from the devices of a person; what it does on the inner one
// is injected.
func StartNested(t testing.TB, width, height int) (outer, inner *Display) {
	t.Helper()
	outer = Start(t, width, height)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd := exec.Command("Xephyr", "-displayfd", "3", "-screen", fmt.Sprintf("%dx%dx24", width, height),
		"-nolisten", "tcp", "-noreset", "-no-host-grab")
	cmd.ExtraFiles = []*os.File{write}
	cmd.Env = outer.Env()
	inner = &Display{Width: width, Height: height, t: t, home: t.TempDir()}
	process := start(t, cmd)
	write.Close()
	number, err := readNumber(read)
	if err != nil {
		t.Fatalf("Xephyr did not start: %v: %s", err, process.output)
	}
	inner.Name, inner.server = ":"+number, process
	t.Cleanup(func() {
		process.stop()
		removeTraces(number, process.Pid())
	})
	// Xephyr passes keys on only while its window has the keyboard.
	outer.Xdotool("windowfocus", "--sync", outer.WaitWindow("Xephyr"))
	inner.keepAwake()
	return outer, inner
}

// keepAwake asks the display something all the time. What a person does arrives at Xephyr in the midst of its drawing now and then;
// Xephyr then keeps it and sleeps until something else wakes it, which may take minutes on a display where nothing moves.
func (d *Display) keepAwake() {
	d.t.Helper()
	conn, _, err := x11.Connect(d.Name)
	if err != nil {
		d.t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		defer conn.Close()
		for again := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-stop:
				return
			case <-again.C:
			}
			if _, err := xproto.GetInputFocus(conn).Reply(); err != nil {
				return // the display is gone
			}
		}
	}()
	d.t.Cleanup(func() {
		close(stop)
		<-stopped
	})
}
