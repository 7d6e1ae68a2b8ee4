package settings

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// What can be wrong with a relay's address, for errors.Is. The error itself is a sentence for a person.
var (
	// ErrAddress is an address that cannot be one.
	ErrAddress = errors.New("not a relay's address")
	// ErrInsecure is an address without TLS that is not on this computer.
	ErrInsecure = errors.New("a relay's address without https")
)

// RelayError is what ParseRelay refuses.
type RelayError struct {
	Address string // as it was given
	Problem string // a sentence
	Kind    error  // ErrAddress or ErrInsecure
}

func (e *RelayError) Error() string { return e.Problem }

// Unwrap makes errors.Is find the kind.
func (e *RelayError) Unwrap() error { return e.Kind }

// ParseRelay checks a relay's address as people write it, and gives it in one form: scheme and host, with the
// port if it was given, without a path.
//
//	relay.example.org            https, as if written
//	https://relay.example.org:8443
//	http://localhost:8470        only for this computer: localhost, 127.0.0.0/8, ::1
//
// Errors are *RelayError.
func ParseRelay(address string) (*url.URL, error) {
	refuse := func(kind error, format string, a ...any) (*url.URL, error) {
		return nil, &RelayError{Address: address, Problem: fmt.Sprintf(format, a...), Kind: kind}
	}
	text := strings.TrimSpace(address)
	if text == "" {
		return refuse(ErrAddress, "The relay's address is missing. It looks like relay.example.org.")
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || !validHost(u.Hostname()) || !validPort(u) {
		return refuse(ErrAddress, "%q is not a relay's address. It looks like relay.example.org or https://relay.example.org:8443.", address)
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return refuse(ErrAddress, "The relay's address %q begins with %s://, but must begin with https://.", address, u.Scheme)
	}
	if u.User != nil {
		return refuse(ErrAddress, "The relay's address %q has a user name in it. Please leave that out.", address)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#") {
		return refuse(ErrAddress, "The relay's address %q has more than a name and a port. Please leave out what comes after them.", address)
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return refuse(ErrInsecure, "The relay's address %q does not use https. Without it only a relay on this computer is allowed, such as http://localhost:8470.", address)
	}
	host, err := hostName(u.Hostname())
	if err != nil {
		return refuse(ErrAddress, "%q is not a relay's address: %q cannot be a computer's name.", address, u.Hostname())
	}
	if u.Port() != "" {
		host = net.JoinHostPort(strings.Trim(host, "[]"), u.Port())
	}
	return &url.URL{Scheme: u.Scheme, Host: host}, nil
}

// hostName gives the host in the form that goes into DNS and certificates (RFC 5891), an IPv6 address in
// brackets.
func hostName(host string) (string, error) {
	if strings.Contains(host, ":") {
		return "[" + host + "]", nil
	}
	for _, r := range host {
		if r >= 0x80 {
			return idna.Lookup.ToASCII(host)
		}
	}
	return strings.ToLower(host), nil
}

// loopback tells whether the host is this computer by its form alone; no name is looked up, since the answer
// could come from anybody.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Zone() == "" && ip.Unmap().IsLoopback()
}

// validHost is about typing mistakes; whether the host exists shows when it is dialled.
func validHost(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Zone() == ""
	}
	if len(host) > 253 { // RFC 1035 section 2.3.4, in text
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		for _, r := range label {
			if r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
				return false
			}
		}
	}
	return true
}

// validPort wants a port from 1 to 65535, or none.
func validPort(u *url.URL) bool {
	if u.Port() == "" {
		_, _, err := net.SplitHostPort(u.Host)
		return err != nil // "host:" has a port, and it is empty
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && n > 0
}
