package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"handrail/screen"
	"handrail/session/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCodesAsPeopleTypeThem(t *testing.T) {
	want := Code{Routing: "4821", Secret: "739205"}
	for _, text := range []string{
		"4821739205", "4821 739 205", " 4821-739-205\n", "4821–739–205", "48.21.73.92.05", "4821/739205", "4 8 2 1 7 3 9 2 0 5",
		"４８２１ ７３９ ２０５", "٤٨٢١ ٧٣٩ ٢٠٥", "४८२१ ७३९ २०५", "4821\u00a0739\u202f205", "\u200e4821739205",
	} {
		if got, err := ParseCode(text); err != nil || got != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	if got, err := ParseCode("1234567 739205"); err != nil || got.Routing != "1234567" {
		t.Errorf("a code with 7 routing digits is %v, %v", got, err)
	}
	for text, want := range map[string]error{
		"": ErrCodeEmpty, " - ": ErrCodeEmpty, "482173920": ErrCodeShort, "12345678901234": ErrCodeLong,
		"4821 739 2O5": ErrCodeDigits, "4821739205x": ErrCodeDigits,
	} {
		if _, err := ParseCode(text); !errors.Is(err, want) {
			t.Errorf("%q: %v instead of %v", text, err, want)
		}
	}
}

func TestCodesAreShownAndReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := Code{Routing: rapid.StringMatching(`[0-9]{4,7}`).Draw(t, "routing"), Secret: NewSecret()}
		for _, text := range []string{code.String(), code.Digits()} {
			if got, err := ParseCode(text); err != nil || got != code {
				t.Fatalf("%v is read as %v, %v", code, got, err)
			}
		}
	})
}

func TestTheJoinLinkKeepsTheSecretInTheFragment(t *testing.T) {
	relay, _ := url.Parse("https://relay.example.org/help/?x=1")
	link := Code{Routing: "4821", Secret: "739205"}.JoinURL(relay)
	if link != "https://relay.example.org/help/join/4821#739205" {
		t.Error(link)
	}
}

func TestPermissions(t *testing.T) {
	set := Permissions{}.With(View).With(Files).With("fly")
	if !set.Has(View) || set.Has(Control) || set.Has("fly") || set.String() != "view, files" {
		t.Errorf("the set is %v", set)
	}
	if got := set.Without(View).Only(DefaultPermissions()); got != (Permissions{}).With(Files) {
		t.Errorf("what is left is %v", got)
	}
	data, err := json.Marshal(set)
	var back Permissions
	if err != nil || string(data) != `["view","files"]` || json.Unmarshal(data, &back) != nil || back != set {
		t.Errorf("in JSON it is %s, %v, and back %v", data, err, back)
	}
	if err := json.Unmarshal([]byte(`["control","from the future"]`), &back); err != nil || back != (Permissions{}).With(Control) {
		t.Errorf("an unknown name gives %v, %v", back, err)
	}
}

func TestInputsAreReadBack(t *testing.T) {
	for _, in := range []Input{
		{Kind: InputMove, X: 0, Y: 65535},
		{Kind: InputButton, Button: screen.ButtonForward, Down: true},
		{Kind: InputScroll, X: -3, Y: 100},
		{Kind: InputWheel, X: -12000, Y: 1},
		{Kind: InputKey, Keysym: 0x0100ac00, Down: true},
		{Kind: InputKey, Keysym: 1},
		{Kind: InputText, Text: "čšž 한국어 😀"},
		{Kind: InputRelease},
	} {
		if got, err := ParseInput(in.AppendTo(nil)); err != nil || got != in {
			t.Errorf("%+v is read as %+v, %v", in, got, err)
		}
	}
}

func TestInputsThatAreRefused(t *testing.T) {
	for _, data := range [][]byte{
		nil,
		{0},
		{99},
		{1},
		{1, 0, 0, 0},
		{1, 0, 0, 0, 0, 0},
		{2, 0, 1},
		{2, 6, 1},
		{2, 1, 2},
		{3, 0, 101, 0, 0},
		{3, 0x80, 0, 0, 0},
		{8, 0, 1, 0x2e, 0xe1},
		{8, 0, 1, 0},
		{4, 0, 0, 0, 0, 1},
		{4, 0, 0, 0, 1, 2},
		{5, 0xff},
		append([]byte{5}, make([]byte, MaxText+1)...),
		{6, 0},
	} {
		if in, err := ParseInput(data); !errors.Is(err, ErrMessage) {
			t.Errorf("%.10v is read as %+v, %v", data, in, err)
		}
	}
}

