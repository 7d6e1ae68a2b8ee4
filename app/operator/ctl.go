package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"handrail/session"
	"handrail/session/control"
)

// ctl is "handrail ctl": every command asks the running program through its socket.
type ctl struct {
	Socket string `help:"Socket of the operator's program; the one in the user's run-time folder if not given." type:"path" placeholder:"FILE"`

	Session struct {
		New     ctlNew     `cmd:"" help:"Start a session; prints its code and link."`
		Connect ctlConnect `cmd:"" help:"Start a session with the ID and the password that a customer's program shows."`
		List    ctlList    `cmd:"" help:"List the sessions."`
		Show    ctlShow    `cmd:"" help:"Show one session."`
		End     ctlEnd     `cmd:"" help:"End a session for both sides."`
	} `cmd:"" help:"Start, list, show and end sessions."`
	Invite   ctlInvite   `cmd:"" help:"Have the relay send the customer a link by mail. It lacks the last six digits of the code: say them on the phone."`
	Wait     ctlWait     `cmd:"" help:"Wait until a session is in a state (waiting, joining, active, reconnecting or ended), or a pixel has a colour."`
	Snapshot ctlSnapshot `cmd:"" help:"Save the customer's screen as a PNG file."`
	Pointer  struct {
		ID struct {
			ID      string     `arg:"" help:"Session."`
			Move    ctlMove    `cmd:"" help:"Move the pointer."`
			Press   ctlPress   `cmd:"" help:"Press a button and hold it."`
			Release ctlRelease `cmd:"" help:"Release a button."`
			Click   ctlClick   `cmd:"" help:"Move and click."`
			Scroll  ctlScroll  `cmd:"" help:"Turn the wheel; positive is right and down. Put -- before negative numbers."`
		} `arg:""`
	} `cmd:"" help:"Move the pointer, click and scroll, in pixels of the customer's desktop."`
	Type    ctlType    `cmd:"" help:"Type text, any Unicode. \\n is Return and \\t is Tab."`
	Key     ctlKey     `cmd:"" help:"Press keys together and release them, for example ctrl+shift+t."`
	Chat    ctlChat    `cmd:"" help:"Say something to the customer."`
	Draw    ctlDraw    `cmd:"" help:"Draw on the customer's screen, in pixels of their desktop."`
	Board   ctlBoard   `cmd:"" help:"List what is drawn, or clear, undo, redo or save it."`
	Send    ctlSend    `cmd:"" help:"Send files and folders; prints how they go on and ends when they have arrived."`
	Receive ctlReceive `cmd:"" help:"Fetch files and folders from the customer's computer, as browse names them."`
	Browse  ctlBrowse  `cmd:"" help:"List a folder of the customer's computer."`
	Files   ctlFiles   `cmd:"" help:"List the transfers of files; cancel or clear them."`
	Set     ctlSet     `cmd:"" help:"Change how a session runs: quality=high, speed, low or auto; ask=view,control while it waits; customer=, topic=, notes=."`
	Events  ctlEvents  `cmd:"" help:"Print events as they happen, one JSON object a line."`
}

// asker carries out requests for the commands.
type asker struct {
	ctx    context.Context
	socket string
	out    io.Writer
}

// do asks and prints the result, if there is one, as one line of JSON.
func (a *asker) do(request control.Request) error {
	result, err := control.Do(a.ctx, a.socket, request, nil)
	if err != nil || len(result) == 0 || string(result) == "null" {
		return err
	}
	_, err = fmt.Fprintf(a.out, "%s\n", result)
	return err
}

type ctlNew struct{}

func (c *ctlNew) Run(a *asker) error { return a.do(control.Request{Verb: control.SessionNew}) }

type ctlConnect struct {
	ID       string `arg:"" help:"The ID, 7 digits."`
	Password string `arg:"" help:"The password, 6 digits."`
}

func (c *ctlConnect) Run(a *asker) error {
	return a.do(control.Request{Verb: control.SessionConnect, Text: c.ID + "/" + c.Password})
}

type ctlList struct{}

