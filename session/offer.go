package session

import (
	"errors"
	"strings"
)

// IDLen is how many digits the ID has that a customer's program shows; its password has SecretLen.
const IDLen = MaxRouting

// Errors of ParseOffer, each a sentence for the person who typed.
var (
	ErrID       = errors.New("An ID has 7 digits. Please ask the customer to read it out again.")      //nolint:staticcheck // shown to people
	ErrPassword = errors.New("A password has 6 digits. Please ask the customer to read it out again.") //nolint:staticcheck // shown to people
)

// ParseOffer reads the ID and the password that a customer reads out: together they are a Code, as forgiving as
// ParseCode.
func ParseOffer(id, password string) (Code, error) {
	whole, err := ParseCode(id + "000000")
	if err != nil || len(whole.Routing) != IDLen {
		return Code{}, ErrID
	}
	secret, err := ParseCode("0000" + password)
	if err != nil || len(secret.Routing) != MinRouting {
		return Code{}, ErrPassword
	}
	return Code{Routing: whole.Routing, Secret: secret.Secret}, nil
}

// ID is the routing part of a Code in groups, as a customer's program shows it: 482 17 39.
func (c Code) ID() string {
	if len(c.Routing) != IDLen {
		return c.Routing
	}
	return strings.Join([]string{c.Routing[:3], c.Routing[3:5], c.Routing[5:]}, " ")
}

// Password is the secret part of a Code in groups: 739 205.
func (c Code) Password() string {
	if len(c.Secret) != SecretLen {
		return c.Secret
	}
	return c.Secret[:3] + " " + c.Secret[3:]
}
