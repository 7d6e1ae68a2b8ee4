package clipboard

import (
	"slices"
	"testing"
	"time"
)

func TestFilesBothWays(t *testing.T) {
	heard := make(chan []string, 16)
	c, err := OpenFiles(Options{}, func(paths []string) { heard <- paths })
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`C:\users\anna\a letter, 100%.odt`, `C:\ž`}
	if err := c.SetFiles(want); err != nil {
		t.Fatal(err)
	}
	if got, err := readFiles(); err != nil || !slices.Equal(got, want) {
		t.Errorf("on the clipboard: %q, %v", got, err)
	}
	time.Sleep(2 * lookEvery)
	c.Close()
	select {
	case paths := <-heard:
		t.Errorf("what was set came back: %q", paths)
	default:
	}
	heard = make(chan []string, 16)
	c, err = OpenFiles(Options{}, func(paths []string) { heard <- paths })
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := <-heard; !slices.Equal(got, want) {
		t.Errorf("copied: %q", got)
	}
}
