package endtoend

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/control"
)

const (
	user     = "desk1"
	name     = "Help desk 1"
	password = "correct horse battery"
)

// program is the path of a built program.
func program(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("HANDRAIL_BUILD")
	if dir == "" {
		dir = filepath.Join("..", "..", "build")
	}
	path, err := filepath.Abs(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is not built; run: make build", name)
	}
	return path
}

// running is a program that a test has started; it is ended with the test.
type running struct {
	cmd    *exec.Cmd
	lines  chan string // of standard output; closed when that ends
	errors *bytes.Buffer
	done   chan struct{} // closed when it has ended
}

// start starts a program in an environment. What it prints comes on lines, which must be read.
func start(t testing.TB, env []string, path string, args ...string) *running {
	t.Helper()
	cmd := exec.Command(path, args...)
	r := &running{cmd: cmd, lines: make(chan string, 10_000), errors: &bytes.Buffer{}, done: make(chan struct{})}
	cmd.Env, cmd.Stderr = env, r.errors
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(r.done)
		defer close(r.lines)
		for reader := bufio.NewScanner(out); reader.Scan(); {
			r.lines <- reader.Text()
		}
		_ = cmd.Wait()
	}()
	t.Cleanup(func() {
		r.end()
		said := r.errors.String()
		if strings.Contains(said, "panic: ") || strings.Contains(said, "fatal error: ") {
			t.Errorf("%s has crashed", filepath.Base(path))
		}
		if t.Failed() && said != "" {
			t.Logf("%s printed: %s", filepath.Base(path), r.errors)
		}
	})
	return r
}

// end asks the program to end, insists after a while, and waits.
func (r *running) end() {
	_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGTERM)
	go func() { // it may have printed more than anybody has read
		for range r.lines {
		}
	}()
	select {
	case <-r.done:
	case <-time.After(10 * time.Second):
		_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL)
		<-r.done
	}
}

// awaitEnd waits until the program ends by itself and returns its exit status.
func (r *running) awaitEnd(t testing.TB) int {
	t.Helper()
	select {
	case <-r.done:
		return r.cmd.ProcessState.ExitCode()
	case <-time.After(screentest.Limit):
		t.Fatalf("%s does not end", filepath.Base(r.cmd.Path))
		return -1
	}
}

// relay is a relay process with one account.
type relay struct {
	*running
	url, data, passwordFile string
	listen                  string
}

func startRelay(t testing.TB) *relay {
	t.Helper()
	dir := t.TempDir()
	r := &relay{data: filepath.Join(dir, "data"), passwordFile: filepath.Join(dir, "password"), listen: "127.0.0.1:0"}
	if err := os.WriteFile(r.passwordFile, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, os.Environ(), program(t, "handrail-relay"), "account", "add", user, "--name", name, "--password-file", r.passwordFile, "--data", r.data)
	r.serve(t)
	return r
}

// serve starts the relay's process and waits until it says where it listens.
func (r *relay) serve(t testing.TB) {
	t.Helper()
	logs, write := io.Pipe()
	cmd := exec.Command(program(t, "handrail-relay"), "serve", "--listen", r.listen, "--data", r.data)
	cmd.Stderr = write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r.running = &running{cmd: cmd, errors: &bytes.Buffer{}, done: make(chan struct{})}
	go func() {
		defer close(r.running.done)
		_ = cmd.Wait()
		write.Close()
	}()
	running := r.running
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-running.done
	})
	scanner := bufio.NewScanner(logs)
	for scanner.Scan() {
		if _, address, ok := strings.Cut(scanner.Text(), "listening on "); ok {
			r.url, _, _ = strings.Cut(strings.Trim(address, "\""), "\"")
			r.listen = strings.TrimPrefix(r.url, "http://")
			go io.Copy(io.Discard, logs)
			return
		}
	}
	t.Fatal("the relay does not listen")
}

// run runs a program to its end and returns what it printed.
func run(t testing.TB, env []string, path string, args ...string) string {
	t.Helper()
	out, err := tryRun(env, path, args...)
	if err != nil {
		t.Fatalf("%s %s: %v", filepath.Base(path), strings.Join(args, " "), err)
	}
	return out
}

