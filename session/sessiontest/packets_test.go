package sessiontest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"handrail/session/mux"
	"handrail/session/secure"
	"handrail/session/secure/securetest"
)

// reliable are the streams that repeat what a break has lost.
var reliable = []mux.Stream{mux.Control, mux.Input, mux.Chat, mux.Whiteboard, mux.Files}

// spoiled is a pipe whose packet number n in one direction, counted over both ends' lives, meets with a fault; the pipe
// breaks a little later if nobody notices.
func spoiled(random *rand.Rand, handshake int) (a, b *securetest.Conn) {
	a, b = securetest.Pipe()
	victim := a
	if random.IntN(2) == 0 {
		victim = b
	}
	n := handshake + random.IntN(30)
	switch kind := random.IntN(7); kind {
	case 0:
		victim.Tamper = securetest.At(n, securetest.Flip(random.IntN(1<<16), 1<<random.IntN(8)))
	case 1:
		victim.Tamper = securetest.At(n, securetest.Truncate(1+random.IntN(40)))
	case 2:
		victim.Tamper = securetest.At(n, securetest.Drop)
	case 3:
		victim.Tamper = securetest.At(n, securetest.Repeat)
	case 4:
		victim.Tamper = securetest.Swap(n)
	default: // both ends go away in the middle of a packet
		victim.Tamper = func(i int, p []byte) [][]byte {
			if i != n {
				return [][]byte{p}
			}
			a.Close()
			b.Close()
			return nil
		}
	}
	return a, b
}

// faultRun is two ends of a channel that breaks again and again.
type faultRun struct {
	t      *testing.T
	random *rand.Rand
	ends   [2]*secure.Channel
	conns  [2]*mux.Conn
	breaks int
}

func newFaultRun(t *testing.T, seed uint64) *faultRun {
	r := &faultRun{t: t, random: rand.New(rand.NewPCG(seed, 7))}
	a, b := securetest.Pipe()
	params := secure.Params{Routing: "4821", Secret: "739205"}
	var errs [2]error
	var wg sync.WaitGroup
	wg.Go(func() { r.ends[0], errs[0] = secure.Join(context.Background(), a, params) })
	wg.Go(func() { r.ends[1], errs[1] = secure.Accept(context.Background(), b, params) })
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	for i, ch := range r.ends {
		r.conns[i] = mux.New(ch)
		r.conns[i].Keep()
	}
	return r
}

// again gives both ends another channel, which is going to break.
func (r *faultRun) again() {
	for _, c := range r.conns {
		c.Break(errors.New("the other end is gone"))
	}
	for {
		r.breaks++
		a, b := spoiled(r.random, 2-2*r.random.IntN(2)) // some break during the handshake
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		var next [2]*secure.Channel
		var errs [2]error
		var wg sync.WaitGroup
		for i, link := range []*securetest.Conn{a, b} {
			wg.Go(func() {
				if next[i], errs[i] = r.ends[i].Rejoin(ctx, link); errs[i] != nil {
					a.Close()
					b.Close()
				}
			})
		}
		wg.Wait()
		cancel()
		if errors.Join(errs[:]...) == nil {
			for i := range next {
				r.ends[i] = next[i]
				if err := r.conns[i].Attach(next[i]); err != nil {
					r.t.Error(err)
				}
			}
			return
		}
		for _, ch := range next {
			if ch != nil {
				ch.Close()
			}
		}
	}
}

// send sends numbered messages of many sizes until done, and returns how many were accepted.
func send(ctx context.Context, c *mux.Conn, stream mux.Stream, random *rand.Rand) (n int) {
	buffer := make([]byte, mux.MaxMessage(stream))
	for ctx.Err() == nil {
		size := 8 + random.IntN(64)
		if random.IntN(8) == 0 {
			size = 8 + random.IntN(40<<10)
		}
		binary.BigEndian.PutUint64(buffer, uint64(n))
		for i := 8; i < size; i++ {
			buffer[i] = byte(n + i)
		}
		if c.Send(ctx, stream, buffer[:size]) == nil {
			n++
		}
		time.Sleep(200 * time.Microsecond)
	}
	return n
}

