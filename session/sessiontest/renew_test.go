package sessiontest

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
)

// countLog counts the lines that say something.
type countLog struct {
	slog.Handler
	text string
	n    *atomic.Int64
}

func (h countLog) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.Value.String(); return true })
	if strings.Contains(line, h.text) {
		h.n.Add(1)
	}
	return nil
}

func (h countLog) WithAttrs([]slog.Attr) slog.Handler { return h }

// TestKeysAreRenewed lowers the limits after which a session changes its keys. Nobody notices: nothing is lost, and nobody
// is told that the connection was.
func TestKeysAreRenewed(t *testing.T) {
	for name, limit := range map[string]session.Renewal{
		"time":  {After: 300 * time.Millisecond, Bytes: 64 << 30},
		"bytes": {After: time.Hour, Bytes: 64 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			relay := StartRelay(t, false)
			var renewed atomic.Int64
			engine := operator.New(operator.Config{
				Program: "handrail test", Renew: limit,
				Log: slog.New(countLog{slog.NewTextHandler(t.Output(), nil), "time for another channel", &renewed}),
			})
			t.Cleanup(engine.Close)
			if err := engine.SignIn(Within(t), relay.URL, User, Password); err != nil {
				t.Fatal(err)
			}
			computer := NewComputer(320, 200)
			o := NewSession(t, engine)
			c, err := customer.Join(Within(t), computer.Config(), relay.URL, o.Code())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			if err := c.Start(c.Requested()); err != nil {
				t.Fatal(err)
			}
			AwaitState(t, &o.Status, session.Active)
			var lost atomic.Int64
			defer o.Listen(func(e session.Event) {
				if e.State == session.Reconnecting {
					lost.Add(1)
				}
			})()
			Talk(t, o, c, computer, func() {
				for limit := time.Now().Add(time.Minute); renewed.Load() < 2 && time.Now().Before(limit); {
					time.Sleep(50 * time.Millisecond)
				}
			})
			if renewed.Load() < 2 {
				t.Errorf("the keys were changed %d times", renewed.Load())
			}
			// On a busy machine a change may take long enough to be told; it must not be the rule.
			if lost.Load() > renewed.Load()/2 {
				t.Errorf("%d changes of keys, of which %d were told as lost connections", renewed.Load(), lost.Load())
			}
		})
	}
}
