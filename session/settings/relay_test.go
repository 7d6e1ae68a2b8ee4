package settings

import (
	"errors"
	"strings"
	"testing"
)

func TestParseRelay(t *testing.T) {
	for _, c := range []struct {
		address, want string
	}{
		{"relay.example.org", "https://relay.example.org"},
		{"  Relay.Example.org \n", "https://relay.example.org"},
		{"relay.example.org:8443", "https://relay.example.org:8443"},
		{"relay.example.org/", "https://relay.example.org"},
		{"https://relay.example.org", "https://relay.example.org"},
		{"HTTPS://relay.example.org/", "https://relay.example.org"},
		{"https://192.0.2.7:8470", "https://192.0.2.7:8470"},
		{"192.0.2.7", "https://192.0.2.7"},
		{"https://[2001:db8::1]:8470", "https://[2001:db8::1]:8470"},
		{"[2001:db8::1]", "https://[2001:db8::1]"},
		{"pomoč.example.si", "https://xn--pomo-jua.example.si"},
		{"localhost:8470", "https://localhost:8470"},
		{"http://localhost:8470", "http://localhost:8470"},
		{"http://LOCALHOST", "http://localhost"},
		{"http://127.0.0.1:8470", "http://127.0.0.1:8470"},
		{"http://127.9.9.9", "http://127.9.9.9"},
		{"http://[::1]:8470", "http://[::1]:8470"},
		{"http://[::ffff:127.0.0.1]", "http://[::ffff:127.0.0.1]"},
	} {
		u, err := ParseRelay(c.address)
		if err != nil {
			t.Errorf("%q: %v", c.address, err)
		} else if u.String() != c.want {
			t.Errorf("%q gives %q, not %q", c.address, u, c.want)
		}
	}
}

func TestParseRelayRefuses(t *testing.T) {
	for _, c := range []struct {
		address string
		kind    error
		says    string
	}{
		{"", ErrAddress, "missing"},
		{" \t", ErrAddress, "missing"},
		{"http://relay.example.org", ErrInsecure, "does not use https"},
		{"http://192.0.2.7:8470", ErrInsecure, "does not use https"},
		{"http://127.0.0.1.example.org", ErrInsecure, "does not use https"},
		{"http://localhost.example.org", ErrInsecure, "does not use https"},
		{"http://0.0.0.0", ErrInsecure, "does not use https"},
		{"http://127.1", ErrInsecure, "does not use https"},
		{"http://[2001:db8::1]", ErrInsecure, "does not use https"},
		{"http://localhost@relay.example.org", ErrAddress, "user name"},
		{"https://me:secret@relay.example.org", ErrAddress, "user name"},
		{"ftp://relay.example.org", ErrAddress, "must begin with https://"},
		{"wss://relay.example.org", ErrAddress, "must begin with https://"},
		{"file:///etc/passwd", ErrAddress, "is not a relay's address"},
		{"https://", ErrAddress, "is not a relay's address"},
		{"https://relay.example.org:", ErrAddress, "is not a relay's address"},
		{"https://relay.example.org:0", ErrAddress, "is not a relay's address"},
		{"https://relay.example.org:70000", ErrAddress, "is not a relay's address"},
		{"https://relay.example.org:x", ErrAddress, "is not a relay's address"},
		{"my relay", ErrAddress, "is not a relay's address"},
		{"²³Ⅳ\u0300.org", ErrAddress, "is not a relay's address"},
		{"relay..org", ErrAddress, "is not a relay's address"},
		{"-relay.org", ErrAddress, "is not a relay's address"},
		{"http://[::1%25lo]", ErrAddress, "is not a relay's address"},
		{"https://relay.example.org/join", ErrAddress, "leave out"},
		{"https://relay.example.org?x=1", ErrAddress, "leave out"},
		{"https://relay.example.org?", ErrAddress, "leave out"},
		{"https://relay.example.org#", ErrAddress, "leave out"},
		{"https://relay.example.org/join/4821#739205", ErrAddress, "leave out"},
		{strings.Repeat("a.", 200) + "org", ErrAddress, "is not a relay's address"},
	} {
		u, err := ParseRelay(c.address)
		var refused *RelayError
		if !errors.As(err, &refused) || !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, %v", c.address, u, err)
		} else if refused.Address != c.address || !strings.HasSuffix(err.Error(), ".") {
			t.Errorf("%q: %#v", c.address, refused)
		}
	}
}

func FuzzParseRelay(f *testing.F) {
	for _, s := range []string{"relay.example.org", "http://[::1]:8470", "http://relay.example.org", "x://y@z/#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, address string) {
		u, err := ParseRelay(address)
		if err != nil {
			return
		}
		again, err := ParseRelay(u.String())
		if err != nil || again.String() != u.String() {
			t.Errorf("%q gives %q, which gives %v, %v", address, u, again, err)
		}
		if u.Scheme == "http" && !loopback(u.Hostname()) {
			t.Errorf("%q gives %q", address, u)
		}
	})
}
