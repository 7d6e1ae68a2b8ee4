package endtoend

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/control"
)

// randomFile makes a file that cannot be compressed.
func randomFile(t testing.TB, path string, size int64) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := io.CopyN(file, rand.Reader, size); err != nil {
		t.Fatal(err)
	}
	return path
}

func hashOf(t testing.TB, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// contents are the hashes of all files below a folder.
func contents(t testing.TB, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			name, _ := filepath.Rel(folder, p)
			found[name] = hashOf(t, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// fileEvents are the events of files that a command has printed.
func fileEvents(t testing.TB, out string) (events []session.Event) {
	t.Helper()
	for line := range strings.Lines(out) {
		var e session.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.File == nil {
			t.Fatalf("%v: %s", err, line)
		}
		events = append(events, e)
	}
	return events
}

// filesSession is a session whose customer has agreed to everything.
func filesSession(t testing.TB, customers *screentest.Display, relay *relay, desk *desk) (string, *client) {
	t.Helper()
	s := desk.newSession()
	c := startClient(t, customers, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
	c.await(session.Active)
	desk.ctl("wait", s.ID, "active", "--timeout", "60s")
	return s.ID, c
}

func TestFilesGoBothWays(t *testing.T) {
	customers := screentest.Start(t, 800, 600)
	relay := startRelay(t)
	desk := startHeadless(t, relay)
	id, c := filesSession(t, customers, relay, desk)
	from := filepath.Join(t.TempDir(), "photos")
	for i := range 40 {
		randomFile(t, filepath.Join(from, fmt.Sprint(i%7), fmt.Sprint(i, ".jpg")), int64(i*i*1000))
	}
	events := fileEvents(t, desk.ctl("send", id, from))
	if last := events[len(events)-1].File; last.State != "done" || last.Bytes != last.Size || last.Direction != "send" || last.Name != "photos" {
		t.Errorf("the last event is %+v", last)
	}
	want := contents(t, from)
	if got := contents(t, filepath.Join(c.home, "Downloads", "photos")); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%d files have arrived, %d were sent", len(got), len(want))
	}

	listing := decode[control.Listing](t, desk.ctl("browse", id, "home/Downloads"))
	if len(listing.Items) != 1 || !listing.Items[0].Folder {
		t.Errorf("the folder has %+v", listing)
	}
	to := filepath.Join(t.TempDir(), "here")
	desk.ctl("receive", id, "home/Downloads/photos", "--to", to)
	if got := contents(t, filepath.Join(to, "photos")); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%d files were fetched of %d", len(got), len(want))
	}
	if _, err := desk.tryCtl("receive", id, "home/Downloads/nothing"); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("fetching what is not there: %v", err)
	}
	var ids []string
	for line := range strings.Lines(desk.ctl("files", id)) {
		ids = append(ids, decode[control.File](t, line).ID)
	}
	if fmt.Sprint(ids) != "[o1 c1]" {
		t.Errorf("the list has %v", ids)
	}
	desk.ctl("files", id, "--clear", "all")
	if left := desk.ctl("files", id); left != "" {
		t.Errorf("after clearing: %s", left)
	}
}

// TestFilesSurviveKilling kills each of the three programs in the middle, and sends again.
func TestFilesSurviveKilling(t *testing.T) {
	customers := screentest.Start(t, 800, 600)
	home := t.TempDir()
	from := randomFile(t, filepath.Join(t.TempDir(), "big.bin"), 192<<20)
	arrived := filepath.Join(home, "Downloads", "big.bin")
	for _, victim := range []string{"customer", "operator", "relay", "nobody"} {
		relay := startRelay(t)
		desk := startHeadless(t, relay)
		s := desk.newSession()
		c := startClientIn(t, customers, home, "--relay", relay.url, "--code", s.Code, "--yes", "--events")
		c.await(session.Active)
		desk.ctl("wait", s.ID, "active", "--timeout", "60s")
		if killed := map[string]*running{"customer": c.running, "operator": desk.running, "relay": relay.running}[victim]; killed != nil {
			go desk.tryCtl("send", s.ID, from)
			screentest.WaitFor(t, "some of it has arrived", func() bool { return someArrived(home, 4<<20) || fileIs(t, arrived, from) })
			_ = syscall.Kill(killed.cmd.Process.Pid, syscall.SIGKILL)
			<-killed.done
			_, _ = desk.tryCtl("session", "end", s.ID) // it would wait for the other side to come back
		} else {
			desk.ctl("send", s.ID, from)
		}
		if _, err := os.Stat(arrived); err == nil && !fileIs(t, arrived, from) {
			t.Fatalf("%s: a file that is not complete has its final name", victim)
		}
		c.end()
	}
	if !fileIs(t, arrived, from) {
		t.Error("the file has not arrived")
	}
	if left, _ := filepath.Glob(filepath.Join(home, "Downloads", ".handrail-*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// someArrived tells whether an incomplete file in a home's downloads is that long.
func someArrived(home string, size int64) bool {
	parts, _ := filepath.Glob(filepath.Join(home, "Downloads", ".handrail-*.part"))
	for _, p := range parts {
		if info, err := os.Stat(p); err == nil && info.Size() > size {
			return true
		}
	}
	return false
}

func fileIs(t testing.TB, a, b string) bool {
	if _, err := os.Stat(a); err != nil {
		return false
	}
	return hashOf(t, a) == hashOf(t, b)
}

// startClientIn is startClient with a home that is there already.
func startClientIn(t testing.TB, display *screentest.Display, home string, args ...string) *client {
	t.Helper()
	c := &client{t: t, home: home}
	env := append(display.Env(), "HOME="+home, "TMPDIR="+home, "XDG_RUNTIME_DIR="+home, "LANG=C.UTF-8")
	c.running = start(t, env, program(t, "handrail-client"), args...)
	return c
}

// TestLargeFile sends 5 GB and looks at the memory of both programs; for "make soak".
func TestLargeFile(t *testing.T) {
	if os.Getenv("HANDRAIL_SOAK") == "" {
		t.Skip("only in make soak")
	}
	customers := screentest.Start(t, 800, 600)
	relay := startRelay(t)
	desk := startHeadless(t, relay)
	id, c := filesSession(t, customers, relay, desk)
	size := int64(5 << 30)
	if n, err := strconv.ParseInt(os.Getenv("HANDRAIL_LARGE"), 10, 64); err == nil {
		size = n
	}
	from := randomFile(t, filepath.Join(t.TempDir(), "large.bin"), size)
	before := map[int]int64{desk.cmd.Process.Pid: peakMemory(t, desk.cmd.Process.Pid), c.cmd.Process.Pid: peakMemory(t, c.cmd.Process.Pid)}
	for pid := range before { // what opening windows took at first, software OpenGL above all, has been given back by now
		forgetPeak(t, pid)
	}
	began := time.Now()
	desk.ctl("send", id, from)
	took := time.Since(began)
	if !fileIs(t, filepath.Join(c.home, "Downloads", "large.bin"), from) {
		t.Error("what arrived is different")
	}
	for name, pid := range map[string]int{"operator's": desk.cmd.Process.Pid, "customer's": c.cmd.Process.Pid} {
		peak := peakMemory(t, pid)
		t.Logf("%s program: %d MB at most while the file went, %d MB before that", name, peak>>20, before[pid]>>20)
		if peak > 200<<20 {
			t.Errorf("%s program took %d MB", name, peak>>20)
		}
	}
	t.Logf("%d MB in %v: %.0f MB/s", size>>20, took.Round(time.Second), float64(size)/took.Seconds()/1e6)
}

// forgetPeak lets peakMemory begin anew.
func forgetPeak(t testing.TB, pid int) {
	t.Helper()
	if err := os.WriteFile("/proc/"+strconv.Itoa(pid)+"/clear_refs", []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
}

// peakMemory is the most that a process had resident, in bytes.
func peakMemory(t testing.TB, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	var kb int64
	if _, err := fmt.Sscan(string(rest), &kb); err != nil {
		t.Fatal(err)
	}
	return kb << 10
}
