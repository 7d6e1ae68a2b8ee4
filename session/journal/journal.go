// Package journal is the record of what happened in a session, which neither side can change afterwards without that
// being seen. It never has keystrokes or pictures in it.
//
//	log := journal.New(journal.Begin{Session: id, Operator: operatorKey, Customer: customerKey})
//	line := log.Add(journal.Entry{Type: "chat", Who: "customer", Text: "hello"}) // to the other side
//	err := log.Append(line)                                                      // there
//	log.Sign("operator", n, signature)
//	os.WriteFile(name, log.File(), 0o600)
//	report, err := journal.Verify(data)
//
// A file has one JSON object a line. Each entry has the SHA-256 of the line before it, without its line end, in "prev";
// the first has the public keys of both session certificates. The last line has both sides' signatures of the newest
// entry that both have signed. Text is the same for people: a line for each entry, and below them the file.
package journal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Bounds of what is kept, in bytes and entries. A longer text ends with an ellipsis. When there is no more room for entries of a
// type, one of the type left_out says so. Since a peer can make as much chat as it likes, chat has a bound of its own, and the
// last room is for what is allowed and how the session stands.
const (
	MaxText    = 4 << 10
	MaxLine    = 48 << 10
	MaxEntries = 100_000
	MaxBytes   = 64 << 20

	maxChat      = MaxEntries / 2
	maxChatBytes = MaxBytes / 4
	room         = MaxEntries / 10 // for states and permissions alone
	roomBytes    = MaxBytes / 8
)

// Types of entries that have bounds of their own.
const (
	TypeChat       = "chat"
	TypeState      = "state"
	TypePermission = "permission"
	TypeLeftOut    = "left_out" // What: the type of what is left out from here on
)

// Begin is what the first entry says.
type Begin struct {
	Session  string            `json:"session"`
	Operator ed25519.PublicKey `json:"operator_key"`
	Customer ed25519.PublicKey `json:"customer_key"`
}

// Entry is something that happened. Which fields are set depends on Type.
type Entry struct {
	N     int       `json:"n"`
	Time  time.Time `json:"time"`
	Type  string    `json:"type"`
	Begin *Begin    `json:"begin,omitempty"` // of the first
	Who   string    `json:"who,omitempty"`   // operator or customer
	What  string    `json:"what,omitempty"`  // a permission, a file's name, a state
	Text  string    `json:"text,omitempty"`
	Size  int64     `json:"size,omitempty"`
	Hash  string    `json:"hash,omitempty"` // SHA-256 of a file or folder, see session/hash.go
	Prev  string    `json:"prev"`
}

// signatures is the last line of a file.
type signatures struct {
	Signed   int    `json:"signed"` // number of the entry
	Operator []byte `json:"operator,omitempty"`
	Customer []byte `json:"customer,omitempty"`
}

// Log is one side's journal. Its methods are safe for concurrent use.
type Log struct {
	mu    sync.Mutex
	lines [][]byte
	heads [][sha256.Size]byte // of each line
	bytes int                 // of all lines
	last  map[string]signed   // by side
	both  signatures

	chat, chatBytes int             // how many of the lines are chat, and their bytes
	full            map[string]bool // types of which something was left out
}

type signed struct {
	n         int
	signature []byte
}

// ErrChain says that a line does not follow what is there.
var ErrChain = errors.New("journal: the line does not continue this journal")

// New begins a journal.
func New(b Begin) *Log {
	l := Receiver()
	l.Add(Entry{Type: "begin", Begin: &b})
	return l
}

// Receiver is a journal whose entries all come from the other side.
func Receiver() *Log { return &Log{last: map[string]signed{}, full: map[string]bool{}} }

// Add writes an entry and returns its line, or nil when there is no room for it. N, Prev, and Time where it is zero, are set
// here.
func (l *Log) Add(e Entry) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full[e.Type] {
		return nil
	}
	if e.Time.IsZero() {
		e.Time = time.Now().UTC().Truncate(time.Millisecond)
	}
	if len(e.Text) > MaxText {
		e.Text = strings.ToValidUTF8(e.Text[:MaxText], "") + "…"
	}
	if line := l.lineLocked(e); l.fitsLocked(e, len(line)) {
		l.push(line)
		if e.Type == TypeChat {
			l.chat, l.chatBytes = l.chat+1, l.chatBytes+len(line)
		}
		return line
	}
	l.full[e.Type] = true
	if len(l.lines) < MaxEntries {
		l.push(l.lineLocked(Entry{Type: TypeLeftOut, Time: e.Time, What: e.Type, Text: "There is too much of this. From here on it is left out."}))
	}
	return nil
}

