package clipboard

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"handrail/screen"
	"handrail/screen/screentest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openOn(t *testing.T, d *screentest.Display) (screen.Clipboard, chan screen.Clip) {
	t.Helper()
	clips := make(chan screen.Clip, 16)
	c, err := Open(Options{Display: d.Name}, func(clip screen.Clip) { clips <- clip })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, clips
}

func await(t *testing.T, clips chan screen.Clip) screen.Clip {
	t.Helper()
	select {
	case clip := <-clips:
		return clip
	case <-time.After(screentest.Limit):
		t.Fatal("nothing was heard of what was copied")
		return screen.Clip{}
	}
}

// copyFile copies a file's content by xclip, which goes on running to give it.
func copyFile(t *testing.T, d *screentest.Display, target string, data []byte) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "copied")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	d.Run("xclip", "-quiet", "-selection", "clipboard", "-t", target, "-i", file)
}

// noisePNG is a picture that does not compress.
func noisePNG(t *testing.T, side int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	random := rand.New(rand.NewPCG(1, 2))
	for y := range side {
		for x := range side {
			v := random.Uint32()
			img.SetRGBA(x, y, color.RGBA{byte(v), byte(v >> 8), byte(v >> 16), 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestClipsBothWays(t *testing.T) {
	d := screentest.Start(t, 100, 100)
	c, clips := openOn(t, d)
	picture := noisePNG(t, 400)
	for name, clip := range map[string]screen.Clip{
		"short text": {Text: "čšž 한국어 😀"}, "long text": {Text: strings.Repeat("a long text ž ", 60_000)}, "picture": {PNG: picture},
	} {
		target, data := "UTF8_STRING", []byte(clip.Text)
		if len(clip.PNG) > 0 {
			target, data = "image/png", clip.PNG
		}
		copyFile(t, d, target, data)
		if got := await(t, clips); !got.Equal(clip) {
			t.Errorf("%s: %d and %d bytes arrived", name, len(got.Text), len(got.PNG))
		}
		other := screen.Clip{Text: "x" + clip.Text}
		if len(clip.PNG) > 0 {
			other = clip
		}
		if err := c.Set(other); err != nil {
			t.Fatal(err)
		}
		out, err := d.Command("xclip", "-selection", "clipboard", "-t", target, "-o").Output()
		if want := append([]byte(other.Text), other.PNG...); err != nil || !bytes.Equal(out, want) {
			t.Errorf("%s: %d bytes instead of %d were pasted: %v", name, len(out), len(want), err)
		}
	}
	select {
	case clip := <-clips:
		t.Errorf("what was set came back: %d bytes", len(clip.Text)+len(clip.PNG))
	default:
	}
}

func TestTooMuchIsLeft(t *testing.T) {
	d := screentest.Start(t, 100, 100)
	c, clips := openOn(t, d)
	copyFile(t, d, "UTF8_STRING", bytes.Repeat([]byte("x"), screen.MaxClipText+1))
	time.Sleep(300 * time.Millisecond)
	copyFile(t, d, "UTF8_STRING", []byte("small"))
	if got := await(t, clips); got.Text != "small" {
		t.Errorf("%d bytes arrived", len(got.Text))
	}
	if err := c.Set(screen.Clip{Text: strings.Repeat("x", screen.MaxClipText+1)}); err == nil {
		t.Error("more than what is allowed was taken")
	}
	if err := c.Set(screen.Clip{PNG: []byte("no picture")}); err == nil {
		t.Error("what is no picture was taken")
	}
}
