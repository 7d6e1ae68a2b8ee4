package link

import (
	"bufio"
	"context"
	"crypto/md5" //nolint:gosec // RFC 7616 has it, and old proxies know nothing else
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"golang.org/x/net/http/httpproxy"

	"handrail/session/wire"
)

// ownProxy is the proxy that was set by UseProxy.
var ownProxy atomic.Pointer[url.URL]

// UseProxy sends everything to relays through this HTTP proxy from now on, whatever the environment says; nil goes
// back to the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY) or, where that names none, the system's settings. A name and
// password may be in the address.
func UseProxy(proxy *url.URL) { ownProxy.Store(proxy) }

// ProxySource is who has named a proxy.
type ProxySource string

// The sources of a proxy, the one that counts most first.
const (
	FromSettings    ProxySource = "settings" // UseProxy
	FromEnvironment ProxySource = "environment"
	FromSystem      ProxySource = "system"
)

// proxyFor is the proxy for a relay and who has named it, or nil.
func proxyFor(relay *url.URL) (*url.URL, ProxySource, error) {
	if proxy := ownProxy.Load(); proxy != nil {
		return proxy, FromSettings, nil
	}
	if !environmentProxy() {
		return theSystems().proxyFor(relay), FromSystem, nil
	}
	proxy, err := httpproxy.FromEnvironment().ProxyFunc()(relay)
	if err != nil {
		return nil, "", wire.Fail(wire.ReasonProxy, err)
	}
	return proxy, FromEnvironment, nil
}

// maxChallenge bounds a proxy's answer to CONNECT, in bytes.
const maxChallenge = 32 << 10

// dialVia opens a connection to target through a proxy with CONNECT, signing in where the proxy asks for it.
func dialVia(ctx context.Context, proxy *url.URL, target string) (net.Conn, error) {
	conn, answer, err := connect(ctx, proxy, target, "")
	if err != nil {
		return nil, err
	}
	if answer.StatusCode == http.StatusProxyAuthRequired && proxy.User != nil {
		conn.Close()
		authorization, aerr := authorize(answer.Header.Values("Proxy-Authenticate"), proxy.User, target)
		if aerr != nil {
			return nil, wire.Fail(wire.ReasonProxyPassword, aerr)
		}
		if conn, answer, err = connect(ctx, proxy, target, authorization); err != nil {
			return nil, err
		}
	}
	if answer.StatusCode == http.StatusOK {
		return conn, nil
	}
	conn.Close()
	if answer.StatusCode == http.StatusProxyAuthRequired || answer.StatusCode == http.StatusUnauthorized { // tinyproxy says the latter
		return nil, wire.Fail(wire.ReasonProxyPassword, errors.New(answer.Status))
	}
	return nil, wire.Fail(wire.ReasonProxy, errors.New(answer.Status))
}

// connect asks a proxy once. The connection is to be closed unless the answer is OK.
func connect(ctx context.Context, proxy *url.URL, target, authorization string) (net.Conn, *http.Response, error) {
	conn, err := dialProxy(ctx, proxy)
	if err != nil {
		return nil, nil, wire.Fail(wire.ReasonProxy, err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	var question strings.Builder
	fmt.Fprintf(&question, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", target, target)
	if authorization != "" {
		fmt.Fprintf(&question, "Proxy-Authorization: %s\r\n", authorization)
	}
	question.WriteString("\r\n")
	if _, err := io.WriteString(conn, question.String()); err != nil {
		conn.Close()
		return nil, nil, wire.Fail(wire.ReasonProxy, err)
	}
	// Nothing comes after the answer before we have sent something, so the buffer takes nothing of the tunnel.
	answer, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, maxChallenge)), &http.Request{Method: http.MethodConnect})
	if err != nil {
		conn.Close()
		return nil, nil, wire.Fail(wire.ReasonProxy, err)
	}
	return conn, answer, nil
}

