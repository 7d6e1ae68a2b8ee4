// Package session is what operators and customers do together, apart from how: codes, states, permissions,
// the events that programs report, and the messages that peers exchange.
//
// The two roles are in session/operator and session/customer. Between them lies a channel:
//
//	session/link    a peer's WebSocket to the relay          packets
//	session/secure  TLS 1.3 and CPace inside those packets   bytes
//	session/mux     streams with priorities on that channel  messages
//	session         what the messages mean
package session

import "strings"

// State is where a session stands.
//
//	                                                             reconnecting
//	                                                    link lost │▲     │ not back in wire.Grace
//	                                                     or back  ▼│     ▼
//	waiting ──customer proves the code──▶ joining ──Start sharing──▶ active ──▶ ended
//	   └───────────── expired, burnt, ended by either side ─────────────────────▲
//
// A customer's session begins in joining.
type State string

// The states of a session. Reconnecting follows active while a broken link is being replaced.
const (
	Waiting      State = "waiting"
	Joining      State = "joining"
	Active       State = "active"
	Reconnecting State = "reconnecting"
	Ended        State = "ended"
)

// Quality is what an operator asks of the picture.
type Quality string

// High is 24 bit colour, lossless as soon as the picture is still; Speed is 16 bit colour, which is half the bytes or
// less; Low is 8 bit, for very slow links. Automatic sends fewer colours only as long as the link is slow and the
// picture moves, and brings it to High when it is still.
const (
	High      Quality = "high"
	Speed     Quality = "speed"
	Low       Quality = "low"
	Automatic Quality = "auto"
)

// Valid tells whether q is a quality that exists.
func (q Quality) Valid() bool { return q == High || q == Speed || q == Low || q == Automatic }

// Holder says who moves the customer's pointer and presses its keys: never both at once.
type Holder string

// Nobody has control before a session is active and after it.
const (
	HolderOperator Holder = "operator"
	HolderCustomer Holder = "customer"
	Nobody         Holder = "nobody"
)

// Party is a peer as the other one sees it.
type Party struct {
	Name         string `json:"name"`                   // operator: the account's display name; customer: the computer's name
	Organisation string `json:"organisation,omitempty"` // operator: the help desk's
	Relay        string `json:"relay,omitempty"`        // host of the relay that vouches for the name
	Program      string `json:"program,omitempty"`      // name and version
	System       string `json:"system,omitempty"`       // operating system
}

// VerifierText is a channel's four words as they are shown and compared.
func VerifierText(words [4]string) string { return strings.Join(words[:], " ") }
