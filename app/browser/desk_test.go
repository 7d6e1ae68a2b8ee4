package browser

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"handrail/screen/screentest"
	"handrail/session/relay/store"
)

// oathtool is what an authenticator shows, by a program that is not ours.
func oathtool(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	out, err := exec.Command("oathtool", "--totp", "--base32", "--now", at.UTC().Format("2006-01-02 15:04:05 UTC"), secret).Output()
	if err != nil {
		t.Fatal("oathtool: ", err)
	}
	return strings.TrimSpace(string(out))
}

// keyByKeyboard makes a key for programs without the mouse; it asks for the password, and for it again when it was wrong.
func keyByKeyboard(t *testing.T, ctx context.Context, url string) {
	t.Helper()
	const key = "[data-key]"
	run(t, ctx, chromedp.Navigate(url+"/desk/keys"), chromedp.WaitVisible("#name"),
		chromedp.Focus("#name"), chromedp.KeyEvent("tickets"+kb.Tab+" ")) // the space chooses the first scope
	var field string
	for tabs := 0; field != "password"; tabs++ {
		if tabs > 20 {
			t.Fatal("Tab does not lead to the password")
		}
		run(t, ctx, chromedp.KeyEvent(kb.Tab), chromedp.Evaluate("document.activeElement.id", &field))
	}
	var has bool
	run(t, ctx, chromedp.KeyEvent(kb.Enter), chromedp.Evaluate(`document.querySelector("#password:invalid:focus") !== null`, &has))
	if !has {
		t.Error("without a password, the form does not wait for it")
	}
	run(t, ctx, chromedp.KeyEvent("wrong"+kb.Enter), chromedp.WaitVisible(".note.amber"), chromedp.Evaluate(`document.querySelector("`+key+`") !== null`, &has))
	if has {
		t.Error("a key for a wrong password")
	}
	checkAxe(t, ctx)
	picture(t, ctx, "keys-wrong")
	run(t, ctx, chromedp.Focus("#password"), chromedp.KeyEvent(password+kb.Enter), chromedp.WaitVisible(key))
	checkAxe(t, ctx)
	picture(t, ctx, "keys-fresh")
	if made := text(t, ctx, key); !strings.HasPrefix(made, "hrk_") {
		t.Errorf("the key is %q", made)
	}
}

