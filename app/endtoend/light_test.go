package endtoend

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"handrail/screen/screentest"
)

// maxClientSize is how large the customer's program may be: it is fetched over slow lines.
const maxClientSize = 32 << 20

// maxDownload is how large it may be compressed, as it is downloaded.
const maxDownload = 14 << 20

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func TestTheCustomersProgramStaysSmall(t *testing.T) {
	info, err := os.Stat(program(t, "handrail-client"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > maxClientSize {
		t.Errorf("it has %.1f MB", float64(info.Size())/(1<<20))
	}
	file, err := os.Open(program(t, "handrail-client"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var packed counter
	zip, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if _, err := io.Copy(zip, file); err != nil {
		t.Fatal(err)
	}
	zip.Close()
	t.Logf("%.1f MiB, %.1f MiB compressed for download", float64(info.Size())/(1<<20), float64(packed)/(1<<20))
	if packed > maxDownload {
		t.Errorf("compressed it has %.1f MiB", float64(packed)/(1<<20))
	}
}

// BenchmarkTheCustomersWindow is the time from the start of the customer's program until its window is drawn and takes
// a code.
func BenchmarkTheCustomersWindow(b *testing.B) {
	display := screentest.Start(b, 1366, 768)
	display.Openbox()
	relay := startRelay(b)
	for b.Loop() {
		begin := time.Now()
		c := startClient(b, display, "--relay", relay.url)
		for colours(shot(display)) < 100 {
			time.Sleep(5 * time.Millisecond)
		}
		took := time.Since(begin)
		b.ReportMetric(float64(took.Milliseconds()), "ms-to-window")
		b.StopTimer()
		c.end()
		for colours(shot(display)) >= 100 {
			time.Sleep(5 * time.Millisecond)
		}
		b.StartTimer()
	}
}

// idleSessions is how many sessions wait while the operator's program does nothing else.
const idleSessions = 20

// BenchmarkIdle is how much of a core the programs' windows take while nobody does anything: the operator's
// with sessions that wait, none of them watched, and the customer's with the cursor in its field.
func BenchmarkIdle(b *testing.B) {
	relay := startRelay(b)
	b.Run("operator", func(b *testing.B) {
		display := screentest.Start(b, 1366, 768)
		display.Openbox()
		d := startWindow(b, display, relay)
		for range idleSessions {
			d.newSession()
		}
		idle(b, d.running)
	})
	b.Run("customer", func(b *testing.B) {
		display := screentest.Start(b, 1366, 768)
		display.Openbox()
		c := startClient(b, display, "--relay", relay.url)
		window := display.WaitWindow("^Handrail$")
		display.Xdotool("windowactivate", "--sync", window)
		screentest.WaitFor(b, "the window is drawn", func() bool { return colours(shot(display)) > 100 })
		idle(b, c.running)
	})
}

func idle(b *testing.B, r *running) {
	const watch = 10 * time.Second
	for b.Loop() {
		time.Sleep(2 * time.Second) // until what was begun is done
		before := cpuTime(b, r.cmd.Process.Pid)
		time.Sleep(watch)
		used := cpuTime(b, r.cmd.Process.Pid) - before
		b.ReportMetric(100*used.Seconds()/watch.Seconds(), "%-of-a-core")
	}
}

// cpuTime is what a process has used so far; see proc_pid_stat(5), utime and stime.
func cpuTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	fields := strings.Fields(rest)
	ticks := 0
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100 // USER_HZ is 100 on every Linux that Go runs on
}
