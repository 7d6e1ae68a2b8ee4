package screen

import (
	"encoding/binary"
	"fmt"
	"image"

	"github.com/pierrec/lz4/v4"
)

// Encoder writes updates. Its buffers are reused: after the first update it does not allocate. The zero
// value is ready. It is not safe for concurrent use.
type Encoder struct {
	// Viewer is what the other side understands; zero: everything that this version does.
	Viewer Encodings
	// JPEG writes what is lossy; nil: the standard library does.
	JPEG JPEG

	sequence uint32
	emit     func(part []byte) error
	header   header
	depth    ColorDepth // of packed pixels
	fb       *Framebuffer

	raw    []byte // the pixels of a part
	planes []byte // the same, filtered
	part   []byte // a part: header, rectangles, payload
	pieces []image.Rectangle
	moves  []Move
	photo  []photoRect
	plan   Plan // of Encode
	lz4    lz4.Compressor
	stream streamWriter
	frames frames
	plain  goJPEG
}

// Sequence is the number of the update written last; the first one is 1.
func (e *Encoder) Sequence() uint32 { return e.sequence }

// Restart makes what follows independent of what was written before, for a viewer that has not got all of it.
func (e *Encoder) Restart() { e.stream.restart() }

// Encode writes the pixels of the rectangles without loss, as Write does.
func (e *Encoder) Encode(fb *Framebuffer, rects []image.Rectangle, depth ColorDepth, emit func(part []byte) error) error {
	e.plan.Reset()
	for _, r := range rects {
		if depth == Depth24 {
			e.plan.AddLossless(fb, r)
		} else if r = r.Intersect(fb.Bounds()); !r.Empty() {
			e.plan.Plain = append(e.plan.Plain, r)
		}
	}
	return e.Write(fb, &e.plan, depth, emit)
}

// Write writes an update: it calls emit with each part in order. A part is valid until emit returns. Rectangles
// must be within the picture; without any there is no update and no call. The colour depth is
// that of what is neither of one colour nor JPEG. For a viewer that does not understand an encoding, the plan's
// rectangles are written in another way. After an error of
// emit, which is returned as it is, the update is unfinished and the next one takes its place; it begins anew.
func (e *Encoder) Write(fb *Framebuffer, plan *Plan, depth ColorDepth, emit func(part []byte) error) error {
	if fb.Width > MaxSide || fb.Height > MaxSide {
		return fmt.Errorf("%w: %d×%d pixels", ErrTooLarge, fb.Width, fb.Height)
	}
	if !depth.Valid() {
		return fmt.Errorf("screen: unknown colour depth %d", uint8(depth))
	}
	if plan.Empty() {
		return nil
	}
	e.prepare()
	e.fb, e.emit = fb, emit
	e.depth = depth
	e.header = header{first: true, width: fb.Width, height: fb.Height}
	err := e.write(plan)
	e.fb, e.emit = nil, nil
	if err != nil {
		e.Restart()
	}
	return err
}

func (e *Encoder) prepare() {
	if e.Viewer == 0 {
		e.Viewer = AllEncodings
	}
	if e.part == nil {
		e.part = make([]byte, MaxPart)
		e.raw = make([]byte, 0, MaxPart)
		e.pieces = make([]image.Rectangle, 0, MaxPartRects)
		e.moves = make([]Move, 0, MaxPartRects)
		e.photo = make([]photoRect, 0, MaxPartRects)
	}
	e.raw, e.pieces, e.moves = e.raw[:0], e.pieces[:0], e.moves[:0]
}

// section is rectangles that are written in the same way: how writes what has been collected.
type section struct {
	how   func(last bool) error
	rects []image.Rectangle
	// pixels: they are collected.
	pixels bool
}

// write goes through the plan's sections; the last one that has anything ends the update.
func (e *Encoder) write(plan *Plan) error {
	can := e.Viewer.has
	plain := e.flushPlain
	if plan.Fast {
		plain = e.flushFast
	}
	fills, photos, lossy := plain, plain, plan.Lossy
	if can(encodingFill) {
		fills = e.flushFills
	}
	if can(encodingPhoto) && e.depth == Depth24 {
		photos = e.flushPhotos
	}
	sections := [...]section{
		{fills, plan.Fills, !can(encodingFill)},
		{plain, plan.Plain, true},
		{photos, plan.Photos, true},
		{photos, nil, true},
	}
	if !can(encodingJPEG) {
		sections[3].rects, lossy = lossy, nil
	}
	end := -1
	for i, s := range sections {
		if len(s.rects) > 0 {
			end = i
		}
	}
	if err := e.writeMoves(plan.Moves, end < 0 && len(lossy) == 0); err != nil {
		return err
	}
	for i, s := range sections {
		if err := e.writeSection(s, i == end && len(lossy) == 0); err != nil {
			return err
		}
	}
	return e.writeLossy(lossy, plan.Quality)
}

// writeSection writes rectangles in as few parts as they fit in.
func (e *Encoder) writeSection(s section, last bool) error {
	for i, r := range s.rects {
		for !r.Empty() {
			piece := e.fit(r)
			if piece.Empty() {
				if err := s.how(false); err != nil {
					return err
				}
				continue
			}
			e.pieces = append(e.pieces, piece)
			if s.pixels {
				e.addPixels(piece)
			}
			r.Min.Y = piece.Max.Y
		}
		if i == len(s.rects)-1 {
			return s.how(last)
		}
	}
	return nil
}

// fit is as many rows of r as the part still has room for; none when the part is full.
func (e *Encoder) fit(r image.Rectangle) image.Rectangle {
	if len(e.pieces) == MaxPartRects {
		return image.Rectangle{}
	}
	room := MaxPart - partHeader - (len(e.pieces)+1)*(rectBytes+4) - len(e.raw) - streamSlack
	rows := room / (r.Dx() * e.depth.Bytes())
	if rows <= 0 {
		return image.Rectangle{}
	}
	r.Max.Y = min(r.Max.Y, r.Min.Y+rows)
	return r
}

