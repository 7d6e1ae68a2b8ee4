package endtoend

import (
	"bufio"
	"cmp"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/screen/screentest"
	"handrail/ui/watch"
)

// How long the windows' thread of a busy program may keep things waiting. A window should never stand still for more than
// 50 ms; what fails the test is much more, because the machines that run it have no graphics card and other things to do.
// What never depends on the machine is that our own code on that thread waits for nothing: a lock that is held for a moment
// by somebody whom the machine gives no time is the only excuse, and held is how long that may be.
const (
	usually = 2 * time.Second // nine of ten waits
	ever    = 10 * time.Second
	held    = time.Second
)

// TestWindowsDoNotStandStill measures both programs while windows open, in an ordinary session, and while the customer's desktop
// changes all the time, files and chat lines go, and the operator uses the viewer. What it finds is in the test's log.
func TestWindowsDoNotStandStill(t *testing.T) {
	operators := screentest.Start(t, 1366, 768)
	operators.Openbox()
	customers := screentest.Start(t, 1366, 768)
	customers.Openbox()
	dir := t.TempDir()
	files := map[string]string{"operator": filepath.Join(dir, "operator"), "customer": filepath.Join(dir, "customer")}
	relay := startRelay(t)
	began := time.Now()
	desk := startWindow(t, operators, relay, watch.Variable+"="+files["operator"])
	t.Setenv(watch.Variable, files["customer"])
	id, _ := filesSession(t, customers, relay, desk)
	viewer := viewerOf(t, operators)
	opened := time.Now()
	text := func(pause string) *screentest.Process {
		return customers.Run("xterm", "-geometry", "100x40+20+120", "-e", "sh", "-c", "i=0; while :; do echo line $i of some text that goes by; i=$((i+1)); sleep "+pause+"; done")
	}
	few := text("0.2")
	for range 10 {
		desk.ctl("chat", id, "A line now and then.")
		desk.ctl("pointer", id, "move", "700", "300")
	}
	screentest.WaitFor(t, "there are measurements of an ordinary session", func() bool {
		return len(waits(t, files["operator"], opened, time.Now())) > 50 && len(waits(t, files["customer"], opened, time.Now())) > 50
	})
	few.Stop()
	busy := time.Now()
	text("0.02")
	large := randomFile(t, filepath.Join(dir, "holiday.mp4"), 40<<20)
	sent := make(chan error, 1)
	go func() {
		_, err := desk.tryCtl("send", id, large)
		sent <- err
	}()
	operators.Xdotool("windowactivate", "--sync", viewer)
	for _, keys := range []string{"c", "d", "1", "0", "f", "f", "t", "t", "d", "c"} {
		operators.Xdotool("key", "ctrl+alt+"+keys)
		desk.ctl("chat", id, "This goes into the chat while everything moves.")
		for x := range 8 {
			desk.ctl("pointer", id, "move", "700", string(rune('1'+x))+"00")
		}
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
	for who, file := range files {
		report(t, who+", opening windows", waits(t, file, began, opened))
		report(t, who+", ordinary session", waits(t, file, opened, busy))
		report(t, who+", everything at once", waits(t, file, busy, time.Now()))
	}
}

// waits are the measurements of a time.
func waits(t *testing.T, name string, since, until time.Time) (list []watch.Wait) {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var w watch.Wait
		if json.Unmarshal(lines.Bytes(), &w) == nil && w.At.After(since) && w.At.Before(until) { // the last line may not be whole
			list = append(list, w)
		}
	}
	return list
}

// report logs what was measured, the longest waits with what the thread did then, and fails if it was far too long.
func report(t *testing.T, who string, list []watch.Wait) {
	t.Helper()
	if len(list) == 0 {
		t.Errorf("%s: nothing was measured", who)
		return
	}
	slices.SortFunc(list, func(a, b watch.Wait) int { return cmp.Compare(a.For, b.For) })
	at := func(part int) time.Duration { return list[len(list)*part/100].For.Round(100 * time.Microsecond) }
	slow := 0
	for _, w := range list {
		if w.For > watch.Slow {
			slow++
		}
	}
	longest := list[len(list)-1].For
	t.Logf("%s: %d waits, half of them below %v, 90 %% below %v, 99 %% below %v; %d over %v; the longest %v",
		who, len(list), at(50), at(90), at(99), slow, watch.Slow, longest.Round(100*time.Microsecond))
	for _, w := range list[max(len(list)-3, len(list)-slow):] {
		t.Logf("%s, %v, each %v: %s", who, w.For.Round(100*time.Microsecond), watch.Slow, strings.Join(inShort(w.Stacks), "; "))
	}
	for _, w := range list {
		waited := 0
		for _, stack := range w.Stacks {
			if waited++; !ourCodeWaits(stack) {
				waited = 0
			}
			if time.Duration(waited)*watch.Slow == held {
				t.Errorf("%s: the windows' thread waits in our code:\n%s", who, stack)
			}
		}
	}
	if at(90) > usually || longest > ever {
		t.Errorf("%s: its windows stand still", who)
	}
}

// ourCodeWaits tells whether a goroutine that runs the windows waits, for a lock, a channel, the network or a disk, in
// something that Fyne's loop has called of ours.
func ourCodeWaits(stack string) bool {
	head, frames, _ := strings.Cut(stack, "\n")
	for _, busy := range []string{"[running", "[runnable", "[syscall", "[preempted", "[copystack", "[GC "} {
		if strings.Contains(head, busy) {
			return false
		}
	}
	called, _, inLoop := strings.Cut(frames, "glfw.(*gLDriver).runGL")
	return inLoop && strings.Contains("\n"+called, "\nhandrail/")
}

func TestOurCodeWaits(t *testing.T) {
	const loop = "fyne.io/fyne/v2/internal/driver/glfw.(*gLDriver).runGL(0x1)\n\tloop.go:150\nhandrail/ui/operatorui.(*Window).Run(0x1)\n\twindow.go:1\n"
	for stack, want := range map[string]bool{
		"goroutine 1 [sync.Mutex.Lock, locked to thread]:\nsync.(*Mutex).Lock(0x1)\n\tmutex.go:1\nhandrail/ui/viewer.(*Picture).pixels(0x1)\n\tpicture.go:1\n" + loop: true,
		"goroutine 1 [syscall, locked to thread]:\nhandrail/ui/viewer.(*Picture).pixels(0x1)\n\tpicture.go:1\n" + loop:                                                false,
		"goroutine 1 [select, locked to thread]:\n" + loop: false,
	} {
		if got := ourCodeWaits(stack); got != want {
			t.Errorf("%v: %s", got, stack)
		}
	}
}

// inShort is of each stack the function that ran and the innermost one of ours.
func inShort(stacks []string) (list []string) {
	for _, stack := range stacks {
		ran, ours := "", ""
		for line := range strings.Lines(stack) {
			name, _, called := strings.Cut(path.Base(strings.TrimSpace(line)), "(0x")
			switch {
			case !called || strings.HasPrefix(line, "goroutine "):
			case ran == "":
				ran = name
			case ours == "" && strings.HasPrefix(line, "handrail/"):
				ours = name
			}
		}
		list = append(list, ran+" in "+ours)
	}
	return list
}
