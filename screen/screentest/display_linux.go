package screentest

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"

	"handrail/screen"
	"handrail/screen/internal/x11"
)

// Display is an X display of a test's own.
type Display struct {
	Name   string // as in $DISPLAY
	Width  int    // pixels, at the start
	Height int
	t      testing.TB
	home   string
	server *Process
}

// Start starts an Xvfb of this size with 24 bits of colour on a number that is free, and waits until it is
// ready. It is stopped at the test's end.
func Start(t testing.TB, width, height int) *Display {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height),
		"-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{write}
	// The test's own display and authority would be used for the new display's, too.
	cmd.Env = append(os.Environ(), "DISPLAY=", "XAUTHORITY=")
	d := &Display{Width: width, Height: height, t: t, home: t.TempDir()}
	process := start(t, cmd)
	write.Close()
	number, err := readNumber(read)
	if err != nil {
		t.Fatalf("Xvfb did not start: %v: %s", err, process.output)
	}
	d.Name, d.server = ":"+number, process
	t.Cleanup(func() {
		process.stop()
		removeTraces(number, process.Pid())
	})
	return d
}

// Stop ends the display before the test ends, as when the customer signs out.
func (d *Display) Stop() { d.server.Stop() }

// readNumber waits for the line that Xvfb writes when it is ready.
func readNumber(pipe *os.File) (string, error) {
	if err := pipe.SetReadDeadline(time.Now().Add(Limit)); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(pipe).ReadString('\n')
	return strings.TrimSpace(line), err
}

// removeTraces takes away what an Xvfb that had to be killed left behind, unless its number is already
// another one's.
func removeTraces(number string, pid int) {
	lock := "/tmp/.X" + number + "-lock"
	if owner, err := os.ReadFile(lock); err == nil && strings.TrimSpace(string(owner)) == strconv.Itoa(pid) {
		_ = os.Remove("/tmp/.X11-unix/X" + number)
		_ = os.Remove(lock)
	}
}

// Env is the environment for programs on this display. They see no other one, no session bus of this
// computer, and a home of their own; their text is UTF-8, also where this computer's is not.
func (d *Display) Env() []string {
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "HOME", "LANG", "LC_ALL":
		default:
			env = append(env, v)
		}
	}
	return append(env, "DISPLAY="+d.Name, "DBUS_SESSION_BUS_ADDRESS=disabled:", "XDG_RUNTIME_DIR="+d.home, "HOME="+d.home, "LANG=C.UTF-8")
}

// Command is a program for this display, not yet started.
func (d *Display) Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = d.Env()
	return cmd
}

// Run starts a program on the display. It and what it starts are ended with the test.
func (d *Display) Run(name string, args ...string) *Process {
	d.t.Helper()
	p := start(d.t, d.Command(name, args...))
	d.t.Cleanup(p.stop)
	return p
}

// Do runs a program on the display to its end and returns what it printed, without space around.
func (d *Display) Do(name string, args ...string) string {
	d.t.Helper()
	cmd := d.Command(name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, stderr.Bytes())
	}
	return strings.TrimSpace(string(out))
}

// Xdotool runs xdotool on the display and returns what it printed.
func (d *Display) Xdotool(args ...string) string {
	d.t.Helper()
	return d.Do("xdotool", args...)
}

// WaitWindow waits until a window with this title (a regular expression) is visible and returns its id.
func (d *Display) WaitWindow(title string) string {
	d.t.Helper()
	var id string
	WaitFor(d.t, "a window "+title+" is there", func() bool {
		out, err := d.Command("xdotool", "search", "--onlyvisible", "--name", title).Output()
		id, _, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
		return err == nil && id != ""
	})
	return id
}

// Resize changes the display's resolution, at most to the size it started with.
func (d *Display) Resize(width, height int) {
	d.t.Helper()
	w, h, mode := strconv.Itoa(width), strconv.Itoa(height), fmt.Sprintf("%dx%d", width, height)
	if !strings.Contains(d.Do("xrandr", "-q"), "\n   "+mode+" ") {
		d.Do("xrandr", "--newmode", mode, "60", w, w, w, w, h, h, h, h)
		d.Do("xrandr", "--addmode", "screen", mode)
	}
	d.Do("xrandr", "--output", "screen", "--mode", mode)
}

// Openbox starts the window manager openbox and waits until it manages the display.
func (d *Display) Openbox() *Process {
	d.t.Helper()
	p := d.Run("openbox", "--sm-disable")
	WaitFor(d.t, "openbox manages the display", func() bool {
		out, err := d.Command("xprop", "-root", "_NET_SUPPORTING_WM_CHECK").Output()
		return err == nil && bytes.Contains(out, []byte("window id"))
	})
	return p
}

// Pixels is what is on the display now, read by a plain request of its own connection.
func (d *Display) Pixels() *image.RGBA {
	d.t.Helper()
	img, err := Pixels(d.Name)
	if err != nil {
		d.t.Fatal(err)
	}
	return img
}

// Pixels is what is on a display now, read by a plain request of its own connection.
func Pixels(display string) (*image.RGBA, error) {
	conn, info, err := x11.Connect(display)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	size, err := xproto.GetGeometry(conn, xproto.Drawable(info.Root)).Reply()
	if err != nil {
		return nil, err
	}
	reply, err := xproto.GetImage(conn, xproto.ImageFormatZPixmap, xproto.Drawable(info.Root), 0, 0,
		size.Width, size.Height, ^uint32(0)).Reply()
	if err != nil {
		return nil, err
	}
	width, height := int(size.Width), int(size.Height)
	if len(reply.Data) < 4*width*height {
		return nil, fmt.Errorf("screentest: %d bytes for %d×%d pixels", len(reply.Data), width, height)
	}
	return toRGBA(&screen.Framebuffer{Pix: reply.Data, Stride: 4 * width, Width: width, Height: height}), nil
}

// Process is a program that a test has started. It leads a process group of its own.
type Process struct {
	cmd    *exec.Cmd
	output *syncBuffer
	ended  chan struct{}
}

func start(t testing.TB, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{cmd: cmd, output: &syncBuffer{}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", cmd.Path, err)
	}
	go func() {
		_ = cmd.Wait()
		close(p.ended)
	}()
	return p
}

// Pid is the process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Ended is closed when the program has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Output is what the program has printed.
func (p *Process) Output() string { return p.output.String() }

// Stop ends the program and what it started, and waits until it is gone.
func (p *Process) Stop() { p.stop() }

func (p *Process) stop() {
	_ = syscall.Kill(-p.Pid(), syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
	}
	_ = syscall.Kill(-p.Pid(), syscall.SIGKILL)
	<-p.ended
}
