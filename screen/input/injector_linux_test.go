package input

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode"

	"go.uber.org/goleak"

	"handrail/screen"
	"handrail/screen/screentest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openOn(t testing.TB, d *screentest.Display) *injector {
	t.Helper()
	i, err := Open(Options{Display: d.Name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.Close() })
	return i.(*injector)
}

// reader is a terminal with a program in it that writes each line that it reads to a file of its own.
type reader struct {
	t        testing.TB
	dir      string
	next     int
	terminal *screentest.Process
}

func startReader(t testing.TB, d *screentest.Display) *reader {
	t.Helper()
	r := &reader{t: t, dir: t.TempDir()}
	script := `cd "$1"; n=0; while IFS= read -r line; do printf %s "$line" >new; mv new $n; n=$((n+1)); done`
	r.terminal = d.Run("xterm", "-u8", "-geometry", "100x30+0+0", "-e", "sh", "-c", script, "sh", r.dir)
	id := d.WaitWindow(".")
	d.Xdotool("windowfocus", "--sync", id)
	return r
}

// line is what the program read.
func (r *reader) line() string {
	r.t.Helper()
	var text []byte
	screentest.WaitFor(r.t, fmt.Sprintf("line %d was read", r.next), func() (ok bool) {
		var err error
		text, err = os.ReadFile(filepath.Join(r.dir, fmt.Sprint(r.next)))
		return err == nil
	})
	r.next++
	return string(text)
}

func (r *reader) expect(i screen.Injector, text string) {
	r.t.Helper()
	if err := i.Type(text + "\n"); err != nil {
		r.t.Fatal(err)
	}
	if got := r.line(); got != text {
		r.t.Fatalf("typed %q\narrived %q", text, got)
	}
}

// ascii is every printable ASCII character.
func ascii() string {
	var b strings.Builder
	for c := byte(' '); c <= '~'; c++ {
		b.WriteByte(c)
	}
	return b.String()
}

// randomText is n random characters that a terminal passes on unchanged.
func randomText(random *rand.Rand, n int) string {
	var b strings.Builder
	for n > 0 {
		c := rune(random.IntN(0x20000))
		if unicode.IsLetter(c) || unicode.IsSymbol(c) || unicode.IsPunct(c) {
			b.WriteRune(c)
			n--
		}
	}
	return b.String()
}

func TestTypes(t *testing.T) {
	d := screentest.Start(t, 1000, 600)
	i := openOn(t, d)
	r := startReader(t, d)
	r.expect(i, "echo hello")
	r.expect(i, ascii())
	r.expect(i, strings.Repeat(ascii(), 5))
	r.expect(i, "čšž ČŠŽ 한국어 😀 é ß € ¿")
	r.expect(i, "日本語テキスト and Ελληνικά, Кириллица, עברית, العربية, ไทย")
	for range 3 {
		r.expect(i, randomText(rand.New(rand.NewPCG(1, 2)), 500))
	}
	if err := i.Type("one\r\ntwo\rthree\n\x00\u0085"); err != nil {
		t.Fatal(err)
	}
	if got := r.line() + "," + r.line() + "," + r.line(); got != "one,two,three" {
		t.Fatal(got)
	}
}

// TestTypesUnderLoad keeps all processors busy, so that the terminal handles keys late.
func TestTypesUnderLoad(t *testing.T) {
	d := screentest.Start(t, 1000, 600)
	i := openOn(t, d)
	r := startReader(t, d)
	for range 8 {
		d.Run("sh", "-c", "while :; do :; done")
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 3 {
		r.expect(i, randomText(random, 500))
	}
}

// TestTypesToOneThatDoesNotListen stops the terminal for a while, again and again.
func TestTypesToOneThatDoesNotListen(t *testing.T) {
	d := screentest.Start(t, 1000, 600)
	i := openOn(t, d)
	r := startReader(t, d)
	done := make(chan struct{})
	var stopping sync.WaitGroup
	stopping.Go(func() {
		for {
			for _, signal := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT} {
				if err := syscall.Kill(r.terminal.Pid(), signal); err != nil {
					t.Error(err)
				}
				select {
				case <-done:
					_ = syscall.Kill(r.terminal.Pid(), syscall.SIGCONT)
					return
				case <-time.After(400 * time.Millisecond):
				}
			}
		}
	})
	r.expect(i, randomText(rand.New(rand.NewPCG(7, 8)), 200))
	close(done)
	stopping.Wait()
}

