package pages

import (
	"net/http"
	"strings"
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
	d := joinData{Routing: r.PathValue("routing"), Host: r.Host}
	status := http.StatusOK
	if d.Routing != "" && !isRouting(d.Routing) {
		d.Routing, d.Wrong, status = "", true, http.StatusNotFound
		r.URL.Path = "/join" // whatever it was, the page must not repeat it
	}
	d.System, d.Phone = visitorSystem(r)
	for _, prog := range p.downloads.list(r.Context()) {
		switch {
		case !prog.Customer:
		case prog.System == d.System && d.Program == nil:
			d.Program = &prog
		default:
			d.Others = append(d.Others, prog)
		}
	}
	p.show(w, r, status, "join", d)
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
