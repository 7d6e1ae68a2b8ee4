package session

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"
	"unicode/utf8"

	"handrail/screen"
)

// What the streams carry between the peers (mux says how):
//
//	control     both ways            ControlMessage as JSON
//	input       operator → customer  Input, binary
//	chat        both ways            ChatMessage as JSON
//	whiteboard  both ways            see package whiteboard, binary
//	clipboard   both ways            Clip, binary
//	screen      customer → operator  parts of updates (package screen)
//	            operator → customer  Ack, binary
//
// The first message of each side on control is hello; whoever gets anything else first ends the session.

// ErrMessage says that a peer sent something that the protocol does not allow.
var ErrMessage = errors.New("session: not a valid message")

// ControlType names what a ControlMessage is for.
type ControlType string

// The control messages.
const (
	// MsgHello is the first message of both sides: Version, Party; from the operator also Permissions (asked for),
	// Encodings (of the picture, that it understands) and Plain (as in MsgPlain); from the customer also Inputs (that not every version understands).
	MsgHello ControlType = "hello"
	// MsgStarted, customer → operator: the customer agreed. Permissions, Desktop.
	MsgStarted ControlType = "started"
	// MsgDesktop, customer → operator: size or monitors have changed. Desktop.
	MsgDesktop ControlType = "desktop"
	// MsgPermission, customer → operator: Permissions are now these.
	MsgPermission ControlType = "permission"
	// MsgQuality, operator → customer: the picture is wanted in this Quality.
	MsgQuality ControlType = "quality"
	// MsgPlain, operator → customer: the customer's desktop is wanted without wallpaper and effects of windows while it is
	// shared, or no longer. Plain.
	MsgPlain ControlType = "plain"
	// MsgMode, operator → customer: the customer's monitor is to have another resolution. Mode; of width 0: all as before.
	MsgMode ControlType = "mode"
	// MsgControl, customer → operator: who has control now. Holder, Left.
	MsgControl ControlType = "control"
	// MsgLimits, customer → operator: what does not work on the customer's computer, and why. Limits, all of them.
	MsgLimits ControlType = "limits"
	// MsgCursor, customer → operator: the pointer looks like this now. Cursor.
	MsgCursor ControlType = "cursor"
	// MsgPointer, customer → operator: the customer's own hand has moved the pointer to X, Y, pixels of the desktop.
	MsgPointer ControlType = "pointer"
	// MsgWarning, customer → operator: Text that the operator should read.
	MsgWarning ControlType = "warning"
	// MsgPing, operator → customer, wants MsgPong, customer → operator, at once. Neither has fields.
	MsgPing ControlType = "ping"
	// MsgPong answers MsgPing.
	MsgPong ControlType = "pong"
	// MsgEnd, both ways: the session is over. Reason.
	MsgEnd ControlType = "end"
)

// PeerVersion is the version of the messages between peers. Different versions refuse each other.
const PeerVersion = 1

// MaxText is the longest text in bytes that one message may carry: a chat line, or text to type. Who has more sends Pieces.
const MaxText = 16 << 10

// Pieces cuts a text into such as one message may carry, between characters. What is no valid UTF-8 is replaced.
func Pieces(text string) (pieces []string) {
	text = strings.ToValidUTF8(text, "\uFFFD")
	for len(text) > MaxText {
		n := MaxText
		for !utf8.RuneStart(text[n]) {
			n--
		}
		pieces, text = append(pieces, text[:n]), text[n:]
	}
	if text != "" {
		pieces = append(pieces, text)
	}
	return pieces
}

// ControlMessage is a message on the control stream. Which fields are set depends on Type.
type ControlMessage struct {
	Type        ControlType     `json:"type"`
	Version     int             `json:"version,omitempty"`
	Party       *Party          `json:"party,omitempty"`
	Permissions *Permissions    `json:"permissions,omitempty"`
	Desktop     *screen.Desktop `json:"desktop,omitempty"`
	Quality     Quality         `json:"quality,omitempty"`
	Plain       bool            `json:"plain,omitempty"`
	Encodings   []string        `json:"encodings,omitempty"`
	Inputs      []string        `json:"inputs,omitempty"`
	Cursor      *screen.Cursor  `json:"cursor,omitempty"`
	Mode        *screen.Mode    `json:"mode,omitempty"`
	X           int             `json:"x,omitempty"`
	Y           int             `json:"y,omitempty"`
	Reason      string          `json:"reason,omitempty"`
	Text        string          `json:"text,omitempty"`
	About       string          `json:"about,omitempty"` // warning: see Event
	Number      int             `json:"number,omitempty"`
	Line        []byte          `json:"line,omitempty"`
	Signature   []byte          `json:"signature,omitempty"`
	Holder      Holder          `json:"holder,omitempty"`
	Limits      []Limit         `json:"limits,omitempty"`
	Left        int             `json:"left,omitempty"` // milliseconds until the operator has control again; 0: until the customer says so
}

