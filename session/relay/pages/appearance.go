package pages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"handrail/session/relay/admin"
	"handrail/session/relay/store"
)

// Appearance is how the organisation shows itself, as the pages need it.
type appearance struct {
	Organisation string
	store.Branding
	Style string // address of its style sheet; "": none
	Logo  string // address of its logo; "": none

	css, png []byte
}

const (
	// appearanceLife is how long the pages go on with an appearance before they ask the store again. A relay shows the
	// join page a thousand times a second from one look.
	appearanceLife = 2 * time.Second
	// appearancePatience is how long a look may take: the pages are useful without it, and their visitors wait for it.
	appearancePatience = 2 * time.Second
	// appearanceRetry is how long the pages go on after a look that failed.
	appearanceRetry = 10 * time.Second
)

// appearances remembers the latest one.
type appearances struct {
	mu      sync.Mutex // never held while the store is asked
	latest  *appearance
	until   time.Time // by the machine's clock
	of      int       // how many changes the latest one has
	changes int
	looking *look // nil: nobody looks
}

// look is a look at the store that is under way.
type look struct {
	changes int
	done    chan struct{} // closed at its end
}

// appearance returns how the organisation shows itself; when the store fails, the last that was known. One visitor looks;
// others go on with what is known or, when that has been changed since, wait.
func (p *Pages) appearance(ctx context.Context) *appearance {
	l := &p.looks
	l.mu.Lock()
	known := l.latest != nil && l.of == l.changes
	if known && (time.Now().Before(l.until) || l.looking != nil) {
		defer l.mu.Unlock()
		return l.latest
	}
	now := l.looking
	mine := now == nil || now.changes != l.changes
	if mine {
		now = &look{changes: l.changes, done: make(chan struct{})}
		l.looking = now
	}
	l.mu.Unlock()
	if mine {
		p.look(ctx, now)
	} else {
		select {
		case <-now.done:
		case <-ctx.Done():
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.latest == nil {
		return &appearance{}
	}
	return l.latest
}

// look asks the store. It is for others as well, so it goes on when this visitor goes.
func (p *Pages) look(ctx context.Context, now *look) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), appearancePatience)
	defer cancel()
	a, err := p.readAppearance(ctx)
	life := appearanceLife
	if err != nil {
		p.log.Error("appearance could not be read", "error", err)
		life = appearanceRetry
	}
	l := &p.looks
	l.mu.Lock()
	defer l.mu.Unlock()
	defer close(now.done)
	if l.looking != now {
		return // it was changed meanwhile, and somebody else looks at that
	}
	l.looking = nil
	if err == nil {
		l.latest = a
	} else if l.latest == nil {
		l.latest = &appearance{}
	}
	l.of, l.until = now.changes, time.Now().Add(life)
}

func (p *Pages) readAppearance(ctx context.Context) (*appearance, error) {
	a := &appearance{}
	var err error
	if a.Organisation, err = p.cfg.Store.Organisation(ctx); err != nil {
		return nil, err
	}
	if a.Branding, err = p.cfg.Store.Branding(ctx); err != nil {
		return nil, err
	}
	if a.png, err = p.cfg.Store.Logo(ctx); err != nil {
		return nil, err
	}
	if a.Accent != "" {
		a.css = []byte(accentCSS(a.Accent))
		a.Style = "/static/" + styleName + "?v=" + version(a.css)
	}
	if a.png != nil {
		a.Logo = "/static/" + logoName + "?v=" + version(a.png)
	}
	return a, nil
}

// changed makes the pages ask the store again at once.
func (p *Pages) changed() {
	p.joins.forget()
	p.looks.mu.Lock()
	defer p.looks.mu.Unlock()
	p.looks.changes++
}

const (
	styleName = "organisation.css"
	logoName  = "organisation.png"
)

func version(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}

// getOwn answers with the organisation's style sheet or logo.
func (p *Pages) getOwn(w http.ResponseWriter, r *http.Request, name string) {
	a := p.appearance(r.Context())
	data, kind := a.css, "text/css; charset=utf-8"
	if name == logoName {
		data, kind = a.png, "image/png"
	}
	if data == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	if r.URL.Query().Get("v") != version(data) { // an earlier one was asked for
		h.Set("Cache-Control", "no-store")
	}
	w.Write(data)
}

// Paths of forms that may be larger than others.
const (
	AppearancePath = "/desk/admin/appearance"
	LogoPath       = "/desk/admin/logo"
)

// appearanceData is what the page about the appearance shows.
type appearanceData struct {
	admin.Appearance
	Logo        string
	Permissions []choice
}