func (c *ctlList) Run(a *asker) error {
	result, err := control.Do(a.ctx, a.socket, control.Request{Verb: control.SessionList}, nil)
	if err != nil {
		return err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(result, &list); err != nil {
		return err
	}
	for _, s := range list {
		fmt.Fprintf(a.out, "%s\n", s)
	}
	return nil
}

type ctlShow struct {
	ID string `arg:"" help:"Session."`
}

func (c *ctlShow) Run(a *asker) error {
	return a.do(control.Request{Verb: control.SessionShow, ID: c.ID})
}

type ctlEnd struct {
	ID string `arg:"" help:"Session."`
}

func (c *ctlEnd) Run(a *asker) error {
	return a.do(control.Request{Verb: control.SessionEnd, ID: c.ID})
}

type ctlInvite struct {
	ID       string `arg:"" help:"Session, which waits for its customer."`
	To       string `arg:"" help:"The customer's mail address."`
	Language string `default:"en" help:"Language of the mail: en, sl, de, nb or ko."`
}

func (c *ctlInvite) Run(a *asker) error {
	return a.do(control.Request{Verb: control.Invite, ID: c.ID, Text: c.To, Language: c.Language})
}

type ctlWait struct {
	ID      string        `arg:"" help:"Session."`
	State   session.State `arg:"" help:"State to wait for, or the word pixel."`
	Pixel   []string      `arg:"" optional:"" help:"After the word pixel: X, Y and a colour as #rrggbb."`
	Near    int           `help:"How far the pixel may be from the colour: differences of red, green and blue added up."`
	Ready   bool          `help:"Print READY when the pixel is being watched."`
	Timeout time.Duration `help:"Give up after this time; 0 never." default:"0"`
}

func (c *ctlWait) Run(a *asker) error {
	if c.State == "pixel" {
		return c.pixel(a)
	}
	if len(c.Pixel) > 0 {
		return fmt.Errorf("wait for a state, or for: pixel X Y '#rrggbb'")
	}
	return a.do(control.Request{Verb: control.Wait, ID: c.ID, State: c.State, Timeout: c.Timeout})
}

func (c *ctlWait) pixel(a *asker) error {
	r := control.Request{Verb: control.WaitPixel, ID: c.ID, Timeout: c.Timeout, Near: c.Near}
	if len(c.Pixel) != 3 {
		return fmt.Errorf("which pixel? wait ID pixel X Y '#rrggbb'")
	}
	var err error
	for i, n := range []*int{&r.X, &r.Y} {
		if *n, err = strconv.Atoi(c.Pixel[i]); err != nil {
			return fmt.Errorf("%q is no number of pixels", c.Pixel[i])
		}
	}
	r.Text = c.Pixel[2]
	result, err := control.Stream(a.ctx, a.socket, r, a.ready(c.Ready), nil)
	if err == nil {
		_, err = fmt.Fprintf(a.out, "%s\n", result)
	}
	return err
}

// ready prints READY if that is wanted, for scripts that must not act before.
func (a *asker) ready(wanted bool) func() {
	return func() {
		if wanted {
			fmt.Fprintln(a.out, "READY")
		}
	}
}

type ctlSnapshot struct {
	ID      string `arg:"" help:"Session."`
	File    string `arg:"" help:"File to write; - for standard output." type:"path"`
	Monitor int    `help:"One monitor, counted from 1; the whole desktop if not given."`
}

func (c *ctlSnapshot) Run(a *asker) error {
	result, err := control.Do(a.ctx, a.socket, control.Request{Verb: control.Snapshot, ID: c.ID, Monitor: c.Monitor}, nil)
	if err != nil {
		return err
	}
	var picture control.Picture
	if err := json.Unmarshal(result, &picture); err != nil {
		return err
	}
	if c.File == "-" {
		_, err = a.out.Write(picture.PNG)
		return err
	}
	return os.WriteFile(c.File, picture.PNG, 0o600)
}

// pointed is what the pointer's commands need of their parent.
func pointed(c *ctl) string { return c.Pointer.ID.ID }

type ctlMove struct {
	X int `arg:"" help:"Pixels from the left."`
	Y int `arg:"" help:"Pixels from the top."`
}

func (c *ctlMove) Run(a *asker, all *ctl) error {
	return a.do(control.Request{Verb: control.Move, ID: pointed(all), X: c.X, Y: c.Y})
}

type ctlPress struct {
	Button string `arg:"" help:"left, middle, right, back or forward." default:"left"`
}

func (c *ctlPress) Run(a *asker, all *ctl) error {
	return a.do(control.Request{Verb: control.Press, ID: pointed(all), Button: c.Button})
}

type ctlRelease struct {
	Button string `arg:"" help:"left, middle, right, back or forward." default:"left"`
}

func (c *ctlRelease) Run(a *asker, all *ctl) error {
	return a.do(control.Request{Verb: control.Release, ID: pointed(all), Button: c.Button})
}

type ctlClick struct {
	X      int    `arg:"" help:"Pixels from the left."`
	Y      int    `arg:"" help:"Pixels from the top."`
	Button string `help:"left, middle, right, back or forward." default:"left"`
}

func (c *ctlClick) Run(a *asker, all *ctl) error {
	return a.do(control.Request{Verb: control.Click, ID: pointed(all), X: c.X, Y: c.Y, Button: c.Button})
}

type ctlScroll struct {
	DX int `arg:"" help:"Notches to the right."`
	DY int `arg:"" help:"Notches down."`
}

func (c *ctlScroll) Run(a *asker, all *ctl) error {
	return a.do(control.Request{Verb: control.Scroll, ID: pointed(all), X: c.DX, Y: c.DY})
}

type ctlType struct {
	ID   string `arg:"" help:"Session."`
	Text string `arg:"" help:"Text to type."`
}

func (c *ctlType) Run(a *asker) error {
	return a.do(control.Request{Verb: control.Type, ID: c.ID, Text: c.Text})
}

type ctlKey struct {
	ID   string `arg:"" help:"Session."`
	Keys string `arg:"" help:"Names of keys joined by +."`
}

func (c *ctlKey) Run(a *asker) error {
	return a.do(control.Request{Verb: control.Key, ID: c.ID, Text: c.Keys})
}

type ctlChat struct {
	ID   string `arg:"" help:"Session."`
	Text string `arg:"" help:"What to say."`
}

func (c *ctlChat) Run(a *asker) error {
	return a.do(control.Request{Verb: control.Chat, ID: c.ID, Text: c.Text})
}

type ctlSet struct {
	ID       string            `arg:"" help:"Session."`
	Settings map[string]string `arg:"" help:"Settings as NAME=VALUE."`
}

func (c *ctlSet) Run(a *asker) error {
	return a.do(control.Request{Verb: control.Set, ID: c.ID, Settings: c.Settings})
}

type ctlEvents struct {
	ID      string `arg:"" optional:"" help:"Session; all sessions if not given."`
	Updates bool   `help:"Also print every update of the picture."`
	Ready   bool   `help:"Print READY first, when nothing is missed any more."`
}

func (c *ctlEvents) Run(a *asker) error {
	_, err := control.Stream(a.ctx, a.socket, control.Request{Verb: control.Events, ID: c.ID, Updates: c.Updates}, a.ready(c.Ready), func(line []byte) error {
		_, err := a.out.Write(line)
		return err
	})
	return err
}
