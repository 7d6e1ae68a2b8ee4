package session

import (
	"context"
	"errors"
	"testing"
	"time"

	"handrail/session/secure"
	"handrail/session/secure/securetest"
	"handrail/session/wire"
)

// channels is an established channel: both its ends.
func channels(t *testing.T) (operator, customer *secure.Channel) {
	t.Helper()
	a, b := securetest.Pipe()
	params := secure.Params{Routing: "4821", Secret: "739205"}
	accepted := make(chan error, 1)
	go func() {
		var err error
		operator, err = secure.Accept(t.Context(), a, params)
		accepted <- err
	}()
	customer, err := secure.Join(t.Context(), b, params)
	if err := errors.Join(err, <-accepted); err != nil {
		t.Fatal(err)
	}
	return operator, customer
}

// TestPeersOfAnotherVersionAreRefused lets a peer that knows the code say hello in ways that this version does not know:
// nothing but the refusal follows, whichever side it is.
func TestPeersOfAnotherVersionAreRefused(t *testing.T) {
	us := &Party{Name: "somebody"}
	for name, c := range map[string]struct {
		hello ControlMessage
		want  wire.Reason
	}{
		"older":            {ControlMessage{Type: MsgHello, Version: PeerVersion - 1, Party: us}, wire.ReasonPeerVersion},
		"newer":            {ControlMessage{Type: MsgHello, Version: PeerVersion + 1, Party: us}, wire.ReasonPeerVersion},
		"none":             {ControlMessage{Type: MsgHello, Party: us}, wire.ReasonPeerVersion},
		"nobody":           {ControlMessage{Type: MsgHello, Version: PeerVersion}, wire.ReasonProtocol},
		"no hello at all":  {ControlMessage{Type: MsgStarted}, wire.ReasonProtocol},
		"something unsaid": {ControlMessage{Type: "fallback-to-plain-text", Version: PeerVersion, Party: us}, wire.ReasonProtocol},
	} {
		for _, role := range []wire.Role{wire.Operator, wire.Customer} {
			t.Run(name+" to the "+string(role), func(t *testing.T) {
				own, theirs := channels(t)
				if role == wire.Customer {
					own, theirs = theirs, own
				}
				honest, other := NewPeer(own), NewPeer(theirs)
				defer honest.Close()
				defer other.Close()
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				go func() { _ = other.SendControl(ctx, c.hello) }()
				_, err := honest.Greet(ctx, ControlMessage{Party: us})
				if ReasonOf(err) != c.want {
					t.Errorf("refused with %v, want %s", err, c.want)
				}
			})
		}
	}
}
