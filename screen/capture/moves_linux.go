package capture

import (
	"image"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/screen"
)

const (
	// maxWindows bounds how many windows are followed; more than that nobody moves.
	maxWindows = 1024
	// maxPlaces is how many of a window's last places are kept: the picture that a viewer has may be some older.
	maxPlaces = 4
)

// windows follows where top-level windows are, to guess what of the picture was only moved. It may be wrong: whoever
// uses its guesses looks at the pixels. Not safe for concurrent use.
type windows struct {
	root  xproto.Window
	known map[xproto.Window]*places
	moved []xproto.Window // those with more than one place
}

// places is where a window was, the newest last.
type places struct {
	at    [maxPlaces]image.Rectangle
	n     int
	fresh bool // moved since last asked
}

// open takes in the windows that are there already; the hot line tells of the others.
func (w *windows) open(conn *xgb.Conn, root xproto.Window) {
	w.root = root
	if w.known == nil {
		w.known = map[xproto.Window]*places{}
	}
	tree, err := xproto.QueryTree(conn, root).Reply()
	if err != nil {
		return
	}
	cookies := make([]xproto.GetGeometryCookie, len(tree.Children))
	for i, id := range tree.Children {
		cookies[i] = xproto.GetGeometry(conn, xproto.Drawable(id))
	}
	for i, id := range tree.Children {
		if g, err := cookies[i].Reply(); err == nil {
			w.place(id, placeOf(g.X, g.Y, g.Width, g.Height, g.BorderWidth))
		}
	}
}

func (w *windows) handle(kind news, about subject) {
	switch kind {
	case configured, created:
		w.place(about.window, about.place)
	case destroyed:
		delete(w.known, about.window)
	case reparented:
		if about.parent != w.root {
			delete(w.known, about.window)
		}
	}
}

func (w *windows) place(id xproto.Window, r image.Rectangle) {
	p := w.known[id]
	if p == nil {
		if w.known == nil {
			w.known = map[xproto.Window]*places{}
		}
		if len(w.known) < maxWindows {
			w.known[id] = &places{at: [maxPlaces]image.Rectangle{r}, n: 1}
		}
		return
	}
	last := p.at[p.n-1]
	switch {
	case last == r:
		return
	case last.Size() != r.Size():
		p.at[0], p.n = r, 1
		return
	case p.n == maxPlaces:
		copy(p.at[:], p.at[1:])
		p.n--
	case p.n == 1 && len(w.moved) < maxWindows:
		w.moved = append(w.moved, id)
	}
	p.at[p.n], p.fresh = r, true
	p.n++
}

// guesses appends what may have been moved since the last call, the likeliest first.
func (w *windows) guesses(moves []screen.Move) []screen.Move {
	kept := w.moved[:0]
	for _, id := range w.moved {
		p := w.known[id]
		if p == nil || p.n < 2 {
			continue
		}
		for to := p.n - 1; to > 0; to-- {
			for from := to - 1; from >= 0; from-- {
				moves = append(moves, screen.Move{To: p.at[to], From: p.at[from].Min})
			}
		}
		if p.fresh {
			p.fresh = false
			kept = append(kept, id)
		} else {
			p.at[0], p.n = p.at[p.n-1], 1
		}
	}
	w.moved = kept
	return moves
}
