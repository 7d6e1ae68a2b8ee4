package endtoend

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"golang.org/x/sys/unix"

	"handrail/screen/screentest"
	"handrail/session"
)

// BenchmarkUpdate is what one small change of the customer's screen costs the customer's program, in processor time and
// in how often one of its threads had to wait: ten changes a second as somebody types them, after the same time without
// any. The time between changes is not part of it.
func BenchmarkUpdate(b *testing.B) {
	display := screentest.Start(b, 1920, 1080)
	display.Openbox()
	relay := startRelay(b)
	desk := startHeadless(b, relay)
	made := desk.newSession()
	c := startClient(b, display, "--relay", relay.url, "--code", made.Code, "--yes")
	screentest.WaitFor(b, "the session runs", func() bool { return desk.show(made.ID).State == session.Active })
	updates := start(b, os.Environ(), program(b, "handrail"), "ctl", "--socket", desk.socket, "events", made.ID, "--updates", "--ready")
	p := startPainter(b, display)
	await := func() {
		select {
		case <-updates.lines:
		case <-time.After(screentest.Limit):
			b.Fatal("no update arrives")
		}
	}
	await()                     // READY
	time.Sleep(5 * time.Second) // until the program has given back what opening its windows took
	for len(updates.lines) > 0 {
		<-updates.lines
	}
	const pace = 100 * time.Millisecond
	pid := c.cmd.Process.Pid
	const changes = 40
	before := useOf(b, pid)
	time.Sleep(changes * pace)
	idle := useOf(b, pid).less(before)
	n := 0
	before = useOf(b, pid)
	for b.Loop() {
		for range changes {
			p.draw(n)
			n++
			await()
			time.Sleep(pace)
		}
	}
	used := useOf(b, pid).less(before)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(used.time.Microseconds())/float64(n), "cpu-µs/update")
	b.ReportMetric(float64(idle.time.Microseconds())/changes, "cpu-µs/idle-update-time")
	b.ReportMetric(float64(used.waits)/float64(n), "waits/update")
	b.ReportMetric(float64(idle.waits)/changes, "waits/idle-update-time")
}

// painter draws small rectangles on a window of its own.
type painter struct {
	conn   *xgb.Conn
	window xproto.Window
	gc     xproto.Gcontext
}

func startPainter(b *testing.B, display *screentest.Display) *painter {
	b.Helper()
	conn, err := xgb.NewConnDisplay(display.Name)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(conn.Close)
	p := &painter{conn: conn}
	p.window, _ = xproto.NewWindowId(conn)
	p.gc, _ = xproto.NewGcontextId(conn)
	root := xproto.Setup(conn).DefaultScreen(conn)
	xproto.CreateWindow(conn, root.RootDepth, p.window, root.Root, 40, 600, 1000, 300, 0, xproto.WindowClassInputOutput,
		root.RootVisual, xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{0xffffff, 1})
	xproto.CreateGC(conn, p.gc, xproto.Drawable(p.window), 0, nil)
	if err := xproto.MapWindowChecked(conn, p.window).Check(); err != nil {
		b.Fatal(err)
	}
	return p
}

// draw draws something like one more letter.
func (p *painter) draw(n int) {
	xproto.ChangeGC(p.conn, p.gc, xproto.GcForeground, []uint32{uint32(n*0x3579b) & 0xffffff})
	x, y := int16(n%100*9), int16(n/100*18)
	xproto.PolyFillRectangle(p.conn, xproto.Drawable(p.window), p.gc, []xproto.Rectangle{{X: x, Y: y, Width: 3, Height: 14}, {X: x, Y: y + 6, Width: 7, Height: 3}})
}

// use is what a process has used so far.
type use struct {
	time  time.Duration // of a processor
	waits int           // how often a thread had to wait
}

func (u use) less(before use) use { return use{u.time - before.time, u.waits - before.waits} }

// useOf is what a process's threads have used; how often those have waited that have ended is left out.
func useOf(b *testing.B, pid int) (all use) {
	b.Helper()
	const scheduled = 2 // clock_getcpuclockid(3)
	var clock unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|scheduled), &clock); err != nil {
		b.Fatal(err)
	}
	all.time = time.Duration(clock.Nano())
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for _, task := range tasks {
		status, _ := os.ReadFile(task)
		_, waits, _ := strings.Cut(string(status), "\nvoluntary_ctxt_switches:\t")
		waits, _, _ = strings.Cut(waits, "\n")
		count, _ := strconv.Atoi(waits)
		all.waits += count
	}
	return all
}
