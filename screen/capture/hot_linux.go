package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"os"
	"sync"

	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/screen/internal/x11"
)

// hotLine is the connection for what happens with every picture. It allocates nothing once it is open, and whoever waits
// for something reads it from the connection himself: no goroutine has to wake another.
type hotLine struct {
	raw         *x11.Raw
	damageCode  byte // opcodes of the extensions
	damageEvent byte
	shmCode     byte // 0: the X server has no MIT-SHM
	damage      uint32

	heard func(news, subject) // gets what is read; set before anything is

	reading sync.Mutex // held by whoever reads
}

// errMatch is what a rectangle gives that is not within the screen.
var errMatch = errors.New("capture: outside of the screen")

// Opcodes within the extensions (damageproto.txt, shmproto.h), and of the core protocol.
const (
	damageQueryVersion, damageCreate, damageSubtract = 0, 1, 3
	shmQueryVersion, shmAttach, shmGet               = 0, 1, 4
	changeWindowAttributes                           = 2
	reportDeltaRectangles                            = 1
)

// news is what an event is about.
type news uint8

const (
	nothing news = iota
	drawn        // within place
	created
	configured // the window has another place or size
	destroyed
	reparented
)

// subject is what of an event counts.
type subject struct {
	window, parent xproto.Window
	place          image.Rectangle
}

// openHotLine connects and asks for all events.
func openHotLine(display string, root xproto.Window) (*hotLine, error) {
	raw, err := x11.DialRaw(display)
	if err != nil {
		return nil, fmt.Errorf("the screen cannot be watched: %w", err)
	}
	h := &hotLine{raw: raw}
	if err := h.ask(root); err != nil {
		raw.Close()
		return nil, err
	}
	return h, nil
}

func (h *hotLine) ask(root xproto.Window) (err error) {
	if h.damageCode, h.damageEvent, err = h.raw.Extension(xext.Damage); err != nil {
		return fmt.Errorf("this X server does not tell what is drawn (it has no XDamage): %w", err)
	}
	if _, err = h.raw.Answer(h.raw.Put(h.damageCode, damageQueryVersion, 1, 1)); err != nil {
		return fmt.Errorf("the screen cannot be watched: %w", err)
	}
	if code, _, err := h.raw.Extension(xext.SHM); err == nil {
		if _, err := h.raw.Answer(h.raw.Put(code, shmQueryVersion)); err == nil {
			h.shmCode = code
		}
	}
	h.damage = h.raw.NewID()
	h.raw.Put(h.damageCode, damageCreate, h.damage, uint32(root), reportDeltaRectangles)
	if _, err = h.raw.Answer(h.raw.PutSync()); err != nil {
		return fmt.Errorf("the screen cannot be watched: %w", err)
	}
	h.raw.Put(changeWindowAttributes, 0, uint32(root), xproto.CwEventMask,
		xproto.EventMaskStructureNotify|xproto.EventMaskSubstructureNotify)
	if err = h.raw.Flush(); err != nil {
		return fmt.Errorf("the screen cannot be watched: %w", err)
	}
	return nil
}

// afresh makes the X server report again what is drawn where it has reported already, with what is sent next.
func (h *hotLine) afresh() { h.raw.Put(h.damageCode, damageSubtract, h.damage, 0, 0) }

// hear waits for something and takes in all that has come with it. reading must be held.
func (h *hotLine) hear() error {
	for {
		p, err := h.raw.Next()
		if err != nil {
			return err
		}
		h.take(p)
		if !h.raw.Buffered() {
			return nil
		}
	}
}

// take passes an event on that counts.
func (h *hotLine) take(p []byte) {
	if p[0] == x11.ErrorCode || p[0] == x11.ReplyCode {
		return // nobody waits for it
	}
	if kind, about := h.parse(p); kind != nothing {
		h.heard(kind, about)
	}
}

// parse reads an event; the layouts are those of xproto's and damageproto's encodings.
func (h *hotLine) parse(p []byte) (news, subject) {
	word := func(at int) xproto.Window { return xproto.Window(binary.LittleEndian.Uint32(p[at:])) }
	place := func(at, border int) image.Rectangle {
		short := func(at int) uint16 { return binary.LittleEndian.Uint16(p[at:]) }
		var width uint16
		if border > 0 {
			width = short(border)
		}
		return placeOf(int16(short(at)), int16(short(at+2)), short(at+4), short(at+6), width)
	}
	switch p[0] & 0x7f {
	case h.damageEvent:
		return drawn, subject{place: place(16, 0)}
	case xproto.CreateNotify:
		return created, subject{window: word(8), place: place(12, 20)}
	case xproto.ConfigureNotify:
		return configured, subject{window: word(8), place: place(16, 24)}
	case xproto.DestroyNotify:
		return destroyed, subject{window: word(8)}
	case xproto.ReparentNotify:
		return reparented, subject{window: word(8), parent: word(12)}
	}
	return nothing, subject{}
}

func placeOf(x, y int16, width, height, border uint16) image.Rectangle {
	return image.Rect(int(x), int(y), int(x)+int(width)+2*int(border), int(y)+int(height)+2*int(border))
}

// await waits until the last of several requests is answered. An error of one of them is an error. reading must be held.
func (h *hotLine) await(first, last uint16) error {
	var failed error
	for {
		p, err := h.raw.Next()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			h.raw.Resume() // whoever wanted to interrupt a wait has said so elsewhere
			continue
		}
		if err != nil {
			return ErrClosed
		}
		sequence := binary.LittleEndian.Uint16(p[2:])
		switch {
		case p[0] != x11.ErrorCode && p[0] != x11.ReplyCode:
			h.take(p)
			continue
		case int16(sequence-first) < 0: // to something before that wanted no answer
			continue
		case p[0] == x11.ErrorCode && p[1] == xproto.BadMatch:
			failed = errMatch
		case p[0] == x11.ErrorCode && failed == nil:
			failed = faultError(p[1])
		}
		if sequence == last {
			return failed
		}
	}
}

// faultError is an error of the X server's that is not expected.
type faultError byte

func (e faultError) Error() string { return fmt.Sprintf("the X server reports error %d", byte(e)) }
