package capture

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/jezek/xgb/randr"

	"handrail/internal/again"
)

// A resolution that was changed is put back by the program that has changed it. For the case that it is killed, a second
// process of the same program knows what there was:
//
//	first process                          second process ("handrail-client put-back-resolution")
//	    ──── starts ──────────────────────▶
//	    ──── {"display":":0",…} ──────────▶  reads, and says "ready"
//	    changes the resolution               waits
//	    ──── "done" ──────────────────────▶  ends, because the first process has put it back
//	    ──── or the end of its input ─────▶  puts it back, and ends

const (
	argModes  = "put-back-resolution"
	modesDone = "done"
	// maxMemo bounds what the second process reads: many times what a layout takes.
	maxMemo = 1 << 20
)

// guarding says that this program calls Guard, so that it can be its own second process.
var guarding bool

// Guard does the work of the second process and ends it, if this is one; otherwise it returns at once. Call it before
// anything else: nothing of the program is to run in that process. Without it nobody puts the resolution back for a
// program that is killed.
func Guard() {
	guarding = true
	if len(os.Args) != 2 || os.Args[1] != argModes {
		return
	}
	// What ends the first process politely lets it put back by itself.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	if err := guardModes(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "handrail:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// memo is a layout as the second process is told.
type memo struct {
	Display string     `json:"display"`
	Width   int        `json:"width"`
	Height  int        `json:"height"`
	Crtcs   []crtcMemo `json:"crtcs"`
}

type crtcMemo struct {
	ID      uint32 `json:"id"`
	X       int    `json:"x"`
	Y       int    `json:"y"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`
	Mode    uint32 `json:"mode"`
	Turned  uint16 `json:"turned"`
	Outputs string `json:"outputs"`
}

func memoOf(display string, l layout) memo {
	m := memo{Display: display, Width: l.width, Height: l.height}
	for _, c := range l.crtcs {
		m.Crtcs = append(m.Crtcs, crtcMemo{uint32(c.id), c.x, c.y, c.width, c.height, uint32(c.mode), c.turned, c.outputs})
	}
	return m
}

func (m memo) layout() layout {
	l := layout{width: m.Width, height: m.Height}
	for _, c := range m.Crtcs {
		l.crtcs = append(l.crtcs, crtc{
			id: randr.Crtc(c.ID), x: c.X, y: c.Y, width: c.Width, height: c.Height, mode: randr.Mode(c.Mode), turned: c.Turned, outputs: c.Outputs,
		})
	}
	return l
}

// guardModes is the second process.
func guardModes(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(io.LimitReader(in, maxMemo))
	lines.Buffer(nil, maxMemo)
	if !lines.Scan() {
		return nil // nothing was changed
	}
	var m memo
	if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, "ready"); err != nil {
		return err
	}
	if lines.Scan() && lines.Text() == modesDone {
		return nil
	}
	before := m.layout()
	return (&modes{display: m.Display, before: &before}).PutBack()
}

// modesGuard is the second process as the first one has it.
type modesGuard struct {
	cmd *exec.Cmd
	in  io.WriteCloser
}

// guardLayout starts a second process that puts this layout back; nil without an error where there can be none.
func guardLayout(display string, l layout) (*modesGuard, error) {
	if !guarding {
		return nil, nil
	}
	cmd := again.Command(argModes)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	g := &modesGuard{cmd: cmd, in: in}
	if err = json.NewEncoder(in).Encode(memoOf(display, l)); err == nil {
		_, err = bufio.NewReader(out).ReadString('\n') // from here on it is there, whatever becomes of this process
	}
	if err != nil {
		g.end()
		return nil, fmt.Errorf("the process that would put it back has ended: %w", err)
	}
	return g, nil
}

// end lets the second process end without doing anything.
func (g *modesGuard) end() {
	if g == nil {
		return
	}
	_, _ = fmt.Fprintln(g.in, modesDone) // it may have ended already
	_ = g.in.Close()
	_ = g.cmd.Wait()
}