func FuzzParseInput(f *testing.F) {
	f.Add([]byte{1, 0, 1, 0, 1})
	f.Add([]byte{5, 'x'})
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := ParseInput(data)
		if err == nil && !reflect.DeepEqual(in.AppendTo(nil), data) {
			t.Errorf("%v is read as %+v", data, in)
		}
	})
}

func FuzzParseControl(f *testing.F) {
	f.Add(ControlMessage{Type: MsgHello, Party: &Party{Name: "x"}}.Marshal())
	f.Add(ControlMessage{Type: MsgStarted, Desktop: &screen.Desktop{Width: 1, Height: 1}}.Marshal())
	f.Add(ControlMessage{Type: MsgDesktop, Desktop: &screen.Desktop{
		Width: 640, Height: 480, Monitors: []screen.Monitor{{Name: "1", Bounds: image.Rect(0, 0, 640, 480)}}, Modes: []screen.Mode{{Monitor: "1", Width: 320, Height: 240}},
	}}.Marshal())
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseControl(data)
		if err != nil {
			return
		}
		if m.Party != nil && (utf8.RuneCountInString(m.Party.Name) > maxName || strings.ContainsAny(m.Party.Name, "\n\u202e\x00")) {
			t.Errorf("the name is %q", m.Party.Name)
		}
		if m.Desktop == nil {
			return
		}
		for _, monitor := range m.Desktop.Monitors {
			if monitor.Bounds.Empty() || !monitor.Bounds.In(image.Rect(0, 0, m.Desktop.Width, m.Desktop.Height)) {
				t.Errorf("a monitor is at %v", monitor.Bounds)
			}
		}
		if m.Desktop.Width > maxDesktop || m.Desktop.Width < 1 {
			t.Errorf("the desktop is %+v", m.Desktop)
		}
	})
}

// TestDesktopsOfPeers: monitors lie within the desktop, so that a picture of one is never larger than that.
func TestDesktopsOfPeers(t *testing.T) {
	parse := func(monitors []screen.Monitor, modes ...screen.Mode) (screen.Desktop, error) {
		d := screen.Desktop{Width: 3000, Height: 1080, Monitors: monitors, Modes: modes}
		m, err := ParseControl(ControlMessage{Type: MsgDesktop, Desktop: &d}.Marshal())
		return *m.Desktop, err
	}
	honest := []screen.Monitor{
		{Name: "DP-1", Bounds: image.Rect(0, 0, 1920, 1080), Primary: true, Scale: 150}, {Name: "HDMI-1", Bounds: image.Rect(1920, 180, 3000, 1080)},
	}
	modes := []screen.Mode{{Monitor: "DP-1", Width: 1920, Height: 1080}, {Monitor: "DP-1", Width: 1280, Height: 720}}
	if d, err := parse(honest, modes...); err != nil || !slices.Equal(d.Monitors, honest) || !slices.Equal(d.Modes, modes) {
		t.Errorf("%+v %v", d, err)
	}
	for name, r := range map[string]image.Rectangle{
		"turned round":              {Min: image.Pt(100, 100), Max: image.Pt(0, 0)},
		"turned round sideways":     {Min: image.Pt(100, 0), Max: image.Pt(0, 100)},
		"wider than any":            image.Rect(0, 0, 1<<40, 1),
		"wider than can be counted": {Min: image.Pt(-1<<62, 0), Max: image.Pt(1<<62, 1080)},
		"beside the desktop":        image.Rect(3000, 0, 3001, 1),
		"sticking out":              image.Rect(0, -1, 100, 100),
	} {
		if d, err := parse([]screen.Monitor{honest[0], {Bounds: r}}); !errors.Is(err, ErrMessage) {
			t.Errorf("a monitor %s is read as %+v, %v", name, d, err)
		}
	}
	d, err := parse([]screen.Monitor{
		{Name: "unplugged", Bounds: image.Rect(-100, 0, -100, 0)}, {Name: "a\u202eb\n" + strings.Repeat("x", 5000), Bounds: image.Rect(0, 0, 1, 1), Scale: 1 << 30},
	}, screen.Mode{Monitor: "a\u202eb", Width: 800, Height: 600}, screen.Mode{Monitor: "a", Width: 1 << 40, Height: 1}, screen.Mode{Monitor: "a", Width: 0, Height: -1})
	if err != nil || len(d.Monitors) != 1 || !strings.HasPrefix(d.Monitors[0].Name, "ab x") || utf8.RuneCountInString(d.Monitors[0].Name) != maxName || d.Monitors[0].Scale != 0 {
		t.Errorf("%+v %v", d.Monitors, err)
	}
	if !slices.Equal(d.Modes, []screen.Mode{{Monitor: "ab", Width: 800, Height: 600}}) {
		t.Errorf("%+v", d.Modes)
	}
}

