package sessiontest

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
	"handrail/session/wire"
)

func TestMain(m *testing.M) {
	forget, err := trustOfficeBox()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		forget()
		os.Exit(status)
	}))
}

// awaitPicture waits until the operator's picture is what is on the computer's screen.
func awaitPicture(t *testing.T, picture interface{ Snapshot() *image.RGBA }, c *Computer) {
	t.Helper()
	screentest.WaitFor(t, "the operator sees the customer's screen", func() bool {
		got := picture.Snapshot()
		return got != nil && bytes.Equal(got.Pix, c.Screen.Image().Pix)
	})
}

func noise(seed uint64) func(x, y int) color.RGBA {
	return func(x, y int) color.RGBA {
		v := uint32(seed) + uint32(x)*2654435761 ^ uint32(y)*40503*2246822519
		v ^= v >> 15
		v *= 2246822519
		return color.RGBA{byte(v), byte(v >> 8), byte(v >> 16), 255}
	}
}

func TestASessionFromCodeToEnd(t *testing.T) {
	relay := StartRelay(t, false)
	engine := relay.SignIn(t)
	computer := NewComputer(640, 480)
	computer.Screen.Paint(image.Rect(0, 0, 640, 480), noise(1))

	o := NewSession(t, engine)
	c, err := relay.Join(t, computer, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Joining)
	if c.Operator().Name != OperatorName || c.Operator().Organisation != "Example Ltd" || o.Info().Customer.Name != "Test computer" {
		t.Errorf("the peers see each other as %+v and %+v", c.Operator(), o.Info().Customer)
	}
	if c.Verifier() == "" || c.Verifier() != o.Info().Verifier || len(strings.Fields(c.Verifier())) != 4 {
		t.Errorf("verifiers are %q and %q", c.Verifier(), o.Info().Verifier)
	}
	if o.Picture().Snapshot() != nil || o.Move(1, 1) == nil {
		t.Error("there is a picture or control before the customer agreed")
	}
	if err := c.Chat("before sharing"); err != nil {
		t.Error(err)
	}

	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Active)
	awaitPicture(t, o.Picture(), computer)

	computer.Screen.Paint(image.Rect(100, 100, 300, 200), noise(2))
	awaitPicture(t, o.Picture(), computer)
	computer.Screen.Resize(800, 300)
	computer.Screen.Paint(image.Rect(0, 0, 800, 300), noise(3))
	awaitPicture(t, o.Picture(), computer)
	if d := o.Info().Desktop; d.Width != 800 || d.Height != 300 {
		t.Errorf("the operator thinks that the desktop is %d×%d", d.Width, d.Height)
	}

	long := strings.Repeat("čšž 한국어 😀", 3)
	for _, err := range []error{
		o.Move(5, 6), o.Button(screen.ButtonRight, true), o.Scroll(0, -2), o.Key(0xffe3, true), o.Type(long), o.ReleaseAll(),
		o.Chat("after"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	screentest.WaitFor(t, "the input is injected", func() bool { return len(computer.Hands.Held()) == 0 && typed(computer) == long })
	screentest.WaitFor(t, "the chat is there", func() bool { return len(c.Transcript()) == 2 && len(o.Transcript()) == 2 })

	code := o.Code()
	o.End()
	<-c.Done()
	AwaitState(t, &o.Status, session.Ended)
	if _, reason := c.State(); reason != wire.ReasonByOperator {
		t.Errorf("the customer is told %q", reason)
	}
	if _, err := relay.Join(t, computer, code); !errors.Is(err, wire.Fail(wire.ReasonUnknownCode, nil)) {
		t.Errorf("the code still answers: %v", err)
	}
}

// typed is all text that was typed on the computer.
func typed(c *Computer) string {
	var all strings.Builder
	for _, e := range c.Hands.Events() {
		var text string
		if n, _ := fmt.Sscanf(e, "type %q", &text); n == 1 {
			all.WriteString(text)
		}
	}
	return all.String()
}

func TestQualityIsSwitchedWithoutABreak(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(320, 200)
	computer.Screen.Paint(image.Rect(0, 0, 320, 200), noise(7))
	o, _ := relay.Connected(t, relay.SignIn(t), computer)
	awaitPicture(t, o.Picture(), computer)
	if err := o.SetQuality(session.Speed); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the picture has fewer colours", func() bool {
		return !bytes.Equal(o.Picture().Snapshot().Pix, computer.Screen.Image().Pix)
	})
	if err := o.SetQuality(session.High); err != nil {
		t.Fatal(err)
	}
	awaitPicture(t, o.Picture(), computer)
}

