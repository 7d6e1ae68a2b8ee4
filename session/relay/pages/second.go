package pages

import (
	"crypto/hmac"
	"crypto/sha1" // what RFC 6238 and all authenticators use; it is only used in an HMAC
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"handrail/session/wire"
)

// stepLength is RFC 6238's time step, and what all authenticators use.
const stepLength = 30 * time.Second

// digitsAt is the time-based one-time password of a step: RFC 6238 with SHA-1 and six digits.
func digitsAt(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff%1_000_000)
}

// FindStep says of which time step these digits are: the present one, or one before or after it, since clocks differ.
// The caller makes sure that no step counts twice.
func FindStep(secret []byte, digits string, now time.Time) (step int64, ok bool) {
	present := now.Unix() / int64(stepLength/time.Second)
	for _, s := range []int64{present - 1, present, present + 1} {
		if subtle.ConstantTimeCompare([]byte(digitsAt(secret, s)), []byte(digits)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// HashRecoveryCode is the form in which a recovery code is kept; spaces, dashes and capitals do not matter. A code has 80
// random bits, so a plain hash serves.
func HashRecoveryCode(code string) [32]byte {
	code = strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	return sha256.Sum256([]byte(code))
}

// secondOf is what a form's field for the second factor adds to the password.
func secondOf(field string) string {
	if field = strings.TrimSpace(field); field == "" {
		return ""
	}
	return wire.SecondMark + field
}