func FuzzParseChat(f *testing.F) {
	f.Add(ChatMessage{Text: "hello"}.Marshal())
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseChat(data)
		if err == nil && (len(m.Text) > 2*MaxText || !utf8.ValidString(m.Text)) {
			t.Errorf("%d bytes of text", len(m.Text))
		}
	})
}

func TestCleaning(t *testing.T) {
	if got := CleanText("a\r\nb\x00c\u202ed\te"); got != "a\nbcd\te" {
		t.Errorf("%q", got)
	}
	if got := CleanName("  Help\n\u2066desk  1 " + strings.Repeat("x", 200)); utf8.RuneCountInString(got) != maxName || !strings.HasPrefix(got, "Help desk 1 x") {
		t.Errorf("%q", got)
	}
}

func TestReasons(t *testing.T) {
	for _, c := range []struct {
		err  error
		want wire.Reason
	}{
		{wire.Fail(wire.ReasonBusy, nil), wire.ReasonBusy},
		{errors.Join(errors.New("x"), wire.Fail(wire.ReasonExpired, nil)), wire.ReasonExpired},
		{ErrMessage, wire.ReasonProtocol},
		{errors.New("anything"), wire.ReasonRelayLost},
	} {
		if got := ReasonOf(c.err); got != c.want {
			t.Errorf("%v is %s instead of %s", c.err, got, c.want)
		}
	}
}

func TestHubDeliversInOrderAndStops(t *testing.T) {
	var hub Hub
	var got []string
	stop := hub.Listen(func(e Event) { got = append(got, e.Text) })
	for _, text := range []string{"1", "2", "3"} {
		hub.Publish(Event{Text: text})
	}
	stop()
	hub.Publish(Event{Text: "4"})
	if strings.Join(got, "") != "123" {
		t.Error(got)
	}
}

func TestAListenerThatDoesNotKeepUpIsBounded(t *testing.T) {
	var hub Hub
	entered, release := make(chan struct{}), make(chan struct{})
	first, count, chats := true, 0, 0
	stop := hub.Listen(func(e Event) {
		if first {
			first = false
			close(entered)
			<-release
		}
		count++
		if e.Type == EventChat {
			chats++
		}
	})
	hub.Publish(Event{Type: EventUpdate})
	<-entered
	for range 3 * maxWaiting {
		hub.Publish(Event{Type: EventUpdate})
	}
	hub.Publish(Event{Type: EventChat})
	close(release)
	stop()
	if count > maxWaiting+2 || chats != 1 {
		t.Errorf("%d events were kept, %d of them chat", count, chats)
	}
}

func TestATranscriptIsBounded(t *testing.T) {
	var s Status
	for n := range 3 * maxTranscript {
		s.AddChat(wire.Operator, strconv.Itoa(n))
	}
	lines := s.Transcript()
	if len(lines) != maxTranscript || lines[0].Text != strconv.Itoa(2*maxTranscript) {
		t.Errorf("%d lines, the first %q", len(lines), lines[0].Text)
	}
	long := strings.Repeat("x", MaxText)
	for range 1000 {
		s.AddChat(wire.Operator, long)
	}
	if lines := s.Transcript(); len(lines) != maxTranscriptBytes/MaxText {
		t.Errorf("%d lines of %d bytes", len(lines), MaxText)
	}
}

func FuzzParseClip(f *testing.F) {
	f.Add(AppendClip(nil, screen.Clip{Text: "hello čšž"}))
	f.Add(AppendClip(nil, screen.Clip{PNG: []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x06")}))
	f.Fuzz(func(t *testing.T, data []byte) {
		clip, err := ParseClip(data)
		if err == nil && (clip.Check() != nil || !bytes.Equal(AppendClip(nil, clip), data) && len(data) > 1) {
			t.Errorf("%q is read as %+v", data, clip)
		}
	})
}
