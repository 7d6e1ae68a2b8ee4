package viewer

import (
	"fmt"
	"image"
	"image/color"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"handrail/screen"
	"handrail/ui/kit"
	"handrail/ui/theme"
)

// log is a Sink that writes down.
type log struct{ lines []string }

func (l *log) add(format string, args ...any) {
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}
func (l *log) Move(x, y int) { l.add("move %d %d", x, y) }
func (l *log) Button(b screen.Button, down bool) {
	l.add("%s button %d", map[bool]string{true: "press", false: "release"}[down], b)
}
func (l *log) Scroll(dx, dy int) { l.add("scroll %d %d", dx, dy) }
func (l *log) Key(k uint32, down bool) {
	l.add("%s %s", map[bool]string{true: "press", false: "release"}[down], keyName(k))
}
func (l *log) Type(text string) { l.add("type %s", text) }
func (l *log) ReleaseAll()      { l.add("release all") }

// take gives what was written down since the last time.
func (l *log) take() string {
	lines := strings.Join(l.lines, ", ")
	l.lines = nil
	return lines
}

func keyName(k uint32) string {
	names := map[uint32]string{
		screen.KeyShift: "shift", screen.KeyCtrl: "ctrl", screen.KeyAlt: "alt", screen.KeyAltRight: "ralt", screen.KeySuper: "super",
		screen.KeyLeft: "left", screen.KeyTab: "tab", screen.KeyReturn: "return", screen.KeyEscape: "escape", screen.KeyDelete: "delete",
	}
	if name, ok := names[k]; ok {
		return name
	}
	return string(rune(k))
}

// dots is a source in which each pixel's colour says where it is.
type dots struct {
	fb       *screen.Framebuffer
	onUpdate func([]image.Rectangle)
	sizes    int // how often Size was asked: once for each refresh
}

func newDots(width, height int) *dots {
	fb := &screen.Framebuffer{Pix: make([]byte, (4*width+16)*height), Stride: 4*width + 16, Width: width, Height: height, Format: screen.RGBA}
	for y := range height {
		for x := range width {
			i := y*fb.Stride + 4*x
			fb.Pix[i], fb.Pix[i+1], fb.Pix[i+2], fb.Pix[i+3] = byte(x), byte(y), byte(x>>8<<4|y>>8), 255
		}
	}
	return &dots{fb: fb}
}

func (d *dots) View(fn func(*screen.Framebuffer)) { fn(d.fb) }
func (d *dots) Size() (int, int)                  { d.sizes++; return d.fb.Width, d.fb.Height }
func (d *dots) OnUpdate(fn func([]image.Rectangle)) func() {
	d.onUpdate = fn
	return func() { d.onUpdate = nil }
}

func at(c color.Color) image.Point {
	r, g, b, _ := c.RGBA()
	return image.Pt(int(r>>8)|int(b>>8>>4)<<8, int(g>>8)|int(b>>8&15)<<8)
}

// TestClickLandsOnThePixelThatIsSeen compares what is drawn at a device pixel with where a click on it goes,
// at several scales of the screen, in both modes, scrolled and not.
func TestClickLandsOnThePixelThatIsSeen(t *testing.T) {
	for _, scale := range []float32{1, 1.25, 1.5, 2} {
		for _, mode := range []Mode{Fit, Actual} {
			for _, offset := range []float32{0, 33} {
				t.Run(fmt.Sprint(scale, mode, offset), func(t *testing.T) {
					test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
					source, sink := newDots(801, 603), &log{}
					p := NewPicture(source, sink)
					t.Cleanup(p.Close)
					p.mode = mode
					scroll := container.NewScroll(p)
					w := test.NewTempWindow(t, scroll)
					w.SetPadded(false)
					c := w.Canvas().(interface {
						fyne.Canvas
						SetScale(float32)
					})
					c.SetScale(scale)
					w.Resize(fyne.NewSize(511, 303))
					p.Refresh()
					scroll.ScrollToOffset(fyne.NewPos(offset, offset))
					scroll.Refresh()
					seen := c.Capture()
					for _, device := range []image.Point{{23, 70}, {100, 100}, {255, 151}, {256, 152}, {300, 200}, {401, 99}} {
						compareClick(t, p, sink, seen, device, scale, mode)
					}
				})
			}
		}
	}
}

