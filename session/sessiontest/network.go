package sessiontest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Fault is something that networks do to connections.
type Fault int

// The faults. Those that change bytes do so to the next that pass, in either direction.
const (
	Reset     Fault = iota // both ends find the connection broken
	HalfOpen               // one end finds it broken, the other hears nothing any more
	Silence                // neither end finds out: nothing passes any more, on present connections
	Corrupt                // a bit changes
	Duplicate              // some bytes come twice
	Reorder                // some bytes come before those ahead of them
	Truncate               // some bytes are missing
	faultCount
)

var faultNames = [faultCount]string{"reset", "half-open", "silence", "corrupt", "duplicate", "reorder", "truncate"}

func (f Fault) String() string { return faultNames[f] }

// Quick are the faults that at least one end notices at once; the others take it some seconds of silence.
var Quick = []Fault{Reset, Corrupt, Duplicate, Reorder, Truncate}

// networkQueue is how many bytes of a connection wait in the network, about; the system doubles it.
const networkQueue = 32 << 10

// Network is a TCP proxy before a relay that behaves as badly as networks can. What it does at random depends on
// its seed only, and on how the bytes come.
type Network struct {
	URL *url.URL // of the relay, through this network

	mu        sync.Mutex
	target    string
	random    *rand.Rand
	delay     time.Duration // of everything
	jitter    time.Duration // up to this much more
	bandwidth int           // bytes a second for each connection and direction; 0: no limit
	routes    map[*route]struct{}
	refuse    bool // new connections are closed at once
	ended     bool
	wg        sync.WaitGroup
}

// route is a connection through the network.
type route struct {
	near, far net.Conn
	quiet     bool           // nothing passes any more
	pending   map[int]*Fault // by direction: for the next bytes
	gone      chan struct{}
	once      sync.Once
}

// StartNetwork puts a network before the relay at this address. The seed is printed when the test fails.
func StartNetwork(t testing.TB, relay *url.URL, seed uint64) *Network {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	through := *relay
	through.Host = listener.Addr().String()
	n := &Network{URL: &through, target: relay.Host, random: rand.New(rand.NewPCG(seed, 1)), routes: map[*route]struct{}{}}
	n.wg.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			n.open(near)
		}
	})
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the network's seed was %d", seed)
		}
		listener.Close()
		n.mu.Lock()
		n.ended = true
		for r := range n.routes {
			r.cut()
		}
		n.mu.Unlock()
		n.wg.Wait()
	})
	return n
}

// Shape sets how slow the network is.
func (n *Network) Shape(delay, jitter time.Duration, bandwidth int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.delay, n.jitter, n.bandwidth = delay, jitter, bandwidth
}

// Refuse lets no new connections in, or lets them in again.
func (n *Network) Refuse(refuse bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refuse = refuse
}

// Inflict does something to one of the present connections, chosen at random, or to all of them.
func (n *Network) Inflict(f Fault, all bool) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	skip := 0
	if len(n.routes) > 0 && !all {
		skip = n.random.IntN(len(n.routes))
	}
	hit := 0
	for r := range n.routes {
		if skip--; skip >= 0 {
			continue
		}
		n.inflictLocked(f, r)
		if hit++; !all {
			break
		}
	}
	return fmt.Sprintf("%v on %d of %d", f, hit, len(n.routes))
}

func (n *Network) inflictLocked(f Fault, r *route) {
	switch f {
	case Reset:
		for _, c := range []net.Conn{r.near, r.far} {
			if tcp, ok := c.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
		}
		r.cut()
	case HalfOpen:
		r.quiet = true
		[]net.Conn{r.near, r.far}[n.random.IntN(2)].Close()
	case Silence:
		r.quiet = true
	default:
		r.pending[n.random.IntN(2)] = &f
	}
}

func (n *Network) open(near net.Conn) {
	far, err := net.Dial("tcp", n.target)
	if err != nil {
		near.Close()
		return
	}
	for _, conn := range []net.Conn{near, far} { // real networks keep little; a slow one must be felt by whoever sends
		_ = conn.(*net.TCPConn).SetReadBuffer(networkQueue)
	}
	r := &route{near: near, far: far, pending: map[int]*Fault{}, gone: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ended || n.refuse {
		r.cut()
		return
	}
	n.routes[r] = struct{}{}
	var ways sync.WaitGroup
	for direction, way := range [][2]net.Conn{{near, far}, {far, near}} {
		ways.Add(1)
		n.wg.Go(func() {
			defer ways.Done()
			n.carry(r, direction, way[0], way[1])
		})
	}
	n.wg.Go(func() {
		ways.Wait()
		r.cut()
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.routes, r)
	})
}

func (r *route) cut() {
	r.once.Do(func() { close(r.gone) })
	r.near.Close()
	r.far.Close()
}

// carry takes bytes one way until the connection breaks.
func (n *Network) carry(r *route, direction int, from, to net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		k, err := from.Read(buffer)
		data, wait, quiet := n.pass(r, direction, buffer[:k])
		if quiet { // keep what is open open, until somebody gives up
			if err != nil {
				<-r.gone
				return
			}
			continue
		}
		if wait > 0 {
			select {
			case <-time.After(wait):
			case <-r.gone:
			}
		}
		if len(data) > 0 {
			if _, werr := to.Write(data); werr != nil {
				err = werr
			}
		}
		if err != nil {
			if n.isQuiet(r) {
				<-r.gone
			}
			r.cut()
			return
		}
	}
}

func (n *Network) isQuiet(r *route) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return r.quiet && !n.ended
}

// pass says what becomes of bytes, and how long they take.
func (n *Network) pass(r *route, direction int, data []byte) (result []byte, wait time.Duration, quiet bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if r.quiet && !n.ended {
		return nil, 0, true
	}
	wait = n.delay
	if n.jitter > 0 {
		wait += time.Duration(n.random.Int64N(int64(n.jitter)))
	}
	if n.bandwidth > 0 {
		wait += time.Duration(len(data)) * time.Second / time.Duration(n.bandwidth)
	}
	f := r.pending[direction]
	if f == nil || len(data) < 2 {
		return data, wait, false
	}
	r.pending[direction] = nil
	at := n.random.IntN(len(data) - 1)
	switch *f {
	case Corrupt:
		data[at] ^= 1 << n.random.IntN(8)
	case Duplicate:
		data = append(data[:len(data):len(data)], data[at:]...)
	case Reorder:
		data = append(append([]byte(nil), data[at+1:]...), data[:at+1]...)
	case Truncate:
		data = data[:at]
	}
	return data, wait, false
}
