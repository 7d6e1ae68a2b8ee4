package operatorui

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"handrail/screen"
	"handrail/session"
	"handrail/transfer"
	"handrail/ui/text"
	"handrail/ui/uitest"
	"handrail/ui/viewer"
)

// keysSeen writes down which keys reach the other computer.
type keysSeen struct {
	viewer.Hands
	mu   sync.Mutex
	keys []string
}

func (k *keysSeen) Key(keysym uint32, down bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = append(k.keys, fmt.Sprintf("%x %v", keysym, down))
	return nil
}

func (k *keysSeen) seen() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.keys)
}

// TestCtrlVWithFiles keeps the key back while there are files to be pasted, and only then.
func TestCtrlVWithFiles(t *testing.T) {
	seen := &keysSeen{}
	queue := viewer.NewQueue(seen)
	var copied, pasted []string
	p := newPasting(queue, func() []string { return copied }, func(paths []string) { pasted = paths })
	press := func(down bool) {
		p.Key(screen.KeyCtrl, down)
		p.Key('v', down)
	}
	press(true)
	press(false)
	copied = []string{"/tmp/a"}
	p.Key('v', true) // not with Ctrl
	p.Key('v', false)
	press(true)
	press(false)
	queue.Close()
	queue.Wait()
	want := []string{"ffe3 true", "76 true", "ffe3 false", "76 false", "76 true", "76 false", "ffe3 true", "ffe3 false"}
	if got := seen.seen(); !slices.Equal(got, want) || len(pasted) != 1 {
		t.Errorf("the keys are %v, pasted is %v", got, pasted)
	}
}

// TestFilesArePasted sends what was copied when Ctrl+V is pressed in the viewer.
func TestFilesArePasted(t *testing.T) {
	_, v := openViewer(t)
	s := v.session.(*fakeSession)
	v.pasteFiles([]string{"/home/desk/report.pdf"})
	if got := <-s.pasted; len(got) != 1 || got[0] != "/home/desk/report.pdf" {
		t.Errorf("pasted %v", got)
	}
	uitest.Wait(t, func() bool { return !v.sending })
}

// TestAnArrivalIsMarked puts a mark on the button for files until somebody looks.
func TestAnArrivalIsMarked(t *testing.T) {
	w, v := openViewer(t)
	w.board.hearFile(session.Event{Type: session.EventFile, Session: v.session.ID(), File: &session.File{
		Name: "logs.zip", State: string(transfer.Done), Direction: string(transfer.Receiving),
	}})
	if !v.bar.files.Marked() || !uitest.Says(v.win, text.T("files.came", "Name", "logs.zip")) {
		t.Error("nobody is told of what has arrived")
	}
	uitest.Settle(v.win)
	uitest.Picture(t, v.win, "viewer-arrived")
	v.openFiles()
	if v.bar.files.Marked() {
		t.Error("the mark stays although somebody looked")
	}
	w.board.files[v.session.ID()].Close()
}
