package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"handrail/session/relay"
	"handrail/session/relay/store"
)

// patience is for everything that is waited for; the machine may be busy.
const patience = 3 * time.Minute

// agents are what browsers on other systems say about themselves.
const (
	windowsAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	phoneAgent   = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
)

// rig is a relay that records all that it gets and sends.
type rig struct {
	t   *testing.T
	db  *store.DB
	url string
	// downloads is the folder of the programs that the relay offers.
	downloads string

	mu       sync.Mutex
	recorded bytes.Buffer
}

func newRig(t *testing.T, change ...func(*relay.Config)) *rig {
	t.Helper()
	if os.Getenv("HANDRAIL_CHROMIUM") == "" {
		t.Skip("HANDRAIL_CHROMIUM names no browser; \"make test-pages\" does")
	}
	dir := t.TempDir()
	downloads := filepath.Join(dir, "downloads")
	os.Mkdir(downloads, 0o700)
	for _, name := range []string{"handrail-client.exe", "handrail-client-linux", "handrail.exe"} {
		if err := os.WriteFile(filepath.Join(downloads, name), bytes.Repeat([]byte("MZ"), 100_000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := store.Open(t.Context(), filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.SetOrganisation(t.Context(), "Example Help Desk"); err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, db: db, downloads: downloads}
	cfg := relay.Config{Store: db, Downloads: downloads, Record: r.record}
	for _, f := range change {
		f(&cfg)
	}
	srv, err := relay.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(srv.Handler())
	r.url = web.URL
	t.Cleanup(func() { srv.Close(); web.Close(); db.Close() })
	return r
}

func (r *rig) record(rec relay.Recording) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !rec.Sent {
		r.recorded.Write(rec.Data)
		r.recorded.WriteByte('\n')
	}
}

// received is all that the relay got.
func (r *rig) received() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.recorded.String()
}

// open starts a browser with a folder for downloads. Languages are as in Accept-Language.
func open(t *testing.T, agent, languages string) (ctx context.Context, downloads string) {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(os.Getenv("HANDRAIL_CHROMIUM")), chromedp.NoSandbox,
		chromedp.Flag("accept-lang", languages))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	ctx, late := context.WithTimeout(ctx, patience)
	t.Cleanup(func() { late(); chromedp.Cancel(ctx); cancel(); stop() })
	downloads = filepath.Join(t.TempDir(), "saved")
	os.Mkdir(downloads, 0o700)
	actions := []chromedp.Action{
		browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(downloads).WithEventsEnabled(true),
	}
	if agent != "" {
		actions = append(actions, emulation.SetUserAgentOverride(agent).WithAcceptLanguage(languages))
	}
	run(t, ctx, actions...)
	return ctx, downloads
}

func run(t *testing.T, ctx context.Context, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// text is what an element says.
func text(t *testing.T, ctx context.Context, selector string) string {
	t.Helper()
	var s string
	run(t, ctx, chromedp.Text(selector, &s, chromedp.ByQuery))
	return strings.TrimSpace(s)
}

// saved waits for a file that the browser saved, and gives its name.
func saved(t *testing.T, ctx context.Context, folder string) string {
	t.Helper()
	for ctx.Err() == nil {
		files, _ := os.ReadDir(folder)
		for _, f := range files {
			if info, err := f.Info(); err == nil && info.Size() > 0 && !strings.HasSuffix(f.Name(), ".crdownload") && !strings.HasPrefix(f.Name(), ".") {
				return f.Name()
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("nothing was saved")
	return ""
}

// outside collects the requests of a page that go anywhere but to the relay.
func outside(ctx context.Context, relay string) func() []string {
	var mu sync.Mutex
	var far []string
	chromedp.ListenTarget(ctx, func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok && !strings.HasPrefix(e.Request.URL, relay) &&
			!strings.HasPrefix(e.Request.URL, "data:") { // the browser has pictures of its own for some fields
			mu.Lock()
			defer mu.Unlock()
			far = append(far, e.Request.URL)
		}
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return far
	}
}

// checkAxe fails when axe finds fault with the page.
func checkAxe(t *testing.T, ctx context.Context) {
	t.Helper()
	script, err := os.ReadFile(os.Getenv("HANDRAIL_AXE"))
	if err != nil {
		t.Log("HANDRAIL_AXE names no axe.min.js: accessibility was not checked")
		return
	}
	// Evaluated by the debugger, which the page's policy does not bind.
	var result []byte
	run(t, ctx, chromedp.Evaluate(string(script)+";0", nil))
	run(t, ctx, chromedp.Evaluate(
		`axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((r) => r.violations.map((v) => ({id: v.id, help: v.help, where: v.nodes.map((n) => n.html + " " + n.failureSummary)})))`,
		&result, chromedp.EvalAsValue, awaited))
	var found []struct {
		ID, Help string
		Where    []string
	}
	if err := json.Unmarshal(result, &found); err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Errorf("%s: %s\n%s", v.ID, v.Help, strings.Join(v.Where, "\n"))
	}
}

// picture keeps a picture of the page when HANDRAIL_PICTURES names a folder for it.
func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	folder := os.Getenv("HANDRAIL_PICTURES")
	if folder == "" {
		return
	}
	var png []byte
	run(t, ctx, chromedp.FullScreenshot(&png, 100))
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// look makes the window a size, light or dark.
func look(width, height int64, scheme string) chromedp.Action {
	return chromedp.Tasks{
		chromedp.EmulateViewport(width, height),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
	}
}

// eachLook visits a page at the sizes and colours that people have, and calls check for each.
func eachLook(t *testing.T, ctx context.Context, url, name string) {
	t.Helper()
	for _, v := range []struct {
		name          string
		width, height int64
	}{{"desktop", 1280, 800}, {"phone", 360, 740}} {
		for _, scheme := range []string{"light", "dark"} {
			run(t, ctx, look(v.width, v.height, scheme), chromedp.Navigate(url))
			var wide bool
			run(t, ctx, chromedp.Evaluate("document.documentElement.scrollWidth > innerWidth", &wide))
			if wide {
				t.Errorf("%s, %s: wider than the screen", name, v.name)
			}
			checkAxe(t, ctx)
			picture(t, ctx, fmt.Sprintf("%s-%s-%s", name, v.name, scheme))
		}
	}
}
