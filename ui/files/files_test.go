package files

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"handrail/transfer"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
	"handrail/ui/uitest"
)

// fakeDesk has rows that a test makes.
type fakeDesk struct {
	rows      []transfer.Row
	sent      []string
	cancelled []string
	cleared   []string
	allowed   bool
	items     map[string][]transfer.Item
	ordered   transfer.Order
	copied    []string
}

func (d *fakeDesk) Rows() []transfer.Row { return d.rows }
func (d *fakeDesk) Send(paths ...string) ([]transfer.Row, error) {
	d.sent = append(d.sent, paths...)
	return nil, transfer.Special
}
func (d *fakeDesk) Cancel(id string)       { d.cancelled = append(d.cancelled, id) }
func (d *fakeDesk) CancelAll()             { d.cancelled = append(d.cancelled, "all") }
func (d *fakeDesk) Clear(id string)        { d.cleared = append(d.cleared, id) }
func (d *fakeDesk) Folder() string         { return "/home/anna/Downloads" }
func (d *fakeDesk) SetFolder(string) error { return nil }
func (d *fakeDesk) Copied() []string       { return d.copied }
func (d *fakeDesk) Allowed() bool          { return d.allowed }
func (d *fakeDesk) List(_ context.Context, folder string) ([]transfer.Item, bool, error) {
	items, ok := d.items[folder]
	if !ok {
		return nil, false, transfer.Declined
	}
	return items, false, nil
}

func (d *fakeDesk) Fetch(_ context.Context, o transfer.Order) (uint32, error) {
	d.ordered = o
	return 1, nil
}

func busyDesk() *fakeDesk {
	at := time.Date(2026, 3, 5, 10, 42, 0, 0, time.Local)
	return &fakeDesk{allowed: true, rows: []transfer.Row{
		{ID: "o1", Direction: transfer.Sending, Name: "printer-driver.zip", Path: "/home/desk/Downloads/printer-driver.zip", Files: 1, Bytes: 48e6, Size: 48e6, State: transfer.Done, Ended: at},
		{ID: "c1", Direction: transfer.Receiving, Name: "logs", Path: "/home/desk/Downloads/logs", Folder: true, Files: 212, Bytes: 9e6, Size: 9e6, State: transfer.Done, Ended: at, Lost: 2},
		{ID: "o2", Direction: transfer.Sending, Name: "backup-2026-03.tar", Path: "/home/desk/backup-2026-03.tar", Files: 1, Bytes: 2e6, Size: 5e9, State: transfer.Failed, Problem: transfer.NoSpace, Ended: at},
		{ID: "c2", Direction: transfer.Receiving, Name: "A rather long name of a presentation for the meeting on Thursday.pptx", Path: "/home/desk/Downloads/A rather long name of a presentation for the meeting on Thursday.pptx", Files: 1, Bytes: 31e6, Size: 87_300_000, State: transfer.Running, Rate: 5_120_000, Began: at},
		{ID: "o3", Direction: transfer.Sending, Name: "manual.pdf", Path: "/home/desk/manual.pdf", Files: 1, Size: 3_400_000, State: transfer.Offered},
	}}
}

func copiedDesk() *fakeDesk {
	d := busyDesk()
	d.rows = d.rows[:2]
	d.copied = []string{"home/Documents/invoice 2026-11.pdf", "home/Documents/photos", "home/a.txt", "home/b.txt"}
	return d
}

func open(t *testing.T, v theme.Variant, d Desk, o Options) *Window {
	t.Helper()
	app := uitest.App(t)
	app.Settings().SetTheme(theme.New(v))
	if o.Who == "" {
		o.Who = "RECEPTION-PC"
	}
	w := New(app, d, o)
	t.Cleanup(w.Close)
	uitest.Settle(w.win)
	return w
}

