package screen

import (
	"bytes"
	"io"

	"github.com/klauspost/compress/zstd"
)

const (
	// streamWindow is how far back the stream's matches reach, in bytes of pixels: half a screen at 1080p.
	streamWindow = 4 << 20
)

// streamWriter writes the pixels of all updates as one zstd frame. What was shown before, above all text, costs next
// to nothing. The zero value begins a frame.
type streamWriter struct {
	encoder *zstd.Encoder
	out     limitedBuffer
	running bool // the other side has the beginning of the frame
}

// limitedBuffer is a part's room for the payload.
type limitedBuffer struct {
	b    []byte
	full bool
}

func (l *limitedBuffer) Write(p []byte) (int, error) {
	if len(p) > cap(l.b)-len(l.b) {
		l.full = true
		return 0, io.ErrShortBuffer
	}
	l.b = append(l.b, p...)
	return len(p), nil
}

// write appends the next piece of the frame to dst, within its capacity. anew says that it begins the frame; ok is
// false when it did not fit, and then the frame is over.
func (s *streamWriter) write(dst, raw []byte) (written []byte, anew, ok bool) {
	s.out = limitedBuffer{b: dst}
	if s.encoder == nil {
		// With less memory (4 MB) the encoder would move its whole window for every 128 KB of pixels.
		e, err := zstd.NewWriter(&s.out, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithWindowSize(streamWindow),
			zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithLowerEncoderMem(false))
		if err != nil {
			panic("screen: " + err.Error()) // the options are constants
		}
		s.encoder = e
	} else if !s.running {
		s.encoder.Reset(&s.out)
	}
	anew = !s.running
	_, err := s.encoder.Write(raw)
	if err == nil {
		err = s.encoder.Flush()
	}
	s.running = err == nil && !s.out.full
	return s.out.b, anew, s.running
}

// restart begins another frame with the next write.
func (s *streamWriter) restart() { s.running = false }

// streamReader is the other side of a streamWriter.
type streamReader struct {
	decoder *zstd.Decoder
	in      bytes.Reader
}

// read fills raw from the next piece of the frame.
func (s *streamReader) read(raw, payload []byte, anew bool) error {
	s.in.Reset(payload)
	switch {
	case s.decoder == nil && !anew:
		return malformed("a stream without a beginning")
	case s.decoder == nil:
		d, err := zstd.NewReader(&s.in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(streamWindow), zstd.WithDecoderMaxMemory(1<<62), zstd.IgnoreChecksum(true))
		if err != nil {
			return malformed("stream: %v", err)
		}
		s.decoder = d
	case anew:
		if err := s.decoder.Reset(&s.in); err != nil {
			return malformed("stream: %v", err)
		}
	}
	if _, err := io.ReadFull(s.decoder, raw); err != nil {
		return malformed("stream: %v", err)
	}
	if s.in.Len() != 0 {
		return malformed("%d bytes of the stream are left over", s.in.Len())
	}
	return nil
}

// frames writes and reads zstd frames that stand alone.
type frames struct {
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

// write appends raw as a frame to dst.
func (f *frames) write(dst, raw []byte) []byte {
	if f.encoder == nil {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
			zstd.WithEncoderCRC(false), zstd.WithWindowSize(128<<10), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic("screen: " + err.Error()) // the options are constants
		}
		f.encoder = e
	}
	return f.encoder.EncodeAll(raw, dst)
}

// read fills raw, whose length is known, from a frame.
func (f *frames) read(raw, frame []byte) error {
	if f.decoder == nil {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxMemory(MaxPart), zstd.WithDecoderMaxWindow(MaxPart), zstd.IgnoreChecksum(true),
			zstd.WithDecodeAllCapLimit(true))
		if err != nil {
			return malformed("frame: %v", err)
		}
		f.decoder = d
	}
	got, err := f.decoder.DecodeAll(frame, raw[:0:len(raw)])
	if err != nil || len(got) != len(raw) {
		return malformed("frame of %d bytes instead of %d: %v", len(got), len(raw), err)
	}
	return nil
}
