package secure

import (
	"io"
	"testing"

	"handrail/session/secure/securetest"
)

// BenchmarkHandshake is both sides' work for one channel, in one process.
func BenchmarkHandshake(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		left, right := securetest.Pipe()
		customer, operator := pair(b, left, right)
		_, _ = customer.Close(), operator.Close()
	}
}

func BenchmarkCPace(b *testing.B) {
	for b.Loop() {
		p := startPAKE([]byte("739205"), nil, make([]byte, exporterSize))
		if _, err := p.finish(p.share, p.share, nil, p.share, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkThroughput(b *testing.B, size int, flush bool) {
	left, right := securetest.Pipe()
	customer, operator := pair(b, left, right)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.CopyBuffer(struct{ io.Writer }{io.Discard}, operator, make([]byte, 32<<10))
	}()
	p := make([]byte, size)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := customer.Write(p); err != nil {
			b.Fatal(err)
		}
		if flush {
			if err := customer.Flush(); err != nil {
				b.Fatal(err)
			}
		}
	}
	_ = customer.Close()
	<-done
}

func BenchmarkThroughput64K(b *testing.B)     { benchmarkThroughput(b, 64<<10, false) }
func BenchmarkThroughput1K(b *testing.B)      { benchmarkThroughput(b, 1<<10, false) }
func BenchmarkMessage200Flushed(b *testing.B) { benchmarkThroughput(b, 200, true) }
