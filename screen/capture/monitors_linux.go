package capture

import (
	"fmt"
	"image"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"

	"handrail/screen"
)

// supported says in a sentence why a screen's pixels cannot be read, if so.
func supported(conn *xgb.Conn, info *xproto.ScreenInfo) error {
	setup := xproto.Setup(conn)
	if setup.ImageByteOrder != xproto.ImageOrderLSBFirst {
		return fmt.Errorf("the screen's pixels are in an order (most significant byte first) that is not supported")
	}
	if info.RootDepth != 24 && info.RootDepth != 32 {
		return fmt.Errorf("the screen has %d bits of colour; only 24 or 32 are supported", info.RootDepth)
	}
	for _, f := range setup.PixmapFormats {
		if f.Depth == info.RootDepth && f.BitsPerPixel != 32 {
			return fmt.Errorf("the screen's pixels have %d bits; only 32 are supported", f.BitsPerPixel)
		}
	}
	for _, depth := range info.AllowedDepths {
		for _, v := range depth.Visuals {
			if v.VisualId != info.RootVisual {
				continue
			}
			if v.Class != xproto.VisualClassTrueColor || v.RedMask != 0xff0000 || v.GreenMask != 0xff00 || v.BlueMask != 0xff {
				return fmt.Errorf("the screen does not write its colours as red, green and blue of 8 bits each, " +
					"which is all that is supported")
			}
		}
	}
	return nil
}

// monitors asks RandR for the monitors; without an answer the whole screen is one.
func (c *capturer) monitors(width, height int) []screen.Monitor {
	bounds := image.Rect(0, 0, width, height)
	var all []screen.Monitor
	percent := scale(c.conn, c.root)
	if c.randr {
		reply, err := randr.GetMonitors(c.conn, c.root, true).Reply()
		if err == nil {
			for _, m := range reply.Monitors {
				x, y := int(m.X), int(m.Y)
				r := image.Rect(x, y, x+int(m.Width), y+int(m.Height)).Intersect(bounds)
				if !r.Empty() {
					all = append(all, screen.Monitor{Name: c.atom(m.Name), Bounds: r, Primary: m.Primary, Scale: percent})
				}
			}
		}
	}
	if len(all) == 0 {
		all = []screen.Monitor{{Name: "screen", Bounds: bounds, Primary: true, Scale: percent}}
	}
	return all
}

func (c *capturer) atom(a xproto.Atom) string {
	reply, err := xproto.GetAtomName(c.conn, a).Reply()
	if err != nil {
		return ""
	}
	return reply.Name
}
