package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"handrail/session/relay/store/pgtest"
	"handrail/session/wire"
)

// binary is the program built for these tests.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "handrail-relay")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "handrail-relay")
		build := exec.Command("go", "build", "-o", binary, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
			return 1
		}
		return pgtest.Main(m)
	}())
}

type result struct {
	status         int
	stdout, stderr string
}

func run(t *testing.T, dir, stdin string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Run() // the status says it
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func TestCommands(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "pw"), []byte("correct horse\r\nsecond line\n"), 0o600)
	os.WriteFile(filepath.Join(dir, "short"), []byte("1234567\n"), 0o600)
	for _, c := range []struct {
		args, stdin    string
		status         int
		stdout, stderr string // parts
	}{
		{"--help", "", 0, "account add", ""},
		{"version", "", 0, "protocol 1", ""},
		{"account list --data d", "", 1, "", "no relay's data in d"},
		{"organisation --data d", "", 1, "", "no relay's data in d"},
		{"account add desk1 --password-file short --data d", "", 1, "", "at least 8 characters"},
		{"account add desk1 --password-file none --data d", "", 1, "", "cannot be read"},
		{"account add de/sk --password-file pw --data d", "", 1, "", "letters a to z"},
		{"account add Desk1 --name Help --password-file pw --data d", "", 0, "", ""},
		{"account add desk1 --password-file pw --data d", "", 1, "", "already an account"},
		{"account add desk2 --password-file - --data d", "correct horse\n", 0, "", ""},
		{"account list --data d", "", 0, "desk1     Help", ""},
		{"account list --json --data d", "", 0, `"user": "desk2"`, ""},
		{"account role desk2 chief --data d", "", 2, "", "must be one of"},
		{"account role desk2 administrator --data d", "", 0, "", ""},
		{"account list --json --data d", "", 0, `"role": "administrator"`, ""},
		{"account block desk2 --data d", "", 0, "", ""},
		{"account list --data d", "", 0, "(disabled)", ""},
		{"account block desk2 --off --data d", "", 0, "", ""},
		{"audit --data d", "", 0, "has 6 lines", ""},
		{"backup d/relay.db --data d", "", 1, "", "exists"},
		{"backup copy --data d", "", 0, "", ""},
		{"restore copy --data d", "", 1, "", "already"},
		{"restore pw --data e", "", 1, "", "not a relay's backup"},
		{"restore none --data e", "", 1, "", "cannot be read"},
		{"restore copy --data e", "", 0, "", ""},
		{"account list --data e", "", 0, "administrator", ""},
		{"doctor --data e", "", 1, "PROBLEM  The web pages offer customers no program", "something needs to be done"},
		{"doctor --data none", "", 1, "cannot be read", ""},
		{"account password desk2 --password-file - --data d", "short", 1, "", "too short"},
		{"account password desk2 --password-file - --data d", "long enough", 0, "", ""},
		{"account password desk3 --password-file pw --data d", "", 1, "", `no account "desk3"`},
		{"account remove desk2 --data d", "", 0, "", ""},
		{"account remove desk2 --data d", "", 1, "", `no account "desk2"`},
		{"organisation Vzorec --data d", "", 0, "", ""},
		{"organisation --data d", "", 0, "Vzorec\n", ""},
		{"", "", 2, "", "Try \"handrail-relay --help\""},
		{"account add desk1 --data d", "", 1, "", "already an account"},
		{"account add desk5 --data d --url https://relay.example.org", "", 0, "https://relay.example.org/desk/password/", ""},
		{"account link desk5 --data d", "", 0, "/desk/password/", ""},
		{"account rename desk5 Five --data d", "", 0, "", ""},
		{"account second desk5 --data d", "", 0, "", ""},
		{"account list --data d", "", 0, "Five", ""},
		{"key add desk5 --for tickets --scope sessions:read --scope sessions:write --data d", "", 0, "hrk_", ""},
		{"key add desk5 --for tickets --scope audit:read --data d", "", 1, "", "at least one scope"},
		{"key add desk5 --for tickets --scope sessions:read --days 9999 --data d", "", 1, "", "1 to 730 days"},
		{"key list --data d", "", 0, "sessions:read sessions:write", ""},
		{"key remove none --data d", "", 1, "", "none such"},
		{"session list --data d", "", 0, "SESSION", ""},
		{"session end none --data d", "", 1, "", "no session"},
		{"report --data d", "", 0, "day,operator,sessions", ""},
		{"report --sessions --from 2026-01-01 --data d", "", 0, "session,operator,routing", ""},
		{"report --from yesterday --data d", "", 2, "", "no day"},
		{"abuse list --data d", "", 0, "", ""},
		{"abuse done none --data d", "", 1, "", "none such"},
		{"appearance set - --data d", `{"accent": "#aa3355", "allowed": ["view"]}`, 0, "", ""},
		{"appearance set - --data d", `{"accent": "url(x)"}`, 1, "", "looks like #0b7a75"},
		{"appearance set - --data d", `{"script": "x"}`, 1, "", "no appearance"},
		{"appearance show --data d", "", 0, `"accent": "#aa3355"`, ""},
		{"appearance logo pw --data d", "", 1, "", "PNG or JPEG"},
		{"appearance logo --data d", "", 2, "", "--none"},
		{"appearance logo --none --data d", "", 0, "", ""},
		{"mail ann@example.org", "", 2, "", "--smtp"},
		{"mail ann@example.org --smtp 127.0.0.1:1 --mail-from a@example.org", "", 1, "", "cannot be reached"},
		{"doctor --data d --smtp 127.0.0.1:1 --mail-from a@example.org", "", 1, "PROBLEM  Mails: the mail server cannot be reached", "needs to be done"},
		{"serve --data d --smtp mail.example.org --mail-from nobody", "", 2, "", "cannot be the sender"},
		{"serve --data d --url ftp://x", "", 2, "", "--url needs"},
		{"frobnicate", "", 2, "", "unexpected argument"},
		{"serve --data d --cert x", "", 2, "", "go together"},
		{"serve --data d --cert x --key x --domain relay.example.org", "", 2, "", "exclude each other"},
		{"serve --data d --domain https://relay.example.org", "", 2, "", "such as relay.example.org"},
		{"serve --data d --domain 192.0.2.1", "", 2, "", "such as relay.example.org"},
		{"serve --data d --acme-directory https://ca.example.org/directory", "", 2, "", "--acme-directory needs --domain"},
		{"serve --data d --domain relay.example.org --acme-directory http://ca.example.org", "", 2, "", "such as https://ca.example.org"},
		{"serve --data d --domain relay.example.org --acme-root pw", "", 2, "", "--acme-root needs --acme-directory"},
		{"serve --data d --domain relay.example.org --acme-directory https://ca.example.org/d --acme-root pw", "", 1, "", "no PEM certificate"},
		{"serve --data d --listen 8470", "", 2, "", "address and a port"},
		{"serve", "", 2, "", "--data is missing"},
		{"serve --store postgres://x", "", 2, "", "go together"},
		{"serve --store postgres://x --node relay1", "", 2, "", "such as https://relay1"},
		{"serve --store postgres://x --node http://relay1.example.org", "", 2, "", "such as https://relay1"},
		{"account list --store mysql://x", "", 2, "", "PostgreSQL"},
		{"account list --store postgres://x@127.0.0.1:1/x?connect_timeout=1", "", 1, "", "open store on 127.0.0.1"},
		{"restore copy --store postgres://x", "", 2, "", "pg_restore"},
		{"serve --data d --listen 0.0.0.0:0", "", 1, "", "--behind-proxy"},
		{"serve --data d --listen :0", "", 1, "", "--behind-proxy"},
		{"serve --data d --listen 127.0.0.1:0 --cert pw --key pw", "", 1, "", "certificate cannot be used"},
	} {
		got := run(t, dir, c.stdin, strings.Fields(c.args)...)
		if got.status != c.status || !strings.Contains(got.stdout, c.stdout) || !strings.Contains(got.stderr, c.stderr) {
			t.Errorf("%s: %+v, want %d %q %q", c.args, got, c.status, c.stdout, c.stderr)
		}
		if got.status != 0 && strings.Count(got.stderr, "\n") != 1 {
			t.Errorf("%s: not one line: %q", c.args, got.stderr)
		}
	}
	for name, want := range map[string]os.FileMode{"d": 0o700, "d/relay.db": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
}

