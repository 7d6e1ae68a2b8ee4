package link

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"

	"handrail/session/wire"
)

// Finding is what Examine saw at one step of the way to a relay.
type Finding struct {
	OK   bool
	Name string // of the sentence that people read, such as "tcp.refused"; see package ui/text
	// Pairs are what the sentence says besides: a place's name and its value, in turn.
	Pairs []any
	Err   error // the technical cause, if any
}

// stepTimeout bounds each step of an examination.
const stepTimeout = 8 * time.Second

// examination is an examination as it goes on.
type examination struct {
	relay  *url.URL
	proxy  *url.URL
	target string // host:port of the relay
	found  []Finding
}

// Examine goes the way to a relay step by step, as a session would: the proxy, the name, TCP, TLS, the relay itself, a
// WebSocket, a message there and back. It stops at the first step that fails. Nothing that it does counts as a try of a code.
func Examine(ctx context.Context, relay *url.URL) []Finding {
	e := &examination{relay: relay}
	if err := CheckSecure(relay); err != nil {
		e.bad(err, "insecure", "Address", relay.Redacted())
		return e.found
	}
	port := relay.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[relay.Scheme]
	}
	e.target = net.JoinHostPort(relay.Hostname(), port)
	for _, step := range []func(context.Context) bool{e.theProxy, e.theName, e.theConnection, e.theRelay, e.theLink} {
		limited, cancel := context.WithTimeout(ctx, stepTimeout)
		ok := step(limited)
		cancel()
		if !ok {
			break
		}
	}
	return e.found
}

// Well tells whether nothing is wrong.
func Well(found []Finding) bool {
	return !slices.ContainsFunc(found, func(f Finding) bool { return !f.OK })
}

func (e *examination) good(name string, pairs ...any) bool {
	e.found = append(e.found, Finding{OK: true, Name: name, Pairs: pairs})
	return true
}

func (e *examination) bad(err error, name string, pairs ...any) bool {
	e.found = append(e.found, Finding{Name: name, Pairs: pairs, Err: err})
	return false
}

// theProxy looks for a proxy, and goes through it.
func (e *examination) theProxy(ctx context.Context) bool {
	proxy, source, err := proxyFor(e.relay)
	if err != nil {
		return e.bad(err, "proxy.address")
	}
	if proxy == nil {
		if !environmentProxy() && theSystems().auto {
			return e.good("proxy.auto")
		}
		return e.good("proxy.none")
	}
	e.proxy = proxy
	shown := proxy.Host
	e.good("proxy."+string(source), "Proxy", shown)
	conn, err := dialVia(ctx, proxy, e.target)
	var told *wire.Error
	var network net.Error
	switch {
	case err == nil:
		conn.Close()
		return e.good("proxy.through", "Address", e.target)
	case errors.As(err, &told) && told.Reason == wire.ReasonProxyPassword:
		return e.bad(err, "proxy.password", "Proxy", shown)
	case errors.As(err, &network):
		return e.bad(err, "proxy.silent", "Proxy", shown)
	}
	return e.bad(err, "proxy.refuses", "Proxy", shown, "Address", e.target)
}

// theName looks the relay's name up. Behind a proxy that is the proxy's business.
func (e *examination) theName(ctx context.Context) bool {
	if e.proxy != nil || net.ParseIP(e.relay.Hostname()) != nil {
		return true
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, e.relay.Hostname())
	if err != nil {
		return e.bad(err, "name.unknown", "Name", e.relay.Hostname())
	}
	return e.good("name.known", "Name", e.relay.Hostname(), "Addresses", strings.Join(addresses, ", "))
}

// theConnection connects, and looks at the certificate.
func (e *examination) theConnection(ctx context.Context) bool {
	start := time.Now()
	conn, err := e.dial(ctx)
	if err != nil {
		return e.bad(err, "tcp.refused", "Address", e.target)
	}
	defer conn.Close()
	e.good("tcp.connected", "Address", e.target, "Ms", time.Since(start).Milliseconds())
	if e.relay.Scheme != "https" {
		return e.good("tls.none")
	}
	// The certificate is looked at below, in the same way, so that it can be told what is wrong with it.
	secure := tls.Client(conn, &tls.Config{ServerName: e.relay.Hostname(), InsecureSkipVerify: true}) //nolint:gosec // see above
	if err := secure.HandshakeContext(ctx); err != nil {
		return e.bad(err, "tls.failed")
	}
	return e.certificate(secure.ConnectionState())
}

