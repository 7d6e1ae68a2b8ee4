package capture

import (
	"fmt"
	"image"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"golang.org/x/sys/unix"

	"handrail/screen"
)

const (
	// batch is how many images are asked for before the answers are waited for.
	batch = 32
	// segmentSize is the size of the shared memory: larger pictures come in pieces, which costs less than the memory.
	segmentSize = 2 << 20
)

// images reads pixels of the root window: through one segment of shared memory, or over the library's connection where
// the X server does not share memory with this program.
type images struct {
	conn *xgb.Conn
	hot  *hotLine
	root xproto.Window

	shared bool
	seg    uint32
	mem    []byte

	pieces [batch]image.Rectangle // asked for, one right after another in the segment
	n      int
	used   int    // bytes of the segment
	first  uint16 // the numbers of the requests
	last   uint16
}

func (i *images) open(conn *xgb.Conn, hot *hotLine, root xproto.Window) {
	i.conn, i.hot, i.root = conn, hot, root
	i.shared = hot.shmCode != 0
}

// capture copies rectangles of the screen into the same places of a picture. It reads the hot line.
func (i *images) capture(into *screen.Framebuffer, rects []image.Rectangle) error {
	if i.conn == nil {
		return ErrClosed
	}
	if i.shared && i.mem == nil {
		if err := i.attach(); err != nil {
			i.shared = false // a display on another computer, say
		}
	}
	if !i.shared {
		return i.captureSlowly(into, rects)
	}
	for _, r := range rects {
		r = r.Intersect(into.Bounds())
		for !r.Empty() {
			piece := i.fit(r)
			if piece.Empty() {
				if err := i.collect(into); err != nil {
					return err
				}
				continue
			}
			i.request(piece)
			r.Min.Y = piece.Max.Y
		}
	}
	return i.collect(into)
}

// fit is as many rows of r as are asked for next; none when the segment is full.
func (i *images) fit(r image.Rectangle) image.Rectangle {
	rows := min(r.Dy(), (len(i.mem)-i.used)/(4*r.Dx()))
	if i.n == batch || i.n > 0 && rows < r.Dy() { // not in slices: each piece costs the X server a little
		return image.Rectangle{}
	}
	r.Max.Y = r.Min.Y + rows
	return r
}

func (i *images) request(r image.Rectangle) {
	pair := func(a, b int) uint32 { return uint32(uint16(a)) | uint32(b)<<16 }
	i.last = i.hot.raw.Put(i.hot.shmCode, shmGet, uint32(i.root), pair(r.Min.X, r.Min.Y), pair(r.Dx(), r.Dy()),
		^uint32(0), xproto.ImageFormatZPixmap, i.seg, uint32(i.used))
	if i.n == 0 {
		i.first = i.last
	}
	i.pieces[i.n] = r
	i.n++
	i.used += 4 * r.Dx() * r.Dy()
}

// collect waits for all that was asked for and copies it. Every answer is waited for, or the X server would still write
// into the segment.
func (i *images) collect(into *screen.Framebuffer) error {
	if i.n == 0 {
		return nil
	}
	pieces := i.pieces[:i.n]
	i.n, i.used = 0, 0
	if err := i.hot.raw.Flush(); err != nil {
		return ErrClosed
	}
	if err := i.hot.await(i.first, i.last); err != nil {
		return err
	}
	at := 0
	for _, r := range pieces {
		place(into, r, i.mem[at:])
		at += 4 * r.Dx() * r.Dy()
	}
	return nil
}

func (i *images) captureSlowly(into *screen.Framebuffer, rects []image.Rectangle) error {
	for _, r := range rects {
		r = r.Intersect(into.Bounds())
		if r.Empty() {
			continue
		}
		reply, err := xproto.GetImage(i.conn, xproto.ImageFormatZPixmap, xproto.Drawable(i.root), int16(r.Min.X), int16(r.Min.Y),
			uint16(r.Dx()), uint16(r.Dy()), ^uint32(0)).Reply()
		if _, ok := err.(xproto.MatchError); ok {
			return errMatch
		}
		if err != nil {
			return err
		}
		if len(reply.Data) < 4*r.Dx()*r.Dy() {
			return fmt.Errorf("the X server sent an image of %d bytes", len(reply.Data))
		}
		place(into, r, reply.Data)
	}
	return nil
}

// place copies the rows of a rectangle, one right after another in pixels, into a picture.
func place(into *screen.Framebuffer, r image.Rectangle, pixels []byte) {
	width := 4 * r.Dx()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		copy(into.Pix[y*into.Stride+4*r.Min.X:], pixels[:width])
		pixels = pixels[width:]
	}
}

// attach makes the segment.
func (i *images) attach() error {
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, segmentSize, unix.IPC_CREAT|0o600)
	if err != nil {
		return fmt.Errorf("shared memory: %w", err)
	}
	// Once marked, the segment is gone with the last one that uses it, however that ends.
	defer func() { _, _ = unix.SysvShmCtl(id, unix.IPC_RMID, nil) }()
	mem, err := unix.SysvShmAttach(id, 0, 0)
	if err != nil {
		return fmt.Errorf("shared memory: %w", err)
	}
	seg := i.hot.raw.NewID()
	first := i.hot.raw.Put(i.hot.shmCode, shmAttach, seg, uint32(id), 0)
	last := i.hot.raw.PutSync()
	if err = i.hot.raw.Flush(); err == nil {
		err = i.hot.await(first, last)
	}
	if err != nil {
		_ = unix.SysvShmDetach(mem)
		return fmt.Errorf("shared memory: %w", err)
	}
	i.seg, i.mem = seg, mem
	return nil
}

// release gives everything back for good, once the connection has ended.
func (i *images) release() {
	if i.mem != nil {
		_ = unix.SysvShmDetach(i.mem)
		i.mem = nil
	}
	i.conn = nil
}