// Marshal writes the message for the stream.
func (m ControlMessage) Marshal() []byte {
	data, err := json.Marshal(m)
	if err != nil { // plain data
		panic("session: control message: " + err.Error())
	}
	return data
}

// maxDesktop is the longest side of a desktop in pixels; rectangles on the wire have 16 bit coordinates.
const maxDesktop = 1 << 15

// maxMonitors bounds the list of monitors that a peer may send.
const maxMonitors = 64

// ParseControl reads a control message from a peer and checks its bounds. Types that this version does not
// know are given as they are, to be ignored.
func ParseControl(data []byte) (ControlMessage, error) {
	var m ControlMessage
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("%w: control: %v", ErrMessage, err)
	}
	if m.Desktop != nil {
		if err := checkDesktop(m.Desktop); err != nil {
			return m, err
		}
	}
	if m.Cursor != nil && !m.Cursor.Valid() {
		return m, fmt.Errorf("%w: cursor of %d×%d", ErrMessage, m.Cursor.Width, m.Cursor.Height)
	}
	if m.Party != nil {
		m.Party.clean()
	}
	m.Text, m.About = CleanText(m.Text), CleanName(m.About)
	m.X, m.Y = max(0, min(m.X, maxDesktop)), max(0, min(m.Y, maxDesktop))
	m.Left = max(0, min(m.Left, maxLeft))
	m.Limits = cleanLimits(m.Limits)
	return m, nil
}

// maxScale is the largest Scale of a monitor in percent that is believed.
const maxScale = 1000

// checkDesktop checks a peer's desktop. Monitors without a pixel are left out: one that is unplugged while a capturer looks
// has none. So are modes that no monitor can have.
func checkDesktop(d *screen.Desktop) error {
	if d.Width < 1 || d.Height < 1 || d.Width > maxDesktop || d.Height > maxDesktop || len(d.Monitors) > maxMonitors ||
		len(d.Modes) > screen.MaxModes {
		return fmt.Errorf("%w: desktop of %d×%d with %d monitors", ErrMessage, d.Width, d.Height, len(d.Monitors))
	}
	whole := image.Rect(0, 0, d.Width, d.Height)
	for i := range d.Monitors {
		m := &d.Monitors[i]
		if r := m.Bounds; r.Min.X > r.Max.X || r.Min.Y > r.Max.Y || !r.In(whole) {
			return fmt.Errorf("%w: monitor %v of a desktop of %d×%d", ErrMessage, r, d.Width, d.Height)
		}
		m.Name = CleanName(m.Name)
		if m.Scale < 0 || m.Scale > maxScale {
			m.Scale = 0
		}
	}
	d.Monitors = slices.DeleteFunc(d.Monitors, func(m screen.Monitor) bool { return m.Bounds.Empty() })
	for i := range d.Modes {
		d.Modes[i].Monitor = CleanName(d.Modes[i].Monitor)
	}
	d.Modes = slices.DeleteFunc(d.Modes, func(m screen.Mode) bool {
		return m.Width < 1 || m.Height < 1 || m.Width > maxDesktop || m.Height > maxDesktop
	})
	return nil
}

// maxLeft is the longest that a customer's program may say the operator is kept off, in milliseconds.
const maxLeft = 60_000

// maxName is the longest name in runes that is shown of a peer.
const maxName = 80

func (p *Party) clean() {
	for _, field := range []*string{&p.Name, &p.Organisation, &p.Relay, &p.Program, &p.System} {
		*field = CleanName(*field)
	}
}

// ChatMessage is a message on the chat stream.
type ChatMessage struct {
	Text string `json:"text"`
}

// Marshal writes the message for the stream. Letters that mean something in HTML stay as they are: written out, MaxText of them
// would be more than the stream carries.
func (m ChatMessage) Marshal() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		panic("session: chat message: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// ParseChat reads a chat message from a peer.
func ParseChat(data []byte) (ChatMessage, error) {
	var m ChatMessage
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("%w: chat: %v", ErrMessage, err)
	}
	if len(m.Text) > MaxText {
		return m, fmt.Errorf("%w: chat of %d bytes", ErrMessage, len(m.Text))
	}
	m.Text = CleanText(m.Text)
	return m, nil
}

// InputKind is the first byte of an Input.
type InputKind uint8

