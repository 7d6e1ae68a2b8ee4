package main

import (
	"net/url"
	"strings"

	"handrail/session/settings"
)

// A relay's web page opens the operator's program by a link, with a word that signs in once instead of a password:
//
//	handrail:operate?relay=https%3A%2F%2Frelay.example.org&user=desk1&once=once-…
const (
	linkScheme = "handrail"
	linkVerb   = "operate"
	maxLink    = 1024 // bytes
)

// follow takes a link's values over. Anybody can make a link, so it signs in only at the relay that the settings or
// the command line name; for another one it merely fills in the fields, and the person sees where they sign in.
func (s *startValues) follow(link string) {
	u, err := url.Parse(link)
	if len(link) > maxLink || err != nil || !strings.EqualFold(u.Scheme, linkScheme) || u.Opaque != linkVerb {
		return
	}
	q := u.Query()
	relay, err := settings.ParseRelay(q.Get("relay"))
	if err != nil {
		return
	}
	known, err := settings.ParseRelay(s.Relay)
	s.User = q.Get("user")
	if err == nil && *known == *relay {
		s.Password = q.Get("once")
		s.Begin = s.Password != ""
		return
	}
	s.Relay = relay.String()
}
