package transfer

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
)

// Order says what to fetch from the other side.
type Order struct {
	Paths       []string // of the other side, as List shows them
	Folder      string   // to put it in; "": where received files go
	Synchronize bool     // files that are here already and differ are replaced; otherwise both are kept
}

// fetchRequest is an order until everything in it has been offered. It is what lets offers go into its folder and
// replace what is there, so each of its paths is good for one offer, of the name that the path ends with.
type fetchRequest struct {
	order  Order
	done   chan Problem   // buffered 1
	agreed bool           // the other side has said yes
	names  map[string]int // how often each name may still be offered
}

// maxFetched is how many paths one order may have.
const maxFetched = 200

// Fetch asks the other side for files; it returns when the other side has agreed and begins to offer them: a
// transfer for each path, whose rows have this number as Order. After an error nothing of it is taken any more.
func (x *Exchange) Fetch(ctx context.Context, order Order) (number uint32, err error) {
	if len(order.Paths) == 0 {
		return 0, NotFound
	}
	if len(order.Paths) > maxFetched {
		return 0, TooMany
	}
	if order.Folder != "" {
		folder, err := filepath.Abs(order.Folder)
		if err != nil {
			return 0, NoFolder
		}
		order.Folder = folder
	}
	r := &fetchRequest{order: order, done: make(chan Problem, 1), names: map[string]int{}}
	for _, p := range order.Paths {
		if _, err := splitPath(p); err != nil {
			return 0, NotFound // the other side would say so
		}
		r.names[path.Base(p)]++
	}
	x.mu.Lock()
	if err := x.readyLocked(); err != nil {
		x.mu.Unlock()
		return 0, err
	}
	id := x.next
	x.next++
	x.keepLocked(id, r)
	done := x.ctx.Done()
	x.mu.Unlock()
	x.send(kindFetch, fetchMessage{ID: id, Paths: order.Paths})
	if err := awaitProblem(ctx, done, r.done); err != nil {
		x.mu.Lock()
		delete(x.fetches, id)
		x.mu.Unlock()
		return id, err
	}
	return id, nil
}

// keepLocked keeps an order for its offers. When there are too many, the oldest that was agreed to is forgotten: the
// other side has long not offered what is in it.
func (x *Exchange) keepLocked(id uint32, r *fetchRequest) {
	if len(x.fetches) >= maxOffers {
		oldest := uint32(0)
		for id, f := range x.fetches {
			if f.agreed && (oldest == 0 || id < oldest) {
				oldest = id
			}
		}
		delete(x.fetches, oldest)
	}
	x.fetches[id] = r
}

// forgetOrdersLocked ends all orders.
func (x *Exchange) forgetOrdersLocked(problem Problem) {
	for id, f := range x.fetches {
		if !f.agreed {
			f.done <- problem
		}
		delete(x.fetches, id)
	}
}

// waitingLocked is how many orders the other side has not answered.
func (x *Exchange) waitingLocked() (waiting int) {
	for _, f := range x.fetches {
		if !f.agreed {
			waiting++
		}
	}
	return waiting
}

// takeLocked gives the order that an offer of this name belongs to, and takes the name out of it; false says that
// nobody here waits for it.
func (x *Exchange) takeLocked(fetch uint32, name string) (Order, bool) {
	f := x.fetches[fetch]
	if f == nil || !f.agreed || f.names[name] == 0 {
		return Order{}, false
	}
	if f.names[name]--; f.names[name] == 0 {
		delete(f.names, name)
	}
	if len(f.names) == 0 {
		delete(x.fetches, fetch)
	}
	return f.order, true
}

func (x *Exchange) handleFetched(m fetchedMessage) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	r := x.fetches[m.ID]
	if r == nil || r.agreed {
		return nil
	}
	p := m.Problem
	if p != "" {
		p = known(p)
		delete(x.fetches, m.ID)
	}
	r.agreed = p == ""
	r.done <- p // this is the only answer that counts
	return nil
}

// handleFetch offers what the other side asks for.
func (x *Exchange) handleFetch(m fetchMessage) error {
	if len(m.Paths) == 0 || len(m.Paths) > maxFetched {
		return fmt.Errorf("%w: order of %d paths", ErrProtocol, len(m.Paths))
	}
	return x.asked(func(ctx context.Context) Problem {
		sources, err := x.wanted(ctx, m.Paths)
		if err != nil {
			return problemOf(err, Unreadable)
		}
		x.sendWhile(ctx, kindFetched, fetchedMessage{ID: m.ID})
		for _, s := range sources {
			_, _ = x.sendSource(ctx, s, m.ID) // what fails now shows as the session's end
		}
		return ""
	}, kindFetched, func(p Problem) any { return fetchedMessage{ID: m.ID, Problem: p} })
}

// wanted opens what the other side asks for.
func (x *Exchange) wanted(ctx context.Context, paths []string) (sources []*source, err error) {
	defer func() {
		if err != nil {
			for _, s := range sources {
				s.tree.close()
			}
			sources = nil
		}
	}()
	if p := x.may(ctx); p != "" {
		return nil, p
	}
	for _, p := range paths {
		t, rest, place, err := openPlace(x.config.Places, p)
		if err != nil {
			return sources, err
		}
		if rest == "" {
			t.close()
			return sources, Special
		}
		s, err := newSource(t, rest, filepath.Join(place.Path, filepath.FromSlash(rest)))
		if err != nil {
			return sources, err
		}
		sources = append(sources, s)
	}
	return sources, nil
}