func TestPermissionsAreEnforcedAtTheCustomers(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(320, 200)
	o, c := relay.Connected(t, relay.SignIn(t), computer)
	awaitPicture(t, o.Picture(), computer)

	if err := errors.Join(o.Key(0xffe1, true), c.SetPermission(session.Control, false)); err != nil {
		t.Fatal(err)
	}
	if held := computer.Hands.Held(); len(held) != 0 {
		t.Errorf("%v is held after control was taken", held)
	}
	before := computer.Hands.Events()
	screentest.WaitFor(t, "the operator knows", func() bool { return !o.Info().Permissions.Has(session.Control) })
	if err := o.Type("x"); err == nil {
		t.Error("the operator's program lets input pass")
	}
	if !slices.Equal(before, computer.Hands.Events()) {
		t.Error("input was injected after control was taken")
	}

	if err := c.SetPermission(session.View, false); err != nil {
		t.Fatal(err)
	}
	last := o.Picture().Snapshot()
	computer.Screen.Paint(image.Rect(0, 0, 320, 200), noise(9))
	if err := o.Chat("still there?"); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the chat has passed", func() bool { return len(c.Transcript()) == 1 })
	if !bytes.Equal(o.Picture().Snapshot().Pix, last.Pix) {
		t.Error("the picture changed after viewing was stopped")
	}
	if err := errors.Join(c.SetPermission(session.View, true), c.SetPermission(session.Control, true)); err != nil {
		t.Fatal(err)
	}
	awaitPicture(t, o.Picture(), computer)
	screentest.WaitFor(t, "the operator may control again", func() bool { return o.Move(3, 4) == nil })
	screentest.WaitFor(t, "the pointer moves again", func() bool { return slices.Contains(computer.Hands.Events(), "move 3 4") })
}

func TestWrongCodesBurnTheCode(t *testing.T) {
	relay := StartRelay(t, false)
	o := NewSession(t, relay.SignIn(t))
	wrong := o.Code()
	wrong.Secret = fmt.Sprintf("%06d", (rand.IntN(999_999)+1+atoi(wrong.Secret))%1_000_000)
	for try := 1; try <= wire.MaxTries; try++ {
		_, err := relay.Join(t, NewComputer(64, 64), wrong)
		if !errors.Is(err, wire.Fail(wire.ReasonWrongCode, nil)) {
			t.Fatalf("try %d: %v", try, err)
		}
		if try < wire.MaxTries {
			screentest.WaitFor(t, "the operator sees the failed try", func() bool { return o.Info().TriesLeft == wire.MaxTries-try })
		}
	}
	AwaitState(t, &o.Status, session.Ended)
	if _, reason := o.State(); reason != wire.ReasonBurnt {
		t.Errorf("the operator is told %q", reason)
	}
	if _, err := relay.Join(t, NewComputer(64, 64), o.Code()); err == nil {
		t.Error("the right code still works")
	}
}

func atoi(s string) (n int) {
	fmt.Sscan(s, &n)
	return n
}

func TestAWrongCodeThenTheRightOne(t *testing.T) {
	relay := StartRelay(t, false)
	o := NewSession(t, relay.SignIn(t))
	wrong := o.Code()
	wrong.Secret = fmt.Sprintf("%06d", (1+atoi(wrong.Secret))%1_000_000)
	if _, err := relay.Join(t, NewComputer(64, 64), wrong); err == nil {
		t.Fatal("a wrong code was accepted")
	}
	if _, err := relay.Join(t, NewComputer(64, 64), o.Code()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Joining)
}

func TestDeclining(t *testing.T) {
	relay := StartRelay(t, false)
	o := NewSession(t, relay.SignIn(t))
	c, err := relay.Join(t, NewComputer(64, 64), o.Code())
	if err != nil {
		t.Fatal(err)
	}
	c.Decline()
	<-c.Done()
	AwaitState(t, &o.Status, session.Ended)
	if _, reason := o.State(); reason != wire.ReasonDeclined {
		t.Errorf("the operator is told %q", reason)
	}
	if err := c.Start(c.Requested()); err == nil {
		t.Error("a session that has ended could be started")
	}
}

