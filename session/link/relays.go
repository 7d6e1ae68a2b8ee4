package link

import (
	"errors"
	"net/url"
	"sync"
	"time"

	"handrail/session/wire"
)

const (
	// maxRelays is how many other relays are remembered for each that a person has named.
	maxRelays = 8
	// maxHops is how often one relay may send a peer on to another.
	maxHops = 2
	// otherTimeout bounds reaching a relay when there are others to try.
	otherTimeout = 4 * time.Second
)

// relays remembers which relays work together with those that people have named, so that a program finds another one
// when its own dies. Relays say so when they welcome a peer. What is remembered ends with the program.
type relays struct {
	mu     sync.Mutex
	others map[string][]*url.URL // by the address that a person has named
}

var known = relays{others: map[string][]*url.URL{}}

// learn takes over what a relay, at this address, has said about the others; one that is alone changes nothing. As much is asked of each
// address as of the first: a relay must not lead its peers to one without TLS, or to their own computer.
func (r *relays) learn(named, at *url.URL, said []string) {
	if len(said) == 0 && at.String() == named.String() {
		return
	}
	var others []*url.URL
	for _, address := range append([]string{at.String()}, said[:min(len(said), maxRelays)]...) {
		if other := trusted(named, address); other != nil && other.String() != named.String() {
			others = append(others, other)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.others[named.String()] = others
}

// each tries one relay after the other until one does what is asked, or refuses it in a way that another one would too.
// The one that a person has named comes first. It returns the first error that says more than that a relay was not there.
func (r *relays) each(named *url.URL, try func(at *url.URL, limit time.Duration) error) error {
	r.mu.Lock()
	all := append([]*url.URL{named}, r.others[named.String()]...)
	r.mu.Unlock()
	limit := connectTimeout
	if len(all) > 1 {
		limit = otherTimeout
	}
	var failed error
	for _, at := range all {
		err := try(at, limit)
		if err == nil || !absent(err) {
			return err
		}
		if failed == nil || errors.Is(failed, wire.Fail(wire.ReasonUnreachable, nil)) {
			failed = err
		}
	}
	return failed
}

// absent tells whether another relay may do what this one did not.
func absent(err error) bool {
	for _, reason := range []wire.Reason{
		wire.ReasonUnreachable, wire.ReasonStopping, wire.ReasonRelayLost, wire.ReasonTimeout, wire.ReasonElsewhere, wire.ReasonInternal,
		wire.ReasonNotARelay, // as what is in front of a relay says that is gone
	} {
		if errors.Is(err, wire.Fail(reason, nil)) {
			return true
		}
	}
	return false
}

// elsewhere is the relay to which another one sends a peer, or nil.
func elsewhere(from *url.URL, err error) *url.URL {
	var refused *wire.Error
	if !errors.As(err, &refused) || refused.Reason != wire.ReasonElsewhere {
		return nil
	}
	return trusted(from, refused.Relay)
}

// trusted is an address that a relay has named, if it is as secure as the relay's own, else nil.
func trusted(from *url.URL, address string) *url.URL {
	to, err := url.Parse(address)
	if err != nil || to.Scheme != from.Scheme || to.User != nil || CheckSecure(to) != nil ||
		isLoopback(to.Hostname()) && !isLoopback(from.Hostname()) {
		return nil
	}
	return &url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}
}
