package secure

import (
	"context"
	"io"
	"sync"
	"testing"

	"handrail/session/secure/securetest"
)

// rejoin makes a further channel at both ends.
func rejoin(joiner, operator *Channel, a, b PacketConn) (j, o *Channel, je, oe error) {
	var wg sync.WaitGroup
	wg.Go(func() { j, je = joiner.Rejoin(context.Background(), a) })
	wg.Go(func() { o, oe = operator.Rejoin(context.Background(), b) })
	wg.Wait()
	return j, o, je, oe
}

func establishedPair(t testing.TB) (*Channel, *Channel) {
	t.Helper()
	a, b := securetest.Pipe()
	var j, o *Channel
	var je, oe error
	var wg sync.WaitGroup
	params := Params{Routing: "4821", Secret: "739205"}
	wg.Go(func() { j, je = Join(context.Background(), a, params) })
	wg.Go(func() { o, oe = Accept(context.Background(), b, params) })
	wg.Wait()
	if je != nil || oe != nil {
		t.Fatal(je, oe)
	}
	t.Cleanup(func() { j.Close(); o.Close() })
	return j, o
}

// TestFurtherChannels goes over to new channels many times: each works, has keys of its own and the same words.
func TestFurtherChannels(t *testing.T) {
	j, o := establishedPair(t)
	words, before := j.Verifier(), string(j.ExportKey("test", 16))
	for range 3 {
		j.Close()
		o.Close()
		a, b := securetest.Pipe()
		nj, no, je, oe := rejoin(j, o, a, b)
		if je != nil || oe != nil {
			t.Fatal(je, oe)
		}
		if nj.Verifier() != words || no.Verifier() != words {
			t.Error("the four words have changed")
		}
		key := string(nj.ExportKey("test", 16))
		if key == before || key != string(no.ExportKey("test", 16)) {
			t.Error("the keys are the old ones, or differ")
		}
		go func() { nj.Write([]byte("hello")); nj.Flush() }()
		got := make([]byte, 5)
		if _, err := io.ReadFull(no, got); err != nil || string(got) != "hello" {
			t.Errorf("%q, %v", got, err)
		}
		j, o, before = nj, no, key
	}
	j.Close()
	o.Close()
}

// TestNobodyElseResumes lets a stranger, whose certificate is another or who has only the certificate and not the
// session's key, try to take a peer's place: both sides refuse.
func TestNobodyElseResumes(t *testing.T) {
	j, o := establishedPair(t)
	stranger, _ := establishedPair(t)
	thief := &Channel{own: j.own, role: j.role, peer: j.peer, words: j.words, resume: make([]byte, resumeKeySize)}
	thiefOperator := &Channel{own: o.own, role: o.role, peer: o.peer, words: o.words, resume: make([]byte, resumeKeySize)}
	strangerPinned := &Channel{own: stranger.own, role: j.role, peer: j.peer, words: j.words, resume: j.resume}
	for name, ends := range map[string][2]*Channel{
		"another session's customer":     {stranger, o},
		"another certificate, right key": {strangerPinned, o},
		"right certificate, no key":      {thief, o},
		"an operator without the key":    {j, thiefOperator},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := securetest.Pipe()
			nj, no, je, oe := rejoin(ends[0], ends[1], a, b)
			if ends[1] == o && (oe == nil || no != nil) {
				t.Error("the operator's program took it")
			}
			if ends[0] == j && (je == nil || nj != nil) {
				t.Error("the customer's program took it")
			}
			for _, c := range []*Channel{nj, no} {
				if c != nil {
					c.Close()
				}
			}
		})
	}
}

// TestAFirstChannelIsNoFurtherOne plays the two kinds of handshake against each other.
func TestAFirstChannelIsNoFurtherOne(t *testing.T) {
	_, o := establishedPair(t)
	a, b := securetest.Pipe()
	var je, oe error
	var wg sync.WaitGroup
	wg.Go(func() { _, je = Join(context.Background(), a, Params{Routing: "4821", Secret: "739205"}) })
	wg.Go(func() { _, oe = o.Rejoin(context.Background(), b) })
	wg.Wait()
	if je == nil || oe == nil {
		t.Error(je, oe)
	}
}

// TestSignatures signs with a session's keys.
func TestSignatures(t *testing.T) {
	j, o := establishedPair(t)
	signature := j.Sign("journal", []byte("what happened"))
	if !VerifySignature(o.PeerKey(), "journal", []byte("what happened"), signature) || !o.PeerKey().Equal(j.Key()) {
		t.Error("the peer's signature does not hold")
	}
	for _, wrong := range []bool{
		VerifySignature(o.PeerKey(), "journal", []byte("what else happened"), signature),
		VerifySignature(o.PeerKey(), "other", []byte("what happened"), signature),
		VerifySignature(o.Key(), "journal", []byte("what happened"), signature),
		VerifySignature(nil, "journal", []byte("what happened"), signature),
	} {
		if wrong {
			t.Error("a wrong signature holds")
		}
	}
}
