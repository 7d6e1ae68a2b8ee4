package control_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/control"
	"handrail/session/operator"
	"handrail/session/sessiontest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve serves an engine on a socket of the test's own.
func serve(t *testing.T, engine *operator.Engine) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "folder", "s")
	listener, err := control.Listen(socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- control.Serve(ctx, listener, engine) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(socket); err == nil {
			t.Error("the socket's file is still there")
		}
	})
	return socket
}

func ask[T any](t *testing.T, socket string, r control.Request) (result T) {
	t.Helper()
	data, err := control.Do(sessiontest.Within(t), socket, r, nil)
	if err != nil {
		t.Fatalf("%s: %v", r.Verb, err)
	}
	if err := json.Unmarshal(data, &result); err != nil {
		t.Fatalf("%s: %v: %s", r.Verb, err, data)
	}
	return result
}

func TestEverythingAnOperatorDoes(t *testing.T) {
	relay := sessiontest.StartRelay(t, false)
	socket := serve(t, relay.SignIn(t))
	made := ask[control.Session](t, socket, control.Request{Verb: control.SessionNew})
	if list := ask[[]control.Session](t, socket, control.Request{Verb: control.SessionList}); len(list) != 1 || list[0].ID != made.ID {
		t.Errorf("the list is %+v", list)
	}
	code, err := session.ParseCode(made.Code)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(made.URL, "/join/"+code.Routing+"#"+code.Secret) {
		t.Errorf("the link is %q", made.URL)
	}
	computer := sessiontest.NewComputer(64, 48)
	computer.Screen.Fill(image.Rect(0, 0, 10, 10), color.RGBA{200, 100, 50, 255})
	c, err := relay.Join(t, computer, code)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(c.Requested()); err != nil {
		t.Fatal(err)
	}
	active := ask[control.Session](t, socket, control.Request{Verb: control.Wait, ID: made.ID, State: session.Active, Timeout: time.Minute})
	if active.Desktop == nil || active.Desktop.Width != 64 || active.Customer == nil || active.Verifier != c.Verifier() {
		t.Errorf("the active session is %+v", active)
	}
	shot := ask[control.Picture](t, socket, control.Request{Verb: control.Snapshot, ID: made.ID, Monitor: 1})
	comparePNG(t, shot.PNG, computer.Screen.Image())

	for _, r := range []control.Request{
		{Verb: control.Move, X: 3, Y: 4},
		{Verb: control.Press, Button: "right"},
		{Verb: control.Release, Button: "right"},
		{Verb: control.Click, X: 5, Y: 6},
		{Verb: control.Scroll, Y: -2},
		{Verb: control.Type, Text: "čšž"},
		{Verb: control.Key, Text: "ctrl+c"},
		{Verb: control.Set, Settings: map[string]string{"quality": "speed"}},
		{Verb: control.Chat, Text: "hello"},
	} {
		r.ID = made.ID
		ask[any](t, socket, r)
	}
	want := []string{
		"move 3 4", "press button 3", "release button 3", "move 5 6", "press button 1", "release button 1", "scroll 0 -240",
		`type "čšž"`, "press key ffe3", "press key 63", "release key 63", "release key ffe3",
	}
	screentest.WaitFor(t, "everything is injected", func() bool { return slices.Equal(computer.Hands.Events(), want) })
	screentest.WaitFor(t, "the chat is there", func() bool { return len(c.Transcript()) == 1 })

	ended := ask[control.Session](t, socket, control.Request{Verb: control.SessionEnd, ID: made.ID})
	if ended.State != session.Ended {
		t.Errorf("after the end the session is %s", ended.State)
	}
	<-c.Done()
}

func comparePNG(t *testing.T, data []byte, want *image.RGBA) {
	t.Helper()
	decoded, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	got := image.NewRGBA(decoded.Bounds())
	draw.Draw(got, got.Bounds(), decoded, image.Point{}, draw.Src)
	if !bytes.Equal(got.Pix, want.Pix) {
		t.Error("the snapshot is not the customer's screen")
	}
}

