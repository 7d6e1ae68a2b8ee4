package screen

import (
	"encoding/binary"
	"fmt"
)

// ColorDepth is how many bits of colour a pixel keeps on its way.
type ColorDepth uint8

// The colour depths. On the wire a pixel of Depth24 is four bytes (blue, green, red, zero): a third more bytes
// than three would be, but only 5 % more once compressed, and two of them are packed or unpacked at a time. A
// pixel of Depth16 is 5 bits of red, 6 of green and 5 of blue in a little-endian 16-bit number, one of Depth8 is
// 3 bits of red, 3 of green and 2 of blue, from the highest bit down.
const (
	Depth8  ColorDepth = 8
	Depth16 ColorDepth = 16
	Depth24 ColorDepth = 24
)

// Valid says whether this is one of the colour depths.
func (d ColorDepth) Valid() bool { return d == Depth8 || d == Depth16 || d == Depth24 }

// Bytes is the size of one pixel on the wire.
func (d ColorDepth) Bytes() int {
	switch d {
	case Depth8:
		return 1
	case Depth16:
		return 2
	default:
		return 4
	}
}

func (d ColorDepth) String() string { return fmt.Sprintf("%d bit", uint8(d)) }

// pack writes a row of a picture as it goes on the wire. dst has room for it exactly.
func (d ColorDepth) pack(dst, row []byte, format PixelFormat) {
	switch {
	case d == Depth24 && format == BGRX:
		packMasked(dst, row)
	case d == Depth24:
		swapRow(dst, row, 0)
	case d == Depth16:
		for x := 0; x < len(row)/4; x++ {
			r, g, b := colours(row[4*x:], format)
			binary.LittleEndian.PutUint16(dst[2*x:], uint16(r>>3<<11|g>>2<<5|b>>3))
		}
	default:
		for x := 0; x < len(row)/4; x++ {
			r, g, b := colours(row[4*x:], format)
			dst[x] = byte(r>>5<<5 | g>>5<<2 | b>>6)
		}
	}
}

// unpack writes pixels from the wire into a row of a picture, opaque.
func (d ColorDepth) unpack(row, src []byte, format PixelFormat) {
	switch {
	case d == Depth24 && format == RGBA:
		swapRow(row, src, 0xff000000_ff000000)
	case d == Depth24:
		copyOpaque(row, src)
	case d == Depth16:
		for x := 0; x < len(row)/4; x++ {
			v := uint32(binary.LittleEndian.Uint16(src[2*x:]))
			r, g, b := v>>11, v>>5&63, v&31
			putColours(row[4*x:], r<<3|r>>2, g<<2|g>>4, b<<3|b>>2, format)
		}
	default:
		for x := 0; x < len(row)/4; x++ {
			v := uint32(src[x])
			r, g, b := v>>5, v>>2&7, v&3
			putColours(row[4*x:], r<<5|r<<2|r>>1, g<<5|g<<2|g>>1, b*0x55, format)
		}
	}
}

func colours(p []byte, format PixelFormat) (r, g, b uint32) {
	v := binary.LittleEndian.Uint32(p)
	if format == RGBA {
		return v & 0xff, v >> 8 & 0xff, v >> 16 & 0xff
	}
	return v >> 16 & 0xff, v >> 8 & 0xff, v & 0xff
}

func putColours(p []byte, r, g, b uint32, format PixelFormat) {
	if format == RGBA {
		binary.LittleEndian.PutUint32(p, r|g<<8|b<<16|0xff000000)
		return
	}
	binary.LittleEndian.PutUint32(p, b|g<<8|r<<16|0xff000000)
}

// packMasked copies pixels with their fourth bytes zeroed.
func packMasked(dst, src []byte) {
	for len(src) >= 8 && len(dst) >= 8 {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src)&colourMask2)
		src, dst = src[8:], dst[8:]
	}
	if len(src) >= 4 {
		binary.LittleEndian.PutUint32(dst, binary.LittleEndian.Uint32(src)&colourMask)
	}
}

// copyOpaque copies pixels with their fourth bytes all ones.
func copyOpaque(dst, src []byte) {
	for len(src) >= 8 && len(dst) >= 8 {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src)|^uint64(colourMask2))
		src, dst = src[8:], dst[8:]
	}
	if len(src) >= 4 {
		binary.LittleEndian.PutUint32(dst, binary.LittleEndian.Uint32(src)|^uint32(colourMask))
	}
}

// swapRow exchanges the first and the third byte of pixels and sets the fourth as in fourth (two pixels').
func swapRow(dst, src []byte, fourth uint64) {
	for len(src) >= 8 && len(dst) >= 8 {
		v := binary.LittleEndian.Uint64(src)
		v = v>>16&0x000000ff_000000ff | v&0x0000ff00_0000ff00 | v&0x000000ff_000000ff<<16 | fourth
		binary.LittleEndian.PutUint64(dst, v)
		src, dst = src[8:], dst[8:]
	}
	if len(src) >= 4 {
		v := binary.LittleEndian.Uint32(src)
		v = v>>16&0xff | v&0xff00 | v&0xff<<16 | uint32(fourth)
		binary.LittleEndian.PutUint32(dst, v)
	}
}
