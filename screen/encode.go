package screen

import (
	"fmt"
	"image"

	"github.com/pierrec/lz4/v4"
)

// Encoder writes updates. Its buffers are reused: after the first update it does not allocate. The zero
// value is ready. It is not safe for concurrent use.
type Encoder struct {
	sequence uint32
	raw      []byte // the pixels of a part
	part     []byte // a part: header, rectangles, payload
	pieces   []image.Rectangle
	lz4      lz4.Compressor
}

// Sequence is the number of the update written last; the first one is 1.
func (e *Encoder) Sequence() uint32 { return e.sequence }

// Encode writes the pixels of the rectangles as one update: it calls emit with each part in order. A part is
// valid until emit returns. Rectangles are clipped to the picture; with nothing left there is no update and no
// call. After an error of emit, which is returned as it is, the update is unfinished and the next one takes
// its place.
func (e *Encoder) Encode(fb *Framebuffer, rects []image.Rectangle, depth ColorDepth, emit func(part []byte) error) error {
	if fb.Width > MaxSide || fb.Height > MaxSide {
		return fmt.Errorf("%w: %d×%d pixels", ErrTooLarge, fb.Width, fb.Height)
	}
	if !depth.Valid() {
		return fmt.Errorf("screen: unknown colour depth %d", uint8(depth))
	}
	e.prepare()
	h := header{first: true, depth: depth, width: fb.Width, height: fb.Height}
	for _, r := range rects {
		r = r.Intersect(fb.Bounds())
		for !r.Empty() {
			piece := e.fit(r, depth)
			if piece.Empty() {
				if err := e.flush(&h, emit); err != nil {
					return err
				}
				continue
			}
			e.add(fb, piece, depth)
			r.Min.Y = piece.Max.Y
		}
	}
	if len(e.pieces) == 0 {
		return nil
	}
	h.last = true
	return e.flush(&h, emit)
}

func (e *Encoder) prepare() {
	if e.part == nil {
		e.part = make([]byte, MaxPart)
		e.raw = make([]byte, 0, MaxPart)
		e.pieces = make([]image.Rectangle, 0, MaxPartRects)
	}
	e.raw, e.pieces = e.raw[:0], e.pieces[:0]
}

// fit is as many rows of r as the part still has room for; none when the part is full.
func (e *Encoder) fit(r image.Rectangle, depth ColorDepth) image.Rectangle {
	if len(e.pieces) == MaxPartRects {
		return image.Rectangle{}
	}
	room := MaxPart - partHeader - (len(e.pieces)+1)*rectBytes - len(e.raw)
	rows := room / (r.Dx() * depth.Bytes())
	if rows <= 0 {
		return image.Rectangle{}
	}
	r.Max.Y = min(r.Max.Y, r.Min.Y+rows)
	return r
}

func (e *Encoder) add(fb *Framebuffer, r image.Rectangle, depth ColorDepth) {
	e.pieces = append(e.pieces, r)
	width := r.Dx() * depth.Bytes()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		at := len(e.raw)
		e.raw = e.raw[:at+width]
		depth.pack(e.raw[at:], fb.row(r.Min.X, r.Max.X, y), fb.Format)
	}
}

// flush emits the part collected so far and starts the next one of the same update.
func (e *Encoder) flush(h *header, emit func([]byte) error) error {
	if h.first {
		e.sequence++
	}
	h.sequence, h.rawLength, h.count = e.sequence, len(e.raw), len(e.pieces)
	at := partHeader
	for _, r := range e.pieces {
		putRect(e.part[at:], r)
		at += rectBytes
	}
	h.encoding = encodingLZ4
	n := compressLZ4(&e.lz4, e.part[at:], e.raw)
	if n == 0 {
		h.encoding = encodingRaw
		n = copy(e.part[at:], e.raw)
	}
	h.put(e.part)
	h.first = false
	e.raw, e.pieces = e.raw[:0], e.pieces[:0]
	return emit(e.part[:at+n])
}
