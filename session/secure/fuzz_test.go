package secure

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"

	"handrail/session/secure/securetest"
	"handrail/session/wire"
)

func FuzzFrame(f *testing.F) {
	for k, size := range bodySizes {
		f.Add(append([]byte{byte(size >> 8), byte(size), byte(k)}, make([]byte, size)...))
	}
	f.Add([]byte{0xff, 0xff, 1})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bytes.NewReader(data)
		k, body, err := readFrame(r, frameShare, frameAnswer, frameConfirm, frameAccept, frameWrong)
		if err != nil {
			return
		}
		var back bytes.Buffer
		if err := writeFrame(&back, k, body); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(back.Bytes(), data[:len(data)-r.Len()]) {
			t.Errorf("%x comes back as %x", data, back.Bytes())
		}
	})
}

// FuzzConfirm gives both roles whatever a peer may send inside TLS. Without the secret nothing may succeed.
func FuzzConfirm(f *testing.F) {
	var accept, share bytes.Buffer
	answer := startPAKE([]byte("000000"), nil, nil).share
	_ = writeFrame(&accept, frameAnswer, answer)
	_ = writeFrame(&accept, frameAccept, make([]byte, tagSize))
	_ = writeFrame(&share, frameShare, answer, make([]byte, commitmentSize))
	_ = writeFrame(&share, frameConfirm, make([]byte, tagSize+nonceSize))
	f.Add(accept.Bytes())
	f.Add(share.Bytes())
	f.Add([]byte{0, 0, byte(frameWrong)})
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := confirmJoiner(rw{bytes.NewReader(data), io.Discard}, []byte("739205"), binding{}); err == nil {
			t.Error("a joiner is satisfied")
		}
		if _, err := confirmOperator(rw{bytes.NewReader(data), io.Discard}, []byte("739205"), binding{}); err == nil {
			t.Error("an operator is satisfied")
		}
	})
}

// FuzzPackets gives both roles arbitrary bytes in place of TLS.
func FuzzPackets(f *testing.F) {
	a, b := securetest.Pipe()
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	wg.Go(func() { _, _ = Join(ctx, a, right) })
	hello, err := b.ReceivePacket(ctx)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bytes.Clone(hello))
	cancel()
	wg.Wait()
	f.Add([]byte{0x16, 3, 3, 0xff, 0xff})
	f.Add([]byte{0x15, 3, 3, 0, 2, 2, 120})
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, role := range []wire.Role{wire.Customer, wire.Operator} {
			a, b := securetest.Pipe()
			_ = b.SendPacket(t.Context(), data)
			_ = b.Close()
			ch, err := open(t.Context(), a, right, role)
			var known *wire.Error
			if ch != nil || !errors.As(err, &known) {
				t.Errorf("%s: %v", role, err)
			}
		}
	})
}
