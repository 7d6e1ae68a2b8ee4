package browser

import (
	"encoding/json"
	"errors"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"handrail/screen/screentest"
	"handrail/session/relay"
	"handrail/session/relay/mail"
	"handrail/session/relay/mail/mailtest"
	"handrail/session/relay/store"
)

const password = "correct horse battery"

// account adds an account and returns the file with its password.
func (r *rig) account(user, name string) (file string) {
	r.t.Helper()
	hash, err := store.NewHasher(store.Params{MemoryKiB: 64, Passes: 1, Lanes: 1}, 1).Hash(r.t.Context(), password)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.db.AddAccount(r.t.Context(), store.Account{ID: store.NewID(), User: user, Name: name, PasswordHash: hash}); err != nil {
		r.t.Fatal(err)
	}
	file = filepath.Join(r.t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return file
}

// built is the path of a built program.
func built(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(os.Getenv("HANDRAIL_BUILD"), name)
	if _, err := os.Stat(path); err != nil || !filepath.IsAbs(path) {
		t.Fatalf("%s is not built, or HANDRAIL_BUILD does not say where; run: make test-pages", name)
	}
	return path
}

// start starts a program, which is ended with the test.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait()
	})
}

// TestTheSavedProgramJoins goes the whole way of a customer who was sent a link: the browser saves the program, the
// program is started from that file, names the relay that it does not know, and joins at one key, without anything
// being typed.
func TestTheSavedProgramJoins(t *testing.T) {
	r := newRig(t)
	r.offerClient()
	ctl := r.operator()
	var session struct{ ID, Code, URL string }
	if err := json.Unmarshal([]byte(ctl("session", "new")), &session); err != nil {
		t.Fatal(err)
	}

	ctx, folder := open(t, "", "en")
	run(t, ctx, chromedp.Navigate(session.URL), chromedp.WaitVisible("form button"), chromedp.Click("form button"))
	customers := r.startSaved(filepath.Join(folder, saved(t, ctx, folder)))
	window := customers.WaitWindow("^Handrail$")
	customers.Xdotool("windowactivate", "--sync", window)
	if folder := os.Getenv("HANDRAIL_PICTURES"); folder != "" {
		time.Sleep(2 * time.Second) // until it is drawn
		_ = exec.Command("import", "-display", display(customers), "-window", "root", filepath.Join(folder, "client.png")).Run()
	}
	joinAtOneKey(t, customers, func() bool { return strings.Contains(ctl("session", "show", session.ID), `"joining"`) })
	secret := session.Code[len(session.Code)-6:]
	if strings.Contains(r.received(), secret) {
		t.Error("the relay got the secret digits")
	}
}

// joinAtOneKey presses Return once the window has asked about the relay. A second key would answer the next question, so
// that comes only if the first has done nothing for long: the window had not listened yet.
func joinAtOneKey(t *testing.T, customers *screentest.Display, joining func() bool) {
	t.Helper()
	const connectButton = 20_000 // pixels, which nothing else that the window shows has in its colour
	pressed := time.Time{}
	screentest.WaitFor(t, "the window has asked about the relay, and joins at one key", func() bool {
		if time.Since(pressed) > 15*time.Second && teal(customers.Pixels()) > connectButton {
			customers.Xdotool("key", "Return")
			pressed = time.Now()
		}
		return joining()
	})
}

func display(d *screentest.Display) string {
	for _, v := range d.Env() {
		if name, ok := strings.CutPrefix(v, "DISPLAY="); ok {
			return name
		}
	}
	return ""
}

