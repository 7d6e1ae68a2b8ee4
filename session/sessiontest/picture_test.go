package sessiontest

import (
	"errors"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/operator"
)

// TestTwoHundredRandomChangesInASession draws, plays, resizes the desktop, changes its monitors and their resolution,
// switches the quality, takes and gives the permission to view, and breaks the network, all at random: whenever things
// come to rest, the operator has the same pixels.
func TestTwoHundredRandomChangesInASession(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(400, 300)
	ours, theirs := StartNetwork(t, relay.URL, 42), StartNetwork(t, relay.URL, 43)
	o, c := throughFor(t, computer, ours.URL, theirs.URL)
	random := rand.New(rand.NewPCG(42, 1))
	modes := []screen.Mode{{Monitor: "memory", Width: 320, Height: 240}, {Monitor: "memory", Width: 500, Height: 333}, {}}
	computer.Screen.OfferModes(modes[:2]...)
	qualities := []session.Quality{session.High, session.Speed, session.Low, session.Automatic}
	for i := range 200 {
		switch random.IntN(12) {
		case 4:
			[]*Network{ours, theirs}[random.IntN(2)].Inflict(Quick[random.IntN(len(Quick))], random.IntN(2) == 0)
		case 5:
			err := o.SetMode(modes[random.IntN(len(modes))])
			if err != nil && !errors.Is(err, operator.ErrNotConnected) {
				t.Fatal(err)
			}
		case 0:
			computer.Screen.Resize(1+random.IntN(600), 1+random.IntN(400))
		case 1:
			half := image.Rect(0, 0, 100, 100)
			computer.Screen.SetMonitors(screen.Monitor{Name: "a", Bounds: half}, screen.Monitor{Name: "b", Bounds: half.Add(image.Pt(100, 0)), Primary: i%2 == 0})
		case 2:
			if err := o.SetQuality(qualities[random.IntN(len(qualities))]); err != nil {
				t.Fatal(err)
			}
		case 3:
			if err := c.SetPermission(session.View, i%2 == 0); err != nil {
				t.Fatal(err)
			}
		default:
			draw(computer.Screen, random)
		}
		if i%20 == 19 {
			AwaitState(t, &o.Status, session.Active)
			AwaitState(t, &c.Status, session.Active)
			if err := c.SetPermission(session.View, true); err != nil {
				t.Fatal(err)
			}
			if err := o.SetQuality([]session.Quality{session.High, session.Automatic}[i/20%2]); err != nil {
				t.Fatal(err)
			}
			awaitPicture(t, o.Picture(), computer)
			screentest.WaitFor(t, "the operator knows the monitors", func() bool {
				return o.Info().Desktop.Equal(computer.Screen.Desktop()) // a resolution that was asked for may come late
			})
		}
	}
}

// draw changes a random rectangle: one colour, something like text, or something like a photograph.
func draw(d *screentest.Desktop, random *rand.Rand) {
	now := d.Desktop()
	x, y := random.IntN(now.Width), random.IntN(now.Height)
	r := image.Rect(x, y, x+1+random.IntN(now.Width), y+1+random.IntN(now.Height))
	base := color.RGBA{uint8(random.IntN(256)), uint8(random.IntN(256)), uint8(random.IntN(256)), 255}
	switch random.IntN(3) {
	case 0:
		d.Fill(r, base)
	case 1:
		d.Paint(r, func(x, y int) color.RGBA {
			if (x*7+y*13+int(base.R))%9 == 0 {
				return base
			}
			return color.RGBA{255, 255, 255, 255}
		})
	case 2:
		for range 6 { // long enough to be taken for a moving picture
			shift := uint8(random.IntN(256))
			d.Paint(r, func(x, y int) color.RGBA {
				return color.RGBA{uint8(x) + shift, uint8(y) + base.G, uint8(x+y) + base.B, 255}
			})
		}
	}
}
