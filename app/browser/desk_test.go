package browser

import (
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
	run(t, ctx, chromedp.Click(`form[action="/desk/account/second"] button`), chromedp.WaitVisible("#second"))
	checkAxe(t, ctx)
	picture(t, ctx, "account-second")
	secret := text(t, ctx, "main code")
	run(t, ctx, chromedp.SendKeys("#second", oathtool(t, secret, time.Now().Add(-30*time.Second))+kb.Enter), chromedp.WaitVisible("main li code"))
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
	for _, p := range []string{"desk", "desk/history", "desk/account", "desk/admin/accounts", "desk/admin/sessions", "desk/admin/audit"} {
		eachLook(t, ctx, r.url+"/"+p, strings.ReplaceAll(p, "/", "-"))
	}
	run(t, ctx, look(1280, 800, "light"))
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
	for _, lang := range []string{"sl", "de", "nb", "ko"} {
		for _, p := range []string{"desk/admin/accounts", "desk/account", "desk"} {
			run(t, ctx, look(360, 740, "light"), chromedp.Navigate(r.url+"/"+p+"?lang="+lang))
			checkAxe(t, ctx)
			picture(t, ctx, strings.ReplaceAll(p, "/", "-")+"-"+lang)
		}
	}
	if f := far(); len(f) > 0 {
		t.Errorf("requests to others: %v", f)
	}
}
