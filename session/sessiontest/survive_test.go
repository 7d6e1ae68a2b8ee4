package sessiontest

import (
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"

	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
)

// through is a running session whose peers reach the relay at these addresses.
func through(t *testing.T, o, c *url.URL) (*operator.Session, *customer.Session, *Computer) {
	computer := NewComputer(320, 200)
	os, cs := throughFor(t, computer, o, c)
	return os, cs, computer
}

// throughFor is through for this computer.
func throughFor(t *testing.T, computer *Computer, o, c *url.URL) (*operator.Session, *customer.Session) {
	t.Helper()
	return throughWith(t, computer.Config(), o, c)
}

// throughWith is throughFor with a configuration of the customer's.
func throughWith(t *testing.T, config customer.Config, o, c *url.URL) (*operator.Session, *customer.Session) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	engine := operator.New(operator.Config{Program: "handrail test", Log: log.With("side", "operator")})
	t.Cleanup(engine.Close)
	if err := engine.SignIn(Within(t), o, User, Password); err != nil {
		t.Fatal(err)
	}
	os := NewSession(t, engine)
	config.Log = log.With("side", "customer")
	cs, err := customer.Join(Within(t), config, c, os.Code())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cs.Close)
	if err := cs.Start(cs.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &os.Status, session.Active)
	return os, cs
}

// TestARelayThatFallsSilentIsNoticed cuts the connections without a word, as when a cable is pulled: both sides are
// told that the connection is being restored, and are back once it can be.
func TestARelayThatFallsSilentIsNoticed(t *testing.T) {
	relay := StartRelay(t, false)
	network := StartNetwork(t, relay.URL, 1)
	o, c, _ := through(t, network.URL, network.URL)
	start := time.Now()
	network.Inflict(Silence, true)
	for _, s := range []*session.Status{&o.Status, &c.Status} {
		AwaitState(t, s, session.Reconnecting)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("noticed after %v", took)
	}
	for _, s := range []*session.Status{&o.Status, &c.Status} {
		AwaitState(t, s, session.Active)
	}
}

// TestASessionSurvivesItsNetwork breaks the connections of a running session again and again, in every way.
func TestASessionSurvivesItsNetwork(t *testing.T) {
	faults := 40
	if n, err := strconv.Atoi(os.Getenv("HANDRAIL_FAULTS")); err == nil {
		faults = n
	}
	seed := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("HANDRAIL_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("seed %d, %d faults", seed, faults)
	relay := StartRelay(t, false)
	random := rand.New(rand.NewPCG(seed, 2))
	ours, theirs := StartNetwork(t, relay.URL, seed), StartNetwork(t, relay.URL, seed+1)
	o, c, computer := through(t, ours.URL, theirs.URL)
	Talk(t, o, c, computer, func() {
		for i := range faults {
			fault := Quick[random.IntN(len(Quick))]
			if i%40 == 39 { // these take some seconds to be noticed
				fault = []Fault{HalfOpen, Silence}[i/40%2]
			}
			network := []*Network{ours, theirs}[random.IntN(2)]
			network.Shape(0, time.Duration(random.IntN(3))*time.Millisecond, 0)
			network.Inflict(fault, random.IntN(4) == 0)
			time.Sleep(time.Duration(random.IntN(100)) * time.Millisecond)
			if i%8 == 7 {
				AwaitState(t, &o.Status, session.Active)
				AwaitState(t, &c.Status, session.Active)
			}
		}
	})
}
