package transfer

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAFileGoesOver(t *testing.T) {
	for _, size := range []int{0, 1, ChunkSize - 1, ChunkSize, ChunkSize + 1, 5*ChunkSize + 77} {
		a, b := pair(t)
		data := mixed(uint64(size), size)
		path := write(t, filepath.Join(a.home, "report.pdf"), data)
		at := time.Date(2021, 3, 4, 5, 6, 7, 0, time.UTC)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		sent, got := send(t, a, b, path)
		if sent.State != Done || got.State != Done || got.Bytes != int64(size) || got.ID != sent.ID || got.Direction != Receiving {
			t.Errorf("%d bytes: sent %+v, got %+v", size, sent, got)
		}
		same(t, listing(t, b.received()), map[string]string{"report.pdf": string(data)})
		info, err := os.Stat(b.received("report.pdf"))
		if err != nil || !info.ModTime().Equal(at) || info.Mode().Perm()&0o111 != 0 {
			t.Errorf("%v, %v, %v", info.ModTime(), info.Mode(), err)
		}
	}
}

func TestAFolderGoesOver(t *testing.T) {
	a, b := pair(t)
	from := filepath.Join(a.home, "photos")
	for name, size := range map[string]int{"a.jpg": 1000, "b/c.txt": 300_000, "b/d/e.bin": 2 << 20, "ž/š č.txt": 5, "b/empty": 0} {
		write(t, filepath.Join(from, name), mixed(uint64(size), size))
	}
	if err := os.MkdirAll(filepath.Join(from, "nothing in it"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(from, "a.jpg"), 0o4755); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for name, data := range listing(t, from) {
		want[filepath.Join("photos", name)] = data
	}
	want["photos"] = "/"
	_ = os.Symlink("/etc/passwd", filepath.Join(from, "link"))
	_ = os.Symlink("/etc", filepath.Join(from, "folderlink"))
	sent, got := send(t, a, b, from)
	if sent.State != Done || got.State != Done || sent.LeftOut != 2 || got.Files != 5 || got.Bytes != got.Size {
		t.Errorf("sent %+v, got %+v", sent, got)
	}
	same(t, listing(t, b.received()), want)
	if info, _ := os.Stat(b.received("photos", "a.jpg")); info.Mode()&os.ModeSetuid != 0 || info.Mode()&0o100 == 0 {
		t.Errorf("the mode is %v", info.Mode())
	}

	// Once more: everything is there, and nothing is sent or doubled.
	before := b.came()
	sent, got = send(t, a, b, from)
	if sent.State != Done || got.State != Done || got.Bytes != got.Size {
		t.Errorf("again: sent %+v, got %+v", sent, got)
	}
	same(t, listing(t, b.received()), want)
	if b.came()-before > 10_000 {
		t.Errorf("%d bytes were sent again", b.came()-before)
	}

	// What has changed arrives beside what was there.
	write(t, filepath.Join(from, "b", "c.txt"), []byte("new"))
	send(t, a, b, from)
	want[filepath.Join("photos", "b", "c (2).txt")] = "new"
	same(t, listing(t, b.received()), want)
}

func TestBothWaysAtOnce(t *testing.T) {
	a, b := pair(t)
	var from, back []string
	want := map[string]string{}
	for i := range 6 {
		name := string(rune('p'+i)) + ".bin"
		data := mixed(uint64(i), 3<<20+i)
		from = append(from, write(t, filepath.Join(a.home, name), data))
		back = append(back, write(t, filepath.Join(b.home, name), data))
		want[name] = string(data)
	}
	if _, err := a.Send(from...); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Send(back...); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, a, 12)
	awaitEnd(t, b, 12)
	same(t, listing(t, a.received()), want)
	same(t, listing(t, b.received()), want)
}

func TestResume(t *testing.T) {
	a, b := pair(t)
	data := mixed(1, 20*ChunkSize+5)
	path := write(t, filepath.Join(a.home, "big"), data)
	chunks := 0
	a.pipe.change = func(m []byte) []byte {
		if kind(m[0]) == kindChunk {
			if chunks++; chunks > 14 {
				await(t, b, func() bool { return b.Rows()[0].Bytes >= 10*ChunkSize || len(b.Rows()) == 0 })
				a.pipe.breakNow()
			}
		}
		return m
	}
	sent, got := send(t, a, b, path)
	if sent.State != Failed || got.State != Failed || got.Problem != Gone {
		t.Fatalf("sent %+v, got %+v", sent, got)
	}
	for name, part := range listing(t, b.received()) {
		if name == "big" || len(part) < 10*ChunkSize {
			t.Errorf("%s has %d bytes", name, len(part))
		}
	}
	a, b = pair(t, a.home, b.home)
	sent, got = send(t, a, b, path)
	if sent.State != Done || got.State != Done || got.Bytes != got.Size {
		t.Fatalf("sent %+v, got %+v", sent, got)
	}
	same(t, listing(t, b.received()), map[string]string{"big": string(data)})
	if b.came() > 12*ChunkSize {
		t.Errorf("%d bytes came, though most was there", b.came())
	}
}

