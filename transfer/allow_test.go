package transfer

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// deaf is a connection whose other side never takes some kinds of messages.
type deaf struct {
	*pipe
	kinds []kind
	met   chan struct{} // buffered 1: such a message waits
}

func (d *deaf) SendFile(ctx context.Context, m []byte) error {
	for _, k := range d.kinds {
		if kind(m[0]) == k {
			select {
			case d.met <- struct{}{}:
			default:
			}
			<-ctx.Done()
			return ctx.Err()
		}
	}
	return d.pipe.SendFile(ctx, m)
}

// loneDeaf is like lone, and its other side takes no messages of these kinds.
func loneDeaf(t *testing.T, kinds ...kind) (*side, *pipe, *deaf) {
	t.Helper()
	d := &deaf{kinds: kinds, met: make(chan struct{}, 1)}
	s, peer := loneOver(t, Config{}, func(p *pipe) Conn { d.pipe = p; return d })
	return s, peer, d
}

// soon fails if something takes longer than anybody would wait.
func soon(t *testing.T, what string, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { do(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatalf("%s does not return", what)
	}
}

func waitFor(t *testing.T, what string, happens <-chan struct{}) {
	t.Helper()
	select {
	case <-happens:
	case <-time.After(limit):
		t.Fatalf("%s does not happen", what)
	}
}

// TestTakingThePermissionFromTheDeaf takes the permission while a transfer waits for the other side, which takes no
// more of some messages. The transfer ends all the same.
func TestTakingThePermissionFromTheDeaf(t *testing.T) {
	data := mixed(4, 6*ChunkSize)
	for _, k := range []kind{kindAnswer, kindPlan, kindAck} {
		x, peer, d := loneDeaf(t, k)
		messages := fileMessages("f", false, []entry{{Path: "f", Size: int64(len(data))}}, nil)[:2]
		peer.say(t, messages...)
		for i := range 5 {
			chunk := data[i*ChunkSize:][:ChunkSize]
			m := chunkMessage{transfer: 1, index: uint32(i), length: ChunkSize, stored: ChunkSize, hash: sha256.Sum256(chunk), bytes: chunk}
			peer.say(t, m.appendTo(nil))
		}
		waitFor(t, fmt.Sprintf("a message of kind %d", k), d.met)
		soon(t, "taking the permission", func() { x.Allow(false) })
		if r := awaitEnd(t, x, 1); r.Problem != NotAllowed {
			t.Errorf("kind %d: it ends with %+v", k, r)
		}
	}
	for _, k := range []kind{kindOffer, kindEntries, kindChunk, kindEnd, kindFinish} {
		x, peer, d := loneDeaf(t, k)
		go func() { // say yes to everything
			for {
				m, err := peer.ReceiveFile(context.Background())
				if err != nil {
					return
				}
				switch kind(m[0]) {
				case kindOffer:
					_ = peer.SendFile(context.Background(), marshal(kindAnswer, answerMessage{ID: 1}))
				case kindEntries:
					_ = peer.SendFile(context.Background(), marshal(kindPlan, planMessage{ID: 1, Count: 1}))
				}
			}
		}()
		if _, err := x.Send(write(t, filepath.Join(x.home, "f"), data[:1000])); err != nil {
			t.Fatal(err)
		}
		waitFor(t, fmt.Sprintf("a message of kind %d", k), d.met)
		soon(t, "taking the permission", func() { x.Allow(false) })
		if r := awaitEnd(t, x, 1); r.Problem != NotAllowed {
			t.Errorf("kind %d: it ends with %+v", k, r)
		}
		if x.window.mu.Lock(); k == kindChunk && x.window.sent != 0 {
			t.Errorf("%d bytes that were never sent count as on their way", x.window.sent)
		}
		x.window.mu.Unlock()
	}
}

// TestTakingThePermissionOnASlowDisk takes it while a file that has arrived whole is being put on the disk: it does not
// get its name any more, and is not sent again when the permission is given again.
func TestTakingThePermissionOnASlowDisk(t *testing.T) {
	a, b := pair(t)
	syncs, release := make(chan struct{}, 100), make(chan struct{})
	b.flush = func(f *os.File) error {
		syncs <- struct{}{}
		<-release
		return f.Sync()
	}
	data := mixed(9, 7*ChunkSize+5)
	path := write(t, filepath.Join(a.home, "f"), data)
	if _, err := a.Send(path); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the sync", syncs)
	soon(t, "taking the permission", func() { b.Allow(false) })
	close(release)
	if r := awaitEnd(t, b, 1); r.Problem != NotAllowed {
		t.Errorf("it ends with %+v", r)
	}
	if r := awaitEnd(t, a, 1); r.Problem != NotAllowed {
		t.Errorf("it ends with %+v", r)
	}
	wholeOrAbsent(t, 0, b.received(), nil)
	b.Allow(true)
	before := b.came()
	if sent, got := send(t, a, b, path); sent.State != Done || got.State != Done {
		t.Errorf("then sent %+v, got %+v", sent, got)
	}
	same(t, listing(t, b.received()), map[string]string{"f": string(data)})
	if came := b.came() - before; came > ChunkSize {
		t.Errorf("%d bytes came again", came)
	}
}

// TestCancellingOnASlowDisk throws away what has arrived whole and has no name yet.
func TestCancellingOnASlowDisk(t *testing.T) {
	a, b := pair(t)
	syncs, release := make(chan struct{}, 100), make(chan struct{})
	b.flush = func(f *os.File) error {
		syncs <- struct{}{}
		<-release
		return f.Sync()
	}
	if _, err := a.Send(write(t, filepath.Join(a.home, "f"), random(3*ChunkSize))); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the sync", syncs)
	b.CancelAll()
	close(release)
	if r := awaitEnd(t, b, 1); r.State != Stopped {
		t.Errorf("it ends with %+v", r)
	}
	awaitEnd(t, a, 1)
	same(t, listing(t, b.received()), nil)
}

// TestNothingAppearsAfterThePermission takes it at some time while many files and folders arrive, and looks what is
// there at once and when everything has ended.
func TestNothingAppearsAfterThePermission(t *testing.T) {
	home := t.TempDir()
	for i := range 300 {
		write(t, filepath.Join(home, "many", fmt.Sprint("in ", i/5), fmt.Sprint(i)), []byte(strings.Repeat("x", i)))
	}
	named := func(b *side) string {
		var names []string
		for name := range listing(t, b.received()) {
			if !strings.HasPrefix(filepath.Base(name), partPrefix) {
				names = append(names, name)
			}
		}
		return fmt.Sprint(len(names))
	}
	for round := range 8 {
		a, b := pair(t, home)
		if _, err := a.Send(filepath.Join(home, "many")); err != nil {
			t.Fatal(err)
		}
		await(t, b, func() bool { rows := b.Rows(); return len(rows) > 0 && rows[0].Bytes > int64(round*5000) })
		soon(t, "taking the permission", func() { b.Allow(false) })
		then := named(b)
		awaitEnd(t, b, 1)
		if now := named(b); now != then {
			t.Errorf("%s files and folders have become %s", then, now)
		}
	}
}

// TestLookingEndsWithThePermission takes it while somebody is asked whether the other side may look.
func TestLookingEndsWithThePermission(t *testing.T) {
	a, b := pair(t)
	asked := make(chan struct{}, 1)
	b.config.MayLook = func(ctx context.Context) error {
		asked <- struct{}{}
		<-ctx.Done()
		return Gone
	}
	over := make(chan error)
	go func() {
		_, err := a.Fetch(context.Background(), Order{Paths: []string{"home/x"}})
		over <- err
	}()
	waitFor(t, "the question", asked)
	soon(t, "taking the permission", func() { b.Allow(false) })
	if err := <-over; err != error(NotAllowed) {
		t.Error(err)
	}
}

// TestOrdersEndWithThePermission does not take what was ordered before the permission was taken and given again.
func TestOrdersEndWithThePermission(t *testing.T) {
	x, peer := lone(t, Config{})
	over := make(chan error)
	go func() {
		_, err := x.Fetch(context.Background(), Order{Paths: []string{"home/x"}})
		over <- err
	}()
	first := hear[fetchMessage](t, peer, kindFetch).ID
	peer.say(t, marshal(kindFetched, fetchedMessage{ID: first}))
	if err := <-over; err != nil {
		t.Fatal(err)
	}
	go func() {
		_, err := x.Fetch(context.Background(), Order{Paths: []string{"home/y"}})
		over <- err
	}()
	hear[fetchMessage](t, peer, kindFetch)
	x.Allow(false)
	if err := <-over; err != error(NotAllowed) {
		t.Error(err)
	}
	x.Allow(true)
	if p := peer.offer(t, 1, first, "x", []byte("x")); p == "" {
		t.Error("it is taken")
	}
}

// TestDataAfterTheEnd sends data for a transfer that has just ended: it counts as dealt with.
func TestDataAfterTheEnd(t *testing.T) {
	x, peer, d := loneDeaf(t, kindCancel)
	peer.say(t, fileMessages("f", false, []entry{{Path: "f", Size: ChunkSize}}, nil)[:2]...)
	hear[planMessage](t, peer, kindPlan)
	x.CancelAll()
	waitFor(t, "telling it", d.met)
	peer.say(t, (&chunkMessage{more: true, transfer: 1, bytes: make([]byte, 1000)}).appendTo(nil))
	await(t, x, func() bool {
		x.ackMu.Lock()
		defer x.ackMu.Unlock()
		return x.arrived > 1000 && x.processed == x.arrived
	})
}
