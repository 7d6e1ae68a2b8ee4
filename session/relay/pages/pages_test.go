package pages

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"handrail/session/relay/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// organised is a store that only has an organisation's name.
type organised string

func (o organised) Organisation(context.Context) (string, error)     { return string(o), nil }
func (o organised) Branding(context.Context) (store.Branding, error) { return store.Branding{}, nil }
func (o organised) Logo(context.Context) ([]byte, error)             { return nil, nil }

// serve serves the pages with some programs in their folder.
func serve(t testing.TB, organisation string) (*httptest.Server, string) {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, "downloads")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"downloads/handrail-client.exe":       strings.Repeat("0123456789", 1000),
		"downloads/handrail-client.exe.sig":   "signed",
		"downloads/handrail-client-macos.dmg": "mac",
		"downloads/handrail-client-linux":     "linux",
		"downloads/handrail.exe":              "operator",
		"downloads/.hidden":                   "hidden",
		"secret":                              "top secret",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	os.Symlink(filepath.Join(dir, "secret"), filepath.Join(folder, "link.exe"))
	os.Mkdir(filepath.Join(folder, "folder.exe"), 0o700)
	p, err := New(Config{Store: organised(organisation), Downloads: folder})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	p.Register(mux)
	web := httptest.NewServer(mux)
	t.Cleanup(func() { web.Close(); http.DefaultTransport.(*http.Transport).CloseIdleConnections() })
	return web, dir
}

// get asks as a browser would; header has pairs of names and values.
func get(t testing.TB, url string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestLanguages(t *testing.T) {
	web, _ := serve(t, "")
	for _, c := range []struct{ path, accept, cookie, want string }{
		{"/join", "", "", "en"},
		{"/join", "sl", "", "sl"},
		{"/join", "de-AT,de;q=0.9,en;q=0.5", "", "de"},
		{"/join", "no", "", "nb"},
		{"/join", "nn-NO", "", "nb"},
		{"/join", "nb-NO,nb", "", "nb"},
		{"/join", "ko-KR", "", "ko"},
		{"/join", "fr,sl;q=0.3", "", "sl"},
		{"/join", "fr", "", "en"},
		{"/join", "xx-invalid-;;;q=9", "", "en"},
		{"/join", strings.Repeat("sl,", 200), "", "en"},
		{"/join?lang=ko", "sl", "de", "ko"},
		{"/join?lang=../etc", "sl", "", "sl"},
		{"/join", "sl", "de", "de"},
		{"/join", "sl", "<script>", "sl"},
	} {
		resp, body := get(t, web.URL+c.path, "Accept-Language", c.accept, "Cookie", languageCookie+"="+c.cookie)
		if !strings.Contains(body, `<html lang="`+c.want+`"`) || resp.Header.Get("Content-Language") != c.want {
			t.Errorf("%s, %q, cookie %q: not %s", c.path, c.accept, c.cookie, c.want)
		}
	}
	resp, _ := get(t, web.URL+"/join?lang=ko")
	if c := resp.Cookies(); len(c) != 1 || c[0].Value != "ko" || !c[0].HttpOnly {
		t.Errorf("cookies: %v", c)
	}
}

var (
	usedText = regexp.MustCompile(`\{t "([^"]+)"|\(t "([^"]+)"| t "([^"]+)"|(?:say|text)\([^"()]*"([a-z0-9_.]+\.[a-z0-9_.]+)"`)
	anyText  = regexp.MustCompile(`"([a-z0-9_]+(?:\.[a-z0-9_]+)+)"`)
	place    = regexp.MustCompile(`%[^%]`)
)

func TestTextsAreComplete(t *testing.T) {
	all, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, pattern := range []string{"templates/*.html", "*.go"} {
		files, _ := filepath.Glob(pattern)
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range usedText.FindAllStringSubmatch(string(data), -1) {
				used[m[1]+m[2]+m[3]+m[4]] = true
			}
			for _, m := range anyText.FindAllStringSubmatch(string(data), -1) {
				if _, ok := all.byLanguage["en"][m[1]]; ok && strings.HasSuffix(f, ".go") {
					used[m[1]] = true
				}
			}
		}
	}
	english := all.byLanguage["en"]
	for key := range used {
		if _, ok := english[key]; !ok {
			t.Errorf("%q has no text", key)
		}
	}
	for key, text := range english {
		if !used[key] {
			t.Errorf("%q is not used", key)
		}
		for lang, texts := range all.byLanguage {
			other, ok := texts[key]
			if !ok || other == "" {
				t.Errorf("%q is missing in %s", key, lang)
			}
			if a, b := place.FindAllString(text, -1), place.FindAllString(other, -1); len(a) != len(b) {
				t.Errorf("%q has other places in %s", key, lang)
			}
		}
	}
	for lang, texts := range all.byLanguage {
		if len(texts) != len(english) {
			t.Errorf("%s has %d texts, not %d", lang, len(texts), len(english))
		}
	}
}

