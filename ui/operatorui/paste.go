package operatorui

import (
	"context"
	"errors"
	"time"

	"handrail/screen"
	"handrail/transfer"
	"handrail/ui/files"
	"handrail/ui/kit"
	"handrail/ui/text"
	"handrail/ui/viewer"
)

// pasting watches the keys on their way to the customer's computer: Ctrl+V with files on this computer's clipboard
// sends the files first, and is pressed there when they have arrived and are on the clipboard there.
type pasting struct {
	*viewer.Queue
	copied func() []string
	paste  func(paths []string)

	control map[uint32]bool // which Ctrl keys are held
	others  map[uint32]bool // other modifiers that are held
	kept    map[uint32]bool // keys whose press was not passed on
}

func newPasting(queue *viewer.Queue, copied func() []string, paste func([]string)) *pasting {
	return &pasting{Queue: queue, copied: copied, paste: paste, control: map[uint32]bool{}, others: map[uint32]bool{}, kept: map[uint32]bool{}}
}

// Key is for viewer.Sink.
func (p *pasting) Key(keysym uint32, down bool) {
	switch keysym {
	case screen.KeyCtrl, screen.KeyCtrlRight:
		hold(p.control, keysym, down)
	case screen.KeyShift, screen.KeyShiftRight, screen.KeyAlt, screen.KeyAltRight, screen.KeySuper, screen.KeySuperRight:
		hold(p.others, keysym, down)
	case 'v', 'V':
		if down && len(p.control) > 0 && len(p.others) == 0 {
			if paths := p.copied(); len(paths) > 0 {
				p.kept[keysym] = true
				p.paste(paths)
				return
			}
		}
		if !down && p.kept[keysym] {
			delete(p.kept, keysym)
			return
		}
	}
	p.Queue.Key(keysym, down)
}

// ReleaseAll is for viewer.Sink.
func (p *pasting) ReleaseAll() {
	clear(p.control)
	clear(p.others)
	clear(p.kept)
	p.Queue.ReleaseAll()
}

func hold(held map[uint32]bool, keysym uint32, down bool) {
	if down {
		held[keysym] = true
	} else {
		delete(held, keysym)
	}
}

// soon is how long files may take so that they are still pasted by the key that was pressed. Whoever has waited longer
// has gone on to something else.
const soon = 5 * time.Second

// pasteFiles sends files and pastes them there.
func (v *viewerWindow) pasteFiles(paths []string) {
	if v.sending {
		return // the key repeats
	}
	v.sending = true
	names := files.Names(paths)
	v.status.say(text.T("files.pasting", "Names", names))
	began := time.Now()
	go func() {
		err := v.session.PasteFiles(context.Background(), paths)
		kit.Do(func() {
			v.sending = false
			switch {
			case errors.Is(err, transfer.Cancelled):
			case err != nil:
				v.status.say(files.Sentence(err))
			case time.Since(began) < soon:
				v.send("ctrl+v")
			default:
				v.status.say(text.T("files.pasted.late", "Names", names))
			}
		})
	}()
}