func tryRun(env []string, path string, args ...string) (string, error) {
	cmd := exec.Command(path, args...)
	var stdout, stderr bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = env, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}

// desk is an operator's program and its socket.
type desk struct {
	*running
	t      testing.TB
	socket string
}

// startHeadless starts the operator's program without a window, signed in.
func startHeadless(t testing.TB, r *relay) *desk {
	t.Helper()
	d := &desk{t: t, socket: filepath.Join(t.TempDir(), "s")}
	d.running = start(t, os.Environ(), program(t, "handrail"), "--headless", "--relay", r.url,
		"--user", user, "--password-file", r.passwordFile, "--socket", d.socket)
	d.awaitSocket()
	return d
}

func (d *desk) awaitSocket() {
	d.t.Helper()
	screentest.WaitFor(d.t, "the operator's program listens", func() bool {
		select {
		case <-d.done:
			d.t.Fatalf("the operator's program has ended: %s", d.errors)
		default:
		}
		_, err := os.Stat(d.socket)
		return err == nil
	})
}

// ctl runs "handrail ctl" and returns what it printed.
func (d *desk) ctl(args ...string) string {
	d.t.Helper()
	out, err := d.tryCtl(args...)
	if err != nil {
		d.t.Fatalf("ctl %s: %v", strings.Join(args, " "), err)
	}
	return out
}

func (d *desk) tryCtl(args ...string) (string, error) {
	return tryRun(os.Environ(), program(d.t, "handrail"), append([]string{"ctl", "--socket", d.socket}, args...)...)
}

// newSession starts a session.
func (d *desk) newSession() control.Session {
	d.t.Helper()
	return decode[control.Session](d.t, d.ctl("session", "new"))
}

func (d *desk) show(id string) control.Session {
	d.t.Helper()
	return decode[control.Session](d.t, d.ctl("session", "show", id))
}

func decode[T any](t testing.TB, text string) (value T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	return value
}

// snapshot is the customer's screen as the operator has it.
func (d *desk) snapshot(id string) *image.RGBA {
	d.t.Helper()
	file := filepath.Join(d.t.TempDir(), "snapshot.png")
	d.ctl("snapshot", id, file)
	return readPNG(d.t, file)
}

func readPNG(t testing.TB, path string) *image.RGBA {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	picture := image.NewRGBA(decoded.Bounds())
	draw.Draw(picture, picture.Bounds(), decoded, decoded.Bounds().Min, draw.Src)
	return picture
}

// client is a customer's program on a display.
type client struct {
	*running
	t    testing.TB
	home string // its home, its temporary and its working folder
}

// startClient starts the customer's program on a display, in a home that nothing else uses.
func startClient(t testing.TB, display *screentest.Display, args ...string) *client {
	t.Helper()
	c := &client{t: t, home: t.TempDir()}
	for _, folder := range usualFolders {
		if err := os.Mkdir(filepath.Join(c.home, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	env := append(display.Env(), "HOME="+c.home, "TMPDIR="+c.home, "XDG_RUNTIME_DIR="+c.home, "LANG=C.UTF-8")
	c.running = start(t, env, program(t, "handrail-client"), args...)
	return c
}

// await reads the program's events until one is of a session in this state.
func (c *client) await(state session.State) session.Event {
	c.t.Helper()
	limit := time.After(screentest.Limit)
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				c.t.Fatalf("the customer's program has ended instead of being %s: %s", state, c.errors)
			}
			e := decode[session.Event](c.t, line)
			if e.Type == session.EventState && e.State == state {
				return e
			}
		case <-limit:
			c.t.Fatalf("the customer's program does not become %s: %s", state, c.errors)
		}
	}
}

// usualFolders are what a person's home has; programs like to leave things there.
var usualFolders = []string{".cache", ".config"}

// files lists what is in the client's home besides the folders that were there.
func (c *client) files() []string {
	c.t.Helper()
	var found []string
	err := filepath.WalkDir(c.home, func(path string, entry os.DirEntry, err error) error {
		if os.IsNotExist(err) { // just removed
			return nil
		}
		if name := strings.TrimPrefix(strings.TrimPrefix(path, c.home), "/"); name != "" && !slices.Contains(usualFolders, name) {
			found = append(found, name)
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return found
}
