package endtoend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handrail/screen"
	"handrail/screen/screentest"
)

// copyInFileManager copies files on a display as a file manager does.
func copyInFileManager(t *testing.T, d *screentest.Display, paths ...string) {
	t.Helper()
	var lines strings.Builder
	for _, p := range paths {
		lines.WriteString(screen.FileURI(p) + "\r\n")
	}
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	d.Run("xclip", "-quiet", "-selection", "clipboard", "-t", "text/uri-list", "-i", list)
	screentest.WaitFor(t, "the files are copied", func() bool { return pasted(d, "text/uri-list") == lines.String() })
}

// pasted is what somebody who pastes on a display gets, in a form.
func pasted(d *screentest.Display, form string) string {
	out, _ := d.Command("xclip", "-selection", "clipboard", "-t", form, "-o").Output()
	return string(out)
}

// TestFilesByHand pastes files into the viewer, drops others onto it, and fetches what
// the customer has copied, all with the built programs.
func TestFilesByHand(t *testing.T) {
	operators := screentest.Start(t, 1280, 900)
	operators.Openbox()
	customers := screentest.Start(t, 800, 600)
	customers.Openbox()
	relay := startRelay(t)
	desk := startWindow(t, operators, relay)
	id, c := filesSession(t, customers, relay, desk)
	downloads := filepath.Join(c.home, "Downloads")
	viewer := viewerOf(t, operators)
	arrives := func(from string) {
		t.Helper()
		screentest.WaitFor(t, filepath.Base(from)+" has arrived", func() bool { return fileIs(t, filepath.Join(downloads, filepath.Base(from)), from) })
	}

	copied := randomFile(t, filepath.Join(t.TempDir(), "a report, 100%.pdf"), 300_000)
	copyInFileManager(t, operators, copied)
	screentest.WaitFor(t, "Ctrl+V in the viewer pastes the file", func() bool {
		operators.Xdotool("windowactivate", "--sync", viewer)
		operators.Xdotool("key", "ctrl+v")
		_, err := os.Stat(filepath.Join(downloads, filepath.Base(copied)))
		return err == nil
	})
	arrives(copied)
	want := "copy\n" + screen.FileURI(filepath.Join(downloads, filepath.Base(copied)))
	screentest.WaitFor(t, "it can be pasted on the customer's computer", func() bool { return pasted(customers, "x-special/gnome-copied-files") == want })

	dropped := randomFile(t, filepath.Join(t.TempDir(), "dropped č.bin"), 300_000)
	drop(t, operators, viewer, dropped)
	arrives(dropped)
	operators.WaitWindow("^File transfer – ")

	// The customer copies files in turn.
	theirs := randomFile(t, filepath.Join(c.home, "logs of today.txt"), 200_000)
	copyInFileManager(t, customers, theirs)
	to := t.TempDir()
	screentest.WaitFor(t, "the operator can receive what was copied", func() bool {
		_, err := desk.tryCtl("receive", id, "--copied", "--to", to)
		return err == nil
	})
	if !fileIs(t, filepath.Join(to, "logs of today.txt"), theirs) {
		t.Error("what was copied has not arrived")
	}

	// By command: what is sent with --copy can be pasted there.
	desk.ctl("send", id, "--copy", dropped, copied)
	want = "copy\n" + screen.FileURI(filepath.Join(downloads, "dropped č.bin")) + "\n" + screen.FileURI(filepath.Join(downloads, filepath.Base(copied)))
	if got := pasted(customers, "x-special/gnome-copied-files"); got != want {
		t.Errorf("pasted there: %q instead of %q", got, want)
	}
	c.end()
}

// TestFilesAreDroppedOnTheirWindows drops files and folders onto the window for files of either program, as a file manager does.
func TestFilesAreDroppedOnTheirWindows(t *testing.T) {
	operators := screentest.Start(t, 1280, 900)
	operators.Openbox()
	customers := screentest.Start(t, 1200, 800)
	customers.Openbox()
	relay := startRelay(t)
	home := t.TempDir()
	desk := startWindow(t, operators, relay, "HOME="+home)
	_, c := filesSession(t, customers, relay, desk)
	withoutFrame(customers)
	arrives := func(folder, from string) {
		t.Helper()
		screentest.WaitFor(t, filepath.Base(from)+" has arrived", func() bool { return fileIs(t, filepath.Join(folder, filepath.Base(from)), from) })
	}
	const title = "^File transfer – "

	viewer := viewerOf(t, operators)
	operators.Xdotool("windowactivate", "--sync", viewer)
	operators.Xdotool("key", "ctrl+alt+i")
	one := randomFile(t, filepath.Join(t.TempDir(), "an offer, 100% č.pdf"), 300_000)
	two := randomFile(t, filepath.Join(t.TempDir(), "사진.jpg"), 200_000)
	inside := randomFile(t, filepath.Join(t.TempDir(), "a folder", "below", "inside.txt"), 1000)
	folder := filepath.Dir(filepath.Dir(inside))
	drop(t, operators, operators.WaitWindow(title), one, two, folder)
	downloads := filepath.Join(c.home, "Downloads")
	arrives(downloads, one)
	arrives(downloads, two)
	arrives(filepath.Join(downloads, "a folder", "below"), inside)
	keep(t, operators, "dropped-operator")

	open := func() bool {
		return customers.Command("xdotool", "search", "--onlyvisible", "--name", title).Run() == nil
	}
	customers.Xdotool("windowactivate", "--sync", customers.WaitWindow("^Handrail$"))
	screentest.WaitFor(t, "the customer's window for files is open", func() bool { return open() || pressAboveEnd(customers, 0.75) && open() })
	theirs := randomFile(t, filepath.Join(c.home, "the error's log.txt"), 400_000)
	also := randomFile(t, filepath.Join(c.home, "more", "lines.txt"), 1000)
	drop(t, customers, customers.WaitWindow(title), theirs, filepath.Dir(also))
	arrives(filepath.Join(home, "Downloads"), theirs)
	arrives(filepath.Join(home, "Downloads", "more"), also)
	keep(t, customers, "dropped-customer")
	c.end()
}