// The layouts of the input stream's messages; numbers are big endian.
const (
	InputMove     InputKind = 1 // x u16 · y u16              pixels of the desktop
	InputButton   InputKind = 2 // button u8 · down u8 (0, 1)
	InputScroll   InputKind = 3 // dx i16 · dy i16            notches, right and down
	InputKey      InputKind = 4 // keysym u32 · down u8       X11 keysym
	InputText     InputKind = 5 // UTF-8
	InputRelease  InputKind = 6 // nothing: let go of everything held
	InputPosition InputKind = 7 // position u16 · down u8    a key by where it is (screen.PositionInjector)
	InputWheel    InputKind = 8 // dx i16 · dy i16            parts of a notch (screen.Notch); only if the customer's hello has it
)

// Input is one thing that an operator's hands did. Which fields count depends on Kind.
type Input struct {
	Kind     InputKind
	X, Y     int // move: position; scroll: notches; wheel: parts of them
	Button   screen.Button
	Keysym   uint32
	Position uint16
	Down     bool
	Text     string
}

// AppendTo appends the message's bytes.
func (in Input) AppendTo(b []byte) []byte {
	b = append(b, byte(in.Kind))
	switch in.Kind {
	case InputMove, InputScroll, InputWheel:
		b = binary.BigEndian.AppendUint16(b, uint16(in.X))
		b = binary.BigEndian.AppendUint16(b, uint16(in.Y))
	case InputButton:
		b = append(b, byte(in.Button), flag(in.Down))
	case InputKey:
		b = binary.BigEndian.AppendUint32(b, in.Keysym)
		b = append(b, flag(in.Down))
	case InputPosition:
		b = binary.BigEndian.AppendUint16(b, in.Position)
		b = append(b, flag(in.Down))
	case InputText:
		b = append(b, in.Text...)
	}
	return b
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// ParseInput reads an input message from a peer.
func ParseInput(data []byte) (Input, error) {
	bad := func() (Input, error) { return Input{}, fmt.Errorf("%w: input of %d bytes", ErrMessage, len(data)) }
	if len(data) == 0 {
		return bad()
	}
	in := Input{Kind: InputKind(data[0])}
	body := data[1:]
	sizes := map[InputKind]int{InputMove: 4, InputButton: 2, InputScroll: 4, InputKey: 5, InputRelease: 0, InputPosition: 3, InputWheel: 4}
	if size, fixed := sizes[in.Kind]; fixed && len(body) != size {
		return bad()
	}
	switch in.Kind {
	case InputMove:
		in.X, in.Y = int(binary.BigEndian.Uint16(body)), int(binary.BigEndian.Uint16(body[2:]))
	case InputScroll, InputWheel:
		most := MaxNotches
		if in.Kind == InputWheel {
			most *= screen.Notch
		}
		in.X, in.Y = int(int16(binary.BigEndian.Uint16(body))), int(int16(binary.BigEndian.Uint16(body[2:])))
		if in.X < -most || in.X > most || in.Y < -most || in.Y > most {
			return bad()
		}
	case InputButton:
		in.Button, in.Down = screen.Button(body[0]), body[1] == 1
		if in.Button < screen.ButtonLeft || in.Button > screen.ButtonForward || body[1] > 1 {
			return bad()
		}
	case InputKey:
		in.Keysym, in.Down = binary.BigEndian.Uint32(body), body[4] == 1
		if in.Keysym == 0 || body[4] > 1 {
			return bad()
		}
	case InputPosition:
		in.Position, in.Down = binary.BigEndian.Uint16(body), body[2] == 1
		if in.Position == 0 || in.Position > maxPosition || body[2] > 1 {
			return bad()
		}
	case InputText:
		in.Text = string(body)
		if len(body) > MaxText || !utf8.Valid(body) {
			return bad()
		}
	case InputRelease:
	default:
		return bad()
	}
	return in, nil
}

// maxPosition is the last key position that there is on keyboards.
const maxPosition = 247

// MaxNotches is how far one message may turn the wheel.
const MaxNotches = 100

// InputParts, among the Inputs of a customer's hello, says that its program understands InputWheel.
const InputParts = "wheel"

// Ack tells the customer's side that an update, named by its sequence number, has been applied.
type Ack struct{ Sequence uint32 }

// AppendTo appends the message's bytes: sequence u32 big endian.
func (a Ack) AppendTo(b []byte) []byte { return binary.BigEndian.AppendUint32(b, a.Sequence) }

// ParseAck reads an Ack from a peer.
func ParseAck(data []byte) (Ack, error) {
	if len(data) != 4 {
		return Ack{}, fmt.Errorf("%w: acknowledgement of %d bytes", ErrMessage, len(data))
	}
	return Ack{binary.BigEndian.Uint32(data)}, nil
}
