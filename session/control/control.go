// Package control is the way into a running operator's program for scripts: "handrail ctl" on one side, the
// program with its engine on the other, JSON lines over a Unix socket between them.
//
//	client → server   one Request
//	server → client   one Answer; after a successful "events", one session.Event a line until either side closes;
//	                  after "send" and "receive", the file events of these transfers until they have ended
//
// The socket belongs to the user alone (mode 0600): whoever can open it can do what the operator can.
package control

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"handrail/screen"
	"handrail/session"
	"handrail/session/wire"
)

// Verb is what a Request asks for.
type Verb string

// The verbs. Those that name a session need Request.ID.
const (
	SessionNew     Verb = "session new"     // → Session
	SessionConnect Verb = "session connect" // Text: ID and password → Session
	SessionList    Verb = "session list"    // → []Session
	SessionShow    Verb = "session show"    // → Session
	SessionEnd     Verb = "session end"
	Invite         Verb = "invite"   // Text: a mail address, Language
	Wait           Verb = "wait"     // State, Timeout → Session
	Snapshot       Verb = "snapshot" // Monitor → Picture
	Move           Verb = "move"     // X, Y
	Press          Verb = "press"    // Button
	Release        Verb = "release"  // Button
	Click          Verb = "click"    // X, Y, Button
	Scroll         Verb = "scroll"   // X, Y in notches
	Type           Verb = "type"     // Text
	Key            Verb = "key"      // Text, as screen.ParseKeys reads it
	Chat           Verb = "chat"     // Text
	Set            Verb = "set"      // Settings: quality=high|speed|low|auto
	Draw           Verb = "draw"     // Drawing → Item
	Board          Verb = "board"    // Drawing.Do: clear, undo, redo, save (→ Picture) or nothing (→ []Item)
	Send           Verb = "send"     // Paths → one file event a line until all have ended
	Receive        Verb = "receive"  // Paths, Folder, Synchronize → the same
	Browse         Verb = "browse"   // Text: a folder of the customer's, "" for where to begin → Listing
	Files          Verb = "files"    // → []File
	CancelFile     Verb = "cancel"   // Text: a transfer's ID, "" for all
	ClearFiles     Verb = "clear"    // Text: a transfer's ID, "" for all that have ended
	Events         Verb = "events"   // ID may be empty: of all sessions. Updates
	WaitPixel      Verb = "pixel"    // X, Y, Text: #rrggbb, Near, Timeout → once watching an empty answer, then a Pixel
)

// Request is what a client asks. Which fields count depends on Verb.
type Request struct {
	Verb     Verb              `json:"verb"`
	ID       string            `json:"id,omitempty"`
	State    session.State     `json:"state,omitempty"`
	Language string            `json:"language,omitempty"`
	Timeout  time.Duration     `json:"timeout,omitempty"` // 0: without end
	Monitor  int               `json:"monitor,omitempty"` // from 1; 0: the whole desktop
	X        int               `json:"x,omitempty"`
	Y        int               `json:"y,omitempty"`
	Button   string            `json:"button,omitempty"` // left, middle, right, back, forward
	Text     string            `json:"text,omitempty"`
	Settings map[string]string `json:"settings,omitempty"`
	Updates  bool              `json:"updates,omitempty"`
	Drawing  *Drawing          `json:"drawing,omitempty"`
	Near     int               `json:"near,omitempty"` // how far the channels of a colour may differ, added up

	Paths       []string `json:"paths,omitempty"` // of this computer to send, of the customer's to receive
	Folder      string   `json:"folder,omitempty"`
	Synchronize bool     `json:"synchronize,omitempty"`
	Copied      bool     `json:"copied,omitempty"` // receive: what was copied on the customer's computer; send: put it on the clipboard there
}

// Pixel is what WaitPixel found.
type Pixel struct {
	Color     string    `json:"color"` // #rrggbb
	Time      time.Time `json:"time"`
	Monotonic int64     `json:"monotonic"` // CLOCK_MONOTONIC in nanoseconds, where there is one
}

// Answer is what a server answers: an Error (a sentence for people) or a Result.
type Answer struct {
	Error  string          `json:"error,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
}

// Session is a session as scripts see it. It only ever gains fields.
type Session struct {
	ID          string              `json:"id"`
	Code        string              `json:"code"`              // digits only; "" with Offered
	Offered     bool                `json:"offered,omitempty"` // joined with the customer's ID and password
	URL         string              `json:"url"`
	State       session.State       `json:"state"`
	Reason      wire.Reason         `json:"reason,omitempty"`
	Text        string              `json:"text,omitempty"` // Reason as a sentence
	Created     time.Time           `json:"created"`
	Expires     time.Time           `json:"expires"`
	Started     *time.Time          `json:"started,omitempty"`
	Ended       *time.Time          `json:"ended,omitempty"`
	Customer    *session.Party      `json:"customer,omitempty"`
	Address     string              `json:"address,omitempty"` // of the customer, as the relay sees it
	Verifier    string              `json:"verifier,omitempty"`
	Permissions session.Permissions `json:"permissions"`
	Desktop     *screen.Desktop     `json:"desktop,omitempty"`
	Quality     session.Quality     `json:"quality"`
	Plain       bool                `json:"plain"` // wallpaper and effects of the customer's desktop are wanted off
	TriesLeft   int                 `json:"tries_left"`
	Limits      []session.Limit     `json:"limits,omitempty"` // what does not work on the customer's computer
	Holder      session.Holder      `json:"holder"`           // who has control
	Asked       session.Permissions `json:"asked"`            // what the customer is asked to allow
	Label       *Label              `json:"label,omitempty"`  // what the operator wrote down
}

// Picture is a snapshot.
type Picture struct {
	PNG []byte `json:"png"`
}

// maxRequest bounds what a client may ask in one line, in bytes.
const maxRequest = 1 << 20

// DefaultSocket is where an operator's program listens if nothing else is said: in the user's own run-time
// folder.
func DefaultSocket() (string, error) {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "handrail", "ctl.sock"), nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the control socket: %w", err)
	}
	return filepath.Join(dir, "handrail", "ctl.sock"), nil
}

// Listen makes the socket, for this user only. A socket that a dead program left is taken over; one that a
// running program serves is not.
func Listen(path string) (net.Listener, error) {
	if conn, err := net.Dial("unix", path); err == nil {
		conn.Close()
		return nil, fmt.Errorf("another program already listens at %s", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if err := removeSocket(path); err != nil {
		return nil, err
	}
	return listenPrivate(path)
}

// removeSocket removes a socket, and nothing else.
func removeSocket(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return nil // nothing there
	}
	if info.Mode()&os.ModeSocket == 0 && info.Mode().IsRegular() && info.Size() > 0 || info.IsDir() {
		return fmt.Errorf("%s is there already and is no socket", path)
	}
	return os.Remove(path)
}
