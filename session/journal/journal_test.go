package journal

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
)

func written(t testing.TB) *Log {
	t.Helper()
	op, opKey, _ := ed25519.GenerateKey(nil)
	cu, cuKey, _ := ed25519.GenerateKey(nil)
	l := New(Begin{"session1", op, cu})
	l.Add(Entry{Type: "permission", Who: "customer", What: "view", Text: "granted"})
	l.Add(Entry{Type: "chat", Who: "operator", Text: "<hello> \"č\"\nsecond line"})
	l.Add(Entry{Type: "file", Who: "operator", What: "a.txt", Size: 12, Hash: "00ff"})
	n, hash := l.Head()
	l.Sign("customer", n, ed25519.Sign(cuKey, hash))
	l.Sign("operator", n, ed25519.Sign(opKey, hash))
	l.Add(Entry{Type: "ended"})
	return l
}

// TestEveryByteCounts changes each byte of both kinds of file: it is found every time.
func TestEveryByteCounts(t *testing.T) {
	l := written(t)
	for name, data := range map[string][]byte{"file": l.File(), "text": l.Text()} {
		report, err := Verify(data, ed25519.Verify)
		if err != nil || report.Entries != 5 || report.Signed != 4 {
			t.Fatalf("%s: %+v, %v", name, report, err)
		}
		// The entry after the signed ones is chained but not signed: its own bytes are the one thing that can change.
		unsigned := bytes.LastIndex(data, []byte(`{"n":4`))
		end := unsigned + bytes.IndexByte(data[unsigned:], '\n')
		for i := range data {
			changed := bytes.Clone(data)
			changed[i] ^= 1
			if _, err := Verify(changed, ed25519.Verify); err == nil && (i < unsigned || i >= end) {
				t.Errorf("%s: byte %d (%q) was changed and nothing said", name, i, data[max(0, i-10):min(len(data), i+10)])
			}
		}
		for _, cut := range []int{1, 10, len(data) / 2} {
			if _, err := Verify(data[:len(data)-cut], ed25519.Verify); err == nil {
				t.Errorf("%s: %d bytes are missing and nothing said", name, cut)
			}
		}
	}
}

func TestTwoCopies(t *testing.T) {
	a, b := written(t), Receiver()
	for _, line := range a.lines[:4] {
		if err := b.Append(line); err != nil {
			t.Fatal(err)
		}
	}
	b.both = a.both
	ra, err := Verify(a.Text(), ed25519.Verify)
	if err != nil {
		t.Fatal(err)
	}
	rb, err := Verify(b.File(), ed25519.Verify)
	if err != nil || Same(ra, rb) != nil {
		t.Error(err, Same(ra, rb))
	}
	rc, err := Verify(written(t).File(), ed25519.Verify)
	if err != nil || Same(ra, rc) == nil {
		t.Error("another session's journal is taken for the same one")
	}
	if b.Append(a.lines[2]) == nil {
		t.Error("a line out of turn is taken")
	}
}

// TestChatDoesNotBlindTheJournal adds more chat than a journal has entries, in short and in long lines: what is not chat is written
// down all the same, the journal says what it leaves out, and its size is bounded.
func TestChatDoesNotBlindTheJournal(t *testing.T) {
	for name, text := range map[string]string{"short": "a", "long": strings.Repeat("<", 16<<10)} {
		t.Run(name, func(t *testing.T) {
			l := New(Begin{Session: "session1"})
			for range MaxEntries + 10 {
				l.Add(Entry{Type: "chat", Who: "operator", Text: text})
			}
			for _, e := range []Entry{{Type: "file", What: "a.txt"}, {Type: "permission", What: "control", Text: "taken"}} {
				if l.Add(e) == nil {
					t.Errorf("%+v is left out", e)
				}
			}
			size, said, chat := 0, 0, 0
			for _, line := range l.lines {
				size += len(line)
				switch e, err := parse(line); {
				case err != nil:
					t.Fatal(err)
				case e.Type == TypeLeftOut && e.What == "chat":
					said++
				case e.Type == TypeChat && said > 0:
					t.Fatal("there is chat after it was said that it is left out")
				case e.Type == TypeChat:
					chat++
				}
			}
			if size > maxChatBytes+1<<20 || said != 1 || chat < 100 {
				t.Errorf("%d bytes with %d lines of chat, and it is said %d times that some are left out", size, chat, said)
			}
		})
	}
}

// TestAFullJournalHasRoomForWhatIsAllowed: nothing that a peer can make takes the last room.
func TestAFullJournalHasRoomForWhatIsAllowed(t *testing.T) {
	l := New(Begin{Session: "session1"})
	for range MaxEntries {
		l.Add(Entry{Type: "file", What: "a.txt", Text: "receive cancelled"})
	}
	l.Add(Entry{Type: "chat", Text: "hello"})
	for _, e := range []Entry{{Type: "permission", What: "control", Text: "taken"}, {Type: "state", What: "ended"}} {
		if l.Add(e) == nil {
			t.Errorf("%+v is left out", e)
		}
	}
	if all := string(l.Text()); !strings.Contains(all, `left_out  "file"`) || !strings.Contains(all, `left_out  "chat"`) {
		t.Error("it does not say that anything is left out")
	}
}

// TestTheOthersJournalIsBounded takes lines in for as long as they come.
func TestTheOthersJournalIsBounded(t *testing.T) {
	theirs, ours := New(Begin{Session: "session1"}), Receiver()
	if err := ours.Append(theirs.lines[0]); err != nil {
		t.Fatal(err)
	}
	size := 0
	for n := 1; ; n++ {
		line := theirs.lineLocked(Entry{Type: "chat", Text: strings.Repeat("x", MaxLine-512)})
		theirs.push(line)
		if err := ours.Append(line); err != nil {
			if !errors.Is(err, ErrFull) {
				t.Error(err)
			}
			break
		}
		if size += len(line); size > MaxBytes {
			t.Fatalf("%d bytes in %d entries were taken", size, n)
		}
	}
}

func FuzzVerify(f *testing.F) {
	l := written(f)
	f.Add(l.File())
	f.Add(l.Text())
	f.Add([]byte("{}\n{}\n"))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = Verify(data, ed25519.Verify) })
}
