package sessiontest

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"handrail/screen"
	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/operator"
	"handrail/transfer"
)

// fileClipboard is a clipboard in memory.
type fileClipboard struct {
	mu  sync.Mutex
	on  func([]string)
	set []string
}

func (c *fileClipboard) open(on func([]string)) (screen.FileClipboard, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = on
	return c, nil
}

// copy is somebody copying files in a file manager.
func (c *fileClipboard) copy(paths ...string) {
	c.mu.Lock()
	on := c.on
	c.mu.Unlock()
	on(paths)
}

func (c *fileClipboard) SetFiles(paths []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set = paths
	return nil
}

func (c *fileClipboard) get() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.set
}

func (c *fileClipboard) Close() error { return nil }

func (c *fileClipboard) opened() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.on != nil
}

// TestFilesAreCopiedAndPasted copies files on one computer and pastes them on the other, both ways.
func TestFilesAreCopiedAndPasted(t *testing.T) {
	relay := StartRelay(t, false)
	here, there := &fileClipboard{}, &fileClipboard{}
	engine := operator.New(operator.Config{Program: "handrail test", Folder: filepath.Join(t.TempDir(), "here"), OpenFileClipboard: here.open})
	t.Cleanup(engine.Close)
	if err := engine.SignIn(Within(t), relay.URL, User, Password); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	computer := NewComputer(64, 48)
	computer.Folder, computer.MayLook, computer.Clip = filepath.Join(home, "received"), true, there.open
	computer.Places = []transfer.Place{{Name: "home", Path: home}}
	o, c := relay.Connected(t, engine, computer)
	screentest.WaitFor(t, "both clipboards are watched", func() bool { return here.opened() && there.opened() })

	from := filepath.Join(t.TempDir(), "manual.pdf")
	data := writeRandom(t, from, 1<<20)
	here.copy(from)
	if err := o.PasteFiles(Within(t), o.CopiedFiles()); err != nil {
		t.Fatal(err)
	}
	arrived := filepath.Join(computer.Folder, "manual.pdf")
	if got := there.get(); len(got) != 1 || got[0] != arrived {
		t.Errorf("on the customer's clipboard: %q", got)
	}
	sameFile(t, arrived, data)

	copied := filepath.Join(home, "logs", "today.txt")
	data = writeRandom(t, copied, 1<<20)
	there.copy(copied)
	screentest.WaitFor(t, "the operator hears of it", func() bool { return len(o.Files().Copied()) == 1 })
	if err := o.FetchCopied(Within(t)); err != nil {
		t.Fatal(err)
	}
	if got := here.get(); len(got) != 1 || filepath.Base(got[0]) != "today.txt" {
		t.Errorf("on the operator's clipboard: %q", got)
	}
	sameFile(t, here.get()[0], data)

	// Without the clipboard's permission the operator neither knows what is copied nor puts anything there.
	if err := c.SetPermission(session.Clipboard, false); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the operator no longer knows", func() bool {
		return len(o.Files().Copied()) == 0 && !o.Permissions().Has(session.Clipboard)
	})
	if got := o.CopiedFiles(); len(got) > 0 {
		t.Errorf("the operator would paste %q", got)
	}
	if err := o.Files().Put(Within(t), []string{"o1"}); !errors.Is(err, transfer.NotAllowed) {
		t.Errorf("a program that does not keep to it is told %v", err)
	}
}
