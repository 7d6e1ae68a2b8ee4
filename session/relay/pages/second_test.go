package pages

import (
	"testing"
	"time"
)

// TestDigitsAt uses the test vectors of RFC 6238, appendix B, for SHA-1, cut to six digits.
func TestDigitsAt(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := digitsAt(secret, at/30); got != want {
			t.Errorf("at %d: %s, not %s", at, got, want)
		}
		for _, c := range []struct {
			seconds int64
			ok      bool
		}{{0, true}, {30, true}, {-30, true}, {90, false}, {-90, false}} {
			step, ok := FindStep(secret, want, time.Unix(at+c.seconds, 0))
			if ok != c.ok || ok && step != at/30 {
				t.Errorf("%s at %d seconds off: step %d, %v", want, c.seconds, step, ok)
			}
		}
	}
	for _, wrong := range []string{"", "28708", "2870820", "２８７０８２"} {
		if _, ok := FindStep(secret, wrong, time.Unix(59, 0)); ok {
			t.Errorf("%q is taken", wrong)
		}
	}
}
