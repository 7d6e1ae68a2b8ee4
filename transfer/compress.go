package transfer

import (
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// compressor compresses chunks where that makes them arrive sooner. One goroutine owns it.
type compressor struct {
	encoder *zstd.Encoder
	buffer  []byte
	speed   float64 // bytes a second that it compresses, smoothed
}

// sample is how much of a chunk is tried before the rest.
const sample = 8 << 10

// least is the shortest chunk that is compressed. Frames of shorter ones do not say how long their contents are,
// which is what the other side wants to know before it decompresses.
const least = 512

var newEncoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2),
		zstd.WithWindowSize(ChunkSize), zstd.WithEncoderCRC(false), zstd.WithLowerEncoderMem(true))
})

var newDecoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(2*ChunkSize), zstd.WithDecoderLowmem(true))
})

func newCompressor() *compressor {
	encoder, err := newEncoder()
	if err != nil {
		panic("transfer: " + err.Error()) // the options are wrong
	}
	return &compressor{encoder: encoder}
}

// compress gives the chunk as it should be sent, and whether that is compressed. pace is how many bytes a second
// the path takes. The result is good until the next call.
func (c *compressor) compress(chunk []byte, pace float64) (stored []byte, compressed bool) {
	if len(chunk) < least || c.speed > 0 && pace > 0.6*c.speed { // too short, or the path is nearly as fast
		return chunk, false
	}
	if len(chunk) > 4*sample {
		middle := len(chunk) / 2
		c.buffer = c.encoder.EncodeAll(chunk[middle:middle+sample], c.buffer[:0])
		if len(c.buffer) > sample*9/10 {
			return chunk, false
		}
	}
	began := time.Now()
	c.buffer = c.encoder.EncodeAll(chunk, c.buffer[:0])
	if span := time.Since(began).Seconds(); span > 0 && len(chunk) > sample {
		this := float64(len(chunk)) / span
		if c.speed == 0 {
			c.speed = this
		}
		c.speed = 0.8*c.speed + 0.2*this
	}
	if len(c.buffer) > len(chunk)*19/20 {
		return chunk, false
	}
	return c.buffer, true
}

// decompress writes a compressed chunk of this length into buffer, which has room for ChunkSize.
func decompress(stored, buffer []byte, length int) ([]byte, bool) {
	decoder, err := newDecoder()
	if err != nil {
		panic("transfer: " + err.Error())
	}
	var header zstd.Header
	if header.Decode(stored) != nil || !header.HasFCS || header.FrameContentSize != uint64(length) {
		return nil, false
	}
	plain, err := decoder.DecodeAll(stored, buffer[:0])
	return plain, err == nil && len(plain) == length
}
