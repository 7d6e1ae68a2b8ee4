package whiteboard

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // what glyphs can be
	_ "image/png"
	"math"

	"github.com/fyne-io/oksvg"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/shaping"
	"github.com/srwiley/rasterx"
	resize "golang.org/x/image/draw"
	"golang.org/x/image/math/fixed"
)

// Bounds of what a peer can have drawn by choosing texts and sizes, or a font by what is in it.
const (
	maxColored  = 256         // pixels of an em; larger letters are outlines
	maxPictures = 4 << 20     // pixels of the pictures that are kept
	maxBitmap   = 2048 * 2048 // pixels of a picture in a font; there are 136×128 in Noto's and 160×160 in Apple's
)

// colored is a glyph in colours for one size.
type colored struct {
	face *font.Face
	id   font.GID
	size fixed.Int26_6   // of an em
	room image.Rectangle // where it lies from its place on the line
}

// coloredOf is a glyph's picture if the font has one for it, else nil.
func coloredOf(face *font.Face, g shaping.Glyph, size fixed.Int26_6) *colored {
	if size > maxColored<<6 {
		return nil
	}
	room := image.Rect(g.XBearing.Floor(), -g.YBearing.Ceil(), (g.XBearing + g.Width).Ceil(), -(g.YBearing + g.Height).Floor())
	switch face.GlyphData(g.GlyphID).(type) {
	case font.GlyphBitmap:
	case font.GlyphSVG:
		// Outlines say where the glyph is, but pictures may be a little larger.
		room = room.Inset(-(1 + size.Ceil()/8))
	default:
		return nil
	}
	return &colored{face, g.GlyphID, size, room}
}

// pictureOn is the glyph's picture and where it goes, if there is any of it in a rectangle; line is where the text begins.
func (g *glyph) pictureOn(line vec, within image.Rectangle) (*image.RGBA, image.Point) {
	if g.picture == nil {
		return nil, image.Point{}
	}
	p := line.add(g.at)
	corner := image.Pt(int(math.Round(p.x)), int(math.Round(p.y)))
	if !g.picture.room.Add(corner).Overlaps(within) {
		return nil, corner
	}
	return g.picture.draw(), corner
}

// draw is the picture, or nil if it cannot be read. Its bounds are the glyph's room.
func (c *colored) draw() *image.RGBA {
	t := &typesetter
	t.mu.Lock()
	defer t.mu.Unlock()
	if known, ok := t.pictures[*c]; ok {
		return known
	}
	picture := image.NewRGBA(c.room)
	var err error
	switch data := c.face.GlyphData(c.id).(type) {
	case font.GlyphBitmap:
		err = drawBitmap(picture, data)
	case font.GlyphSVG:
		err = drawSVG(picture, data.Source, float64(c.size)/64)
	}
	if err != nil {
		picture = nil // the outline is drawn
	}
	pixels := c.room.Dx() * c.room.Dy()
	if t.pixels += pixels; t.pictures == nil || t.pixels > maxPictures {
		t.pictures, t.pixels = map[colored]*image.RGBA{}, pixels
	}
	t.pictures[*c] = picture
	return picture
}

// drawBitmap fills a picture with a bitmap of a font.
func drawBitmap(picture *image.RGBA, data font.GlyphBitmap) error {
	if data.Format != font.PNG && data.Format != font.JPG {
		return fmt.Errorf("bitmaps of format %d are not read", data.Format)
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(data.Data))
	if err != nil {
		return err
	}
	if config.Width <= 0 || config.Height <= 0 || config.Width > maxBitmap/config.Height {
		return fmt.Errorf("a bitmap of %d×%d pixels", config.Width, config.Height)
	}
	source, _, err := image.Decode(bytes.NewReader(data.Data))
	if err != nil {
		return err
	}
	resize.CatmullRom.Scale(picture, picture.Rect, source, source.Bounds(), draw.Src, nil)
	return nil
}

// drawSVG draws an SVG document of one glyph whose em has a size in pixels. Its view box lies on the em, and its origin is
// the glyph's on the line: https://learn.microsoft.com/typography/opentype/spec/svg
func drawSVG(picture *image.RGBA, source []byte, size float64) (err error) {
	defer func() { // the library's way of refusing some of what it does not know
		if r := recover(); r != nil {
			err = fmt.Errorf("drawing SVG: %v", r)
		}
	}()
	if bytes.Count(source, []byte(`id="glyph`)) > 1 {
		return errors.New("an SVG document of several glyphs")
	}
	icon, err := oksvg.ReadIconStream(bytes.NewReader(source))
	if err != nil {
		return err
	}
	if icon.ViewBox.W <= 0 || icon.ViewBox.H <= 0 {
		return errors.New("an SVG document without a view box")
	}
	scale, from := size/icon.ViewBox.W, picture.Rect.Min
	moved := &image.RGBA{Pix: picture.Pix, Stride: picture.Stride, Rect: picture.Rect.Sub(from)}
	icon.Transform = rasterx.Identity.
		Translate(-icon.ViewBox.X*scale-float64(from.X), -icon.ViewBox.Y*scale-float64(from.Y)).Scale(scale, scale)
	width, height := moved.Rect.Dx(), moved.Rect.Dy()
	icon.Draw(rasterx.NewDasher(width, height, rasterx.NewScannerGV(width, height, moved, moved.Rect)), 1)
	return nil
}

// drawPictures draws the letters of a text that have colours of their own, within a rectangle.
func (c *Canvas) drawPictures(text string, at vec, height float64, within image.Rectangle) {
	line := at.add(vec{0, height * baseline})
	for _, g := range shape(text, height).glyphs {
		picture, corner := g.pictureOn(line, within)
		if picture == nil {
			continue
		}
		r := picture.Rect.Add(corner).Intersect(within)
		if c.Hard {
			c.drawHard(picture, corner, r)
			continue
		}
		draw.Draw(c.Image, r, picture, r.Min.Sub(corner), draw.Over)
	}
}

// drawHard draws the pixels of a picture that are more there than not.
func (c *Canvas) drawHard(picture *image.RGBA, corner image.Point, r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			ink := picture.RGBAAt(x-corner.X, y-corner.Y)
			if ink.A < 128 {
				continue
			}
			whole := func(v uint8) uint8 { return uint8(int(v) * 255 / int(ink.A)) }
			ink.R, ink.G, ink.B, ink.A = whole(ink.R), whole(ink.G), whole(ink.B), 255
			c.Image.SetRGBA(x, y, ink)
		}
	}
}
