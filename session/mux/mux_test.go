package mux

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pipe is an in-memory Channel that holds up to 64 KiB, as the real one does.
type pipe struct {
	net.Conn
	pending bytes.Buffer
}

func (p *pipe) Write(b []byte) (int, error) {
	p.pending.Write(b)
	if p.pending.Len() < 64<<10 {
		return len(b), nil
	}
	return len(b), p.Flush()
}

func (p *pipe) Flush() error {
	_, err := p.pending.WriteTo(p.Conn)
	return err
}

func pair(t testing.TB) (*Conn, *Conn) {
	a, b := net.Pipe()
	left, right := New(&pipe{Conn: a}), New(&pipe{Conn: b})
	t.Cleanup(func() { left.Close(); right.Close() })
	return left, right
}

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestMessagesOfEveryStreamArriveWholeAndInOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		left, right := pair(t)
		defer left.Close()
		defer right.Close()
		sizes := rapid.SliceOfN(rapid.IntRange(0, 60<<10), 1, 20).Draw(rt, "sizes")
		seed := rapid.Uint64().Draw(rt, "seed")
		var wg sync.WaitGroup
		for stream := range streamCount {
			wg.Add(2)
			go func() {
				defer wg.Done()
				for i, size := range sizes {
					if err := left.Send(within(t), stream, content(seed, stream, i, size)); err != nil {
						t.Error(err)
					}
				}
			}()
			go func() {
				defer wg.Done()
				for i, size := range sizes {
					got, err := right.Receive(within(t), stream)
					if err != nil || !bytes.Equal(got, content(seed, stream, i, size)) {
						t.Errorf("%v message %d: %d bytes, %v", stream, i, len(got), err)
						return
					}
					Recycle(got)
				}
			}()
		}
		wg.Wait()
	})
}

func content(seed uint64, stream Stream, i, size int) []byte {
	random := rand.New(rand.NewPCG(seed, uint64(stream)<<32|uint64(i)))
	message := make([]byte, size)
	for j := range message {
		message[j] = byte(random.Uint32())
	}
	return message
}

func TestUrgentMessagesPassLongOnes(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	left := New(&pipe{Conn: a}) // nobody reads yet: the writer gets stuck when the channel is full
	defer left.Close()
	ctx := within(t)
	long := bytes.Repeat([]byte{7}, 400<<10)
	if err := errors.Join(left.Send(ctx, Files, long), left.Send(ctx, Screen, long), left.Send(ctx, Input, []byte("key"))); err != nil {
		t.Fatal(err)
	}
	before := 0
	for {
		var header [headerSize]byte
		if _, err := io.ReadFull(b, header[:]); err != nil {
			t.Fatal(err)
		}
		stream := Stream(header[0] &^ moreFlag)
		header[0] = 0
		length := int(binary.BigEndian.Uint32(header[:]))
		if _, err := io.CopyN(io.Discard, b, int64(length)); err != nil {
			t.Fatal(err)
		}
		if stream == Input {
			break
		}
		before += length
	}
	if before > 64<<10+maxFragment {
		t.Errorf("%d bytes of less urgent streams came before the key", before)
	}
}

func TestAFullQueueMakesTheSenderWait(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	left := New(&pipe{Conn: a})
	defer left.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	message := make([]byte, 64<<10)
	var err error
	sent := 0
	for err == nil {
		err = left.Send(ctx, Input, message)
		sent += len(message)
	}
	if !errors.Is(err, context.DeadlineExceeded) || sent > 2*limits[Input].queue {
		t.Errorf("%d bytes were taken, then %v", sent, err)
	}
}

func TestDrainReturnsWhenEverythingIsOut(t *testing.T) {
	left, right := pair(t)
	message := bytes.Repeat([]byte{1}, 50<<10)
	if err := errors.Join(left.Send(within(t), Chat, message), left.Drain(within(t))); err != nil {
		t.Fatal(err)
	}
	left.Close()
	if got, err := right.Receive(within(t), Chat); err != nil || !bytes.Equal(got, message) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := right.Receive(within(t), Chat); err == nil {
		t.Error("more came after the end")
	}
}

func TestTooLargeIsRefusedBeforeItIsSent(t *testing.T) {
	left, _ := pair(t)
	if err := left.Send(within(t), Chat, make([]byte, MaxMessage(Chat)+1)); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

func TestBrokenFramesEndTheConnection(t *testing.T) {
	frame := func(first byte, length uint32, payload int) []byte {
		b := binary.BigEndian.AppendUint32(nil, length)
		b[0] = first
		return append(b, make([]byte, payload)...)
	}
	cases := map[string][]byte{
		"unknown stream":         frame(byte(streamCount), 1, 1),
		"fragment too long":      frame(0, maxFragment+1, 0),
		"empty fragment of more": frame(moreFlag, 0, 0),
		"message too long":       bytes.Repeat(frame(moreFlag, maxFragment, maxFragment), 5),
	}
	for name, data := range cases {
		t.Run(name, func(t *testing.T) {
			a, b := net.Pipe()
			conn := New(&pipe{Conn: a})
			defer conn.Close()
			go b.Write(data)
			<-conn.Done()
			b.Close()
			if !errors.Is(conn.Err(), ErrProtocol) {
				t.Error(conn.Err())
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 'x'})
	f.Add([]byte{moreFlag | 1, 0, 0, 1, 'x', 1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		a := &attachment{channel: &pipe{}, ready: true}
		c := &Conn{now: a, done: make(chan struct{})}
		c.prepare()
		in := &incoming{Reader: bufio.NewReader(bytes.NewReader(data))}
		for c.readFragment(a, in) == nil {
			for i := range c.in {
				if q := &c.in[i]; !q.empty() && len(q.pop()) > limits[i].message {
					t.Fatal("a message above its limit")
				}
			}
		}
	})
}

func BenchmarkThroughput(b *testing.B) {
	left, right := pair(b)
	message := make([]byte, 256<<10)
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	go func() {
		for range b.N {
			left.Send(context.Background(), Screen, message)
		}
	}()
	for range b.N {
		got, err := right.Receive(context.Background(), Screen)
		if err != nil && !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
		Recycle(got)
	}
}
