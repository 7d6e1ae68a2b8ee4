package journal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Report is what Verify found in order.
type Report struct {
	Session string
	Entries int
	Signed  int // entries that both sides have signed
	heads   [][sha256.Size]byte
}

// Problem is what is wrong with a journal, and where.
type Problem struct {
	Line int // from 1; 0: not in one line
	Text string
}

func (p *Problem) Error() string {
	if p.Line == 0 {
		return "The journal is not in order: " + p.Text + "."
	}
	return fmt.Sprintf("The journal is not in order: line %d %s.", p.Line, p.Text)
}

// Verify checks a file that File or Text has made. check tells whether a key's owner has signed a hash. An error is a
// *Problem.
func Verify(data []byte, check func(key ed25519.PublicKey, hash, signature []byte) bool) (Report, error) {
	offset := 0
	human, machine, isText := bytes.Cut(data, []byte(separator))
	if isText {
		offset = bytes.Count(data[:len(data)-len(machine)], []byte("\n"))
		data = machine
	}
	if !bytes.HasSuffix(data, []byte("\n")) {
		return Report{}, &Problem{Text: "its end is missing"}
	}
	lines := bytes.Split(data[:len(data)-1], []byte("\n"))
	var report Report
	var begin *Begin
	last := lines[len(lines)-1]
	log := Receiver()
	for i, line := range lines[:len(lines)-1] {
		if err := log.Append(line); err != nil {
			where := i + offset + 1
			if i > 0 {
				return report, &Problem{where, "does not follow the line before it: one of the two was changed, or lines are missing between them"}
			}
			return report, &Problem{where, "is not the beginning of a journal"}
		}
		e, _ := parse(line) // Append has seen it
		// A line that says the same in other bytes is not the one that was written.
		if canonical, err := json.Marshal(e); err != nil || !bytes.Equal(canonical, line) {
			return report, &Problem{i + offset + 1, "was changed"}
		}
		if e.Begin != nil {
			begin = e.Begin
		}
		report.Entries++
	}
	if begin == nil {
		return report, &Problem{Text: "it has no beginning"}
	}
	report.Session, report.heads = begin.Session, log.heads
	var end struct {
		Signatures *signatures `json:"signatures"`
	}
	if err := json.Unmarshal(last, &end); err != nil || end.Signatures == nil {
		return report, &Problem{len(lines) + offset, "should have the signatures"}
	}
	if canonical, err := json.Marshal(end); err != nil || !bytes.Equal(canonical, last) {
		return report, &Problem{len(lines) + offset, "was changed"}
	}
	hash := log.HashOf(end.Signatures.Signed)
	if hash == nil {
		return report, &Problem{Text: fmt.Sprintf("entry %d, which was signed, is missing", end.Signatures.Signed)}
	}
	for side, of := range map[string]struct {
		key       ed25519.PublicKey
		signature []byte
	}{"operator": {begin.Operator, end.Signatures.Operator}, "customer": {begin.Customer, end.Signatures.Customer}} {
		if !check(of.key, hash, of.signature) {
			return report, &Problem{len(lines) + offset, "has no valid signature of the " + side + ": the signature or an entry up to the signed one was changed"}
		}
	}
	report.Signed = end.Signatures.Signed + 1
	if isText && string(human) != readable(log.lines) {
		return report, &Problem{differing(human, []byte(readable(log.lines))), "of the readable part does not say what the journal says"}
	}
	return report, nil
}

// differing is the first line in which two texts differ.
func differing(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return 1 + bytes.Count(a[:n], []byte("\n"))
}

// Same checks that two journals in order are of the same session and tell the same, as far as the shorter one goes.
func Same(a, b Report) error {
	if a.Session != b.Session {
		return &Problem{Text: "the two are of different sessions, " + a.Session + " and " + b.Session}
	}
	for i := range min(len(a.heads), len(b.heads)) {
		if a.heads[i] != b.heads[i] {
			return &Problem{Text: fmt.Sprintf("the two differ from entry %d on (%s and %s)", i, hex.EncodeToString(a.heads[i][:4]), hex.EncodeToString(b.heads[i][:4]))}
		}
	}
	return nil
}
