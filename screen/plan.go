package screen

import (
	"encoding/binary"
	"image"
)

// Plan is what an update consists of, by the way in which it is written. They are applied in the order of the fields.
type Plan struct {
	Moves  []Move            // copied within the viewer's picture, one after another
	Fills  []image.Rectangle // of one colour each
	Plain  []image.Rectangle // text, lines, windows
	Photos []image.Rectangle // many colours, lossless
	Lossy  []image.Rectangle // as JPEG
	// Quality is that of JPEG, 1 to 100.
	Quality int
	// Fast asks for what is encoded fastest, whatever it costs in bytes.
	Fast bool
}

// Reset takes everything out.
func (p *Plan) Reset() {
	p.Moves, p.Fills, p.Plain = p.Moves[:0], p.Fills[:0], p.Plain[:0]
	p.Photos, p.Lossy, p.Fast = p.Photos[:0], p.Lossy[:0], false
}

// Empty says whether there is nothing to write.
func (p *Plan) Empty() bool {
	return len(p.Moves)+len(p.Fills)+len(p.Plain)+len(p.Photos)+len(p.Lossy) == 0
}

// PlainPixels is how many pixels are plain.
func (p *Plan) PlainPixels() (n int) {
	for _, r := range p.Plain {
		n += area(r)
	}
	return n
}

// OnlyPlain says whether no pixels are written in another way.
func (p *Plan) OnlyPlain() bool { return len(p.Photos)+len(p.Lossy) == 0 }

// AppendRects appends what the update changes.
func (p *Plan) AppendRects(rects []image.Rectangle) []image.Rectangle {
	for _, m := range p.Moves {
		rects = append(rects, m.To)
	}
	for _, list := range [][]image.Rectangle{p.Fills, p.Plain, p.Photos, p.Lossy} {
		rects = append(rects, list...)
	}
	return rects
}

// AddLossless adds a rectangle without loss, cut into what is of one colour, plain and like a photograph.
func (p *Plan) AddLossless(fb *Framebuffer, r image.Rectangle) {
	eachBand(r.Intersect(fb.Bounds()), func(band image.Rectangle) {
		var run image.Rectangle
		var kind content
		eachTile(band, func(piece image.Rectangle) {
			k := examine(fb, piece)
			if !run.Empty() && k == kind && (k != contentFill || sameColour(fb.row(run.Min.X, run.Max.X, run.Min.Y), fb.row(piece.Min.X, piece.Max.X, piece.Min.Y), 0)) {
				run.Max.X = piece.Max.X
				return
			}
			p.add(fb, kind, run)
			run, kind = piece, k
		})
		p.add(fb, kind, run)
	})
}

func (p *Plan) add(fb *Framebuffer, kind content, r image.Rectangle) {
	if r.Empty() {
		return
	}
	switch kind {
	case contentFill:
		colour := fb.row(r.Min.X, r.Max.X, r.Min.Y)
		p.Fills = joinAbove(p.Fills, r, func(q image.Rectangle) bool {
			return sameColour(fb.row(q.Min.X, q.Max.X, q.Min.Y), colour, 0)
		})
	case contentPhoto:
		p.Photos = joinAbove(p.Photos, r, nil)
	default:
		p.Plain = joinAbove(p.Plain, r, nil)
	}
}

// joinAbove appends a rectangle, joined with one right above it of the same width.
func joinAbove(list []image.Rectangle, r image.Rectangle, fits func(q image.Rectangle) bool) []image.Rectangle {
	const lookBack = 40
	for i := len(list) - 1; i >= max(0, len(list)-lookBack); i-- {
		q := list[i]
		if q.Min.X == r.Min.X && q.Max.X == r.Max.X && q.Max.Y == r.Min.Y && (fits == nil || fits(q)) {
			list[i].Max.Y = r.Max.Y
			return list
		}
	}
	return append(list, r)
}

// eachBand cuts a rectangle at the rows of tiles.
func eachBand(r image.Rectangle, fn func(image.Rectangle)) {
	for y := r.Min.Y; y < r.Max.Y; {
		end := min((y/tileSize+1)*tileSize, r.Max.Y)
		fn(image.Rect(r.Min.X, y, r.Max.X, end))
		y = end
	}
}

// eachTile cuts a band at the columns of tiles.
func eachTile(band image.Rectangle, fn func(image.Rectangle)) {
	for x := band.Min.X; x < band.Max.X; {
		end := min((x/tileSize+1)*tileSize, band.Max.X)
		fn(image.Rect(x, band.Min.Y, end, band.Max.Y))
		x = end
	}
}

// content is what a piece of a picture looks like.
type content uint8

const (
	contentPlain content = iota
	contentFill
	contentPhoto
)

const (
	// smallest is the area below which nothing is a photograph: there is too little to tell, and to gain.
	smallest = 128
	// photoShare is how rarely, of 16, a photograph's pixel has the colour of its left neighbour.
	photoShare = 5
	// closeShare: or a pixel of so many has a colour near that of its left neighbour.
	closeShare = 4
)

// examine looks at a piece of at most a tile.
func examine(fb *Framebuffer, r image.Rectangle) content {
	if oneColour(fb, r) {
		return contentFill
	}
	if area(r) < smallest {
		return contentPlain
	}
	equal, close, seen := 0, 0, 0
	for y := r.Min.Y; y < r.Max.Y; y += 4 {
		row := fb.row(r.Min.X, r.Max.X, y)
		before := binary.LittleEndian.Uint32(row) & colourMask
		for x := 4; x+4 <= len(row); x += 4 {
			v := binary.LittleEndian.Uint32(row[x:]) & colourMask
			switch {
			case v == before:
				equal++
			case similar(v, before):
				close++
			}
			before = v
			seen++
		}
	}
	if equal*16 < seen*photoShare || close*closeShare > seen {
		return contentPhoto
	}
	return contentPlain
}

// similar says whether the channels of two colours differ by 8 at most each.
func similar(a, b uint32) bool {
	for range 3 {
		if d := int(a&0xff) - int(b&0xff); d > 8 || d < -8 {
			return false
		}
		a, b = a>>8, b>>8
	}
	return true
}

// oneColour says whether all pixels have the same colour.
func oneColour(fb *Framebuffer, r image.Rectangle) bool {
	colour := binary.LittleEndian.Uint32(fb.row(r.Min.X, r.Max.X, r.Min.Y)) & colourMask
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := fb.row(r.Min.X, r.Max.X, y)
		for x := 0; x+4 <= len(row); x += 4 {
			if binary.LittleEndian.Uint32(row[x:])&colourMask != colour {
				return false
			}
		}
	}
	return true
}