func TestHeadersAndNoInlineScript(t *testing.T) {
	const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	web, _ := serve(t, hostile)
	inline := regexp.MustCompile(`(?i)<script(?:>|[^>]*[^r]>)[^<]|<style|\son[a-z]+=|javascript:|\sstyle=`)
	for _, path := range []string{"/", "/join", "/join/4821", "/join/%22%3E%3Cscript%3E", "/download", "/download/none"} {
		resp, body := get(t, web.URL+path)
		h := resp.Header
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY",
			"Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		if strings.Contains(body, "<script>") || strings.Contains(body, "<img src=x") {
			t.Errorf("%s: text became HTML", path)
		}
		if strings.Contains(body, "https://") || strings.Contains(body, "//cdn") {
			t.Errorf("%s: reaches outside", path)
		}
		if found := inline.FindString(strings.ReplaceAll(body, html.EscapeString(hostile), "")); found != "" {
			t.Errorf("%s: something inline: %q", path, found)
		}
	}
}

func TestJoinPage(t *testing.T) {
	web, _ := serve(t, "Example Help Desk")
	const (
		windowsAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140"
		macAgent     = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605"
		linuxAgent   = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140"
		phoneAgent   = "Mozilla/5.0 (Linux; Android 15) Mobile Chrome/140"
	)
	for _, c := range []struct {
		path, agent string
		status      int
		has, hasNot []string
	}{
		{"/join", windowsAgent, 200, []string{`data-main data-suffix=".exe" href="/download/handrail-client.exe"`, "Example Help Desk"}, []string{"handrail.exe"}},
		{"/join", macAgent, 200, []string{`data-main data-suffix=".dmg"`}, nil},
		{"/join", linuxAgent, 200, []string{`data-main data-suffix="" href="/download/handrail-client-linux"`, "<noscript>"}, nil},
		{"/join", phoneAgent, 200, []string{"on the computer that needs help"}, []string{"data-program", "<form"}},
		{"/join", "curl", 200, []string{"Choose the program"}, []string{"data-main"}},
		{"/join/4821", windowsAgent, 200, []string{`data-routing="4821"`}, nil},
		{"/join/4821739", windowsAgent, 200, []string{`data-routing="4821739"`}, nil},
		{"/join/4821739205", windowsAgent, 404, []string{"not complete", `data-routing=""`}, []string{"739205"}},
		{"/join/482", windowsAgent, 404, []string{"not complete"}, nil},
		{"/join/%C2%B2%C2%B3%C2%B2%C2%B3", windowsAgent, 404, []string{"not complete"}, nil},
	} {
		resp, body := get(t, web.URL+c.path, "User-Agent", c.agent)
		if resp.StatusCode != c.status {
			t.Errorf("%s: status %d", c.path, resp.StatusCode)
		}
		for _, part := range c.has {
			if !strings.Contains(body, part) {
				t.Errorf("%s, %s: %q is missing in %s", c.path, c.agent, part, body)
			}
		}
		for _, part := range c.hasNot {
			if strings.Contains(body, part) {
				t.Errorf("%s, %s: has %q", c.path, c.agent, part)
			}
		}
		// A browser without scripts must have nothing that could send a code.
		if strings.Contains(body, "name=\"") && strings.Contains(strings.ReplaceAll(body, "<meta name=\"", ""), " name=\"") {
			t.Errorf("%s: a field has a name", c.path)
		}
	}
}

