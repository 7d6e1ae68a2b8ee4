package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"runtime"
	"time"

	"handrail/app"
	"handrail/app/console"
	"handrail/session/relay"
	"handrail/session/wire"
)

type serveCmd struct {
	Listen      string         `default:"127.0.0.1:8470" placeholder:"ADDRESS" help:"Address and port (default ${default}); port 0 takes a free one."`
	BehindProxy bool           `help:"A proxy in front of the relay terminates TLS: allow plain HTTP on any address."`
	Downloads   string         `placeholder:"DIR" help:"Folder of the programs that the web pages offer (default: downloads in the data folder)."`
	TrustProxy  []netip.Prefix `placeholder:"NETWORK" help:"Reverse proxies whose X-Forwarded-For is believed, such as 10.0.0.5/32."`
	Metrics     string         `placeholder:"ADDRESS" help:"Serve counters for Prometheus on this address, at /metrics, to whoever can reach it."`
	Node        string         `placeholder:"URL" help:"With --store: the address under which peers reach this very relay, one of several, such as https://relay1.example.org."`
	URL         string         `placeholder:"URL" help:"Address under which people reach the relay, for links in mails, such as https://relay.example.org (default: that of --domain, or as they have come)."`
	LogFormat   string         `enum:"text,json" default:"text" help:"Format of the log on standard error: text or json."`
	certificateFlags
	mailFlags
	dataFlag
}

// garbageRoom is memory that is never touched and so costs none; it only makes Go collect garbage after this much more of it.
// A relay holds little and makes much garbage while pages are asked for, and sessions wait for each collection: without
// this there were some each second.
const garbageRoom = 32 << 20

func (c serveCmd) Run(ctx context.Context, p *Program) error {
	if err := c.check(); err != nil {
		return err
	}
	public, err := c.public()
	if err != nil {
		return err
	}
	mailer, err := c.mailer()
	if err != nil {
		return err
	}
	if !c.secure() && !c.BehindProxy {
		if err := onlyLoopback(ctx, c.Listen); err != nil {
			return err
		}
	}
	console.OutliveReaders()
	log := c.log(p.Stderr)
	tlsConfig, err := c.tls(c.Data, log)
	if err != nil {
		return err
	}
	db, err := c.open(ctx, true)
	if err != nil {
		return err
	}
	defer db.Close()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("the relay cannot listen: %w", err)
	}
	listener = wire.ShortQueues(listener)
	scheme := "http"
	if tlsConfig != nil {
		listener, scheme = tls.NewListener(listener, tlsConfig), "https"
	}
	cfg := relay.Config{
		Store: db, Log: log, Downloads: c.downloads(), Reports: c.reports(), Release: app.Version, Trusted: c.TrustProxy,
		Node: relay.Node{Address: c.Node}, URL: public,
	}
	if mailer != nil { // else the interface would hold a nil
		cfg.Mail = mailer
	}
	srv, err := relay.New(cfg)
	if err != nil {
		listener.Close()
		return err
	}
	stop, err := c.serveMetrics(ctx, srv)
	if err != nil {
		listener.Close()
		return errors.Join(err, srv.Close())
	}
	defer stop()
	if public == nil {
		public = &url.URL{Scheme: scheme, Host: listener.Addr().String()}
	}
	if err := firstAdministrator(ctx, db, log, public); err != nil {
		listener.Close()
		return errors.Join(err, srv.Close())
	}
	log.Info("listening on " + scheme + "://" + listener.Addr().String())
	defer c.fetch(ctx, listener.Addr())()
	room := make([]byte, garbageRoom)
	defer runtime.KeepAlive(room)
	return srv.Serve(ctx, listener)
}

func (c serveCmd) log(to io.Writer) *slog.Logger {
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(to, nil))
	}
	return slog.New(slog.NewTextHandler(to, nil))
}

// check finds flags that do not go together.
func (c serveCmd) check() error {
	if err := c.certificateFlags.check(c.Data); err != nil {
		return err
	}
	return c.checkNode()
}

// public is where people reach the relay; nil when nobody has said.
func (c serveCmd) public() (*url.URL, error) {
	if c.URL == "" && len(c.Domain) > 0 {
		return &url.URL{Scheme: "https", Host: c.Domain[0]}, nil
	}
	if c.URL == "" {
		return nil, nil
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, usageError("--url needs an address such as https://relay.example.org")
	}
	return u, nil
}

// checkNode refuses relays that share a database without knowing of each other: both would take all sessions for theirs.
func (c serveCmd) checkNode() error {
	if (c.Node == "") != (c.Store == "") {
		return usageError("--store and --node go together: relays that share a database send peers to each other")
	}
	if c.Node == "" {
		return nil
	}
	u, err := url.Parse(c.Node)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil ||
		u.Scheme != "https" && (u.Scheme != "http" || onlyLoopback(context.Background(), net.JoinHostPort(u.Hostname(), "1")) != nil) {
		return usageError("--node needs an address such as https://relay1.example.org")
	}
	return nil
}

// downloads is the folder of the programs to download; "" for none.
func (c serveCmd) downloads() string {
	if c.Downloads == "" && c.Data != "" {
		return filepath.Join(c.Data, "downloads")
	}
	return c.Downloads
}

// reports is the folder for error reports; "" for none.
func (c serveCmd) reports() string {
	if c.Data == "" {
		return ""
	}
	return filepath.Join(c.Data, "reports")
}

// serveMetrics serves the counters on an address of their own until stop is called.
func (c serveCmd) serveMetrics(ctx context.Context, srv *relay.Server) (stop func(), err error) {
	if c.Metrics == "" {
		return func() {}, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Metrics)
	if err != nil {
		return nil, fmt.Errorf("the counters cannot be served: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", srv.Metrics())
	web := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = web.Serve(listener)
	}()
	return func() { web.Close(); <-served }, nil
}

// onlyLoopback refuses an address that other computers can reach: passwords would cross the network in the open.
func onlyLoopback(ctx context.Context, listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return usageError(fmt.Sprintf("--listen needs an address and a port, such as 127.0.0.1:8470, not %q", listen))
	}
	addresses := []netip.Addr{}
	if a, err := netip.ParseAddr(host); err == nil {
		addresses = append(addresses, a)
	} else if host != "" {
		if addresses, err = net.DefaultResolver.LookupNetIP(ctx, "ip", host); err != nil {
			return fmt.Errorf("the relay cannot listen: %w", err)
		}
	}
	ok := len(addresses) > 0
	for _, a := range addresses {
		ok = ok && a.Unmap().IsLoopback()
	}
	if !ok {
		return errors.New("other computers can reach this address, and without TLS passwords would be readable on the way; " +
			"give --cert and --key, or --behind-proxy when a proxy in front of the relay terminates TLS")
	}
	return nil
}
