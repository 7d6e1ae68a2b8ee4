package clipboard

import (
	"strings"
	"testing"
	"time"

	"handrail/screen"
	"handrail/screen/screentest"
)

func awaitFiles(t *testing.T, heard chan []string) []string {
	t.Helper()
	select {
	case paths := <-heard:
		return paths
	case <-time.After(screentest.Limit):
		t.Fatal("nothing was heard of the files that were copied")
		return nil
	}
}

func TestFilesBothWays(t *testing.T) {
	d := screentest.Start(t, 100, 100)
	heard := make(chan []string, 16)
	c, err := OpenFiles(Options{Display: d.Name}, func(paths []string) { heard <- paths })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	copyFile(t, d, "text/uri-list", []byte("file:///home/anna/a%20letter.odt\r\nhttps://example.com/x\r\nfile:///tmp/%C5%BE\r\n"))
	if got := strings.Join(awaitFiles(t, heard), "|"); got != "/home/anna/a letter.odt|/tmp/ž" {
		t.Errorf("copied: %q", got)
	}
	copyFile(t, d, "UTF8_STRING", []byte("only text"))
	if got := awaitFiles(t, heard); len(got) != 0 {
		t.Errorf("text is taken for files: %q", got)
	}
	if err := c.SetFiles([]string{"/home/anna/a letter, 100%.odt", "/tmp/ž"}); err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{
		"text/uri-list":                "file:///home/anna/a%20letter,%20100%25.odt\r\nfile:///tmp/%C5%BE\r\n",
		"x-special/gnome-copied-files": "copy\nfile:///home/anna/a%20letter,%20100%25.odt\nfile:///tmp/%C5%BE",
	} {
		out, err := d.Command("xclip", "-selection", "clipboard", "-t", target, "-o").Output()
		if err != nil || string(out) != want {
			t.Errorf("%s: pasted %q, %v", target, out, err)
		}
	}
	if c.SetFiles(nil) == nil || c.SetFiles(make([]string, screen.MaxClipFiles+1)) == nil {
		t.Error("nothing, or too much, was taken")
	}
	select {
	case paths := <-heard:
		t.Errorf("what was set came back: %q", paths)
	default:
	}
}

// TestWhatWasCopiedBefore hears of files that were copied before anybody listened.
func TestWhatWasCopiedBefore(t *testing.T) {
	d := screentest.Start(t, 100, 100)
	copyFile(t, d, "text/uri-list", []byte("file:///early\n"))
	screentest.WaitFor(t, "something is copied", func() bool {
		return d.Command("xclip", "-selection", "clipboard", "-t", "text/uri-list", "-o").Run() == nil
	})
	heard := make(chan []string, 1)
	c, err := OpenFiles(Options{Display: d.Name}, func(paths []string) { heard <- paths })
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := awaitFiles(t, heard); len(got) != 1 || got[0] != "/early" {
		t.Errorf("heard of %q", got)
	}
}