func compareClick(t *testing.T, p *Picture, sink *log, seen image.Image, device image.Point, scale float32, mode Mode) {
	t.Helper()
	// The window system reports the device pixel; Fyne divides by the scale.
	position := fyne.NewPos(float32(device.X)/scale, float32(device.Y)/scale)
	if _, inside := p.remoteAt(position); !inside {
		return
	}
	p.moved = false
	sink.take()
	p.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{AbsolutePosition: position}, Button: desktop.MouseButtonPrimary})
	p.MouseUp(&desktop.MouseEvent{PointEvent: fyne.PointEvent{AbsolutePosition: position}, Button: desktop.MouseButtonPrimary})
	want := p.last
	if got := sink.take(); !strings.HasPrefix(got, fmt.Sprintf("move %d %d, press button 1, release button 1", want.X, want.Y)) &&
		!strings.HasPrefix(got, fmt.Sprintf("release all, move %d %d, press button 1", want.X, want.Y)) {
		t.Errorf("the click sent %q", got)
	}
	if mode == Actual { // drawn pixel by pixel, so what is seen says exactly which it is
		if drawn := at(seen.At(device.X, device.Y)); drawn != want {
			t.Errorf("device pixel %v shows %v, a click goes to %v", device, drawn, want)
		}
	}
}

func newTestPicture(t *testing.T, command func(fyne.KeyName) bool) (*Picture, *log, *dots) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	source, sink := newDots(400, 300), &log{}
	p := NewPicture(source, sink)
	p.Command = command
	w := test.NewTempWindow(t, p)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(400, 300))
	w.Canvas().Focus(p)
	return p, sink, source
}

// play sends keys as Fyne's driver does: "+name" presses, "-name" releases, 'text' is a character.
func play(p *Picture, keys string) {
	for _, k := range strings.Fields(keys) {
		name := fyne.KeyName(k[1:])
		switch k[0] {
		case '+':
			p.KeyDown(&fyne.KeyEvent{Name: name})
		case '-':
			p.KeyUp(&fyne.KeyEvent{Name: name})
		case '!':
			p.TypedKey(&fyne.KeyEvent{Name: name})
		case '\'':
			for _, r := range strings.ReplaceAll(k[1:], "_", " ") {
				p.TypedRune(r)
			}
		case '^':
			p.TypedShortcut(&desktop.CustomShortcut{KeyName: name, Modifier: fyne.KeyModifierControl})
		case '~':
			p.TypedShortcut(&desktop.CustomShortcut{KeyName: name, Modifier: fyne.KeyModifierAlt})
		}
	}
}

