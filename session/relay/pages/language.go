package pages

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// languages are those that the pages speak, the first one when nothing else fits. Each has a file in texts/.
var languages = []struct{ Code, Name string }{
	{"en", "English"}, {"sl", "Slovenščina"}, {"de", "Deutsch"}, {"nb", "Norsk"}, {"ko", "한국어"},
}

// languageCookie remembers which language a visitor chose.
const languageCookie = "handrail-language"

//go:embed texts/*.json
var textFiles embed.FS

// texts are all sentences in all languages.
type texts struct {
	byLanguage map[string]map[string]string
	matcher    language.Matcher

	mu      sync.Mutex
	matched map[string]string // the language for what a browser prefers; guarded by mu
}

// maxMatched bounds what is remembered of browsers' preferences, which are whatever visitors say.
const maxMatched = 500

func loadTexts() (*texts, error) {
	t := &texts{byLanguage: map[string]map[string]string{}}
	var tags []language.Tag
	for _, l := range languages {
		data, err := textFiles.ReadFile("texts/" + l.Code + ".json")
		if err != nil {
			return nil, fmt.Errorf("pages: %w", err)
		}
		all := map[string]string{}
		if err := json.Unmarshal(data, &all); err != nil {
			return nil, fmt.Errorf("pages: texts/%s.json: %w", l.Code, err)
		}
		t.byLanguage[l.Code] = all
		tags = append(tags, language.MustParse(l.Code))
	}
	t.matcher = language.NewMatcher(tags)
	return t, nil
}

// say is the text with this key; args fill its places ("%s"). A key that is missing shows itself; a test finds it.
func (t *texts) say(lang, key string, args ...any) string {
	text, ok := t.byLanguage[lang][key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// choose is the language for a request: the one that was just asked for, the one that was asked for before, or
// what the browser prefers.
func (t *texts) choose(w http.ResponseWriter, r *http.Request) string {
	w.Header().Add("Vary", "Accept-Language, Cookie")
	asked := ""
	if r.URL.RawQuery != "" {
		asked = r.URL.Query().Get("lang")
	}
	if _, ok := t.byLanguage[asked]; ok {
		http.SetCookie(w, &http.Cookie{
			Name: languageCookie, Value: asked, Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
		})
		return asked
	}
	if c, err := r.Cookie(languageCookie); err == nil {
		if _, ok := t.byLanguage[c.Value]; ok {
			return c.Value
		}
	}
	accept := r.Header.Get("Accept-Language")
	if len(accept) > 256 { // nobody speaks that many
		accept = ""
	}
	return t.match(accept)
}

// match is the language for what a browser prefers. Most browsers say one of a few things, so that is looked up.
func (t *texts) match(accept string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lang, ok := t.matched[accept]
	if ok {
		return lang
	}
	lang = t.matchAnew(accept)
	if t.matched == nil || len(t.matched) >= maxMatched {
		t.matched = map[string]string{}
	}
	t.matched[strings.Clone(accept)] = lang // not the whole request with it
	return lang
}

func (t *texts) matchAnew(accept string) string {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return languages[0].Code
	}
	for i, tag := range tags { // for the matcher, Norwegian is not Bokmål
		if base, _ := tag.Base(); strings.HasPrefix(base.String(), "n") && (base.String() == "no" || base.String() == "nn") {
			tags[i] = language.MustParse("nb")
		}
	}
	_, at, confidence := t.matcher.Match(tags...)
	if confidence == language.No {
		return languages[0].Code
	}
	return languages[at].Code
}
