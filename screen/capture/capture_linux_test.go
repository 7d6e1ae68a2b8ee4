package capture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"handrail/screen"
	"handrail/screen/screentest"
)

func TestMain(m *testing.M) {
	Guard()
	if display := os.Getenv(changes); display != "" {
		changeAndWait(display)
		return
	}
	goleak.VerifyTestMain(m)
}

func openOn(t testing.TB, display string) *capturer {
	t.Helper()
	c, err := Open(Options{Display: display})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c.(*capturer)
}

// follower keeps a picture up to date by nothing but what a capturer reports.
type follower struct {
	t  testing.TB
	c  screen.Capturer
	fb *screen.Framebuffer
}

func follow(t testing.TB, c screen.Capturer) *follower {
	d := c.Desktop()
	return &follower{t, c, screen.NewFramebuffer(d.Width, d.Height, screen.BGRX)}
}

// update waits for one report and captures it. It returns what was reported, nothing at the time-out.
func (f *follower) update(timeout time.Duration) image.Rectangle {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var dirty screen.Region
	err := f.c.Wait(ctx, &dirty)
	if errors.Is(err, context.DeadlineExceeded) {
		return image.Rectangle{}
	}
	if err != nil {
		f.t.Fatal(err)
	}
	for {
		err = f.c.Capture(f.fb, dirty.Rects())
		if !errors.Is(err, screen.ErrResized) {
			break
		}
		d := f.c.Desktop()
		f.fb = screen.NewFramebuffer(d.Width, d.Height, screen.BGRX)
		dirty.Add(f.fb.Bounds())
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return dirty.Bounds()
}

func (f *follower) equals(img *image.RGBA) bool {
	if img.Bounds() != f.fb.Bounds() {
		return false
	}
	for i := 0; i < len(img.Pix); i += 4 {
		p, q := img.Pix[i:i+3], f.fb.Pix[i:i+3]
		if p[0] != q[2] || p[1] != q[1] || p[2] != q[0] {
			return false
		}
	}
	return true
}

// catchUp updates until the picture is that of the display.
func (f *follower) catchUp(d *screentest.Display) {
	f.t.Helper()
	for end := time.Now().Add(screentest.Limit); !f.equals(d.Pixels()); f.update(50 * time.Millisecond) {
		if time.Now().After(end) {
			f.t.Fatal("the captured picture never became that of the display")
		}
	}
}

func TestFollowsATerminal(t *testing.T) {
	d := screentest.Start(t, 800, 600)
	f := follow(t, openOn(t, d.Name))
	if got := f.update(screentest.Limit); got != f.fb.Bounds() {
		t.Fatalf("the first report is %v", got)
	}
	d.Run("xterm", "-geometry", "80x24+30+40", "-e", "sh", "-c",
		"i=0; while [ $i -lt 3000 ]; do echo line $i of some text; i=$((i+1)); done; read x")
	id := d.WaitWindow(".")
	for range 20 {
		f.update(100 * time.Millisecond)
	}
	f.catchUp(d)
	d.Xdotool("windowmove", id, "200", "100")
	screentest.WaitFor(t, "the picture is that which an independent program takes", func() bool {
		f.catchUp(d) // the terminal may still be writing
		shot, colours := screenshot(t, d)
		return f.equals(shot) && colours >= 2
	})
}

// screenshot is taken by a program that has nothing to do with ours; colours is how many different ones it has.
func screenshot(t *testing.T, d *screentest.Display) (rgba *image.RGBA, colours int) {
	t.Helper()
	out, err := d.Command("import", "-window", "root", "-depth", "8", "png:-").Output()
	if err != nil {
		t.Fatal(err)
	}
	shot, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	rgba = image.NewRGBA(shot.Bounds())
	seen := map[uint32]bool{}
	for y := range rgba.Rect.Dy() {
		for x := range rgba.Rect.Dx() {
			r, g, b, _ := shot.At(x, y).RGBA()
			copy(rgba.Pix[rgba.PixOffset(x, y):], []byte{byte(r >> 8), byte(g >> 8), byte(b >> 8), 255})
			seen[r<<16|g<<8|b] = true
		}
	}
	return rgba, len(seen)
}

func TestReportsNothingWhileNothingChanges(t *testing.T) {
	d := screentest.Start(t, 640, 480)
	d.Run("xterm", "-e", "sh", "-c", `printf '\033]2;drawn\007'; read x`)
	d.WaitWindow("^drawn$")
	f := follow(t, openOn(t, d.Name))
	f.catchUp(d)
	for f.update(300*time.Millisecond) != (image.Rectangle{}) {
		continue // the terminal may still be drawing
	}
	if got := f.update(time.Second); got != (image.Rectangle{}) {
		t.Fatalf("reported %v", got)
	}
	d.Do("xsetroot", "-solid", "#123456")
	if got := f.update(screentest.Limit); got.Empty() {
		t.Fatal("a change is not reported")
	}
	f.catchUp(d)
}

func TestReportsOnlyWhatChanged(t *testing.T) {
	d := screentest.Start(t, 1000, 800)
	f := follow(t, openOn(t, d.Name))
	f.update(screentest.Limit)
	for !f.update(300 * time.Millisecond).Empty() {
		continue // the display may still report its own beginning
	}
	d.Run("xterm", "-geometry", "20x5+700+600", "-e", "sh", "-c", "read x")
	d.WaitWindow(".")
	if got := f.update(screentest.Limit); got.Empty() || got.Min.X < 650 || got.Min.Y < 550 {
		t.Fatalf("reported %v", got)
	}
}

func TestFollowsTheSize(t *testing.T) {
	d := screentest.Start(t, 1280, 1024)
	c := openOn(t, d.Name)
	f := follow(t, c)
	f.update(screentest.Limit)
	d.Run("xterm", "-e", "sh", "-c", "read x")
	d.WaitWindow(".")
	for _, size := range []image.Point{{800, 600}, {1280, 1024}, {640, 480}, {1024, 768}} {
		d.Resize(size.X, size.Y)
		want := image.Rectangle{Max: size}
		screentest.WaitFor(t, "the capturer has the size", func() bool {
			f.update(100 * time.Millisecond)
			return image.Rect(0, 0, c.Desktop().Width, c.Desktop().Height) == want
		})
		f.catchUp(d)
		desktop := c.Desktop()
		if len(desktop.Monitors) != 1 || desktop.Monitors[0].Bounds != want || desktop.Monitors[0].Name == "" {
			t.Fatalf("monitors of a desktop %v: %+v", want, desktop.Monitors)
		}
	}
	// Before Wait has said so.
	d.Resize(640, 480)
	big := screen.NewFramebuffer(1024, 768, screen.BGRX)
	if err := c.Capture(big, []image.Rectangle{big.Bounds()}); !errors.Is(err, screen.ErrResized) {
		t.Fatal(err)
	}
	if d := c.Desktop(); d.Width != 640 || d.Height != 480 {
		t.Fatalf("after ErrResized: %+v", d)
	}
}

func TestSeveralMonitors(t *testing.T) {
	d := screentest.Start(t, 1200, 500)
	c := openOn(t, d.Name)
	f := follow(t, c)
	f.update(screentest.Limit)
	d.Do("xrandr", "--setmonitor", "left", "700/200x500/100+0+0", "screen")
	d.Do("xrandr", "--setmonitor", "right", "500/200x500/100+700+0", "none")
	screentest.WaitFor(t, "both monitors are there", func() bool {
		f.update(100 * time.Millisecond)
		return len(c.Desktop().Monitors) == 2
	})
	for _, m := range c.Desktop().Monitors {
		want := map[string]image.Rectangle{"left": image.Rect(0, 0, 700, 500), "right": image.Rect(700, 0, 1200, 500)}
		if m.Bounds != want[m.Name] {
			t.Errorf("%+v", m)
		}
	}
}

func TestWithoutSharedMemory(t *testing.T) {
	d := screentest.Start(t, 640, 480)
	c := openOn(t, d.Name)
	c.images.shared = false
	f := follow(t, c)
	d.Run("xterm", "-e", "sh", "-c", "read x")
	d.WaitWindow(".")
	f.catchUp(d)
	if c.images.mem != nil {
		t.Fatal("shared memory was used")
	}
}

func TestRefuses(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "wayland-0")
	if _, err := Open(Options{}); err == nil || !strings.Contains(err.Error(), "Wayland") {
		t.Errorf("in a Wayland session: %v", err)
	}
	t.Setenv("WAYLAND_DISPLAY", "")
	if _, err := Open(Options{}); err == nil || !strings.Contains(err.Error(), "no screen") {
		t.Errorf("without a display: %v", err)
	}
	if _, err := Open(Options{Display: ":5999"}); err == nil || !strings.Contains(err.Error(), "cannot be opened") {
		t.Errorf("with a display that is not there: %v", err)
	}
}

