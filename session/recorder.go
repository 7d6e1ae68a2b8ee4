package session

import (
	"context"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"sync"
	"time"

	"handrail/session/journal"
	"handrail/session/secure"
	"handrail/session/wire"
)

// MsgJournal, customer → operator: Line continues the journal, with the customer's Signature of its hash; operator →
// customer: the operator's Signature of entry Number.
const MsgJournal ControlType = "journal"

// journalContext keeps the journal's signatures apart from others.
const journalContext = "journal"

// Recorder keeps one side's copy of a session's journal. The customer's side writes the entries; each is signed by
// both as it comes, so that whatever ends the session, both have what was signed until then. Writing an entry never waits for
// the network: Tell sends them. Methods are safe for concurrent use.
type Recorder struct {
	log     *journal.Log
	channel *secure.Channel
	role    wire.Role
	send    func(ControlMessage) error
	written chan struct{} // buffered 1: there may be entries that the operator has not been told

	hashing sync.WaitGroup
	turn    chan struct{} // of hashing one file after the other
	given   chan struct{} // closed when nobody waits for hashes any more
}

// NewRecorder begins a journal with the keys of the session's channel.
func NewRecorder(role wire.Role, id string, channel *secure.Channel, send func(ControlMessage) error) *Recorder {
	r := &Recorder{
		log: journal.Receiver(), channel: channel, role: role, send: send, turn: make(chan struct{}, 1), given: make(chan struct{}),
		written: make(chan struct{}, 1),
	}
	if role == wire.Customer {
		r.log = journal.New(journal.Begin{Session: id, Operator: channel.PeerKey(), Customer: channel.Key()})
		r.written <- struct{}{}
	}
	return r
}

// Event writes down what an event of the customer's tells, if it belongs into a journal.
func (r *Recorder) Event(e Event) {
	entry := journal.Entry{Type: string(e.Type), Time: e.Time.UTC().Truncate(time.Millisecond)}
	switch e.Type {
	case EventState:
		if entry.What, entry.Text = string(e.State), string(e.Reason); e.Peer != nil {
			entry.Who = e.Peer.Name
		}
	case EventPermission:
		entry.Who, entry.What, entry.Text = string(e.By), string(e.Name), map[bool]string{true: "granted", false: "taken"}[e.Granted != nil && *e.Granted]
	case EventPlain:
		entry.What = map[bool]string{true: "off", false: "back"}[e.Granted != nil && *e.Granted]
	case EventControl:
		entry.Who = string(e.Holder)
	case EventChat:
		entry.Who, entry.Text = string(e.From), e.Text
	case EventFile:
		if e.File == nil || e.File.State == "running" {
			return
		}
		entry.What, entry.Text, entry.Size = e.File.Name, string(e.File.Direction)+" "+string(e.File.State), e.File.Size
		if e.File.State == "done" && e.File.Path != "" {
			r.hashing.Go(func() { r.addFile(entry, e.File.Path) })
			return
		}
	default:
		return
	}
	r.add(entry)
}

// addFile adds the entry of a file or folder that has arrived, or was sent, when its hash is known.
func (r *Recorder) addFile(e journal.Entry, path string) {
	r.turn <- struct{}{}
	defer func() { <-r.turn }()
	e.Hash = hashPath(path, r.given)
	r.add(e)
}

// Settle waits until the hashes of files are known, but not for long: what is not known then stays without.
func (r *Recorder) Settle(patience time.Duration) {
	timer := time.AfterFunc(patience, func() { close(r.given) })
	r.hashing.Wait()
	timer.Stop()
}

func (r *Recorder) add(e journal.Entry) {
	r.log.Add(e)
	select {
	case r.written <- struct{}{}:
	default:
	}
}

// Tell sends the operator each entry, in order, until ctx ends or no more can be sent. What waits is in the journal anyway, which
// has bounds.
func (r *Recorder) Tell(ctx context.Context) error {
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.written:
		}
		for line := r.log.Line(n); line != nil; line = r.log.Line(n) {
			if err := r.send(ControlMessage{Type: MsgJournal, Number: n, Line: line, Signature: r.sign(n)}); err != nil {
				return err
			}
			n++
		}
	}
}

func (r *Recorder) sign(n int) []byte { return r.channel.Sign(journalContext, r.log.HashOf(n)) }

// Receive takes in what the other side has said about the journal.
func (r *Recorder) Receive(m ControlMessage) error {
	if r.role == wire.Operator {
		if err := r.log.Append(m.Line); err != nil {
			return err
		}
		m.Number, _ = r.log.Head()
	}
	hash := r.log.HashOf(m.Number)
	if hash == nil || !secure.VerifySignature(r.channel.PeerKey(), journalContext, hash, m.Signature) {
		return journal.ErrChain
	}
	mine, other := r.sign(m.Number), wire.Customer
	if r.role == wire.Customer {
		other = wire.Operator
	}
	r.log.Sign(string(other), m.Number, m.Signature)
	r.log.Sign(string(r.role), m.Number, mine)
	if r.role == wire.Operator {
		return r.send(ControlMessage{Type: MsgJournal, Number: m.Number, Signature: mine})
	}
	return nil
}

// File is the journal as a file, and Text the one for people.
func (r *Recorder) File() []byte { return r.log.File() }

// Text is the journal for people, with the file below it.
func (r *Recorder) Text() []byte { return r.log.Text() }

// Save writes the journal into a folder, which is made if need be: NAME.journal, and NAME.txt for people.
func (r *Recorder) Save(folder, name string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	base := filepath.Join(folder, filepath.Base(name))
	if err := os.WriteFile(base+".txt", r.Text(), 0o600); err != nil {
		return err
	}
	return os.WriteFile(base+".journal", r.File(), 0o600)
}

// JournalReport is what VerifyJournal found in order.
type JournalReport = journal.Report

// VerifyJournal checks a file that Save has written.
func VerifyJournal(data []byte) (journal.Report, error) {
	return journal.Verify(data, func(key ed25519.PublicKey, hash, signature []byte) bool {
		return secure.VerifySignature(key, journalContext, hash, signature)
	})
}

// SameJournal checks that two journals tell the same.
func SameJournal(a, b journal.Report) error { return journal.Same(a, b) }
