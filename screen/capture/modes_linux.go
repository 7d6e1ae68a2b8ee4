package capture

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"

	"handrail/internal/xext"
	"handrail/screen"
	"handrail/screen/internal/x11"
)

// modes changes the resolution of monitors by RandR, over connections of its own: what was changed can be put back when
// the screen is no longer watched. Safe for concurrent use.
type modes struct {
	display string

	mu     sync.Mutex
	before *layout     // what to put back; nil: nothing was changed
	guard  *modesGuard // puts it back should this program be killed; nil: nothing does
}

// layout is which part of the screen each of the graphics card's outputs shows.
type layout struct {
	width, height int
	crtcs         []crtc
}

// crtc is what scans out a part of the screen to monitors.
type crtc struct {
	id            randr.Crtc
	x, y          int
	width, height int // as turned
	mode          randr.Mode
	turned        uint16
	outputs       string // their numbers: comparable
}

func (c crtc) list() (outputs []randr.Output) {
	for _, field := range strings.Fields(c.outputs) {
		n, _ := strconv.ParseUint(field, 10, 32)
		outputs = append(outputs, randr.Output(n))
	}
	return outputs
}

// arrangement is everything that RandR says.
type arrangement struct {
	conn      *xgb.Conn
	root      xproto.Window
	resources *randr.GetScreenResourcesCurrentReply
	outputs   map[string]*randr.GetOutputInfoReply
	layout    layout
}

func arrange(conn *xgb.Conn, root xproto.Window) (*arrangement, error) {
	resources, err := randr.GetScreenResourcesCurrent(conn, root).Reply()
	if err != nil {
		return nil, err
	}
	a := &arrangement{conn: conn, root: root, resources: resources, outputs: map[string]*randr.GetOutputInfoReply{}}
	size, err := xproto.GetGeometry(conn, xproto.Drawable(root)).Reply()
	if err != nil {
		return nil, err
	}
	a.layout.width, a.layout.height = int(size.Width), int(size.Height)
	for _, id := range resources.Outputs {
		if info, err := randr.GetOutputInfo(conn, id, resources.ConfigTimestamp).Reply(); err == nil && info.Crtc != 0 {
			a.outputs[string(info.Name)] = info
		}
	}
	for _, id := range resources.Crtcs {
		info, err := randr.GetCrtcInfo(conn, id, resources.ConfigTimestamp).Reply()
		if err != nil {
			return nil, err
		}
		outputs := ""
		for _, o := range info.Outputs {
			outputs += strconv.FormatUint(uint64(o), 10) + " "
		}
		a.layout.crtcs = append(a.layout.crtcs, crtc{
			id: id, x: int(info.X), y: int(info.Y), width: int(info.Width), height: int(info.Height),
			mode: info.Mode, turned: info.Rotation, outputs: outputs,
		})
	}
	return a, nil
}

// modeInfo is what is known of a mode of an output.
func (a *arrangement) modeInfo(id randr.Mode) (info randr.ModeInfo, ok bool) {
	i := slices.IndexFunc(a.resources.Modes, func(m randr.ModeInfo) bool { return randr.Mode(m.Id) == id })
	if i < 0 {
		return info, false
	}
	return a.resources.Modes[i], true
}

// sizes are the resolutions of all monitors, the largest first.
func (a *arrangement) sizes() (list []screen.Mode) {
	for name, output := range a.outputs {
		for _, id := range output.Modes {
			info, ok := a.modeInfo(id)
			m := screen.Mode{Monitor: name, Width: int(info.Width), Height: int(info.Height)}
			if ok && !slices.Contains(list, m) {
				list = append(list, m)
			}
		}
	}
	slices.SortFunc(list, func(a, b screen.Mode) int {
		if a.Monitor != b.Monitor {
			return strings.Compare(a.Monitor, b.Monitor)
		}
		return b.Width*b.Height - a.Width*a.Height
	})
	return list[:min(len(list), screen.MaxModes)]
}

// find is the mode of an output that has this size, the one with the most pictures a second.
func (a *arrangement) find(output *randr.GetOutputInfoReply, width, height int) (best randr.Mode) {
	most := 0.0
	for _, id := range output.Modes {
		info, ok := a.modeInfo(id)
		if !ok || int(info.Width) != width || int(info.Height) != height {
			continue
		}
		rate := float64(info.DotClock) / max(float64(info.Htotal)*float64(info.Vtotal), 1)
		if best == 0 || rate > most {
			best, most = id, rate
		}
	}
	return best
}

