package clipboard

import (
	"bytes"
	"fmt"
	"image/png"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/ebitengine/purego/objc"
	"golang.org/x/image/tiff"

	"handrail/screen"
)

// board is macOS' general pasteboard. Nothing tells of changes there, only its number changes; so it is looked at.
type board struct {
	on   func(screen.Clip)
	stop chan struct{}
	gone chan struct{}
	once sync.Once

	mu     sync.Mutex // held while the pasteboard is used
	number int        // of the contents that were read or set last
	clip   screen.Clip
}

// interval is how often the pasteboard's number is looked at.
const interval = 400 * time.Millisecond

// The types of what is on the pasteboard.
const (
	typeText   = "public.utf8-plain-text"
	typePNG    = "public.png"
	typeTIFF   = "public.tiff"
	typeSecret = "org.nspasteboard.ConcealedType" // from password managers: not for programs like this one
)

// names are the classes and selectors of Objective-C that are used, looked up once.
type names struct {
	pasteboard, text, data, pool                                   objc.ID
	general, count, clear, setData, dataFor, stringWith, bytes     objc.SEL
	length, alloc, initialise, drain, availableFrom, array, dataOf objc.SEL
	arrayClass                                                     objc.ID
}

var lookUp = sync.OnceValues(func() (*names, error) {
	const framework = "/System/Library/Frameworks/AppKit.framework/AppKit"
	if _, err := purego.Dlopen(framework, purego.RTLD_NOW|purego.RTLD_GLOBAL); err != nil {
		return nil, err
	}
	class := func(name string) objc.ID { return objc.ID(objc.GetClass(name)) }
	n := &names{
		pasteboard: class("NSPasteboard"), text: class("NSString"), data: class("NSData"), pool: class("NSAutoreleasePool"),
		arrayClass: class("NSArray"),
		general:    objc.RegisterName("generalPasteboard"), count: objc.RegisterName("changeCount"),
		clear: objc.RegisterName("clearContents"), setData: objc.RegisterName("setData:forType:"),
		dataFor: objc.RegisterName("dataForType:"), stringWith: objc.RegisterName("stringWithUTF8String:"),
		bytes: objc.RegisterName("bytes"), length: objc.RegisterName("length"), alloc: objc.RegisterName("alloc"),
		initialise: objc.RegisterName("init"), drain: objc.RegisterName("drain"),
		availableFrom: objc.RegisterName("availableTypeFromArray:"), array: objc.RegisterName("arrayWithObject:"),
		dataOf: objc.RegisterName("dataWithBytes:length:"),
	}
	if n.pasteboard == 0 {
		return nil, fmt.Errorf("there is no pasteboard")
	}
	return n, nil
})

// with calls fn with the pasteboard, on a thread whose temporary objects are given back afterwards.
func with(fn func(n *names, pasteboard objc.ID)) error {
	n, err := lookUp()
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pool := n.pool.Send(n.alloc).Send(n.initialise)
	defer pool.Send(n.drain)
	fn(n, n.pasteboard.Send(n.general))
	return nil
}

func open(_ Options, on func(screen.Clip)) (screen.Clipboard, error) {
	b := &board{on: on, stop: make(chan struct{}), gone: make(chan struct{})}
	err := with(func(n *names, p objc.ID) { b.number = objc.Send[int](p, n.count) })
	if err != nil {
		return nil, fmt.Errorf("the clipboard cannot be used: %w", err)
	}
	go b.run()
	return b, nil
}

func (b *board) run() {
	defer close(b.gone)
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-tick.C:
		}
		if clip, news := b.look(); news {
			b.on(clip)
		}
	}
}

// look reads what others have copied since the last time.
func (b *board) look() (clip screen.Clip, news bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := with(func(n *names, p objc.ID) {
		number := objc.Send[int](p, n.count)
		if number == b.number {
			return
		}
		b.number = number
		if !n.has(p, typeSecret) {
			clip = n.best(p)
		}
	})
	if err != nil || clip.Check() != nil || clip.Equal(b.clip) {
		return clip, false
	}
	b.clip = clip
	return clip, true
}

// word is a string of macOS'.
func (n *names) word(s string) objc.ID { return n.text.Send(n.stringWith, s) }

func (n *names) has(p objc.ID, kind string) bool {
	return p.Send(n.availableFrom, n.arrayClass.Send(n.array, n.word(kind))) != 0
}

// get is a copy of what is there in a form; nil if there is more than most bytes.
func (n *names) get(p objc.ID, kind string, most int) []byte {
	data := p.Send(n.dataFor, n.word(kind))
	if data == 0 {
		return nil
	}
	length := objc.Send[int](data, n.length)
	at := objc.Send[uintptr](data, n.bytes)
	if at == 0 || length <= 0 || length > most {
		return nil
	}
	return bytes.Clone(unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&at))), length))
}

// maxTIFF is the largest picture in bytes, often without compression, that is looked at.
const maxTIFF = 80 << 20

// best is the clip in its best form: text where there is text, because what gives text may give a picture of it as well.
func (n *names) best(p objc.ID) screen.Clip {
	switch {
	case n.has(p, typeText):
		return screen.Clip{Text: string(n.get(p, typeText, screen.MaxClipText))}
	case n.has(p, typePNG):
		return screen.Clip{PNG: n.get(p, typePNG, screen.MaxClipPNG)}
	case n.has(p, typeTIFF):
		file := n.get(p, typeTIFF, maxTIFF)
		size, err := tiff.DecodeConfig(bytes.NewReader(file))
		if err != nil || !bounded(size) {
			break
		}
		img, err := tiff.Decode(bytes.NewReader(file))
		var out bytes.Buffer
		if err == nil && png.Encode(&out, img) == nil {
			return screen.Clip{PNG: out.Bytes()}
		}
	}
	return screen.Clip{}
}

// Set is part of screen.Clipboard.
func (b *board) Set(clip screen.Clip) error {
	if err := clip.Check(); err != nil {
		return err
	}
	kind, content := typeText, []byte(clip.Text)
	if len(clip.PNG) > 0 {
		kind, content = typePNG, clip.PNG
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clip = clip
	set := false
	err := with(func(n *names, p objc.ID) {
		p.Send(n.clear)
		data := n.data.Send(n.dataOf, unsafe.Pointer(&content[0]), len(content))
		set = objc.Send[bool](p, n.setData, data, n.word(kind))
		b.number = objc.Send[int](p, n.count)
	})
	if err == nil && !set {
		err = fmt.Errorf("macOS did not take what was to be put on the clipboard")
	}
	return err
}

// Close is part of screen.Clipboard.
func (b *board) Close() error {
	b.once.Do(func() { close(b.stop) })
	<-b.gone
	return nil
}
