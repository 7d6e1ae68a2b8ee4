package endtoend

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"handrail/screen/screentest"
)

// copies puts something on a display's clipboard as a program does from which people copy; the program ends when somebody else
// takes the clipboard.
func copies(t *testing.T, d *screentest.Display, form string, what []byte) *screentest.Process {
	t.Helper()
	file := filepath.Join(t.TempDir(), "copied")
	if err := os.WriteFile(file, what, 0o600); err != nil {
		t.Fatal(err)
	}
	return d.Run("xclip", "-quiet", "-selection", "clipboard", "-t", form, "-i", file)
}

// TestTwoDesktopsShareTheClipboard copies text and pictures on both sides of a session between the built programs. What comes from
// the other side is not sent back: who copied it keeps the clipboard.
func TestTwoDesktopsShareTheClipboard(t *testing.T) {
	operators := screentest.Start(t, 1280, 900)
	operators.Openbox()
	customers := screentest.Start(t, 800, 600)
	customers.Openbox()
	relay := startRelay(t)
	desk := startWindow(t, operators, relay)
	_, c := filesSession(t, customers, relay, desk)
	viewerOf(t, operators)

	const text = "UTF8_STRING"
	for _, way := range []struct {
		name     string
		from, to *screentest.Display
	}{{"to the customer", operators, customers}, {"to the operator", customers, operators}} {
		words := "copied " + way.name + ": čšž, 한국어,\n\tand 👍"
		source := copies(t, way.from, text, []byte(words))
		screentest.WaitFor(t, "the text has gone "+way.name, func() bool { return pasted(way.to, text) == words })
		select {
		case <-source.Ended():
			t.Errorf("%s: the text came back", way.name)
		default:
		}

		picture := image.NewRGBA(image.Rect(0, 0, 300, 200))
		for i := range 300 {
			picture.SetRGBA(i, i%200, color.RGBA{uint8(i), 0x40, 0x80, 0xFF})
		}
		var file bytes.Buffer
		if err := png.Encode(&file, picture); err != nil {
			t.Fatal(err)
		}
		source = copies(t, way.from, "image/png", file.Bytes())
		screentest.WaitFor(t, "the picture has gone "+way.name, func() bool {
			got, err := png.Decode(bytes.NewReader([]byte(pasted(way.to, "image/png"))))
			if err != nil || got.Bounds() != picture.Rect {
				return false
			}
			for y := range 200 {
				for x := range 300 {
					if color.RGBAModel.Convert(got.At(x, y)) != picture.At(x, y) {
						return false
					}
				}
			}
			return true
		})
		select {
		case <-source.Ended():
			t.Errorf("%s: the picture came back", way.name)
		default:
		}
	}
	c.end()
}