// with is the layout with another mode for one monitor. Monitors on its right and below keep touching it.
func (a *arrangement) with(m screen.Mode) (l layout, err error) {
	output := a.outputs[m.Monitor]
	if output == nil {
		return l, fmt.Errorf("there is no monitor %q", m.Monitor)
	}
	mode := a.find(output, m.Width, m.Height)
	if mode == 0 {
		return l, fmt.Errorf("the monitor %q has no resolution of %d×%d", m.Monitor, m.Width, m.Height)
	}
	l.crtcs = slices.Clone(a.layout.crtcs)
	i := slices.IndexFunc(l.crtcs, func(c crtc) bool { return c.id == output.Crtc })
	if i < 0 {
		return l, fmt.Errorf("the monitor %q is off", m.Monitor)
	}
	old, changed := l.crtcs[i], &l.crtcs[i]
	changed.mode, changed.width, changed.height = mode, m.Width, m.Height
	if changed.turned&(randr.RotationRotate90|randr.RotationRotate270) != 0 {
		changed.width, changed.height = m.Height, m.Width
	}
	for k := range l.crtcs {
		c := &l.crtcs[k]
		if c.mode != 0 && c.x >= old.x+old.width {
			c.x += changed.width - old.width
		} else if c.mode != 0 && c.y >= old.y+old.height {
			c.y += changed.height - old.height
		}
		if c.mode != 0 {
			l.width, l.height = max(l.width, c.x+c.width), max(l.height, c.y+c.height)
		}
	}
	return l, nil
}

// alone has a change made of what there is while nobody else does anything with the display.
func (a *arrangement) alone(change func(now *arrangement) error) error {
	xproto.GrabServer(a.conn)
	defer xproto.UngrabServer(a.conn)
	now, err := arrange(a.conn, a.root)
	if err != nil {
		return err
	}
	return change(now)
}

// apply carries out a layout: outputs that change are switched off while the screen gets its size.
func (a *arrangement) apply(l layout) error {
	set := func(c crtc, mode randr.Mode, outputs []randr.Output) error {
		_, err := randr.SetCrtcConfig(a.conn, c.id, 0, a.resources.ConfigTimestamp, int16(c.x), int16(c.y), mode, c.turned, outputs).Reply()
		return err
	}
	differs := func(c crtc) bool { return !slices.Contains(a.layout.crtcs, c) }
	for _, c := range l.crtcs {
		if differs(c) {
			if err := set(crtc{id: c.id, turned: randr.RotationRotate0}, 0, nil); err != nil {
				return err
			}
		}
	}
	const pixelsAnInch = 96
	millimetres := func(pixels int) uint32 { return uint32(pixels * 254 / (pixelsAnInch * 10)) }
	err := randr.SetScreenSizeChecked(a.conn, a.root, uint16(l.width), uint16(l.height), millimetres(l.width), millimetres(l.height)).Check()
	for _, c := range l.crtcs {
		if differs(c) {
			err = errors.Join(err, set(c, c.mode, c.list()))
		}
	}
	return err
}

// SetMode is part of screen.ModeSetter.
func (m *modes) SetMode(mode screen.Mode) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.change(func(a *arrangement) error {
		if _, err := a.with(mode); err != nil {
			return err
		}
		if m.before == nil {
			guard, err := guardLayout(m.display, a.layout)
			if err != nil {
				return err
			}
			m.before, m.guard = &a.layout, guard
		}
		return a.alone(func(now *arrangement) error {
			next, err := now.with(mode)
			if err == nil {
				err = now.apply(next)
			}
			if err != nil {
				if half, again := arrange(a.conn, a.root); again == nil {
					_ = half.apply(now.layout) // better as it was than half done
				}
			}
			return err
		})
	})
}

// PutBack is part of screen.ModeSetter.
func (m *modes) PutBack() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.before == nil {
		return nil
	}
	before, guard := *m.before, m.guard
	m.before, m.guard = nil, nil
	defer guard.end()
	return m.change(func(a *arrangement) error {
		return a.alone(func(now *arrangement) error { return now.apply(before) })
	})
}

func (m *modes) change(how func(a *arrangement) error) error {
	conn, info, err := x11.Connect(m.display)
	if err != nil {
		return err
	}
	defer func() {
		conn.Close()
		for ev, xerr := conn.WaitForEvent(); ev != nil || xerr != nil; ev, xerr = conn.WaitForEvent() {
			continue // until the library's goroutines have ended
		}
	}()
	if err := xext.Use(conn, xext.RandR); err != nil {
		return fmt.Errorf("the resolution cannot be changed: %w", err)
	}
	if _, err := randr.QueryVersion(conn, 1, 5).Reply(); err != nil {
		return fmt.Errorf("the resolution cannot be changed: %w", err)
	}
	a, err := arrange(conn, info.Root)
	if err == nil {
		err = how(a)
	}
	if err != nil {
		return fmt.Errorf("the resolution cannot be changed: %w", err)
	}
	return nil
}

// scale is how much larger than usual things are drawn on this display, in percent, as desktops write it down for
// programs; 0: it is not known.
func scale(conn *xgb.Conn, root xproto.Window) int {
	const most = 64 << 10 // bytes of it
	reply, err := xproto.GetProperty(conn, false, root, xproto.AtomResourceManager, xproto.AtomString, 0, most/4).Reply()
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(reply.Value)) {
		name, value, _ := strings.Cut(line, ":")
		if name != "Xft.dpi" {
			continue
		}
		if dpi, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && dpi >= 24 && dpi <= 960 {
			return int(dpi*100/96 + 0.5)
		}
	}
	return 0
}