// fitsLocked tells whether there is room for an entry. One place is left for saying that there is none.
func (l *Log) fitsLocked(e Entry, size int) bool {
	entries, bytes := MaxEntries-16, MaxBytes-16<<10
	if e.Type != TypeState && e.Type != TypePermission && e.Begin == nil {
		entries, bytes = entries-room, bytes-roomBytes
	}
	if e.Type == TypeChat && (l.chat >= maxChat || l.chatBytes+size > maxChatBytes) {
		return false
	}
	return len(l.lines) < entries && l.bytes+size <= bytes
}

// lineLocked is what an entry is written as when it comes next.
func (l *Log) lineLocked(e Entry) []byte {
	e.N = len(l.lines)
	if e.N > 0 {
		e.Prev = hex.EncodeToString(l.heads[e.N-1][:])
	}
	line, err := json.Marshal(e)
	if err != nil { // plain data
		panic("journal: " + err.Error())
	}
	return line
}

// ErrFull says that the other side's journal is longer than its program would have made it.
var ErrFull = errors.New("journal: there is more than a journal may have")

// Append takes the other side's line in, if it continues the journal.
func (l *Log) Append(line []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, err := parse(line)
	if err != nil {
		return err
	}
	prev := ""
	if len(l.heads) > 0 {
		prev = hex.EncodeToString(l.heads[len(l.heads)-1][:])
	}
	if e.N != len(l.lines) || e.Prev != prev || e.N == 0 != (e.Begin != nil) {
		return ErrChain
	}
	if e.N >= MaxEntries || l.bytes+len(line) > MaxBytes {
		return ErrFull
	}
	l.push(bytes.Clone(line))
	return nil
}

func (l *Log) push(line []byte) {
	l.lines = append(l.lines, line)
	l.bytes += len(line)
	l.heads = append(l.heads, sha256.Sum256(line))
}

func parse(line []byte) (Entry, error) {
	var e Entry
	if len(line) > MaxLine || bytes.ContainsAny(line, "\r\n") {
		return e, fmt.Errorf("%w: a line of %d bytes", ErrChain, len(line))
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return e, fmt.Errorf("%w: %v", ErrChain, err)
	}
	return e, nil
}

// Head is the number of the newest entry and its hash, which is what is signed.
func (l *Log) Head() (n int, hash []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n = len(l.heads) - 1
	if n < 0 {
		return n, nil
	}
	return n, bytes.Clone(l.heads[n][:])
}

// Line is an entry's line, or nil.
func (l *Log) Line(n int) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < 0 || n >= len(l.lines) {
		return nil
	}
	return l.lines[n]
}

// HashOf is the hash of an entry, or nil.
func (l *Log) HashOf(n int) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < 0 || n >= len(l.heads) {
		return nil
	}
	return bytes.Clone(l.heads[n][:])
}

// Sign keeps a side's signature of an entry's hash, which the caller has checked.
func (l *Log) Sign(side string, n int, signature []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last[side] = signed{n, signature}
	o, c := l.last["operator"], l.last["customer"]
	if o.n == c.n && o.signature != nil && c.signature != nil {
		l.both = signatures{Signed: n, Operator: o.signature, Customer: c.signature}
	}
}

// File is the journal as a file.
func (l *Log) File() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b bytes.Buffer
	for _, line := range l.lines {
		b.Write(line)
		b.WriteByte('\n')
	}
	last, _ := json.Marshal(struct {
		Signatures signatures `json:"signatures"`
	}{l.both})
	b.Write(last)
	b.WriteByte('\n')
	return b.Bytes()
}

// separator stands between the two parts of a Text.
const separator = "\n---- the journal itself, for \"handrail verify\" ----\n"

// Text is the journal for people, with the file below it.
func (l *Log) Text() []byte {
	file := l.File()
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]byte(readable(l.lines)+separator), file...)
}

func readable(lines [][]byte) string {
	var b strings.Builder
	b.WriteString("What happened in this Handrail session. Times are in UTC.\n\n")
	for _, line := range lines {
		if e, err := parse(line); err == nil {
			b.WriteString(sentence(e) + "\n")
		}
	}
	return b.String()
}

func sentence(e Entry) string {
	parts := []string{e.Time.UTC().Format("2006-01-02 15:04:05"), e.Type}
	if e.Begin != nil {
		parts = append(parts, "session "+e.Begin.Session)
	}
	for _, p := range []string{e.Who, e.What, e.Text} {
		if p != "" {
			parts = append(parts, fmt.Sprintf("%q", p))
		}
	}
	if e.Size > 0 {
		parts = append(parts, fmt.Sprintf("%d bytes", e.Size))
	}
	if e.Hash != "" {
		parts = append(parts, "SHA-256 "+e.Hash)
	}
	return strings.Join(parts, "  ")
}
