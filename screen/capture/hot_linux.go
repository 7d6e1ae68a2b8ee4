package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"

	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/screen/internal/x11"
)

// hotLine is the connection for what happens with every picture. It allocates nothing once it is open.
type hotLine struct {
	raw         *x11.Raw
	damageCode  byte // opcodes of the extensions
	damageEvent byte
	shmCode     byte // 0: the X server has no MIT-SHM
	damage      uint32

	answers chan answer   // to requests that want one, in order; also all errors
	gone    chan struct{} // closed by who reads, when the connection has ended
}

// answer is what became of a request.
type answer struct {
	sequence uint16
	fault    byte // the X server's number for an error; 0: none
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
	h := &hotLine{raw: raw, answers: make(chan answer, 2*batch), gone: make(chan struct{})}
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

// afresh makes the X server report again what is drawn where it has reported already.
func (h *hotLine) afresh() error {
	h.raw.Put(h.damageCode, damageSubtract, h.damage, 0, 0)
	return h.raw.Flush()
}

// next waits for the next event that counts. Answers go to those who wait for them.
func (h *hotLine) next() (news, subject, error) {
	for {
		p, err := h.raw.Next()
		if err != nil {
			return nothing, subject{}, err
		}
		if p[0] == x11.ErrorCode || p[0] == x11.ReplyCode {
			a := answer{sequence: binary.LittleEndian.Uint16(p[2:])}
			if p[0] == x11.ErrorCode {
				a.fault = p[1]
			}
			select {
			case h.answers <- a:
			default: // nobody waits for so many: errors of requests that want no answer
			}
			continue
		}
		if kind, about := h.parse(p); kind != nothing {
			return kind, about, nil
		}
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

// drain forgets answers that nobody has waited for.
func (h *hotLine) drain() {
	for {
		select {
		case <-h.answers:
		default:
			return
		}
	}
}

// await waits until the request with this number is answered. An error since the last one is an error.
func (h *hotLine) await(last uint16) error {
	var failed error
	for {
		select {
		case a := <-h.answers:
			switch {
			case a.fault == 0:
			case a.fault == xproto.BadMatch:
				failed = errMatch
			case failed == nil:
				failed = faultError(a.fault)
			}
			if a.sequence == last {
				return failed
			}
		case <-h.gone:
			return ErrClosed
		}
	}
}

// faultError is an error of the X server's that is not expected.
type faultError byte

func (e faultError) Error() string { return fmt.Sprintf("the X server reports error %d", byte(e)) }
