package sessiontest

import (
	"slices"
	"strings"
	"testing"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
)

// slowHands is an injector that takes long to type.
type slowHands struct {
	*screentest.Injector
	typing chan string   // what it begins to type
	finish chan struct{} // it has typed one
}

func (s slowHands) Type(text string) error {
	s.typing <- text
	<-s.finish
	return s.Injector.Type(text)
}

// TestTextsThatGatherAreJoined types characters one by one while the customer's computer is still busy with the first: those
// that have gathered are typed together, and what is no text stays in its place between them.
func TestTextsThatGatherAreJoined(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(64, 64)
	hands := slowHands{computer.Hands, make(chan string), make(chan struct{})}
	config := computer.Config()
	config.OpenInput = func() (screen.Injector, error) { return hands, nil }
	o := NewSession(t, relay.SignIn(t))
	c, err := customer.Join(Within(t), config, relay.URL, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	said := make(chan struct{}, 1)
	defer c.Listen(func(e session.Event) {
		if e.Type == session.EventChat {
			said <- struct{}{}
		}
	})()
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Active)

	send := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	send(o.Type("가"))
	typed := []string{<-hands.typing}
	for _, r := range "나다라마바사" {
		send(o.Type(string(r)))
	}
	send(o.Key('x', true))
	send(o.Key('x', false))
	send(o.Type("아"))
	send(o.Type("자"))
	send(o.Chat("all of it has been sent")) // and overtakes nothing
	<-said
	for len(strings.Join(typed, "")) < len("가나다라마바사아자") {
		hands.finish <- struct{}{}
		typed = append(typed, <-hands.typing)
	}
	hands.finish <- struct{}{}
	if want := []string{"가", "나다라마바사", "아자"}; !slices.Equal(typed, want) {
		t.Errorf("typed %q instead of %q", typed, want)
	}
	want := []string{`type "가"`, `type "나다라마바사"`, "press key 78", "release key 78", `type "아자"`}
	screentest.WaitFor(t, "everything is typed", func() bool { return len(computer.Hands.Events()) >= len(want) })
	if got := computer.Hands.Events(); !slices.Equal(got, want) {
		t.Errorf("injected %q instead of %q", got, want)
	}
}
