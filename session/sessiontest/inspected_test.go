package sessiontest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/url"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
)

// officeBox is the certificate of something that opens the outer connections of an office, and that the office's computers
// trust. TestMain makes it, because Go reads what the system trusts once.
var officeBox tls.Certificate

// trustOfficeBox makes the system trust a new officeBox, and returns what takes that back.
func trustOfficeBox() (forget func(), err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Office box"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	officeBox = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	file, err := os.CreateTemp("", "handrail-roots")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := pem.Encode(file, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
		return nil, err
	}
	return func() { os.Remove(file.Name()) }, os.Setenv("SSL_CERT_FILE", file.Name())
}

// inspect is that box before a relay: it ends TLS, and writes down what it reads.
func inspect(t *testing.T, relay *url.URL) (address *url.URL, seen func() []byte) {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{officeBox}})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var read bytes.Buffer
	note := writer(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return read.Write(p)
	})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			inside, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer inside.Close()
				outside, err := net.Dial("tcp", relay.Host)
				if err != nil {
					return
				}
				defer outside.Close()
				wg.Go(func() {
					_, _ = io.Copy(io.MultiWriter(inside, note), outside)
					inside.Close()
				})
				_, _ = io.Copy(io.MultiWriter(outside, note), inside)
			})
		}
	})
	t.Cleanup(func() { listener.Close(); wg.Wait() })
	return &url.URL{Scheme: "https", Host: listener.Addr().String()}, func() []byte {
		mu.Lock()
		defer mu.Unlock()
		return bytes.Clone(read.Bytes())
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// TestABoxThatOpensTheOuterConnectionSeesNothing has a whole session through something that opens TLS connections: it reads
// what a relay reads, and nothing of what the session carries.
func TestABoxThatOpensTheOuterConnectionSeesNothing(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no file of what the system trusts")
	}
	relay := StartRelay(t, false)
	address, seen := inspect(t, relay.URL)
	o, c, computer := through(t, address, address)
	const secret = "a line that only two people read"
	if err := o.Chat(secret); err != nil {
		t.Fatal(err)
	}
	awaitPicture(t, o.Picture(), computer)
	screentest.WaitFor(t, "the line arrives", func() bool { return len(c.Transcript()) == 1 })
	if found := session.Examine(Within(t), address); found[len(found)-1].Name != "time.measured" {
		t.Errorf("the examination finds %+v", found)
	}
	c.Close()
	AwaitState(t, &o.Status, session.Ended)
	read := seen()
	if !bytes.Contains(read, []byte(User)) {
		t.Fatal("the box did not open the connection")
	}
	if bytes.Contains(read, []byte(secret)) {
		t.Error("the box reads what was said")
	}
}
