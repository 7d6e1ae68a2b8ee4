package files

import (
	"context"
	"path"
	"sort"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/transfer"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/theme"
)

// choice is what a browser is for.
type choice struct {
	title  string
	asking string // what is said until the first folder is there
	list   func(ctx context.Context, folder string) (items []transfer.Item, cut bool, err error)
	button string
	icon   string
	same   bool // it can be chosen to synchronize
	done   func(paths []string, synchronize bool)
	closed func()
}

// browser is the window in which files and folders are chosen, several at once: the customer's to fetch, or this
// computer's to send.
type browser struct {
	choice
	app fyne.App
	win fyne.Window
	ctx context.Context

	items   map[string]transfer.Item // by path
	below   map[string][]string      // paths in a folder; a folder that is not in it has not been read
	asked   map[string]bool
	chosen  map[string]bool
	tree    *widget.Tree
	count   *kit.Text
	notice  *kit.Text
	noticed fyne.CanvasObject
	sync    *kit.Switch
	take    *kit.Button
}

// browse opens the window for choosing from the customer's folders, for which the customer is asked.
func (w *Window) browse() {
	if w.browser != nil {
		w.browser.win.Show()
		w.browser.win.RequestFocus()
		return
	}
	w.browser = newBrowser(w.app, w.receiving())
}

// receiving is the choice among the customer's files and folders.
func (w *Window) receiving() choice {
	return choice{
		title: text.T("files.receive.title", "Name", w.options.Who), asking: text.T("files.asking", "Name", w.options.Who),
		list: w.desk.List, button: text.T("files.receive"), icon: "download", same: true,
		done:   func(paths []string, same bool) { w.fetch(transfer.Order{Paths: paths, Synchronize: same}) },
		closed: func() { w.browser = nil },
	}
}

// choose opens the window for choosing from this computer's folders.
func (w *Window) choose() {
	if w.chooser != nil {
		w.chooser.win.Show()
		w.chooser.win.RequestFocus()
		return
	}
	w.chooser = newBrowser(w.app, w.sending())
}

// sending is the choice among this computer's files and folders.
func (w *Window) sending() choice {
	places := transfer.StandardPlaces()
	return choice{
		title: text.T("files.send.title", "Name", w.options.Who),
		list: func(_ context.Context, folder string) ([]transfer.Item, bool, error) {
			return transfer.ListPlaces(places, folder)
		},
		button: text.T("files.send"), icon: "upload",
		done: func(paths []string, _ bool) {
			for i, p := range paths {
				full, err := transfer.FullPath(places, p)
				if err != nil {
					w.fail(err)
					return
				}
				paths[i] = full
			}
			w.Send(paths...)
		},
		closed: func() { w.chooser = nil },
	}
}

// fetch fetches what was chosen.
func (w *Window) fetch(order transfer.Order) {
	go func() {
		_, err := w.desk.Fetch(context.Background(), order)
		kit.Do(func() { w.fail(err) })
	}()
	w.Show()
}

func newBrowser(app fyne.App, c choice) *browser {
	ctx, cancel := context.WithCancel(context.Background())
	b := &browser{
		choice: c, app: app, ctx: ctx, items: map[string]transfer.Item{}, below: map[string][]string{}, asked: map[string]bool{}, chosen: map[string]bool{},
	}
	b.win = app.NewWindow("")
	b.win.SetIcon(assets.AppIcon())
	b.win.SetPadded(false)
	b.win.SetOnClosed(func() {
		cancel()
		c.closed()
	})
	b.build()
	b.win.Resize(fyne.NewSize(600, 520))
	b.win.Show()
	b.read("")
	return b
}

// rebuild makes what is in the window anew; the folders that were open stay open.
func (b *browser) rebuild(c choice) {
	open := []string{}
	for folder := range b.below {
		if b.tree.IsBranchOpen(folder) {
			open = append(open, folder)
		}
	}
	same := b.sync.On()
	b.choice = c
	b.build()
	b.sync.SetOn(same)
	for _, folder := range open {
		b.tree.OpenBranch(folder)
	}
}

func (b *browser) build() {
	b.win.SetTitle(b.title)
	b.tree = widget.NewTree(b.children, b.isFolder, func(bool) fyne.CanvasObject { return newLeaf() }, b.show)
	b.tree.OnBranchOpened = b.read
	b.tree.OnSelected = func(id string) {
		b.tree.UnselectAll()
		b.toggle(id)
	}
	b.count = kit.NewText("").In(theme.Muted)
	b.notice = kit.Para(b.asking)
	b.noticed = kit.Note(theme.GreySoft, b.notice)
	setVisible(b.noticed, b.asking != "" && len(b.below) == 0)
	b.sync = kit.NewSwitch(text.T("files.same"), false)
	b.take = kit.NewButton(kit.Primary, b.button, b.icon, b.finish)
	title := kit.Heading(b.title, theme.Title)
	words := kit.Column(1, kit.Para(text.T("files.same")), kit.Hint(text.T("files.same.explain")))
	syncing := kit.Row(12, kit.Fill(words), b.sync)
	setVisible(syncing, b.same)
	card := kit.NewPanel(theme.Card, theme.RadiusCard, kit.PadAll(6, b.tree))
	card.Border = theme.Line
	bottom := kit.Column(12, syncing, kit.Row(12, kit.Fill(b.count), b.take))
	b.win.SetContent(kit.Root(kit.PadAll(16, kit.Border(kit.Pad(0, 0, 12, 0, kit.Column(10, title, b.noticed)), kit.Pad(12, 0, 0, 0, bottom), nil, nil, card))))
	b.counted()
}

