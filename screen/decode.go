package screen

import (
	"encoding/binary"
	"fmt"
	"image"
)

// Limits is the largest picture that a Decoder makes.
type Limits struct {
	Width, Height int // pixels
	Pixels        int // width times height
}

// DefaultLimits is enough for four 4K monitors: at most 256 MB of memory for a picture.
var DefaultLimits = Limits{Width: 1 << 15, Height: 1 << 15, Pixels: 64 << 20}

// Update is what one part of an update did to the picture.
type Update struct {
	Sequence uint32
	First    bool              // this was the update's first part
	Last     bool              // and this its last: the picture is whole again
	Resized  bool              // Framebuffer is another one, black but for Rects
	Rects    []image.Rectangle // what was painted, valid until the next Decode
	Depth    ColorDepth
	Packed   bool // pixels came in Depth; what is copied, of one colour, or JPEG has none
}

// Decoder applies updates to a picture, which it owns. Whatever the parts say, it paints only within the
// picture and allocates at most what its limits allow. It is not safe for concurrent use, and neither is
// reading the picture while Decode runs.
//
//	             first part          last part
//	(no update) ────────────▶ (within) ─────────▶ (no update)
//
// A first part is welcome at any time: an update that was cut off by a broken link is taken over by the next.
type Decoder struct {
	limits Limits
	format PixelFormat

	fb     *Framebuffer
	within bool // an update has begun and not ended
	seq    uint32
	rects  []image.Rectangle
	raw    []byte
	planes []byte
	photo  []photoRect
	stream streamReader
	frames frames
	jpeg   image.Image // of the present part, between its check and its painting
}

// NewDecoder makes a decoder that paints pictures of this format. The zero Limits means DefaultLimits.
func NewDecoder(format PixelFormat, limits Limits) *Decoder {
	if limits == (Limits{}) {
		limits = DefaultLimits
	}
	return &Decoder{limits: limits, format: format}
}

// Framebuffer is the picture, nil before the first part. Its size never changes: when the desktop's does,
// there is a new Framebuffer, and the old one stays as it was.
func (d *Decoder) Framebuffer() *Framebuffer { return d.fb }

// Decode paints one part. Its errors wrap ErrMalformedPart or ErrTooLarge; nothing is painted then, and the
// connection that the part came from should be given up.
func (d *Decoder) Decode(part []byte) (Update, error) {
	h, err := parseHeader(part)
	if err != nil {
		return Update{}, err
	}
	if err := d.follows(h); err != nil {
		return Update{}, err
	}
	if err := d.readRects(h, part[partHeader:]); err != nil {
		return Update{}, err
	}
	payload := part[partHeader+h.count*rectBytes:]
	var pixels []byte
	if h.encoding.packed() {
		pixels, err = d.pixels(h, payload)
	} else {
		err = d.check(h, payload)
	}
	if err != nil {
		return Update{}, err
	}
	u := Update{Sequence: h.sequence, First: h.first, Last: h.last, Rects: d.rects, Depth: h.depth, Packed: h.encoding.packed()}
	if d.fb == nil || d.fb.Width != h.width || d.fb.Height != h.height {
		d.fb = NewFramebuffer(h.width, h.height, d.format)
		copyOpaque(d.fb.Pix, d.fb.Pix)
		u.Resized = true
	}
	if h.encoding.packed() {
		d.paint(pixels, h.depth)
	} else {
		d.paintDirectly(h, payload)
	}
	d.within, d.seq = !h.last, h.sequence
	return u, nil
}

// follows checks that the part continues what came before, and that its picture is not larger than agreed.
func (d *Decoder) follows(h header) error {
	if h.width > d.limits.Width || h.height > d.limits.Height || h.width*h.height > d.limits.Pixels {
		return fmt.Errorf("%w: %d×%d pixels", ErrTooLarge, h.width, h.height)
	}
	if h.first {
		return nil
	}
	if !d.within || h.sequence != d.seq {
		return malformed("a part of update %d out of turn", h.sequence)
	}
	if d.fb.Width != h.width || d.fb.Height != h.height {
		return malformed("the size changes within an update")
	}
	return nil
}