func (e *examination) dial(ctx context.Context) (net.Conn, error) {
	if e.proxy != nil {
		return dialVia(ctx, e.proxy, e.target)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", e.target)
}

// inspectors are makers of what opens encrypted connections on their way: as they call themselves in certificates.
var inspectors = []string{
	"avast", "avg ", "barracuda", "bitdefender", "blue coat", "bluecoat", "broadcom", "burp", "charles proxy", "check point", "cisco umbrella",
	"clearswift", "eset", "fiddler", "forcepoint", "fortinet", "fortigate", "iboss", "kaspersky", "lightspeed", "mcafee", "menlo security",
	"mitmproxy", "netskope", "palo alto", "securly", "skyhigh", "smoothwall", "sonicwall", "sophos", "squid", "symantec web", "trend micro",
	"untangle", "watchguard", "websense", "zscaler",
}

// certificate says who vouches for the outer connection, and whether this computer believes that.
func (e *examination) certificate(state tls.ConnectionState) bool {
	leaf, others := state.PeerCertificates[0], x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		others.AddCert(c)
	}
	issuer := leaf.Issuer.CommonName
	if len(leaf.Issuer.Organization) > 0 && !strings.Contains(issuer, leaf.Issuer.Organization[0]) {
		issuer = strings.TrimPrefix(issuer+", "+leaf.Issuer.Organization[0], ", ")
	}
	issuer = shortText(issuer)
	_, err := leaf.Verify(x509.VerifyOptions{DNSName: e.relay.Hostname(), Intermediates: others})
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	switch {
	case errors.As(err, &name):
		return e.bad(err, "tls.name", "Name", e.relay.Hostname(), "Issuer", issuer)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return e.bad(err, "tls.time", "From", leaf.NotBefore.Format(time.DateOnly), "Until", leaf.NotAfter.Format(time.DateOnly))
	case err != nil:
		return e.bad(err, "tls.untrusted", "Issuer", issuer)
	}
	e.good("tls.trusted", "Version", tls.VersionName(state.Version), "Issuer", issuer, "Until", leaf.NotAfter.Format(time.DateOnly))
	lower := strings.ToLower(issuer)
	if slices.ContainsFunc(inspectors, func(maker string) bool { return strings.Contains(lower, maker) }) {
		return e.good("tls.inspected", "Issuer", issuer)
	}
	return true
}

// shortText is text from somebody else's certificate as it may be shown.
func shortText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > 80 {
		s = string(r[:80])
	}
	if s == "" {
		return "?"
	}
	return s
}

// theRelay asks whether a relay is there at all.
func (e *examination) theRelay(ctx context.Context) bool {
	client, err := newHTTPClient(e.relay)
	if err != nil {
		return e.bad(err, "proxy.address")
	}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint(e.relay, wire.HealthPath), nil)
	if err != nil {
		return e.bad(err, "relay.silent")
	}
	response, err := client.Do(request)
	if err != nil {
		return e.bad(err, "relay.silent")
	}
	defer response.Body.Close()
	var health wire.Health
	err = json.NewDecoder(io.LimitReader(response.Body, 4096)).Decode(&health)
	switch {
	case err != nil || health.Status == "" || response.Header.Get(wire.VersionHeader) == "":
		return e.bad(err, "relay.other", "Address", e.target)
	case health.Version != wire.Version:
		return e.bad(nil, "relay.version", "Theirs", health.Version, "Ours", wire.Version)
	}
	return e.good("relay.there")
}

// roundTrips is how often a message goes there and back; the shortest time counts.
const roundTrips = 5

// theLink opens a WebSocket and measures.
func (e *examination) theLink(ctx context.Context) bool {
	client, err := newHTTPClient(e.relay)
	if err != nil {
		return e.bad(err, "proxy.address")
	}
	defer client.CloseIdleConnections()
	conn, _, err := websocket.Dial(ctx, endpoint(e.relay, wire.LinkPath), &websocket.DialOptions{
		HTTPClient: client, Subprotocols: []string{wire.Subprotocol},
	})
	if err != nil {
		return e.bad(err, "websocket.blocked")
	}
	defer conn.CloseNow()
	e.good("websocket.through")
	ctx = conn.CloseRead(ctx)
	shortest := time.Hour
	for range roundTrips {
		start := time.Now()
		if err := conn.Ping(ctx); err != nil {
			return e.bad(err, "time.silent")
		}
		shortest = min(shortest, time.Since(start))
	}
	return e.good("time.measured", "Ms", shortest.Round(time.Millisecond).Milliseconds())
}
