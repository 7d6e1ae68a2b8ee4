package endtoend

import (
	"fmt"
	"image"
	"os"
	"strconv"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
)

// BenchmarkMemory is what the customer's program has resident, with its windows and software OpenGL: at most while it
// starts, at most while it shares a lively screen, and when all is quiet again. The aims are 200 MB at 1080p and 400 MB
// with two 4K monitors.
func BenchmarkMemory(b *testing.B) {
	for _, desktop := range []struct {
		name     string
		monitors []image.Rectangle
	}{
		{"1080p", []image.Rectangle{image.Rect(0, 0, 1920, 1080)}},
		{"two-4K-monitors", []image.Rectangle{image.Rect(0, 0, 3840, 2160), image.Rect(3840, 0, 7680, 2160)}},
	} {
		b.Run(desktop.name, func(b *testing.B) {
			var most memory
			for b.Loop() {
				m := memoryOf(b, desktop.monitors)
				most = memory{max(most.start, m.start), max(most.sharing, m.sharing), max(most.end, m.end)}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(most.start)/1e6, "MB-starting")
			b.ReportMetric(float64(most.sharing)/1e6, "MB-sharing")
			b.ReportMetric(float64(most.end)/1e6, "MB-in-the-end")
		})
	}
}

// memory is in bytes.
type memory struct{ start, sharing, end int64 }

// memoryOf goes through a session on a desktop of these monitors.
func memoryOf(b *testing.B, monitors []image.Rectangle) (m memory) {
	b.Helper()
	all := monitors[len(monitors)-1].Max
	display := screentest.Start(b, all.X, all.Y)
	defer display.Stop()
	for i, m := range monitors {
		output := "none"
		if i == 0 {
			output = "screen"
		}
		name := "monitor" + strconv.Itoa(i+1)
		display.Do("xrandr", "--setmonitor", name, strconv.Itoa(m.Dx())+"/600x"+strconv.Itoa(m.Dy())+"/340+"+strconv.Itoa(m.Min.X)+"+0", output)
	}
	display.Openbox()
	relay := startRelay(b)
	desk := startHeadless(b, relay)
	made := desk.newSession()
	c := startClient(b, display, "--relay", relay.url, "--code", made.Code, "--yes")
	defer c.end()
	screentest.WaitFor(b, "the session runs", func() bool { return desk.show(made.ID).State == session.Active })
	time.Sleep(5 * time.Second) // until it has given back what opening its windows took
	pid := c.cmd.Process.Pid
	m.start = peakMemory(b, pid)
	forgetPeak(b, pid)
	for i, m := range monitors {
		place := "200x60+" + strconv.Itoa(m.Min.X+60) + "+" + strconv.Itoa(60+40*i)
		display.Run("xterm", "-geometry", place, "-e", "sh", "-c", "i=0; while [ $i -lt 20000 ]; do echo line $i of some text that goes by; i=$((i+1)); done; read x")
	}
	for shade := range 6 { // like photographs, over all monitors
		display.Wallpaper(uint8(40 * shade))
		time.Sleep(time.Second) // until most of it is on its way
	}
	time.Sleep(5 * time.Second) // until nothing is owed any more
	m.sharing, m.end = peakMemory(b, pid), memoryNow(b, pid)
	return m
}

// memoryNow is what a process has resident, in bytes; see proc_pid_statm(5).
func memoryNow(b *testing.B, pid int) int64 {
	b.Helper()
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		b.Fatal(err)
	}
	var all, pages int64
	if _, err := fmt.Sscan(string(data), &all, &pages); err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