func TestKeys(t *testing.T) {
	for _, c := range []struct{ name, keys, want string }{
		{"a letter is text", "+A 'a -A", "type a"},
		{"a capital: Shift only makes text", "+LeftShift +A 'A -A -LeftShift", "type A"},
		{"Space is text", "+Space '_ -Space", "type  "},
		{"letters of any kind", "'č한😀", "type č, type 한, type 😀"},
		{"an arrow is a key", "+Left !Left -Left", "press left, release left"},
		{"holding repeats on the other side", "+Left !Left !Left !Left -Left", "press left, release left"},
		{"Shift and an arrow", "+LeftShift +Left !Left -Left -LeftShift", "press shift, press left, release left, release shift"},
		{"Shift alone", "+LeftShift -LeftShift", "press shift, release shift"},
		{"Ctrl+C", "+LeftControl +C ^C -C -LeftControl", "press ctrl, press c, release c, release ctrl"},
		{"Ctrl+Shift+T", "+LeftControl +LeftShift +T ^T -T -LeftShift -LeftControl", "press ctrl, press shift, press t, release t, release shift, release ctrl"},
		{"Ctrl and a letter without a name", "+LeftControl + ^C - -LeftControl", "press ctrl, press c, release c, release ctrl"},
		{"Alt+Tab", "+LeftAlt +Tab ~Tab -Tab -LeftAlt", "press alt, press tab, release tab, release alt"},
		{"Super", "+LeftSuper -LeftSuper", "press super, release super"},
		{"AltGr makes text", "+RightAlt +Q '@ -Q -RightAlt", "type @"},
		{"right Alt as Alt", "+RightAlt +F ~F -F -RightAlt", "press ralt, press f, release f, release ralt"},
		{"AltGr and an arrow", "+RightAlt +Left !Left -Left -RightAlt", "press left, release left"},
		{"text while Shift was passed on", "+LeftShift +Left -Left 'A -LeftShift", "press shift, press left, release left, release shift, type A"},
		{
			"Tab, Return, Escape belong to the other side", "+Tab !Tab -Tab +Return !Return -Return +Escape !Escape -Escape",
			"press tab, release tab, press return, release return, press escape, release escape",
		},
	} {
		p, sink, _ := newTestPicture(t, nil)
		play(p, c.keys)
		if got := sink.take(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestNumberPad shows that Num Lock is this computer's own: its digits are text, and its arrows arrows.
func TestNumberPad(t *testing.T) {
	p, sink, _ := newTestPicture(t, nil)
	scan := 79 + 8 // "1" and End, as X numbers it
	if positionOf(runtime.GOOS, scan) != 79 {
		t.Skip("places are numbered otherwise here")
	}
	event := &fyne.KeyEvent{Name: fyne.Key1, Physical: fyne.HardwareKey{ScanCode: scan}}
	kit.Collect() // what is put off until the digit has come
	p.KeyDown(event)
	p.TypedKey(event)
	p.TypedRune('1')
	kit.RunCollected()
	p.KeyUp(event)
	if got := sink.take(); got != "type 1" {
		t.Errorf("with Num Lock it sent %q", got)
	}
	p.KeyDown(event)
	p.TypedKey(event)
	kit.RunCollected()
	p.TypedKey(event)
	p.KeyUp(event)
	if got := sink.take(); got != "press "+keyName(screen.KeyEnd)+", release "+keyName(screen.KeyEnd) {
		t.Errorf("without Num Lock it sent %q", got)
	}
}

// TestLocks shows that Caps Lock and Num Lock stay here: what they do is in the text already.
func TestLocks(t *testing.T) {
	p, sink, _ := newTestPicture(t, nil)
	caps := &fyne.KeyEvent{Name: desktop.KeyCapsLock, Physical: fyne.HardwareKey{ScanCode: 58 + 8}}
	num := &fyne.KeyEvent{Name: fyne.KeyUnknown, Physical: fyne.HardwareKey{ScanCode: 69 + 8}}
	for _, e := range []*fyne.KeyEvent{caps, num} {
		p.KeyDown(e)
		p.TypedKey(e)
		p.KeyUp(e)
	}
	play(p, "+A 'A -A")
	if got := sink.take(); got != "type A" {
		t.Errorf("sent %q", got)
	}
}

func TestRepeatedText(t *testing.T) {
	p, sink, _ := newTestPicture(t, nil)
	play(p, "+A 'a !A 'a !A 'a -A")
	if got := sink.take(); got != "type a, type a, type a" {
		t.Errorf("sent %q", got)
	}
}

func TestExtraButtons(t *testing.T) {
	p, sink, _ := newTestPicture(t, nil)
	p.ExtraButton(screen.ButtonBack, true) // the pointer is elsewhere
	p.MouseIn(mouse(10, 20, 0))
	p.ExtraButton(screen.ButtonBack, true)
	p.MouseMoved(mouse(11, 20, 0))
	p.ExtraButton(screen.ButtonBack, false)
	p.ExtraButton(screen.ButtonForward, false)
	want := "move 10 20, press button 4, move 11 20, release button 4"
	if got := sink.take(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestCommandIsNotPassedOn(t *testing.T) {
	ran := ""
	p, sink, _ := newTestPicture(t, func(name fyne.KeyName) bool {
		if name != fyne.KeyF {
			return false
		}
		ran += string(name)
		return true
	})
	play(p, "+LeftControl +LeftAlt +F ^F -F -LeftAlt -LeftControl")
	if got, want := sink.take(), "press ctrl, press alt, release all"; got != want || ran != "F" {
		t.Errorf("sent %q and ran %q", got, ran)
	}
	play(p, "+LeftControl +LeftAlt +Delete -Delete -LeftAlt -LeftControl")
	if got, want := sink.take(), "press ctrl, press alt, press delete, release delete, release alt, release ctrl"; got != want {
		t.Errorf("sent %q", got)
	}
}

func TestLosingTheFocusReleasesAll(t *testing.T) {
	p, sink, _ := newTestPicture(t, nil)
	play(p, "+LeftControl +C")
	sink.take()
	p.FocusLost()
	play(p, "-C -LeftControl")
	if got := sink.take(); got != "release all" {
		t.Errorf("sent %q", got)
	}
}

func mouse(x, y float32, b desktop.MouseButton) *desktop.MouseEvent {
	return &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y), AbsolutePosition: fyne.NewPos(x, y)}, Button: b}
}

func TestPointer(t *testing.T) {
	p, sink, _ := newTestPicture(t, nil)
	p.MouseIn(mouse(10, 20, 0))
	p.MouseMoved(mouse(11, 20, 0))
	p.MouseMoved(mouse(11, 20, 0)) // the same place again is no news
	p.MouseDown(mouse(12, 21, desktop.MouseButtonSecondary))
	p.MouseUp(mouse(12, 21, desktop.MouseButtonSecondary))
	p.MouseDown(mouse(12, 21, desktop.MouseButtonTertiary))
	p.MouseUp(mouse(12, 21, desktop.MouseButtonTertiary))
	want := "move 10 20, move 11 20, move 12 21, press button 3, release button 3, press button 2, release button 2"
	if got := sink.take(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	p.MouseDown(mouse(100, 100, desktop.MouseButtonPrimary))
	p.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: fyne.NewPos(500, 120)}})
	p.MouseUp(mouse(900, 120, desktop.MouseButtonPrimary))
	want = "move 100 100, press button 1, move 399 120, release button 1"
	if got := sink.take(); got != want {
		t.Errorf("dragging out:\n got %s\nwant %s", got, want)
	}
	p.MouseDown(mouse(50, 50, desktop.MouseButtonSecondary))
	sink.take()
	p.MouseMoved(mouse(60, 60, 0)) // it was released elsewhere
	if got := sink.take(); got != "release button 3, move 60 60" {
		t.Errorf("a lost release: %s", got)
	}
}

