package customerui

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"handrail/session"
	"handrail/ui/theme"
	"handrail/ui/uitest"
)

// journaling is a session that has kept a record.
type journaling struct{ *fakeSession }

func (journaling) Journal() []byte { return []byte("what happened") }

// TestWhatHappenedIsSaved: nothing is written before the person presses the button.
func TestWhatHappenedIsSaved(t *testing.T) {
	uitest.SetLanguage(t, "en")
	file := filepath.Join(t.TempDir(), "journal.txt")
	s := journaling{newFake()}
	w := open(uitest.App(t), theme.Light, s.fakeSession, nil)
	failing := true
	w.options.Service.SaveJournal = func(journal []byte) (string, error) {
		if failing {
			return "", errors.New("no room")
		}
		return file, os.WriteFile(file, journal, 0o600)
	}
	w.joined(s)
	s.set(session.Ended, session.Permissions{}, "")
	w.changed()
	save := uitest.Button(t, w.win, "Save what happened")
	test.Tap(save)
	uitest.Wait(t, func() bool {
		return uitest.Says(w.win, "The record of the session could not be saved in the folder for downloads.")
	})
	failing = false
	uitest.Wait(t, func() bool { return !save.Disabled() })
	test.Tap(save)
	uitest.Wait(t, func() bool { return uitest.Says(w.win, "Saved: "+file) })
	if text, err := os.ReadFile(file); err != nil || string(text) != "what happened" {
		t.Errorf("%q %v", text, err)
	}
}

// TestTheProgramAwaitsItsJournals: a session that has ended, for people, may still be writing what happened.
func TestTheProgramAwaitsItsJournals(t *testing.T) {
	uitest.SetLanguage(t, "en")
	s := newFake()
	w := open(uitest.App(t), theme.Light, s, nil)
	w.joined(s)
	s.set(session.Ended, session.Permissions{}, "")
	w.changed()
	over := make(chan struct{})
	go func() {
		defer close(over)
		w.ShowAndRun()
	}()
	select {
	case <-over:
		t.Error("the program ends before its session is done")
	case <-time.After(100 * time.Millisecond):
	}
	close(s.done)
	<-over
}