var listening = regexp.MustCompile(`listening on (https?://[^\s"]+)`)

// serve starts the relay and returns its address and the function that stops it and returns its log.
func serve(t *testing.T, dir string, more ...string) (url string, stop func() string) {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"serve", "--listen", "127.0.0.1:0", "--data", "d"}, more...)...)
	cmd.Dir = dir
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	lines := bufio.NewReader(io.TeeReader(pipe, &log))
	for url == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			cmd.Process.Kill()
			cmd.Wait()
			t.Fatalf("no address: %s", log.String())
		}
		if m := listening.FindStringSubmatch(line); m != nil {
			url = m[1]
		}
	}
	drained := make(chan struct{})
	go func() { defer close(drained); io.Copy(io.Discard, lines) }()
	stop = sync.OnceValue(func() string {
		cmd.Process.Signal(syscall.SIGTERM)
		late := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
		defer late.Stop()
		<-drained
		if err := cmd.Wait(); err != nil {
			t.Errorf("serve ended: %v\n%s", err, log.String())
		}
		return log.String()
	})
	t.Cleanup(func() { stop() })
	return url, stop
}

func signIn(t *testing.T, url, user, password string) (int, wire.SignedIn) {
	t.Helper()
	body, _ := json.Marshal(wire.SignIn{User: user, Password: password})
	resp, err := http.Post(url+wire.SignInPath, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var in wire.SignedIn
	json.NewDecoder(resp.Body).Decode(&in)
	return resp.StatusCode, in
}

func TestAccountsChangeWhileTheRelayRuns(t *testing.T) {
	dir := t.TempDir()
	url, stop := serve(t, dir)
	var both sync.WaitGroup
	for _, user := range []string{"desk1", "desk2"} {
		both.Go(func() {
			if got := run(t, dir, "correct horse\n", "account", "add", user, "--password-file", "-", "--data", "d"); got.status != 0 {
				t.Errorf("add %s: %+v", user, got)
			}
		})
	}
	both.Wait()
	var in wire.SignedIn
	for _, user := range []string{"desk1", "desk2"} {
		var status int
		if status, in = signIn(t, url, user, "correct horse"); status != 200 {
			t.Errorf("sign-in of %s: %d", user, status)
		}
	}
	run(t, dir, "another horse\n", "account", "password", "desk1", "--password-file", "-", "--data", "d")
	if status, _ := signIn(t, url, "desk1", "correct horse"); status != 401 {
		t.Errorf("old password: %d", status)
	}
	if status, _ := signIn(t, url, "desk1", "another horse"); status != 200 {
		t.Errorf("new password: %d", status)
	}
	run(t, dir, "", "account", "remove", "desk1", "--data", "d")
	if status, _ := signIn(t, url, "desk1", "another horse"); status != 401 {
		t.Errorf("removed account: %d", status)
	}
	log := stop()
	for _, secret := range []string{"horse", in.Token} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}

	url, _ = serve(t, dir) // again, with the same data
	if status, _ := signIn(t, url, "desk2", "correct horse"); status != 200 {
		t.Errorf("after restart: %d", status)
	}
}