// TestTheOperatorsPages goes the way of an administrator with a keyboard and an authenticator: sign in, set up the
// six digits, sign in with them, see a session, end it, add an account. Every page is looked at.
func TestTheOperatorsPages(t *testing.T) {
	r := newRig(t)
	r.account("desk1", "Help desk 1")
	a, err := r.db.AccountByUser(t.Context(), "desk1")
	if err == nil {
		err = r.db.SetAdministrator(t.Context(), a.ID, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, _ := open(t, "", "en")
	far := outside(ctx, r.url)
	visit := func(path, wait string) {
		t.Helper()
		run(t, ctx, chromedp.Navigate(r.url+path), chromedp.WaitVisible(wait))
	}
	eachLook(t, ctx, r.url+"/desk/signin?lang=en", "signin")
	run(t, ctx, look(1280, 800, "light"))
	visit("/desk", "#user")
	run(t, ctx, chromedp.SendKeys("#user", "desk1"), chromedp.SendKeys("#password", "wrong"+kb.Enter), chromedp.WaitVisible(".note.amber"))
	checkAxe(t, ctx)
	run(t, ctx, chromedp.SendKeys("#password", password+kb.Enter), chromedp.WaitVisible(".menu"))

	visit("/desk/account", "#now")
	run(t, ctx, chromedp.SendKeys("#second-password", password+kb.Enter), chromedp.WaitVisible("#second"))
	checkAxe(t, ctx)
	picture(t, ctx, "account-second")
	secret := text(t, ctx, "main code")
	run(t, ctx, chromedp.SendKeys("#second-password", password),
		chromedp.SendKeys("#second", oathtool(t, secret, time.Now().Add(-30*time.Second))+kb.Enter), chromedp.WaitVisible("main li code"))
	checkAxe(t, ctx)
	picture(t, ctx, "account-codes")
	run(t, ctx, chromedp.Click(`form[action="/desk/signout"] button`), chromedp.WaitVisible("#user"))
	run(t, ctx, chromedp.SendKeys("#user", "desk1"), chromedp.SendKeys("#password", password+kb.Enter), chromedp.WaitVisible(".note.amber"))
	run(t, ctx, chromedp.SendKeys("#password", password), chromedp.SendKeys("#second", oathtool(t, secret, time.Now())+kb.Enter), chromedp.WaitVisible(".menu"))

	run(t, ctx, chromedp.Click(`form[action="/desk/start"] button`), chromedp.WaitVisible("[data-once]"))
	checkAxe(t, ctx)
	picture(t, ctx, "start")
	// The link opens the operator's program, which signs in and starts a session.
	var link string
	run(t, ctx, chromedp.AttributeValue("[data-once]", "href", &link, nil))
	socket := filepath.Join(t.TempDir(), "s")
	operator := built(t, "handrail")
	start(t, exec.Command(operator, "--headless", "--relay", r.url, "--link", link, "--socket", socket))
	screentest.WaitFor(t, "the operator's program has signed in", func() bool { _, err := os.Stat(socket); return err == nil })
	list, err := exec.Command(operator, "ctl", "--socket", socket, "session", "list").Output()
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile(`"code":"(\d{4})\d{6}"`).FindSubmatch(list)
	if code == nil {
		t.Fatalf("the program has no session: %s", list)
	}
	visit("/desk", "table")
	if row := text(t, ctx, "tbody tr"); !strings.Contains(row, string(code[1])) {
		t.Errorf("the list says %q, the program %s", row, list)
	}
	var invite string
	run(t, ctx, chromedp.AttributeValue("tbody a", "href", &invite, nil))
	if err := r.db.AddAbuseReport(t.Context(), store.AbuseReport{
		ID: "r1", At: time.Now(), Routing: string(code[1]), Text: "<img src=x onerror=alert(1)> He asked for my bank's password.",
	}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{
		"desk", "desk/history", "desk/account", "desk/keys", "desk/admin/accounts", "desk/admin/sessions", "desk/admin/audit",
		"desk/admin/report", "desk/admin/abuse", "desk/admin/appearance", strings.TrimPrefix(invite, "/"),
	} {
		eachLook(t, ctx, r.url+"/"+p, pictureName(p))
	}
	run(t, ctx, look(1280, 800, "light"))
	keyByKeyboard(t, ctx, r.url)
	visit("/desk", "table")
	run(t, ctx, chromedp.Click("tbody button"), chromedp.WaitNotPresent("table"))
	checkAxe(t, ctx)

	visit("/desk/admin/accounts", "#name")
	run(t, ctx, chromedp.SendKeys("#user", "desk2"), chromedp.SendKeys("#name", `<img src=x onerror=alert(1)>`+kb.Enter), chromedp.WaitVisible("[data-fresh]"))
	checkAxe(t, ctx)
	picture(t, ctx, "accounts-fresh")
	var images int
	run(t, ctx, chromedp.Evaluate(`document.querySelectorAll("main img").length`, &images))
	if images > 0 {
		t.Error("a name became a picture")
	}
	// The link sets a password, once.
	fresh := text(t, ctx, "[data-fresh]")
	eachLook(t, ctx, fresh, "password")
	run(t, ctx, look(1280, 800, "light"), chromedp.SendKeys("#new", "another horse"+kb.Enter), chromedp.WaitVisible("#password"))
	eachLook(t, ctx, fresh, "expired")
	for _, lang := range []string{"sl", "de", "nb", "ko"} {
		for _, p := range []string{"desk/admin/accounts", "desk/account", "desk", "desk/keys", "desk/admin/abuse", "desk/admin/appearance", "desk/admin/report", "report"} {
			run(t, ctx, look(360, 740, "light"), chromedp.Navigate(r.url+"/"+p+"?lang="+lang))
			checkAxe(t, ctx)
			picture(t, ctx, strings.ReplaceAll(p, "/", "-")+"-"+lang)
		}
	}
	if f := far(); len(f) > 0 {
		t.Errorf("requests to others: %v", f)
	}
}

// pictureName is what the picture of a page is called.
func pictureName(path string) string {
	if strings.HasSuffix(path, "/invite") {
		return "desk-invite"
	}
	return strings.ReplaceAll(path, "/", "-")
}

// TestPagesOfTrouble looks at what people see when something is not as it should be.
func TestPagesOfTrouble(t *testing.T) {
	r := newRig(t)
	r.account("desk1", "Help desk 1")
	ctx, _ := open(t, "", "en")
	eachLook(t, ctx, r.url+"/report?lang=en&code=4821", "misuse")
	run(t, ctx, look(1280, 800, "light"), chromedp.SendKeys("#text", "He asked for money."), chromedp.Click("form button"), chromedp.WaitVisible(".done"))
	checkAxe(t, ctx)
	picture(t, ctx, "misuse-done")
	run(t, ctx, chromedp.Navigate(r.url+"/desk/signin"), chromedp.SendKeys("#user", "desk1"), chromedp.SendKeys("#password", password+kb.Enter),
		chromedp.WaitVisible(".menu"))
	run(t, ctx, chromedp.Evaluate(`document.querySelector('form[action="/desk/start"] [name=form]').value = "planted"`, nil),
		chromedp.Click(`form[action="/desk/start"] button`), chromedp.WaitVisible("a.big"))
	checkAxe(t, ctx)
	picture(t, ctx, "refused")

	// Everybody saves the program at once.
	if err := os.Truncate(filepath.Join(r.downloads, "handrail.exe"), 64<<20); err != nil {
		t.Fatal(err)
	}
	for range 256 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "GET /download/handrail.exe HTTP/1.1\r\nHost: relay\r\n\r\n")
		if _, err := io.ReadFull(conn, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	run(t, ctx, chromedp.Navigate(r.url+"/download/handrail.exe"), chromedp.WaitVisible("h1"))
	if h := text(t, ctx, "h1"); !strings.Contains(h, "Many people") {
		t.Errorf("while everybody saves: %q", h)
	}
	checkAxe(t, ctx)
	picture(t, ctx, "busy")

	r.db.Close() // the relay goes on without its store
	run(t, ctx, chromedp.Navigate(r.url+"/desk/history"), chromedp.WaitVisible("a.big"))
	if h := text(t, ctx, "h1"); !strings.Contains(h, "went wrong") {
		t.Errorf("without a store: %q", h)
	}
	checkAxe(t, ctx)
	picture(t, ctx, "problem")
}

// TestAnOrganisationsOwnLook sets a colour, texts and a logo, all hostile as far as they can be, and looks at the pages.
func TestAnOrganisationsOwnLook(t *testing.T) {
	r := newRig(t)
	r.account("desk1", "Help desk 1")
	a, err := r.db.AccountByUser(t.Context(), "desk1")
	if err == nil {
		err = r.db.SetAdministrator(t.Context(), a.ID, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	logo := filepath.Join(t.TempDir(), "logo.png")
	if out, err := exec.Command("convert", "-size", "600x200", "xc:#aa3355", logo).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	ctx, _ := open(t, "", "en")
	run(t, ctx, chromedp.Navigate(r.url+"/desk/signin"), chromedp.SendKeys("#user", "desk1"), chromedp.SendKeys("#password", password+kb.Enter),
		chromedp.WaitVisible(".menu"))
	run(t, ctx, chromedp.Navigate(r.url+"/desk/admin/appearance"), chromedp.WaitVisible("#logo"),
		chromedp.SetValue("#organisation", "Müller & Söhne <b>"), chromedp.SendKeys("#welcome", "Welcome.\n\n<script>alert(1)</script>"),
		chromedp.SendKeys("#footer", "Open from 8 to 17"), chromedp.SendKeys("#privacy", "https://example.org/privacy"),
		chromedp.Click("[name=own-accent]"), chromedp.SetValue("#accent", "#ffd54a"), chromedp.Click(`[value=files]`),
		chromedp.Click(`form[action="/desk/admin/appearance"] .button`), chromedp.WaitVisible(".done"))
	run(t, ctx, chromedp.SetUploadFiles("#logo", []string{logo}), chromedp.Click(`form[action="/desk/admin/logo"] .second`), chromedp.WaitVisible("main img.logo"))
	checkAxe(t, ctx)
	b, err := r.db.Branding(t.Context())
	if err != nil || b.Accent != "#ffd54a" || len(b.Allowed) != 5 {
		t.Errorf("%+v %v", b, err)
	}
	far := outside(ctx, r.url)
	eachLook(t, ctx, r.url+"/join/4821?lang=en", "own-join")
	eachLook(t, ctx, r.url+"/", "own-home")
	eachLook(t, ctx, r.url+"/desk/admin/appearance", "own-appearance")
	if f := far(); len(f) > 0 {
		t.Errorf("requests to others: %v", f)
	}
	var scripts int
	run(t, ctx, chromedp.Navigate(r.url+"/join"), chromedp.Evaluate(`document.querySelectorAll("main script, main b").length`, &scripts))
	if scripts > 0 {
		t.Error("a text became HTML")
	}
}