// readRects checks the rectangles against the desktop and their pixels against the raw length.
func (d *Decoder) readRects(h header, b []byte) error {
	d.rects = d.rects[:0]
	bounds := image.Rect(0, 0, h.width, h.height)
	total := 0
	for i := range h.count {
		r := getRect(b[i*rectBytes:])
		if r.Empty() || !r.In(bounds) {
			return malformed("rectangle %v outside of %v", r, bounds)
		}
		if h.encoding.packed() {
			total += area(r) * h.depth.Bytes()
		}
		d.rects = append(d.rects, r)
	}
	if total != h.rawLength {
		return malformed("rectangles of %d bytes instead of %d", total, h.rawLength)
	}
	return nil
}

// pixels is the part's raw pixels.
func (d *Decoder) pixels(h header, payload []byte) ([]byte, error) {
	if h.encoding == encodingRaw {
		return rawPixels(payload, h.rawLength)
	}
	if cap(d.raw) < h.rawLength {
		d.raw = make([]byte, MaxPart)
	}
	d.raw = d.raw[:h.rawLength]
	switch h.encoding {
	case encodingStream:
		return d.raw, d.stream.read(d.raw, payload, h.anew)
	case encodingPhoto:
		return d.raw, d.photoPixels(payload)
	}
	return d.raw, decompressLZ4(d.raw, payload)
}

func (d *Decoder) photoPixels(payload []byte) error {
	if d.planes == nil {
		d.planes = make([]byte, MaxPart/4*photoPlanes)
	}
	planes := d.planes[:len(d.raw)/4*photoPlanes]
	if err := d.frames.read(planes, payload); err != nil {
		return err
	}
	d.photo = d.photo[:0]
	for _, r := range d.rects {
		d.photo = append(d.photo, photoRect{r.Dx(), r.Dy()})
	}
	unfilterPhoto(d.raw, planes, d.photo)
	return nil
}

// check looks at a payload that is no packed pixels before anything is painted.
func (d *Decoder) check(h header, payload []byte) error {
	if extra := h.encoding.extra(); extra > 0 && len(payload) != extra*h.count {
		return malformed("%d bytes for %d rectangles", len(payload), h.count)
	}
	bounds := image.Rect(0, 0, h.width, h.height)
	switch h.encoding {
	case encodingCopy:
		for i := range d.rects {
			if m := d.move(payload, i); !m.Source().In(bounds) {
				return malformed("copy from %v outside of %v", m.Source(), bounds)
			}
		}
	case encodingJPEG:
		if h.count != 1 {
			return malformed("JPEG picture in %d rectangles", h.count)
		}
		var err error
		d.jpeg, err = readJPEG(d.rects[0], payload)
		return err
	}
	return nil
}

func (d *Decoder) move(payload []byte, i int) Move {
	x, y := binary.LittleEndian.Uint16(payload[4*i:]), binary.LittleEndian.Uint16(payload[4*i+2:])
	return Move{To: d.rects[i], From: image.Pt(int(x), int(y))}
}

// paintDirectly paints what check has let pass.
func (d *Decoder) paintDirectly(h header, payload []byte) {
	switch h.encoding {
	case encodingCopy:
		for i := range d.rects {
			d.fb.Move(d.move(payload, i))
		}
	case encodingFill:
		for i, r := range d.rects {
			d.fb.fill(r, payload[4*i:4*i+4])
		}
	case encodingJPEG:
		paintJPEG(d.fb, d.rects[0], d.jpeg)
		d.jpeg = nil
	}
}

func (d *Decoder) paint(pixels []byte, depth ColorDepth) {
	for _, r := range d.rects {
		width := r.Dx() * depth.Bytes()
		for y := r.Min.Y; y < r.Max.Y; y++ {
			depth.unpack(d.fb.row(r.Min.X, r.Max.X, y), pixels[:width], d.format)
			pixels = pixels[width:]
		}
	}
}
