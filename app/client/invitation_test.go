package main

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"handrail/session"
)

func (i invitation) words() string {
	relay := "-"
	if i.Relay != nil {
		relay = i.Relay.String()
	}
	return relay + " " + i.Code
}

func TestFromName(t *testing.T) {
	const org = "https://relay.example.org"
	for _, c := range []struct{ name, want string }{
		{"Handrail-4821-739205-relay.example.org.exe", org + " 4821 739 205"},
		{"Handrail-4821-739205-relay.example.org", org + " 4821 739 205"},
		{"/home/ana/Downloads/Handrail-4821-739205-relay.example.org", org + " 4821 739 205"},
		{"handrail-4821-739205-relay.example.org (1).exe", org + " 4821 739 205"},
		{"Handrail-4821-739205-relay.example.org(12).exe", org + " 4821 739 205"},
		{"Handrail-4821-739205-relay.example.org (1) (2).exe", org + " 4821 739 205"},
		{"Handrail-4821-739205-relay.example.org.exe (1).exe", org + " 4821 739 205"},
		{"Handrail-4821-739205-relay.example.org-1.exe", org + " 4821 739 205"},
		{"Handrail-4821-739205-relay.example.org - Copy.exe", org + " 4821 739 205"},
		{"Handrail-4821-739205-relay.example.org - Kopija (2).exe", org + " 4821 739 205"},
		{"HANDRAIL_4821_739205_RELAY.EXAMPLE.ORG.EXE", org + " 4821 739 205"},
		{"Handrail 4821 739 205 relay.example.org.exe", org + " 4821 739 205"},
		{"Handrail-4821739-739205-relay.example.org.exe", org + " 4821739 739 205"},
		{"Handrail-4821-relay.example.org.exe", org + " 4821 "},
		{"Handrail-relay.example.org.exe", org + " "},
		{"Handrail-4821-739205.exe", "- 4821 739 205"},
		{"Handrail-4821-739205-relay.example.org_8443.exe", org + ":8443 4821 739 205"},
		{"Handrail-4821-739205-relay.example.org_8443 (1).exe", org + ":8443 4821 739 205"},
		{"Handrail-4821-739205-127.0.0.1_8470", "http://127.0.0.1:8470 4821 739 205"},
		{"Handrail-4821-739205-localhost_8470", "http://localhost:8470 4821 739 205"},
		{"Handrail-4821-739205-192.0.2.7_8470.exe", "https://192.0.2.7:8470 4821 739 205"},
		{"Handrail-4821-739205-xn--pomo-jua.example.si.exe", "https://xn--pomo-jua.example.si 4821 739 205"},
		{"/Applications/Handrail-4821-739205-relay.example.org.app/Contents/MacOS/handrail-client", org + " 4821 739 205"},
		// What is missing a digit looks like a relay of that name, which the person is shown and does not know.
		{"Handrail-4821-73920-relay.example.org.exe", "https://73920-relay.example.org 4821 "},
		{"handrail-client", "- "},
		{"handrail-client.exe", "- "},
		{"handrail-client (1).exe", "- "},
		{"my program.exe", "- "},
		{"Handrail-.exe", "- "},
		{"Handrail-relay.example.org_99999.exe", "- "},
		{"Handrail-relay..org.exe", "- "},
		{"Handrail-http://evil.example.exe", "- "},
		{"Handrail-me@evil.example.exe", "- "},
		{strings.Repeat("Handrail-", 500), "- "},
	} {
		if got := fromName(c.name).words(); got != c.want {
			t.Errorf("%q gives %q, not %q", c.name, got, c.want)
		}
	}
}

func TestFromLink(t *testing.T) {
	for _, c := range []struct{ link, want string }{
		{"handrail:join?relay=https%3A%2F%2Frelay.example.org&code=4821739205", "https://relay.example.org 4821 739 205"},
		{"HANDRAIL:join?relay=relay.example.org:8443&code=4821", "https://relay.example.org:8443 4821 "},
		{"handrail://join/?code=4821-739-205", "- 4821 739 205"},
		{"handrail:join", "- "},
		{"handrail:join?relay=http://relay.example.org&code=1", "- "},
		{"handrail:join?relay=https://a@evil.example&code=--yes", "- "},
		{"https://relay.example.org/join/4821", "- "},
		{"handrail:" + strings.Repeat("x", 2000), "- "},
		{"handrail:%zz", "- "},
	} {
		if got := fromLink(c.link).words(); got != c.want {
			t.Errorf("%q gives %q, not %q", c.link, got, c.want)
		}
	}
}

// FuzzInvitation checks that whatever a name or link says, it gives a proper relay and digits or nothing.
func FuzzInvitation(f *testing.F) {
	f.Add("Handrail-4821-739205-relay.example.org_8443 (1).exe")
	f.Add("handrail:join?relay=relay.example.org&code=4821739205")
	f.Fuzz(func(t *testing.T, text string) {
		for _, i := range []invitation{fromName(text), fromLink(text)} {
			if i.Relay != nil {
				if u, err := url.Parse(i.Relay.String()); err != nil || u.User != nil || u.Path != "" || u.Scheme != "https" && u.Scheme != "http" {
					t.Errorf("%q gives the relay %q", text, i.Relay)
				}
			}
			if _, err := session.ParseCode(i.Code); i.Code != "" && err != nil && !routingOnly.MatchString(strings.TrimSpace(i.Code)) {
				t.Errorf("%q gives the code %q", text, i.Code)
			}
			if utf8.RuneCountInString(i.Code) > 20 {
				t.Errorf("%q gives the code %q", text, i.Code)
			}
		}
	})
}
