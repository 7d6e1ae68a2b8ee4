package files

import (
	"context"
	"path"
	"strings"

	"handrail/ui/kit"
	"handrail/ui/text"
)

// Paste sends the files that were copied on this computer.
func (w *Window) Paste() {
	if w.options.Clipboard != nil {
		w.Send(w.options.Clipboard()...)
	}
}

// updateCopied offers what was copied at the other side.
func (w *Window) updateCopied() {
	copied := w.desk.Copied()
	setVisible(w.offered, w.options.FetchCopied != nil && len(copied) > 0)
	w.copied.SetText(text.T("files.copied", "Names", Names(copied)))
}

// fetchCopied fetches that; when it has arrived it can be pasted here.
func (w *Window) fetchCopied() {
	go func() {
		err := w.options.FetchCopied(context.Background())
		kit.Do(func() { w.fail(err) })
	}()
}

// Names are the names of some files for people: the first ones, and a sign that there are more.
func Names(paths []string) string {
	const shown = 3
	var names []string
	for _, p := range paths {
		if len(names) == shown {
			names = append(names, "…")
			break
		}
		names = append(names, path.Base(strings.ReplaceAll(p, "\\", "/")))
	}
	return strings.Join(names, ", ")
}