// TestWheelKeepsParts turns by notches, by parts of them, and by less than a part.
func TestWheelKeepsParts(t *testing.T) {
	p, sink, _ := newTestPicture(t, nil)
	scroll := func(dx, dy float32) {
		p.Scrolled(&fyne.ScrollEvent{PointEvent: fyne.PointEvent{AbsolutePosition: fyne.NewPos(5, 5)}, Scrolled: fyne.NewDelta(dx, dy)})
	}
	scroll(0, -notch) // one notch down
	for range 4 {
		scroll(0, notch/4.0) // four quarters up
	}
	scroll(-2*notch, 0) // two to the right
	for range 3 {
		scroll(0, -notch/3.0) // three thirds down
	}
	scroll(0, -notch/300.0) // less than a part is kept
	scroll(0, -notch/300.0)
	scroll(0, notch) // and forgotten on the way back
	want := "move 5 5, scroll 0 120, scroll 0 -30, scroll 0 -30, scroll 0 -30, scroll 0 -30, scroll 240 0, " +
		"scroll 0 40, scroll 0 40, scroll 0 40, scroll 0 1, scroll 0 -120"
	if got := sink.take(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestManyUpdatesAreOneRefresh(t *testing.T) {
	_, _, source := newTestPicture(t, nil)
	kit.Collect()
	for range 100 {
		source.onUpdate(nil)
	}
	before := source.sizes
	kit.RunCollected()
	if source.sizes != before+1 {
		t.Errorf("refreshed %d times", source.sizes-before)
	}
	source.onUpdate(nil)
	kit.RunCollected()
	if source.sizes != before+2 {
		t.Error("an update after that was lost")
	}
}

func TestFrameIsTight(t *testing.T) {
	p, _, source := newTestPicture(t, nil)
	frame := p.pixels(1, 1).(*image.RGBA)
	if frame.Stride != 4*source.fb.Width || frame.Rect != source.fb.Bounds() {
		t.Errorf("stride %d, %v", frame.Stride, frame.Rect)
	}
	if got := at(frame.At(399, 299)); got != image.Pt(399, 299) {
		t.Errorf("last pixel is that of %v", got)
	}
	source.fb = &screen.Framebuffer{Pix: make([]byte, 4*30*20), Stride: 120, Width: 30, Height: 20, Format: screen.RGBA}
	p.update()
	if got := p.RemoteSize(); got != image.Pt(30, 20) {
		t.Errorf("after a change of size: %v", got)
	}
}

// slow are hands that note the order and can be held up.
type slow struct {
	log
	gate chan struct{}
}

func (s *slow) pass() error {
	if s.gate != nil {
		<-s.gate
	}
	return nil
}
func (s *slow) Move(x, y int) error                  { s.log.Move(x, y); return s.pass() }
func (s *slow) Button(b screen.Button, d bool) error { s.log.Button(b, d); return s.pass() }
func (s *slow) Scroll(x, y int) error                { s.log.Scroll(x, y); return s.pass() }
func (s *slow) Key(k uint32, d bool) error           { s.log.Key(k, d); return s.pass() }
func (s *slow) Type(text string) error               { s.log.Type(text); return s.pass() }
func (s *slow) ReleaseAll() error                    { s.log.ReleaseAll(); return s.pass() }

func TestQueueKeepsOrderAndOnlyTheLastPosition(t *testing.T) {
	hands := &slow{gate: make(chan struct{})}
	q := NewQueue(hands)
	q.Key('a', true)
	hands.gate <- struct{}{} // the way is free once; the next one is held up
	q.Key('b', true)
	for x := range 1000 {
		q.Move(x, 1)
	}
	q.Button(screen.ButtonLeft, true)
	q.Move(5, 5)
	close(hands.gate)
	q.Close()
	q.Wait()
	got := hands.lines
	want := []string{"press a", "press b", "move 999 1", "press button 1", "move 5 5"}
	if len(got) > 0 && len(got) != len(want) { // one position may have been on its way already
		t.Logf("%q", got)
	}
	if !reflect.DeepEqual(got[len(got)-3:], want[2:]) || got[0] != "press a" || got[1] != "press b" {
		t.Errorf("%q", got)
	}
}

func TestQueueThatOverflowsLetsGo(t *testing.T) {
	hands := &slow{gate: make(chan struct{})}
	q := NewQueue(hands)
	for range maxQueued + 10 {
		q.Key('a', true)
	}
	close(hands.gate)
	q.Close()
	q.Wait()
	if last := hands.lines[len(hands.lines)-1]; last != "release all" {
		t.Errorf("last came %q", last)
	}
}

// TestQueueDropsWhatComesAfterClosing: such as the keys that paste files which have only then arrived.
func TestQueueDropsWhatComesAfterClosing(t *testing.T) {
	hands := &slow{gate: make(chan struct{})}
	q := NewQueue(hands)
	q.Key('a', true)
	q.ReleaseAll()
	q.Close()
	q.Key('b', true)
	close(hands.gate)
	q.Wait()
	if want := []string{"press a", "release all"}; !reflect.DeepEqual(hands.lines, want) {
		t.Errorf("%q", hands.lines)
	}
}

// TestAPartOfThePicture shows one of two monitors: its pixels, and its places.
func TestAPartOfThePicture(t *testing.T) {
	test.NewTempApp(t)
	source, sink := newDots(300, 200), &log{}
	p := NewPicture(source, sink)
	defer p.Close()
	w := test.NewTempWindow(t, p)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(200, 150))
	part := image.Rect(100, 50, 300, 200)
	p.SetPart(part)
	if p.RemoteSize() != part.Size() {
		t.Fatalf("it shows %v", p.RemoteSize())
	}
	got, ok := p.pixels(0, 0).(*image.RGBA)
	if !ok || got.Rect != (image.Rectangle{Max: part.Size()}) {
		t.Fatalf("the graphics card gets %v", got.Rect)
	}
	for _, at := range []image.Point{{0, 0}, {199, 149}, {20, 100}} {
		want := source.fb.RGBA().RGBAAt(at.X+part.Min.X, at.Y+part.Min.Y)
		if got.RGBAAt(at.X, at.Y) != want {
			t.Errorf("at %v it is %v, not %v", at, got.RGBAAt(at.X, at.Y), want)
		}
	}
	p.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{AbsolutePosition: fyne.NewPos(10, 20)}})
	if got := sink.take(); got != "move 110 70" {
		t.Errorf("the other computer gets %q", got)
	}
	p.SetPart(image.Rect(500, 500, 600, 600)) // a monitor that is gone
	if p.RemoteSize() != image.Pt(300, 200) {
		t.Errorf("it shows %v", p.RemoteSize())
	}
}

