package sessiontest

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/customer"
	"handrail/transfer"
)

func awaitFile(t testing.TB, x *transfer.Exchange, number int) transfer.Row {
	t.Helper()
	screentest.WaitFor(t, "the transfer has ended", func() bool {
		rows := x.Rows()
		return len(rows) > number && rows[number].State.Final()
	})
	return x.Rows()[number]
}

func writeRandom(t testing.TB, path string, size int) []byte {
	t.Helper()
	data := make([]byte, size)
	_, _ = rand.Read(data)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return data
}

func sameFile(t testing.TB, path string, want []byte) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s has %d bytes instead of %d: %v", path, len(got), len(want), err)
	}
}

func TestFilesBothWays(t *testing.T) {
	relay := StartRelay(t, false)
	engine := relay.SignIn(t)
	computer := NewComputer(64, 48)
	computer.Folder = filepath.Join(t.TempDir(), "received")
	home := t.TempDir()
	computer.Places = []transfer.Place{{Name: "home", Path: home}}
	o, c := relay.Connected(t, engine, computer)
	if err := o.Files().SetFolder(filepath.Join(t.TempDir(), "here")); err != nil {
		t.Fatal(err)
	}
	var events []session.File
	stop := o.Listen(func(e session.Event) {
		if e.File != nil {
			events = append(events, *e.File)
		}
	})

	from := filepath.Join(t.TempDir(), "manual.pdf")
	data := writeRandom(t, from, 3<<20)
	if _, err := o.Files().Send(from); err != nil {
		t.Fatal(err)
	}
	sent, got := awaitFile(t, o.Files(), 0), awaitFile(t, c.Files(), 0)
	if sent.State != transfer.Done || got.State != transfer.Done || sent.ID != "o1" || got.ID != "o1" {
		t.Errorf("sent %+v, got %+v", sent, got)
	}
	sameFile(t, filepath.Join(computer.Folder, "manual.pdf"), data)
	hash := fmt.Sprintf("%x", sha256.Sum256(data))
	screentest.WaitFor(t, "the journal has the file's hash", func() bool { return bytes.Contains(c.Journal(), []byte(hash)) })

	// The customer is asked once, and says yes.
	data = writeRandom(t, filepath.Join(home, "logs", "today.txt"), 1<<20)
	ctx := Within(t)
	listed := make(chan error, 1)
	go func() {
		items, _, err := o.Files().List(ctx, "home/logs")
		if err == nil && (len(items) != 1 || items[0].Name != "today.txt") {
			err = errors.New("the folder has something else in it")
		}
		listed <- err
	}()
	screentest.WaitFor(t, "the customer is asked", c.LookAsked)
	c.AnswerLook(customer.LookYes)
	if err := <-listed; err != nil {
		t.Fatal(err)
	}
	if _, err := o.Files().Fetch(ctx, transfer.Order{Paths: []string{"home/logs"}}); err != nil {
		t.Fatal(err)
	}
	if got := awaitFile(t, o.Files(), 1); got.State != transfer.Done || got.ID != "c1" {
		t.Errorf("%+v", got)
	}
	sameFile(t, filepath.Join(o.Files().Folder(), "logs", "today.txt"), data)
	stop()
	states := map[string]int{}
	for _, e := range events {
		states[e.ID+" "+e.Direction+" "+e.State]++
	}
	for _, want := range []string{"o1 send offered", "o1 send running", "o1 send done", "c1 receive offered", "c1 receive done"} {
		if states[want] == 0 {
			t.Errorf("no event %q in %v", want, states)
		}
	}
}

func TestFilesNeedThePermission(t *testing.T) {
	relay := StartRelay(t, false)
	computer := NewComputer(64, 48)
	computer.Folder = filepath.Join(t.TempDir(), "received")
	o, c := relay.Connected(t, relay.SignIn(t), computer)
	from := filepath.Join(t.TempDir(), "big")
	writeRandom(t, from, 40<<20)
	if _, err := o.Files().Send(from); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "it arrives", func() bool { rows := c.Files().Rows(); return len(rows) == 1 && rows[0].Bytes > 0 })
	if err := c.SetPermission(session.Files, false); err != nil {
		t.Fatal(err)
	}
	if sent, got := awaitFile(t, o.Files(), 0), awaitFile(t, c.Files(), 0); got.State == transfer.Done {
		t.Logf("it was quicker than the customer: %+v", sent)
	} else if got.Problem != transfer.NotAllowed || sent.State != transfer.Failed {
		t.Errorf("sent %+v, got %+v", sent, got)
	}
	screentest.WaitFor(t, "the operator is told", func() bool { return !o.Permissions().Has(session.Files) })
	if _, err := o.Files().Send(from); !errors.Is(err, transfer.NotAllowed) {
		t.Errorf("sending: %v", err)
	}

	// A program that does not keep to it is refused by the customer's.
	o.Files().Allow(true)
	if _, err := o.Files().Send(from); err != nil {
		t.Fatal(err)
	}
	if sent := awaitFile(t, o.Files(), 1); sent.Problem != transfer.NotAllowed {
		t.Errorf("sent %+v", sent)
	}
	if _, _, err := o.Files().List(Within(t), ""); !errors.Is(err, transfer.NotAllowed) {
		t.Errorf("looking: %v", err)
	}
	if rows := c.Files().Rows(); len(rows) != 1 {
		t.Errorf("the customer's program has %+v", rows)
	}
}

func TestTheCustomerSaysNo(t *testing.T) {
	relay := StartRelay(t, false)
	for answer, want := range map[customer.LookAnswer]transfer.Problem{customer.LookNo: transfer.Declined, customer.LookChoose: transfer.Chooses} {
		computer := NewComputer(64, 48)
		computer.Places = []transfer.Place{{Name: "home", Path: t.TempDir()}}
		o, c := relay.Connected(t, relay.SignIn(t), computer)
		c.AnswerLook(answer)
		if _, _, err := o.Files().List(Within(t), "home"); !errors.Is(err, want) {
			t.Errorf("%s: %v", answer, err)
		}
		if _, err := o.Files().Fetch(Within(t), transfer.Order{Paths: []string{"home/x"}}); !errors.Is(err, want) {
			t.Errorf("%s: %v", answer, err)
		}
		c.Close()
	}
}
