package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// certificateFlags say where the relay's certificate comes from: files, or an authority that speaks ACME (RFC 8555).
type certificateFlags struct {
	Cert          string   `placeholder:"FILE" help:"TLS certificate with its chain, PEM."`
	Key           string   `placeholder:"FILE" help:"The certificate's private key, PEM."`
	Domain        []string `placeholder:"NAME" help:"Get certificates for these names by ACME (Let's Encrypt); port 443 must reach the relay."`
	ACMEDirectory string   `name:"acme-directory" placeholder:"URL" help:"With --domain: address of another authority's ACME directory, such as https://ca.example.org/acme/acme/directory (default: Let's Encrypt)."`
	ACMERoot      string   `name:"acme-root" placeholder:"FILE" help:"With --acme-directory: the authority's root certificate, PEM, where this computer does not trust it anyway."`
}

func (c certificateFlags) secure() bool { return c.Cert != "" || len(c.Domain) > 0 }

// check finds flags that do not go together; data is the data folder.
func (c certificateFlags) check(data string) error {
	switch {
	case (c.Cert == "") != (c.Key == ""):
		return usageError("--cert and --key go together")
	case c.Cert != "" && len(c.Domain) > 0:
		return usageError("--cert and --domain exclude each other")
	case len(c.Domain) > 0 && data == "":
		return usageError("--domain needs --data, the folder in which certificates are kept")
	case len(c.Domain) == 0 && c.ACMEDirectory != "":
		return usageError("--acme-directory needs --domain, the name for which it gives certificates")
	case c.ACMEDirectory == "" && c.ACMERoot != "":
		return usageError("--acme-root needs --acme-directory, whose root it is")
	}
	for _, name := range c.Domain {
		if !strings.Contains(strings.Trim(name, "."), ".") || strings.ContainsAny(name, "/: *") || net.ParseIP(name) != nil {
			return usageError(fmt.Sprintf("--domain needs a name such as relay.example.org, not %q", name))
		}
	}
	if c.ACMEDirectory != "" {
		if u, err := url.Parse(c.ACMEDirectory); err != nil || u.Scheme != "https" || u.Host == "" {
			return usageError("--acme-directory needs an address such as https://ca.example.org/acme/acme/directory")
		}
	}
	return nil
}

// tls is nil when there are no certificates at all.
func (c certificateFlags) tls(data string, log *slog.Logger) (*tls.Config, error) {
	// WebSockets need HTTP/1.1.
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if c.Cert != "" {
		f := &files{log: log, cert: c.Cert, key: c.Key}
		if err := f.read(f.state()); err != nil {
			return nil, err
		}
		config.GetCertificate = f.get
		return config, nil
	}
	if len(c.Domain) == 0 {
		return nil, nil
	}
	authority, err := c.authority()
	if err != nil {
		return nil, err
	}
	a := &automatic{log: log, told: map[string]told{}, manager: &autocert.Manager{
		Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(c.Domain...), Client: authority,
		Cache: autocert.DirCache(filepath.Join(data, "certificates")),
	}}
	for _, name := range c.Domain {
		a.names = append(a.names, strings.ToLower(strings.TrimSuffix(name, ".")))
	}
	config.GetCertificate = a.get
	config.NextProtos = append(config.NextProtos, acme.ALPNProto)
	return config, nil
}

// authority is how certificates are asked for; nil for Let's Encrypt.
func (c certificateFlags) authority() (*acme.Client, error) {
	if c.ACMEDirectory == "" {
		return nil, nil
	}
	client := &acme.Client{DirectoryURL: c.ACMEDirectory}
	if c.ACMERoot == "" {
		return client, nil
	}
	data, err := os.ReadFile(c.ACMERoot)
	if err != nil {
		return nil, fmt.Errorf("the authority's root cannot be read: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("the authority's root cannot be read: there is no PEM certificate in %s", c.ACMERoot)
	}
	client.HTTPClient = &http.Client{Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}}
	return client, nil
}