// pointing is a source whose computer's own hand has moved the pointer.
type pointing struct {
	*dots
	at     image.Point
	cursor *screen.Cursor
}

func (p *pointing) Pointer() (image.Point, bool) { return p.at, true }
func (p *pointing) Cursor() *screen.Cursor       { return p.cursor }

func TestTheOtherHandsPointerIsDrawn(t *testing.T) {
	test.NewTempApp(t)
	red := []byte{255, 0, 0, 255}
	source := &pointing{newDots(60, 40), image.Pt(20, 10), &screen.Cursor{Width: 2, Height: 1, HotX: 1, Pixels: append(slices.Clone(red), 0, 0, 0, 0)}}
	p := NewPicture(source, nil)
	defer p.Close()
	for _, at := range []image.Point{{20, 10}, {59, 39}, {0, 0}} { // at the edges it is cut off
		source.at = at
		got := p.pixels(0, 0).(*image.RGBA)
		for y := range 40 {
			for x := range 60 {
				want := source.fb.RGBA().RGBAAt(x, y)
				if (image.Point{x, y}) == at.Sub(image.Pt(1, 0)) {
					want = color.RGBA{255, 0, 0, 255}
				}
				if got.RGBAAt(x, y) != want {
					t.Fatalf("with the pointer at %v, pixel %d,%d is %v", at, x, y, got.RGBAAt(x, y))
				}
			}
		}
	}
}

