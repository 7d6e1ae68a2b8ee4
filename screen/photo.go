package screen

import "encoding/binary"

// A photograph has hardly any repetitions, but neighbours that resemble each other. Each pixel is written as what is
// left when it is guessed from those on its left (L), above (U) and above left (UL), as L + U - UL; outside of its
// rectangle everything is black. Blue and red are then written less green. All this is byte by byte, modulo 256. The
// payload's frame holds first all greens of the part, then all blues, then all reds.

const photoPlanes = 3

// filterPhoto writes the differences of pixels in the layout of Depth24 as three planes; dst has room for 3/4 of raw.
// widths are the rectangles' in the order of their pixels.
type photoRect struct{ width, height int }

func filterPhoto(dst, raw []byte, rects []photoRect) {
	n := len(raw) / 4
	greens, blues, reds := dst[:n:n], dst[n:2*n:2*n], dst[2*n:3*n:3*n]
	for _, r := range rects {
		stride := 4 * r.width
		for y := range r.height {
			row := raw[y*stride : (y+1)*stride]
			var before uint32
			for x := range r.width {
				d := binary.LittleEndian.Uint32(row[4*x:])
				if y > 0 {
					d = subBytes(d, binary.LittleEndian.Uint32(raw[(y-1)*stride+4*x:]))
				}
				left := subBytes(d, before)
				before = d
				g := byte(left >> 8)
				greens[x], blues[x], reds[x] = g, byte(left)-g, byte(left>>16)-g
			}
			greens, blues, reds = greens[r.width:], blues[r.width:], reds[r.width:]
		}
		raw = raw[stride*r.height:]
	}
}

// unfilterPhoto is the reverse: it fills raw from the planes.
func unfilterPhoto(raw, planes []byte, rects []photoRect) {
	n := len(raw) / 4
	greens, blues, reds := planes[:n:n], planes[n:2*n:2*n], planes[2*n:3*n:3*n]
	for _, r := range rects {
		stride := 4 * r.width
		for y := range r.height {
			row := raw[y*stride : (y+1)*stride]
			var before uint32
			for x := range r.width {
				g := greens[x]
				d := addBytes(uint32(blues[x]+g)|uint32(g)<<8|uint32(reds[x]+g)<<16, before)
				before = d
				if y > 0 {
					d = addBytes(d, binary.LittleEndian.Uint32(raw[(y-1)*stride+4*x:]))
				}
				binary.LittleEndian.PutUint32(row[4*x:], d)
			}
			greens, blues, reds = greens[r.width:], blues[r.width:], reds[r.width:]
		}
		raw = raw[stride*r.height:]
	}
}

const highBits = 0x80808080

// subBytes subtracts the four bytes of b from those of a, each modulo 256.
func subBytes(a, b uint32) uint32 {
	return ((a | highBits) - (b &^ highBits)) ^ ((a ^ ^b) & highBits)
}

// addBytes adds the four bytes of a and b, each modulo 256.
func addBytes(a, b uint32) uint32 {
	return ((a &^ highBits) + (b &^ highBits)) ^ ((a ^ b) & highBits)
}
