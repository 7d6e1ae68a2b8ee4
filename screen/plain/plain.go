// Package plain takes the wallpaper and the effects of windows off this computer's desktop while it is shared, so that there is
// less to send, and puts everything back as it was.
//
//	func main() {
//		plain.Guard()                  // first of all: it does not return in the program's second process
//		…
//		desktop, err := plain.Take()   // takes a moment
//		fmt.Println(desktop.Left())    // what could not be taken off here
//		err = desktop.Close()          // as it was
//
// A second process of the same program takes off and puts back. It knows what was there before, and puts it back when its standard
// input ends: also when the first process is killed. Should the second one be killed, the first starts a third that puts
// back. So only what ends all of them at once, such as a power cut, leaves a plain desktop; on Windows, and where the
// wallpaper is the X server's own, not even that, because nothing is written to the person's profile.
//
//	first process                                second process ("handrail-client plain-desktop")
//	     ──── starts ────────────────────────────▶   reads what is there
//	     ◀─── {"was":{…}} ────────────────────────   takes off
//	     ◀─── {"left":["effects"]} ───────────────   waits
//	     ──── end of its standard input ─────────▶   puts back what nobody has changed since, and ends
package plain

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"

	"handrail/internal/again"
)

// What a desktop can have that takes much to send; see Desktop.Left.
const (
	Wallpaper = "wallpaper"
	Effects   = "effects" // of windows: fading, sliding, shadows, transparency
)

// The only argument of the second process, and of the one that puts back after that was killed.
const (
	argGuard   = "plain-desktop"
	argPutBack = "plain-desktop-put-back"
)

// ErrBusy says that this program has taken the desktop already.
var ErrBusy = errors.New("the desktop is plain already")

// knob is one thing of the desktop that can be turned to plain and back. Values are text that only the knob reads.
type knob struct {
	name  string // no other knob of this desktop has it
	kind  string // Wallpaper or Effects
	plain string // the value without wallpaper or effect
	read  func() (value string, err error)
	write func(value string) error
}

// bench is what a platform's look-up gives: the knobs of the desktop that runs here, what has none, and how to let go of it.
type bench struct {
	knobs []knob
	left  []string
	close func()
}

// report is a line that the second process prints.
type report struct {
	Was  map[string]string `json:"was,omitempty"`  // value by the name of its knob
	Left []string          `json:"left,omitempty"` // kinds that could not be taken off
}

// Desktop is this computer's desktop while it is plain. Its methods are safe for concurrent use.
type Desktop struct {
	guard *exec.Cmd
	stdin io.Closer
	was   json.RawMessage
	left  []string

	done chan struct{} // closed when everything is as it was
	err  error         // before done is closed: why it is not

	closing sync.Once
}

// Take makes the desktop plain. It blocks until that is done, at most for some seconds. The error says why nothing was
// changed.
func Take() (*Desktop, error) {
	cmd := again.Command(argGuard)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("plain desktop: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("plain desktop: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("plain desktop: %w", err)
	}
	d := &Desktop{guard: cmd, stdin: in, done: make(chan struct{})}
	lines := bufio.NewScanner(io.LimitReader(out, maxReport))
	lines.Buffer(nil, maxReport)
	said := d.listen(lines)
	go d.watch()
	if said != nil {
		_ = d.Close()
		return nil, fmt.Errorf("plain desktop: %w", said)
	}
	return d, nil
}

// maxReport bounds what the second process says, in bytes: a wallpaper's name for each of many monitors is less.
const maxReport = 1 << 20

// listen reads both reports.
func (d *Desktop) listen(lines *bufio.Scanner) error {
	for _, take := range []func(report, []byte){
		func(r report, line []byte) { d.was = append(json.RawMessage(nil), line...) },
		func(r report, _ []byte) { d.left = r.Left },
	} {
		if !lines.Scan() {
			return errors.Join(errors.New("the process that takes it off has ended"), lines.Err())
		}
		var r report
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return err
		}
		take(r, lines.Bytes())
	}
	return nil
}

// watch waits for the end of the second process, and puts back in its place if it was killed.
func (d *Desktop) watch() {
	defer close(d.done)
	err := d.guard.Wait()
	if err == nil || d.was == nil {
		d.err = err
		return
	}
	cmd := again.Command(argPutBack)
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		d.err = err
		return
	}
	_, err = in.Write(d.was)
	d.err = errors.Join(err, in.Close(), cmd.Wait())
}

// Left are the kinds that could not be taken off here: Wallpaper, Effects.
func (d *Desktop) Left() []string { return d.left }

// Close puts everything back and waits until that is done. What somebody has changed in the meantime stays as they want it.
func (d *Desktop) Close() error {
	d.closing.Do(func() { _ = d.stdin.Close() }) // gone already: then it has put back by itself
	<-d.done
	if d.err != nil {
		return fmt.Errorf("plain desktop: putting back: %w", d.err)
	}
	return nil
}
