package link

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"handrail/session/wire"
)

func FuzzNotice(f *testing.F) {
	for _, n := range []wire.Notice{
		{Type: wire.Welcome, Version: wire.Version, Session: "x", Relays: []string{"https://a.example.org"}},
		{Type: wire.Refused, Reason: wire.ReasonElsewhere, Relay: "https://b.example.org"},
		{Type: wire.Ended, Reason: wire.ReasonStopping, After: 5000},
		{Type: wire.Paired, OperatorName: "Help desk", Try: 1, Resume: "y"},
	} {
		data, err := json.Marshal(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	named, err := url.Parse("https://relay.example.org")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		notice, err := parseNotice(data)
		if err == nil && (notice.Type == wire.Refused || notice.Type == wire.Ended) {
			t.Errorf("a link that ends is taken for one that goes on: %+v", notice)
		}
		var told *wire.Error
		if e, ok := err.(*wire.Error); ok { //nolint:errorlint // it gives nothing else
			told = e
		}
		if told != nil && (told.After < 0 || told.After > maxAfter*time.Millisecond) {
			t.Errorf("away for %v", told.After)
		}
		if next := elsewhere(named, err); next != nil && (next.Scheme != "https" || next.User != nil || isLoopback(next.Hostname())) {
			t.Errorf("sent to %v", next)
		}
		r := relays{others: map[string][]*url.URL{}}
		r.learn(named, named, notice.Relays)
		for _, other := range r.others[named.String()] {
			if other.Scheme != "https" || isLoopback(other.Hostname()) {
				t.Errorf("%v is trusted", other)
			}
		}
		if len(r.others[named.String()]) > maxRelays+1 {
			t.Errorf("%d relays are remembered", len(r.others[named.String()]))
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add(200, "1", []byte(`{"token":"x","name":"y","relays":["https://a.example.org"]}`))
	f.Add(401, "1", []byte(`{"reason":"sign_in","text":"no"}`))
	f.Add(404, "", []byte("<h1>Not found</h1>"))
	f.Fuzz(func(t *testing.T, status int, version string, data []byte) {
		var answer wire.SignedIn
		response := &http.Response{StatusCode: status, Header: http.Header{wire.VersionHeader: {version}}}
		if err := readAnswer(response, data, &answer); err == nil && (version != "1" || status >= 300) {
			t.Errorf("status %d of version %q is taken for an answer", status, version)
		}
	})
}

func FuzzSystem(f *testing.F) {
	for _, text := range []string{gnome, kde, mac, string(winHTTP(3, "proxy:1", "a;b")), "http:#000://0", "https=:1"} {
		f.Add(text)
	}
	relay, err := url.Parse("https://relay.example.org")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range []systemSetting{
			parseGNOME(text), parseKDE(text), parseMac(text), parseWinHTTP([]byte(text)), parseWindows(true, text, text, ""),
		} {
			if proxy := s.proxyFor(relay); proxy != nil && proxy.Hostname() == "" {
				t.Errorf("a proxy without a name: %q", proxy)
			}
		}
	})
}