// files is a certificate of one's own, which is read again when its files change.
type files struct {
	log       *slog.Logger
	cert, key string // paths

	mu     sync.Mutex
	pair   *tls.Certificate
	seen   string    // state of the files when they were last read
	looked time.Time // when the files were last looked at
}

// lookEvery is how often the files of a certificate are looked at, while visitors come.
const lookEvery = time.Second

func (f *files) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if now.Sub(f.looked) < lookEvery {
		return f.pair, nil
	}
	f.looked = now
	state := f.state()
	if state == f.seen {
		return f.pair, nil
	}
	// Two files are replaced one after the other: what does not fit yet is tried again at the next look, and the old one goes on.
	if err := f.read(state); err != nil {
		f.log.Warn("the certificate's files have changed and cannot be used; the one before goes on", "error", err)
		return f.pair, nil
	}
	f.log.Info("the certificate was read again", "until", f.pair.Leaf.NotAfter.UTC().Format(time.DateTime))
	return f.pair, nil
}

func (f *files) read(state string) error {
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return fmt.Errorf("the certificate cannot be used: %w", err)
	}
	f.pair, f.seen = &pair, state
	return nil
}

// state is what changes when one of the files is replaced.
func (f *files) state() string {
	var state string
	for _, name := range []string{f.cert, f.key} {
		if info, err := os.Stat(name); err == nil {
			state += fmt.Sprint(info.Size(), info.ModTime().UnixNano(), " ")
		}
	}
	return state
}

// automatic is certificates that come from an authority and are renewed when a third of their time is left, at most 30 days.
// It says in the log what became of them.
type automatic struct {
	log     *slog.Logger
	names   []string
	manager *autocert.Manager

	mu   sync.Mutex
	told map[string]told // by name
}

// told is what was last said of a name: of its certificate, or that there was none.
type told struct {
	serial string
	failed time.Time
}

func (a *automatic) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	cert, err := a.manager.GetCertificate(hello)
	name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	// Strangers ask for whatever they like, and the authority for its proof.
	if !slices.Contains(a.names, name) || slices.Contains(hello.SupportedProtos, acme.ALPNProto) {
		return cert, err
	}
	if a.known(name, cert, err) {
		return cert, err
	}
	if err != nil {
		a.log.Error("there is no certificate for "+name+": the name must lead to this relay's port 443, and the relay must reach the authority", "error", err)
		return nil, err
	}
	a.log.Info("certificate", "name", name, "issuer", cert.Leaf.Issuer.CommonName, "until", cert.Leaf.NotAfter.UTC().Format(time.DateTime))
	return cert, nil
}

// known says whether the log has this already: a certificate counts once, and what goes wrong once a minute.
func (a *automatic) known(name string, cert *tls.Certificate, err error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	last, now := a.told[name], time.Now()
	if err != nil {
		if !last.failed.IsZero() && now.Sub(last.failed) < time.Minute {
			return true
		}
		a.told[name] = told{failed: now}
		return false
	}
	serial := cert.Leaf.SerialNumber.String()
	a.told[name] = told{serial: serial}
	return last.serial == serial
}

// fetch asks the relay for each name as a visitor would, so that certificates are there, or the log says why not, before
// somebody comes. It does so in the background, until all have been tried or stop is called.
func (c certificateFlags) fetch(ctx context.Context, at net.Addr) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for _, name := range c.Domain {
		// Whether it can be trusted is for visitors to say.
		dialer := tls.Dialer{Config: &tls.Config{ServerName: name, InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}} //nolint:gosec // see above
		all.Go(func() {
			if conn, err := dialer.DialContext(ctx, "tcp", here(at)); err == nil {
				conn.Close()
			}
		})
	}
	return func() { cancel(); all.Wait() }
}

// here is where this computer itself reaches what listens at an address.
func here(at net.Addr) string {
	tcp, ok := at.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return at.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
}
