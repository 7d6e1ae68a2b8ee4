package pages

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
)

func (p *Pages) getHome(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, http.StatusOK, "home", nil)
}

// joinData is what the join page shows.
type joinData struct {
	Routing string // from the link; may be empty
	Wrong   bool   // the link had something else there
	System  system // of the visitor's computer; "" when it cannot be told
	Phone   bool
	Program *program  // for that system; nil when there is none
	Others  []program // for the other systems
	Host    string    // of this relay, as the visitor sees it
}

func (p *Pages) getJoin(w http.ResponseWriter, r *http.Request) {
	lang, status := p.texts.choose(w, r), http.StatusOK
	key := joinKey{lang: lang, host: r.Host, routed: true}
	routing := r.PathValue("routing")
	if !isRouting(routing) {
		key.routed, key.wrong = false, routing != "" // whatever it was, the page must not repeat it
	}
	if key.wrong {
		status = http.StatusNotFound
	}
	key.system, key.phone = visitorSystem(r)
	// The page is for others as well, so it is made to its end when this visitor goes. It asks nobody but the folder and, with
	// a deadline, for the appearance.
	page, err := p.joins.page(key, func() ([]byte, error) { return p.renderJoin(context.WithoutCancel(r.Context()), key) })
	if err != nil {
		p.log.Error("page could not be written", "page", "join", "error", err)
		p.problem(w, r)
		return
	}
	sent := outgoing.Get().(*[]byte)
	defer outgoing.Put(sent)
	*sent = page.fill((*sent)[:0], routing)
	send(w, status, lang, *sent)
}

// outgoing lends the memory in which join pages are put together: a thousand a second must leave nothing behind that has to be
// collected while sessions run.
var outgoing = sync.Pool{New: func() any { return new([]byte) }}

// joinKey is all that a join page depends on, besides the routing digits, the appearance and the programs.
type joinKey struct {
	lang, host    string
	system        system
	phone         bool
	routed, wrong bool
}

// placeholder stands in a kept page where the routing digits go, which are only digits. It is longer than these can be.
const placeholder = "0918273645"

func (p *Pages) renderJoin(ctx context.Context, key joinKey) ([]byte, error) {
	d, path := joinData{Wrong: key.wrong, Host: key.host, System: key.system, Phone: key.phone}, "/join"
	if key.routed {
		d.Routing, path = placeholder, "/join/"+placeholder
	}
	for _, prog := range p.downloads.list(ctx) {
		switch {
		case !prog.Customer:
		case prog.System == d.System && d.Program == nil:
			d.Program = &prog
		default:
			d.Others = append(d.Others, prog)
		}
	}
	return p.render(ctx, key.lang, path, "join", d)
}

// joinPages keeps join pages for a moment: of all pages this is the one that many people may ask for at once, and a relay
// has sessions to serve meanwhile.
type joinPages struct {
	mu   sync.Mutex
	kept map[joinKey]*joinPage
	till time.Time // by the machine's clock; then all are forgotten
}

const (
	joinLife = time.Second
	maxJoins = 200 // Host is whatever the visitor says
)

// joinPage is a page that the first visitor makes and the others wait for: if each made its own whenever a moment is over,
// sessions would wait for all of them.
type joinPage struct {
	once  sync.Once
	parts [][]byte // with the routing digits between them
	err   error
}

func (p *joinPage) make(render func() ([]byte, error)) {
	page, err := render()
	p.parts, p.err = bytes.Split(page, []byte(placeholder)), err
}

// fill appends the page with these routing digits to a slice.
func (p *joinPage) fill(to []byte, routing string) []byte {
	for i, part := range p.parts {
		if i > 0 {
			to = append(to, routing...)
		}
		to = append(to, part...)
	}
	return to
}

// page is a kept page, or a fresh one.
func (j *joinPages) page(key joinKey, render func() ([]byte, error)) (*joinPage, error) {
	j.mu.Lock()
	if now := time.Now(); now.After(j.till) || len(j.kept) >= maxJoins {
		j.kept, j.till = map[joinKey]*joinPage{}, now.Add(joinLife)
	}
	kept := j.kept // the ones of when it was begun: a change meanwhile must not be covered
	p := kept[key]
	if p == nil {
		p = &joinPage{err: errors.New("the page could not be made")} // stays when render panics
		kept[key] = p
	}
	j.mu.Unlock()
	p.once.Do(func() { p.make(render) })
	if p.err != nil {
		j.mu.Lock()
		if kept[key] == p {
			delete(kept, key)
		}
		j.mu.Unlock()
	}
	return p, p.err
}

// forget makes every page fresh again.
func (j *joinPages) forget() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.till = time.Time{}
}

// isRouting says whether these can be a code's routing digits.
func isRouting(text string) bool {
	if len(text) < 4 || len(text) > 7 {
		return false
	}
	return strings.Trim(text, "0123456789") == ""
}

// system is an operating system for which there are programs.
type system string

const (
	windows system = "windows"
	macOS   system = "macos"
	linux   system = "linux"
)

// Name is the system's own name.
func (s system) Name() string {
	return map[system]string{windows: "Windows", macOS: "macOS", linux: "Linux"}[s]
}

// visitorSystem tells the visitor's system from what the browser says about itself.
func visitorSystem(r *http.Request) (s system, phone bool) {
	hint := strings.ToLower(strings.Trim(r.Header.Get("Sec-CH-UA-Platform"), `"`))
	agent := strings.ToLower(r.UserAgent())
	has := func(word string) bool { return strings.Contains(agent, word) }
	switch {
	case hint == "android" || hint == "ios" || has("android") || has("iphone") || has("ipad") || has("mobile"):
		return "", true
	case hint == "windows" || has("windows"):
		return windows, false
	case hint == "macos" || has("macintosh") || has("mac os x"):
		return macOS, false
	case hint == "linux" || has("linux") || has("x11"):
		return linux, false
	}
	return "", false
}
