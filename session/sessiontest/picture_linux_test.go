package sessiontest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"handrail/screen"
	"handrail/screen/capture"
	"handrail/screen/screentest"
	"handrail/screen/turbojpeg"
	"handrail/session"
	"handrail/session/operator"
)

// restless is a session whose customer has a real display, over networks that break.
type restless struct {
	t        *testing.T
	display  *screentest.Display
	operator *operator.Session
	networks []*Network
	random   *rand.Rand
	window   string // of a terminal
}

// TestTwoHundredRandomChangesOfARealDisplay changes the resolution, by the display's own means and by the operator's wish, and
// the monitors, switches the quality, breaks links and draws, all at random: whenever things come to rest, the operator
// has what an independent program reads from the display.
func TestTwoHundredRandomChangesOfARealDisplay(t *testing.T) {
	relay := StartRelay(t, false)
	r := &restless{t: t, display: screentest.Start(t, 1024, 768), random: rand.New(rand.NewPCG(7, 200))}
	for _, mode := range modesThere {
		r.display.Resize(mode.Width, mode.Height) // makes the display know them
	}
	r.display.Run("xterm", "-geometry", "60x20+30+20", "-e", "sh", "-c", "i=0; while [ $i -lt 400 ]; do echo line $i of some text; i=$((i+1)); done; read x")
	r.window = r.display.WaitWindow("sh")
	ours, theirs := StartNetwork(t, relay.URL, 42), StartNetwork(t, relay.URL, 43)
	r.networks = []*Network{ours, theirs}
	config := NewComputer(1, 1).Config()
	config.OpenScreen = func() (screen.Capturer, error) { return capture.Open(capture.Options{Display: r.display.Name}) }
	config.NewJPEG = turbojpeg.New
	r.operator, _ = throughWith(t, config, ours.URL, theirs.URL)
	kinds := []func(){r.resize, r.wish, r.monitors, r.quality, r.breakLink, r.move, r.scroll, r.draw}
	times := make([]int, len(kinds))
	for i := range 200 {
		kind := r.random.IntN(len(kinds))
		times[kind]++
		kinds[kind]()
		if i%20 == 19 {
			r.rest(i / 20)
		}
	}
	for kind, n := range times {
		if n < 10 {
			t.Errorf("kind %d of change happened only %d times", kind, n)
		}
	}
}

// modesThere are the resolutions that the display has.
var modesThere = []screen.Mode{{Width: 800, Height: 600}, {Width: 640, Height: 480}, {Width: 1024, Height: 768}}

func (r *restless) resize() {
	m := modesThere[r.random.IntN(len(modesThere))]
	// xrandr reads what there is before it has the display for itself: what the customer's program changes in between makes it fail.
	screentest.WaitFor(r.t, "xrandr changes the resolution", func() bool {
		return r.display.Command("xrandr", "--output", "screen", "--mode", fmt.Sprintf("%dx%d", m.Width, m.Height)).Run() == nil
	})
}

func (r *restless) wish() {
	m := modesThere[r.random.IntN(len(modesThere))]
	if m.Monitor = "screen"; r.random.IntN(4) == 0 {
		m = screen.Mode{} // as it was
	}
	if err := r.operator.SetMode(m); err != nil && !errors.Is(err, operator.ErrNotConnected) {
		r.t.Fatal(err)
	}
}

// monitors makes two monitors of the display, or one again.
func (r *restless) monitors() {
	there := r.display.Do("xrandr", "--listmonitors")
	if bytes.Contains([]byte(there), []byte("right")) {
		r.display.Do("xrandr", "--delmonitor", "left")
		r.display.Do("xrandr", "--delmonitor", "right")
		return
	}
	width := 200 + r.random.IntN(200)
	r.display.Do("xrandr", "--setmonitor", "left", fmt.Sprintf("%d/200x400/100+0+0", width), "screen")
	r.display.Do("xrandr", "--setmonitor", "right", fmt.Sprintf("200/200x300/100+%d+37", width), "none")
}

func (r *restless) quality() {
	q := []session.Quality{session.High, session.Speed, session.Low, session.Automatic}[r.random.IntN(4)]
	if err := r.operator.SetQuality(q); err != nil && !errors.Is(err, operator.ErrNotConnected) {
		r.t.Fatal(err)
	}
}

func (r *restless) breakLink() {
	r.networks[r.random.IntN(2)].Inflict(Quick[r.random.IntN(len(Quick))], r.random.IntN(2) == 0)
}

func (r *restless) move() {
	r.display.Xdotool("windowmove", r.window, strconv.Itoa(r.random.IntN(400)), strconv.Itoa(r.random.IntN(300)))
}

// scroll lets a terminal come, write and go.
func (r *restless) scroll() {
	r.display.Run("xterm", "-geometry", "40x8+500+300", "-e", "sh", "-c", "seq "+strconv.Itoa(20+r.random.IntN(300)))
}

func (r *restless) draw() {
	switch n := r.random.IntN(0xffffff); r.random.IntN(3) {
	case 0:
		r.display.Do("xsetroot", "-solid", fmt.Sprintf("#%06x", n))
	case 1:
		r.display.Do("xsetroot", "-mod", strconv.Itoa(2+n%14), strconv.Itoa(2+n/16%14))
	case 2:
		r.display.Wallpaper(uint8(n)) // like a photograph
	}
}

// rest waits until the operator has what is on the display.
func (r *restless) rest(round int) {
	r.t.Helper()
	AwaitState(r.t, &r.operator.Status, session.Active)
	if err := r.operator.SetQuality([]session.Quality{session.High, session.Automatic}[round%2]); err != nil {
		r.t.Fatal(err)
	}
	screentest.WaitFor(r.t, "the operator has what is on the display", func() bool {
		got, is := r.operator.Picture().Snapshot(), r.display.Pixels()
		return got != nil && got.Rect == is.Rect && bytes.Equal(got.Pix, is.Pix)
	})
	screentest.WaitFor(r.t, "the operator knows the size", func() bool {
		now := r.operator.Info().Desktop
		is := r.display.Pixels().Rect
		return now.Width == is.Dx() && now.Height == is.Dy()
	})
}
