package relay

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"handrail/session/wire"
)

func TestForwarded(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct{ from, header, want string }{
		{"10.1.2.3:9", "203.0.113.5", "203.0.113.5:0"},
		{"10.1.2.3:9", "1.1.1.1, 203.0.113.5, 10.9.9.9", "203.0.113.5:0"}, // the first was written by the client
		{"10.1.2.3:9", "2001:db8::1", "[2001:db8::1]:0"},
		{"[::1]:9", "203.0.113.5", "203.0.113.5:0"},
		{"10.1.2.3:9", "", "10.1.2.3:9"},
		{"10.1.2.3:9", "nonsense", "10.1.2.3:9"},
		{"10.1.2.3:9", "203.0.113.5, nonsense", "10.1.2.3:9"},
		{"198.51.100.7:9", "203.0.113.5", "198.51.100.7:9"}, // not a trusted proxy
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.from
		if c.header != "" {
			r.Header.Set("X-Forwarded-For", c.header)
		}
		got := ""
		forwarded(trusted, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%s, %q: %s instead of %s", c.from, c.header, got, c.want)
		}
	}
}

// TestMetrics looks for what a session leaves in the counters.
func TestMetrics(t *testing.T) {
	r := newRig(t)
	r.pair()
	w := httptest.NewRecorder()
	r.srv.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, line := range []string{
		`handrail_sessions{state="waiting"} 1`, "handrail_links 2", "handrail_links_opened_total 2", "handrail_joins_total 1", "handrail_sign_ins_total 1",
	} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("no %q in\n%s", line, w.Body)
		}
	}
}

// TestSlowMode tries codes that do not exist until joining takes longer, for everybody, and right codes still work.
func TestSlowMode(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Limits.Unknown = Rate{Burst: 3, Every: time.Hour}
		c.Times.Slow = 300 * time.Millisecond
	})
	token := r.signIn()
	s := r.newSession(token)
	other := "0000"
	if s.Routing == other {
		other = "0001"
	}
	for i := range 4 {
		start := time.Now()
		r.customer(other).expect(wire.Refused, wire.ReasonUnknownCode)
		if took := time.Since(start); i == 3 && took < 300*time.Millisecond {
			t.Errorf("the fourth try took %v", took)
		}
	}
	op := r.operator(token, s.ID)
	op.expect(wire.Welcome, "")
	r.customer(s.Routing).expect(wire.Welcome, "")
}
