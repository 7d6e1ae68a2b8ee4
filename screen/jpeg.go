package screen

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
)

// JPEG writes pictures as baseline JPEG. Not safe for concurrent use.
type JPEG interface {
	// Append appends the rectangle of a BGRX picture as a JPEG file of this quality (1 to 100), with colours at half
	// the resolution.
	Append(dst []byte, fb *Framebuffer, r image.Rectangle, quality int) ([]byte, error)
}

// goJPEG is the standard library's encoder. The zero value is ready.
type goJPEG struct {
	picture image.YCbCr
	samples []byte // of the picture's three planes
	out     jpegOut
}

// jpegOut is what the library's encoder writes to without a buffer of its own.
type jpegOut struct{ bytes.Buffer }

// Flush makes it that.
func (*jpegOut) Flush() error { return nil }

// resize gives the picture this size. Its samples are those of the largest one so far.
func (j *goJPEG) resize(size image.Point) {
	if j.picture.Rect.Size() == size {
		return
	}
	half := image.Pt((size.X+1)/2, (size.Y+1)/2)
	luma, colour := size.X*size.Y, half.X*half.Y
	if len(j.samples) < luma+2*colour {
		j.samples = make([]byte, luma+2*colour)
	}
	rest := j.samples[luma:]
	j.picture = image.YCbCr{
		Y: j.samples[:luma:luma], Cb: rest[:colour:colour], Cr: rest[colour : 2*colour : 2*colour],
		YStride: size.X, CStride: half.X, SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rectangle{Max: size},
	}
}

// Append is part of JPEG.
func (j *goJPEG) Append(dst []byte, fb *Framebuffer, r image.Rectangle, quality int) ([]byte, error) {
	j.resize(r.Size())
	toYCbCr(&j.picture, fb, r)
	j.out.Reset()
	if err := jpeg.Encode(&j.out, &j.picture, &jpeg.Options{Quality: quality}); err != nil {
		return dst, err
	}
	return append(dst, j.out.Bytes()...), nil
}

// toYCbCr converts by JFIF's formulas in 16 bit fixed point; colours are averages of four pixels.
func toYCbCr(to *image.YCbCr, fb *Framebuffer, at image.Rectangle) {
	width, height := at.Dx(), at.Dy()
	for y := 0; y < height; y += 2 {
		second := min(y+1, height-1)
		rows := [2][]byte{fb.row(at.Min.X, at.Max.X, at.Min.Y+y), fb.row(at.Min.X, at.Max.X, at.Min.Y+second)}
		luma := [2][]byte{to.Y[y*to.YStride:][:width], to.Y[second*to.YStride:][:width]}
		for x := 0; x < width; x += 2 {
			var r, g, b int32
			for i, row := range rows {
				for _, k := range [2]int{x, min(x+1, width-1)} {
					b1, g1, r1 := int32(row[4*k]), int32(row[4*k+1]), int32(row[4*k+2])
					luma[i][k] = byte((19595*r1 + 38470*g1 + 7471*b1 + 1<<15) >> 16)
					r, g, b = r+r1, g+g1, b+b1
				}
			}
			i := y/2*to.CStride + x/2
			to.Cb[i] = clamp((-11056*r - 21712*g + 32768*b + 257<<17) >> 18)
			to.Cr[i] = clamp((32768*r - 27440*g - 5328*b + 257<<17) >> 18)
		}
	}
}

func clamp(v int32) byte { return byte(min(max(v, 0), 255)) }

// maxJPEG is the most pixels of one JPEG picture: decoding takes several times as much memory.
const maxJPEG = 1 << 20

// readJPEG decodes a picture that must have the rectangle's size.
func readJPEG(r image.Rectangle, data []byte) (image.Image, error) {
	config, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, malformed("JPEG: %v", err)
	}
	if config.Width != r.Dx() || config.Height != r.Dy() || area(r) > maxJPEG {
		return nil, malformed("JPEG picture of %d×%d in %v", config.Width, config.Height, r)
	}
	picture, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, malformed("JPEG: %v", err)
	}
	if picture.Bounds().Size() != r.Size() {
		return nil, malformed("JPEG picture of %v in %v", picture.Bounds(), r)
	}
	return picture, nil
}

// paintJPEG paints a decoded picture.
func paintJPEG(fb *Framebuffer, r image.Rectangle, picture image.Image) {
	draw.Draw(fb.RGBA(), r, picture, picture.Bounds().Min, draw.Src)
	if fb.Format == BGRX {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			row := fb.row(r.Min.X, r.Max.X, y)
			swapRow(row, row, 0xff000000_ff000000)
		}
	}
}
