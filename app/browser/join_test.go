package browser

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// awaited makes Evaluate wait for a promise.
func awaited(p *cdpruntime.EvaluateParams) *cdpruntime.EvaluateParams {
	return p.WithAwaitPromise(true)
}

const secret = "739205"

// savedName is what the program is called that a browser saves from this rig.
func (r *rig) savedName(parts string) string {
	u, _ := url.Parse(r.url)
	return "Handrail-" + parts + u.Hostname() + "_" + u.Port() + ".exe"
}

// TestALinkNamesTheDownload follows a link with a code, and looks at what the relay got meanwhile: all but the
// secret digits.
func TestALinkNamesTheDownload(t *testing.T) {
	r := newRig(t)
	ctx, folder := open(t, windowsAgent, "sl-SI,sl,en")
	far := outside(ctx, r.url)
	run(t, ctx, chromedp.Navigate(r.url+"/join/4821#"+secret), chromedp.WaitVisible("#code"))
	var code string
	run(t, ctx, chromedp.Value("#code", &code))
	if code != "4821 739 205" {
		t.Errorf("the code field says %q", code)
	}
	if h := text(t, ctx, "h1"); h != "Pridobite pomoč" {
		t.Errorf("the heading says %q", h)
	}
	// Another language keeps the code.
	run(t, ctx, chromedp.Click(`a[hreflang="de"]`), chromedp.WaitVisible(`html[lang="de"] #code`), chromedp.Value("#code", &code))
	if code != "4821 739 205" {
		t.Errorf("in another language the code field says %q", code)
	}
	var open string
	run(t, ctx, chromedp.AttributeValue("[data-open]", "href", &open, nil))
	if u, err := url.Parse(open); err != nil || u.Scheme != "handrail" || !strings.Contains(u.RawQuery, "code=4821739205") {
		t.Errorf("the scheme's link is %q", open)
	}
	run(t, ctx, chromedp.Click("form button"), chromedp.WaitVisible("[data-done]"))
	if name := saved(t, ctx, folder); name != r.savedName("4821-739205-") {
		t.Errorf("saved as %q", name)
	}
	got := r.received()
	if !strings.Contains(got, "GET /join/4821") || !strings.Contains(got, "GET /download/handrail-client.exe") {
		t.Errorf("not recorded: %s", got)
	}
	for _, part := range []string{secret, "739 205", "739%20205"} {
		if strings.Contains(got, part) {
			t.Errorf("the relay got %q: %s", part, got)
		}
	}
	if f := far(); len(f) > 0 {
		t.Errorf("requests to others: %v", f)
	}
}

func TestACodeIsTyped(t *testing.T) {
	r := newRig(t)
	ctx, folder := open(t, windowsAgent, "en")
	run(t, ctx, chromedp.Navigate(r.url+"/join"), chromedp.WaitVisible("#code"), chromedp.SendKeys("#code", "4821 73"), chromedp.Click("form button"))
	if p := text(t, ctx, "#problem"); !strings.Contains(p, "too short") {
		t.Errorf("a short code: %q", p)
	}
	run(t, ctx, chromedp.SendKeys("#code", "9x"))
	if p := text(t, ctx, "#problem"); !strings.Contains(p, "only digits") {
		t.Errorf("a letter: %q", p)
	}
	run(t, ctx, chromedp.SendKeys("#code", "\b2-05\r"))
	if name := saved(t, ctx, folder); name != r.savedName("4821-739205-") {
		t.Errorf("saved as %q", name)
	}
	if strings.Contains(r.received(), secret) {
		t.Errorf("the relay got the secret: %s", r.received())
	}
}

func TestWithoutScripts(t *testing.T) {
	r := newRig(t)
	ctx, folder := open(t, windowsAgent, "en")
	run(t, ctx, emulation.SetScriptExecutionDisabled(true), chromedp.Navigate(r.url+"/join/4821#"+secret),
		chromedp.WaitVisible("noscript a"), chromedp.Click("noscript a"))
	if name := saved(t, ctx, folder); name != "handrail-client.exe" {
		t.Errorf("saved as %q", name)
	}
	if strings.Contains(r.received(), secret) {
		t.Errorf("the relay got the secret: %s", r.received())
	}
}

func TestPublicPagesLook(t *testing.T) {
	r := newRig(t)
	ctx, _ := open(t, windowsAgent, "en")
	eachLook(t, ctx, r.url+"/", "home")
	eachLook(t, ctx, r.url+"/join/4821?lang=en#"+secret, "join")
	eachLook(t, ctx, r.url+"/download", "downloads")
	eachLook(t, ctx, r.url+"/download/none", "missing")
	for _, lang := range []string{"sl", "de", "nb", "ko"} {
		run(t, ctx, look(360, 740, "light"), chromedp.Navigate(r.url+"/join/4821?lang="+lang+"#"+secret))
		checkAxe(t, ctx)
		picture(t, ctx, "join-"+lang)
	}
	run(t, ctx, emulation.SetUserAgentOverride(phoneAgent), look(360, 740, "light"), chromedp.Navigate(r.url+"/join/4821?lang=en"))
	checkAxe(t, ctx)
	picture(t, ctx, "join-on-phone")
}
