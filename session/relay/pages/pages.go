// Package pages is what people see of a relay in a browser: the front door, the page on which a customer joins, the
// programs to download; and, for those who sign in, an operator's sessions, history and account, and an
// administrator's accounts, sessions, reports and audit log.
//
//	p, err := pages.New(pages.Config{Store: db, Downloads: "data/downloads"})
//	p.Register(mux)
//
// Pages are written by the server with html/template, in the visitor's language, with one small style sheet and no
// script inside; everything works without scripts, though the visitor then types the code into the program.
//
// A link to the join page ends in the secret digits of a code, behind a "#": a browser keeps that part to itself. The
// page's script reads it there, in the browser, and puts it into the name under which the program is saved, from
// where the program reads it. Nothing here ever gets these digits, and no form has a field that could send them.
//
// What an organisation or a visitor has written is text to the templates, never HTML.
package pages

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"time"

	"handrail/session/relay/store"
)

// Store is what pages need of a store; *store.DB is one.
type Store interface {
	Organisation(ctx context.Context) (string, error)
	Branding(ctx context.Context) (store.Branding, error)
	Logo(ctx context.Context) ([]byte, error)
}

// Config says what the pages show. Only Store is needed.
type Config struct {
	Store Store
	// Desk and DeskStore are for the operators' and administrators' pages; without them there are none.
	Desk      Desk
	DeskStore DeskStore
	// Downloads is the folder of the programs that are offered; it may come and go. Empty: none are offered.
	Downloads string
	Log       *slog.Logger     // nil: nothing is logged
	Now       func() time.Time // nil: time.Now
	// Address is what limits count of a visitor's address with its port; nil: the whole of it, without the port.
	Address func(remote string) string
}

// Pages are the pages of one relay. Their methods are safe for concurrent use.
type Pages struct {
	cfg       Config
	log       *slog.Logger
	texts     *texts
	templates map[string]*templates // by language
	assets    map[string]asset      // by name
	downloads *downloads
	looks     appearances
	joins     joinPages
}

// New makes the pages.
func New(cfg Config) (*Pages, error) {
	if cfg.Store == nil {
		return nil, errors.New("pages: no store")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Address == nil {
		cfg.Address = func(remote string) string {
			host, _, _ := net.SplitHostPort(remote)
			return host
		}
	}
	p := &Pages{cfg: cfg, log: cfg.Log, downloads: newDownloads(cfg.Downloads)}
	var err error
	if p.texts, err = loadTexts(); err != nil {
		return nil, err
	}
	if p.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if p.templates, err = p.loadTemplates(); err != nil {
		return nil, err
	}
	return p, nil
}

// Register adds the pages to a mux. Paths that are not theirs are left to the mux.
func (p *Pages) Register(mux *http.ServeMux) {
	get := func(path string, h http.HandlerFunc) { mux.Handle("GET "+path, secured(h)) }
	get("/{$}", p.getHome)
	get("/join", p.getJoin)
	get("/join/{routing}", p.getJoin)
	get("/download", p.getDownloads)
	get("/download/{name}", p.getDownload)
	get("/static/{name}", p.getAsset)
	if p.cfg.Desk != nil && p.cfg.DeskStore != nil {
		p.registerDesk(mux)
	}
}

// policy is the Content-Security-Policy of every page: only what this relay serves, and no script or style inside a
// page, so that text that slipped through as HTML would still do nothing.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// careful are the headers that tell a browser to be careful, by their canonical names. They are shared by all answers, which
// must not change the values in place.
var careful = map[string][]string{
	"Content-Security-Policy": {policy},
	"X-Content-Type-Options":  {"nosniff"},
	"X-Frame-Options":         {"DENY"},
	// With "no-referrer" browsers would send forms of these pages with "Origin: null", like those of strangers.
	"Referrer-Policy":              {"same-origin"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {"camera=(), microphone=(), geolocation=(), display-capture=(), payment=()"},
	"X-Robots-Tag":                 {"noindex"},
}

var onlySecure = []string{"max-age=31536000"}

// secured sets the headers that tell a browser to be careful.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		maps.Copy(h, careful)
		if r.TLS != nil {
			h["Strict-Transport-Security"] = onlySecure
		}
		next.ServeHTTP(w, r)
	})
}
