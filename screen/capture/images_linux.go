package capture

import (
	"fmt"
	"image"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xproto"
	"golang.org/x/sys/unix"

	"handrail/internal/xext"
	"handrail/screen"
)

// batch is how many images are asked for before the first answer is waited for.
const batch = 32

// images reads pixels of the root window: through one segment of shared memory, which grows with the desktop,
// or over the connection where the X server does not share memory with this program.
type images struct {
	conn *xgb.Conn
	root xproto.Drawable

	shared  bool
	seg     shm.Seg
	mem     []byte
	cookies [batch]shm.GetImageCookie
}

func (i *images) open(conn *xgb.Conn, root xproto.Window) {
	i.conn, i.root = conn, xproto.Drawable(root)
	if xext.Use(conn, xext.SHM) != nil {
		return
	}
	_, err := shm.QueryVersion(conn).Reply()
	i.shared = err == nil
}

// capture copies rectangles of the screen into the same places of a picture.
func (i *images) capture(into *screen.Framebuffer, rects []image.Rectangle) error {
	if i.conn == nil {
		return ErrClosed
	}
	if need := 4 * into.Width * into.Height; i.shared && len(i.mem) < need {
		if err := i.grow(need); err != nil {
			i.shared = false // a display on another computer, say
		}
	}
	if !i.shared {
		return i.captureSlowly(into, rects)
	}
	for len(rects) > 0 {
		n, err := i.captureBatch(into, rects)
		if err != nil {
			return err
		}
		rects = rects[n:]
	}
	return nil
}

// captureBatch copies as many of the rectangles as the segment and the batch hold, and says how many.
func (i *images) captureBatch(into *screen.Framebuffer, rects []image.Rectangle) (int, error) {
	offset, n := 0, 0
	for n < len(rects) && n < batch {
		r := rects[n].Intersect(into.Bounds())
		size := 4 * r.Dx() * r.Dy()
		if offset+size > len(i.mem) {
			break
		}
		if size > 0 {
			i.cookies[n] = shm.GetImage(i.conn, i.root, int16(r.Min.X), int16(r.Min.Y), uint16(r.Dx()), uint16(r.Dy()),
				^uint32(0), xproto.ImageFormatZPixmap, i.seg, uint32(offset))
		}
		offset += size
		n++
	}
	offset = 0
	var failed error
	for k := range n {
		r := rects[k].Intersect(into.Bounds())
		if r.Empty() {
			continue
		}
		// Every answer is waited for, or the X server would still write into the segment.
		if _, err := i.cookies[k].Reply(); err != nil {
			failed = err
		} else if failed == nil {
			place(into, r, i.mem[offset:])
		}
		offset += 4 * r.Dx() * r.Dy()
	}
	return n, failed
}

func (i *images) captureSlowly(into *screen.Framebuffer, rects []image.Rectangle) error {
	for _, r := range rects {
		r = r.Intersect(into.Bounds())
		if r.Empty() {
			continue
		}
		reply, err := xproto.GetImage(i.conn, xproto.ImageFormatZPixmap, i.root, int16(r.Min.X), int16(r.Min.Y),
			uint16(r.Dx()), uint16(r.Dy()), ^uint32(0)).Reply()
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

// grow replaces the segment by a larger one.
func (i *images) grow(size int) error {
	i.detach(i.conn)
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, size, unix.IPC_CREAT|0o600)
	if err != nil {
		return fmt.Errorf("shared memory: %w", err)
	}
	// Once marked, the segment is gone with the last one that uses it, however that ends.
	defer func() { _, _ = unix.SysvShmCtl(id, unix.IPC_RMID, nil) }()
	mem, err := unix.SysvShmAttach(id, 0, 0)
	if err != nil {
		return fmt.Errorf("shared memory: %w", err)
	}
	seg, err := shm.NewSegId(i.conn)
	if err == nil {
		err = shm.AttachChecked(i.conn, seg, uint32(id), false).Check()
	}
	if err != nil {
		_ = unix.SysvShmDetach(mem)
		return fmt.Errorf("shared memory: %w", err)
	}
	i.seg, i.mem = seg, mem
	return nil
}

// detach gives the segment back, to the X server too if there is still a connection.
func (i *images) detach(conn *xgb.Conn) {
	if i.mem == nil {
		return
	}
	if conn != nil {
		shm.Detach(conn, i.seg)
	}
	_ = unix.SysvShmDetach(i.mem)
	i.mem = nil
}

// release gives everything back for good.
func (i *images) release(conn *xgb.Conn) {
	i.detach(conn)
	i.conn = nil
}
