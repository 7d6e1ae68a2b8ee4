package link

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"handrail/session/wire"
)

func TestRelaysThatAreNotTrusted(t *testing.T) {
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"https://a.example.org", "https://b.example.org", true},
		{"https://a.example.org", "https://b.example.org/relay?x=1#y", true},
		{"http://127.0.0.1:1", "http://127.0.0.1:2", true},
		{"https://a.example.org", "http://127.0.0.1:2", false},
		{"https://a.example.org", "https://127.0.0.1:2", false},
		{"https://a.example.org", "https://localhost", false},
		{"https://a.example.org", "http://b.example.org", false},
		{"http://127.0.0.1:1", "http://b.example.org", false},
		{"https://a.example.org", "https://name:password@b.example.org", false},
		{"https://a.example.org", "", false},
		{"https://a.example.org", "file:///etc/passwd", false},
		{"https://a.example.org", "https://[::1", false},
	} {
		from, err := url.Parse(c.from)
		if err != nil {
			t.Fatal(err)
		}
		to := trusted(from, c.to)
		if (to != nil) != c.ok || to != nil && (to.RawQuery != "" || to.Fragment != "") {
			t.Errorf("%s from %s: %v", c.to, c.from, to)
		}
	}
}

func TestAnotherRelayIsTried(t *testing.T) {
	named, _ := url.Parse("https://a.example.org")
	r := relays{others: map[string][]*url.URL{}}
	r.learn(named, named, []string{"https://b.example.org", "http://c.example.org", "https://d.example.org"})
	dead, burnt := wire.Fail(wire.ReasonUnreachable, nil), wire.Fail(wire.ReasonUnknownCode, nil)
	for _, c := range []struct {
		answers map[string]error
		asked   int
		want    error
	}{
		{map[string]error{"a.example.org": nil}, 1, nil},
		{map[string]error{"a.example.org": dead, "b.example.org": nil}, 2, nil},
		{map[string]error{"a.example.org": dead, "b.example.org": burnt}, 2, burnt},
		{map[string]error{"a.example.org": burnt}, 1, burnt},
		{map[string]error{"a.example.org": dead, "b.example.org": dead, "d.example.org": dead}, 3, dead},
	} {
		asked := 0
		err := r.each(named, func(at *url.URL, limit time.Duration) error {
			asked++
			if limit >= connectTimeout {
				t.Errorf("%v has as long as if there were no other", at)
			}
			return c.answers[at.Host]
		})
		if asked != c.asked || !errors.Is(err, c.want) {
			t.Errorf("%v: asked %d, %v", c.answers, asked, err)
		}
	}
	// Another one that answers is remembered as well as what it says.
	b, _ := url.Parse("https://b.example.org")
	r.learn(named, b, []string{"https://a.example.org"})
	if others := r.others[named.String()]; len(others) != 1 || others[0].Host != "b.example.org" {
		t.Errorf("%v", others)
	}
	r.learn(named, named, nil)
	if len(r.others[named.String()]) != 1 {
		t.Error("nothing said, and all was forgotten")
	}
}
