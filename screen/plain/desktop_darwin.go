package plain

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/ebitengine/purego"
	"github.com/ebitengine/purego/objc"
)

// solids are pictures of one colour that come with macOS; which of them are there depends on its version.
var solids = []string{"Stone.png", "Space Gray.png", "Space Gray Pro.png", "Solid Gray Pro Dark.png", "Black.png"}

const solidFolder = "/System/Library/Desktop Pictures/Solid Colors"

// picture is the value of a monitor's knob, as JSON: a desktop picture and how it is fitted.
type picture struct {
	URL     string `json:"url"`
	Scaling uint   `json:"scaling"`
	Clip    bool   `json:"clip"`
}

// open gives the desktop picture of each monitor. How windows move and shine through on macOS is the person's setting of
// accessibility, which programs may not change.
func open() (*bench, error) {
	const framework = "/System/Library/Frameworks/AppKit.framework/AppKit"
	if _, err := purego.Dlopen(framework, purego.RTLD_NOW|purego.RTLD_GLOBAL); err != nil {
		return nil, err
	}
	if objc.GetClass("NSWorkspace") == 0 || objc.GetClass("NSScreen") == 0 {
		return nil, errors.New("there is no NSWorkspace")
	}
	b := &bench{left: []string{Effects}, close: func() {}}
	plain := solidPicture()
	if plain == "" {
		b.leave(Wallpaper)
		return b, nil
	}
	n := uint(0)
	pooled(func() { n = objc.Send[uint](send(class("NSScreen"), "screens"), selector("count")) })
	for i := range n {
		b.knobs = append(b.knobs, knob{
			name: fmt.Sprintf("screen %d", i), kind: Wallpaper, plain: plain,
			read:  func() (string, error) { return readPicture(i) },
			write: func(value string) error { return writePicture(i, value) },
		})
	}
	return b, nil
}

func class(name string) objc.ID     { return objc.ID(objc.GetClass(name)) }
func selector(name string) objc.SEL { return objc.RegisterName(name) }

func send(to objc.ID, name string, args ...any) objc.ID { return to.Send(selector(name), args...) }

// pooled calls fn on a thread whose temporary objects are given back afterwards.
func pooled(fn func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pool := send(send(class("NSAutoreleasePool"), "alloc"), "init")
	defer send(pool, "drain")
	fn()
}

func text(s string) objc.ID { return send(class("NSString"), "stringWithUTF8String:", s) }

// solidPicture is the value for a desktop of one colour; "" if macOS has none.
func solidPicture() string {
	for _, name := range solids {
		path := filepath.Join(solidFolder, name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		url := ""
		pooled(func() { url = address(send(class("NSURL"), "fileURLWithPath:", text(path))) })
		return written(picture{URL: url})
	}
	return ""
}

func address(url objc.ID) string {
	if url == 0 {
		return ""
	}
	return objc.Send[string](send(url, "absoluteString"), selector("UTF8String"))
}

func written(p picture) string {
	data, _ := json.Marshal(p) // plain data
	return string(data)
}

// screen is a monitor; 0 if it is gone.
func screen(i uint) objc.ID {
	list := send(class("NSScreen"), "screens")
	if i >= objc.Send[uint](list, selector("count")) {
		return 0
	}
	return send(list, "objectAtIndex:", i)
}

func readPicture(i uint) (value string, err error) {
	pooled(func() {
		workspace, s := send(class("NSWorkspace"), "sharedWorkspace"), screen(i)
		if s == 0 {
			err = errors.New("the monitor is gone")
			return
		}
		p := picture{URL: address(send(workspace, "desktopImageURLForScreen:", s))}
		if options := send(workspace, "desktopImageOptionsForScreen:", s); options != 0 && p.URL != solidURL() {
			if n := send(options, "objectForKey:", text("NSWorkspaceDesktopImageScalingKey")); n != 0 {
				p.Scaling = objc.Send[uint](n, selector("unsignedIntegerValue"))
			}
			if n := send(options, "objectForKey:", text("NSWorkspaceDesktopImageAllowClippingKey")); n != 0 {
				p.Clip = objc.Send[bool](n, selector("boolValue"))
			}
		}
		if p.URL == "" {
			err = errors.New("macOS does not say what the desktop's picture is")
			return
		}
		value = written(p)
	})
	return value, err
}

// solidURL is the address in solidPicture.
func solidURL() string {
	var p picture
	_ = json.Unmarshal([]byte(solidPicture()), &p) // "": then nothing is it
	return p.URL
}

func writePicture(i uint, value string) (err error) {
	var p picture
	if err := json.Unmarshal([]byte(value), &p); err != nil {
		return err
	}
	pooled(func() {
		workspace, s := send(class("NSWorkspace"), "sharedWorkspace"), screen(i)
		if s == 0 {
			return // with the monitor its picture is gone, and macOS remembers which it had
		}
		number := class("NSNumber")
		options := send(class("NSMutableDictionary"), "dictionary")
		send(options, "setObject:forKey:", send(number, "numberWithUnsignedInteger:", p.Scaling), text("NSWorkspaceDesktopImageScalingKey"))
		send(options, "setObject:forKey:", send(number, "numberWithBool:", p.Clip), text("NSWorkspaceDesktopImageAllowClippingKey"))
		url := send(class("NSURL"), "URLWithString:", text(p.URL))
		if !objc.Send[bool](workspace, selector("setDesktopImageURL:forScreen:options:error:"), url, s, options, uintptr(0)) {
			err = errors.New("macOS did not take the desktop's picture")
		}
	})
	return err
}