func (b *browser) children(id string) []string { return b.below[id] }

func (b *browser) isFolder(id string) bool { return id == "" || b.items[id].Folder }

// read asks for what is in a folder, once.
func (b *browser) read(folder string) {
	if b.asked[folder] {
		return
	}
	b.asked[folder] = true
	go func() {
		items, cut, err := b.list(b.ctx, folder)
		kit.Do(func() { b.arrived(folder, items, cut, err) })
	}()
}

func (b *browser) arrived(folder string, items []transfer.Item, cut bool, err error) {
	if b.ctx.Err() != nil {
		return
	}
	if err != nil {
		b.asked[folder] = false
		b.say(Sentence(err))
		return
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		id := path.Join(folder, item.Name)
		if _, known := b.items[id]; known || !isName(item.Name) {
			continue
		}
		b.items[id] = item
		list = append(list, id)
	}
	b.below[folder] = list
	b.say("")
	if cut {
		b.say(text.T("files.cut"))
	}
	b.tree.Refresh()
	if folder == "" && len(list) > 0 {
		b.tree.OpenBranch(list[0])
	}
}

// isName tells whether a name that the other side gives is that of something in a folder. With another one a folder would be within
// itself, and the tree would have no end.
func isName(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.Contains(name, "/")
}

func (b *browser) say(sentence string) {
	b.notice.SetText(sentence)
	setVisible(b.noticed, sentence != "")
}

// toggle chooses or leaves out; the places themselves are too much.
func (b *browser) toggle(id string) {
	if b.items[id].Special || !strings.Contains(id, "/") {
		b.tree.ToggleBranch(id)
		return
	}
	if b.chosen[id] {
		delete(b.chosen, id)
	} else {
		b.chosen[id] = true
	}
	b.tree.RefreshItem(id)
	b.counted()
}

func (b *browser) counted() {
	b.count.SetText(text.T("files.choose"))
	if n := len(b.chosen); n > 0 {
		b.count.SetText(text.N("files.chosen", n))
	}
	setEnabled(b.take, len(b.chosen) > 0)
}

// finish hands on what is chosen, and closes the window.
func (b *browser) finish() {
	var paths []string
	for id := range b.chosen {
		paths = append(paths, id)
	}
	sort.Strings(paths)
	b.win.Close()
	b.done(paths, b.sync.On())
}

// leaf shows one file or folder.
type leaf struct {
	icon             *kit.Icon
	name, size, when *kit.Text
}

type leafLayout struct{ *leaf }

func newLeaf() fyne.CanvasObject {
	l := &leaf{icon: kit.NewIcon("file", 18, theme.Muted), name: kit.NewText("x"), size: kit.NewText(""), when: kit.NewText("")}
	l.size.Align = fyne.TextAlignTrailing
	l.size.Color, l.when.Color = theme.Muted, theme.Muted
	return container.New(leafLayout{l}, l.icon, l.name, l.size, l.when)
}

const (
	sizeWidth, dateWidth, leafGap = 72, 128, 8
)

// Layout is for Fyne.
func (l leafLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	line := l.name.MinSize().Height
	y := (size.Height - line) / 2
	l.icon.Resize(fyne.NewSquareSize(18))
	l.icon.Move(fyne.NewPos(0, (size.Height-18)/2))
	end := size.Width - dateWidth
	place(l.when, end+leafGap, y, dateWidth-leafGap, line)
	place(l.size, end-sizeWidth, y, sizeWidth, line)
	place(l.name, 18+leafGap, y, max(0, end-sizeWidth-18-2*leafGap), line)
}

func place(o fyne.CanvasObject, x, y, width, height float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(width, height))
}

// MinSize is for Fyne.
func (l leafLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 26) }

// show makes a leaf show an item.
func (b *browser) show(id string, _ bool, o fyne.CanvasObject) {
	l := o.(*fyne.Container).Layout.(leafLayout)
	item := b.items[id]
	icon, ink := "file", theme.Muted
	switch {
	case b.chosen[id]:
		icon, ink = "circle-check", theme.AccentText
	case item.Folder:
		icon = "folder"
	}
	l.icon.Set(icon, ink)
	l.name.Bold = b.chosen[id]
	l.name.SetText(b.nameOf(id, item))
	size, when := "", ""
	if !item.Folder && !item.Special {
		size = Size(item.Size)
	}
	if !item.Time.IsZero() {
		when = item.Time.Local().Format("2006-01-02 15:04")
	}
	l.size.SetText(size)
	l.when.SetText(when)
	ink = theme.Ink
	if item.Special {
		ink = theme.Muted
	}
	l.name.SetColor(ink)
}

// nameOf is an item's name; the places to begin at have names of our own.
func (b *browser) nameOf(id string, item transfer.Item) string {
	switch id {
	case "home":
		return text.T("files.place.home")
	case "computer":
		return text.T("files.place.computer")
	}
	return item.Name
}
