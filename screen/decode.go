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
	own    Part // of Decode
	raw    []byte
	stream streamReader
}

// Part is a part of an update on its way to the picture. What can be done without the picture, and without what came
// before, is done by Prepare: different Parts may be prepared at the same time. One Part can be used again and again,
// and then allocates little.
type Part struct {
	limits Limits

	h       header
	err     error
	rects   []image.Rectangle
	payload []byte
	pixels  []byte // where they are packed, and do not come with the stream
	raw     []byte
	planes  []byte
	photo   []photoRect
	frames  frames
	jpeg    image.Image
}

// NewDecoder makes a decoder that paints pictures of this format. The zero Limits means DefaultLimits.
func NewDecoder(format PixelFormat, limits Limits) *Decoder {
	if limits == (Limits{}) {
		limits = DefaultLimits
	}
	return &Decoder{limits: limits, format: format, own: Part{limits: limits}}
}

// NewPart makes a Part for Apply.
func (d *Decoder) NewPart() *Part { return &Part{limits: d.limits} }

// Framebuffer is the picture, nil before the first part. Its size never changes: when the desktop's does,
// there is a new Framebuffer, and the old one stays as it was.
func (d *Decoder) Framebuffer() *Framebuffer { return d.fb }

// Decode paints one part. Its errors wrap ErrMalformedPart or ErrTooLarge; nothing is painted then, and the
// connection that the part came from should be given up.
func (d *Decoder) Decode(part []byte) (Update, error) {
	d.own.Prepare(part)
	return d.Apply(&d.own)
}

// Prepare takes a part in. It keeps data until Apply; what is wrong with it Apply says.
func (p *Part) Prepare(data []byte) {
	p.pixels, p.jpeg = nil, nil
	if p.h, p.err = parseHeader(data); p.err != nil {
		return
	}
	h := p.h
	if h.width > p.limits.Width || h.height > p.limits.Height || h.width*h.height > p.limits.Pixels {
		p.err = fmt.Errorf("%w: %d×%d pixels", ErrTooLarge, h.width, h.height)
		return
	}
	if p.err = p.readRects(data[partHeader:]); p.err != nil {
		return
	}
	p.payload = data[partHeader+h.count*rectBytes:]
	switch {
	case h.encoding == encodingStream: // needs what came before
	case h.encoding.packed():
		p.pixels, p.err = p.unpack()
	default:
		p.err = p.check()
	}
}

// Heavy says whether it takes long to Prepare a part, so that it is worth another goroutine.
func Heavy(data []byte) bool {
	const most = 32 << 10 // bytes of pixels, or of a picture
	h, err := parseHeader(data)
	return err == nil && h.encoding != encodingStream && (h.rawLength > most || h.encoding == encodingJPEG)
}

// Apply paints a part that has been prepared, in the order in which the parts came. It is Decode otherwise.
func (d *Decoder) Apply(p *Part) (Update, error) {
	if p.err != nil {
		return Update{}, p.err
	}
	h := p.h
	if err := d.follows(h); err != nil {
		return Update{}, err
	}
	pixels := p.pixels
	if h.encoding == encodingStream {
		if cap(d.raw) < h.rawLength {
			d.raw = make([]byte, MaxPart)
		}
		pixels = d.raw[:h.rawLength]
		if err := d.stream.read(pixels, p.payload, h.anew); err != nil {
			return Update{}, err
		}
	}
	u := Update{Sequence: h.sequence, First: h.first, Last: h.last, Rects: p.rects, Depth: h.depth, Packed: h.encoding.packed()}
	if d.fb == nil || d.fb.Width != h.width || d.fb.Height != h.height {
		d.fb = NewFramebuffer(h.width, h.height, d.format)
		copyOpaque(d.fb.Pix, d.fb.Pix)
		u.Resized = true
	}
	if h.encoding.packed() {
		d.paint(p.rects, pixels, h.depth)
	} else {
		d.paintDirectly(p)
	}
	p.payload, p.pixels, p.jpeg = nil, nil, nil
	d.within, d.seq = !h.last, h.sequence
	return u, nil
}

// follows checks that the part continues what came before.
func (d *Decoder) follows(h header) error {
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
func (p *Part) readRects(b []byte) error {
	p.rects = p.rects[:0]
	h := p.h
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
		p.rects = append(p.rects, r)
	}
	if total != h.rawLength {
		return malformed("rectangles of %d bytes instead of %d", total, h.rawLength)
	}
	return nil
}

// unpack is the part's raw pixels.
func (p *Part) unpack() ([]byte, error) {
	if p.h.encoding == encodingRaw {
		return rawPixels(p.payload, p.h.rawLength)
	}
	if cap(p.raw) < p.h.rawLength {
		p.raw = make([]byte, MaxPart)
	}
	p.raw = p.raw[:p.h.rawLength]
	if p.h.encoding == encodingPhoto {
		return p.raw, p.photoPixels()
	}
	return p.raw, decompressLZ4(p.raw, p.payload)
}

func (p *Part) photoPixels() error {
	if p.planes == nil {
		p.planes = make([]byte, MaxPart/4*photoPlanes)
	}
	planes := p.planes[:len(p.raw)/4*photoPlanes]
	if err := p.frames.read(planes, p.payload); err != nil {
		return err
	}
	p.photo = p.photo[:0]
	for _, r := range p.rects {
		p.photo = append(p.photo, photoRect{r.Dx(), r.Dy()})
	}
	unfilterPhoto(p.raw, planes, p.photo)
	return nil
}

// check looks at a payload that is no packed pixels before anything is painted.
func (p *Part) check() error {
	h := p.h
	if extra := h.encoding.extra(); extra > 0 && len(p.payload) != extra*h.count {
		return malformed("%d bytes for %d rectangles", len(p.payload), h.count)
	}
	bounds := image.Rect(0, 0, h.width, h.height)
	switch h.encoding {
	case encodingCopy:
		for i := range p.rects {
			if m := p.move(i); !m.Source().In(bounds) {
				return malformed("copy from %v outside of %v", m.Source(), bounds)
			}
		}
	case encodingJPEG:
		if h.count != 1 {
			return malformed("JPEG picture in %d rectangles", h.count)
		}
		var err error
		p.jpeg, err = readJPEG(p.rects[0], p.payload)
		return err
	}
	return nil
}

func (p *Part) move(i int) Move {
	x, y := binary.LittleEndian.Uint16(p.payload[4*i:]), binary.LittleEndian.Uint16(p.payload[4*i+2:])
	return Move{To: p.rects[i], From: image.Pt(int(x), int(y))}
}

// paintDirectly paints what check has let pass.
func (d *Decoder) paintDirectly(p *Part) {
	switch p.h.encoding {
	case encodingCopy:
		for i := range p.rects {
			d.fb.Move(p.move(i))
		}
	case encodingFill:
		for i, r := range p.rects {
			d.fb.fill(r, p.payload[4*i:4*i+4])
		}
	case encodingJPEG:
		paintJPEG(d.fb, p.rects[0], p.jpeg)
	}
}

func (d *Decoder) paint(rects []image.Rectangle, pixels []byte, depth ColorDepth) {
	for _, r := range rects {
		width := r.Dx() * depth.Bytes()
		for y := r.Min.Y; y < r.Max.Y; y++ {
			depth.unpack(d.fb.row(r.Min.X, r.Max.X, y), pixels[:width], d.format)
			pixels = pixels[width:]
		}
	}
}
