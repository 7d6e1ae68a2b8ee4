package session

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"unicode"
)

// Lengths of a code's parts in digits.
const (
	MinRouting = 4
	MaxRouting = 7
	SecretLen  = 6
)

// Code is what an operator reads out: routing digits, which the relay gives and sees, and secret digits,
// which never leave the two peers.
type Code struct {
	Routing string
	Secret  string
}

// Errors of ParseCode, each a sentence for the person who typed.
var (
	ErrCodeEmpty  = errors.New("Please type the code that you were given.")               //nolint:staticcheck // shown to people
	ErrCodeShort  = errors.New("The code is too short. It has 10 digits.")                //nolint:staticcheck // shown to people
	ErrCodeLong   = errors.New("The code is too long. It has 10 digits.")                 //nolint:staticcheck // shown to people
	ErrCodeDigits = errors.New("The code has only digits. Please leave out other signs.") //nolint:staticcheck // shown to people
)

// NewSecret makes the secret digits of a code from the system's random source.
func NewSecret() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic("session: the system has no randomness: " + err.Error())
	}
	return fmt.Sprintf("%06d", n)
}

// ParseCode reads a code as people type it: spaces, dashes, dots and slashes between the digits are forgiven,
// digits of other scripts count.
func ParseCode(text string) (Code, error) {
	digits := make([]byte, 0, MaxRouting+SecretLen)
	for _, r := range text {
		switch value := digitValue(r); {
		case value >= 0:
			digits = append(digits, byte('0'+value))
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), unicode.Is(unicode.Cf, r), strings.ContainsRune("./·_−", r):
		default:
			return Code{}, ErrCodeDigits
		}
	}
	switch n := len(digits); {
	case n == 0:
		return Code{}, ErrCodeEmpty
	case n < MinRouting+SecretLen:
		return Code{}, ErrCodeShort
	case n > MaxRouting+SecretLen:
		return Code{}, ErrCodeLong
	}
	cut := len(digits) - SecretLen
	return Code{Routing: string(digits[:cut]), Secret: string(digits[cut:])}, nil
}

// digitZeros are the zeros of the scripts whose digits people's keyboards give: Latin, Arabic, Persian,
// Devanagari, Bengali, Thai and full-width forms. Unicode keeps each script's ten digits in order.
var digitZeros = []rune{'0', '\u0660', '\u06f0', '\u0966', '\u09e6', '\u0e50', '\uff10'}

// digitValue is the decimal value of a digit, or -1.
func digitValue(r rune) int {
	for _, zero := range digitZeros {
		if r >= zero && r <= zero+9 {
			return int(r - zero)
		}
	}
	return -1
}

// Digits is the code without spaces.
func (c Code) Digits() string { return c.Routing + c.Secret }

// String is the code as it is shown and read out: 4821 739 205.
func (c Code) String() string {
	if len(c.Secret) != SecretLen {
		return c.Routing
	}
	return c.Routing + " " + c.Secret[:3] + " " + c.Secret[3:]
}

// JoinURL is the link that joins with this code. The secret is in the fragment, which browsers keep.
func (c Code) JoinURL(relay *url.URL) string {
	u := *relay
	u.Path = strings.TrimSuffix(u.Path, "/") + "/join/" + c.Routing
	u.RawQuery, u.Fragment = "", c.Secret
	return u.String()
}