func TestEveryStateInEveryLanguage(t *testing.T) {
	uitest.EachLanguage(t, func(t *testing.T, language string) {
		for name, state := range map[string]struct {
			desk    *fakeDesk
			options Options
		}{
			"busy":     {busyDesk(), Options{Receive: true}},
			"customer": {busyDesk(), Options{Who: "Help desk 1", Forbid: func() {}}},
			"copied":   {copiedDesk(), Options{Receive: true, FetchCopied: func(context.Context) error { return nil }}},
			"empty":    {&fakeDesk{allowed: true}, Options{Receive: true}},
			"off":      {&fakeDesk{}, Options{Off: text.T("files.off")}},
		} {
			for look, variant := range uitest.Looks(language) {
				w := open(t, variant, state.desk, state.options)
				uitest.Settle(w.win)
				uitest.Show(t, w.win, "files-"+name, language, look)
				checkButtons(t, w)
			}
		}
	})
}

// checkButtons wants no button cut off; names and paths of files may be.
func checkButtons(t *testing.T, w *Window) {
	t.Helper()
	for _, b := range []*kit.Button{w.send, w.receive, w.forbid, w.clear, w.cancelAll, w.change} {
		if b.Visible() && b.MinSize().Width > b.Size().Width+0.5 {
			t.Errorf("button %q is %v wide and needs %v", b.Label(), b.Size().Width, b.MinSize().Width)
		}
	}
	if least, size := w.win.Canvas().Content().MinSize(), w.win.Canvas().Size(); least.Width > size.Width || least.Height > size.Height {
		t.Errorf("the content needs %v, the window has %v", least, size)
	}
}

func TestButtons(t *testing.T) {
	uitest.SetLanguage(t, "en")
	d := busyDesk()
	w := open(t, theme.Light, d, Options{Receive: true})
	test.Tap(w.cancelAll)
	test.Tap(w.clear)
	test.Tap(w.rows["c2"].remove)
	test.Tap(w.rows["o1"].remove)
	if len(d.cancelled) != 2 || d.cancelled[1] != "c2" || len(d.cleared) != 2 || d.cleared[1] != "o1" {
		t.Errorf("cancelled %v, cleared %v", d.cancelled, d.cleared)
	}
	d.rows = d.rows[3:]
	w.Update()
	if len(w.rows) != 2 || w.clear.Visible() || !w.cancelAll.Visible() {
		t.Errorf("%d rows, clear %v, cancel %v", len(w.rows), w.clear.Visible(), w.cancelAll.Visible())
	}
	kit.Collect()
	w.Drop([]fyne.URI{storage.NewFileURI("/tmp/a file"), storage.NewFileURI("/tmp/folder")})
	uitest.Wait(t, func() bool { return uitest.Says(w.win, text.T("files.problem.special")) })
	if len(d.sent) != 2 || d.sent[0] != "/tmp/a file" {
		t.Errorf("sent %v", d.sent)
	}
}

func TestBrowsing(t *testing.T) {
	uitest.EachLanguage(t, func(t *testing.T, language string) {
		kit.Collect()
		at := time.Date(2026, 3, 5, 10, 42, 0, 0, time.UTC)
		d := &fakeDesk{allowed: true, items: map[string][]transfer.Item{
			"":     {{Name: "home", Folder: true}, {Name: "computer", Folder: true}},
			"home": {{Name: "Documents", Folder: true, Time: at}, {Name: "letter.odt", Size: 48_213, Time: at}, {Name: "link", Special: true, Time: at}},
		}}
		w := open(t, theme.Light, d, Options{Receive: true})
		test.Tap(w.receive)
		b := w.browser
		uitest.Wait(t, func() bool { return len(b.below["home"]) == 3 })
		b.tree.Select("home/letter.odt")
		b.tree.Select("home/link")
		if len(b.chosen) != 1 || !b.chosen["home/letter.odt"] {
			t.Errorf("chosen: %v", b.chosen)
		}
		uitest.Settle(b.win)
		uitest.Picture(t, b.win, "files-browse-"+language)
		test.Tap(b.sync)
		test.Tap(b.take)
		uitest.Wait(t, func() bool { return len(d.ordered.Paths) == 1 })
		if !d.ordered.Synchronize || d.ordered.Paths[0] != "home/letter.odt" {
			t.Errorf("ordered %+v", d.ordered)
		}
	})
}

