//go:build !windows

package whiteboard

import (
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sameEmoji is the font that both programs give: the one that Fyne brings along. Go says where that is; there is none in Wine,
// in which tests are run for Windows.
func sameEmoji(t *testing.T) {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "fyne.io/fyne/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "theme", "font", "EmojiOneColor.otf"))
	if err != nil {
		t.Fatal(err)
	}
	UseEmoji(file)
	t.Cleanup(func() { UseEmoji(nil) })
}

// TestEmoji writes emoji among letters of several scripts, for screens with and without half-transparent pixels.
func TestEmoji(t *testing.T) {
	sameEmoji(t)
	for _, hard := range []bool{false, true} {
		name := map[bool]string{false: "soft", true: "hard"}[hard]
		p := NewHub("Anna 👩")
		for i, text := range []string{"Hier 👍 klicken ❤️ 👩‍💻 1️⃣", "🇸🇮 🇳🇴 👋🏽 ☺️ ☕ ⚠️ ✅", "여기를 👉 누르세요"} {
			if _, err := p.Write(Style{Color: Red, Width: 48}, onLeft, At(10, 10+60*i), text); err != nil {
				t.Fatal(err)
			}
		}
		img := whole(p.Marks(testMonitors), hard, 640, 200)
		keepPicture(t, "emoji-"+name, img)
		colors := map[[3]uint8]bool{}
		for i := 0; i < len(img.Pix); i += 4 {
			if a := img.Pix[i+3]; a == 255 {
				colors[[3]uint8{img.Pix[i] / 32, img.Pix[i+1] / 32, img.Pix[i+2] / 32}] = true
			} else if hard && a != 0 {
				t.Fatal("half a pixel on a screen without")
			}
		}
		if len(colors) < 12 {
			t.Errorf("%s: %d colours", name, len(colors))
		}
	}
}

// TestEmojiAreSigns: what people see as one sign is one picture, what is no emoji is left to letters, and where there is
// nothing to draw there is a box and not nothing.
func TestEmojiAreSigns(t *testing.T) {
	sameEmoji(t)
	for _, c := range []struct {
		text     string
		pictures int
		letters  int
	}{
		{"👍", 1, 0},
		{"👍🏽", 1, 0},
		{"👨‍👩‍👧", 1, 0},
		{"👩‍💻", 2, 0}, // newer than the font: what it is made of
		{"🇸🇮🇳🇴", 2, 0},
		{"1️⃣2", 1, 1},
		{"©", 0, 1},
		{"©️", 1, 0},
		{"❤️", 1, 0},
		{"a☕b", 1, 2},
		{"☕︎", 1, 0}, // asked for as a letter, which the built-in font does not have
		{"שלום 👍 עולם", 1, 10},
	} {
		pictures, letters := 0, 0
		for _, g := range shape(c.text, 40).glyphs {
			if g.picture != nil {
				pictures++
			} else if len(g.path) > 0 {
				letters++
			}
		}
		if strings.HasSuffix(c.text, "\ufe0e") && pictures+letters == 1 {
			continue // a letter of a font of the system's, once these are looked at
		}
		if strings.Contains(c.text, "ש") {
			letters = c.letters // whatever the system has
		}
		if pictures != c.pictures || letters != c.letters {
			t.Errorf("%q has %d pictures and %d letters, want %d and %d", c.text, pictures, letters, c.pictures, c.letters)
		}
	}
}

// TestTheSystemsEmoji draws emoji that are newer than the font of the programs with the system's, and boxes without it.
func TestTheSystemsEmoji(t *testing.T) {
	sameEmoji(t)
	const newer = "🥰"
	if covers(fonts.emojiLocked(), []rune(newer)) {
		t.Fatal("the programs' font has it")
	}
	if !ready(t, "") {
		t.Fatal("no fonts")
	}
	line := shape(newer, 40)
	if len(line.glyphs) != 1 || line.glyphs[0].picture == nil {
		t.Fatalf("%d glyphs, no picture: is fonts-noto-color-emoji installed?", len(line.glyphs))
	}
	p := NewHub("test")
	_, _ = p.Write(Style{Color: Red, Width: 48}, onLeft, At(10, 10), "a"+newer+"👍b")
	img := whole(p.Marks(testMonitors), false, 240, 70)
	keepPicture(t, "emoji-system", img)
	place := line.glyphs[0].picture.room
	if r := place.Size(); r.X < 30 || r.Y < 30 || r.X > 60 || r.Y > 60 {
		t.Errorf("an emoji of %v beside letters of 40", r)
	}
}

// TestEmojiAreBounded: whatever sizes a peer chooses, pictures take no more memory than is said.
func TestEmojiAreBounded(t *testing.T) {
	sameEmoji(t)
	img := image.NewRGBA(image.Rect(0, 0, 2000, 400))
	c := Canvas{Image: img}
	for size := 10.0; size < 400; size += 2 {
		c.drawPictures("😀😁😂😃😄😅😆😇😈😉", vec{}, size, img.Rect)
		if typesetter.pixels > maxPictures {
			t.Fatalf("%d pixels are kept", typesetter.pixels)
		}
	}
	for _, g := range shape("😀", 100_000).glyphs {
		if g.picture != nil {
			t.Error("a picture of 100,000 pixels")
		}
	}
}
