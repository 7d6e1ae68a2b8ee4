package endtoend

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"handrail/screen/screentest"
	"handrail/session"
)

// writing are the system calls with which a program can make or change files.
const writing = "open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,truncate,mknod,mknodat"

// traced is a line of strace: a call with the path that it names first, and what comes after that.
var traced = regexp.MustCompile(`(\w+)\((?:\w+, )?"((?:[^"\\]|\\.)*)"(.*)`)

// written lists what a program has made or changed on disks, as strace tells it.
func written(t *testing.T, log string) (paths []string) {
	t.Helper()
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for line := range strings.Lines(string(data)) {
		m := traced.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		calls++
		call, path, rest := m[1], m[2], m[3]
		opens := call == "open" || call == "openat"
		if opens && !strings.Contains(rest, "O_WRONLY") && !strings.Contains(rest, "O_RDWR") && !strings.Contains(rest, "O_CREAT") {
			continue
		}
		if strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/proc/") { // devices, memory that programs share, itself
			continue
		}
		paths = append(paths, path)
	}
	if calls < 10 {
		t.Fatalf("strace tells of %d calls only", calls)
	}
	return paths
}

// TestItRunsInPlace starts the customer's program from a folder in which nothing can be written, with spaces and letters of many
// scripts in its name, and looks at every file that it makes or changes during a session, wherever that is.
func TestItRunsInPlace(t *testing.T) {
	customers := screentest.Start(t, 1024, 768)
	customers.Openbox()
	relay := startRelay(t)
	desk := startHeadless(t, relay)
	s := desk.newSession()

	folder := filepath.Join(t.TempDir(), "Prenosi – 사진 & Über uns (1)")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(program(t, "handrail-client"))
	if err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(folder, "Handrail pomoč (2)")
	if err := os.WriteFile(place, data, 0o500); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(folder, 0o700) })

	log := filepath.Join(t.TempDir(), "trace")
	home, temporary := t.TempDir(), t.TempDir()
	c := &client{t: t, home: home}
	env := append(customers.Env(), "HOME="+home, "TMPDIR="+temporary, "XDG_RUNTIME_DIR="+home, "LANG=C.UTF-8")
	c.running = start(t, env, tool(t, "strace"), "-f", "-z", "-qq", "-s", "4096", "-e", "trace="+writing, "-o", log,
		place, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
	c.await(session.Active)
	desk.ctl("snapshot", s.ID, filepath.Join(t.TempDir(), "snapshot.png"))
	desk.ctl("session", "end", s.ID)
	if status := c.awaitEnd(t); status != 0 {
		t.Errorf("the program ended with status %d: %s", status, c.errors)
	}
	for _, path := range written(t, log) {
		if !strings.HasPrefix(path, temporary+"/") {
			t.Errorf("it has written %s", path)
		}
	}
	for _, dir := range []string{home, temporary} {
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("it has left %v in %s: %v", left, dir, err)
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("beside the program: %v, %v", left, err)
	}
}
