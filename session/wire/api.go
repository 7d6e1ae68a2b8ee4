package wire

import "time"

// The relay's HTTP interface for operators. Bodies are JSON; every answer carries VersionHeader; a failed
// call answers with its status and a Failure. All but SignIn need "Authorization: Bearer TOKEN".
//
//	POST   /v1/signin         SignIn      → 200 SignedIn       401 sign_in, 429 too_many_tries
//	DELETE /v1/signin                     → 204                sign out: the token is dead
//	POST   /v1/sessions       NewSession  → 201 Session
//	GET    /v1/sessions                   → 200 []Session      this account's waiting and active ones
//	DELETE /v1/sessions/{id}              → 204                ends it for both peers; 404 not_found
//	POST   /v1/sessions/{id}/invitation  Invite → 204          501 no_mail, 422 mail_address, 502 mail
//	POST   /v1/reports     Report         → 201 Reported       no token needed; 404 where none are taken
//	GET    /healthz                       → 200 Health         no token needed
const (
	SignInPath    = "/v1/signin"
	SessionsPath  = "/v1/sessions"
	ReportsPath   = "/v1/reports"
	HealthPath    = "/healthz"
	VersionHeader = "Handrail-Version"
)

// SignIn asks for a token.
type SignIn struct {
	User string `json:"user"`
	// Password may be followed by SecondMark and what proves a second factor: six digits, or a recovery code.
	Password string `json:"password"`
}

// SecondMark stands between a password and what follows it as a second factor.
const SecondMark = "\x1f"

// SignedIn is the answer to SignIn. The token lives until Expires or until signed out.
type SignedIn struct {
	// Relays are the addresses of others that work together with this one, and take the same token; at most 8.
	Relays []string `json:"relays,omitempty"`

	Token        string    `json:"token"`
	Name         string    `json:"name"`         // the account's display name, which customers see
	Organisation string    `json:"organisation"` // may be empty
	Expires      time.Time `json:"expires"`
	Mail         bool      `json:"mail"`    // this relay sends invitations
	Allowed      []string  `json:"allowed"` // names of permissions that customers may be asked for; null: all
}

// NewSession asks for a session with a fresh routing number, or with a customer who shows an ID: then it may fail
// with 404 unknown_id or 409 busy.
type NewSession struct {
	Customer string `json:"customer,omitempty"` // the ID
}

// SessionState is a session's state as the relay knows it.
type SessionState string

// A session waits for its customer, is active from the operator's Accepted on, and ends once.
const (
	SessionWaiting SessionState = "waiting"
	SessionActive  SessionState = "active"
	SessionEnded   SessionState = "ended"
)

// Session is a session as the relay knows it.
type Session struct {
	ID      string       `json:"id"`
	Routing string       `json:"routing"` // 4 digits, or up to 7 when these run short
	State   SessionState `json:"state"`
	Created time.Time    `json:"created"`
	Expires time.Time    `json:"expires"` // end of the code's life while waiting
}

// Invite asks for a mail to a customer with the way to a waiting session. It has the routing digits only; the secret ones
// are for the phone.
type Invite struct {
	To       string `json:"to"`
	Language string `json:"language"` // en, sl, de, nb or ko; another one becomes en
}

// Failure is the body of an answer that refuses.
type Failure struct {
	Reason Reason `json:"reason"`
	Relay  string `json:"relay,omitempty"` // elsewhere: where to ask instead
	Text   string `json:"text"`
}

// Health is the answer of HealthPath.
type Health struct {
	Status   string `json:"status"` // "ok"
	Version  int    `json:"version"`
	Sessions int    `json:"sessions"` // waiting and active

	Release string `json:"release,omitempty"` // of the programs that belong to the relay, such as 1.2.0
}

// MaxReport is the largest body of a Report, in bytes.
const MaxReport = 64 << 10

// Report is an error report that a person has read and sends.
type Report struct {
	Text string `json:"text"`
}

// Reported is the answer to Report: the number by which the administrator finds it.
type Reported struct {
	Number string `json:"number"`
}