func TestJoinPageIsSmall(t *testing.T) {
	web, _ := serve(t, "Example Help Desk")
	_, page := get(t, web.URL+"/join/4821", "User-Agent", "Windows", "Accept-Language", "ko")
	total := len(page)
	for _, m := range regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		resp, body := get(t, web.URL+m[1])
		if resp.StatusCode != 200 || !strings.Contains(resp.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %s", m[1], resp.Status)
		}
		total += len(body) + 500 // headers
	}
	if total > 60_000 {
		t.Errorf("the join page has %d bytes", total)
	}
	t.Logf("%d bytes", total)
}

func TestDownloads(t *testing.T) {
	web, dir := serve(t, "")
	resp, body := get(t, web.URL+"/download/handrail-client.exe", "Range", "bytes=5-14")
	if resp.StatusCode != 206 || body != "5678901234" || resp.Header.Get("Content-Disposition") != "attachment" {
		t.Errorf("a range: %d %q %v", resp.StatusCode, body, resp.Header)
	}
	resp, body = get(t, web.URL+"/download/handrail-client.exe")
	if resp.StatusCode != 200 || len(body) != 10_000 || resp.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("the whole: %d, %d bytes", resp.StatusCode, len(body))
	}
	if resp, _ = get(t, web.URL+"/download/handrail-client.exe", "Range", "bytes=20000-"); resp.StatusCode != 416 {
		t.Errorf("a range beyond the end: %d", resp.StatusCode)
	}
	_, body = get(t, web.URL+"/download")
	if !strings.Contains(body, `href="/download/handrail-client.exe.sig"`) {
		t.Error("the list lacks the signature")
	}
	if n := strings.Count(body, "<dt>SHA-256</dt>"); n != 4 {
		t.Errorf("the list has %d programs", n)
	}
	// A changed file gets a new checksum.
	sums := regexp.MustCompile(`[0-9a-f]{64}`).FindAllString(body, -1)
	os.WriteFile(filepath.Join(dir, "downloads/handrail-client.exe"), []byte("new"), 0o600)
	_, body = get(t, web.URL+"/download")
	if now := regexp.MustCompile(`[0-9a-f]{64}`).FindAllString(body, -1); len(sums) != 4 || now[0] == sums[0] || now[1] != sums[1] {
		t.Errorf("checksums %v, then %v", sums, now)
	}
	for _, path := range []string{
		"..%2fsecret", "../secret", "%2e%2e%2fsecret", "..%5csecret", ".hidden", "link.exe", "folder.exe", "", ".", "..",
		"%2fetc%2fpasswd", "handrail-client.exe%00", "handrail-client.exe%2f..%2f..%2fsecret", strings.Repeat("a", 5000),
	} {
		resp, body := get(t, web.URL+"/download/"+path)
		if resp.StatusCode < 300 || strings.Contains(body, "top secret") || strings.Contains(body, dir) {
			t.Errorf("%q: %d %q", path, resp.StatusCode, body)
		}
	}
}

// nobody takes a page and throws it away.
type nobody struct{ header http.Header }

func (n nobody) Header() http.Header          { return n.header }
func (nobody) Write(data []byte) (int, error) { return len(data), nil }
func (nobody) WriteHeader(int)                {}

// BenchmarkJoinPage makes the page that many may ask for at once; what HTTP and the network take is not in it.
func BenchmarkJoinPage(b *testing.B) {
	p, err := New(Config{Store: organised("Example Help Desk"), Downloads: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	p.Register(mux)
	req := httptest.NewRequest("GET", "/join/4821", nil)
	req.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)")
	req.Header.Set("Accept-Language", "de-AT,de;q=0.9,en;q=0.8")
	b.ReportAllocs()
	for b.Loop() {
		mux.ServeHTTP(nobody{http.Header{}}, req)
	}
}
