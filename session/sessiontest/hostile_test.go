package sessiontest

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/link"
	"handrail/session/mux"
	"handrail/session/secure"
	"handrail/session/wire"
)

// changed is an operator's program that somebody has changed: it has the right code and writes whatever it likes onto the
// channel.
type changed struct {
	t       *testing.T
	channel *secure.Channel
	read    sync.WaitGroup

	mu    sync.Mutex
	heard []session.ControlMessage
}

// frame is a fragment as package mux writes it.
func frame(stream mux.Stream, more bool, payload []byte) []byte {
	first := byte(stream)
	if more {
		first |= 0x80
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
	b[0] = first
	return append(b, payload...)
}

// send writes a message; false: the channel is gone.
func (h *changed) send(stream mux.Stream, message []byte) bool {
	_, err := h.channel.Write(frame(stream, false, message))
	return err == nil && h.channel.Flush() == nil
}

func (h *changed) input(in session.Input) bool { return h.send(mux.Input, in.AppendTo(nil)) }

// listen reads until the channel ends and keeps what comes on the control stream.
func (h *changed) listen() {
	var header [4]byte
	for {
		if readFull(h.channel, header[:]) != nil {
			return
		}
		stream := header[0]
		header[0] = 0
		payload := make([]byte, binary.BigEndian.Uint32(header[:]))
		if readFull(h.channel, payload) != nil {
			return
		}
		if m, err := session.ParseControl(payload); stream == byte(mux.Control) && err == nil {
			h.mu.Lock()
			h.heard = append(h.heard, m)
			h.mu.Unlock()
		}
	}
}

func readFull(c *secure.Channel, b []byte) error {
	for len(b) > 0 {
		n, err := c.Read(b)
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// told are the warnings about something that have come.
func (h *changed) told(about string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.heard {
		if m.Type == session.MsgWarning && m.About == about {
			n++
		}
	}
	return n
}

// besiege joins a customer, who allows some of what is asked for, with a changed operator's program.
func (r *Relay) besiege(t *testing.T, computer *Computer, allowed session.Permissions) (*changed, *customer.Session, *lockedBuffer) {
	t.Helper()
	h, c, journal := r.meetCustomer(t, computer)
	if err := c.Start(allowed); err != nil {
		t.Fatal(err)
	}
	return h, c, journal
}

// meetCustomer joins a customer, who has not agreed to anything yet, with a changed operator's program.
func (r *Relay) meetCustomer(t *testing.T, computer *Computer) (*changed, *customer.Session, *lockedBuffer) {
	t.Helper()
	api, err := link.NewAPI(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	if _, err := api.SignIn(Within(t), User, Password); err != nil {
		t.Fatal(err)
	}
	record, err := api.NewSession(Within(t))
	if err != nil {
		t.Fatal(err)
	}
	code := session.Code{Routing: record.Routing, Secret: "246810"}
	h := &changed{t: t}
	met := make(chan error, 1)
	go func() { met <- h.meet(Within(t), r, api, record, code) }()
	journal := &lockedBuffer{}
	config := computer.Config()
	config.Log = slog.New(slog.NewTextHandler(journal, nil))
	board := &clips{set: make(chan screen.Clip, 64)}
	config.OpenClipboard = board.open
	c, err := customer.Join(Within(t), config, r.URL, code)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := <-met; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.channel.Close(); h.read.Wait() })
	return h, c, journal
}

func (h *changed) meet(ctx context.Context, r *Relay, api *link.API, record wire.Session, code session.Code) error {
	l, err := link.Dial(ctx, r.URL, wire.Hello{Version: wire.Version, Role: wire.Operator, Session: record.ID, Token: api.Token()})
	if err != nil {
		return err
	}
	if _, err := l.WaitPaired(ctx); err != nil {
		return err
	}
	h.channel, err = secure.Accept(ctx, l, secure.Params{Routing: code.Routing, Secret: code.Secret})
	if err != nil {
		return err
	}
	if err := l.Accepted(ctx); err != nil {
		return err
	}
	all := session.DefaultPermissions().With(session.Clipboard).With(session.Files)
	hello := session.ControlMessage{
		Type: session.MsgHello, Version: session.PeerVersion, Party: &session.Party{Name: "desk"}, Permissions: &all,
		Quality: session.High, Encodings: screen.AllEncodings.Names(),
	}
	if !h.send(mux.Control, hello.Marshal()) {
		return fmt.Errorf("the customer does not listen")
	}
	h.read.Go(h.listen)
	return nil
}

func awaitJournal(t *testing.T, journal *lockedBuffer, text string) {
	t.Helper()
	screentest.WaitFor(t, "the journal has "+text, func() bool { return strings.Contains(journal.String(), text) })
}

var onlyView = session.Permissions{}.With(session.View)

// TestInputWithoutPermission sends all kinds of input to a customer who only shows the screen.
func TestInputWithoutPermission(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(64, 64)
	h, c, journal := relay.besiege(t, computer, onlyView)
	for n := range 500 {
		for _, in := range []session.Input{
			{Kind: session.InputMove, X: n, Y: n},
			{Kind: session.InputButton, Button: screen.ButtonLeft, Down: n%2 == 0},
			{Kind: session.InputKey, Keysym: 'a', Down: n%2 == 0},
			{Kind: session.InputText, Text: "rm -rf"},
			{Kind: session.InputScroll, Y: 1},
			{Kind: session.InputWheel, Y: 1},
			{Kind: session.InputPosition, Position: 30, Down: n%2 == 0},
		} {
			if !h.input(in) {
				t.Fatal("the session has ended")
			}
		}
	}
	h.send(mux.Clipboard, session.AppendClip(nil, screen.Clip{Text: "unwanted"}))
	awaitJournal(t, journal, "permission=control")
	awaitJournal(t, journal, "permission=clipboard")
	screentest.WaitFor(t, "the operator is told", func() bool { return h.told("refused.control") > 0 && h.told("refused.clipboard") > 0 })
	if told := h.told("refused.control"); told != 1 {
		t.Errorf("the operator was told %d times", told)
	}
	if events := computer.Hands.Events(); len(events) > 0 {
		t.Errorf("injected %q", events)
	}
	if state, _ := c.State(); state != session.Active {
		t.Errorf("the session is %s", state)
	}
	c.Close()
	if lines := strings.Count(journal.String(), "permission=control"); lines > 20 {
		t.Errorf("3000 refusals took %d lines", lines)
	}
}

// TestInputThatCannotBe sends what no program of ours would: the session ends, and nothing of it is injected.
func TestInputThatCannotBe(t *testing.T) {
	relay := StartRelay(t, false)
	for name, message := range map[string][]byte{
		"a button that there is not":   {byte(session.InputButton), 77, 1},
		"half a position":              {byte(session.InputMove), 0, 1},
		"a wheel turned for ever":      {byte(session.InputScroll), 0x7f, 0xff, 0x7f, 0xff},
		"a fine wheel turned for ever": {byte(session.InputWheel), 0x7f, 0xff, 0x7f, 0xff},
		"no key":                       {byte(session.InputKey), 0, 0, 0, 0, 1},
		"a place on no keyboard":       {byte(session.InputPosition), 0xff, 0xff, 1},
		"a text that is none":          {byte(session.InputText), 0xff, 0xfe},
		"a text longer than any":       append([]byte{byte(session.InputText)}, make([]byte, session.MaxText+1)...),
		"a kind that there is not":     {99},
		"nothing":                      {},
		"a clip that says it is a PNG": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			computer := NewComputer(64, 64)
			h, c, journal := relay.besiege(t, computer, session.DefaultPermissions().With(session.Clipboard))
			if message == nil {
				h.send(mux.Clipboard, append([]byte{2}, "no picture"...))
			} else {
				h.send(mux.Input, message)
			}
			<-c.Done()
			if _, reason := c.State(); reason != wire.ReasonProtocol {
				t.Errorf("it ended for %q", reason)
			}
			if events := computer.Hands.Events(); len(events) > 0 && !slices.Equal(events, []string{"close"}) {
				t.Errorf("injected %q", events)
			}
			if !strings.Contains(journal.String(), "reason=protocol") {
				t.Error("it is not in the log")
			}
		})
	}
}

