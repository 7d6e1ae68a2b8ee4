package whiteboard

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// ready is whether the letters of a text can be drawn, once the system's fonts are there.
func ready(t *testing.T, text string) bool {
	t.Helper()
	came := make(chan struct{})
	fonts.want("한", sync.OnceFunc(func() { close(came) }))
	limit := time.After(30 * time.Second)
	for !fonts.complete() {
		select {
		case <-came:
		case <-limit:
			t.Fatal("the system's fonts were not found")
		}
	}
	for _, r := range text {
		if _, ok := fonts.ResolveFace(r).NominalGlyph(r); !ok {
			return false
		}
	}
	return true
}

// TestLettersOfManyScripts writes in scripts that the built-in font does not have, and compares with boxes, which all
// look the same.
func TestLettersOfManyScripts(t *testing.T) {
	for name, text := range map[string]string{
		"korean": "여기를 누르세요", "chinese": "请点击这里", "japanese": "ここを押す", "greek": "Πατήστε εδώ", "cyrillic": "Нажмите здесь", "latin": "Kliknite tukaj: čšž ÆØÅ ß",
	} {
		t.Run(name, func(t *testing.T) {
			if !ready(t, text) {
				t.Skip("this computer has no font for it")
			}
			p := NewHub("고객")
			if _, err := p.Write(Style{Color: Red, Width: 32}, onLeft, At(10, 10), text); err != nil {
				t.Fatal(err)
			}
			img := whole(p.Marks(testMonitors), false, 500, 60)
			keepPicture(t, "text-"+name, img)
			drawn := map[string]bool{}
			line := shape(text, 32)
			for _, g := range line.glyphs {
				drawn[outlineKey(g)] = true
			}
			if len(drawn) < 4 {
				t.Errorf("%q is drawn with %d different letters", text, len(drawn))
			}
			if width := line.width; width < 80 || width > 480 {
				t.Errorf("%q is %v wide", text, width)
			}
		})
	}
}

func outlineKey(g glyph) (key string) {
	for _, s := range g.path {
		key += string(rune(s.Op)) + string(rune(int(s.Args[0].X)+100_000)) + string(rune(int(s.Args[0].Y)+100_000))
	}
	return key
}

// TestTextsAreDrawnAgainWhenFontsCome: who waits for letters is told that there is something to draw.
func TestTextsAreDrawnAgainWhenFontsCome(t *testing.T) {
	p := NewHub("test")
	_, _ = p.Write(Style{Color: Red, Width: 32}, onLeft, At(10, 10), "한국어")
	changed := p.Changed()
	before := p.Marks(testMonitors)
	p.fontsCame()
	<-changed
	fonts.generation.Add(1)
	p.fontsCame()
	after := p.Marks(testMonitors)
	if before[0].same(after[0]) {
		t.Error("the text is not drawn again")
	}
}

// TestWrittenFromTheRight: pieces that are written from right to left are in that order, in a line that is not.
func TestWrittenFromTheRight(t *testing.T) {
	if !ready(t, "שלום עולם") {
		t.Skip("this computer has no font for it")
	}
	line, alone := shape("ab שלום", 32), shape("ab ", 32)
	if len(line.glyphs) != 7 || line.width <= alone.width {
		t.Errorf("%d letters, %v wide", len(line.glyphs), line.width)
	}
}

func keepPicture(t *testing.T, name string, img image.Image) {
	dir := os.Getenv("HANDRAIL_PICTURES")
	if dir == "" {
		return
	}
	file, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, img); err != nil {
		t.Fatal(err)
	}
}