// TestDoctorAndBackupWhileTheRelayRuns looks at a relay that lacks nothing.
func TestDoctorAndBackupWhileTheRelayRuns(t *testing.T) {
	dir := t.TempDir()
	url, _ := serve(t, dir)
	run(t, dir, "correct horse\n", "account", "add", "boss", "--administrator", "--password-file", "-", "--data", "d")
	os.MkdirAll(filepath.Join(dir, "d", "downloads"), 0o700)
	os.WriteFile(filepath.Join(dir, "d", "downloads", "handrail-client.exe"), []byte("MZ"), 0o600)
	got := run(t, dir, "", "doctor", "--data", "d", "--url", url)
	if got.status != 0 || strings.Contains(got.stdout, "PROBLEM") || !strings.Contains(got.stdout, "WebSockets get through") {
		t.Errorf("%+v", got)
	}
	if got := run(t, dir, "", "backup", "copy", "--data", "d"); got.status != 0 {
		t.Errorf("%+v", got)
	}
	if info, err := os.Stat(filepath.Join(dir, "copy")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	run(t, dir, "", "restore", "copy", "--data", "e")
	if got := run(t, dir, "", "account", "list", "--data", "e"); !strings.Contains(got.stdout, "boss") {
		t.Errorf("%+v", got)
	}
	if got := run(t, dir, "", "doctor", "--data", "d", "--url", "http://127.0.0.1:1"); got.status != 1 || !strings.Contains(got.stdout, "does not answer") {
		t.Errorf("%+v", got)
	}
}

func TestServeRefusesATakenPort(t *testing.T) {
	dir := t.TempDir()
	url, _ := serve(t, dir)
	got := run(t, dir, "", "serve", "--data", "d", "--listen", strings.TrimPrefix(url, "http://"))
	if got.status != 1 || !strings.Contains(got.stderr, "cannot listen") {
		t.Errorf("%+v", got)
	}
}

// TestMetrics scrapes the counters as Prometheus does: they have their own port, and no name in them.
func TestMetrics(t *testing.T) {
	dir := t.TempDir()
	run(t, dir, "correct horse\n", "account", "add", "desk1", "--password-file", "-", "--data", "d")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().String()
	listener.Close()
	url, _ := serve(t, dir, "--metrics", port)
	if status, _ := signIn(t, url, "desk1", "correct horse"); status != 200 {
		t.Fatal(status)
	}
	scrape := func(address string) (int, string) {
		resp, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body)
	}
	_, text := scrape("http://" + port + "/metrics")
	line := regexp.MustCompile(`^(# (HELP|TYPE) handrail_\w+ .+|handrail_\w+(\{\w+="\w*"\})? \d+)$`)
	for _, l := range strings.Split(strings.TrimSpace(text), "\n") {
		if !line.MatchString(l) {
			t.Errorf("Prometheus would not read %q", l)
		}
	}
	if !strings.Contains(text, "\nhandrail_sign_ins_total 1\n") || strings.Contains(text, "desk1") {
		t.Errorf("the counters:\n%s", text)
	}
	if status, _ := scrape(url + "/metrics"); status != http.StatusNotFound {
		t.Errorf("visitors get the counters too: %d", status)
	}
}
