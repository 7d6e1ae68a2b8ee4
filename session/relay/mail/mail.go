// Package mail sends the relay's mails: invitations of customers, and links with which people set a password.
//
//	m, err := mail.New(mail.Config{Server: "mail.example.org:587", From: "help@example.org", User: "help", Password: "…"})
//	err = m.Invite(ctx, "ann@example.org", mail.Invitation{Operator: "Help desk 1", Link: "https://relay.example.org/join/4821"})
//
// Each mail has a plain text and an HTML version with the same words, in one of five languages, and fetches nothing.
//
// An invitation that a relay sends never has the secret digits of a code: the relay does not know them, and whoever
// reads a mail on its way could otherwise join. The customer is told them on the phone.
package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// Security is how the way to the mail server is protected.
type Security string

// The ways to a mail server. Plain is for a server on this computer only.
const (
	StartTLS Security = "starttls" // the usual, on port 587
	TLS      Security = "tls"      // from the first byte, on port 465
	Plain    Security = "none"
)

// Config says how mails are sent.
type Config struct {
	Server   string   // host, or host and port
	Security Security // "": StartTLS
	From     string   // address, or name and address
	User     string   // "": without authentication
	Password string

	Timeout time.Duration  // for a whole mail; 0: 20 s
	Roots   *x509.CertPool // nil: the system's
}

// Mailer sends mails. Its methods are safe for concurrent use; each mail has a connection of its own.
type Mailer struct {
	host    string
	from    *mail.Address
	timeout time.Duration
	options []gomail.Option
}

// New checks a configuration. It does not ask the server yet: see Check.
func New(cfg Config) (*Mailer, error) {
	if cfg.Security == "" {
		cfg.Security = StartTLS
	}
	host, port, err := cfg.address()
	if err != nil {
		return nil, err
	}
	from, err := mail.ParseAddress(cfg.From)
	if err != nil {
		return nil, fmt.Errorf("%q cannot be the sender of mails: it has to be an address such as help@example.org", cfg.From)
	}
	m := &Mailer{host: host, from: from, timeout: cfg.Timeout}
	if m.timeout <= 0 {
		m.timeout = 20 * time.Second
	}
	m.options = []gomail.Option{
		gomail.WithPort(port), gomail.WithTimeout(m.timeout), gomail.WithoutNoop(),
		gomail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: cfg.Roots, MinVersion: tls.VersionTLS12}),
	}
	switch cfg.Security {
	case StartTLS:
		m.options = append(m.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLS:
		m.options = append(m.options, gomail.WithSSL())
	case Plain:
		if !loopback(host) {
			return nil, errors.New("mails would cross the network in the open: only a mail server on this computer may do without TLS")
		}
		m.options = append(m.options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		return nil, fmt.Errorf("the way to the mail server is %s, %s or %s, not %q", StartTLS, TLS, Plain, cfg.Security)
	}
	if cfg.User != "" {
		m.options = append(m.options, gomail.WithUsername(cfg.User), gomail.WithPassword(cfg.Password), gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover))
	}
	return m, nil
}

