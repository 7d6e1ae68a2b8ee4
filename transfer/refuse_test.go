package transfer

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

// TestRefusalsThatNobodyTakes asks and offers on and on without taking an answer, with and without the permission.
func TestRefusalsThatNobodyTakes(t *testing.T) {
	asks := map[string]func(id uint32) []byte{
		"offers": func(id uint32) []byte { return marshal(kindOffer, offerMessage{ID: id, Name: "f", Fetch: 7}) },
		"lists":  func(id uint32) []byte { return marshal(kindList, listMessage{ID: id, Path: "home"}) },
		"orders": func(id uint32) []byte { return marshal(kindFetch, fetchMessage{ID: id, Paths: []string{"home/x"}}) },
		"puts":   func(id uint32) []byte { return marshal(kindPut, putMessage{ID: id, Transfers: []string{"b1"}}) },
	}
	for name, ask := range asks {
		for _, forbidden := range []bool{true, false} {
			x, peer := lone(t, Config{Forbidden: forbidden})
			before, more := runtime.NumGoroutine(), 0
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			for id := uint32(1); id < 4*maxRefusals && peer.SendFile(ctx, ask(id)) == nil; id++ {
				// Those that have given their answer may take a moment to be gone.
				for more = runtime.NumGoroutine() - before; more > 2*maxAsking && ctx.Err() == nil; more = runtime.NumGoroutine() - before {
					time.Sleep(time.Millisecond)
				}
			}
			select {
			case err := <-x.over:
				if !errors.Is(err, ErrProtocol) {
					t.Errorf("%s, forbidden %v: it ends with %v", name, forbidden, err)
				}
				x.over <- err
			case <-ctx.Done():
				t.Errorf("%s, forbidden %v: it goes on", name, forbidden)
			}
			if more > 2*maxAsking {
				t.Errorf("%s, forbidden %v: %d goroutines", name, forbidden, more)
			}
			cancel()
		}
	}
}

// TestRefusalsArrive refuses as much as an honest peer may ask for at once.
func TestRefusalsArrive(t *testing.T) {
	_, peer := lone(t, Config{Forbidden: true})
	for id := uint32(1); id <= maxOffers; id++ {
		peer.say(t, marshal(kindList, listMessage{ID: id}))
	}
	for id := uint32(1); id <= maxOffers; id++ {
		if m := hear[listingMessage](t, peer, kindListing); m.ID != id || m.Problem != NotAllowed {
			t.Fatalf("%+v", m)
		}
	}
}
