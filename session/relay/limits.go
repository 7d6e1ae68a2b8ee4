package relay

import (
	"container/list"
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
	Table              int // addresses or accounts remembered for each limit; the longest unseen are forgotten first
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
func (l *limiters) signedIn(address, user string) { l.known.left(address + " " + user) }

type counter struct {
	table *table
	key   string
}

// table has a token bucket for each key, and forgets the key that was not used for longest when it is full.
// Its methods are safe for concurrent use.
type table struct {
	rate Rate
	size int
	now  func() time.Time

	mu    sync.Mutex
	keys  map[string]*list.Element
	order list.List // of *bucket, the last used one in front
}

type bucket struct {
	key     string
	limiter *rate.Limiter
}

func newTable(r Rate, size int, now func() time.Time) *table {
	return &table{rate: r, size: size, now: now, keys: make(map[string]*list.Element)}
}

// take counts one, and says whether it was within the limit.
func (t *table) take(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.limiterLocked(key).AllowN(t.now(), 1)
}

// left says whether one more would be within the limit.
func (t *table) left(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.limiterLocked(key).TokensAt(t.now()) >= 1
}

func (t *table) has(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.keys[key]
	return ok
}

func (t *table) limiterLocked(key string) *rate.Limiter {
	if e, ok := t.keys[key]; ok {
		t.order.MoveToFront(e)
		return e.Value.(*bucket).limiter
	}
	if t.order.Len() >= t.size {
		last := t.order.Back()
		delete(t.keys, last.Value.(*bucket).key)
		t.order.Remove(last)
	}
	b := &bucket{key: key, limiter: rate.NewLimiter(rate.Every(t.rate.Every), t.rate.Burst)}
	t.keys[key] = t.order.PushFront(b)
	return b.limiter
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
