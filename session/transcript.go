package session

// transcript is the newest of a chat. When it is full the oldest lines go; the journal has them.
type transcript struct {
	lines []ChatLine
	bytes int // of their texts
}

// Bounds of a transcript, in lines and bytes.
const (
	maxTranscript      = 10_000
	maxTranscriptBytes = 4 << 20
)

func (t *transcript) add(line ChatLine) {
	t.lines = append(t.lines, line)
	t.bytes += len(line.Text)
	gone := 0
	for ; len(t.lines)-gone > maxTranscript || t.bytes > maxTranscriptBytes; gone++ {
		t.bytes -= len(t.lines[gone].Text)
		t.lines[gone] = ChatLine{}
	}
	t.lines = t.lines[gone:] // append moves them to another place when there is no room behind them
}
