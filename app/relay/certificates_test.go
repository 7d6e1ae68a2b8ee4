//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"

	"handrail/session/wire"
)

// domain is the name for which certificates are asked for. Only the authority's own name server knows it.
const domain = "relay.example.org"

// authority is Pebble, the ACME server that Let's Encrypt tests clients with, on loopback.
type authority struct {
	t         *testing.T
	directory string // its address
	root      string // file with the root of its own TLS
	issued    *x509.CertPool
	web       *httptest.Server
	open      func(port int)
}

// newAuthority starts an authority whose certificates are good for this long. It answers once open has been called with the
// port at which it is to look for the relay.
func newAuthority(t *testing.T, lifetime time.Duration) *authority {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	a := &authority{t: t, issued: x509.NewCertPool()}
	var handler http.Handler
	opened := make(chan struct{})
	a.web = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-opened:
			handler.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(a.web.Close)
	a.directory = a.web.URL + wfe.DirectoryPath
	a.root = filepath.Join(t.TempDir(), "root.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.web.Certificate().Raw})
	if err := os.WriteFile(a.root, text, 0o600); err != nil {
		t.Fatal(err)
	}
	quiet, store := log.New(io.Discard, "", 0), db.NewMemoryStore()
	issuer := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{
		"default": {Description: "the only one", ValidityPeriod: uint64(lifetime.Seconds())},
	})
	a.issued.AddCert(issuer.GetRootCert(0).Cert)
	names := nameServer(t)
	a.open = func(port int) {
		front := wfe.New(quiet, store, va.New(quiet, 1, port, false, names, store), issuer, []string{"pebble.letsencrypt.org"}, false, false, 1, 1)
		handler = front.Handler()
		close(opened)
	}
	return a
}

// nameServer says that every name is this computer's.
func nameServer(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{Listener: listener, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		answer := new(dns.Msg).SetReply(q)
		if q.Question[0].Qtype == dns.TypeA {
			answer.Answer = append(answer.Answer, &dns.A{
				Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(127, 0, 0, 1),
			})
		}
		_ = w.WriteMsg(answer)
	})}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown(); listener.Close(); <-served })
	return listener.Addr().String()
}

// serve starts a relay that gets its certificate from the authority, in dir.
func (a *authority) serve(dir string) (port string, stop func() string) {
	a.t.Helper()
	address, stop := serve(a.t, dir, "--domain", domain, "--acme-directory", a.directory, "--acme-root", a.root)
	a.t.Cleanup(func() {
		if a.t.Failed() {
			a.t.Log(stop())
		}
	})
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" {
		a.t.Fatalf("the relay is at %s", address)
	}
	return u.Port(), stop
}

// visitor trusts the authority and finds the domain at a port of this computer.
func (a *authority) visitor(port string) *http.Client {
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: a.issued},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, "127.0.0.1:"+port)
		},
	}
	a.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// certificate is what visitors of the relay are shown, once it is one that they trust and unlike an earlier one.
func (a *authority) certificate(port string, unlike *x509.Certificate) *x509.Certificate {
	a.t.Helper()
	var last error
	for limit := time.Now().Add(2 * time.Minute); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		conn, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{RootCAs: a.issued, ServerName: domain})
		if last = err; err != nil {
			continue
		}
		shown := conn.ConnectionState().PeerCertificates[0]
		conn.Close()
		if unlike == nil || shown.SerialNumber.Cmp(unlike.SerialNumber) != 0 {
			return shown
		}
	}
	a.t.Fatalf("no such certificate: %v", last)
	return nil
}

