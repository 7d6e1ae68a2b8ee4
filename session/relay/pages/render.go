package pages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static/*
var staticFiles embed.FS

// deskPages are those of people who are signed in: they have a menu, and get a deskFrame.
var deskPages = []string{
	"abuse.html", "account.html", "accounts.html", "appearance.html", "audit.html", "desk.html", "history.html", "invite.html",
	"keys.html", "report.html", "sessions.html", "start.html",
}

// adminPages are those of them that only administrators see.
var adminPages = []string{"abuse", "accounts", "appearance", "audit", "report", "sessions"}

// permissionTexts are what people call what customers may be asked for.
var permissionTexts = map[string]string{
	"view": "permission.view", "control": "permission.control", "files": "permission.files",
	"clipboard": "permission.clipboard", "sysinfo": "permission.sysinfo", "whiteboard": "permission.whiteboard",
}

// homes are where the pages are found that answer forms.
var homes = map[string]string{
	"signin": "/desk/signin", "start": "/desk", "account": "/desk/account", "accounts": "/desk/admin/accounts",
	"appearance": AppearancePath, "keys": "/desk/keys", "misuse": "/report", "password": "/", "expired": "/", "invite": "/desk",
	"refused": "/", "problem": "/", "missing": "/",
}

// templates are the pages in one language, by name, each with the frame around it.
type templates map[string]*template.Template

func (p *Pages) loadTemplates() (map[string]*templates, error) {
	files, err := templateFiles.ReadDir("templates")
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	all := map[string]*templates{}
	for _, l := range languages {
		set := templates{}
		for _, f := range files {
			if f.Name() == "frame.html" || f.Name() == "menu.inc.html" {
				continue
			}
			parts := []string{"templates/frame.html", "templates/" + f.Name()}
			if slices.Contains(deskPages, f.Name()) {
				parts = append(parts, "templates/menu.inc.html")
			}
			t, err := template.New("frame.html").Funcs(p.functions(l.Code)).ParseFS(templateFiles, parts...)
			if err != nil {
				return nil, fmt.Errorf("pages: %w", err)
			}
			set[strings.TrimSuffix(f.Name(), ".html")] = t
		}
		all[l.Code] = &set
	}
	return all, nil
}

func (p *Pages) functions(lang string) template.FuncMap {
	return template.FuncMap{
		"t":     func(key string, args ...any) string { return p.texts.say(lang, key, args...) },
		"asset": func(name string) string { return "/static/" + name + "?v=" + p.assets[name].version },
		// Only for links that these pages have made themselves: html/template lets no other schemes through.
		"link":        func(made string) template.URL { return template.URL(made) },
		"paragraphs":  paragraphs,
		"administers": func(tab string) bool { return slices.Contains(adminPages, tab) },
		"permission":  func(name string) string { return p.texts.say(lang, permissionTexts[name]) },
		"size":        func(bytes int64) string { return megabytes(lang, bytes) },
	}
}

// megabytes is a size as people read it.
func megabytes(lang string, bytes int64) string {
	text := fmt.Sprintf("%.1f", float64(max(bytes, 100_000))/1e6)
	if lang == "sl" || lang == "de" || lang == "nb" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text + "\u00a0MB"
}

// frame is what every page is made from.
type frame struct {
	Lang      string
	Path      string // of this page, for the switch of languages
	Languages []languageLink
	*appearance
	Desk bool // operators can sign in here
	Data any
}

type languageLink struct {
	Code, Name string
	Current    bool
}

// show answers with a page.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	lang, path := p.texts.choose(w, r), r.URL.Path
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		path = homes[name] // a form's address shows no page
	}
	page, err := p.render(r.Context(), lang, path, name, data)
	if err != nil {
		p.log.Error("page could not be written", "page", name, "error", err)
		http.Error(w, "This page cannot be shown. Please try again later.", http.StatusInternalServerError)
		return
	}
	send(w, status, lang, page)
}

// render writes a page.
func (p *Pages) render(ctx context.Context, lang, path, name string, data any) ([]byte, error) {
	f := frame{Lang: lang, Path: path, Desk: p.cfg.Desk != nil, appearance: p.appearance(ctx), Data: data}
	for _, l := range languages {
		f.Languages = append(f.Languages, languageLink{l.Code, l.Name, l.Code == lang})
	}
	var page bytes.Buffer
	err := (*p.templates[lang])[name].Execute(&page, f)
	return page.Bytes(), err
}

func send(w http.ResponseWriter, status int, lang string, page []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	w.Write(page) // whoever asked may be gone
}

// asset is a style sheet, script or picture.
type asset struct {
	data    []byte
	kind    string
	version string // changes with the data, so that browsers may keep it for good
}

func loadAssets() (map[string]asset, error) {
	files, err := staticFiles.ReadDir("static")
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	all := map[string]asset{}
	for _, f := range files {
		data, err := staticFiles.ReadFile("static/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("pages: %w", err)
		}
		sum := sha256.Sum256(data)
		all[f.Name()] = asset{data: data, kind: assetKind(f.Name()), version: hex.EncodeToString(sum[:6])}
	}
	return all, nil
}

// assetKind does not ask the system, whose tables differ.
func assetKind(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func (p *Pages) getAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if name == styleName || name == logoName {
		p.getOwn(w, r, name)
		return
	}
	a, ok := p.assets[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Write(a.data)
}
