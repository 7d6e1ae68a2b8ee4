package secure

import (
	"encoding/binary"
	"fmt"
	"io"
)

// kind says which step of the confirmation a frame is.
type kind byte

// The frames, with the layout of each body.
const (
	frameShare   kind = 1 // Ya (32), commitment (32)
	frameAnswer  kind = 2 // Yb (32)
	frameConfirm kind = 3 // Ta (64), nonce (32)
	frameAccept  kind = 4 // Tb (64)
	frameWrong   kind = 5 // empty: Ta was not right
	frameResume  kind = 6 // tag (32): the first frame of a further channel, in either direction
)

const (
	frameHeader  = 3 // length of the body (2, big endian), kind (1)
	maxFrameBody = tagSize + nonceSize
)

// bodySizes is the one permitted length of each kind's body.
var bodySizes = map[kind]int{
	frameShare:   shareSize + commitmentSize,
	frameAnswer:  shareSize,
	frameConfirm: tagSize + nonceSize,
	frameAccept:  tagSize,
	frameWrong:   0,
	frameResume:  resumeTagSize,
}

// writeFrame writes a frame with one call of w.Write.
func writeFrame(w io.Writer, k kind, parts ...[]byte) error {
	buf := make([]byte, frameHeader, frameHeader+maxFrameBody)
	for _, p := range parts {
		buf = append(buf, p...)
	}
	binary.BigEndian.PutUint16(buf, uint16(len(buf)-frameHeader))
	buf[2] = byte(k)
	_, err := w.Write(buf)
	return err
}

// readFrame reads a frame of one of the kinds wanted, and not a byte more. It refuses any other kind or length
// with a *frameError before it reads the body.
func readFrame(r io.Reader, wanted ...kind) (kind, []byte, error) {
	var header [frameHeader]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return 0, nil, err
	}
	size, k := int(binary.BigEndian.Uint16(header[:])), kind(header[2])
	for _, w := range wanted {
		if k == w && size == bodySizes[k] {
			body := make([]byte, size)
			_, err := io.ReadFull(r, body)
			return k, body, err
		}
	}
	return 0, nil, &frameError{kind: k, size: size}
}

// frameError is a frame that no honest peer sends at this place.
type frameError struct {
	kind kind
	size int
}

func (e *frameError) Error() string {
	return fmt.Sprintf("unexpected frame of kind %d with %d bytes", e.kind, e.size)
}
