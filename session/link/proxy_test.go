package link

import (
	"net/url"
	"strings"
	"testing"
)

// TestDigest is the example of RFC 7616 section 3.9.1, for another method and with what is random left out.
func TestDigest(t *testing.T) {
	p := parameters(`realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`)
	if p["realm"] != "http-auth@example.org" || p["qop"] != "auth, auth-int" || p["algorithm"] != "SHA-256" || !strings.HasPrefix(p["opaque"], "FQhe/") {
		t.Errorf("%q", p)
	}
	answer, err := digest(p, "Mufasa", "Circle of Life", "relay.example.org:443")
	if err != nil || !strings.Contains(answer, `username="Mufasa"`) || !strings.Contains(answer, "algorithm=SHA-256") || !strings.Contains(answer, `uri="relay.example.org:443"`) {
		t.Error(answer, err)
	}
	if _, err := authorize([]string{"Negotiate", "NTLM"}, url.UserPassword("a", "b"), "x:1"); err == nil {
		t.Error("signed in by NTLM")
	}
	if got, err := authorize([]string{`Basic realm="x"`}, url.UserPassword("a", "b"), "x:1"); got != "Basic YTpi" || err != nil {
		t.Error(got, err)
	}
}

func FuzzParameters(f *testing.F) {
	f.Add(`realm="a\"b", nonce=c, qop="auth"`)
	f.Add(`=,="`)
	f.Fuzz(func(_ *testing.T, text string) { parameters(text) })
}
