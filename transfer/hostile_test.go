package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// script is a peer that says what it was told to, whatever comes back.
type script struct {
	messages [][]byte
	wait     chan struct{} // closed when an answer has come that ends a transfer
	once     sync.Once
}

func (s *script) SendFile(_ context.Context, m []byte) error {
	if k := kind(m[0]); k == kindClosed || k == kindCancel || k == kindAnswer && bytes.Contains(m, []byte("problem")) {
		s.once.Do(func() { close(s.wait) })
	}
	return nil
}

func (s *script) ReceiveFile(ctx context.Context) ([]byte, error) {
	if len(s.messages) == 0 {
		select {
		case <-s.wait:
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
		}
		return nil, io.EOF
	}
	m := s.messages[0]
	s.messages = s.messages[1:]
	return m, nil
}

// receiveScript plays messages to an exchange with this folder, and waits until nothing happens any more.
func receiveScript(folder string, messages ...[]byte) error {
	x := New(Config{Own: "b", Peer: "a", Folder: folder})
	s := &script{messages: messages, wait: make(chan struct{})}
	x.Begin(context.Background(), s)
	return x.Run()
}

// fileMessages are the messages with which a file or folder is sent, as somebody might who keeps to no rules.
func fileMessages(offer string, folder bool, entries []entry, data []byte) [][]byte {
	messages := [][]byte{
		marshal(kindOffer, offerMessage{ID: 1, Name: offer, Files: len(entries), Bytes: 1, Folder: folder}),
		marshal(kindEntries, entriesMessage{ID: 1, Entries: entries}),
	}
	for i, e := range entries {
		if e.Folder {
			continue
		}
		h := sha256.Sum256(data)
		whole := sha256.Sum256(h[:])
		if len(data) > 0 {
			c := chunkMessage{transfer: 1, entry: uint32(i), length: len(data), stored: len(data), hash: h, bytes: data}
			messages = append(messages, c.appendTo(nil))
		} else {
			whole = sha256.Sum256(nil)
		}
		end := endMessage{transfer: 1, entry: uint32(i), outcome: outcomeWhole, hash: whole}
		messages = append(messages, end.appendTo(nil))
	}
	return append(messages, marshal(kindFinish, finishMessage{ID: 1}))
}

// memoryDir is a temporary folder on a disk in memory, where there is one.
func memoryDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "handrail")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

var hostilePieces = []string{
	"..", ".", "", "/", "\\", "C:", "c:\\windows", "\\\\server\\share", "NUL", "con.txt", "COM1", "lpt³.log", "aux .txt", "a:b", "file.txt:stream",
	"name.", "name ", " name", "~", "$HOME", "`id`", "\x00", "\n", "\x1b[31m", "\u202egpj.exe", "\u200b", "\ufeff", "é", "é", "ﬁ", "ＮＵＬ", "İ", "ß", "SS",
	"\xff\xfe", "🧨", strings.Repeat("x", 300), strings.Repeat("ž", 150) + ".txt", ".handrail-aaaa-bbbb-cc.part", ".HANDRAIL-x.part", "link", "etc",
	"passwd", "desktop.ini", "...", ". .", "..\\..", "%2e%2e", "..%2f", "․․", "／", "a\u2028b", "\U000e0041", "CLOCK$", "conout$",
}

func TestHostileNames(t *testing.T) {
	outer := memoryDir(t)
	write(t, filepath.Join(outer, "secret"), []byte("untouched"))
	inside := filepath.Join(outer, "a", "received")
	if err := os.MkdirAll(inside, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outer, filepath.Join(inside, "link")); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 5))
	arrived, refused := 0, 0
	for range 5000 {
		var parts []string
		for range 1 + r.IntN(4) {
			part := hostilePieces[r.IntN(len(hostilePieces))]
			if r.IntN(3) == 0 {
				part += hostilePieces[r.IntN(len(hostilePieces))]
			}
			parts = append(parts, part)
		}
		whole := strings.Join(parts, "/")
		offer, folder := parts[0], len(parts) > 1
		if r.IntN(10) == 0 {
			offer = whole
		}
		var entries []entry
		for i := range parts[1:] {
			entries = append(entries, entry{Path: strings.Join(parts[:i+1], "/"), Folder: true})
		}
		entries = append(entries, entry{Path: whole, Size: 1})
		err := receiveScript(inside, fileMessages(offer, folder, entries, []byte("x"))...)
		if errors.Is(err, ErrProtocol) {
			refused++
		} else {
			arrived++
		}
	}
	t.Logf("%d names were taken as transfers, %d ended the session", arrived, refused)
	entries, err := os.ReadDir(outer)
	if err != nil || len(entries) != 2 {
		t.Fatalf("outside there is %v, %v", entries, err)
	}
	if data, _ := os.ReadFile(filepath.Join(outer, "secret")); string(data) != "untouched" {
		t.Fatal("the secret was touched")
	}
	checkSafe(t, inside)
}