// TestTheStageIsBesideThePictureOnly wants each pixel of the widget to be of the picture or of the stage, and hardly any to be
// painted twice, which without a graphics card takes long.
func TestTheStageIsBesideThePictureOnly(t *testing.T) {
	for _, scale := range []float32{1, 1.25, 1.5, 2} {
		for _, size := range []fyne.Size{{Width: 401, Height: 300}, {Width: 300, Height: 403}, {Width: 200, Height: 150}, {Width: 633, Height: 517}} {
			for _, mode := range []Mode{Fit, Actual} {
				test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
				source := newDots(400, 300)
				for i := range source.fb.Pix {
					source.fb.Pix[i] = 255 // white, which the stage is not
				}
				p := NewPicture(source, nil)
				p.SetMode(mode)
				w := test.NewTempWindow(t, container.NewStack(canvas.NewRectangle(color.NRGBA{R: 255, A: 255}), p))
				w.SetPadded(false)
				w.Canvas().(interface{ SetScale(float32) }).SetScale(scale)
				w.Resize(size)
				p.Refresh()
				seen := w.Canvas().Capture()
				red := 0
				for y := range seen.Bounds().Dy() {
					for x := range seen.Bounds().Dx() {
						if r, g, _, _ := seen.At(x, y).RGBA(); r>>8 > 60 && g < r/2 {
							red++
						}
					}
				}
				if red > 0 {
					t.Errorf("at %v, %v, mode %d: %d pixels are neither of the picture nor of the stage", scale, size, mode, red)
				}
				var under float32
				for _, bar := range test.WidgetRenderer(p).Objects()[:4] {
					from, to := p.raster.Position(), p.raster.Position().Add(p.raster.Size())
					at, end := bar.Position(), bar.Position().Add(bar.Size())
					under += max(0, min(to.X, end.X)-max(from.X, at.X)) * max(0, min(to.Y, end.Y)-max(from.Y, at.Y))
				}
				if edge := 2 * (size.Width + size.Height) * 1.5; under > edge {
					t.Errorf("at %v, %v, mode %d: %v of the stage are under the picture", scale, size, mode, under)
				}
				p.Close()
			}
		}
	}
}

// TestASlowPictureRests: a picture that took long to draw leaves as much time to everything else before it is drawn again; one that
// was quick is drawn again at once.
func TestASlowPictureRests(t *testing.T) {
	p, _, source := newTestPicture(t, nil)
	kit.Collect()
	t.Cleanup(kit.RunCollected)
	p.pixels(0, 0)
	const long = 2 * quickly
	time.Sleep(long) // it is being drawn
	drawn := time.Now()
	kit.RunCollected()
	if rest := time.Unix(0, p.rest.Load()).Sub(drawn); rest < long {
		t.Errorf("it rests %v after %v", rest, long)
	}

	draws := func() bool {
		before := source.sizes
		source.onUpdate(nil)
		kit.RunCollected()
		return source.sizes > before
	}
	p.rest.Store(time.Now().Add(time.Hour).UnixNano())
	if draws() {
		t.Error("it is drawn while it rests")
	}
	p.pending.Store(false) // an hour later
	p.rest.Store(0)
	if !draws() {
		t.Error("it is not drawn at once afterwards")
	}
}
