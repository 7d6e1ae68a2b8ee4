package sessiontest

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"handrail/session/link"
	"handrail/session/secure"
	"handrail/session/wire"
)

// TestManyWrongCodesAtARelay types wrong codes, each with the right routing digits, at a relay whose limits per address are
// lifted, as if every guess came from elsewhere: nobody is let in, and each code is burnt at the third.
func TestManyWrongCodesAtARelay(t *testing.T) {
	guesses := 90
	if n, err := strconv.Atoi(os.Getenv("HANDRAIL_GUESSES")); err == nil {
		guesses = n
	}
	relay := StartRelay(t, false)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Hour)
	defer cancel()
	api, err := link.NewAPI(relay.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	if _, err := api.SignIn(ctx, User, Password); err != nil {
		t.Fatal(err)
	}
	var tried, admitted, burnt atomic.Int64
	var wg sync.WaitGroup
	codes := make(chan int)
	for range 4 {
		wg.Go(func() {
			for n := range codes {
				if err := guess(ctx, relay, api, n, &tried, &admitted); err != nil {
					t.Error(err)
					continue
				}
				if done := burnt.Add(1); done%5000 == 0 {
					t.Logf("%d wrong codes so far, %d let in", tried.Load(), admitted.Load())
				}
			}
		})
	}
	count := (guesses + wire.MaxTries - 1) / wire.MaxTries
	for n := range count {
		codes <- n
	}
	close(codes)
	wg.Wait()
	t.Logf("%d wrong codes at a relay, %d let in; %d of %d codes burnt at the third", tried.Load(), admitted.Load(), burnt.Load(), count)
	if admitted.Load() > 0 || int(burnt.Load()) != count || int(tried.Load()) < guesses {
		t.Error("that is not as it should be")
	}
}

// guess burns one code.
func guess(ctx context.Context, relay *Relay, api *link.API, n int, tried, admitted *atomic.Int64) error {
	s, err := api.NewSession(ctx)
	if err != nil {
		return fmt.Errorf("new session: %w", err)
	}
	right := fmt.Sprintf("%06d", n*7919%1_000_000)
	operator := wire.Hello{Role: wire.Operator, Session: s.ID, Token: api.Token()}
	customer := wire.Hello{Role: wire.Customer, Routing: s.Routing}
	for try := range wire.MaxTries {
		waiting, err := link.Dial(ctx, relay.URL, operator)
		if err != nil {
			return fmt.Errorf("operator, try %d: %w", try, err)
		}
		answered := make(chan error, 1)
		go func() {
			defer waiting.Close()
			if _, err := waiting.WaitPaired(ctx); err != nil {
				answered <- fmt.Errorf("pairing: %w", err)
				return
			}
			channel, err := secure.Accept(ctx, waiting, secure.Params{Routing: s.Routing, Secret: right})
			if err == nil {
				admitted.Add(1)
				channel.Close()
			}
			answered <- nil
		}()
		joining, err := link.Dial(ctx, relay.URL, customer)
		if err == nil {
			if _, err = joining.WaitPaired(ctx); err == nil {
				wrong := fmt.Sprintf("%06d", (n*7919+1+try*31337)%1_000_000)
				channel, err := secure.Join(ctx, joining, secure.Params{Routing: s.Routing, Secret: wrong})
				if err == nil {
					admitted.Add(1)
					channel.Close()
				}
			}
			joining.Close()
		}
		if failed := <-answered; failed != nil || err != nil {
			return fmt.Errorf("try %d: %v, %v", try, err, failed)
		}
		tried.Add(1)
	}
	// The third was the last: the code is nobody's any more, and the operator hears why.
	if l, err := link.Dial(ctx, relay.URL, customer); err == nil {
		l.Close()
		return fmt.Errorf("a fourth customer was let in to the code")
	}
	l, err := link.Dial(ctx, relay.URL, operator)
	if err == nil {
		l.Close()
		return fmt.Errorf("the code lives on")
	}
	if told, ok := err.(*wire.Error); !ok || told.Reason != wire.ReasonBurnt { //nolint:errorlint // Dial gives nothing else
		return fmt.Errorf("the operator is told %w", err)
	}
	return nil
}
