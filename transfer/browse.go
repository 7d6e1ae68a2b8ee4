package transfer

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// Item is something in a folder of the other side.
type Item struct {
	Name    string    `json:"name"`
	Size    int64     `json:"size,omitempty"`
	Time    time.Time `json:"time,omitzero"`
	Folder  bool      `json:"folder,omitempty"`
	Special bool      `json:"special,omitempty"` // a link or device, which cannot be fetched
}

type listRequest struct {
	items []Item
	cut   bool
	done  chan Problem // buffered 1
}

const (
	maxItems  = 20_000 // of one folder
	itemBatch = 300
	maxAsking = 8
)

// List gives what is in a folder of the other side, "" for the places to begin at: folders first, by name. cut tells
// that there is more. The person there is asked once.
func (x *Exchange) List(ctx context.Context, folder string) (items []Item, cut bool, err error) {
	r := &listRequest{done: make(chan Problem, 1)}
	x.mu.Lock()
	if err := x.readyLocked(); err != nil {
		x.mu.Unlock()
		return nil, false, err
	}
	id := x.next
	x.next++
	x.lists[id] = r
	done := x.ctx.Done()
	x.mu.Unlock()
	defer func() {
		x.mu.Lock()
		delete(x.lists, id)
		x.mu.Unlock()
	}()
	x.send(kindList, listMessage{ID: id, Path: folder})
	if err := awaitProblem(ctx, done, r.done); err != nil {
		return nil, false, err
	}
	return r.items, r.cut, nil
}

func (x *Exchange) readyLocked() error {
	switch {
	case x.conn == nil || x.ended:
		return ErrEnded
	case !x.allowed:
		return NotAllowed
	case len(x.lists)+len(x.puts)+x.waitingLocked() > maxOffers:
		return Busy
	}
	return nil
}

func awaitProblem(ctx context.Context, ended <-chan struct{}, done <-chan Problem) error {
	select {
	case p := <-done:
		if p != "" {
			return p
		}
		return nil
	case <-ended:
		return ErrEnded
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (x *Exchange) handleListing(m listingMessage) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	r := x.lists[m.ID]
	if r == nil {
		return nil
	}
	if len(r.items)+len(m.Items) > maxItems {
		return fmt.Errorf("%w: listing of more than %d items", ErrProtocol, maxItems)
	}
	for _, item := range m.Items {
		if item.Name == "" || len(item.Name) > maxPath || strings.ContainsAny(item.Name, "/\x00") || item.Size < 0 {
			continue // nobody could ask for it
		}
		r.items = append(r.items, item)
	}
	r.cut = r.cut || m.Cut
	if !m.More || m.Problem != "" {
		p := m.Problem
		if p != "" {
			p = known(p)
		}
		select {
		case r.done <- p:
		default:
		}
	}
	return nil
}

// asked runs fn for a request of the other side, which may wait for a person; refusal is the message, of this kind,
// that says why not. ctx ends when the permission does. No more than maxAsking are dealt with at once.
func (x *Exchange) asked(fn func(ctx context.Context) Problem, k kind, refusal func(Problem) any) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case !x.allowed:
		return x.refuse(k, refusal(NotAllowed))
	case x.asking >= maxAsking:
		return x.refuse(k, refusal(Busy))
	}
	x.asking++
	ctx := x.granted
	x.wg.Go(func() {
		p := fn(ctx)
		if ctx.Err() != nil {
			p = NotAllowed
		}
		if p != "" {
			x.send(k, refusal(p))
		}
		x.mu.Lock()
		x.asking--
		x.mu.Unlock()
	})
	return nil
}

// may asks the person, if that has to be.
func (x *Exchange) may(ctx context.Context) Problem {
	if x.config.MayLook == nil {
		return Declined
	}
	if err := x.config.MayLook(ctx); err != nil {
		return problemOf(err, Declined)
	}
	return ""
}

func (x *Exchange) handleList(m listMessage) error {
	return x.asked(func(ctx context.Context) Problem {
		if p := x.may(ctx); p != "" {
			return p
		}
		items, cut, err := listPlaces(ctx, x.config.Places, m.Path)
		if err != nil {
			return problemOf(err, Unreadable)
		}
		for first := true; first || len(items) > 0; first = false {
			n := min(len(items), itemBatch)
			x.sendWhile(ctx, kindListing, listingMessage{ID: m.ID, Items: items[:n], More: n < len(items), Cut: cut})
			items = items[n:]
		}
		return ""
	}, kindListing, func(p Problem) any { return listingMessage{ID: m.ID, Problem: p} })
}

func describe(info os.FileInfo) Item {
	item := Item{Name: info.Name(), Time: info.ModTime().UTC().Truncate(time.Second), Folder: info.IsDir()}
	if !item.Folder {
		item.Size, item.Special = info.Size(), !info.Mode().IsRegular()
	}
	return item
}
