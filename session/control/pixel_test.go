package control_test

import (
	"encoding/json"
	"image"
	"image/color"
	"strings"
	"testing"
	"time"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session/control"
	"handrail/session/sessiontest"
)

// TestWaitForAPixel: whoever waits is told when it watches, and then once, with the time, when the operator's picture
// has the colour there.
func TestWaitForAPixel(t *testing.T) {
	relay := sessiontest.StartRelay(t, false)
	engine := relay.SignIn(t)
	socket := serve(t, engine)
	computer := sessiontest.NewComputer(64, 48)
	o, _ := relay.Connected(t, engine, computer)
	wait := func(r control.Request, started func()) (p control.Pixel, err error) {
		r.Verb, r.ID = control.WaitPixel, o.ID()
		data, err := control.Stream(sessiontest.Within(t), socket, r, started, nil)
		if err == nil {
			err = json.Unmarshal(data, &p)
		}
		return p, err
	}

	at := image.Rect(30, 20, 31, 21)
	before := time.Now()
	got, err := wait(control.Request{X: 30, Y: 20, Text: "#0a141e"}, func() {
		computer.Screen.Fill(at, color.RGBA{10, 20, 31, 255}) // nearly
		computer.Screen.Fill(at, color.RGBA{10, 20, 30, 255})
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Color != "#0a141e" || got.Time.Before(before) || got.Time.After(time.Now()) || got.Monotonic <= 0 {
		t.Errorf("%+v", got)
	}

	// It has the colour already; and nearly that colour is enough where that is said.
	if again, err := wait(control.Request{X: 30, Y: 20, Text: "0a141e"}, func() {}); err != nil || again.Monotonic < got.Monotonic {
		t.Errorf("%+v %v", again, err)
	}
	if near, err := wait(control.Request{X: 30, Y: 20, Text: "#0b151f", Near: 3}, func() {}); err != nil || near.Color != "#0a141e" {
		t.Errorf("%+v %v", near, err)
	}
	for _, r := range []control.Request{
		{X: 30, Y: 20, Text: "#0b151f", Near: 2, Timeout: 50 * time.Millisecond},
		{X: 64, Y: 20, Text: "#0a141e", Timeout: 50 * time.Millisecond},
	} {
		if _, err := wait(r, func() {}); err == nil || !strings.Contains(err.Error(), "did not get that colour") {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if _, err := wait(control.Request{Text: "teal"}, func() {}); err == nil || !strings.Contains(err.Error(), "#rrggbb") {
		t.Errorf("%v", err)
	}
	if _, err := wait(control.Request{X: 1, Y: 1, Text: "#ffffff"}, o.End); err == nil {
		t.Error("waits on after the session's end")
	}
}

func TestSetTheResolution(t *testing.T) {
	relay := sessiontest.StartRelay(t, false)
	engine := relay.SignIn(t)
	socket := serve(t, engine)
	computer := sessiontest.NewComputer(64, 48)
	computer.Screen.OfferModes(screen.Mode{Monitor: "memory", Width: 32, Height: 24})
	o, _ := relay.Connected(t, engine, computer)
	screentest.WaitFor(t, "the operator knows the modes", func() bool { return len(o.Info().Desktop.Modes) == 1 })
	set := func(value string) error {
		_, err := control.Do(sessiontest.Within(t), socket, control.Request{
			Verb: control.Set, ID: o.ID(), Settings: map[string]string{"resolution": value},
		}, nil)
		return err
	}
	for _, wrong := range []string{"33x24", "other:32x24", "large", ""} {
		if err := set(wrong); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
	for _, c := range []struct {
		value string
		width int
	}{{"32x24", 32}, {"original", 64}, {"memory:32x24", 32}} {
		if err := set(c.value); err != nil {
			t.Fatal(err)
		}
		screentest.WaitFor(t, "the desktop has the size of "+c.value, func() bool { return o.Info().Desktop.Width == c.width })
	}
}