func TestTypesWithCapsLock(t *testing.T) {
	d := screentest.Start(t, 1000, 600)
	i := openOn(t, d)
	r := startReader(t, d)
	key(t, i, screen.KeyCapsLock)
	r.expect(i, "Hello, čšž ČŠŽ! 123")
	if m, err := i.state(); err != nil || m&2 == 0 {
		t.Fatalf("Caps Lock is off afterwards: %x, %v", m, err)
	}
	key(t, i, screen.KeyCapsLock)
	r.expect(i, "Hello")
}

func TestTypesWhileModifiersAreHeld(t *testing.T) {
	d := screentest.Start(t, 1000, 600)
	i := openOn(t, d)
	r := startReader(t, d)
	for _, k := range []uint32{screen.KeyCtrl, screen.KeyShift} {
		if err := i.Key(k, true); err != nil {
			t.Fatal(err)
		}
	}
	r.expect(i, "Hello, š!")
	if m, err := i.state(); err != nil || m&5 != 5 {
		t.Fatalf("not held any more: %x, %v", m, err)
	}
	if err := i.ReleaseAll(); err != nil {
		t.Fatal(err)
	}
	if m, err := i.state(); err != nil || m != 0 {
		t.Fatalf("still held: %x, %v", m, err)
	}
}

func TestFollowsTheLayout(t *testing.T) {
	d := screentest.Start(t, 1000, 600)
	i := openOn(t, d)
	r := startReader(t, d)
	text := "Čeprav žvižga, je šlo: y z Z - ? / đ Ć ö"
	r.expect(i, text)
	for _, layout := range []string{"si", "de", "us", "fr", "us,si", "ru"} {
		d.Do("setxkbmap", layout)
		r.expect(i, text)
		if layout == "si" {
			if code, shift, ok := i.keymap.charKey(screen.KeysymOfRune('č')); !ok || shift || i.slots.at(code) != nil {
				t.Error("č is not typed by its key")
			}
		}
	}
}

// TestKeysFollowTheGroup chooses the layout's second group, of which the X server tells nobody, before each of the keys.
func TestKeysFollowTheGroup(t *testing.T) {
	d := screentest.Start(t, 1000, 600)
	d.Do("setxkbmap", "us,fr", "-option", "grp:menu_toggle")
	i := openOn(t, d)
	r := startReader(t, d)
	another := openOn(t, d)
	next := func() {
		const menu = 127
		for _, down := range []bool{true, false} {
			if err := another.KeyAt(menu, down); err != nil {
				t.Fatal(err)
			}
		}
		if err := another.sync(); err != nil {
			t.Fatal(err)
		}
	}
	for _, group := range []int{1, 0, 1} {
		next()
		key(t, i, 'q', 'a')
		key(t, i, screen.KeyShift, 'm')
		key(t, i, screen.KeyReturn)
		if got := r.line(); got != "qaM" {
			t.Fatalf("in group %d arrived %q", group, got)
		}
	}

	// A key is released even if it would be another one by now.
	if err := i.Key('a', true); err != nil {
		t.Fatal(err)
	}
	next()
	key(t, i, screen.KeyShift)
	if err := i.Key('a', false); err != nil {
		t.Fatal(err)
	}
	if len(i.held) != 0 {
		t.Fatalf("still held: %v", i.held)
	}
}

