package sessiontest

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/mux"
	"handrail/session/wire"
)

// TestALongTextInTheChat: what is too long for one line comes as several, whole, and the session goes on.
func TestALongTextInTheChat(t *testing.T) {
	relay := StartRelay(t, false)
	o, c, _ := through(t, relay.URL, relay.URL)
	said := strings.Repeat("Prosim, preberite to: čšž 한국어 😀. ", 500) // 20 KB and more
	answered := strings.Repeat("<&>\"\t\n", 20<<10/6)                // JSON could write each in six letters
	if err := o.Chat(said); err != nil {
		t.Fatal(err)
	}
	if err := c.Chat(answered); err != nil {
		t.Fatal(err)
	}
	whole := func(lines []session.ChatLine, from wire.Role) string {
		var b strings.Builder
		for _, line := range lines {
			if line.From == from {
				b.WriteString(line.Text)
			}
		}
		return b.String()
	}
	for name, s := range map[string]*session.Status{"operator": &o.Status, "customer": &c.Status} {
		screentest.WaitFor(t, "the "+name+" has both texts", func() bool {
			lines := s.Transcript()
			return len(whole(lines, wire.Operator)) >= len(said) && len(whole(lines, wire.Customer)) >= len(answered)
		})
		lines := s.Transcript()
		if whole(lines, wire.Operator) != said || whole(lines, wire.Customer) != answered {
			t.Errorf("the %s has other texts than were sent", name)
		}
		if state, reason := s.State(); state != session.Active {
			t.Errorf("for the %s the session is %s %s", name, state, reason)
		}
	}
}

// mostChat is how many lines of chat may have been taken since then: 500 at once, and 200 a second.
func mostChat(since time.Time) int { return 500 + int(200*time.Since(since).Seconds()) + 1 }

// TestAFloodOfChat sends chat as fast as it is taken, to somebody who has not agreed to anything yet. It is held back; what the
// customer does then is in force and in the journal.
func TestAFloodOfChat(t *testing.T) {
	relay := StartRelay(t, false)
	h, c, _ := relay.meetCustomer(t, NewComputer(64, 64))
	begun := time.Now()
	ended := make(chan struct{})
	var flood sync.WaitGroup
	flood.Go(func() {
		const ahead = 4000 // that may be on their way: more than 1 MiB ends the session
		line := session.ChatMessage{Text: "a"}.Marshal()
		for sent := 0; ; {
			for ; sent < len(c.Transcript())+ahead; sent++ {
				if !h.send(mux.Chat, line) {
					return
				}
			}
			select {
			case <-ended:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	})
	defer flood.Wait()
	defer close(ended)
	screentest.WaitFor(t, "the burst has come", func() bool { return len(c.Transcript()) >= 500 })
	time.Sleep(time.Second)
	if got, may := len(c.Transcript()), mostChat(begun); got > may {
		t.Fatalf("%d lines were taken where %d may be", got, may)
	}
	if err := c.Start(session.DefaultPermissions()); err != nil {
		t.Fatal(err)
	}
	if err := c.SetPermission(session.Control, false); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the journal has what was taken", func() bool {
		return strings.Contains(string(c.Journal()), `"control"  "taken"`)
	})
	c.End()
	<-c.Done()
	if _, reason := c.State(); reason != wire.ReasonByCustomer {
		t.Errorf("it ended for %q", reason)
	}
}

// TestLongChatIsHeldBack: few but long lines are much as well, and end at what a stream may have waiting.
func TestLongChatIsHeldBack(t *testing.T) {
	relay := StartRelay(t, false)
	h, c, _ := relay.meetCustomer(t, NewComputer(64, 64))
	line := session.ChatMessage{Text: strings.Repeat("x", session.MaxText)}.Marshal()
	for range 400 { // 6 MiB; the session may end meanwhile
		if !h.send(mux.Chat, line) {
			break
		}
	}
	select {
	case <-c.Done():
	case <-Within(t).Done():
		t.Fatalf("all is taken: %d lines", len(c.Transcript()))
	}
	if _, reason := c.State(); reason != wire.ReasonProtocol {
		t.Errorf("it ended for %q", reason)
	}
	if got := len(c.Transcript()); got > 100 {
		t.Errorf("%d lines of 16 KiB were taken", got)
	}
}

// TestChatIsHeldBackAtTheOperatorsToo: a customer's program is trusted no more. It waits for its turn, and all of it arrives.
func TestChatIsHeldBackAtTheOperatorsToo(t *testing.T) {
	relay := StartRelay(t, false)
	o, c, _ := through(t, relay.URL, relay.URL)
	begun := time.Now()
	const lines = 1000
	for n := range lines {
		if err := c.Chat(strconv.Itoa(n)); err != nil {
			t.Fatal(err)
		}
	}
	for got := 0; got < lines; time.Sleep(20 * time.Millisecond) {
		if got = len(o.Transcript()); got > mostChat(begun) {
			t.Fatalf("%d lines were taken %v after the first", got, time.Since(begun))
		}
		if time.Since(begun) > screentest.Limit {
			t.Fatalf("%d lines have come", got)
		}
	}
	for n, line := range o.Transcript() {
		if line.Text != strconv.Itoa(n) {
			t.Fatalf("line %d is %q", n, line.Text)
		}
	}
}

// TestADeafOperatorDoesNotStopTheJournal: what happens is written down although the operator's program takes nothing more of it.
func TestADeafOperatorDoesNotStopTheJournal(t *testing.T) {
	relay := StartRelay(t, false)
	h, c, _ := relay.besiege(t, NewComputer(64, 64), session.DefaultPermissions())
	h.deafen()
	const files = 3000
	for n := range files {
		c.PublishFile(session.File{ID: "x", Direction: "receive", Name: strconv.Itoa(n) + ".txt", State: "cancelled"})
	}
	for _, p := range []session.Permission{session.View, session.Control} {
		if err := c.SetPermission(p, false); err != nil {
			t.Fatal(err)
		}
	}
	screentest.WaitFor(t, "all of it is in the journal", func() bool {
		journal := string(c.Journal())
		return strings.Contains(journal, `"2999.txt"`) && strings.Contains(journal, `"control"  "taken"`)
	})
	c.End()
	<-c.Done()
}
