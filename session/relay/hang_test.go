package relay

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

// hanging is a store that may say nothing any more, as one does whose network drops all packets.
type hanging struct {
	*store.DB
	hangs *atomic.Bool
}

func (h hanging) wait(ctx context.Context) error {
	if h.hangs.Load() {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (h hanging) Organisation(ctx context.Context) (string, error) {
	if err := h.wait(ctx); err != nil {
		return "", err
	}
	return h.DB.Organisation(ctx)
}

func (h hanging) Account(ctx context.Context, id string) (store.Account, error) {
	if err := h.wait(ctx); err != nil {
		return store.Account{}, err
	}
	return h.DB.Account(ctx, id)
}

func (h hanging) EndsWanted(ctx context.Context, address string) ([]string, error) {
	if err := h.wait(ctx); err != nil {
		return nil, err
	}
	return h.DB.EndsWanted(ctx, address)
}

func (h hanging) OpenSessions(ctx context.Context) ([]store.SessionRecord, error) {
	if err := h.wait(ctx); err != nil {
		return nil, err
	}
	return h.DB.OpenSessions(ctx)
}

// TestTheRelayGoesOnWhileTheStoreHangs lets the store say nothing: pages come, and what has expired ends.
func TestTheRelayGoesOnWhileTheStoreHangs(t *testing.T) {
	hangs := &atomic.Bool{}
	r := newRig(t, func(c *Config) {
		c.Store = hanging{c.Store.(*store.DB), hangs}
		c.Times.Sweep = 20 * time.Millisecond
		c.Node = Node{Address: "https://a.example.org", Silent: 100 * time.Millisecond}
	})
	if err := r.db.SetOrganisation(t.Context(), "Example"); err != nil {
		t.Fatal(err)
	}
	web := http.Client{Timeout: 3 * storePatience}
	get := func(path string) time.Duration {
		began := time.Now()
		resp, err := web.Get(r.web.URL + path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return 0
		}
		resp.Body.Close()
		if resp.StatusCode != 200 {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
		return time.Since(began)
	}
	s := r.newSession(r.signIn())
	hangs.Store(true)
	r.clock.advance(20 * time.Second) // so that accounts are looked at again
	time.Sleep(200 * time.Millisecond)
	var wg sync.WaitGroup
	for _, path := range []string{"/", "/join", "/join/4821", "/download", "/report", "/desk/signin"} {
		wg.Go(func() { get(path) })
	}
	wg.Wait()
	for range 5 { // those who come next do not wait as well
		if took := get("/"); took > storePatience/2 {
			t.Errorf("a further page took %v", took)
		}
	}
	r.srv.pages.Forget() // as after a change: then somebody has to ask again
	get("/")
	if took := get("/join"); took > storePatience/2 {
		t.Errorf("a further page took %v", took)
	}
	for what, ask := range map[string]func(){
		"the list": func() { r.srv.desk.Live("") }, "an end": func() { r.srv.desk.End("x", s.ID) }, "a revocation": func() { r.srv.desk.Revoke("x") },
	} {
		began := time.Now()
		if ask(); time.Since(began) > 2*storePatience {
			t.Errorf("%s took %v", what, time.Since(began))
		}
	}
	r.clock.advance(wire.CodeLife)
	time.Sleep(500 * time.Millisecond)
	if r.srv.dir.has(s.ID) {
		t.Error("the code has not expired")
	}
	hangs.Store(false)
	r.srv.pages.Forget()
	v := (&visitor{rig: r}).do("/", nil)
	v.want(200, "Example")
	v.do("/desk/signin", url.Values{"user": {"desk1"}, "password": {password}}).want(303)
}
