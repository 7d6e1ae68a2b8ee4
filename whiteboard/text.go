package whiteboard

import (
	"image"
	"image/draw"
	"math"
	"sync"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/font/opentype/tables"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// Of the height of a line, letters have this much, and the line that they stand on is so far from the top.
const (
	letterSize = 0.8
	baseline   = 0.76
)

// shaped is one line of text as it is drawn.
type shaped struct {
	width  float64 // pixels
	glyphs []glyph
	fonts  uint32 // which fonts there were
}

// glyph is a letter, or several that are written together: an outline, and for some a picture to draw instead.
type glyph struct {
	at      vec     // on the line that letters stand on, from the text's left
	scale   float64 // pixels of the font's unit
	path    []opentype.Segment
	picture *colored // or nil
}

type shapedKey struct {
	text string
	size int
}

// typesetter shapes texts. Fonts and shapers are not safe for concurrent use.
var typesetter struct {
	mu     sync.Mutex
	shaper shaping.HarfbuzzShaper
	splits shaping.Segmenter
	known  map[shapedKey]*shaped

	pictures map[colored]*image.RGBA // nil for those that cannot be drawn
	pixels   int                     // of all of them
}

// maxShaped is how many shaped lines are kept: a peer chooses texts and sizes.
const maxShaped = 64

// shape is a text in a line of a height.
func shape(text string, height float64) *shaped {
	size := max(4, int(math.Round(height)))
	t := &typesetter
	t.mu.Lock()
	defer t.mu.Unlock()
	generation := fonts.generation.Load()
	key := shapedKey{text, size}
	if known := t.known[key]; known != nil && known.fonts == generation {
		return known
	}
	line := &shaped{fonts: generation}
	letters := []rune(text)
	in := shaping.Input{Text: letters, RunEnd: len(letters), Direction: di.DirectionLTR, Size: fixed.Int26_6(float64(size) * letterSize * 64)}
	var runs []shaping.Output
	for _, run := range withEmoji(t.splits.Split(in, &fonts), letters) {
		runs = append(runs, t.shaper.Shape(run))
	}
	for _, run := range inOrder(runs) {
		line.add(run)
	}
	if t.known == nil || len(t.known) >= maxShaped {
		t.known = map[shapedKey]*shaped{}
	}
	t.known[key] = line
	return line
}

// inOrder is runs from left to right: those that are written from right to left and follow each other are turned round.
func inOrder(runs []shaping.Output) []shaping.Output {
	list := make([]shaping.Output, 0, len(runs))
	right := 0 // where the runs that are turned round begin
	for _, run := range runs {
		if run.Direction.Progression() == di.FromTopLeft {
			right = len(list) + 1
			list = append(list, run)
			continue
		}
		list = append(list, run)
		copy(list[right+1:], list[right:])
		list[right] = run
	}
	return list
}

func (s *shaped) add(run shaping.Output) {
	scale := float64(run.Size) / 64 / float64(run.Face.Upem())
	for _, g := range run.Glyphs {
		at := vec{s.width + float64(g.XOffset)/64, -float64(g.YOffset) / 64}
		outline, drawn := run.Face.GlyphDataOutline(tables.GlyphID(g.GlyphID))
		picture := coloredOf(run.Face, g, run.Size)
		if drawn || picture != nil {
			s.glyphs = append(s.glyphs, glyph{at, scale, outline.Segments, picture})
		}
		s.width += float64(g.Advance) / 64
	}
}

// measure is the size of a text in a line of a height.
func measure(text string, height float64) (width, lineHeight float64) {
	return shape(text, height).width, height
}

func textSize(item *Item) (width, height float64) {
	return measure(item.Text, float64(item.Width))
}

// coverText adds the letters of a text to a mask.
func coverText(mask *image.Alpha, text string, at vec, height float64) {
	r := mask.Rect
	pen := vector.NewRasterizer(r.Dx(), r.Dy())
	origin := at.add(vec{-float64(r.Min.X), height*baseline - float64(r.Min.Y)})
	for _, g := range shape(text, height).glyphs {
		if picture, _ := g.pictureOn(at.add(vec{0, height * baseline}), r); picture != nil {
			continue
		}
		put := func(p opentype.SegmentPoint) (x, y float32) {
			return float32(origin.x + g.at.x + float64(p.X)*g.scale), float32(origin.y + g.at.y - float64(p.Y)*g.scale)
		}
		for _, part := range g.path {
			ax, ay := put(part.Args[0])
			bx, by := put(part.Args[1])
			switch part.Op {
			case opentype.SegmentOpMoveTo:
				pen.ClosePath()
				pen.MoveTo(ax, ay)
			case opentype.SegmentOpLineTo:
				pen.LineTo(ax, ay)
			case opentype.SegmentOpQuadTo:
				pen.QuadTo(ax, ay, bx, by)
			case opentype.SegmentOpCubeTo:
				cx, cy := put(part.Args[2])
				pen.CubeTo(ax, ay, bx, by, cx, cy)
			}
		}
		pen.ClosePath()
	}
	pen.DrawOp = draw.Over
	pen.Draw(mask, r, image.Opaque, image.Point{})
}
