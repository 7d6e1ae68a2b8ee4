package clipboard

import (
	"encoding/binary"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"

	"handrail/screen/screentest"
)

// owner is a program that has copied something in several forms, as password managers do; xclip knows only one form.
type owner struct {
	*selection
	mu    sync.Mutex
	forms map[string]string
	asked []string // which forms were asked for
}

func own(t *testing.T, d *screentest.Display) *owner {
	t.Helper()
	s, err := openSelection(Options{Display: d.Name}, []string{"UTF8_STRING", "image/png", "INCR", uriList}, 0)
	if err != nil {
		t.Fatal(err)
	}
	o := &owner{selection: s}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			event, xerr := s.conn.WaitForEvent()
			if event == nil && xerr == nil {
				return
			}
			if e, ok := event.(xproto.SelectionRequestEvent); ok {
				o.give(e, func(property xproto.Atom) bool { return o.write(e.Requestor, property, e.Target) })
			}
		}
	}()
	t.Cleanup(func() {
		s.conn.Close()
		<-gone
	})
	return o
}

// offer copies something in these forms; one with the value "-" is offered and not given.
func (o *owner) offer(t *testing.T, forms map[string]string) {
	t.Helper()
	o.mu.Lock()
	o.forms, o.asked = forms, nil
	o.mu.Unlock()
	if err := o.own(); err != nil {
		t.Fatal(err)
	}
}

func (o *owner) write(to xproto.Window, property, target xproto.Atom) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if target == o.atoms["TARGETS"] {
		var list []byte
		for name := range o.forms {
			list = binary.LittleEndian.AppendUint32(list, uint32(o.atoms[name]))
		}
		xproto.ChangeProperty(o.conn, xproto.PropModeReplace, to, property, xproto.AtomAtom, 32, uint32(len(list)/4), list)
		return true
	}
	for name, value := range o.forms {
		if target == o.atoms[name] {
			o.asked = append(o.asked, name)
			xproto.ChangeProperty(o.conn, xproto.PropModeReplace, to, property, target, 8, uint32(len(value)), []byte(value))
			return value != "-"
		}
	}
	return false
}

func (o *owner) wasAsked(form string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Contains(o.asked, form)
}

// TestSecretsAreLeft copies what a password manager has marked: it is not even asked for.
func TestSecretsAreLeft(t *testing.T) {
	d := screentest.Start(t, 100, 100)
	_, clips := openOn(t, d)
	o := own(t, d)
	for name, hint := range map[string]string{"marked": secretValue, "marked with an end": secretValue + "\x00", "marked without a word": "", "marked, and nobody says how": "-"} {
		for form, value := range map[string]string{"UTF8_STRING": "correct horse", "image/png": string(noisePNG(t, 20))} {
			o.offer(t, map[string]string{secretHint: hint, form: value})
			screentest.WaitFor(t, "the mark is read", func() bool { return o.wasAsked(secretHint) })
			time.Sleep(200 * time.Millisecond)
			if o.wasAsked(form) || len(clips) > 0 {
				t.Errorf("%s: %s was read", name, form)
			}
		}
	}
	o.offer(t, map[string]string{secretHint: "public", "UTF8_STRING": "a user's name"})
	if got := await(t, clips); got.Text != "a user's name" {
		t.Errorf("%q was read", got.Text)
	}
	o.offer(t, map[string]string{"UTF8_STRING": "no mark"})
	if got := await(t, clips); got.Text != "no mark" {
		t.Errorf("%q was read", got.Text)
	}
}

// TestSecretFilesAreLeft does the same with files.
func TestSecretFilesAreLeft(t *testing.T) {
	d := screentest.Start(t, 100, 100)
	heard := make(chan []string, 16)
	c, err := OpenFiles(Options{Display: d.Name}, func(paths []string) { heard <- paths })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	o := own(t, d)
	o.offer(t, map[string]string{uriList: "file:///first\r\n"})
	if got := awaitFiles(t, heard); len(got) != 1 || got[0] != "/first" {
		t.Errorf("copied: %q", got)
	}
	o.offer(t, map[string]string{secretHint: secretValue, uriList: "file:///keys.kdbx\r\n"})
	if got := awaitFiles(t, heard); len(got) != 0 {
		t.Errorf("a secret is taken for files: %q", got)
	}
}