func portNumber(t *testing.T, port string) (n int) {
	t.Helper()
	if _, err := fmt.Sscan(port, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestCertificatesByThemselves starts a relay with --domain and an authority of its own: visitors and peers trust what it gives,
// and after a restart the relay shows the same, without asking again.
func TestCertificatesByThemselves(t *testing.T) {
	dir := t.TempDir()
	run(t, dir, "correct horse\n", "account", "add", "desk1", "--password-file", "-", "--data", "d")
	a := newAuthority(t, 90*24*time.Hour)
	port, stop := a.serve(dir)
	a.open(portNumber(t, port))
	first := a.certificate(port, nil)
	if names := fmt.Sprint(first.DNSNames); names != "["+domain+"]" {
		t.Errorf("it is for %s", names)
	}
	visitor := a.visitor(port)
	resp, err := visitor.Get("https://" + domain + "/join/4821")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || resp.StatusCode != 200 || !strings.Contains(string(page), "4821") || resp.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("the join page: %d %v %s %v", resp.StatusCode, resp.Header, page, err)
	}
	sessionOver(t, visitor)
	if got := stop(); strings.Count(got, "msg=certificate name="+domain) != 1 {
		t.Errorf("the log: %s", got)
	}
	a.web.Close() // nobody is asked any more
	port, _ = a.serve(dir)
	if again := a.certificate(port, nil); again.SerialNumber.Cmp(first.SerialNumber) != 0 {
		t.Error("after a restart there is another certificate")
	}
}

// sessionOver signs in, starts a session, joins it and sends a packet each way, all through TLS that the visitor trusts.
func sessionOver(t *testing.T, visitor *http.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := &crowd{t: t, url: "https://" + domain, client: visitor}
	resp, err := visitor.Post(c.url+wire.SignInPath, "application/json", strings.NewReader(`{"user": "desk1", "password": "correct horse"}`))
	if err != nil {
		t.Fatal(err)
	}
	var in wire.SignedIn
	err = json.NewDecoder(resp.Body).Decode(&in)
	resp.Body.Close()
	if err != nil || in.Token == "" {
		t.Fatalf("sign-in: %d %v", resp.StatusCode, err)
	}
	c.tokens = []string{in.Token}
	d, err := c.pair(ctx, 0)
	defer d.close()
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range []struct{ from, to *websocket.Conn }{{d.operator, d.customer}, {d.customer, d.operator}} {
		if err := way.from.Write(ctx, websocket.MessageBinary, []byte("packet")); err != nil {
			t.Fatal(err)
		}
		if _, data, err := way.to.Read(ctx); err != nil || string(data) != "packet" {
			t.Fatalf("%q %v", data, err)
		}
	}
}

// TestCertificatesAreRenewed has an authority whose certificates end after half a minute: visitors get the next one in time, and
// nobody restarts anything.
func TestCertificatesAreRenewed(t *testing.T) {
	a := newAuthority(t, 30*time.Second)
	port, stop := a.serve(t.TempDir())
	a.open(portNumber(t, port))
	first := a.certificate(port, nil)
	second := a.certificate(port, first)
	if !second.NotAfter.After(first.NotAfter) {
		t.Errorf("the next one ends at %v, the first one at %v", second.NotAfter, first.NotAfter)
	}
	if got := stop(); strings.Count(got, "msg=certificate name="+domain) < 2 {
		t.Errorf("the log: %s", got)
	}
}

// TestNoCertificate has an authority that cannot reach the relay, or that the relay does not trust: the log says so at once, before
// anybody has come.
func TestNoCertificate(t *testing.T) {
	for what, trust := range map[string]bool{"an unknown authority": false, "nobody at the port": true} {
		t.Run(what, func(t *testing.T) {
			a := newAuthority(t, time.Hour)
			a.open(1)
			cmd := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir(), "--domain", domain, "--acme-directory", a.directory)
			if trust {
				cmd.Args = append(cmd.Args, "--acme-root", a.root)
			}
			pipe, err := cmd.StderrPipe()
			if err == nil {
				err = cmd.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			late := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
			defer func() { late.Stop(); _ = cmd.Process.Kill(); _ = cmd.Wait() }()
			var all strings.Builder
			for lines := bufio.NewScanner(pipe); ; {
				if !lines.Scan() {
					t.Fatalf("the log: %s", all.String())
				}
				fmt.Fprintln(&all, lines.Text())
				if strings.Contains(lines.Text(), "there is no certificate for "+domain) {
					t.Log(lines.Text())
					return
				}
			}
		})
	}
}

// TestACertificateOfOnesOwn is replaced while the relay runs, one file after the other, as programs that renew it do.
func TestACertificateOfOnesOwn(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write := func(c, k []byte) {
		t.Helper()
		for name, data := range map[string][]byte{cert: c, key: k} {
			if data == nil {
				continue
			}
			fresh := name + ".new" // in one step, so that nobody reads half of it
			if err := errors.Join(os.WriteFile(fresh, data, 0o600), os.Rename(fresh, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	first, firstKey := selfSigned(t)
	second, secondKey := selfSigned(t)
	write(first, firstKey)
	address, stop := serve(t, dir, "--cert", cert, "--key", key)
	shown := func() []byte {
		conn, err := tls.Dial("tcp", strings.TrimPrefix(address, "https://"), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: conn.ConnectionState().PeerCertificates[0].Raw})
	}
	if !bytes.Equal(shown(), first) {
		t.Error("at first there is another one")
	}
	write(second, nil)
	if !bytes.Equal(shown(), first) {
		t.Error("a certificate without its key is shown")
	}
	write(nil, secondKey)
	for limit := time.Now().Add(time.Minute); !bytes.Equal(shown(), second); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("the new one is never shown: %s", stop())
		}
	}
}

// selfSigned is a certificate that nobody trusts, and its key.
func selfSigned(t *testing.T) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{domain}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})
}