// TestAMailedInvitation goes from the operator's program through a mail server and a browser to a session that runs: the
// mail has the link without the secret digits, the customer types these into the page as they hear them, and the program
// that the browser saves joins without anything more being typed.
func TestAMailedInvitation(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{User: "help", Password: "secret", Refuse: "gone@example.com"})
	mailer, err := mail.New(server.Config())
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, func(c *relay.Config) { c.Mail = mailer })
	r.offerClient()
	ctl := r.operator()
	var session struct{ ID, Code string }
	if err := json.Unmarshal([]byte(ctl("session", "new")), &session); err != nil {
		t.Fatal(err)
	}
	if out, err := ctl.try("invite", session.ID, "gone@example.com"); err == nil || !strings.Contains(out, "cannot be delivered") {
		t.Errorf("a mail that nobody takes: %v %s", err, out)
	}
	ctl("invite", session.ID, "ann@example.com", "--language", "de")
	got := server.Wait(t)
	secret := session.Code[len(session.Code)-6:]
	link := regexp.MustCompile(`http://\S+/join/\d{4}\?lang=de`).FindString(got.Text)
	if link == "" || strings.Contains(got.Raw, secret) {
		t.Fatalf("the mail lacks the link, or has the secret digits: %s", got.Raw)
	}

	ctx, folder := open(t, "", "de")
	run(t, ctx, chromedp.Navigate(link), chromedp.WaitVisible("#code"), chromedp.SendKeys("#code", kb.End+secret),
		chromedp.Click("form button"))
	file := filepath.Join(folder, saved(t, ctx, folder))
	customers := r.startSaved(file)
	window := customers.WaitWindow("^Handrail$")
	customers.Xdotool("windowactivate", "--sync", window)
	state := func(want string) bool { return strings.Contains(ctl("session", "show", session.ID), `"`+want+`"`) }
	joinAtOneKey(t, customers, func() bool { return state("joining") })
	screentest.WaitFor(t, "agreeing is possible", func() bool { return teal(customers.Pixels()) > 6000 }) // after three seconds
	customers.Xdotool("key", "Tab", "Tab", "Return")                                                      // the first one is Cancel: nobody shares by accident
	screentest.WaitFor(t, "the session runs", func() bool { return state("active") })
	ctl("chat", session.ID, "Guten Tag")
	if folder := os.Getenv("HANDRAIL_PICTURES"); folder != "" {
		ctl("snapshot", session.ID, filepath.Join(folder, "mailed-session.png"))
	}
	ctl("session", "end", session.ID)
	if strings.Contains(r.received(), secret) {
		t.Error("the relay got the secret digits")
	}
}

// teal counts the pixels in the colour of what is offered: the button that agrees is the largest of them.
func teal(picture *image.RGBA) (n int) {
	for i := 0; i+3 < len(picture.Pix); i += 4 {
		if picture.Pix[i] == 0x0b && picture.Pix[i+1] == 0x7a && picture.Pix[i+2] == 0x75 {
			n++
		}
	}
	return n
}

// controller asks the operator's program.
type controller func(args ...string) string

// try is the controller for what may fail; the text is what the program says about it.
func (c controller) try(args ...string) (string, error) {
	out := c(append([]string{"\x00"}, args...)...)
	if text, failed := strings.CutPrefix(out, "failed: "); failed {
		return text, errors.New("failed")
	}
	return out, nil
}

// operator starts the operator's program, signed in.
func (r *rig) operator() controller {
	r.t.Helper()
	passwordFile := r.account("desk1", "Help desk 1")
	socket := filepath.Join(r.t.TempDir(), "s")
	program := built(r.t, "handrail")
	start(r.t, exec.Command(program, "--headless", "--relay", r.url, "--user", "desk1", "--password-file", passwordFile, "--socket", socket))
	screentest.WaitFor(r.t, "the operator's program listens", func() bool { _, err := os.Stat(socket); return err == nil })
	return func(args ...string) string {
		r.t.Helper()
		may := len(args) > 0 && args[0] == "\x00"
		if may {
			args = args[1:]
		}
		cmd := exec.Command(program, append([]string{"ctl", "--socket", socket}, args...)...)
		var said strings.Builder
		cmd.Stderr = &said
		out, err := cmd.Output()
		switch {
		case err != nil && may:
			return "failed: " + said.String()
		case err != nil:
			r.t.Fatalf("ctl %v: %v %s", args, err, said.String())
		}
		return string(out)
	}
}

// offerClient puts the customer's program, as built, among those that the relay offers.
func (r *rig) offerClient() {
	r.t.Helper()
	data, err := os.ReadFile(built(r.t, "handrail-client"))
	if err == nil {
		err = os.WriteFile(filepath.Join(r.downloads, "handrail-client-linux"), data, 0o600)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// startSaved starts the customer's program from the file that a browser has saved, on a display of its own.
func (r *rig) startSaved(file string) *screentest.Display {
	r.t.Helper()
	if err := os.Chmod(file, 0o700); err != nil {
		r.t.Fatal(err)
	}
	customers := screentest.Start(r.t, 1024, 768)
	customers.Openbox()
	home := r.t.TempDir()
	client := exec.Command(file)
	client.Env = append(customers.Env(), "HOME="+home, "TMPDIR="+home, "XDG_RUNTIME_DIR="+home, "LANG=C.UTF-8")
	start(r.t, client)
	return customers
}
