package browser

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"handrail/screen/screentest"
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
	program, err := os.Open(built(t, "handrail-client"))
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	offered, err := os.Create(filepath.Join(r.downloads, "handrail-client-linux"))
	if err == nil {
		_, err = io.Copy(offered, program)
	}
	if err != nil || offered.Close() != nil {
		t.Fatal(err)
	}
	passwordFile := r.account("desk1", "Help desk 1")
	socket := filepath.Join(t.TempDir(), "s")
	operator := built(t, "handrail")
	start(t, exec.Command(operator, "--headless", "--relay", r.url, "--user", "desk1", "--password-file", passwordFile, "--socket", socket))
	screentest.WaitFor(t, "the operator's program listens", func() bool { _, err := os.Stat(socket); return err == nil })
	ctl := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(operator, append([]string{"ctl", "--socket", socket}, args...)...).Output()
		if err != nil {
			t.Fatalf("ctl %v: %v", args, err)
		}
		return string(out)
	}
	var session struct{ ID, Code, URL string }
	if err := json.Unmarshal([]byte(ctl("session", "new")), &session); err != nil {
		t.Fatal(err)
	}

	ctx, folder := open(t, "", "en")
	run(t, ctx, chromedp.Navigate(session.URL), chromedp.WaitVisible("form button"), chromedp.Click("form button"))
	file := filepath.Join(folder, saved(t, ctx, folder))
	if err := os.Chmod(file, 0o700); err != nil {
		t.Fatal(err)
	}

	customers := screentest.Start(t, 1024, 768)
	customers.Openbox()
	home := t.TempDir()
	client := exec.Command(file)
	client.Env = append(customers.Env(), "HOME="+home, "TMPDIR="+home, "XDG_RUNTIME_DIR="+home, "LANG=C.UTF-8")
	start(t, client)
	window := customers.WaitWindow("^Handrail$")
	customers.Xdotool("windowactivate", "--sync", window)
	if folder := os.Getenv("HANDRAIL_PICTURES"); folder != "" {
		time.Sleep(2 * time.Second) // until it is drawn
		_ = exec.Command("import", "-display", display(customers), "-window", "root", filepath.Join(folder, "client.png")).Run()
	}
	screentest.WaitFor(t, "the window has asked about the relay, and joins at one key", func() bool {
		customers.Xdotool("key", "--window", window, "Return")
		return strings.Contains(ctl("session", "show", session.ID), `"joining"`)
	})
	secret := session.Code[len(session.Code)-6:]
	if strings.Contains(r.received(), secret) {
		t.Error("the relay got the secret digits")
	}
}

func display(d *screentest.Display) string {
	for _, v := range d.Env() {
		if name, ok := strings.CutPrefix(v, "DISPLAY="); ok {
			return name
		}
	}
	return ""
}