// TestRebuild: in another language everything is said in it, and what was chosen and opened in windows for choosing stays.
func TestRebuild(t *testing.T) {
	uitest.SetLanguage(t, "en")
	d := copiedDesk()
	d.items = map[string][]transfer.Item{
		"": {{Name: "home", Folder: true}}, "home": {{Name: "Documents", Folder: true}, {Name: "letter.odt"}}, "home/Documents": {{Name: "a.txt"}},
	}
	w := open(t, theme.Light, d, Options{Receive: true, FetchCopied: func(context.Context) error { return nil }})
	w.fail(transfer.NoSpace)
	test.Tap(w.receive)
	b := w.browser
	uitest.Wait(t, func() bool { return b.below["home"] != nil })
	b.tree.OpenBranch("home/Documents")
	uitest.Wait(t, func() bool { return b.below["home/Documents"] != nil })
	b.tree.Select("home/letter.odt")
	test.Tap(b.sync)
	if err := text.Use("de"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = text.Use("") })
	w.Rebuild(w.options)
	uitest.Settle(w.win)
	uitest.Settle(b.win)
	uitest.Button(t, w.win, text.T("files.send"))
	if sentence := text.T("files.problem.space"); !uitest.Says(w.win, sentence) {
		t.Errorf("it does not say %q", sentence)
	}
	if len(w.rows) != 2 || len(w.order) != 2 || w.browser != b {
		t.Errorf("it shows %v", w.order)
	}
	for _, sentence := range []string{text.T("files.receive.title", "Name", "RECEPTION-PC"), text.N("files.chosen", 1), text.T("files.place.home")} {
		if !uitest.Says(b.win, sentence) {
			t.Errorf("the window for choosing does not say %q", sentence)
		}
	}
	if b.noticed.Visible() || !b.sync.On() || !b.tree.IsBranchOpen("home/Documents") || !b.tree.IsBranchOpen("home") {
		t.Error("the window for choosing is not as it was")
	}
	test.Tap(b.take)
	uitest.Wait(t, func() bool { return len(d.ordered.Paths) == 1 })
	if !d.ordered.Synchronize || w.browser != nil {
		t.Errorf("ordered %+v", d.ordered)
	}
}

// TestHostileListing: names that lead back, and the same name twice, are left out: nothing is within itself, and nothing is there
// twice.
func TestHostileListing(t *testing.T) {
	uitest.SetLanguage(t, "en")
	d := &fakeDesk{allowed: true, items: map[string][]transfer.Item{
		"": {{Name: "home", Folder: true}, {Name: "", Folder: true}, {Name: ".", Folder: true}},
		"home": {
			{Name: ".", Folder: true},
			{Name: "..", Folder: true},
			{Name: "", Folder: true},
			{Name: "a/..", Folder: true},
			{Name: "../home", Folder: true},
			{Name: "Documents", Folder: true},
			{Name: "Documents"},
			{Name: "..."},
			{Name: ".profile"},
		},
	}}
	w := open(t, theme.Light, d, Options{Receive: true})
	test.Tap(w.receive)
	b := w.browser
	uitest.Wait(t, func() bool { return b.below["home"] != nil })
	if got, want := b.below["home"], []string{"home/Documents", "home/...", "home/.profile"}; !equal(got, want) {
		t.Errorf("the folder shows %q, want %q", got, want)
	}
	if got := b.below[""]; !equal(got, []string{"home"}) || !b.isFolder("home/Documents") {
		t.Errorf("the places are %q; Documents is a folder: %v", got, b.isFolder("home/Documents"))
	}
	b.tree.OpenAllBranches()
	uitest.Settle(b.win)
}

