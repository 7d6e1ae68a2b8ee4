package control

import (
	"image"
	"image/color"
	"testing"
)

// TestAMonitorIsCutOutOfThePicture: no more of it than there is, whatever the customer's program says of its monitors.
func TestAMonitorIsCutOutOfThePicture(t *testing.T) {
	picture := image.NewRGBA(image.Rect(0, 0, 8, 6))
	ink := color.RGBA{10, 20, 30, 255}
	picture.SetRGBA(5, 4, ink)
	if got := onMonitor(picture, image.Rect(4, 2, 7, 6)); got == nil || got.Rect != image.Rect(0, 0, 3, 4) || got.RGBAAt(1, 2) != ink {
		t.Errorf("%+v", got)
	}
	if got := onMonitor(picture, image.Rect(4, 2, 1<<40, 1<<40)); got == nil || got.Rect != image.Rect(0, 0, 4, 4) || got.RGBAAt(1, 2) != ink {
		t.Errorf("%+v", got)
	}
	for _, r := range []image.Rectangle{image.Rect(8, 0, 16, 6), {Min: image.Pt(5, 5), Max: image.Pt(1, 1)}, {}} {
		if got := onMonitor(picture, r); got != nil {
			t.Errorf("of %v there is %v", r, got.Rect)
		}
	}
}
