package settings

import "testing"

func TestParseProxy(t *testing.T) {
	for text, want := range map[string]string{
		"proxy.example.org:3128":        "http://proxy.example.org:3128",
		"http://a:b@proxy.example.org":  "http://a:b@proxy.example.org",
		"https://proxy.example.org:443": "https://proxy.example.org:443",
		"ftp://proxy.example.org":       "",
		"http://":                       "",
		"http://proxy/path":             "",
		":::":                           "",
	} {
		got, err := ParseProxy(text)
		if (err == nil) != (want != "") || err == nil && got.String() != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
