package main

import (
	"strings"
	"testing"
)

func TestLinksForTheCustomersProgram(t *testing.T) {
	for link, want := range map[string]bool{
		"handrail:join?relay=relay.example.org&code=4821739205": true, "HANDRAIL:join": true,
		"handrail:operate?relay=x": false, "https:join": false, "--yes": false, "handrail:join?" + strings.Repeat("x", 2000): false,
	} {
		if joins(link) != want {
			t.Errorf("%.40q: %v", link, !want)
		}
	}
}

func TestFollowALink(t *testing.T) {
	const link = "handrail:operate?relay=https%3A%2F%2Frelay.example.org&user=desk1&once=once-ABC"
	for _, c := range []struct {
		link, relay string
		want        startValues
	}{
		{link, "relay.example.org", startValues{Relay: "relay.example.org", User: "desk1", Password: "once-ABC", Begin: true}},
		{link, "", startValues{Relay: "https://relay.example.org", User: "desk1"}}, // to be seen first
		{link, "other.example.org", startValues{Relay: "https://relay.example.org", User: "desk1"}},
		{"handrail:operate?relay=http://evil.example&user=x&once=y", "relay.example.org", startValues{Relay: "relay.example.org"}},
		{"handrail:join?relay=relay.example.org&user=x&once=y", "relay.example.org", startValues{Relay: "relay.example.org"}},
		{"https://relay.example.org", "relay.example.org", startValues{Relay: "relay.example.org"}},
		{"", "relay.example.org", startValues{Relay: "relay.example.org"}},
		{"handrail:operate?" + strings.Repeat("x", 2000), "relay.example.org", startValues{Relay: "relay.example.org"}},
	} {
		got := startValues{Relay: c.relay}
		got.follow(c.link)
		if got.Relay != c.want.Relay || got.User != c.want.User || got.Password != c.want.Password || got.Begin != c.want.Begin {
			t.Errorf("%.60q with %q: %+v", c.link, c.relay, got)
		}
	}
}
