package sessiontest

import (
	"image"
	"image/color"
	"math/rand/v2"
	"testing"
)

// drawings are small changes of a customer's screen: a letter typed, some lines of text.
var drawings = map[string]func(c *Computer, i int){
	"typing": func(c *Computer, i int) {
		c.Screen.Fill(image.Rect(100, 100, 140, 120), color.RGBA{uint8(i), uint8(i >> 8), 77, 255})
	},
	"text": func(c *Computer, i int) {
		var random rand.PCG
		random.Seed(uint64(i), 1)
		c.Screen.Paint(image.Rect(100, 100, 220, 160), func(x, y int) color.RGBA {
			if random.Uint64()%5 == 0 {
				return color.RGBA{20, 20, 20, 255}
			}
			return color.RGBA{255, 255, 255, 255}
		})
	},
}

// drawer gives a session of two programs with a relay between them, in steady state, as a function that draws something
// and waits until the operator's picture has it.
func drawer(t testing.TB, draw func(c *Computer, i int)) (step func()) {
	relay := StartRelay(t, false)
	computer := NewComputer(800, 600)
	o, _ := relay.Connected(t, relay.SignIn(t), computer)
	painted := make(chan struct{}, 1)
	t.Cleanup(o.Picture().OnUpdate(func([]image.Rectangle) {
		select {
		case painted <- struct{}{}:
		default:
		}
	}))
	i := 0
	step = func() {
		i++
		draw(computer, i)
		<-painted
	}
	for range 50 {
		step()
	}
	return step
}

// TestUpdatesWithoutAllocating counts for both programs and the relay. What is left is crypto/tls: it reads each record,
// that of the update and that of its acknowledgement, with a new reader.
func TestUpdatesWithoutAllocating(t *testing.T) {
	for name, draw := range drawings {
		t.Run(name, func(t *testing.T) {
			if got := testing.AllocsPerRun(100, drawer(t, draw)); got > mostAllocations {
				t.Errorf("%v allocations an update", got)
			}
		})
	}
}

// BenchmarkSmallUpdate is paced: at most 60 updates go in a second. What it tells are the bytes.
func BenchmarkSmallUpdate(b *testing.B) {
	for name, draw := range drawings {
		b.Run(name, func(b *testing.B) {
			step := drawer(b, draw)
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}