func TestAComputerWithoutAScreen(t *testing.T) {
	relay := StartRelay(t, false)
	o := NewSession(t, relay.SignIn(t))
	computer := NewComputer(64, 64)
	config := computer.Config()
	config.OpenScreen = func() (screen.Capturer, error) { return nil, errors.New("no display") }
	c, err := customer.Join(Within(t), config, relay.URL, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Start(c.Requested()); !errors.Is(err, wire.Fail(wire.ReasonNoScreen, nil)) {
		t.Errorf("starting: %v", err)
	}
}

// TestARelayIsRestarted stops a relay and starts it again: a running session goes on, and so does one that waits.
func TestARelayIsRestarted(t *testing.T) {
	relay := StartRelay(t, false)
	engine := relay.SignIn(t)
	computer := NewComputer(64, 64)
	o, c := relay.Connected(t, engine, computer)
	waits := NewSession(t, engine)
	if err := errors.Join(o.Button(screen.ButtonLeft, true), o.Key('a', true)); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the key is down", func() bool { return len(computer.Hands.Held()) == 2 })
	relay.Stop()
	for _, s := range []*session.Status{&o.Status, &c.Status} {
		AwaitState(t, s, session.Reconnecting)
	}
	screentest.WaitFor(t, "what was held down is let go", func() bool { return len(computer.Hands.Held()) == 0 })
	if err := o.Move(1, 1); !errors.Is(err, operator.ErrReconnecting) {
		t.Errorf("input while reconnecting: %v", err)
	}
	if err := o.Chat("are you there"); err != nil {
		t.Error(err)
	}
	relay.Restart()
	for _, s := range []*session.Status{&o.Status, &c.Status} {
		AwaitState(t, s, session.Active)
	}
	screentest.WaitFor(t, "the line arrives", func() bool { return len(c.Transcript()) == 1 })
	late, err := relay.Join(t, NewComputer(64, 64), waits.Code())
	if err != nil {
		t.Fatalf("joining what has waited: %v", err)
	}
	late.Decline()
	c.End()
	<-c.Done()
	AwaitState(t, &o.Status, session.Ended)
	if _, reason := o.State(); reason != wire.ReasonByCustomer {
		t.Errorf("told %q", reason)
	}
}

// TestEndingWhileTheOtherSideIsAway lets either side end a session whose other side has lost its connection.
func TestEndingWhileTheOtherSideIsAway(t *testing.T) {
	for _, role := range []wire.Role{wire.Operator, wire.Customer} {
		t.Run(string(role), func(t *testing.T) {
			relay := StartRelay(t, false)
			ours, theirs := StartNetwork(t, relay.URL, 1), StartNetwork(t, relay.URL, 2)
			o, c, _ := through(t, ours.URL, theirs.URL)
			away := map[wire.Role]*Network{wire.Operator: theirs, wire.Customer: ours}[role]
			away.Refuse(true)
			away.Inflict(Reset, true)
			AwaitState(t, &o.Status, session.Reconnecting)
			AwaitState(t, &c.Status, session.Reconnecting)
			want := wire.ReasonByCustomer
			if role == wire.Operator {
				want = wire.ReasonByOperator
				o.End()
				AwaitState(t, &o.Status, session.Ended)
			} else {
				c.End()
				<-c.Done()
			}
			away.Refuse(false)
			AwaitState(t, &o.Status, session.Ended)
			<-c.Done()
			other := &o.Status
			if role == wire.Operator {
				other = &c.Status
			}
			if _, reason := other.State(); reason != want && (role == wire.Customer || reason != wire.ReasonEnded) {
				t.Errorf("told %q", reason)
			}
		})
	}
}

// TestTheRelayLearnsNothing records every byte that passes the relay in a whole session.
func TestTheRelayLearnsNothing(t *testing.T) {
	recorded, _, secrets := recordedSession(t)
	for what, secret := range secrets {
		if bytes.Contains(recorded, secret) {
			t.Errorf("the relay has seen the %s", what)
		}
	}
}

// TestTheRelayLearnsNoSecretDigits is apart from the above because six digits are short: times and random
// identifiers in a recording may contain them by chance, but not in every session.
func TestTheRelayLearnsNoSecretDigits(t *testing.T) {
	for range 3 {
		recorded, digits, _ := recordedSession(t)
		if !bytes.Contains(recorded, []byte(digits)) {
			return
		}
	}
	t.Error("the relay has seen the secret digits")
}

// recordedSession goes through a session with a marked picture, chat both ways and typed text, and returns what
// a relay could have written down and what it must not have seen.
func recordedSession(t *testing.T) (recorded []byte, digits string, secrets map[string][]byte) {
	t.Helper()
	relay := StartRelay(t, true)
	computer := NewComputer(320, 240)
	o, c := relay.Connected(t, relay.SignIn(t), computer)
	marker := color.RGBA{0x5a, 0xc3, 0x77, 255}
	computer.Screen.Fill(image.Rect(10, 10, 200, 200), marker)
	awaitPicture(t, o.Picture(), computer)
	const said, answered, entered = "chat that nobody else may read", "an answer that nobody else may read", "typed text that nobody else may read"
	if err := errors.Join(o.Chat(said), c.Chat(answered), o.Type(entered)); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "everything has arrived", func() bool {
		return typed(computer) == entered && len(c.Transcript()) == 2 && len(o.Transcript()) == 2
	})
	recorded = relay.Recorded()
	if !bytes.Contains(recorded, []byte(o.Code().Routing)) || len(recorded) < 2000 {
		t.Fatalf("the recording of %d bytes has not even the routing digits", len(recorded))
	}
	secrets = map[string][]byte{
		"operator's chat": []byte(said), "customer's chat": []byte(answered), "typed text": []byte(entered),
		"whole code": []byte(o.Code().Digits()), "verifier": []byte(o.Info().Verifier), "customer's computer": []byte("Test computer"),
		"pixels, three bytes": bytes.Repeat([]byte{marker.B, marker.G, marker.R}, 3),
		"pixels, four bytes":  bytes.Repeat([]byte{marker.B, marker.G, marker.R, 0}, 2),
	}
	return recorded, o.Code().Secret, secrets
}
