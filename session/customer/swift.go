package customer

import "time"

// swift decides for each update whether what is plain is written as LZ4 or in the stream. The stream takes a fraction of
// the bytes and several times as long. On a link that is faster than the encoder large updates are there earlier as LZ4;
// on all others, and for all that is small, the stream is better. Speeds and sizes are measured while encoding.
type swift struct {
	stream, block writer
}

// writer is what is known of a way of writing pixels.
type writer struct {
	speed float64 // bytes of pixels a second
	ratio float64 // bytes written for each
}

// Until something has been measured: about what a slow computer does with a desktop.
var (
	firstStream = writer{speed: 200e6, ratio: 0.03}
	firstBlock  = writer{speed: 800e6, ratio: 0.10}
)

const (
	// leastMeasured is how many bytes of pixels say something about speed.
	leastMeasured = 256 << 10
	// patience is how long the stream may take: nobody sees a page come sooner than that.
	patience = 50 * time.Millisecond
	// learning is how much one more measurement counts.
	learning = 0.2
)

// fast says whether so many bytes of plain pixels are to be written as LZ4, over a link of this rate in bytes a second
// (0: not known). What the stream writes within patience is not worth any more bytes.
func (s *swift) fast(pixels int, rate float64) bool {
	if s.stream.speed == 0 {
		s.stream, s.block = firstStream, firstBlock
	}
	if rate == 0 || float64(pixels)/s.stream.speed < patience.Seconds() {
		return false
	}
	return s.block.seconds(pixels, rate) < s.stream.seconds(pixels, rate)
}

// seconds is about how long it takes until so many bytes of pixels are written and have passed the link.
func (w writer) seconds(pixels int, rate float64) float64 {
	return float64(pixels)/w.speed + float64(pixels)*w.ratio/rate
}

// learn takes a measurement into account: so many bytes of pixels were written in this time as so many bytes.
func (s *swift) learn(fast bool, pixels, written int, took time.Duration) {
	if pixels < leastMeasured || took <= 0 {
		return
	}
	w := &s.stream
	if fast {
		w = &s.block
	}
	w.speed += (float64(pixels)/took.Seconds() - w.speed) * learning
	w.ratio += (float64(written)/float64(pixels) - w.ratio) * learning
}