// streamSlack is how much longer than the pixels the stream's piece may be: three bytes a block and a little.
const streamSlack = 256

func (e *Encoder) addPixels(r image.Rectangle) {
	depth := e.depth
	width := r.Dx() * depth.Bytes()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		at := len(e.raw)
		e.raw = e.raw[:at+width]
		depth.pack(e.raw[at:], e.fb.row(r.Min.X, r.Max.X, y), e.fb.Format)
	}
}

// begin writes the rectangles and returns where the payload begins.
func (e *Encoder) begin() int {
	at := partHeader
	for _, r := range e.pieces {
		putRect(e.part[at:], r)
		at += rectBytes
	}
	return at
}

// finish writes the header, emits the part and starts the next one of the same update.
func (e *Encoder) finish(how encoding, anew bool, rawLength, size int, last bool) error {
	h := &e.header
	if h.first {
		e.sequence++
	}
	h.sequence, h.rawLength, h.count = e.sequence, rawLength, len(e.pieces)
	h.encoding, h.anew, h.last, h.depth = how, anew, last, Depth24
	if how.packed() {
		h.depth = e.depth
	}
	h.put(e.part)
	h.first = false
	e.raw, e.pieces, e.moves = e.raw[:0], e.pieces[:0], e.moves[:0]
	return e.emit(e.part[:size])
}

// flushPlain writes the pixels collected so far as the next piece of the stream.
func (e *Encoder) flushPlain(last bool) error {
	if !e.Viewer.has(encodingStream) {
		return e.flushFast(last)
	}
	at := e.begin()
	payload, anew, ok := e.stream.write(e.part[at:at:MaxPart], e.raw)
	if !ok {
		return e.flushFast(last)
	}
	return e.finish(encodingStream, anew, len(e.raw), at+len(payload), last)
}

// flushFast writes them as an LZ4 block, or as they are when that would not be shorter.
func (e *Encoder) flushFast(last bool) error {
	at := e.begin()
	how := encodingLZ4
	n := compressLZ4(&e.lz4, e.part[at:], e.raw)
	if n == 0 {
		how = encodingRaw
		n = copy(e.part[at:], e.raw)
	}
	return e.finish(how, false, len(e.raw), at+n, last)
}

// flushFills writes one colour for each rectangle.
func (e *Encoder) flushFills(last bool) error {
	at := e.begin()
	for _, r := range e.pieces {
		Depth24.pack(e.part[at:at+4], e.fb.row(r.Min.X, r.Min.X+1, r.Min.Y), e.fb.Format)
		at += 4
	}
	return e.finish(encodingFill, false, 0, at, last)
}

// flushPhotos writes the pixels collected so far as differences.
func (e *Encoder) flushPhotos(last bool) error {
	at := e.begin()
	e.photo = e.photo[:0]
	for _, r := range e.pieces {
		e.photo = append(e.photo, photoRect{r.Dx(), r.Dy()})
	}
	if e.planes == nil {
		e.planes = make([]byte, MaxPart/4*photoPlanes)
	}
	planes := e.planes[:len(e.raw)/4*photoPlanes]
	filterPhoto(planes, e.raw, e.photo)
	payload := e.frames.write(e.part[at:at:MaxPart], planes)
	return e.finish(encodingPhoto, false, len(e.raw), at+len(payload), last)
}

// writeMoves writes copies.
func (e *Encoder) writeMoves(moves []Move, last bool) error {
	for len(moves) > 0 {
		n := min(len(moves), MaxPartRects)
		for _, m := range moves[:n] {
			e.pieces = append(e.pieces, m.To)
		}
		at := e.begin()
		for _, m := range moves[:n] {
			binary.LittleEndian.PutUint16(e.part[at:], uint16(m.From.X))
			binary.LittleEndian.PutUint16(e.part[at+2:], uint16(m.From.Y))
			at += 4
		}
		moves = moves[n:]
		if err := e.finish(encodingCopy, false, 0, at, last && len(moves) == 0); err != nil {
			return err
		}
	}
	return nil
}

// maxBand is how many pixels one JPEG part has at most, such that even noise fits.
const maxBand = 128 << 10

// writeLossy writes JPEG pictures, the last of which ends the update.
func (e *Encoder) writeLossy(rects []image.Rectangle, quality int) error {
	writer := e.JPEG
	if writer == nil {
		writer = &e.plain
	}
	for i, r := range rects {
		rows := max(maxBand/r.Dx()&^15, 16)
		for !r.Empty() {
			band := r
			band.Max.Y = min(r.Max.Y, r.Min.Y+rows)
			r.Min.Y = band.Max.Y
			e.pieces = append(e.pieces, band)
			at := e.begin()
			payload, err := writer.Append(e.part[at:at:MaxPart], e.fb, band, min(max(quality, 1), 100))
			if err != nil && e.JPEG != nil { // it is not to be trusted any further
				e.JPEG, writer = nil, &e.plain
				payload, err = writer.Append(e.part[at:at:MaxPart], e.fb, band, min(max(quality, 1), 100))
			}
			if err != nil {
				return fmt.Errorf("screen: JPEG: %w", err)
			}
			if at+len(payload) > MaxPart {
				return fmt.Errorf("%w: JPEG picture of %d bytes", ErrTooLarge, len(payload))
			}
			if err := e.finish(encodingJPEG, false, 0, at+len(payload), i == len(rects)-1 && r.Empty()); err != nil {
				return err
			}
		}
	}
	return nil
}
