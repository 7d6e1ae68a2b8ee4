package whiteboard

import (
	"bytes"
	"io"
	"log"
	"sync"
	"sync/atomic"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/fontscan"
	"github.com/go-text/typesetting/language"
	"golang.org/x/image/font/gofont/gomedium"
)

// fonts is where letters come from: the Go font, which is part of the program and has Latin, Greek and Cyrillic letters,
// the font for emoji that the program was given, and for all others the system's fonts. To find these takes from a moment to seconds, so that begins when somebody first
// writes what needs them, and goes on beside; until then there are boxes.
var fonts fontBook

type fontBook struct {
	generation atomic.Uint32 // changes when there are other fonts

	mu        sync.Mutex
	builtIn   *font.Face
	emojiFile []byte // until it is read
	emojiFont *font.Face
	system    *fontscan.FontMap
	loading   bool
	waiting   []func() // are called when the system's fonts are there
}

func (f *fontBook) goLocked() *font.Face {
	if f.builtIn == nil {
		face, err := font.ParseTTF(bytes.NewReader(gomedium.TTF))
		if err != nil {
			panic("whiteboard: " + err.Error()) // the font is part of the program
		}
		f.builtIn = face
	}
	return f.builtIn
}

// ResolveFace is the font with which a letter is drawn.
func (f *fontBook) ResolveFace(r rune) *font.Face {
	f.mu.Lock()
	defer f.mu.Unlock()
	own := f.goLocked()
	if _, ok := own.NominalGlyph(r); ok {
		return own
	}
	if face := f.systemLocked(r); face != nil {
		return face
	}
	if given := f.emojiLocked(); given != nil {
		if _, ok := given.NominalGlyph(r); ok {
			return given
		}
	}
	return own
}

// systemLocked is the system's font that has a letter, or nil.
func (f *fontBook) systemLocked(r rune) *font.Face {
	if f.system == nil {
		return nil
	}
	f.system.SetQuery(fontscan.Query{Families: []string{fontscan.SansSerif}, Aspect: font.Aspect{Weight: font.WeightBold}})
	f.system.SetScript(language.LookupScript(r))
	if face := f.system.ResolveFace(r); face != nil {
		if _, ok := face.NominalGlyph(r); ok {
			return face
		}
	}
	return nil
}

// want looks for the system's fonts if a text needs them and that has not been done yet; then is called, on another
// goroutine, when they are there.
func (f *fontBook) want(text string, then func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.system != nil || !f.lacksLocked(text) {
		return
	}
	f.waiting = append(f.waiting, then)
	if f.loading {
		return
	}
	f.loading = true
	go f.load()
}

func (f *fontBook) lacksLocked(text string) bool {
	signs := []rune(text)
	from := 0
	for _, emoji := range append(emojiIn(signs), stretch{len(signs), len(signs)}) {
		if !covers(f.goLocked(), signs[from:emoji.from]) {
			return true
		}
		if sign := signs[emoji.from:emoji.to]; len(sign) > 0 {
			if given := f.emojiLocked(); given == nil || !covers(given, sign) {
				return true
			}
		}
		from = emoji.to
	}
	return false
}

func (f *fontBook) load() {
	system := fontscan.NewFontMap(log.New(io.Discard, "", 0))
	_ = system.UseSystemFonts("") // without any there are boxes
	f.mu.Lock()
	f.system = system
	waiting := f.waiting
	f.waiting = nil
	f.mu.Unlock()
	f.generation.Add(1)
	for _, then := range waiting {
		then()
	}
}

// complete tells whether the system's fonts are there.
func (f *fontBook) complete() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.system != nil
}
