package capture

import (
	"bufio"
	"fmt"
	"image"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"

	"github.com/jezek/xgb/randr"

	"handrail/screen"
	"handrail/screen/screentest"
)

func TestChangesTheResolutionAndPutsItBack(t *testing.T) {
	d := screentest.Start(t, 1280, 1024)
	d.Resize(800, 600) // makes the display know these
	d.Resize(640, 480)
	d.Resize(1024, 768)
	c := openOn(t, d.Name)
	f := follow(t, c)
	f.update(screentest.Limit)
	monitor := c.Desktop().Monitors[0].Name
	for _, want := range []screen.Mode{{Monitor: monitor, Width: 1280, Height: 1024}, {Monitor: monitor, Width: 640, Height: 480}} {
		if !slices.Contains(c.Desktop().Modes, want) {
			t.Fatalf("%v is not among %v", want, c.Desktop().Modes)
		}
	}
	is := func(width, height int) func() bool {
		return func() bool {
			f.update(0)
			now := c.Desktop()
			return now.Width == width && now.Height == height && now.Monitors[0].Bounds == image.Rect(0, 0, width, height)
		}
	}
	for _, size := range []image.Point{{640, 480}, {1280, 1024}, {800, 600}} {
		if err := c.SetMode(screen.Mode{Monitor: monitor, Width: size.X, Height: size.Y}); err != nil {
			t.Fatal(err)
		}
		screentest.WaitFor(t, "the desktop has the new size", is(size.X, size.Y))
		f.catchUp(d)
	}
	for _, wrong := range []screen.Mode{{Monitor: monitor, Width: 641, Height: 480}, {Monitor: "nobody", Width: 640, Height: 480}} {
		if err := c.SetMode(wrong); err == nil {
			t.Errorf("%v was set", wrong)
		}
	}
	if err := c.PutBack(); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the desktop has its own size again", is(1024, 768))
	f.catchUp(d)
	if err := c.PutBack(); err != nil {
		t.Errorf("with nothing to put back: %v", err)
	}
}

// changes names the display on which the test's own program, once more, changes the resolution and then waits to be
// killed.
const changes = "HANDRAIL_TEST_CHANGES"

func changeAndWait(display string) {
	c, err := Open(Options{Display: display})
	if err == nil {
		err = c.(screen.ModeSetter).SetMode(screen.Mode{Monitor: c.Desktop().Monitors[0].Name, Width: 640, Height: 480})
	}
	fmt.Println("changed", err)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// TestAKilledProgramsResolutionIsPutBack: whoever changed it cannot, so its second process does.
func TestAKilledProgramsResolutionIsPutBack(t *testing.T) {
	d := screentest.Start(t, 1024, 768)
	d.Resize(640, 480) // makes the display know it
	d.Resize(1024, 768)
	c := openOn(t, d.Name)
	is := func(width, height int) func() bool {
		f := follow(t, c)
		return func() bool {
			f.update(0)
			now := c.Desktop()
			return now.Width == width && now.Height == height
		}
	}
	for range 2 { // the second time what was put back is what is changed
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), changes+"="+d.Name)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said, err := bufio.NewReader(out).ReadString('\n')
		if said != "changed <nil>\n" {
			t.Errorf("it said %q, %v", said, err)
		}
		screentest.WaitFor(t, "the resolution is another one", is(640, 480))
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		in.Close()
		screentest.WaitFor(t, "the resolution is as it was", is(1024, 768))
	}
}

func TestTellsTheScale(t *testing.T) {
	d := screentest.Start(t, 640, 480)
	c := openOn(t, d.Name)
	if got := c.Desktop().Monitors[0].Scale; got != 0 {
		t.Errorf("a scale of %d %% that nobody has set", got)
	}
	d.Do("xprop", "-root", "-f", "RESOURCE_MANAGER", "8s", "-set", "RESOURCE_MANAGER", "Xft.dpi:\t144")
	if got := openOn(t, d.Name).Desktop().Monitors[0].Scale; got != 150 {
		t.Errorf("a scale of %d %%", got)
	}
}

// TestMonitorsOnTheRightKeepTouching: a wider monitor pushes its neighbours, a narrower one draws them near.
func TestMonitorsOnTheRightKeepTouching(t *testing.T) {
	a := sideBySide()
	for _, width := range []int{800, 1920, 2560} {
		l, err := a.with(screen.Mode{Monitor: "left", Width: width, Height: 600})
		if err != nil {
			t.Fatal(err)
		}
		if l.crtcs[1].x != width || l.crtcs[1].y != 0 || l.width != width+1280 || l.height != 1024 {
			t.Errorf("%d pixels: %+v", width, l)
		}
	}
}

// sideBySide is an arrangement of two monitors, the left one of which has several modes.
func sideBySide() *arrangement {
	a := &arrangement{resources: &randr.GetScreenResourcesCurrentReply{}, outputs: map[string]*randr.GetOutputInfoReply{}}
	left := &randr.GetOutputInfoReply{Crtc: 1}
	for i, width := range []uint16{800, 1920, 2560} {
		a.resources.Modes = append(a.resources.Modes, randr.ModeInfo{Id: uint32(i + 1), Width: width, Height: 600})
		left.Modes = append(left.Modes, randr.Mode(i+1))
	}
	a.outputs["left"] = left
	a.layout = layout{width: 3200, height: 1024, crtcs: []crtc{
		{id: 1, width: 1920, height: 600, mode: 2, turned: randr.RotationRotate0},
		{id: 2, x: 1920, width: 1280, height: 1024, mode: 9, turned: randr.RotationRotate0},
	}}
	return a
}

func TestTellsWhereThePointerIs(t *testing.T) {
	d := screentest.Start(t, 640, 480)
	c := openOn(t, d.Name)
	for _, want := range []image.Point{{12, 34}, {639, 0}} {
		d.Xdotool("mousemove", strconv.Itoa(want.X), strconv.Itoa(want.Y))
		if got, ok := c.Pointer(); !ok || got != want {
			t.Errorf("%v instead of %v", got, want)
		}
	}
}