// TestAClipboardOfAGigabyte announces one, and sends it for as long as anybody listens.
func TestAClipboardOfAGigabyte(t *testing.T) {
	relay := StartRelay(t, false)
	h, c, journal := relay.besiege(t, NewComputer(64, 64), session.DefaultPermissions().With(session.Clipboard))
	piece := make([]byte, 16<<10-4)
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	sent, most := 0, uint64(0)
	all := 48 << 20 // that is refused long before
	if os.Getenv("HANDRAIL_SOAK") != "" {
		all = 1 << 30
	}
	for ended := false; sent < all && !ended; {
		select {
		case <-c.Done():
			ended = true
		default:
		}
		if sent&(4<<20-1) < len(piece) {
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
		if _, err := h.channel.Write(frame(mux.Clipboard, true, piece)); err != nil || h.channel.Flush() != nil {
			break
		}
		sent += len(piece)
	}
	<-c.Done()
	// The relay may go on taking it for a while after the customer's program has hung up. All three are in this process.
	const bound = 100 << 20
	if grown := most - min(most, before.HeapAlloc); grown > bound {
		t.Errorf("it took %d MiB of memory", grown>>20)
	} else {
		t.Logf("refused; %d MiB had been sent when the operator noticed, and memory had grown by %d MiB", sent>>20, grown>>20)
	}
	if _, reason := c.State(); reason != wire.ReasonProtocol {
		t.Errorf("it ended for %q", reason)
	}
	awaitJournal(t, journal, "reason=protocol")
}

// TestKeysThatAreNeverReleased presses key after key.
func TestKeysThatAreNeverReleased(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(64, 64)
	h, c, journal := relay.besiege(t, computer, session.DefaultPermissions())
	most := 0
	for n := range 600 {
		if !h.input(session.Input{Kind: session.InputKey, Keysym: uint32(0x100 + n), Down: true}) {
			t.Fatal("the session has ended")
		}
		most = max(most, len(computer.Hands.Held()))
	}
	awaitJournal(t, journal, "more keys than hands can")
	if most > 24 {
		t.Errorf("%d keys were down at a time", most)
	}
	screentest.WaitFor(t, "some are down", func() bool { return len(computer.Hands.Held()) > 0 })
	h.channel.Close() // without a word
	screentest.WaitFor(t, "all keys are up", func() bool { return len(computer.Hands.Held()) == 0 })
	if state, _ := c.State(); state == session.Ended {
		t.Log("the session has ended at once")
	}
}

// TestAFloodOfInput sends 10,000 events a second and more. They are injected no faster than hands could be; the customer's own
// hand counts at once all the same, and what was on its way is dropped.
func TestAFloodOfInput(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(64, 64)
	h, c, journal := relay.besiege(t, computer, session.DefaultPermissions())
	ctx, cancel := context.WithCancel(context.Background())
	var flood sync.WaitGroup
	begun := time.Now()
	flood.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ctx.Err() == nil; <-tick.C {
			for range 100 {
				n++
				_, _ = h.channel.Write(frame(mux.Input, false, session.Input{Kind: session.InputMove, X: n % 64, Y: 1}.AppendTo(nil)))
			}
			if h.channel.Flush() != nil {
				return
			}
		}
	})
	defer flood.Wait()
	defer cancel()
	awaitJournal(t, journal, "more input than hands can make")
	screentest.WaitFor(t, "much is injected", func() bool { return len(computer.Hands.Events()) > 500 })
	injected, took := len(computer.Hands.Events()), time.Since(begun)
	if most := 1000*took.Seconds() + 250; float64(injected) > most {
		t.Errorf("%d events were injected in %v", injected, took)
	}
	computer.Person.Move()
	awaitHolder(t, &c.Status, session.HolderCustomer)
	before := len(computer.Hands.Events())
	computer.Person.Press("f12")
	screentest.WaitFor(t, "control is revoked", func() bool { return !c.Permissions().Has(session.Control) })
	if more := len(computer.Hands.Events()) - before; more > 0 {
		t.Errorf("%d events were injected while the customer had control", more)
	}
	computer.Person.Press("ctrl+alt+shift+esc")
	<-c.Done()
}
