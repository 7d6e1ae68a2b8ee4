package sessiontest

import (
	"bytes"
	"errors"
	"image"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
	"handrail/session/wire"
)

func awaitHolder(t *testing.T, s *session.Status, want session.Holder) {
	t.Helper()
	screentest.WaitFor(t, string(want)+" has control", func() bool {
		holder, _ := s.Control()
		return holder == want
	})
}

func TestTheCustomersOwnHandTakesControl(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(320, 200)
	o, c := relay.Connected(t, relay.SignIn(t), computer)
	awaitHolder(t, &o.Status, session.HolderOperator)
	if err := o.Key(screen.KeyShift, true); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the key is down", func() bool { return len(computer.Hands.Held()) == 1 })

	computer.Person.Move()
	awaitHolder(t, &c.Status, session.HolderCustomer)
	if held := computer.Hands.Held(); len(held) > 0 {
		t.Errorf("%v is held", held)
	}
	awaitHolder(t, &o.Status, session.HolderCustomer)
	if _, until := o.Control(); time.Until(until) > 6*time.Second || until.IsZero() {
		t.Errorf("the operator is told %v", until)
	}
	if err := o.Move(1, 1); !errors.Is(err, operator.ErrCustomerHasControl) {
		t.Errorf("the operator's program says %v", err)
	}
	awaitHolder(t, &o.Status, session.HolderOperator)
	if err := o.Move(7, 7); err != nil {
		t.Error(err)
	}
	screentest.WaitFor(t, "the operator has it again", func() bool { return slices.Contains(computer.Hands.Events(), "move 7 7") })
	if slices.Contains(computer.Hands.Events(), "move 1 1") {
		t.Error("input was kept for later")
	}
}

func TestHotKeysSwitchPermissions(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(320, 200)
	o, _ := relay.Connected(t, relay.SignIn(t), computer)
	computer.Person.Press("f12")
	screentest.WaitFor(t, "F12 takes control", func() bool { return !o.Permissions().Has(session.Control) })
	screentest.WaitFor(t, "the operator sees who has it", func() bool {
		holder, until := o.Control()
		return holder == session.HolderCustomer && until.IsZero()
	})
	computer.Person.Press("f12")
	screentest.WaitFor(t, "F12 gives control", func() bool { return o.Permissions().Has(session.Control) })
	files := o.Permissions().Has(session.Files)
	computer.Person.Press("f11")
	screentest.WaitFor(t, "F11 switches files", func() bool { return o.Permissions().Has(session.Files) != files })
	computer.Person.Press("f11")
	screentest.WaitFor(t, "F11 switches files back", func() bool { return o.Permissions().Has(session.Files) == files })
}

func TestPanicEndsEverything(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(320, 200)
	o, c := relay.Connected(t, relay.SignIn(t), computer)
	awaitPicture(t, o.Picture(), computer)
	if err := o.Key(screen.KeyCtrl, true); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the key is down", func() bool { return len(computer.Hands.Held()) == 1 })
	computer.Person.Press("ctrl+alt+shift+esc")
	// Press returns when the program has done what it does first.
	if held := computer.Hands.Held(); len(held) > 0 {
		t.Errorf("%v is held", held)
	}
	events := len(computer.Hands.Events())
	computer.Screen.Paint(image.Rect(0, 0, 320, 200), noise(5))
	<-c.Done()
	AwaitState(t, &o.Status, session.Ended)
	for _, s := range []*session.Status{&o.Status, &c.Status} {
		if _, reason := s.State(); reason != wire.ReasonPanic {
			t.Errorf("told %q", reason)
		}
	}
	if bytes.Equal(o.Picture().Snapshot().Pix, computer.Screen.Image().Pix) {
		t.Error("the operator has a picture from after the panic key")
	}
	for _, e := range computer.Hands.Events()[events:] {
		if e != "close" {
			t.Errorf("%q after the panic key", e)
		}
	}
}

// lockedBuffer is a log that is written and read at the same time.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestOnlyTheCustomersHandGives shows that an operator who can click cannot give themselves more.
func TestOnlyTheCustomersHandGives(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(320, 200)
	journal := &lockedBuffer{}
	config := computer.Config()
	config.Log = slog.New(slog.NewTextHandler(journal, nil))
	o := NewSession(t, relay.SignIn(t))
	c, err := customer.Join(Within(t), config, relay.URL, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Active)
	click := func(down bool) {
		t.Helper()
		before := len(computer.Hands.Events())
		if err := o.Button(screen.ButtonLeft, down); err != nil {
			t.Fatal(err)
		}
		screentest.WaitFor(t, "the operator's click arrives", func() bool { return len(computer.Hands.Events()) > before })
	}
	refused := func(when string) {
		t.Helper()
		if err := c.Grant(session.SysInfo); !errors.Is(err, customer.ErrNotByHand) {
			t.Errorf("granted %s: %v", when, err)
		}
		if err := c.AnswerLook(customer.LookYes); !errors.Is(err, customer.ErrNotByHand) {
			t.Errorf("the operator may look at files, as was answered %s: %v", when, err)
		}
	}
	click(true)
	refused("while the operator holds a button")
	computer.Person.Move() // which lets go of it
	awaitHolder(t, &c.Status, session.HolderCustomer)
	refused("when what the operator held was let go of because the customer's mouse has moved")
	if !strings.Contains(journal.String(), "permission=sysinfo") {
		t.Error("it is not journalled")
	}
	computer.Person.Press("space")
	if err := c.Grant(session.SysInfo); err != nil {
		t.Error(err)
	}
	awaitHolder(t, &o.Status, session.HolderCustomer) // else it may still be from before that the operator has it
	awaitHolder(t, &o.Status, session.HolderOperator)
	click(true)
	click(false)
	if err := c.SetPermission(session.Control, false); err != nil {
		t.Fatal(err)
	}
	refused("by a click that the window hears of only after control was taken")
}
