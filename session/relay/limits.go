package relay

import (
	"container/heap"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate allows Burst at once and one more each Every.
type Rate struct {
	Burst int
	Every time.Duration
}

// Limits bound what one address or account may ask of the relay.
type Limits struct {
	Joins Rate // customers' Hellos, per address
	Opens Rate // links of any kind, per address, before their Hello is read
	// FailedSignIns counts wrong passwords, per address and per account. An address from which an account has
	// signed in before has its own count for that account: strangers who guess cannot lock its owner out.
	FailedSignIns Rate
	NewSessions   Rate // per account
	Mails         Rate // per account
	Misuse        Rate // reports, per address
	Unknown       Rate // codes that do not exist, of all addresses together; beyond that every join takes Times.Slow

	SessionsPerAccount int // waiting and active at once
	Links              int // open at once, of all peers
	Table              int // addresses or accounts remembered for each limit; those that took least are forgotten first
}

// DefaultLimits are what a relay uses unless told otherwise.
var DefaultLimits = Limits{
	Joins:              Rate{Burst: 10, Every: 6 * time.Second},
	Opens:              Rate{Burst: 120, Every: 200 * time.Millisecond},
	FailedSignIns:      Rate{Burst: 10, Every: 6 * time.Second},
	NewSessions:        Rate{Burst: 30, Every: 2 * time.Second},
	Mails:              Rate{Burst: 20, Every: 30 * time.Second},
	Misuse:             Rate{Burst: 3, Every: 10 * time.Minute},
	Unknown:            Rate{Burst: 60, Every: 2 * time.Second},
	SessionsPerAccount: 200,
	Links:              20_000,
	Table:              10_000,
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits
	for _, f := range []struct{ field, standard *Rate }{
		{&l.Joins, &d.Joins},
		{&l.Opens, &d.Opens},
		{&l.FailedSignIns, &d.FailedSignIns},
		{&l.NewSessions, &d.NewSessions},
		{&l.Mails, &d.Mails},
		{&l.Misuse, &d.Misuse},
		{&l.Unknown, &d.Unknown},
	} {
		if *f.field == (Rate{}) {
			*f.field = *f.standard
		}
	}
	for _, f := range []struct{ field, standard *int }{
		{&l.SessionsPerAccount, &d.SessionsPerAccount}, {&l.Links, &d.Links}, {&l.Table, &d.Table},
	} {
		if *f.field <= 0 {
			*f.field = *f.standard
		}
	}
	return l
}

// limiters are the tables behind Limits.
type limiters struct {
	joins, opens, sessions, mails, misuse   *table
	signInAddress, signInAccount, signInOwn *table
	known                                   *table // addresses from which an account has signed in; used as a set
}

func newLimiters(l Limits, now func() time.Time) *limiters {
	t := func(r Rate) *table { return newTable(r, l.Table, now) }
	return &limiters{
		joins: t(l.Joins), opens: t(l.Opens), sessions: t(l.NewSessions), mails: t(l.Mails), misuse: t(l.Misuse),
		signInAddress: t(l.FailedSignIns), signInAccount: t(l.FailedSignIns), signInOwn: t(l.FailedSignIns),
		known: t(l.FailedSignIns),
	}
}

// signIn returns the limits that count for this account at this address.
func (l *limiters) signIn(address, user string) [2]counter {
	own := address + " " + user
	if l.known.has(own) {
		return [2]counter{{l.signInAddress, address}, {l.signInOwn, own}}
	}
	return [2]counter{{l.signInAddress, address}, {l.signInAccount, user}}
}

// signedIn notes that the account is used from this address.
func (l *limiters) signedIn(address, user string) { l.known.note(address + " " + user) }

type counter struct {
	table *table
	key   string
}

// table has a token bucket for each key that has taken of it lately; all others are full. When there is no room, it forgets
// the bucket that is full for longest or, if none is, the one that will be full first: many keys that took little do not push
// out one that took much. Its methods are safe for concurrent use.
type table struct {
	rate Rate
	size int
	now  func() time.Time

	mu      sync.Mutex
	keys    map[string]*bucket
	buckets bucketHeap
	count   uint64 // of changes
}

type bucket struct {
	key     string
	limiter *rate.Limiter
	full    time.Time // when it is full again, if nothing more is taken
	changed uint64    // table.count at that time
	at      int       // in the heap
}

func newTable(r Rate, size int, now func() time.Time) *table {
	return &table{rate: r, size: size, now: now, keys: make(map[string]*bucket)}
}

// take counts one, and says whether it was within the limit.
func (t *table) take(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	b := t.bucketLocked(key)
	ok := b.limiter.AllowN(now, 1)
	missing := float64(t.rate.Burst) - b.limiter.TokensAt(now)
	t.fullLocked(b, now.Add(time.Duration(missing*float64(t.rate.Every))))
	return ok
}

// left says whether one more would be within the limit. It leaves the table as it is.
func (t *table) left(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b := t.keys[key]; b != nil {
		return b.limiter.TokensAt(t.now()) >= 1
	}
	return t.rate.Burst >= 1
}

// note remembers a key of which nothing is taken, for a table that is used as a set.
func (t *table) note(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fullLocked(t.bucketLocked(key), t.now())
}

func (t *table) has(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.keys[key] != nil
}

func (t *table) bucketLocked(key string) *bucket {
	if b := t.keys[key]; b != nil {
		return b
	}
	if len(t.buckets) >= t.size {
		delete(t.keys, heap.Pop(&t.buckets).(*bucket).key)
	}
	b := &bucket{key: key, limiter: rate.NewLimiter(rate.Every(t.rate.Every), t.rate.Burst)}
	t.keys[key] = b
	heap.Push(&t.buckets, b)
	return b
}

// fullLocked notes when a bucket will be full.
func (t *table) fullLocked(b *bucket, full time.Time) {
	t.count++
	b.full, b.changed = full, t.count
	heap.Fix(&t.buckets, b.at)
}

// bucketHeap has the bucket in front that is, or will be, full first: a heap of package container/heap.
type bucketHeap []*bucket

func (h bucketHeap) Len() int { return len(h) }

func (h bucketHeap) Less(i, j int) bool {
	if c := h[i].full.Compare(h[j].full); c != 0 {
		return c < 0
	}
	return h[i].changed < h[j].changed
}

func (h bucketHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}

func (h *bucketHeap) Push(x any) {
	b := x.(*bucket)
	b.at = len(*h)
	*h = append(*h, b)
}

func (h *bucketHeap) Pop() any {
	last := len(*h) - 1
	b := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return b
}

// addressKey is the address that limits count: of IPv6 the network of 64 bits, since one customer has all of it.
func addressKey(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return "unknown"
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// userKey is the account that limits count, which need not exist.
func userKey(user string) string {
	user = strings.ToLower(strings.TrimSpace(user))
	return user[:min(len(user), 128)]
}
