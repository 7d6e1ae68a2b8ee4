package clipboard

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	"image/png"

	"golang.org/x/image/bmp"
)

// maxPixels is how many pixels a picture may have that is made into another form: two monitors of 4K. A file says itself how many
// it has, and a small one can hold very many of one colour. As PNG files pictures are passed on as they are.
const maxPixels = 1 << 24

// bounded tells whether a picture of this size may be decoded.
func bounded(size image.Config) bool {
	return size.Width > 0 && size.Height > 0 && size.Width <= maxPixels/size.Height
}

const fileHeader = 14 // bytes that a BMP file has before what the clipboard has

// fromDIB makes a PNG file of a picture as the clipboard has it; nil if it is of a kind that is not known.
func fromDIB(dib []byte) []byte {
	if len(dib) < 40 {
		return nil
	}
	header := int(binary.LittleEndian.Uint32(dib))
	bits, masks := binary.LittleEndian.Uint16(dib[14:]), binary.LittleEndian.Uint32(dib[16:])
	offset := fileHeader + header
	const bitFields = 3
	if header == 40 && masks == bitFields {
		offset += 12
	}
	if used := binary.LittleEndian.Uint32(dib[32:]); bits <= 8 && used <= 256 {
		if used == 0 {
			used = 1 << bits
		}
		offset += int(4 * used)
	}
	file := binary.LittleEndian.AppendUint32([]byte("BM"), uint32(fileHeader+len(dib)))
	file = binary.LittleEndian.AppendUint32(append(file, 0, 0, 0, 0), uint32(offset))
	file = append(file, dib...)
	if header == 40 && masks == bitFields { // the usual masks are what the decoder takes for granted
		binary.LittleEndian.PutUint32(file[fileHeader+16:], 0)
	}
	size, err := bmp.DecodeConfig(bytes.NewReader(file))
	if err != nil || !bounded(size) {
		return nil
	}
	img, err := bmp.Decode(bytes.NewReader(file))
	if err != nil {
		return nil
	}
	var out bytes.Buffer
	if png.Encode(&out, img) != nil {
		return nil
	}
	return out.Bytes()
}

// toDIB is a picture as programs take it that know no PNG: without transparency, on white. It is nil for a picture of more than
// maxPixels, which is there for those that know PNG only.
func toDIB(file []byte) ([]byte, error) {
	size, err := png.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	if !bounded(size) {
		return nil, nil
	}
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	const header, perPixel = 40, 3 // BITMAPINFOHEADER; blue, green, red
	stride := (perPixel*size.Width + 3) &^ 3
	dib := make([]byte, header+stride*size.Height)
	binary.LittleEndian.PutUint32(dib, header)
	binary.LittleEndian.PutUint32(dib[4:], uint32(size.Width))
	binary.LittleEndian.PutUint32(dib[8:], uint32(size.Height)) // above zero: from the bottom to the top
	binary.LittleEndian.PutUint16(dib[12:], 1)
	binary.LittleEndian.PutUint16(dib[14:], 8*perPixel)
	binary.LittleEndian.PutUint32(dib[20:], uint32(stride*size.Height))
	flat, least := image.NewRGBA(image.Rect(0, 0, size.Width, 1)), img.Bounds().Min
	for y := range size.Height {
		draw.Draw(flat, flat.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(flat, flat.Rect, img, least.Add(image.Pt(0, y)), draw.Over)
		row := dib[header+stride*(size.Height-1-y):]
		for x := range size.Width {
			row[perPixel*x], row[perPixel*x+1], row[perPixel*x+2] = flat.Pix[4*x+2], flat.Pix[4*x+1], flat.Pix[4*x]
		}
	}
	return dib, nil
}
