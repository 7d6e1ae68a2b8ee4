package sessiontest

import (
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"handrail/screen"
	"handrail/screen/capture"
	"handrail/screen/input"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
)

// BenchmarkFirstPicture measures from "Start sharing" to the first whole picture of a 1920×1080 X display at the
// operator's, through a real relay on loopback. The goal is 500 ms.
func BenchmarkFirstPicture(b *testing.B) {
	display := screentest.Start(b, 1920, 1080)
	display.Run("xterm", "-geometry", "200x70+20+20", "-e", "sh", "-c", "ls -lR /usr/share/doc | head -2000; sleep 3600")
	display.WaitWindow("sh")
	relay := StartRelay(b, false)
	engine := relay.SignIn(b)
	var total, longest time.Duration
	for b.Loop() {
		took := firstPicture(b, relay, engine, display.Name)
		total += took
		longest = max(longest, took)
	}
	b.ReportMetric(float64(total.Microseconds())/1000/float64(b.N), "ms/picture")
	b.ReportMetric(float64(longest.Microseconds())/1000, "ms/longest")
}

func firstPicture(b *testing.B, relay *Relay, engine *operator.Engine, display string) time.Duration {
	b.Helper()
	o := NewSession(b, engine)
	config := NewComputer(1, 1).Config()
	config.OpenScreen = func() (screen.Capturer, error) { return capture.Open(capture.Options{Display: display}) }
	c, err := customer.Join(Within(b), config, relay.URL, o.Code())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	whole := make(chan struct{}, 1)
	stop := o.Picture().OnUpdate(func([]image.Rectangle) {
		if width, _ := o.Picture().Size(); width == 1920 {
			select {
			case whole <- struct{}{}:
			default:
			}
		}
	})
	defer stop()
	start := time.Now()
	if err := c.Start(c.Requested()); err != nil {
		b.Fatal(err)
	}
	<-whole
	return time.Since(start)
}

// BenchmarkCharactersOfNoKey has an input method give characters that no key of the customer's layout has, 20 at once but each
// by itself, and measures until they are in a terminal there.
func BenchmarkCharactersOfNoKey(b *testing.B) {
	display := screentest.Start(b, 800, 600)
	file := filepath.Join(b.TempDir(), "typed")
	display.Run("env", "LC_ALL=C.UTF-8", "xterm", "-u8", "-T", "typed", "-e", "sh", "-c", `stty raw -echo; exec cat >"$1"`, "sh", file)
	display.Xdotool("windowfocus", "--sync", display.WaitWindow("^typed$"))
	screentest.WaitFor(b, "the terminal reads", func() bool { _, err := os.Stat(file); return err == nil })

	relay := StartRelay(b, false)
	config := NewComputer(64, 64).Config()
	config.OpenInput = func() (screen.Injector, error) { return input.Open(input.Options{Display: display.Name}) }
	o := NewSession(b, relay.SignIn(b))
	c, err := customer.Join(Within(b), config, relay.URL, o.Code())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	if err := c.Start(c.Requested()); err != nil {
		b.Fatal(err)
	}
	AwaitState(b, &o.Status, session.Active)

	const once, different = 20, 400
	var written int64
	for n := 0; b.Loop(); {
		for range once {
			syllable := string(rune('가' + 7*(n%different)))
			if err := o.Type(syllable); err != nil {
				b.Fatal(err)
			}
			written += int64(len(syllable))
			n++
		}
		screentest.WaitFor(b, "the characters are there", func() bool { f, err := os.Stat(file); return err == nil && f.Size() >= written })
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N)/once, "ms/character")
}
