package screen

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"unicode/utf8"
)

// Clip is what somebody has copied: text or a picture.
type Clip struct {
	Text string
	PNG  []byte // a picture as a PNG file; Text is empty then
}

// What a clipboard may hold to be passed on.
const (
	MaxClipText  = 1 << 20 // bytes of UTF-8
	MaxClipPNG   = 8 << 20 // bytes of the file
	maxClipPixel = 1 << 26 // of a picture, against files that are small and pictures that are not
)

// ErrClip says that what was copied is too large or not what it says.
var ErrClip = errors.New("what was copied cannot be passed on")

// Check tells whether the clip may be passed on.
func (c Clip) Check() error {
	switch {
	case c.Text == "" && len(c.PNG) == 0:
		return fmt.Errorf("%w: it is empty", ErrClip)
	case c.Text != "" && len(c.PNG) > 0:
		return fmt.Errorf("%w: it is text and a picture at once", ErrClip)
	case len(c.Text) > MaxClipText:
		return fmt.Errorf("%w: a text of %d bytes; at most %d are passed on", ErrClip, len(c.Text), MaxClipText)
	case len(c.PNG) > MaxClipPNG:
		return fmt.Errorf("%w: a picture of %d bytes; at most %d are passed on", ErrClip, len(c.PNG), MaxClipPNG)
	case !utf8.ValidString(c.Text):
		return fmt.Errorf("%w: the text is not UTF-8", ErrClip)
	}
	if len(c.PNG) > 0 {
		size, err := png.DecodeConfig(bytes.NewReader(c.PNG))
		if err != nil || size.Width < 1 || size.Height < 1 || size.Width > maxClipPixel/size.Height {
			return fmt.Errorf("%w: the picture is no PNG file of a reasonable size", ErrClip)
		}
	}
	return nil
}

// Equal tells whether two clips are the same.
func (c Clip) Equal(other Clip) bool { return c.Text == other.Text && bytes.Equal(c.PNG, other.PNG) }

// Clipboard is this computer's clipboard. Methods are safe for concurrent use.
type Clipboard interface {
	// Set puts a clip on it, as if it had been copied here.
	Set(Clip) error
	// Close gives it back. What was set may be lost with it.
	Close() error
}
