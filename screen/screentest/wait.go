package screentest

import (
	"testing"
	"time"
)

// Limit is how long WaitFor and the other helpers wait before a test fails: far longer than anything takes.
const Limit = 60 * time.Second

// WaitFor waits until done returns true. It polls; use it only where no event tells.
func WaitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(Limit); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v in vain until %s", Limit, what)
		}
	}
}
