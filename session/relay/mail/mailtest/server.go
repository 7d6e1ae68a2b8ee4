// Package mailtest has a mail server for tests: a real one, on loopback, that keeps what it gets.
//
//	server := mailtest.Start(t, mailtest.Options{User: "help", Password: "secret"})
//	mailer, err := mail.New(server.Config())
//	…
//	got := server.Wait(t)
package mailtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"handrail/session/relay/mail"
)

// Options say what the server is like.
type Options struct {
	Security mail.Security // "": StartTLS
	User     string        // "": it wants no authentication
	Password string
	Refuse   string // address that it does not deliver to
	Full     bool   // it takes no mail at all
}

// Server is a mail server. Its methods are safe for concurrent use.
type Server struct {
	Options
	Address string
	Roots   *x509.CertPool // for its certificate

	mails chan Mail
}

// Mail is a mail that has arrived.
type Mail struct {
	From, To   string // of the envelope
	Header     netmail.Header
	Subject    string
	Text, HTML string
	Raw        string
}

// Start starts a server, which is stopped with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Security == "" {
		o.Security = mail.StartTLS
	}
	certificate, roots := makeCertificate(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Options: o, Address: listener.Addr().String(), Roots: roots, mails: make(chan Mail, 100)}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &visit{server: s}, nil }))
	srv.Domain, srv.ReadTimeout, srv.WriteTimeout = "mail.test", 20*time.Second, 20*time.Second
	srv.MaxMessageBytes = 1 << 20
	srv.ErrorLog = discard{}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	switch o.Security {
	case mail.TLS:
		listener = tls.NewListener(listener, config)
	case mail.StartTLS:
		srv.TLSConfig = config
	default:
		srv.AllowInsecureAuth = true
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(listener) }()
	t.Cleanup(func() { srv.Close(); <-done })
	return s
}

// Config is what a mailer needs to use the server.
func (s *Server) Config() mail.Config {
	return mail.Config{
		Server: s.Address, Security: s.Security, From: "Example Help Desk <help@example.org>",
		User: s.User, Password: s.Password, Roots: s.Roots,
	}
}

// Wait waits for the next mail.
func (s *Server) Wait(t testing.TB) Mail {
	t.Helper()
	select {
	case m := <-s.mails:
		return m
	case <-time.After(time.Minute):
		t.Fatal("no mail has arrived")
		return Mail{}
	}
}

// None says that nothing has arrived that was not waited for.
func (s *Server) None() bool { return len(s.mails) == 0 }

// visit is one connection.
type visit struct {
	server   *Server
	signedIn bool
	from, to string
}

func (v *visit) AuthMechanisms() []string {
	if v.server.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != v.server.User || password != v.server.Password {
			return errors.New("wrong name or password")
		}
		v.signedIn = true
		return nil
	}), nil
}

func (v *visit) Mail(from string, _ *smtp.MailOptions) error {
	if v.server.User != "" && !v.signedIn {
		return smtp.ErrAuthRequired
	}
	v.from = from
	return nil
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	if to == v.server.Refuse {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox here"}
	}
	v.to = to
	return nil
}

func (v *visit) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if v.server.Full {
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "the disk is full"}
	}
	m, err := read(data)
	if err != nil {
		return &smtp.SMTPError{Code: 554, Message: err.Error()}
	}
	m.From, m.To = v.from, v.to
	v.server.mails <- m
	return nil
}

func (v *visit) Reset()        { v.from, v.to = "", "" }
func (v *visit) Logout() error { return nil }

// read takes a mail apart.
func read(data []byte) (Mail, error) {
	m := Mail{Raw: string(data)}
	msg, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return m, err
	}
	m.Header = msg.Header
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		return m, err
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return m, errors.Join(err, errors.New("not in several parts"))
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return m, err
		}
		var body io.Reader = p
		if p.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			body = quotedprintable.NewReader(p)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			return m, err
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			m.HTML = string(text)
		} else {
			m.Text = string(text)
		}
	}
}

func makeCertificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// discard is a log that keeps nothing.
type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}
