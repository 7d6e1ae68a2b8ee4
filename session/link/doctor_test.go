package link

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"handrail/session/wire"
)

// steps are the names of what was found; a step that failed begins with a mark.
func steps(found []Finding) string {
	var names []string
	for _, f := range found {
		name := f.Name
		if !f.OK {
			name = "!" + name
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

// aRelay answers as a relay does, as far as an examination goes.
func aRelay(version int, sockets bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(wire.HealthPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(wire.VersionHeader, fmt.Sprint(version))
		fmt.Fprintf(w, `{"status":"ok","version":%d}`, version)
	})
	if sockets {
		mux.HandleFunc(wire.LinkPath, func(w http.ResponseWriter, r *http.Request) {
			conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{wire.Subprotocol}})
			if err == nil {
				conn.Read(r.Context())
				conn.CloseNow()
			}
		})
	}
	return mux
}

func direct(t *testing.T) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "XDG_CURRENT_DESKTOP"} {
		t.Setenv(name, "")
	}
}

// TestExamineSaysWhereItFails breaks the way at each of its steps.
func TestExamineSaysWhereItFails(t *testing.T) {
	direct(t)
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	plain := func(h http.Handler) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	for name, c := range map[string]struct {
		address string
		want    string
	}{
		"all is well":       {plain(aRelay(wire.Version, true)), "proxy.none tcp.connected tls.none relay.there websocket.through time.measured"},
		"no https":          {"http://relay.example.org", "!insecure"},
		"no such name":      {"https://relay.invalid", "proxy.none !name.unknown"},
		"nothing listens":   {"http://" + gone.Addr().String(), "proxy.none !tcp.refused"},
		"a website":         {plain(http.NotFoundHandler()), "proxy.none tcp.connected tls.none !relay.other"},
		"another version":   {plain(aRelay(wire.Version+1, true)), "proxy.none tcp.connected tls.none !relay.version"},
		"no WebSocket":      {plain(aRelay(wire.Version, false)), "proxy.none tcp.connected tls.none relay.there !websocket.blocked"},
		"no TLS at the end": {strings.Replace(plain(aRelay(wire.Version, true)), "http:", "https:", 1), "proxy.none tcp.connected !tls.failed"},
	} {
		u, err := url.Parse(c.address)
		if err != nil {
			t.Fatal(err)
		}
		found := Examine(t.Context(), u)
		if got := steps(found); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
		if Well(found) != !strings.Contains(c.want, "!") {
			t.Errorf("%s: well is %v", name, Well(found))
		}
	}
}

// authority makes certificates in somebody's name, for a server on loopback.
func authority(name, host string, until time.Time) (leaf tls.Certificate, root []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return leaf, nil, err
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name, Organization: []string{name}}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, ca, ca, key.Public(), key)
	if err != nil {
		return leaf, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca, key.Public(), key)
	if err != nil {
		return leaf, nil, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), nil
}

// TestExamineNamesWhoOpensTheOuterConnection puts boxes between that show certificates of their own. The system trusts the
// first one, as an office's computers trust the office's box.
func TestExamineNamesWhoOpensTheOuterConnection(t *testing.T) {
	direct(t)
	soon := time.Now().Add(30 * time.Minute)
	shown := func(issuer, host string, until time.Time) tls.Certificate {
		leaf, _, err := authority(issuer, host, until)
		if err != nil {
			t.Fatal(err)
		}
		return leaf
	}
	for name, c := range map[string]struct {
		shown  tls.Certificate
		want   string
		issuer string
	}{
		"a box that the system trusts": {box, "proxy.none tcp.connected tls.trusted tls.inspected relay.there websocket.through time.measured", "Fortinet Office Box"},
		"one that it does not":         {shown("Somebody\nelse\u202e", "127.0.0.1", soon), "proxy.none tcp.connected !tls.untrusted", "Somebodyelse"},
		"for another name":             {shown("Other", "elsewhere.example.org", soon), "proxy.none tcp.connected !tls.name", "Other"},
		"too old":                      {shown("Old", "127.0.0.1", time.Now().Add(-time.Hour)), "proxy.none tcp.connected !tls.time", ""},
	} {
		if strings.Contains(c.want, "tls.trusted") && runtime.GOOS != "linux" {
			continue // it does not trust what TestMain has made
		}
		server := httptest.NewUnstartedServer(aRelay(wire.Version, true))
		server.TLS = &tls.Config{Certificates: []tls.Certificate{c.shown}}
		server.Config.ErrorLog = quiet
		server.StartTLS()
		u, _ := url.Parse(server.URL)
		found := Examine(t.Context(), u)
		server.Close()
		if got := steps(found); got != c.want {
			t.Errorf("%s: %s\nwant %s: %v", name, got, c.want, found[len(found)-1].Err)
		}
		if c.issuer != "" && !strings.Contains(fmt.Sprint(found), c.issuer) {
			t.Errorf("%s: the issuer is not named: %v", name, found)
		}
	}
}