// receive checks messages as they come.
func receive(ctx context.Context, c *mux.Conn, stream mux.Stream, count func(int)) error {
	for n := 0; ; n++ {
		m, err := c.Receive(ctx, stream)
		if err != nil {
			return nil
		}
		if got := binary.BigEndian.Uint64(m); got != uint64(n) {
			return fmt.Errorf("%v: message %d came instead of %d", stream, got, n)
		}
		for i := 8; i < len(m); i++ {
			if m[i] != byte(n+i) {
				return fmt.Errorf("%v: message %d is damaged", stream, n)
			}
		}
		mux.Recycle(m)
		count(n + 1)
	}
}

// run breaks the channel until there were so many faults, and then checks that everything accepted has arrived.
func (r *faultRun) run(faults int) (messages int) {
	sending, stop := context.WithCancel(context.Background())
	receiving, end := context.WithTimeout(context.Background(), 5*time.Minute)
	defer end()
	var mu sync.Mutex
	sent, got := map[string]int{}, map[string]int{}
	var senders, receivers sync.WaitGroup
	for i, c := range r.conns {
		for _, stream := range reliable {
			key := fmt.Sprint(i, stream)
			random := rand.New(rand.NewPCG(r.random.Uint64(), 0))
			senders.Go(func() {
				n := send(sending, c, stream, random)
				mu.Lock()
				sent[key] = n
				mu.Unlock()
			})
			receivers.Go(func() {
				err := receive(receiving, r.conns[1-i], stream, func(n int) { mu.Lock(); got[key] = n; mu.Unlock() })
				if err != nil {
					r.t.Error(err)
				}
			})
		}
	}
	attended := make(chan struct{})
	var breaker sync.WaitGroup
	breaker.Go(func() {
		defer close(attended)
		for r.breaks < faults {
			waiting, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			first := make(chan struct{}, 2)
			var both sync.WaitGroup
			for _, c := range r.conns {
				both.Go(func() { c.AwaitBreak(waiting); first <- struct{}{} })
			}
			<-first // a packet that was dropped is only noticed by silence: that ends the wait
			cancel()
			both.Wait()
			r.again()
		}
	})
	<-attended
	breaker.Wait()
	stop()
	senders.Wait()
	r.finish()
	all := func() bool {
		mu.Lock()
		defer mu.Unlock()
		for key, n := range sent {
			if got[key] < n {
				return false
			}
		}
		return true
	}
	for limit := time.Now().Add(time.Minute); !all() && time.Now().Before(limit); {
		time.Sleep(5 * time.Millisecond)
	}
	end()
	for _, c := range r.conns {
		c.Close()
	}
	receivers.Wait()
	for key, n := range sent {
		messages += n
		if got[key] != n {
			r.t.Errorf("%s: %d sent, %d received", key, n, got[key])
		}
	}
	return messages
}

// finish gives both ends a channel that stays.
func (r *faultRun) finish() {
	for _, c := range r.conns {
		c.Break(errors.New("the last break"))
	}
	a, b := securetest.Pipe()
	var wg sync.WaitGroup
	for i, link := range []*securetest.Conn{a, b} {
		wg.Go(func() {
			next, err := r.ends[i].Rejoin(context.Background(), link)
			if err == nil {
				err = r.conns[i].Attach(next)
			}
			if err != nil {
				r.t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestNothingIsLostOverFaults breaks the encrypted channel in every way, many times over, while all reliable streams
// are busy in both directions: each message that was accepted arrives once, whole and in order.
func TestNothingIsLostOverFaults(t *testing.T) {
	faults := 1000
	if n, err := strconv.Atoi(os.Getenv("HANDRAIL_FAULTS")); err == nil {
		faults = n
	}
	const runs = 4
	first := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("HANDRAIL_SEED"), 10, 64); err == nil {
		first = n
	}
	for i := range uint64(runs) {
		t.Run(fmt.Sprint("seed ", first+i), func(t *testing.T) {
			t.Parallel()
			r := newFaultRun(t, first+i)
			n := r.run(faults / runs)
			t.Logf("%d faults: %d messages, none lost, repeated or out of order", r.breaks, n)
		})
	}
}
