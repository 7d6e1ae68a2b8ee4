package transfer

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// limit is long after anything should have happened.
const limit = 2 * time.Minute

// pipe is one end of a path between two exchanges. It can break.
type pipe struct {
	out  chan []byte
	in   chan []byte
	cut  chan struct{}
	once *sync.Once

	change func(message []byte) []byte // what is sent may be changed; nil: it is not
}

var errCut = errors.New("the pipe was cut")

func newPipe() (*pipe, *pipe) {
	a, b := make(chan []byte, 256), make(chan []byte, 256)
	cut, once := make(chan struct{}), &sync.Once{}
	return &pipe{out: a, in: b, cut: cut, once: once}, &pipe{out: b, in: a, cut: cut, once: once}
}

func (p *pipe) breakNow() { p.once.Do(func() { close(p.cut) }) }

func (p *pipe) SendFile(ctx context.Context, message []byte) error {
	message = bytes.Clone(message)
	if p.change != nil {
		if message = p.change(message); message == nil {
			return nil
		}
	}
	select {
	case p.out <- message:
		return nil
	case <-p.cut:
		return errCut
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pipe) ReceiveFile(ctx context.Context) ([]byte, error) {
	select {
	case m := <-p.in:
		return m, nil
	case <-p.cut:
		return nil, errCut
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// side is an exchange with folders of its own.
type side struct {
	*Exchange
	pipe *pipe
	home string
	over chan error // Run's result

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each change of a row
}

// came is how much has arrived.
func (s *side) came() int64 {
	s.ackMu.Lock()
	defer s.ackMu.Unlock()
	return s.arrived
}

func (s *side) awaken(Row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

// pair runs two exchanges until the test's end; those of an earlier pair give their folders.
func pair(t testing.TB, homes ...string) (a, b *side) {
	t.Helper()
	pa, pb := newPipe()
	sides := []*side{{pipe: pa}, {pipe: pb}}
	ctx, cancel := context.WithCancel(context.Background())
	for i, s := range sides {
		if len(homes) > i {
			s.home = homes[i]
		} else {
			s.home = t.TempDir()
		}
		s.over, s.changed = make(chan error, 1), make(chan struct{})
		s.Exchange = New(Config{
			Own: []string{"a", "b"}[i], Peer: []string{"b", "a"}[i], Folder: filepath.Join(s.home, "received"),
			Places: []Place{{"home", s.home}}, MayLook: func(context.Context) error { return nil }, Changed: s.awaken,
		})
	}
	for _, s := range sides {
		s.Begin(ctx, s.pipe)
		go func() {
			err := s.Run()
			s.pipe.breakNow()
			s.over <- err
		}()
	}
	t.Cleanup(func() {
		cancel()
		for _, s := range sides {
			select {
			case <-s.over:
			case <-time.After(limit):
				t.Error("an exchange does not end")
			}
		}
	})
	return sides[0], sides[1]
}

func (s *side) received(names ...string) string {
	return filepath.Join(append([]string{s.home, "received"}, names...)...)
}

// await waits until something holds.
func await(t testing.TB, s *side, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); ; {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if holds() {
			return
		}
		select {
		case <-changed:
		case <-time.After(5 * time.Millisecond):
			if time.Now().After(end) {
				t.Fatalf("it does not come to pass; the rows are %+v", s.Rows())
			}
		}
	}
}

// awaitEnd waits until all transfers of a side have ended and gives the newest.
func awaitEnd(t testing.TB, s *side, count int) Row {
	t.Helper()
	await(t, s, func() bool {
		rows := s.Rows()
		for _, r := range rows {
			if !r.State.Final() {
				return false
			}
		}
		return len(rows) >= count
	})
	return s.Rows()[count-1]
}

// send sends and waits until both sides have it.
func send(t testing.TB, a, b *side, paths ...string) (sent, got Row) {
	t.Helper()
	na, nb := len(a.Rows()), len(b.Rows())
	if _, err := a.Send(paths...); err != nil {
		t.Fatal(err)
	}
	return awaitEnd(t, a, na+len(paths)), awaitEnd(t, b, nb+len(paths))
}

func write(t testing.TB, path string, data []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func random(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.Read(data)
	return data
}

// mixed is data of which about half can be compressed, by a seed.
func mixed(seed uint64, n int) []byte {
	r := mathrand.New(mathrand.NewPCG(seed, 7))
	data := make([]byte, n)
	for i := 0; i < n; {
		run := min(n-i, 100_000+r.IntN(300_000))
		if r.IntN(2) == 0 {
			for j := range run {
				data[i+j] = byte(r.Uint32())
			}
		} else {
			copy(data[i:i+run], bytes.Repeat([]byte("the same words again and again, "), run/32+1))
		}
		i += run
	}
	return data
}

// listing is every path below a folder with the contents of files.
func listing(t testing.TB, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(p string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) { // just removed, as parts are that are given up
			return nil
		}
		if err != nil || p == folder {
			return err
		}
		name := strings.TrimPrefix(p, folder+string(filepath.Separator))
		if d.IsDir() {
			found[name] = "/"
			return nil
		}
		data, err := os.ReadFile(p)
		if os.IsNotExist(err) {
			return nil
		}
		found[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func same(t testing.TB, got, want map[string]string) {
	t.Helper()
	for name, data := range want {
		if have, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		} else if have != data {
			t.Errorf("%s is different: %d bytes instead of %d", name, len(have), len(data))
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is there as well", name)
		}
	}
}
