package settings

import (
	"errors"
	"net/url"
	"strings"
)

// ErrProxy is what ParseProxy says about an address that is none.
var ErrProxy = errors.New("the proxy's address is not one; it looks like http://proxy.example.org:3128")

// ParseProxy reads the address of an HTTP proxy: a host and port, with http:// or https:// before it or without, and
// perhaps with a name and password.
func ParseProxy(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
		return nil, ErrProxy // the address itself may have a password in it
	}
	return u, nil
}
