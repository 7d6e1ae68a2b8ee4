package sessiontest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/session/operator"
	"handrail/session/wire"
)

// TestBothKeepTheJournal compares what both sides have written down of a session, and looks into it.
func TestBothKeepTheJournal(t *testing.T) {
	relay := StartRelay(t, false)
	ours, theirs := t.TempDir(), t.TempDir()
	engine := operator.New(operator.Config{Journals: ours})
	defer engine.Close()
	if err := engine.SignIn(Within(t), relay.URL, User, Password); err != nil {
		t.Fatal(err)
	}
	o := NewSession(t, engine)
	computer := NewComputer(64, 64)
	config := computer.Config()
	config.Journal = theirs
	c, err := customer.Join(Within(t), config, relay.URL, o.Code())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	AwaitState(t, &o.Status, session.Active)
	if err := o.Chat("a line of chat"); err != nil {
		t.Fatal(err)
	}
	if err := o.Type("a typed secret"); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the line and the text arrive", func() bool { return len(c.Transcript()) == 1 && len(computer.Hands.Events()) > 0 })
	if err := c.SetPermission(session.Control, false); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "both have signed", func() bool {
		text := c.Journal()
		report, err := session.VerifyJournal(text)
		return err == nil && report.Signed == report.Entries &&
			bytes.Contains(text, []byte("a line of chat")) && bytes.Contains(text, []byte(`"taken"`))
	})
	o.End()
	<-c.Done()
	AwaitState(t, &o.Status, session.Ended)
	base := "handrail-" + o.ID()
	first, err := session.VerifyJournal(read(t, filepath.Join(theirs, base+".txt")))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(ours, base+".txt"), filepath.Join(ours, base+".journal"), filepath.Join(theirs, base+".journal")} {
		data := read(t, file)
		report, err := session.VerifyJournal(data)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if err := session.SameJournal(first, report); err != nil {
			t.Error(err)
		}
		if !bytes.Contains(data, []byte("a line of chat")) || bytes.Contains(data, []byte("a typed secret")) {
			t.Errorf("%s has what it should not have, or not what it should:\n%s", file, data)
		}
	}
	if _, reason := c.State(); reason != wire.ReasonByOperator {
		t.Errorf("ended for %q", reason)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