// checkSafe wants every name below a folder to be one that every system takes, and none a link but "link".
func checkSafe(t *testing.T, folder string) {
	t.Helper()
	count := 0
	err := filepath.WalkDir(folder, func(p string, d os.DirEntry, err error) error {
		if err != nil || p == folder {
			return err
		}
		count++
		name := d.Name()
		if base, number, ok := strings.Cut(name, " ("); ok { // one of several with the same name
			_, extension, _ := strings.Cut(number, ")")
			name = base + extension
		}
		if d.Type()&os.ModeSymlink != 0 && (d.Name() != "link" || filepath.Dir(p) != folder) {
			t.Errorf("%q is a link", p)
		}
		if name != SafeName(name) {
			t.Errorf("%q should be %q", name, SafeName(name))
		}
		return nil
	})
	if err != nil || count == 0 {
		t.Errorf("%d names, %v", count, err)
	}
}

func TestSafeName(t *testing.T) {
	for name, want := range map[string]string{
		"report.pdf": "report.pdf", "NUL": "_NUL", "nul.txt": "_nul.txt", "com1": "_com1", "COM10": "COM10", "Lpt².x": "_Lpt².x", "name. . ": "name",
		"a:b": "a_b", "..": "_", "...": "_", "": "_", " ": "_", "x\x00y": "x_y", "e\u0301": "é", "\u202egpj.exe": "gpj.exe", "a/b\\c": "a_b_c",
		".handrail-x": "_handrail-x", ".bashrc": ".bashrc", "čšž 한국어 😀": "čšž 한국어 😀",
	} {
		if got := SafeName(name); got != want {
			t.Errorf("%q becomes %q instead of %q", name, got, want)
		}
	}
}

// TestCollisions sends names that are the same where capitals do not count.
func TestCollisions(t *testing.T) {
	n := newNamer()
	seen := map[string]string{}
	for _, sent := range []string{
		"f", "f/Dir", "f/dir", "f/DIR", "f/Readme.txt", "f/README.TXT", "f/readme.txt", "f/re:dme.txt", "f/re*dme.txt", "f/Dir/a", "f/dir/a", "f/DIR/a", "f/\u00e9", "f/e\u0301", "f/straße", "f/STRASSE",
	} {
		isFolder := strings.EqualFold(path.Base(sent), "dir") || sent == "f"
		local, err := n.local(sent, isFolder)
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := seen[fold(local)]; taken {
			t.Errorf("%q and %q both become %q", sent, other, local)
		}
		seen[fold(local)] = sent
		if again, _ := n.local(sent, isFolder); again != local {
			t.Errorf("%q becomes %q and then %q", sent, local, again)
		}
	}
}

// TestNamesThatBecomeOne gives so many different names that become the same that looking for a free one each time from
// the beginning would take minutes.
func TestNamesThatBecomeOne(t *testing.T) {
	n := newNamer()
	n.fix("f", "f")
	const many = MaxEntries / 2
	seen := map[string]bool{}
	for i := range many {
		local, err := n.local(fmt.Sprintf("f/x%s", strings.NewReplacer("0", "\u200b", "1", "\u200c").Replace(fmt.Sprintf("%b", i))), false)
		if err != nil {
			t.Fatal(err)
		}
		seen[local] = true
	}
	if len(seen) != many {
		t.Errorf("%d names have become %d", many, len(seen))
	}
}

// TestNamesTakeLittleMemory gives names that are as long as they may be, in folders that are as deep as they may be.
func TestNamesTakeLittleMemory(t *testing.T) {
	const many = 20_000
	used := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := used()
	n := newNamer()
	in := ""
	for i := range maxDepth - 1 {
		in = path.Join(in, fmt.Sprint("folder", i))
		if _, err := n.local(in, true); err != nil {
			t.Fatal(err)
		}
	}
	for i := range many {
		if _, err := n.local(fmt.Sprintf("%s/%s%d", in, strings.Repeat("x", maxPath-len(in)-10), i), false); err != nil {
			t.Fatal(err)
		}
	}
	if each := int(used()-before) / many; each > 600 {
		t.Errorf("a name takes %d bytes", each)
	}
	runtime.KeepAlive(n)
}

