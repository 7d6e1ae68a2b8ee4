package screentest

import (
	"context"
	"errors"
	"image"
	"image/color"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"handrail/screen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDisplayLeavesNothing(t *testing.T) {
	var name string
	var pids []int
	t.Run("display", func(t *testing.T) {
		d := Start(t, 300, 200)
		name = d.Name
		// The window manager comes first: a window that is mapped while it starts may be missed by it.
		pids = append(pids, d.server.Pid(), d.Openbox().Pid(), d.Run("xterm", "-e", "sh", "-c", "sleep 1000").Pid())
		d.WaitWindow(".")
		if got := d.Pixels().Bounds(); got != image.Rect(0, 0, 300, 200) {
			t.Errorf("a display of %v", got)
		}
		if got := d.Run("sh", "-c", "echo $DISPLAY; echo to the error output >&2"); got != nil {
			<-got.Ended()
			if out := got.Output(); !strings.Contains(out, d.Name) || !strings.Contains(out, "error output") {
				t.Errorf("printed %q", out)
			}
		}
	})
	for _, pid := range pids {
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("process %d is still there: %v", pid, err)
		}
	}
	for _, path := range []string{"/tmp/.X" + name[1:] + "-lock", "/tmp/.X11-unix/X" + name[1:]} {
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("%s is still there", path)
		}
	}
}

func TestDesktopInMemory(t *testing.T) {
	d := NewDesktop(100, 50)
	var dirty screen.Region
	if err := d.Wait(t.Context(), &dirty); err != nil || dirty.Bounds() != image.Rect(0, 0, 100, 50) {
		t.Fatalf("the first report is %v, %v", dirty.Bounds(), err)
	}
	dirty.Clear()
	red := color.RGBA{R: 255, A: 255}
	d.Fill(image.Rect(10, 10, 20, 20), red)
	if err := d.Wait(t.Context(), &dirty); err != nil || dirty.Bounds() != image.Rect(10, 10, 20, 20) {
		t.Fatalf("reported %v, %v", dirty.Bounds(), err)
	}
	fb := screen.NewFramebuffer(100, 50, screen.BGRX)
	if err := d.Capture(fb, dirty.Rects()); err != nil {
		t.Fatal(err)
	}
	if got := toRGBA(fb).RGBAAt(15, 15); got != red || d.Image().RGBAAt(15, 15) != red {
		t.Fatalf("captured %v", got)
	}
	d.Resize(30, 20)
	if err := d.Capture(fb, dirty.Rects()); !errors.Is(err, screen.ErrResized) {
		t.Fatal(err)
	}
	if err := d.Wait(t.Context(), &dirty); err != nil || d.Desktop().Width != 30 {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Wait(ctx, &dirty); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Wait(t.Context(), &dirty); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}

func TestInjectorRemembers(t *testing.T) {
	var i Injector
	changed := i.Changed()
	for _, err := range []error{
		i.MovePointer(1, 2), i.Button(screen.ButtonLeft, true), i.Key('x', true), i.Key('x', false),
		i.Key('y', true), i.Type("hé"), i.Scroll(0, -1), i.Close(), i.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	<-changed
	want := []string{
		"move 1 2", "press button 1", "press key 78", "release key 78", "press key 79", `type "hé"`, "scroll 0 -1",
		"release key 79", "release button 1", "close",
	}
	if got := i.Events(); !slices.Equal(got, want) || len(i.Held()) != 0 {
		t.Fatalf("%q", got)
	}
}