// TestCopiedFiles pastes what was copied here, and fetches what was copied there.
func TestCopiedFiles(t *testing.T) {
	uitest.SetLanguage(t, "en")
	kit.Collect()
	d := copiedDesk()
	fetched := make(chan struct{})
	w := open(t, theme.Light, d, Options{
		Clipboard: func() []string { return []string{"/tmp/a", "/tmp/b"} }, FetchCopied: func(context.Context) error { close(fetched); return nil },
	})
	w.Paste()
	uitest.Wait(t, func() bool { return uitest.Says(w.win, text.T("files.problem.special")) })
	if len(d.sent) != 2 || d.sent[1] != "/tmp/b" {
		t.Errorf("sent %v", d.sent)
	}
	if !w.offered.Visible() {
		t.Error("what was copied there is not offered")
	}
	test.Tap(w.paste)
	<-fetched
	d.copied = nil
	w.Update()
	if w.offered.Visible() {
		t.Error("what is no longer copied is offered")
	}
}

// TestChoosingHere chooses several files and folders of this computer to send.
func TestChoosingHere(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // where a window's first fonts are kept
	for _, name := range []string{"b.txt", "a.txt", ".hidden", "folder/in it"} {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	uitest.SetLanguage(t, "en")
	kit.Collect()
	d := busyDesk()
	w := open(t, theme.Light, d, Options{})
	test.Tap(w.send)
	b := w.chooser
	uitest.Wait(t, func() bool { return len(b.below["home"]) == 4 })
	if got := b.below["home"]; got[0] != "home/folder" || got[1] != "home/a.txt" || got[3] != "home/.hidden" {
		t.Errorf("the folder shows %v", got)
	}
	b.tree.Select("home/folder")
	b.tree.Select("home/b.txt")
	uitest.Settle(b.win)
	uitest.Picture(t, b.win, "files-choose")
	test.Tap(b.take)
	uitest.Wait(t, func() bool { return len(d.sent) == 2 })
	if d.sent[0] != filepath.Join(home, "b.txt") || d.sent[1] != filepath.Join(home, "folder") {
		t.Errorf("sent %v", d.sent)
	}
}

func TestNoIsSaid(t *testing.T) {
	uitest.SetLanguage(t, "en")
	kit.Collect()
	w := open(t, theme.Light, &fakeDesk{allowed: true}, Options{Receive: true})
	test.Tap(w.receive)
	uitest.Wait(t, func() bool { return uitest.Says(w.browser.win, text.T("files.problem.declined")) })
	w.browser.win.Close()
}

func TestEveryProblemHasItsText(t *testing.T) {
	uitest.SetLanguage(t, "en")
	source, err := os.ReadFile(filepath.Join("..", "..", "transfer", "problem.go"))
	if err != nil || len(source) == 0 {
		t.Fatal(err)
	}
	for _, p := range []transfer.Problem{
		transfer.NotAllowed, transfer.Declined, transfer.Chooses, transfer.NoSpace, transfer.Disk, transfer.Unreadable, transfer.Changed, transfer.Damaged,
		transfer.Special, transfer.TooMany, transfer.TooDeep, transfer.NotFound, transfer.Gone, transfer.Cancelled, transfer.Busy, transfer.NoFolder, transfer.NoClipboard,
	} {
		if s := Sentence(p); s == "" || s == "files.problem."+string(p) {
			t.Errorf("%s has no text", p)
		}
	}
	if s := Sentence(errors.New("x")); s != text.T("error.unknown") {
		t.Errorf("%q", s)
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 9949: "9.9 kB", 48_213: "48 kB", 999_600: "1.0 MB", 5e9: "5.0 GB", 7e14: "700 TB"} {
		if got := Size(bytes); got != want {
			t.Errorf("%d is %q instead of %q", bytes, got, want)
		}
	}
}