func dialProxy(ctx context.Context, proxy *url.URL) (net.Conn, error) {
	port := proxy.Port()
	if port == "" {
		port = map[string]string{"https": "443"}[proxy.Scheme]
	}
	if port == "" {
		port = "80"
	}
	address := net.JoinHostPort(proxy.Hostname(), port)
	switch proxy.Scheme {
	case "http":
		return (&net.Dialer{Control: wire.ShortQueue}).DialContext(ctx, "tcp", address)
	case "https":
		return (&tls.Dialer{NetDialer: &net.Dialer{Control: wire.ShortQueue}}).DialContext(ctx, "tcp", address)
	}
	return nil, fmt.Errorf("a proxy by %q", proxy.Scheme)
}

// authorize answers a proxy's challenges: Digest if it is offered, since it keeps the password, else Basic.
func authorize(challenges []string, user *url.Userinfo, target string) (string, error) {
	password, _ := user.Password()
	basic := false
	for _, challenge := range challenges {
		scheme, rest, _ := strings.Cut(challenge, " ")
		switch strings.ToLower(scheme) {
		case "digest":
			return digest(parameters(rest), user.Username(), password, target)
		case "basic":
			basic = true
		}
	}
	if !basic {
		return "", fmt.Errorf("the proxy wants to be signed in to in another way: %q", challenges)
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)), nil
}

// digest is the answer to a Digest challenge for CONNECT (RFC 7616).
func digest(p map[string]string, user, password, target string) (string, error) {
	algorithm := p["algorithm"]
	var sum func() hash.Hash
	switch strings.ToUpper(algorithm) {
	case "", "MD5":
		sum = md5.New
	case "SHA-256":
		sum = sha256.New
	default:
		return "", fmt.Errorf("the proxy's digest is %q", algorithm)
	}
	h := func(parts ...string) string {
		s := sum()
		io.WriteString(s, strings.Join(parts, ":"))
		return hex.EncodeToString(s.Sum(nil))
	}
	ha1, ha2 := h(user, p["realm"], password), h(http.MethodConnect, target)
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	answer := fmt.Sprintf(`Digest username="%s", realm="%s", nonce="%s", uri="%s"`,
		quoted.Replace(user), quoted.Replace(p["realm"]), quoted.Replace(p["nonce"]), target)
	if p["qop"] == "" {
		answer += fmt.Sprintf(`, response="%s"`, h(ha1, p["nonce"], ha2))
	} else {
		var random [8]byte
		rand.Read(random[:]) // never fails
		cnonce := hex.EncodeToString(random[:])
		answer += fmt.Sprintf(`, qop=auth, nc=00000001, cnonce="%s", response="%s"`, cnonce, h(ha1, p["nonce"], "00000001", cnonce, "auth", ha2))
	}
	if algorithm != "" {
		answer += ", algorithm=" + algorithm
	}
	if opaque := p["opaque"]; opaque != "" {
		answer += fmt.Sprintf(`, opaque="%s"`, quoted.Replace(opaque))
	}
	return answer, nil
}

// parameters reads name=value pairs separated by commas; values may be in quotes.
func parameters(text string) map[string]string {
	p := map[string]string{}
	for text = strings.TrimLeft(text, " ,"); text != ""; text = strings.TrimLeft(text, " ,") {
		name, rest, ok := strings.Cut(text, "=")
		if !ok {
			break
		}
		var value strings.Builder
		if strings.HasPrefix(rest, `"`) {
			i := 1
			for ; i < len(rest) && rest[i] != '"'; i++ {
				if rest[i] == '\\' && i+1 < len(rest) {
					i++
				}
				value.WriteByte(rest[i])
			}
			text = rest[min(i+1, len(rest)):]
		} else {
			var v string
			v, text, _ = strings.Cut(rest, ",")
			value.WriteString(strings.TrimSpace(v))
		}
		p[strings.ToLower(strings.TrimSpace(name))] = value.String()
	}
	return p
}