func key(t testing.TB, i screen.Injector, keysyms ...uint32) {
	t.Helper()
	for _, k := range keysyms {
		if err := i.Key(k, true); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range slices.Backward(keysyms) {
		if err := i.Key(k, false); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeys(t *testing.T) {
	d := screentest.Start(t, 1000, 600)
	i := openOn(t, d)
	r := startReader(t, d)
	key(t, i, 'a')
	key(t, i, screen.KeyShift, 'a')
	key(t, i, screen.KeyShift, '1')
	key(t, i, 'A') // the key, without Shift
	key(t, i, 'x')
	key(t, i, screen.KeyBackSpace)
	key(t, i, screen.KeysymOfRune('č'))
	key(t, i, screen.KeyReturn)
	if got := r.line(); got != "aA!ač" {
		t.Fatalf("%q", got)
	}
	if err := i.Type("forgotten"); err != nil {
		t.Fatal(err)
	}
	key(t, i, screen.KeyCtrl, 'u')
	if err := i.Type("kept\n"); err != nil {
		t.Fatal(err)
	}
	if got := r.line(); got != "kept" {
		t.Fatalf("%q", got)
	}
	for _, name := range []string{"f24", "menu", "super+left", "ctrl+alt+delete", "print", "kp7", "altgr"} {
		keysyms, err := screen.ParseKeys(name)
		if err != nil {
			t.Fatal(err)
		}
		key(t, i, keysyms...)
	}
	if len(i.held) != 0 {
		t.Fatalf("still held: %v", i.held)
	}
}

// watch prints what happens to the pointer and the keys, as xev sees it.
func watch(t testing.TB, d *screentest.Display) *screentest.Process {
	t.Helper()
	p := d.Run("xev", "-geometry", "400x300+100+50")
	d.Xdotool("windowfocus", "--sync", d.WaitWindow("Event Tester"))
	return p
}

func TestPointer(t *testing.T) {
	d := screentest.Start(t, 800, 600)
	i := openOn(t, d)
	p := watch(t, d)
	for _, c := range [][4]int{{300, 200, 300, 200}, {0, 0, 0, 0}, {799, 599, 799, 599}, {-5, 90000, 0, 599}, {222, 111, 222, 111}} {
		if err := i.MovePointer(c[0], c[1]); err != nil {
			t.Fatal(err)
		}
		if got, want := d.Xdotool("getmouselocation"), fmt.Sprintf("x:%d y:%d ", c[2], c[3]); !strings.HasPrefix(got, want) {
			t.Errorf("moved to %v: %s", c[:2], got)
		}
	}
	for b := screen.ButtonLeft; b <= screen.ButtonForward; b++ {
		for _, down := range []bool{true, true, false, false} {
			if err := i.Button(b, down); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := i.Scroll(2*screen.Notch, -screen.Notch); err != nil {
		t.Fatal(err)
	}
	for range 8 { // in parts
		if err := i.Scroll(-screen.Notch/8, screen.Notch/4); err != nil {
			t.Fatal(err)
		}
	}
	if err := i.Button(77, true); err == nil {
		t.Fatal("there is a button 77")
	}
	presses := func() (got []string) {
		out := p.Output()
		for at := strings.Index(out, "ButtonPress"); at >= 0; at = strings.Index(out, "ButtonPress") {
			out = out[at:]
			_, number, ok := strings.Cut(out, ", button ")
			if !ok {
				break
			}
			number, _, _ = strings.Cut(number, ",")
			got = append(got, number)
			out = out[len("ButtonPress"):]
		}
		return got
	}
	want := []string{"1", "2", "3", "8", "9", "4", "7", "7", "5", "5", "6"}
	screentest.WaitFor(t, "all buttons were pressed", func() bool { return len(presses()) >= len(want) })
	if got := presses(); !slices.Equal(got, want) {
		t.Fatalf("pressed %v", got)
	}
}

func TestReleaseAll(t *testing.T) {
	d := screentest.Start(t, 800, 600)
	i := openOn(t, d)
	p := watch(t, d)
	if err := i.MovePointer(300, 200); err != nil {
		t.Fatal(err)
	}
	if err := i.Key(screen.KeyCtrl, true); err != nil {
		t.Fatal(err)
	}
	if err := i.Button(screen.ButtonLeft, true); err != nil {
		t.Fatal(err)
	}
	if err := i.Key('x', true); err != nil {
		t.Fatal(err)
	}
	if err := i.ReleaseAll(); err != nil {
		t.Fatal(err)
	}
	order := func() (got []string) {
		for event := range strings.SplitSeq(p.Output(), "\n\n") {
			switch {
			case strings.HasPrefix(event, "ButtonRelease"):
				got = append(got, "button")
			case strings.HasPrefix(event, "KeyRelease") && strings.Contains(event, "Control_L)"):
				got = append(got, "ctrl")
			case strings.HasPrefix(event, "KeyRelease") && strings.Contains(event, ", x)"):
				got = append(got, "x")
			}
		}
		return got
	}
	screentest.WaitFor(t, "all is released", func() bool { return len(order()) >= 3 })
	if got := order(); !slices.Equal(got, []string{"x", "button", "ctrl"}) {
		t.Fatalf("released in the order %v", got)
	}
	if m, err := i.state(); err != nil || m != 0 {
		t.Fatalf("still held: %x, %v", m, err)
	}
}

func TestReleaseAllInterruptsTyping(t *testing.T) {
	d := screentest.Start(t, 800, 600)
	i := openOn(t, d)
	startReader(t, d)
	if err := i.Key(screen.KeyCtrl, true); err != nil {
		t.Fatal(err)
	}
	var typing sync.WaitGroup
	var err error
	before := d.Pixels()
	typing.Go(func() { err = i.Type(randomText(rand.New(rand.NewPCG(5, 6)), 20000)) })
	screentest.WaitFor(t, "something is typed", func() bool { return !bytes.Equal(before.Pix, d.Pixels().Pix) })
	start := time.Now()
	if err := i.ReleaseAll(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	typing.Wait()
	if !errors.Is(err, ErrInterrupted) {
		t.Fatal(err)
	}
	if m, err := i.state(); err != nil || m != 0 {
		t.Fatalf("still held: %x, %v", m, err)
	}
}

func TestCloseRestoresTheKeyboard(t *testing.T) {
	d := screentest.Start(t, 800, 600)
	before := d.Do("xmodmap", "-pke")
	i := openOn(t, d)
	r := startReader(t, d)
	r.expect(i, "čšž 한국어 😀")
	if d.Do("xmodmap", "-pke") == before {
		t.Fatal("typed without a change of the keyboard map")
	}
	if err := i.Key(screen.KeyCtrl, true); err != nil {
		t.Fatal(err)
	}
	if err := i.Type("한"); err != nil {
		t.Fatal(err)
	}
	if err := i.Close(); err != nil {
		t.Fatal(err)
	}
	if after := d.Do("xmodmap", "-pke"); after != before {
		t.Fatalf("before:\n%s\nafter:\n%s", before, after)
	}
	second := openOn(t, d)
	if m, err := second.state(); err != nil || m != 0 {
		t.Fatalf("still held: %x, %v", m, err)
	}
	if err := second.Type("한\n"); err != nil {
		t.Fatal(err)
	}
	if got := r.line(); got != "한한" {
		t.Fatalf("from both injectors: %q", got)
	}
	for _, err := range []error{i.Close(), i.ReleaseAll()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := i.Type("x"); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if err := i.MovePointer(1, 1); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}

func TestDisplayGoes(t *testing.T) {
	d := screentest.Start(t, 800, 600)
	i := openOn(t, d)
	d.Stop()
	<-i.gone
	for _, err := range []error{i.Type("x"), i.Key('x', true), i.MovePointer(1, 1), i.Button(screen.ButtonLeft, true)} {
		if !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	}
	if _, err := Open(Options{Display: d.Name}); err == nil {
		t.Error("opened")
	}
}

func TestPlanTakesLeastRecentlyUsed(t *testing.T) {
	s := slots{}
	for n := range 4 {
		s.all = append(s.all, &slot{code: 100, keysym: uint32(0x01001000 + n), used: uint64(10 - n)})
	}
	victims, keysyms := s.plan([]uint32{0x01002000, 'a', 0x01001003, 0x01002001, 0x01002000, 0x01002002, 0x01002003},
		func(k uint32) bool { return k == 'a' }, func(t *slot) bool { return false })
	if !slices.Equal(keysyms, []uint32{0x01002000, 0x01002001, 0x01002002}) || victims[0] != s.all[2] || victims[2] != s.all[0] {
		t.Fatalf("%x %v", keysyms, victims)
	}
}
