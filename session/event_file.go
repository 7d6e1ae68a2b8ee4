package session

import (
	"encoding/json"

	"handrail/transfer"
)

// File is a transfer of files in an event: how it stands now.
type File struct {
	ID        string // the same on both sides
	Direction string // send or receive, seen from the program that prints the event
	Name      string
	Path      string // on this computer
	Bytes     int64  // that are done
	Size      int64
	State     string // offered, running, done, failed or cancelled
	Error     string // a sentence
}

// fileLine is an event with a File as it is printed. What both have is the File's here.
type fileLine struct {
	plainEvent
	ID        string `json:"id"`
	Direction string `json:"direction"`
	Name      string `json:"name"`
	Path      string `json:"path"`
	Bytes     int64  `json:"bytes"`
	Size      int64  `json:"size"`
	State     string `json:"state"`
	Error     string `json:"error,omitempty"`
}

type plainEvent Event

// MarshalJSON writes the event; a File's fields stand beside the others.
func (e Event) MarshalJSON() ([]byte, error) {
	f := e.File
	if f == nil {
		return json.Marshal(plainEvent(e))
	}
	return json.Marshal(fileLine{plainEvent(e), f.ID, f.Direction, f.Name, f.Path, f.Bytes, f.Size, f.State, f.Error})
}

// UnmarshalJSON reads what MarshalJSON has written.
func (e *Event) UnmarshalJSON(data []byte) error {
	var kind struct{ Type EventType }
	if err := json.Unmarshal(data, &kind); err != nil {
		return err
	}
	if kind.Type != EventFile {
		return json.Unmarshal(data, (*plainEvent)(e))
	}
	var l fileLine
	if err := json.Unmarshal(data, &l); err != nil {
		return err
	}
	*e = Event(l.plainEvent)
	e.File = &File{l.ID, l.Direction, l.Name, l.Path, l.Bytes, l.Size, l.State, l.Error}
	return nil
}

// PublishFile publishes how a transfer stands.
func (s *Status) PublishFile(f File) { s.publish(Event{Type: EventFile, File: &f}) }

// PublishCopied publishes that other files than before, or none, can be pasted here.
func (s *Status) PublishCopied() { s.publish(Event{Type: EventCopied}) }

// PublishAsk publishes that a person has to decide something: Text says what.
func (s *Status) PublishAsk(text string) { s.publish(Event{Type: EventAsk, Text: text}) }

// FileOf is a transfer as events show it.
func FileOf(r transfer.Row) File {
	f := File{
		ID: r.ID, Direction: string(r.Direction), Name: r.Name, Path: r.Path, Bytes: r.Bytes, Size: r.Size, State: string(r.State),
	}
	if r.Problem != "" {
		f.Error = r.Problem.Sentence()
	}
	return f
}
