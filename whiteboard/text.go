package whiteboard

import (
	"image"
	"image/color"
	"math"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Faces gives fonts in a size, best first; a rune is drawn with the first that has it. Programs that have more fonts
// than the one built in set it before anything is drawn.
var Faces = func(height float64) []font.Face { return []font.Face{builtIn(height)} }

var (
	parsed = sync.OnceValue(func() *opentype.Font {
		f, err := opentype.Parse(gomedium.TTF)
		if err != nil {
			panic("whiteboard: " + err.Error()) // the font is part of the program
		}
		return f
	})
	faces   = map[int]font.Face{}
	facesMu sync.Mutex // held while a face is used: faces are not safe for concurrent use
)

// builtIn is the Go font, which has Latin, Greek and Cyrillic letters.
func builtIn(height float64) font.Face {
	size := max(4, int(math.Round(height)))
	if face := faces[size]; face != nil {
		return face
	}
	face, err := opentype.NewFace(parsed(), &opentype.FaceOptions{Size: float64(size) * 0.8, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		panic("whiteboard: " + err.Error())
	}
	if len(faces) > 64 { // a peer chooses sizes
		clear(faces)
	}
	faces[size] = face
	return face
}

// runs splits a text by the face that has its letters.
func runs(text string, height float64, do func(face font.Face, part string)) {
	all := Faces(height)
	choose := func(r rune) font.Face {
		for _, face := range all {
			if _, ok := face.GlyphAdvance(r); ok {
				return face
			}
		}
		return all[0]
	}
	start := 0
	var current font.Face
	for i, r := range text {
		face := choose(r)
		if current != nil && face != current {
			do(current, text[start:i])
			start = i
		}
		current = face
	}
	if current != nil {
		do(current, text[start:])
	}
}

// measure is the size of a text in a line of a height.
func measure(text string, height float64) (width, lineHeight float64) {
	facesMu.Lock()
	defer facesMu.Unlock()
	runs(text, height, func(face font.Face, part string) {
		width += float64(font.MeasureString(face, part)) / 64
	})
	return width, height
}

func textSize(item *Item) (width, height float64) {
	return measure(item.Text, float64(item.Width))
}

// coverText adds a text to a mask.
func coverText(mask *image.Alpha, text string, at vec, height float64) {
	facesMu.Lock()
	defer facesMu.Unlock()
	drawer := font.Drawer{Dst: mask, Src: image.NewUniform(color.Alpha{255})}
	drawer.Dot = fixed.Point26_6{X: fixed.Int26_6(at.x * 64), Y: fixed.Int26_6((at.y + height*0.76) * 64)}
	runs(text, height, func(face font.Face, part string) {
		drawer.Face = face
		drawer.DrawString(part)
	})
}
