package operator

import (
	"errors"
	"testing"
	"time"

	"handrail/screen"
	"handrail/session"
	"handrail/session/wire"
)

// threadBoard is a clipboard as Windows has it: setting it waits until its one thread has told of what was copied here.
type threadBoard struct {
	copied func()
	set    int
}

func (b *threadBoard) wait() error {
	told := make(chan struct{})
	go func() {
		b.copied()
		close(told)
	}()
	select {
	case <-told:
		b.set++
		return nil
	case <-time.After(5 * time.Second):
		return errors.New("the clipboard's thread waits for whoever sets it")
	}
}

func (b *threadBoard) Set(screen.Clip) error   { return b.wait() }
func (b *threadBoard) SetFiles([]string) error { return b.wait() }
func (b *threadBoard) Close() error            { return nil }

// TestTheClipboardIsSetWhileSomethingIsCopied: neither what comes from the customer nor what is kept here waits for a thread that
// waits for it.
func TestTheClipboardIsSetWhileSomethingIsCopied(t *testing.T) {
	texts, files := &threadBoard{}, &threadBoard{}
	e := New(Config{
		OpenClipboard: func(on func(screen.Clip)) (screen.Clipboard, error) {
			texts.copied = func() { on(screen.Clip{Text: "copied here"}) }
			return texts, nil
		},
		OpenFileClipboard: func(on func([]string)) (screen.FileClipboard, error) {
			files.copied = func() { on([]string{"/here"}) }
			return files, nil
		},
	})
	defer e.Close()
	s := newSession(e, nil, Account{}, wire.Session{})
	defer s.stop()
	s.SetPermissions(session.Permissions{}.With(session.Clipboard))
	e.use(s)
	e.openFileBoard()
	e.paste(s, screen.Clip{Text: "copied there"})
	if texts.set != 1 {
		t.Error("what the customer has copied does not come here")
	}
	if err := s.CopyPicture([]byte("a picture")); err != nil {
		t.Error(err)
	}
	if err := e.put([]string{"/there"}); err != nil {
		t.Error(err)
	}
	other := newSession(e, nil, Account{}, wire.Session{})
	defer other.stop()
	other.SetPermissions(session.Permissions{}.With(session.Clipboard))
	if e.paste(other, screen.Clip{Text: "of somebody else"}); texts.set != 2 {
		t.Error("a session that is not the one in use sets the clipboard")
	}
}
