package main

import (
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestInit(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "secret"), []byte("smtp password\n"), 0o600)
	for _, c := range []commandCase{
		{"init --file a.toml --data a --domain relay.example.org --organisation Vzorec", "", 0, "handrail-relay serve --config a.toml", ""},
		{"init --file a.toml --data a", "", 1, "", "already"},
		{"init --file b.toml --data b --domain https://relay.example.org", "", 2, "", "without https://"},
		{"init --file b.toml --data b --behind-proxy", "", 2, "", "--behind-proxy needs --domain"},
		{"init --file b.toml --data b --smtp mail.example.org --mail-from none", "", 2, "", "cannot be the sender"},
		{"organisation --config a.toml", "", 0, "Vzorec\n", ""},
		{"doctor --config a.toml", "", 1, "There are no accounts", "needs to be done"},
		{
			"init --ask --file c.toml --data c",
			"relay.example.org\nThe \"Best\" \\ Desk\nmail.example.org\nhelp@example.org\nhelp\nsecret\n",
			0, "Which mail server", "",
		},
		{"account list --config c.toml", "", 0, "no accounts", ""},
		{"account list --config none.toml", "", 2, "", "none.toml"},
	} {
		c.check(t, dir)
	}
	text, err := os.ReadFile(filepath.Join(dir, "c.toml"))
	for _, part := range []string{
		`listen = ":443"`, `domain = ["relay.example.org"]`, `smtp = "mail.example.org"`, `smtp-user = "help"`, `/secret"`, `mail-from = "help@example.org"`,
	} {
		if err != nil || !strings.Contains(string(text), part) {
			t.Errorf("%q is missing in %s %v", part, text, err)
		}
	}
	for name, wrong := range map[string]string{
		"listn = \"x\"": "not known", "data = 5": "no text", "data = ": "cannot be read", "account-list = true": "not known",
	} {
		os.WriteFile(filepath.Join(dir, "wrong.toml"), []byte(name+"\n"), 0o600)
		commandCase{"account list --config wrong.toml", "", 2, "", wrong}.check(t, dir)
	}
}

// TestInitWithNobodyThere runs it as a script does, with /dev/null for a keyboard: nobody is asked.
func TestInitWithNobodyThere(t *testing.T) {
	cmd := exec.Command(binary, "init", "--file", "relay.toml", "--data", "d")
	cmd.Dir = t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "?") {
		t.Errorf("%v %s", err, out)
	}
}

// commandCase is a command and what it must do.
type commandCase struct {
	args, stdin    string
	status         int
	stdout, stderr string // parts
}

func (c commandCase) check(t *testing.T, dir string) {
	t.Helper()
	got := run(t, dir, c.stdin, strings.Fields(c.args)...)
	if got.status != c.status || !strings.Contains(got.stdout, c.stdout) || !strings.Contains(got.stderr, c.stderr) {
		t.Errorf("%s: %+v, want %d %q %q", c.args, got, c.status, c.stdout, c.stderr)
	}
}

// TestFromNothingToAnAdministrator goes the two commands of docs/RELAY.md, and what the second one says.
func TestFromNothingToAnAdministrator(t *testing.T) {
	dir := t.TempDir()
	commandCase{"init --file relay.toml --data d --organisation Example", "", 0, "Now start the relay", ""}.check(t, dir)
	_, first := serve(t, dir)
	log := first()
	link := regexp.MustCompile(`/desk/password/[\w-]{43}`).FindString(log)
	if !strings.Contains(log, "There are no accounts yet") || link == "" {
		t.Fatalf("the log has no link: %s", log)
	}
	home, stop := serve(t, dir)
	resp, err := http.PostForm(home+link, url.Values{"new": {"first horse"}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if status, in := signIn(t, home, "admin", "first horse"); status != 200 || in.Organisation != "Example" {
		t.Errorf("sign-in: %d %+v", status, in)
	}
	if log := stop(); strings.Contains(log, "There are no accounts yet") || strings.Contains(log, link) {
		t.Errorf("the second start says it again, or the log has the link: %s", log)
	}
}
