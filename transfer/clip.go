package transfer

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Copying files here and pasting them there, or the other way round, takes three messages besides those of transfers:
//
//	copied   files were copied here; they can be fetched by these paths. Nothing: what was copied are no files
//	put      put what has arrived with these transfers on your clipboard
//	put done it is there, or the problem
//
// Pasting here what was copied there: fetch, then put it on this side's clipboard. Pasting there what was copied
// here: send, then put. So nothing goes over before somebody pastes, and never a path leads anywhere but through
// the same checks as everything else.

type copiedMessage struct {
	Paths []string `json:"paths,omitempty"`
}

type putMessage struct {
	ID        uint32   `json:"id"`
	Transfers []string `json:"transfers"` // IDs of rows, which are the same on both sides
}

type putDoneMessage struct {
	ID      uint32  `json:"id"`
	Problem Problem `json:"problem,omitempty"`
}

// maxCopied is how many copied files and folders are told of.
const maxCopied = maxFetched

// Announce tells the other side what was copied here: full paths, of which those that lie in a place are told. It
// must not be called by two goroutines at once.
func (x *Exchange) Announce(paths []string) {
	told := []string{}
	for _, p := range paths {
		if at, ok := x.inPlace(p); ok && len(told) < maxCopied {
			told = append(told, at)
		}
	}
	x.mu.Lock()
	may := x.conn != nil && !x.ended && x.allowed && !slices.Equal(told, x.announced)
	if may {
		x.announced = told
	}
	ctx := x.granted
	x.mu.Unlock()
	if may {
		x.sendWhile(ctx, kindCopied, copiedMessage{told})
	}
}

// inPlace is a path as the other side would ask for it, if it lies in a place.
func (x *Exchange) inPlace(full string) (string, bool) {
	for _, place := range x.config.Places {
		rest, err := filepath.Rel(place.Path, full)
		if err != nil || rest == "." || !filepath.IsLocal(rest) {
			continue
		}
		at := place.Name + "/" + filepath.ToSlash(rest)
		if _, err := splitPath(at); err == nil {
			return at, true
		}
	}
	return "", false
}

// Copied is what was copied at the other side, as paths for Fetch.
func (x *Exchange) Copied() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.allowed || x.ended {
		return nil
	}
	return slices.Clone(x.copied)
}

func (x *Exchange) handleCopied(m copiedMessage) error {
	if len(m.Paths) > maxCopied {
		return fmt.Errorf("%w: %d copied files", ErrProtocol, len(m.Paths))
	}
	paths := []string{}
	for _, p := range m.Paths {
		if parts, err := splitPath(p); err == nil && len(parts) > 1 {
			paths = append(paths, p)
		}
	}
	x.mu.Lock()
	x.copied = paths
	x.mu.Unlock()
	if x.config.Copied != nil {
		x.config.Copied()
	}
	return nil
}

// Put asks the other side to put what has arrived there with these transfers on its clipboard.
func (x *Exchange) Put(ctx context.Context, ids []string) error {
	if len(ids) == 0 || len(ids) > maxCopied {
		return NotFound
	}
	done := make(chan Problem, 1)
	x.mu.Lock()
	if err := x.readyLocked(); err != nil {
		x.mu.Unlock()
		return err
	}
	id := x.next
	x.next++
	x.puts[id] = done
	ended := x.ctx.Done()
	x.mu.Unlock()
	defer func() {
		x.mu.Lock()
		delete(x.puts, id)
		x.mu.Unlock()
	}()
	x.send(kindPut, putMessage{ID: id, Transfers: ids})
	return awaitProblem(ctx, ended, done)
}

func (x *Exchange) handlePut(m putMessage) error {
	if len(m.Transfers) == 0 || len(m.Transfers) > maxCopied {
		return fmt.Errorf("%w: %d transfers to be put on the clipboard", ErrProtocol, len(m.Transfers))
	}
	return x.asked(func(context.Context) Problem {
		paths, p := x.arrivedPaths(m.Transfers)
		if p == "" {
			p = x.put(paths)
		}
		if p == "" {
			x.send(kindPutDone, putDoneMessage{ID: m.ID})
		}
		return p
	}, kindPutDone, func(p Problem) any { return putDoneMessage{ID: m.ID, Problem: p} })
}

// arrivedPaths are where transfers have put what they brought.
func (x *Exchange) arrivedPaths(ids []string) (paths []string, problem Problem) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, id := range ids {
		i := slices.IndexFunc(x.rows, func(r *row) bool { return r.ID == id })
		if i < 0 || x.rows[i].Direction != Receiving || x.rows[i].State != Done || strings.ContainsRune(x.rows[i].Path, 0) {
			return nil, NotFound
		}
		paths = append(paths, x.rows[i].Path)
	}
	return paths, ""
}

func (x *Exchange) put(paths []string) Problem {
	if x.config.Put == nil {
		return NoClipboard
	}
	if err := x.config.Put(paths); err != nil {
		return problemOf(err, NoClipboard)
	}
	return ""
}

// PutHere puts what has arrived here with these transfers on this side's own clipboard.
func (x *Exchange) PutHere(ids []string) error {
	paths, p := x.arrivedPaths(ids)
	if p == "" {
		p = x.put(paths)
	}
	if p != "" {
		return p
	}
	return nil
}

func (x *Exchange) handlePutDone(m putDoneMessage) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	p := m.Problem
	if p != "" {
		p = known(p)
	}
	select {
	case x.puts[m.ID] <- p:
	default:
	}
	return nil
}