// TestAbandonedParts removes what nobody has gone on with for long, when something else arrives in the folder.
func TestAbandonedParts(t *testing.T) {
	a, b := pair(t)
	old, recent := b.received(partPrefix+"0123-4567-89.part"), b.received(partPrefix+"0123-4567-90.part")
	write(t, recent, random(2*ChunkSize))
	write(t, old, random(2*ChunkSize))
	notOurs := write(t, b.received("notes.part"), []byte("x"))
	long := time.Now().Add(-abandoned - time.Hour)
	for _, path := range []string{old, notOurs} {
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	send(t, a, b, write(t, filepath.Join(a.home, "f"), []byte("data")))
	for path, want := range map[string]bool{old: false, recent: true, notOurs: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
}

func TestAChangedSourceStartsAnew(t *testing.T) {
	a, b := pair(t)
	path := write(t, filepath.Join(a.home, "big"), mixed(1, 20*ChunkSize+5))
	changed := false
	data := mixed(2, 18*ChunkSize)
	a.pipe.change = func(m []byte) []byte {
		if kind(m[0]) == kindChunk && !changed {
			changed = true
			write(t, path, data)
		}
		return m
	}
	sent, got := send(t, a, b, path)
	if sent.State != Done || got.State != Done {
		t.Fatalf("sent %+v, got %+v", sent, got)
	}
	same(t, listing(t, b.received()), map[string]string{"big": string(data)})
}

func TestCancel(t *testing.T) {
	for _, who := range []string{"source", "receiver", "permission"} {
		a, b := pair(t)
		path := write(t, filepath.Join(a.home, "big"), random(8<<20))
		begun := make(chan struct{})
		chunks := 0
		hold := make(chan struct{})
		a.pipe.change = func(m []byte) []byte {
			if kind(m[0]) == kindChunk {
				if chunks++; chunks == 4 {
					close(begun)
					<-hold
				}
			}
			return m
		}
		if _, err := a.Send(path); err != nil {
			t.Fatal(err)
		}
		<-begun
		go func() { time.Sleep(20 * time.Millisecond); close(hold) }()
		switch who {
		case "source":
			a.Cancel("a1")
		case "receiver":
			b.Cancel("a1")
		default:
			b.Allow(false)
		}
		sent, got := awaitEnd(t, a, 1), awaitEnd(t, b, 1)
		if sent.State == Done || got.State == Done || who != "permission" && (sent.State != Stopped || got.State != Stopped) {
			t.Errorf("%s: sent %+v, got %+v", who, sent, got)
		}
		if left := listing(t, b.received()); who != "permission" && len(left) != 0 || left["big"] != "" {
			t.Errorf("%s: %d files are left", who, len(left))
		}
		if who == "permission" {
			sent, _ := a.Send(path)
			if r := awaitEnd(t, a, 2); r.Problem != NotAllowed || len(sent) != 1 {
				t.Errorf("after that: %+v", r)
			}
			if _, err := b.Send(path); err != error(NotAllowed) {
				t.Errorf("after that: %v", err)
			}
		}
	}
}

func TestFetch(t *testing.T) {
	a, b := pair(t)
	write(t, filepath.Join(b.home, "documents", "one.txt"), []byte("one"))
	write(t, filepath.Join(b.home, "documents", "two.txt"), random(700_000))
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	places, _, err := a.List(ctx, "")
	if err != nil || len(places) != 1 || places[0].Name != "home" {
		t.Fatal(places, err)
	}
	items, cut, err := a.List(ctx, "home/documents")
	if err != nil || cut || len(items) != 2 || items[1].Name != "two.txt" || items[1].Size != 700_000 {
		t.Fatal(items, cut, err)
	}
	if _, _, err := a.List(ctx, "home/../documents"); err != error(NotFound) {
		t.Errorf("a way upwards: %v", err)
	}
	if _, err := a.Fetch(ctx, Order{Paths: []string{"home/documents"}}); err != nil {
		t.Fatal(err)
	}
	if r := awaitEnd(t, a, 1); r.State != Done || r.Direction != Receiving || r.ID != "b1" {
		t.Errorf("%+v", r)
	}
	awaitEnd(t, b, 1)
	want := listing(t, filepath.Join(b.home, "documents"))
	same(t, listing(t, a.received("documents")), want)

	// Synchronizing replaces what has changed and fetches only that.
	write(t, filepath.Join(b.home, "documents", "one.txt"), []byte("changed"))
	before := a.came()
	if _, err := a.Fetch(ctx, Order{Paths: []string{"home/documents"}, Synchronize: true}); err != nil {
		t.Fatal(err)
	}
	awaitEnd(t, a, 2)
	awaitEnd(t, b, 2)
	want["one.txt"] = "changed"
	same(t, listing(t, a.received("documents")), want)
	if a.came()-before > 10_000 {
		t.Errorf("%d bytes were fetched", a.came()-before)
	}
	if _, err := a.Fetch(ctx, Order{Paths: []string{"home/nothing"}}); err != error(NotFound) {
		t.Errorf("what is not there: %v", err)
	}
}

func TestManySmallFiles(t *testing.T) {
	a, b := pair(t)
	from := filepath.Join(a.home, "many")
	want := map[string]string{}
	for i := range 1500 {
		name := filepath.Join(string(rune('a'+i%26)), bytes.NewBuffer(random(4)).String())
		name = filepath.Join(string(rune('a'+i%26)), filepath.Base(SafeName(name))+string(rune('0'+i%10)))
		if _, taken := want[name]; taken {
			continue
		}
		data := random(i)
		write(t, filepath.Join(from, name), data)
		want[name] = string(data)
	}
	sent, got := send(t, a, b, from)
	if sent.State != Done || got.State != Done {
		t.Fatalf("sent %+v, got %+v", sent, got)
	}
	count := 0
	for _, data := range listing(t, b.received("many")) {
		if data != "/" {
			count++
		}
	}
	if count != len(want) {
		t.Errorf("%d files instead of %d", count, len(want))
	}
}

func BenchmarkThroughput(b *testing.B) {
	for _, kind := range []string{"random", "mixed"} {
		b.Run(kind, func(b *testing.B) {
			x, y := pair(b)
			data := random(200 << 20)
			if kind == "mixed" {
				data = mixed(1, 200<<20)
			}
			path := write(b, filepath.Join(x.home, "big"), data)
			b.SetBytes(200 << 20)
			for b.Loop() {
				if _, r := send(b, x, y, path); r.State != Done {
					b.Fatal(r)
				}
				os.RemoveAll(y.received())
			}
		})
	}
}

// TestCopyAndPaste copies at one side and pastes at the other, both ways.
func TestCopyAndPaste(t *testing.T) {
	a, b := pair(t)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	put := map[*side][]string{}
	for _, s := range []*side{a, b} {
		s.Exchange.config.Put = func(paths []string) error { put[s] = paths; return nil }
	}

	// Here → there: send, and then put what has arrived on the clipboard there.
	write(t, b.received("one.txt"), []byte("another one"))
	sent, _ := send(t, a, b, write(t, filepath.Join(a.home, "one.txt"), []byte("one")))
	if err := a.Put(ctx, []string{sent.ID}); err != nil || len(put[b]) != 1 || put[b][0] != b.received("one (2).txt") {
		t.Errorf("put %q, %v", put[b], err)
	}
	for _, ids := range [][]string{{"b7"}, {"a7"}, {}} {
		if err := a.Put(ctx, ids); err != error(NotFound) {
			t.Errorf("putting %v: %v", ids, err)
		}
	}
	if err := b.Put(ctx, []string{sent.ID}); err != error(NotFound) { // what was sent from there
		t.Errorf("putting what was sent: %v", err)
	}

	// There → here: it is told what was copied, of what lies in a place; it is fetched, and put on the clipboard here.
	b.Announce([]string{"/etc/passwd", filepath.Join(b.home, "two.txt"), b.home})
	await(t, a, func() bool { return len(a.Copied()) > 0 })
	copied := a.Copied()
	if len(copied) != 1 || copied[0] != "home/two.txt" {
		t.Fatalf("copied: %q", copied)
	}
	write(t, filepath.Join(b.home, "two.txt"), []byte("two"))
	if _, err := a.Fetch(ctx, Order{Paths: copied}); err != nil {
		t.Fatal(err)
	}
	got := awaitEnd(t, a, 2)
	if err := a.PutHere([]string{got.ID}); err != nil || len(put[a]) != 1 || put[a][0] != a.received("two.txt") {
		t.Errorf("put %q, %v", put[a], err)
	}
	b.Announce(nil)
	await(t, a, func() bool { return len(a.Copied()) == 0 })
	b.Exchange.config.Put = nil
	if err := a.Put(ctx, []string{sent.ID}); err != error(NoClipboard) {
		t.Errorf("without a clipboard: %v", err)
	}
}