// address is the server's host and port; the port depends on the security when it is left out.
func (c Config) address() (host string, port int, err error) {
	host, text, err := net.SplitHostPort(c.Server)
	if err != nil {
		host, text = c.Server, map[Security]string{StartTLS: "587", TLS: "465", Plain: "25"}[c.Security]
	}
	port, err = strconv.Atoi(text)
	if err != nil && text != "" || host == "" || port < 0 || port > 65535 || strings.ContainsAny(host, " /@") {
		return "", 0, fmt.Errorf("%q is no mail server: it has to be a name, or a name and a port, such as mail.example.org:587", c.Server)
	}
	return host, port, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// From is the address that mails come from.
func (m *Mailer) From() string { return m.from.Address }

// Check connects to the server, signs in, and leaves again.
func (m *Mailer) Check(ctx context.Context) error {
	client, err := gomail.NewClient(m.host, m.options...)
	if err != nil {
		return &Error{Failed, err}
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	if err := client.DialWithContext(ctx); err != nil {
		return classify(err, false)
	}
	return client.Close()
}

// MaxAddress bounds a mail address, in bytes (RFC 5321 has 254 for what can be in a path).
const MaxAddress = 254

// CleanAddress is a mail address as it is used, without a name; an error says what is wrong with it.
func CleanAddress(text string) (string, error) {
	text = strings.TrimSpace(text)
	wrong := errors.New("this is not a mail address such as ann@example.org")
	if len(text) > MaxAddress || strings.ContainsFunc(text, unprintable) {
		return "", wrong
	}
	a, err := mail.ParseAddress(text)
	if err != nil || a.Name != "" || a.Address != text || strings.ContainsAny(text, `"<>(),;: `) {
		return "", wrong
	}
	return a.Address, nil
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) || r > unicode.MaxLatin1 }

// send sends one mail to one address.
func (m *Mailer) send(ctx context.Context, to string, c content) error {
	to, err := CleanAddress(to)
	if err != nil {
		return &Error{Refused, err}
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(m.from)
	if err := msg.To(to); err != nil {
		return &Error{Refused, err}
	}
	msg.Subject(c.subject)
	msg.SetDate()
	// The name of the computer that the relay runs on is nobody's business.
	msg.SetMessageIDWithValue(messageID(m.from.Address))
	// No robot should answer this (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("Content-Language", c.lang)
	msg.SetBodyString(gomail.TypeTextPlain, c.text)
	msg.AddAlternativeString(gomail.TypeTextHTML, c.html)
	client, err := gomail.NewClient(m.host, m.options...)
	if err != nil {
		return &Error{Failed, err}
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	if err := client.DialWithContext(ctx); err != nil {
		return classify(err, false)
	}
	// The server has taken the mail by now, or not; how it says goodbye changes nothing.
	defer client.Close()
	if err := client.Send(msg); err != nil {
		return classify(err, true)
	}
	return nil
}

// Kind is what kept a mail from being sent.
type Kind int

// What people can do about these differs.
const (
	Failed      Kind = iota // the server did not take it
	Refused                 // the address is wrong, or the server wants none of it
	Unreachable             // the server cannot be reached, or its certificate is not trusted
	SignIn                  // the server does not take the relay's name and password
)

// Error is why a mail was not sent. What the server said is in it, shortened; it may be shown to operators.
type Error struct {
	Kind  Kind
	Cause error
}

func (e *Error) Error() string {
	text := map[Kind]string{
		Failed:      "the mail server did not take the mail",
		Refused:     "the mail server does not deliver to this address",
		Unreachable: "the mail server cannot be reached",
		SignIn:      "the mail server does not accept the relay's name and password",
	}[e.Kind]
	if e.Cause == nil {
		return text
	}
	return text + ": " + shortened(e.Cause.Error())
}

func (e *Error) Unwrap() error { return e.Cause }

// Said is what the server answered, as far as it can be shown on a screen.
func (e *Error) Said() string {
	if e.Cause == nil {
		return ""
	}
	return shortened(e.Cause.Error())
}

// shortened is a server's text on one line; a server may say anything.
func shortened(text string) string {
	var b bytes.Buffer
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if b.Len() > 200 {
			b.WriteString("…")
			break
		}
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func classify(err error, connected bool) *Error {
	var sending *gomail.SendError
	switch {
	case errors.As(err, &sending) && sending.Reason == gomail.ErrSMTPRcptTo:
		return &Error{Refused, err}
	case connected:
		return &Error{Failed, err}
	case strings.Contains(err.Error(), "AUTH") || strings.Contains(err.Error(), "uthentication"):
		return &Error{SignIn, err}
	}
	return &Error{Unreachable, err}
}