func TestClose(t *testing.T) {
	d := screentest.Start(t, 640, 480)
	c := openOn(t, d.Name)
	f := follow(t, c)
	f.update(screentest.Limit)

	ctx, cancel := context.WithCancel(context.Background())
	waited := make(chan error)
	wait := func(ctx context.Context) {
		var dirty screen.Region
		for {
			if err := c.Wait(ctx, &dirty); err != nil {
				waited <- err
				return
			}
		}
	}
	go wait(ctx)
	cancel()
	if err := <-waited; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	go wait(context.Background())
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if err := c.Capture(f.fb, []image.Rectangle{f.fb.Bounds()}); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestDisplayGoes(t *testing.T) {
	d := screentest.Start(t, 640, 480)
	c := openOn(t, d.Name)
	f := follow(t, c)
	f.update(screentest.Limit)
	d.Stop()
	var dirty screen.Region
	if err := c.Wait(context.Background(), &dirty); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if err := c.Capture(f.fb, []image.Rectangle{f.fb.Bounds()}); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}

func BenchmarkCapture(b *testing.B) {
	d := screentest.Start(b, 1920, 1080)
	c := openOn(b, d.Name)
	for name, r := range map[string]image.Rectangle{
		"1920x1080": image.Rect(0, 0, 1920, 1080), "64x64": image.Rect(64, 64, 128, 128),
	} {
		b.Run(name, func(b *testing.B) {
			fb := screen.NewFramebuffer(1920, 1080, screen.BGRX)
			rects := []image.Rectangle{r}
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Capture(fb, rects); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