// TestFoldersThatWereNotAnnounced wants no folder to be made for an entry in one that was never told of.
func TestFoldersThatWereNotAnnounced(t *testing.T) {
	for _, entries := range [][]entry{
		{{Path: "d", Folder: true}, {Path: "d/a/b/c", Folder: true}},
		{{Path: "d", Folder: true}, {Path: "d/a/b/c", Size: 1}},
		{{Path: "d", Folder: true}, {Path: "d/f", Size: 1}, {Path: "d/f/x", Size: 1}},
	} {
		folder := filepath.Join(t.TempDir(), "received")
		_ = receiveScript(folder, fileMessages("d", true, entries, []byte("x"))...)
		for name := range listing(t, folder) {
			if name != "d" && !strings.HasPrefix(filepath.Base(name), partPrefix) {
				t.Errorf("%v: %s is there", entries, name)
			}
		}
	}
}

// TestFoldersComeFirst wants what honest programs announce to be in this order.
func TestFoldersComeFirst(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"d/b/c/x", "d/b/a", "d/a/z/y/x", "d/c", "d/a.b/x", "d/a/b"} {
		write(t, filepath.Join(home, name), nil)
	}
	s, err := openSource(filepath.Join(home, "d"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.tree.close()
	if err := s.scan(context.Background()); err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{".": true}
	for _, it := range s.items {
		if !told[path.Dir(it.Path)] {
			t.Errorf("%s comes before its folder", it.Path)
		}
		told[it.Path] = it.Folder
	}
	if len(s.items) != 13 {
		t.Errorf("%d entries", len(s.items))
	}
}

// TestFilesThatDoNotCome announces batch after batch.
func TestFilesThatDoNotCome(t *testing.T) {
	_, peer := lone(t, Config{})
	peer.say(t, marshal(kindOffer, offerMessage{ID: 1, Name: "d", Files: MaxEntries, Folder: true}))
	peer.say(t, marshal(kindEntries, entriesMessage{ID: 1, Entries: []entry{{Path: "d", Folder: true}}}))
	hear[planMessage](t, peer, kindPlan)
	next := uint32(1)
	for range maxSlots / batchEntries {
		entries := make([]entry, batchEntries)
		for i := range entries {
			entries[i] = entry{Path: fmt.Sprint("d/", next+uint32(i)), Size: 1}
		}
		peer.say(t, marshal(kindEntries, entriesMessage{ID: 1, First: next, Entries: entries}))
		hear[planMessage](t, peer, kindPlan)
		next += batchEntries
	}
	peer.say(t, marshal(kindEntries, entriesMessage{ID: 1, First: next, Entries: []entry{{Path: "d/one more", Size: 1}}}))
	if m := hear[closedMessage](t, peer, kindClosed); m.Problem != Damaged {
		t.Errorf("%+v", m)
	}
}

func TestLies(t *testing.T) {
	data := []byte("some data")
	h := sha256.Sum256(data)
	whole := sha256.Sum256(h[:])
	good := func() [][]byte { return fileMessages("f", false, []entry{{Path: "f", Size: int64(len(data))}}, data) }
	chunk := chunkMessage{transfer: 1, length: len(data), stored: len(data), hash: h, bytes: data}
	end := endMessage{transfer: 1, outcome: outcomeWhole, hash: whole}
	entries := func(e ...entry) []byte { return marshal(kindEntries, entriesMessage{ID: 1, Entries: e}) }
	with := func(at int, m []byte) [][]byte {
		messages := good()
		messages[at] = m
		return messages
	}
	changed := func(fn func(c *chunkMessage)) [][]byte {
		c := chunk
		fn(&c)
		return with(2, c.appendTo(nil))
	}
	many := make([]entry, batchEntries+1)
	for i := range many {
		many[i] = entry{Path: fmt.Sprint("f/", i), Folder: true}
	}
	cases := map[string][][]byte{
		"smaller than it says":   with(1, entries(entry{Path: "f", Size: 8})),
		"larger than it says":    with(1, entries(entry{Path: "f", Size: 10})),
		"negative size":          with(1, entries(entry{Path: "f", Size: -1})),
		"enormous size":          with(1, entries(entry{Path: "f", Size: maxFile + 1})),
		"wrong chunk hash":       changed(func(c *chunkMessage) { c.hash[3]++ }),
		"wrong file hash":        with(3, (&endMessage{transfer: 1, outcome: outcomeWhole, hash: h}).appendTo(nil)),
		"begins in the middle":   changed(func(c *chunkMessage) { c.index = 1 }),
		"of another entry":       changed(func(c *chunkMessage) { c.entry = 7 }),
		"not compressed":         changed(func(c *chunkMessage) { c.zstd = true }),
		"twice":                  {good()[0], good()[1], good()[2], good()[2], good()[3], good()[4]},
		"said to be here":        {good()[0], good()[1], (&endMessage{transfer: 1, outcome: outcomeSame, hash: whole}).appendTo(nil), good()[4]},
		"nothing but the end":    {good()[0], good()[1], end.appendTo(nil), good()[4]},
		"unfinished":             {good()[0], good()[1], good()[2], good()[4]},
		"another name":           with(1, entries(entry{Path: "g", Size: int64(len(data))})),
		"in a folder":            with(1, entries(entry{Path: "f/g", Size: int64(len(data))})),
		"too many in a batch":    {good()[0], entries(many...), good()[4]},
		"far away":               with(1, marshal(kindEntries, entriesMessage{ID: 1, First: 5, Entries: []entry{{Path: "f", Size: 9}}})),
		"path too long":          with(1, entries(entry{Path: "f/" + strings.Repeat("x", maxPath-1), Size: 9})),
		"path too deep":          with(1, entries(entry{Path: "f" + strings.Repeat("/x", maxDepth), Size: 9})),
		"too much JSON":          with(1, append([]byte{byte(kindEntries)}, bytes.Repeat([]byte(" "), maxJSON+1)...)),
		"an acknowledgement":     {append([]byte{byte(kindAck)}, bytes.Repeat([]byte{1}, 16)...)},
		"an empty message":       {{}},
		"offered twice":          {good()[0], good()[0]},
		"offered with no name":   {marshal(kindOffer, offerMessage{ID: 1})},
		"a part of a part":       {good()[0], good()[1], (&chunkMessage{more: true, transfer: 1, bytes: data}).appendTo(nil), good()[4]},
		"a chunk within a chunk": {good()[0], good()[1], (&chunkMessage{transfer: 1, length: 9, stored: 9, hash: h, bytes: data[:4]}).appendTo(nil), good()[2], good()[4]},
	}
	for name, messages := range cases {
		folder := filepath.Join(t.TempDir(), "received")
		_ = receiveScript(folder, messages...)
		for found := range listing(t, folder) {
			if !strings.HasPrefix(found, partPrefix) {
				t.Errorf("%s: %s is there", name, found)
			}
		}
	}
	folder := filepath.Join(t.TempDir(), "received")
	_ = receiveScript(folder, good()...)
	same(t, listing(t, folder), map[string]string{"f": string(data)})
}

// TestLimits goes one over each limit of a message.
func TestLimits(t *testing.T) {
	big := bytes.Repeat([]byte{7}, ChunkSize+1)
	for name, data := range map[string][]byte{
		"chunk":            (&chunkMessage{length: ChunkSize + 1, stored: ChunkSize + 1, bytes: big}).appendTo(nil),
		"chunk of nothing": (&chunkMessage{}).appendTo(nil),
		"more":             (&chunkMessage{more: true, bytes: big}).appendTo(nil),
		"short chunk":      (&chunkMessage{length: 1, stored: 1, bytes: big[:1]}).appendTo(nil)[:chunkHeader],
		"long chunk":       (&chunkMessage{length: 1, stored: 1, bytes: big[:2]}).appendTo(nil),
		"stored longer":    (&chunkMessage{length: 1, stored: 2, zstd: true, bytes: big[:2]}).appendTo(nil),
	} {
		if _, err := parseChunk(data); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v", name, err)
		}
	}
	marks := make([]mark, maxMarks+1)
	for i := range marks {
		marks[i] = mark{int64(i), make([]byte, 32)}
	}
	for name, m := range map[string]planMessage{
		"marks": {Count: 1, Have: []have{{Marks: marks}}}, "count": {Count: batchEntries + 1}, "hash": {Count: 1, Have: []have{{Marks: []mark{{1, nil}}}}},
		"entry": {Count: 1, Have: []have{{Entry: 1, Marks: marks[:1]}}}, "order": {Count: 1, Have: []have{{Marks: []mark{marks[2], marks[1]}}}},
	} {
		if _, err := parsePlan(marshal(kindPlan, m)[1:]); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := parseEnd((&endMessage{outcome: 5}).appendTo(nil)); !errors.Is(err, ErrProtocol) {
		t.Error("outcome:", err)
	}
	m := entriesMessage{First: MaxEntries, Entries: []entry{{Path: "x"}}}
	if _, err := parseEntries(marshal(kindEntries, m)[1:]); !errors.Is(err, ErrProtocol) {
		t.Error("entries:", err)
	}
}

// TestFlood sends more than was agreed.
func TestFlood(t *testing.T) {
	messages := [][]byte{marshal(kindOffer, offerMessage{ID: 1, Name: "f", Files: 1})}
	for range credit/ChunkSize + 2 {
		messages = append(messages, (&chunkMessage{more: true, transfer: 1, bytes: make([]byte, ChunkSize)}).appendTo(nil))
	}
	_ = receiveScript(filepath.Join(t.TempDir(), "received"), messages...) // must end
}

// TestSwappedLinks exchanges folders for links while files arrive in them.
func TestSwappedLinks(t *testing.T) {
	outside := t.TempDir()
	a, b := pair(t)
	from := filepath.Join(a.home, "album")
	for i := range 40 {
		write(t, filepath.Join(from, "in", fmt.Sprint(i, ".jpg")), []byte(strings.Repeat("x", i)))
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		target := b.received("album", "in")
		for {
			select {
			case <-stop:
				return
			default:
			}
			if os.Rename(target, target+".away") == nil {
				_ = os.Symlink(outside, target)
				time.Sleep(50 * time.Microsecond)
				_ = os.Remove(target)
				_ = os.Rename(target+".away", target)
			}
			time.Sleep(50 * time.Microsecond)
		}
	}()
	for range 12 {
		_, _ = send(t, a, b, from)
		os.RemoveAll(b.received())
	}
	close(stop)
	<-stopped
	if left, _ := os.ReadDir(outside); len(left) > 0 {
		t.Errorf("outside there is %v", left)
	}
}

// TestHardLinkedPart does not write into a part that has another name somewhere else.
func TestHardLinkedPart(t *testing.T) {
	a, b := pair(t)
	data := mixed(3, 4*ChunkSize)
	path := write(t, filepath.Join(a.home, "big"), data)
	info, _ := os.Stat(path)
	e := entry{Path: "big", Size: info.Size(), Time: info.ModTime().UTC().Truncate(time.Microsecond)}
	precious := write(t, filepath.Join(b.home, "precious"), []byte("precious"))
	if err := os.MkdirAll(b.received(), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(precious, b.received(partPrefix+placeKey("big")+"-"+versionKey(e)+"-0.part")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(precious, b.received(partPrefix+placeKey("big")+"-"+versionKey(e)+"-1.part")); err != nil {
		t.Fatal(err)
	}
	if sent, _ := send(t, a, b, path); sent.State != Done {
		t.Errorf("%+v", sent)
	}
	if kept, _ := os.ReadFile(precious); string(kept) != "precious" {
		t.Errorf("it is %q", kept)
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range hostilePieces {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		safe := SafeName(name)
		if safe == "" || safe == "." || safe == ".." || !utf8.ValidString(safe) || len(safe) > maxComponent+1 || strings.ContainsAny(safe, `/\<>:"|?*`) ||
			isDevice(safe) || strings.HasSuffix(safe, ".") || strings.HasSuffix(safe, " ") || !filepath.IsLocal(safe) {
			t.Errorf("%q becomes %q", name, safe)
		}
		for _, r := range safe {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q becomes %q", name, safe)
			}
		}
		if again := SafeName(safe); again != safe {
			t.Errorf("%q becomes %q and then %q", name, safe, again)
		}
	})
}

// FuzzMessages plays messages, each with two bytes of length before it.
func FuzzMessages(f *testing.F) {
	join := func(messages [][]byte) (all []byte) {
		for _, m := range messages {
			all = append(append(all, byte(len(m)>>8), byte(len(m))), m...)
		}
		return all
	}
	f.Add(join(fileMessages("f", false, []entry{{Path: "f", Size: 3}}, []byte("abc"))))
	f.Add(join(fileMessages("f", true, []entry{{Path: "f", Folder: true}, {Path: "f/x", Size: 3}}, []byte("abc"))))
	f.Add(join([][]byte{marshal(kindList, listMessage{ID: 1, Path: "x"}), marshal(kindFetch, fetchMessage{ID: 1, Paths: []string{"x"}})}))
	f.Fuzz(func(t *testing.T, all []byte) {
		outer := memoryDir(t)
		var messages [][]byte
		for len(all) >= 2 && len(messages) < 30 {
			n := min(int(all[0])<<8|int(all[1]), len(all)-2)
			messages, all = append(messages, all[2:2+n]), all[2+n:]
		}
		messages = append(messages, marshal(kindCancel, cancelMessage{ID: 1, Mine: true, Problem: Cancelled}), nil)
		_ = receiveScript(filepath.Join(outer, "received"), messages...)
		if left, _ := os.ReadDir(outer); len(left) > 1 {
			t.Errorf("outside there is %v", left)
		}
	})
}
