package session

import (
	"encoding/json"
	"time"

	"handrail/session/wire"
)

// EventType names what an event tells.
type EventType string

// The types of events. Later versions may add types and fields; none go away.
const (
	EventState      EventType = "state"
	EventPermission EventType = "permission"
	EventControl    EventType = "control"
	EventChat       EventType = "chat"
	EventFile       EventType = "file"
	EventCopied     EventType = "copied"
	EventAsk        EventType = "ask"
	EventUpdate     EventType = "update"
	EventWarning    EventType = "warning"
	EventOffer      EventType = "offer"
	EventPlain      EventType = "plain"
)

// Event is something that happened in a session, as both programs' --events and "ctl events" print it: one
// JSON object a line. Which fields are set depends on Type.
type Event struct {
	Type    EventType `json:"type"`
	Session string    `json:"session"`
	Time    time.Time `json:"time"`

	State    State       `json:"state,omitempty"`    // state
	Reason   wire.Reason `json:"reason,omitempty"`   // state: why it ended, or why it waits again
	Text     string      `json:"text,omitempty"`     // chat, warning; state: Reason as a sentence
	Verifier string      `json:"verifier,omitempty"` // state joining: the four words
	Peer     *Party      `json:"peer,omitempty"`     // state joining, active: the other side

	Name    Permission `json:"name,omitempty"`    // permission
	Granted *bool      `json:"granted,omitempty"` // permission; plain: wallpaper and effects are off now
	By      wire.Role  `json:"by,omitempty"`      // permission

	Holder Holder     `json:"holder,omitempty"` // control: operator, customer or nobody
	Until  *time.Time `json:"until,omitempty"`  // control: when the operator may have it again; state reconnecting: when it is given up

	From wire.Role `json:"from,omitempty"` // chat

	Offer    string `json:"offer,omitempty"`    // offer: the ID that the customer's program shows
	Password string `json:"password,omitempty"` // offer

	About   string `json:"about,omitempty"`   // warning: what it is about: "limit." and what does not work, or "refused." and a permission
	Problem string `json:"problem,omitempty"` // warning: what stands in the way (screen.Obstacle)

	File *File `json:"-"` // file: its fields stand beside the others

	Rects [][4]int `json:"rects,omitempty"` // update: x, y, width, height of each rectangle
	Bytes int      `json:"bytes,omitempty"` // update: its size in the channel
}

// Line is the event as one line of JSON with the newline.
func (e Event) Line() []byte {
	data, err := json.Marshal(e)
	if err != nil { // every field is plain data
		panic("session: event: " + err.Error())
	}
	return append(data, '\n')
}
