package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"net"

	"handrail/session/operator"
)

// ParseColor reads a colour written as #rrggbb; the sign may be missing.
func ParseColor(text string) (color.RGBA, error) {
	c := color.RGBA{A: 255}
	digits := text
	if len(digits) == 7 && digits[0] == '#' {
		digits = digits[1:]
	}
	if n, err := fmt.Sscanf(digits, "%02x%02x%02x", &c.R, &c.G, &c.B); err != nil || n != 3 || len(digits) != 6 {
		return c, fmt.Errorf("a colour is written as #rrggbb, not %q", text)
	}
	return c, nil
}

// servePixel answers once when it watches, so that whoever asked knows that nothing is missed from here on, and a
// second time when the pixel has the colour.
func servePixel(ctx context.Context, conn net.Conn, engine *operator.Engine, r Request) {
	s, err := find(engine, r.ID)
	var want color.RGBA
	if err == nil {
		want, err = ParseColor(r.Text)
	}
	if err != nil {
		answer(conn, nil, err)
		return
	}
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.Timeout)
		defer cancel()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(s.Context(), cancel)
	defer stop()
	found, watching := s.Picture().WatchPixel(r.X, r.Y, want, r.Near)
	defer watching()
	answer(conn, nil, nil)
	select {
	case p := <-found:
		line, err := json.Marshal(Pixel{
			Color: fmt.Sprintf("#%02x%02x%02x", p.Color.R, p.Color.G, p.Color.B), Time: p.Time, Monotonic: p.Monotonic,
		})
		answer(conn, json.RawMessage(line), err)
	case <-ctx.Done():
		answer(conn, nil, errors.New("the pixel did not get that colour"))
	}
}
