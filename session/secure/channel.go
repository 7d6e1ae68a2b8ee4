package secure

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"

	"handrail/session/wire"
)

// maxRecord is the most plaintext in one TLS record (RFC 8446 section 5.1).
const maxRecord = 16 << 10

// keyPrefix keeps the channel's labels apart from any other use of the same key.
const keyPrefix = Protocol + " "

// Channel is the encrypted and authenticated byte stream between two peers, in both directions.
//
// One goroutine at a time may Read, and one at a time may Write and Flush. Close and the other methods may be
// called from anywhere at any time.
type Channel struct {
	// Fixed after construction.
	stream *stream
	conn   *tls.Conn
	key    []byte            // pseudo-random key of RFC 5869, from ISK
	peer   [sha256.Size]byte // SHA-256 of the peer's certificate
	own    tls.Certificate
	role   wire.Role
	words  [4]string // those of the first channel of the session
	resume []byte    // key with which the next channel is bound to the first

	// The writer's.
	plain []byte // written, not yet a whole record; capacity maxRecord
}

// newChannel also starts the stream's life after the handshake.
func newChannel(s *stream, conn *tls.Conn, keys proved, salt []byte, ends ends) (*Channel, error) {
	key, err := hkdf.Extract(sha512.New, keys.isk, lvCat(salt, keys.nonce))
	if err != nil {
		return nil, fmt.Errorf("derive the channel's key: %w", err)
	}
	s.live()
	c := &Channel{
		stream: s, conn: conn, key: key, peer: ends.peer, own: ends.own, role: ends.role, plain: make([]byte, 0, maxRecord),
	}
	for i, b := range c.ExportKey("verifier", len(c.words)) {
		c.words[i] = words[b]
	}
	c.resume = c.ExportKey("resume", resumeKeySize)
	return c, nil
}

// ends is who is at the two ends of a channel.
type ends struct {
	role wire.Role // of this one
	own  tls.Certificate
	peer [sha256.Size]byte
}

// Read reads what the peer has written. io.EOF means that the peer has closed the channel, and is itself
// authenticated: a link that merely ends gives what the PacketConn reported, or wire.ReasonPeerLeft. Bytes that
// were changed on the way give wire.ReasonIntercepted, and none of them is returned.
func (c *Channel) Read(p []byte) (int, error) {
	n, err := c.conn.Read(p)
	return n, channelError(err)
}

// Write writes p in order after what was written before. It keeps up to one packet to itself until that is
// full or Flush is called, and waits while the link is full. It does not keep p.
func (c *Channel) Write(p []byte) (int, error) {
	c.stream.corked.Store(true)
	total := len(p)
	for len(p) > 0 {
		n := len(p) / maxRecord * maxRecord
		if len(c.plain) > 0 || n == 0 {
			n = copy(c.plain[len(c.plain):maxRecord], p)
			c.plain = c.plain[:len(c.plain)+n]
			if len(c.plain) == maxRecord {
				if err := c.sealPlain(); err != nil {
					return total - len(p), err
				}
			}
		} else if _, err := c.conn.Write(p[:n]); err != nil {
			return total - len(p), channelError(err)
		}
		p = p[n:]
	}
	return total, nil
}

// Flush sends what was written so far. Afterwards it is with the link, not yet with the peer.
func (c *Channel) Flush() error {
	if err := c.sealPlain(); err != nil {
		return err
	}
	c.stream.corked.Store(false)
	return channelError(c.stream.flush())
}

// sealPlain makes a record of what has gathered.
func (c *Channel) sealPlain() error {
	if len(c.plain) == 0 {
		return nil
	}
	_, err := c.conn.Write(c.plain)
	c.plain = c.plain[:0]
	return channelError(err)
}

// Close says farewell to the peer and closes the PacketConn. What was not flushed may be lost. It ends calls in
// progress, which return net.ErrClosed, and takes a second at most if the link is stuck.
func (c *Channel) Close() error {
	farewell(c.stream, c.conn)
	return c.stream.Close()
}

// Verifier is four common words that are the same at both ends, and at no third: for people to compare if
// they want to be sure that nobody who knows the code is between them.
func (c *Channel) Verifier() [4]string { return c.words }

// ExportKey derives n bytes, at most 16320, that both ends of this channel have in common and nobody else, by
// HKDF-SHA512 (RFC 5869). Different labels give independent keys.
func (c *Channel) ExportKey(label string, n int) []byte {
	key, err := hkdf.Expand(sha512.New, c.key, keyPrefix+label, n)
	if err != nil {
		panic("secure: " + err.Error()) // only for an n out of range
	}
	return key
}

// PeerCertificate is the SHA-256 of the certificate that the peer has in this session.
func (c *Channel) PeerCertificate() [sha256.Size]byte { return c.peer }

// PeerKey is the public key of the peer's certificate, with which it signs; see Sign.
func (c *Channel) PeerKey() ed25519.PublicKey {
	return c.conn.ConnectionState().PeerCertificates[0].PublicKey.(ed25519.PublicKey) // verifyForm has seen to it
}

// Key is the public key of this end's certificate.
func (c *Channel) Key() ed25519.PublicKey {
	return c.own.PrivateKey.(ed25519.PrivateKey).Public().(ed25519.PublicKey)
}

// Sign signs a statement of this end of the session. The context keeps signatures of different uses apart.
func (c *Channel) Sign(context string, statement []byte) []byte {
	return ed25519.Sign(c.own.PrivateKey.(ed25519.PrivateKey), signed(context, statement))
}

// VerifySignature tells whether the owner of a key has signed a statement in this context.
func VerifySignature(key ed25519.PublicKey, context string, statement, signature []byte) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, signed(context, statement), signature)
}

func signed(context string, statement []byte) []byte {
	return lvCat([]byte(keyPrefix+"signature"), []byte(context), statement)
}

// channelError gives the failures of an established channel their reasons.
func channelError(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	var known *wire.Error
	switch {
	case errors.Is(err, net.ErrClosed):
		return net.ErrClosed
	case errors.As(err, &known):
		return known
	default:
		return wire.Fail(wire.ReasonIntercepted, err)
	}
}
