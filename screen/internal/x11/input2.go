package x11

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// ConnectInput2 is Connect for a connection on which XInput2 raw events arrive as RawEvent. The library knows
// only events of 32 bytes; longer ones are cut to that on the way to it, which is all that a RawEvent needs.
func ConnectInput2(display string) (*xgb.Conn, *xproto.ScreenInfo, error) {
	if display == "" {
		display = os.Getenv("DISPLAY")
	}
	probe, _, err := Connect(display) // for its sentences, and to know that this display is one
	if err != nil {
		return nil, nil, err
	}
	probe.Close()
	socket, number, err := dial(display)
	if err != nil {
		return nil, nil, err
	}
	wire := &cutter{Conn: socket}
	var conn *xgb.Conn
	if cookie := readCookie(number); cookie != nil {
		conn, err = xgb.NewConnNetWithCookieHex(wire, hex.EncodeToString(cookie))
	} else {
		conn, err = xgb.NewConnNet(wire)
	}
	if err != nil {
		socket.Close()
		return nil, nil, err
	}
	return conn, xproto.Setup(conn).DefaultScreen(conn), nil
}

// dial opens a display's socket, as the library does, and gives the display's number.
func dial(display string) (net.Conn, string, error) {
	colon := strings.LastIndexByte(display, ':')
	if colon < 0 {
		return nil, "", errors.New("x11: bad display name " + strconv.Quote(display))
	}
	host, number := display[:colon], display[colon+1:]
	number, _, _ = strings.Cut(number, ".")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 {
		return nil, "", errors.New("x11: bad display name " + strconv.Quote(display))
	}
	host = host[strings.LastIndexByte(host, '/')+1:]
	if host == "" || host == "unix" || strings.HasPrefix(display, "/") {
		path := "/tmp/.X11-unix/X" + number
		if strings.HasPrefix(display, "/") {
			path = display[:colon+1] + number
		}
		conn, err := net.Dial("unix", path)
		return conn, number, err
	}
	conn, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(6000+n)))
	return conn, number, err
}

