package endtoend

import (
	"context"
	"net/url"
	"testing"
	"time"

	"handrail/session/link"
	"handrail/session/sessiontest"
	"handrail/session/wire"
)

// bare is two links of one session with nothing in between but the relay: no encryption, no streams, no disk. What
// goes over it is all that the relay can carry on this machine.
type bare struct{ near, far *link.Link }

func startBare(b *testing.B, r *relay) *bare {
	b.Helper()
	address, err := url.Parse(r.url)
	if err != nil {
		b.Fatal(err)
	}
	ctx := sessiontest.Within(b)
	api, err := link.NewAPI(address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(api.Close)
	if _, err := api.SignIn(ctx, user, password); err != nil {
		b.Fatal(err)
	}
	session, err := api.NewSession(ctx)
	if err != nil {
		b.Fatal(err)
	}
	dial := func(hello wire.Hello) *link.Link {
		l, err := link.Dial(ctx, address, hello)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { l.Close() })
		return l
	}
	near := dial(wire.Hello{Version: wire.Version, Role: wire.Operator, Program: "handrail test", Session: session.ID, Token: api.Token()})
	far := dial(wire.Hello{Version: wire.Version, Role: wire.Customer, Program: "handrail test", Routing: session.Routing})
	for _, l := range []*link.Link{near, far} {
		if _, err := l.WaitPaired(ctx); err != nil {
			b.Fatal(err)
		}
	}
	if err := near.Accepted(ctx); err != nil {
		b.Fatal(err)
	}
	return &bare{near, far}
}

// copy sends this many bytes in packets of the largest size and waits until the last one is there.
func (c *bare) copy(b *testing.B, bytes int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	packets := bytes / wire.MaxPacket
	sent := make(chan error, 1)
	go func() {
		packet := make([]byte, wire.MaxPacket)
		for range packets {
			if err := c.near.SendPacket(ctx, packet); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	for range packets {
		if _, err := c.far.ReceivePacket(ctx); err != nil {
			b.Fatal(err)
		}
	}
	if err := <-sent; err != nil {
		b.Fatal(err)
	}
}
