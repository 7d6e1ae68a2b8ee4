package screen

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"slices"
)

// An update is a set of rectangles that belong on the screen together. It travels as one or more parts, in
// order; each part can be decoded and painted by itself. A part, all numbers little-endian:
//
//	 0  uint32  sequence     of the update, one more than the update's before
//	 4  uint8   flags        bit 0: first part of the update; bit 1: last part; bit 2: the stream of encoding 2
//	                         begins anew with this part; others zero
//	 5  uint8   encoding     see below
//	 6  uint8   colour depth 24, 16 or 8
//	 7  uint8   zero
//	 8  uint16  width        of the desktop; a change comes only with an update's first part
//	10  uint16  height
//	12  uint32  raw length   of the pixels, as the rectangles and the colour depth say; 0 where nothing is unpacked
//	16  uint16  count        of rectangles
//	18  count × (uint16 x, y, width, height), none empty, all within the desktop
//	    payload              the rest of the part
//
// The payload by encoding. "Pixels" are those of the rectangles, one rectangle after another, each row by row
// without gaps, in the layout of the colour depth.
//
//	0 raw     the pixels
//	1 LZ4     the pixels as one LZ4 block
//	2 stream  the pixels, as the next piece of one zstd frame that lasts as long as the channel: flushed, window 4 MiB
//	3 copy    for each rectangle (uint16 x, y): where its pixels were; one after another; raw length 0, colour depth 24
//	4 fill    for each rectangle (uint8 blue, green, red, zero): its colour; raw length 0, colour depth 24
//	5 photo   the pixels' differences as one zstd frame, see photo.go; colour depth 24
//	6 JPEG    one rectangle as a baseline JPEG picture of its size; raw length 0, colour depth 24
const (
	partHeader = 18
	rectBytes  = 8

	flagFirst = 1 << 0
	flagLast  = 1 << 1
	flagAnew  = 1 << 2

	// MaxPart is the largest part in bytes. A part's raw pixels are bounded such that it holds whatever the
	// encoding makes of them.
	MaxPart = 1 << 20
	// MaxPartRects is how many rectangles one part may have.
	MaxPartRects = 1024
	// MaxSide is the largest width and height of a desktop in pixels that a part can name.
	MaxSide = 1<<16 - 1
)

// encoding is how the pixels of a part are written.
type encoding uint8

const (
	encodingRaw encoding = iota
	encodingLZ4
	encodingStream
	encodingCopy
	encodingFill
	encodingPhoto
	encodingJPEG
	encodingCount
)

// Encodings is a set of encodings.
type Encodings uint16

// Basic is what every viewer understands; AllEncodings is what this version does.
const (
	Basic        = Encodings(1<<encodingRaw | 1<<encodingLZ4)
	AllEncodings = Encodings(1<<encodingCount - 1)
)

var encodingNames = [encodingCount]string{"raw", "lz4", "zstd", "copy", "fill", "photo", "jpeg"}

// Names is the set as peers tell each other.
func (e Encodings) Names() []string {
	var names []string
	for i, name := range encodingNames {
		if e.has(encoding(i)) {
			names = append(names, name)
		}
	}
	return names
}

// ParseEncodings is the set that these names stand for, as far as they are known, and Basic.
func ParseEncodings(names []string) Encodings {
	set := Basic
	for _, name := range names {
		if i := slices.Index(encodingNames[:], name); i >= 0 {
			set |= 1 << i
		}
	}
	return set
}

func (e Encodings) has(one encoding) bool { return e>>one&1 != 0 }

// extra is what follows a rectangle of the encoding in the payload, in bytes.
func (e encoding) extra() int {
	if e == encodingCopy || e == encodingFill {
		return 4
	}
	return 0
}

// packed says whether the payload holds pixels in the layout of the colour depth.
func (e encoding) packed() bool { return e <= encodingStream || e == encodingPhoto }

// ErrMalformedPart is what Decode's errors wrap when a part is not what the layout says.
var ErrMalformedPart = errors.New("screen: malformed part of an update")

// ErrTooLarge is what Decode's errors wrap when a part asks for more than the limits allow.
var ErrTooLarge = errors.New("screen: a picture larger than agreed")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformedPart, fmt.Sprintf(format, args...))
}

// header is the fixed beginning of a part.
type header struct {
	sequence      uint32
	first, last   bool
	anew          bool
	encoding      encoding
	depth         ColorDepth
	width, height int
	rawLength     int
	count         int
}

func (h *header) put(b []byte) {
	binary.LittleEndian.PutUint32(b, h.sequence)
	var flags byte
	if h.first {
		flags |= flagFirst
	}
	if h.last {
		flags |= flagLast
	}
	if h.anew {
		flags |= flagAnew
	}
	b[4], b[5], b[6], b[7] = flags, byte(h.encoding), byte(h.depth), 0
	binary.LittleEndian.PutUint16(b[8:], uint16(h.width))
	binary.LittleEndian.PutUint16(b[10:], uint16(h.height))
	binary.LittleEndian.PutUint32(b[12:], uint32(h.rawLength))
	binary.LittleEndian.PutUint16(b[16:], uint16(h.count))
}

// parseHeader reads the fixed beginning and checks what can be checked from it alone.
func parseHeader(b []byte) (header, error) {
	if len(b) < partHeader {
		return header{}, malformed("%d bytes are no header", len(b))
	}
	if len(b) > MaxPart {
		return header{}, malformed("%d bytes are too long", len(b))
	}
	h := header{
		sequence: binary.LittleEndian.Uint32(b),
		first:    b[4]&flagFirst != 0, last: b[4]&flagLast != 0, anew: b[4]&flagAnew != 0,
		encoding: encoding(b[5]), depth: ColorDepth(b[6]),
		width: int(binary.LittleEndian.Uint16(b[8:])), height: int(binary.LittleEndian.Uint16(b[10:])),
		rawLength: int(binary.LittleEndian.Uint32(b[12:])), count: int(binary.LittleEndian.Uint16(b[16:])),
	}
	switch {
	case b[4]&^(flagFirst|flagLast|flagAnew) != 0 || b[7] != 0:
		return h, malformed("unknown flags")
	case h.encoding >= encodingCount:
		return h, malformed("unknown encoding %d", h.encoding)
	case h.anew && h.encoding != encodingStream:
		return h, malformed("encoding %d begins a stream", h.encoding)
	case h.depth != Depth24 && h.encoding > encodingStream:
		return h, malformed("encoding %d with %v", h.encoding, h.depth)
	case !h.depth.Valid():
		return h, malformed("unknown colour depth %d", h.depth)
	case h.width == 0 || h.height == 0:
		return h, malformed("empty desktop")
	case h.rawLength > MaxPart:
		return h, malformed("%d bytes of pixels are too many", h.rawLength)
	case h.count > MaxPartRects || partHeader+h.count*rectBytes > len(b):
		return h, malformed("%d rectangles are too many", h.count)
	}
	return h, nil
}

func putRect(b []byte, r image.Rectangle) {
	binary.LittleEndian.PutUint16(b, uint16(r.Min.X))
	binary.LittleEndian.PutUint16(b[2:], uint16(r.Min.Y))
	binary.LittleEndian.PutUint16(b[4:], uint16(r.Dx()))
	binary.LittleEndian.PutUint16(b[6:], uint16(r.Dy()))
}

func getRect(b []byte) image.Rectangle {
	x, y := int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:]))
	w, h := int(binary.LittleEndian.Uint16(b[4:])), int(binary.LittleEndian.Uint16(b[6:]))
	return image.Rect(x, y, x+w, y+h)
}