// readCookie is the display's MIT-MAGIC-COOKIE-1 in the user's authority file, nil if there is none. The file's
// entries are family u16, then address, number, name and data, each with its length as u16 before it.
func readCookie(number string) []byte {
	path := os.Getenv("XAUTHORITY")
	if path == "" {
		path = os.Getenv("HOME") + "/.Xauthority"
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	const local, wild = 256, 65535
	host, _ := os.Hostname()
	var other []byte // of another host's entry for the same number
	for len(data) >= 2 {
		family := binary.BigEndian.Uint16(data)
		data = data[2:]
		var fields [4][]byte
		for i := range fields {
			if len(data) < 2 {
				return other
			}
			n := int(binary.BigEndian.Uint16(data))
			if data = data[2:]; len(data) < n {
				return other
			}
			fields[i], data = data[:n], data[n:]
		}
		if string(fields[2]) != "MIT-MAGIC-COOKIE-1" || len(fields[3]) != 16 || len(fields[1]) > 0 && string(fields[1]) != number {
			continue
		}
		if family == wild || family == local && string(fields[0]) == host {
			return fields[3]
		}
		other = fields[3]
	}
	return other
}

// cutter passes on what an X server says, with its long events cut to 32 bytes.
type cutter struct {
	net.Conn
	setUp   bool   // the answer to the connection's setup has passed
	ready   []byte // to be passed on before anything else is read
	through int64  // bytes to be passed on as they are
}

// Codes of what an X server sends; everything else is an event of 32 bytes.
const (
	replyCode   = 1
	genericCode = 35
	unitBytes   = 4
)

func (c *cutter) Read(p []byte) (int, error) {
	if len(c.ready) == 0 && c.through == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	if len(c.ready) > 0 {
		n := copy(p, c.ready)
		c.ready = c.ready[n:]
		return n, nil
	}
	n, err := c.Conn.Read(p[:min(int64(len(p)), c.through)])
	c.through -= int64(n)
	return n, err
}

// next reads the beginning of what comes next.
func (c *cutter) next() error {
	size := 32
	if !c.setUp {
		size = 8
	}
	head := make([]byte, size)
	if _, err := io.ReadFull(c.Conn, head); err != nil {
		return err
	}
	c.ready = head
	switch {
	case !c.setUp:
		c.setUp = true
		c.through = int64(binary.LittleEndian.Uint16(head[6:])) * unitBytes
	case head[0] == replyCode:
		c.through = int64(binary.LittleEndian.Uint32(head[4:])) * unitBytes
	case head[0]&0x7f == genericCode:
		rest := int64(binary.LittleEndian.Uint32(head[4:])) * unitBytes
		if _, err := io.CopyN(io.Discard, c.Conn, rest); err != nil {
			return err
		}
	}
	return nil
}

// Kinds of RawEvent, from XI2.h.
const (
	HierarchyChanged = 11
	RawKeyPress      = 13
	RawKeyRelease    = 14
	RawButtonPress   = 15
	RawButtonRelease = 16
	RawMotion        = 17
	RawTouchBegin    = 22
	RawTouchUpdate   = 23
	RawTouchEnd      = 24
)

// RawEvent is something that a device did: an event of XInput2's that begins as all raw events do.
type RawEvent struct {
	Kind   uint16
	Detail uint32 // keycode or button
}

// Bytes is part of xgb.Event.
func (RawEvent) Bytes() []byte { return make([]byte, 32) }

// String is part of xgb.Event.
func (RawEvent) String() string { return "RawEvent" }

// SequenceId is part of xgb.Event.
func (RawEvent) SequenceId() uint16 { return 0 }

func init() {
	xgb.NewEventFuncs[genericCode] = func(b []byte) xgb.Event {
		return RawEvent{
			Kind: binary.LittleEndian.Uint16(b[8:]), Detail: binary.LittleEndian.Uint32(b[16:]),
		}
	}
}

// Input2 is XInput2 on a connection of ConnectInput2.
type Input2 struct {
	conn   *xgb.Conn
	opcode byte
}

// ErrNoInput2 says that the X server does not tell devices apart.
var ErrNoInput2 = errors.New("this X server does not tell which device an event comes from (it has no XInput 2.1)")

// NewInput2 agrees on a version.
func NewInput2(conn *xgb.Conn) (*Input2, error) {
	const name = "XInputExtension"
	found, err := xproto.QueryExtension(conn, uint16(len(name)), name).Reply()
	if err != nil {
		return nil, err
	}
	if !found.Present {
		return nil, ErrNoInput2
	}
	x := &Input2{conn, found.MajorOpcode}
	// Raw events go to everybody, also while somebody grabs a device, from 2.1 on; touches come with 2.2.
	reply, err := x.ask(47, []byte{2, 0, 2, 0})
	if err != nil {
		return nil, err
	}
	major, minor := binary.LittleEndian.Uint16(reply[8:]), binary.LittleEndian.Uint16(reply[10:])
	if major < 2 || major == 2 && minor < 1 {
		return nil, ErrNoInput2
	}
	return x, nil
}

// ask sends a request that has a reply. Its body is a multiple of four bytes.
func (x *Input2) ask(minor byte, body []byte) ([]byte, error) {
	cookie := x.conn.NewCookie(true, true)
	x.conn.NewRequest(x.request(minor, body), cookie)
	return cookie.Reply()
}

func (x *Input2) request(minor byte, body []byte) []byte {
	b := []byte{x.opcode, minor, 0, 0}
	binary.LittleEndian.PutUint16(b[2:], uint16(1+len(body)/unitBytes))
	return append(b, body...)
}

// Select makes all raw events of these devices arrive, and changes of which devices there are. It adds to what was
// selected before; a device that is no longer there is an error.
func (x *Input2) Select(root xproto.Window, devices []uint16) error {
	const allDevices = 0
	raw := uint32(0)
	for _, kind := range []int{RawKeyPress, RawKeyRelease, RawButtonPress, RawButtonRelease, RawMotion, RawTouchBegin, RawTouchUpdate, RawTouchEnd} {
		raw |= 1 << kind
	}
	body := binary.LittleEndian.AppendUint32(nil, uint32(root))
	body = binary.LittleEndian.AppendUint16(body, uint16(1+len(devices)))
	body = append(body, 0, 0)
	add := func(device uint16, bits uint32) {
		body = binary.LittleEndian.AppendUint16(body, device)
		body = binary.LittleEndian.AppendUint16(body, 1)
		body = binary.LittleEndian.AppendUint32(body, bits)
	}
	add(allDevices, 1<<HierarchyChanged)
	for _, device := range devices {
		add(device, raw)
	}
	cookie := x.conn.NewCookie(true, false)
	x.conn.NewRequest(x.request(46, body), cookie)
	return cookie.Check()
}

// Device is something that input comes from.
type Device struct {
	ID     uint16
	Master bool // stands for others: what comes from it comes from one of those
	Name   string
}

// Devices are all that there are, masters as well.
func (x *Input2) Devices() ([]Device, error) {
	const allDevices, header, entry = 0, 32, 12
	const masterKeyboard = 2 // and 1 is a master pointer
	b, err := x.ask(48, []byte{allDevices, 0, 0, 0})
	if err != nil {
		return nil, err
	}
	var devices []Device
	if len(b) < header {
		return nil, io.ErrUnexpectedEOF
	}
	count := int(binary.LittleEndian.Uint16(b[8:]))
	b = b[header:]
	for range count {
		if len(b) < entry {
			return nil, io.ErrUnexpectedEOF
		}
		d := Device{ID: binary.LittleEndian.Uint16(b), Master: binary.LittleEndian.Uint16(b[2:]) <= masterKeyboard}
		classes, length := int(binary.LittleEndian.Uint16(b[6:])), int(binary.LittleEndian.Uint16(b[8:]))
		b = b[entry:]
		if len(b) < xgb.Pad(length) {
			return nil, io.ErrUnexpectedEOF
		}
		d.Name = string(b[:length])
		devices = append(devices, d)
		b = b[xgb.Pad(length):]
		for range classes {
			if len(b) < 4 {
				return nil, io.ErrUnexpectedEOF
			}
			size := int(binary.LittleEndian.Uint16(b[2:])) * unitBytes
			if size == 0 || len(b) < size {
				return nil, io.ErrUnexpectedEOF
			}
			b = b[size:]
		}
	}
	return devices, nil
}