func TestEventsAreStreamed(t *testing.T) {
	relay := sessiontest.StartRelay(t, false)
	engine := relay.SignIn(t)
	socket := serve(t, engine)
	ctx, cancel := context.WithCancel(sessiontest.Within(t))
	defer cancel()
	var states []string
	over := make(chan struct{})
	_, err := control.Stream(ctx, socket, control.Request{Verb: control.Events}, func() {
		go func() {
			defer close(over)
			s := sessiontest.NewSession(t, engine)
			s.End()
		}()
	}, func(line []byte) error {
		var e session.Event
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		states = append(states, string(e.State))
		if e.State == session.Ended {
			cancel()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	<-over
	if len(states) == 0 || states[len(states)-1] != "ended" {
		t.Errorf("the states were %v", states)
	}
}

func TestRefusals(t *testing.T) {
	relay := sessiontest.StartRelay(t, false)
	socket := serve(t, relay.SignIn(t))
	waiting := ask[control.Session](t, socket, control.Request{Verb: control.SessionNew}).ID
	cases := map[string]control.Request{
		"there is no session":    {Verb: control.SessionShow, ID: "nobody"},
		"unknown request":        {Verb: "dance", ID: waiting},
		"no customer":            {Verb: control.Type, ID: waiting, Text: "x"},
		"there is no picture":    {Verb: control.Snapshot, ID: waiting},
		"there is no state":      {Verb: control.Wait, ID: waiting, State: "asleep"},
		"still waiting":          {Verb: control.Wait, ID: waiting, State: session.Active, Timeout: time.Millisecond},
		"there is no setting":    {Verb: control.Set, ID: waiting, Settings: map[string]string{"colour": "red"}},
		"quality is":             {Verb: control.Set, ID: waiting, Settings: map[string]string{"quality": "best"}},
		"unknown button":         {Verb: control.Press, ID: waiting, Button: "fourth"},
		"there is no session \"": {Verb: control.Events, ID: "nobody"},
	}
	for want, r := range cases {
		_, err := control.Do(sessiontest.Within(t), socket, r, func([]byte) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v instead of %q", r.Verb, err, want)
		}
	}
	if _, err := control.Do(sessiontest.Within(t), filepath.Join(t.TempDir(), "none"), control.Request{}, nil); err == nil {
		t.Error("no error without a server")
	}
}

func TestTheSocketIsTheUsersAlone(t *testing.T) {
	engine := operator.New(operator.Config{})
	defer engine.Close()
	socket := serve(t, engine)
	info, err := os.Stat(socket)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the socket's mode is %v", info.Mode().Perm())
	}
	if _, err := control.Listen(socket); err == nil {
		t.Error("a socket that is served was taken over")
	}
	if entries, _ := os.ReadDir(filepath.Dir(socket)); len(entries) != 1 {
		t.Errorf("beside the socket there is %v", entries)
	}
}

func TestADeadSocketIsTakenOverAndAFileIsNot(t *testing.T) {
	dir := t.TempDir()
	dead := filepath.Join(dir, "dead")
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: dead, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	old.Close()
	listener, err := control.Listen(dead)
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Listen(file); err == nil {
		t.Error("a file was replaced by a socket")
	}
}

func TestBrokenRequests(t *testing.T) {
	engine := operator.New(operator.Config{})
	defer engine.Close()
	socket := serve(t, engine)
	for _, request := range []string{"nonsense\n", "{}\n", "[1]\n", strings.Repeat("x", 2<<20)} {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		go conn.Write([]byte(request))
		answer := make([]byte, 200)
		n, err := conn.Read(answer)
		if err == nil && !bytes.Contains(answer[:n], []byte(`"error"`)) {
			t.Errorf("%.20q was answered with %s", request, answer[:n])
		}
		conn.Close()
	}
}
