package secure

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"handrail/session/secure/securetest"
)

// number is how often something is tried: little in every test run, more when the environment says so.
func number(t testing.TB, variable string, few int) int {
	n, err := strconv.Atoi(os.Getenv(variable))
	if err != nil {
		n = few
	}
	return n
}

// TestManyWrongSecrets lets joiners guess secrets: none of them gets a channel, and neither does the operator's side.
// HANDRAIL_GUESSES says how many.
func TestManyWrongSecrets(t *testing.T) {
	guesses := number(t, "HANDRAIL_GUESSES", 400)
	var next, refused atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(guesses) {
					return
				}
				a, b := securetest.Pipe()
				var both sync.WaitGroup
				both.Go(func() {
					if ch, err := Join(context.Background(), a, Params{Routing: "4821", Secret: fmt.Sprintf("%06d", n)}); err == nil {
						t.Errorf("guess %06d was let in", n)
						ch.Close()
					}
				})
				both.Go(func() {
					ch, err := Accept(context.Background(), b, Params{Routing: "4821", Secret: "999999999"})
					if err == nil {
						t.Errorf("the operator's side accepted guess %06d", n)
						ch.Close()
						return
					}
					refused.Add(1)
				})
				both.Wait()
			}
		})
	}
	wg.Wait()
	t.Logf("%d wrong secrets, %d refused", guesses, refused.Load())
}

// TestManySpoiledPackets spoils a packet of each channel, at a random place of the handshake or after it: no altered
// byte ever reaches the other side. HANDRAIL_PACKETS says how many of each kind.
func TestManySpoiledPackets(t *testing.T) {
	each := number(t, "HANDRAIL_PACKETS", 150)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	kinds := map[string]func(*rand.Rand, int) func(int, []byte) [][]byte{
		"bit flip": func(r *rand.Rand, n int) func(int, []byte) [][]byte {
			return securetest.At(n, securetest.Flip(r.IntN(1<<16), 1<<r.IntN(8)))
		},
		"replay": func(_ *rand.Rand, n int) func(int, []byte) [][]byte { return securetest.At(n, securetest.Repeat) },
		"truncate": func(r *rand.Rand, n int) func(int, []byte) [][]byte {
			return securetest.At(n, securetest.Truncate(1+r.IntN(30)))
		},
		"reorder": func(_ *rand.Rand, n int) func(int, []byte) [][]byte { return securetest.Swap(n) },
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, uint64(len(name))))
			room := make(chan struct{}, 16) // most of the time they wait for bytes that do not come
			var all sync.WaitGroup
			for range each {
				tamper, customers := kind(random, random.IntN(8)), random.IntN(2) == 0
				room <- struct{}{}
				all.Go(func() {
					defer func() { <-room }()
					spoilOne(t, tamper, customers)
				})
			}
			all.Wait()
		})
	}
}

// patience is how long a channel may wait for bytes that do not come.
const patience = 300 * time.Millisecond

// spoilOne makes a channel over a pipe that spoils, and sends numbered lines over it in both directions.
func spoilOne(t *testing.T, tamper func(int, []byte) [][]byte, customers bool) {
	a, b := securetest.Pipe()
	if customers {
		a.Tamper = tamper
	} else {
		b.Tamper = tamper
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	defer time.AfterFunc(patience, func() { a.Close(); b.Close() }).Stop()
	params := Params{Routing: "4821", Secret: "739205"}
	end := func(open func(context.Context, PacketConn, Params) (*Channel, error), link *securetest.Conn) {
		ch, err := open(ctx, link, params)
		if err != nil {
			link.Close()
			return
		}
		defer ch.Close()
		var both sync.WaitGroup
		both.Go(func() {
			for i := range 8 {
				if _, err := fmt.Fprintf(ch, "line %d\n", i); err != nil || ch.Flush() != nil {
					return
				}
			}
		})
		for i := range 8 {
			want := fmt.Sprintf("line %d\n", i)
			got := make([]byte, len(want))
			if _, err := io.ReadFull(ch, got); err != nil {
				break
			}
			if string(got) != want {
				t.Errorf("%q arrived instead of %q", got, want)
			}
		}
		link.Close()
		both.Wait()
	}
	var both sync.WaitGroup
	both.Go(func() { end(Join, a) })
	both.Go(func() { end(Accept, b) })
	both.Wait()
}
