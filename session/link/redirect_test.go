package link

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"handrail/session/wire"
)

// TestRedirectsAreNotFollowed has something that the system trusts answer in a relay's place and lead elsewhere: without TLS,
// where password and token would be said in the open, to another server with TLS, and in a circle.
func TestRedirectsAreNotFollowed(t *testing.T) {
	direct(t)
	var heard atomic.Int32
	listen := func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		t.Logf("%s %s was told %q %q", r.Method, r.URL, body, r.Header.Get("Authorization"))
		heard.Add(1)
	}
	plain := httptest.NewServer(http.HandlerFunc(listen))
	t.Cleanup(plain.Close)
	secure := func(h http.HandlerFunc) string {
		s := httptest.NewUnstartedServer(h)
		s.TLS = &tls.Config{Certificates: []tls.Certificate{box}}
		s.Config.ErrorLog = quiet
		s.StartTLS()
		t.Cleanup(s.Close)
		return s.URL
	}
	other := secure(listen)
	for name, to := range map[string]string{"without TLS": plain.URL, "another server": other, "itself": ""} {
		for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
			heard.Store(0)
			var asked atomic.Int32
			relay, err := url.Parse(secure(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				w.Header().Set("Location", to+r.URL.Path)
				w.Header().Set(wire.VersionHeader, "1")
				w.WriteHeader(status)
			}))
			if err != nil {
				t.Fatal(err)
			}
			api, err := NewAPI(relay)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(api.Close)
			_, err = api.SignIn(t.Context(), "desk1", "correct horse")
			_, dialled := follow(t.Context(), relay, wire.Hello{Role: wire.Operator, Session: "1", Token: "secret"}, 5*time.Second)
			for what, err := range map[string]error{"signing in": err, "a link": dialled} {
				if !errors.Is(err, wire.Fail(wire.ReasonNotARelay, nil)) || !strings.Contains(err.Error(), "not followed") {
					t.Errorf("%s, %d, %s: %v", name, status, what, err)
				}
			}
			if n := heard.Load(); n != 0 {
				t.Errorf("%s, %d: %d requests went there", name, status, n)
			}
			if n := asked.Load(); n != 2 {
				t.Errorf("%s, %d: it was asked %d times, not twice", name, status, n)
			}
			if found := steps(Examine(t.Context(), relay)); !strings.HasSuffix(found, "!relay.other") || heard.Load() != 0 {
				t.Errorf("%s, %d: the examination says %s", name, status, found)
			}
		}
	}
}
