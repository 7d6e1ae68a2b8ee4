// Package wire is the protocol between a peer and the relay: what a relay may know.
//
// A peer (the operator's or the customer's program) dials one WebSocket for each pairing, a link, at
// LinkPath with the subprotocol Subprotocol. A link is paired at most once; another try is another link.
//
//	peer → relay   text    Hello     who I am and which session I mean
//	relay → peer   text    Notice    welcome, or refused (and the link closes)
//	relay → peer   text    Notice    paired: the other peer is here
//	both           binary  packets   forwarded untouched; at most MaxPacket bytes each
//	operator → relay text  Notice    accepted: the customer proved the code, which is thereby used up
//	relay → peer   text    Notice    ended, with the reason (and the link closes)
//	peer → relay   text    Notice    ended: this peer's person has ended the active session, for both
//
// A customer's program may also wait itself: with Hello.Offer the welcome gives it an ID, which the person reads out
// together with a password that the program has made. An operator's program starts a session with that ID, dials,
// and is paired with the waiting link; the rest is as with a code. The ID stays the same until a session is active.
//
// When a link of an active session breaks, the other one ends too (peer_left), and both peers dial again for up to
// Grace. Their Hello then has the token that came with paired; the relay welcomes each at once, and pairs them
// as soon as both are there. A relay that is stopping ends links with the reason stopping and says when to
// dial again. An active session lives over a restart of the relay.
//
// Several relays may work together. The one that has the session says in its welcome where the others are; any other
// refuses with the reason elsewhere and says where the session is. When a relay is gone, one of the others has its
// sessions a few seconds later.
//
// Text messages are JSON and speak with the relay; binary messages are sealed and pass it by. The secret
// digits of a code, and everything a session carries, are only ever inside packets.
//
// Operators also use a small HTTP interface (api.go) to sign in and to start and end sessions.
package wire

import "time"

const (
	// Version of this protocol. Peers and relays of different versions refuse each other.
	Version = 1
	// Subprotocol is the WebSocket subprotocol of a link.
	Subprotocol = "handrail"
	// LinkPath is where a relay accepts links.
	LinkPath = "/v1/link"

	// MaxPacket is the largest binary message in bytes; a relay closes a link that sends a larger one.
	MaxPacket = 64 << 10
	// MaxText is the largest text message in bytes, in either direction.
	MaxText = 4 << 10
	// HelloTimeout is how long a relay waits for the Hello after the WebSocket is open.
	HelloTimeout = 8 * time.Second
	// KeepAlive is how often each side pings an otherwise silent link.
	KeepAlive = 15 * time.Second
	// CodeLife is how long a code may wait for its customer.
	CodeLife = 10 * time.Minute
	// Grace is how long an active session outlives its links.
	Grace = 10 * time.Minute
	// MaxTries is how many customers may try a code before it is burnt.
	MaxTries = 3
)

// Role says which peer a program is.
type Role string

// The two peers of a pairing.
const (
	Operator Role = "operator"
	Customer Role = "customer"
)

// Hello is the first message on a link.
type Hello struct {
	Version int    `json:"version"`
	Role    Role   `json:"role"`
	Program string `json:"program,omitempty"` // name and version, for the relay's log

	Routing string `json:"routing,omitempty"` // customer: routing digits of the code
	Session string `json:"session,omitempty"` // operator: id of a session started by NewSession
	Token   string `json:"token,omitempty"`   // operator: from SignIn

	// Offer, of the customer: give me an ID that operators can connect to (NewSession.Customer). With Routing and
	// Resume from the welcome, the ID that I had.
	Offer bool `json:"offer,omitempty"`

	// Resume, of either peer, is the token from paired, together with Session: back to an active session.
	Resume string `json:"resume,omitempty"`
}

// NoticeType says what a Notice is about.
type NoticeType string

// The kinds of Notice, in the order in which a link sees them.
const (
	Welcome  NoticeType = "welcome"
	Refused  NoticeType = "refused"
	Paired   NoticeType = "paired"
	Accepted NoticeType = "accepted" // operator → relay
	Ended    NoticeType = "ended"    // also peer → relay
)

// Notice is every text message after the Hello.
type Notice struct {
	Type    NoticeType `json:"type"`
	Version int        `json:"version,omitempty"` // welcome, refused: the relay's
	Reason  Reason     `json:"reason,omitempty"`  // refused, ended
	Text    string     `json:"text,omitempty"`    // refused, ended: one English sentence for a person

	Session string `json:"session,omitempty"` // welcome, and paired to the customer
	Routing string `json:"routing,omitempty"` // welcome to an Offer: the ID

	// Paired, to the customer: who is asking, as the relay knows the account.
	OperatorName string `json:"operator_name,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	// Paired, to the customer: names of the permissions that the organisation lets customers be asked for; none: all.
	Allowed []string `json:"allowed,omitempty"`
	// Paired, to the operator: the address that the customer's link comes from, without the port.
	Address string `json:"address,omitempty"`
	// Paired: which of the MaxTries tries of the code this is, from 1.
	Try int `json:"try,omitempty"`
	// Paired: with this token the peer may come back when the session has become active. Not on later links.
	// Welcome to a new Offer: with this token the program may show the same ID again.
	Resume string `json:"resume,omitempty"`
	// Ended, when the relay is stopping: after how long to dial again, in milliseconds.
	After int `json:"after_ms,omitempty"`

	// Refused because the session is elsewhere: the address of the relay that has it.
	Relay string `json:"relay,omitempty"`
	// Welcome: the addresses of relays that take this one's sessions over when it dies, at most 8.
	Relays []string `json:"relays,omitempty"`
}