// choice is a box to tick.
type choice struct {
	Name string
	On   bool
	Off  bool // cannot be changed
}

func (p *Pages) showAppearance(w http.ResponseWriter, r *http.Request, v visit, d deskFrame, a *admin.Appearance) {
	if a == nil {
		now, err := p.office(v).Appearance(r.Context())
		if err != nil {
			p.failed(w, r, err)
			return
		}
		a = &now
	}
	data := appearanceData{Appearance: *a, Logo: p.appearance(r.Context()).Logo}
	for i, name := range admin.Permissions {
		data.Permissions = append(data.Permissions, choice{name, i == 0 || a.Allowed == nil || slices.Contains(a.Allowed, name), i == 0})
	}
	d.Data = data
	p.showDesk(w, r, v, "appearance", d)
}

func (p *Pages) getAppearance(w http.ResponseWriter, r *http.Request, v visit) {
	p.showAppearance(w, r, v, deskFrame{}, nil)
}

func (p *Pages) postAppearance(w http.ResponseWriter, r *http.Request, v visit) {
	f := r.PostForm
	a := admin.Appearance{Organisation: f.Get("organisation"), Branding: store.Branding{
		Accent: f.Get("accent"), Footer: f.Get("footer"), Welcome: f.Get("welcome"), Privacy: f.Get("privacy"), Downloads: f.Get("downloads"),
		Allowed: append([]string{admin.Permissions[0]}, f["allowed"]...),
	}}
	if f.Get("own-accent") == "" {
		a.Accent = ""
	}
	a.Allowed = slices.Compact(a.Allowed)
	if err := p.office(v).SetAppearance(r.Context(), a); err != nil {
		if wrong, ok := p.wrong(w, r, err); ok {
			p.showAppearance(w, r, v, deskFrame{Wrong: wrong}, &a)
		}
		return
	}
	p.changed()
	p.showAppearance(w, r, v, deskFrame{Said: "appearance.saved"}, nil)
}

// postLogo takes a logo in, or removes it. Its form is the only one with a file, and is read by its own rules.
func (p *Pages) postLogo(w http.ResponseWriter, r *http.Request, v visit) {
	var data []byte
	if r.PostForm.Get("remove") == "" {
		file, _, err := r.FormFile("logo")
		if err == nil {
			data, err = io.ReadAll(io.LimitReader(file, admin.MaxLogo+1))
			file.Close()
		}
		if err != nil || len(data) == 0 {
			p.showAppearance(w, r, v, deskFrame{Wrong: p.texts.say(p.texts.choose(w, r), "wrong.logo")}, nil)
			return
		}
	}
	if err := p.office(v).SetLogo(r.Context(), data); err != nil {
		if wrong, ok := p.wrong(w, r, err); ok {
			p.showAppearance(w, r, v, deskFrame{Wrong: wrong}, nil)
		}
		return
	}
	p.changed()
	p.showAppearance(w, r, v, deskFrame{Said: "appearance.saved"}, nil)
}

// office is where the visitor administers the relay.
func (p *Pages) office(v visit) *admin.Office {
	return &admin.Office{
		Store: p.cfg.DeskStore, Actor: v.account.User, Self: v.account.ID, Now: p.cfg.Now, Revoke: p.cfg.Desk.Revoke,
	}
}

// wrong is the sentence for what an office has refused; when the office itself failed, it has answered.
func (p *Pages) wrong(w http.ResponseWriter, r *http.Request, err error) (sentence string, ok bool) {
	var wrong *admin.Error
	if !errors.As(err, &wrong) {
		p.failed(w, r, err)
		return "", false
	}
	keys := map[*admin.Error]string{
		admin.ErrUser: "accounts.user.wrong", admin.ErrName: "accounts.name.wrong", admin.ErrExists: "accounts.exists",
		admin.ErrNotFound: "missing.text", admin.ErrSelf: "wrong.self", admin.ErrColour: "wrong.colour",
		admin.ErrAddress: "wrong.address", admin.ErrText: "wrong.text", admin.ErrLogo: "wrong.logo", admin.ErrAllowed: "refused.text",
		admin.ErrScopes: "wrong.scopes", admin.ErrDays: "wrong.days", admin.ErrKeyName: "wrong.key",
	}
	return p.texts.say(p.texts.choose(w, r), keys[wrong]), true
}

// paragraphs are the parts of a text between empty lines.
func paragraphs(text string) []string {
	var all []string
	for _, part := range strings.Split(text, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// Forget makes the pages look up how the organisation shows itself when they are next asked.
func (p *Pages) Forget() { p.changed() }
