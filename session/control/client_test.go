package control

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestWhoDoesNotReadIsLeft: a line is waited for however long it takes, until everything is to end.
func TestWhoDoesNotReadIsLeft(t *testing.T) {
	failed := errors.New("failed")
	for name, test := range map[string]struct {
		takes, ends, waited time.Duration
		want                error
	}{
		"that is read late":                    {takes: time.Hour, ends: 2 * time.Hour, waited: time.Hour, want: failed},
		"that is read when all is to end":      {takes: time.Minute + patience/2, ends: time.Minute, waited: time.Minute + patience/2, want: failed},
		"that nobody reads":                    {takes: time.Hour, ends: time.Minute, waited: time.Minute + patience},
		"that is handed on when all has ended": {takes: time.Hour, ends: 0, waited: patience},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), test.ends)
			defer cancel()
			begun := time.Now()
			err := hand(ctx, nil, func([]byte) error {
				time.Sleep(test.takes)
				return failed
			})
			if took := time.Since(begun); took != test.waited || err != test.want {
				t.Errorf("a line %s: %v after %v", name, err, took)
			}
			time.Sleep(test.takes) // what was left behind ends
		})
	}
}
