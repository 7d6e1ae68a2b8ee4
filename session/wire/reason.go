package wire

import (
	"fmt"
	"time"
)

// Reason says in one word why something was refused or ended. The words are stable: programs, logs and
// translations use them. Sentence gives the English for people.
type Reason string

// Reasons that a relay gives.
const (
	ReasonVersion      Reason = "version"        // the relay speaks another version
	ReasonMalformed    Reason = "malformed"      // a message that is not what the protocol says
	ReasonTooLarge     Reason = "too_large"      // a message above the agreed size
	ReasonSignIn       Reason = "sign_in"        // wrong name or password, or signed out
	ReasonUnknownCode  Reason = "unknown_code"   // no session waits under these routing digits
	ReasonUnknownID    Reason = "unknown_id"     // no customer's program shows this ID
	ReasonExpired      Reason = "expired"        // nobody joined within CodeLife
	ReasonBurnt        Reason = "burnt"          // MaxTries wrong codes
	ReasonBusy         Reason = "busy"           // somebody else is joining or has joined
	ReasonTooManyTries Reason = "too_many_tries" // this address must wait
	ReasonEnded        Reason = "ended"          // the session was ended by its operator
	ReasonPeerLeft     Reason = "peer_left"      // the other peer's link is gone
	ReasonReplaced     Reason = "replaced"       // a newer link of the same peer took over
	ReasonStopping     Reason = "stopping"       // the relay is being stopped
	ReasonTimeout      Reason = "timeout"        // something expected did not come in time
	ReasonNotFound     Reason = "not_found"      // no such session of this account
	ReasonElsewhere    Reason = "elsewhere"      // another of the relays that work together has the session
	ReasonInternal     Reason = "internal"       // the relay failed; its log says why
	ReasonNoMail       Reason = "no_mail"        // this relay sends no mails
	ReasonMail         Reason = "mail"           // the mail server did not take the mail
	ReasonMailAddress  Reason = "mail_address"   // it is none, or the mail server does not deliver to it
)

// Reasons that only peers give or find.
const (
	ReasonWrongCode     Reason = "wrong_code"     // the secret digits differ
	ReasonWrongPassword Reason = "wrong_password" // the password that belongs to an ID differs
	ReasonGuessed       Reason = "guessed"        // MaxTries wrong passwords for an ID
	ReasonIntercepted   Reason = "intercepted"    // the channel is not with the peer it should be with
	ReasonUnreachable   Reason = "unreachable"    // the relay cannot be reached
	ReasonRelayLost     Reason = "relay_lost"     // the link to the relay broke
	ReasonProxy         Reason = "proxy"          // the HTTP proxy does not let the program through
	ReasonProxyPassword Reason = "proxy_password" // the HTTP proxy wants a name and password, or others
	ReasonNotARelay     Reason = "not_a_relay"    // what answers there is no Handrail relay
	ReasonInsecure      Reason = "insecure"       // an address without TLS that is not this computer
	ReasonDeclined      Reason = "declined"       // the customer did not agree
	ReasonByOperator    Reason = "by_operator"    // ended by the operator
	ReasonByCustomer    Reason = "by_customer"    // ended by the customer
	ReasonPanic         Reason = "panic"          // the customer pressed the keys that stop everything at once
	ReasonProtocol      Reason = "protocol"       // the peer broke the protocol
	ReasonPeerVersion   Reason = "peer_version"   // the other side's program is of another version
	ReasonNoScreen      Reason = "no_screen"      // the customer's screen cannot be captured
	ReasonNoInput       Reason = "no_input"       // the computer does not let this program move its pointer and press its keys
	ReasonClosed        Reason = "closed"         // this program is closing
	ReasonCancelled     Reason = "cancelled"      // the person here changed their mind
)

var sentences = map[Reason]string{
	ReasonVersion:       "The programs that should work together are of different versions. Please get the current program.",
	ReasonMalformed:     "The relay received a message that it does not understand. Please get the current program.",
	ReasonTooLarge:      "A message was larger than agreed, so the connection was closed.",
	ReasonSignIn:        "The name or the password is not right, or you have been signed out.",
	ReasonUnknownCode:   "No session waits under this code. Please check the code with the person helping you.",
	ReasonUnknownID:     "No computer waits under this ID. Please ask the customer to read it out again.",
	ReasonExpired:       "The code has expired because nobody joined in time. Start a new session.",
	ReasonBurnt:         "The code was typed wrongly three times and is no longer valid. Start a new session.",
	ReasonBusy:          "Somebody else is already joining with this code. Please ask for a new code.",
	ReasonTooManyTries:  "There were too many tries from this address. Please wait a minute and try again.",
	ReasonEnded:         "The session has ended. Please ask for a new code.",
	ReasonPeerLeft:      "The other side has left.",
	ReasonReplaced:      "This session was opened in another place.",
	ReasonStopping:      "The relay is being stopped. Please try again in a minute.",
	ReasonTimeout:       "The other side did not answer in time. Please try again.",
	ReasonNotFound:      "There is no such session.",
	ReasonElsewhere:     "Another relay has this session. Please try again in a moment.",
	ReasonInternal:      "The relay had a problem. Please try again, and tell its administrator if it stays.",
	ReasonNoMail:        "This relay sends no mails. Please send the link by yourself.",
	ReasonMail:          "The mail could not be sent. Please send the link by yourself, and tell the relay's administrator.",
	ReasonMailAddress:   "Mail cannot be delivered to this address. Please check it.",
	ReasonWrongCode:     "The code is not right, or something interferes with the connection. Please check the last six digits and try again.",
	ReasonWrongPassword: "The password is not right. Please ask the customer to read it out again.",
	ReasonGuessed:       "A wrong password was typed three times, so this one is no longer valid. Show a new one if you still want help.",
	ReasonIntercepted:   "The connection is not secure: something between the two computers interferes. The session was stopped.",
	ReasonUnreachable:   "The relay cannot be reached. Please check the Internet connection and the relay's address.",
	ReasonRelayLost:     "The connection to the relay was lost.",
	ReasonProxy:         "The proxy of this network does not let the program through to the relay. Please ask whoever runs the network.",
	ReasonProxyPassword: "The proxy of this network wants a name and a password, or those given are not right. Please check the proxy setting.",
	ReasonNotARelay:     "There is no Handrail relay at this address.",
	ReasonInsecure:      "This relay's address does not use https, so the connection was refused.",
	ReasonDeclined:      "The customer did not agree to share the screen.",
	ReasonByOperator:    "The operator has ended the session.",
	ReasonByCustomer:    "The customer has ended the session.",
	ReasonPanic:         "The customer has stopped everything at once with the emergency keys.",
	ReasonProtocol:      "The other side sent something that this program does not understand, so the session was stopped.",
	ReasonPeerVersion:   "The other side uses a program of a different version. Please get the current program on both computers.",
	ReasonNoScreen:      "This computer's screen cannot be captured.",
	ReasonNoInput:       "This computer does not let the program control its mouse and keyboard.",
	ReasonClosed:        "The program was closed.",
	ReasonCancelled:     "Cancelled.",
}

// Sentence is the reason as one English sentence for a person, never empty.
func (r Reason) Sentence() string {
	if s, ok := sentences[r]; ok {
		return s
	}
	return fmt.Sprintf("The session has ended (%s).", string(r))
}

// Error is a Reason as an error. Cause, where known, is for logs; people see the reason's sentence.
type Error struct {
	Reason Reason
	Cause  error
	After  time.Duration // when to try again, where the relay has said so
	Relay  string        // ReasonElsewhere: the address of the relay that has the session
}

// Fail makes an *Error.
func Fail(reason Reason, cause error) *Error { return &Error{Reason: reason, Cause: cause} }

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Reason.Sentence() + " [" + e.Cause.Error() + "]"
	}
	return e.Reason.Sentence()
}

func (e *Error) Unwrap() error { return e.Cause }

// Is makes errors.Is(err, wire.Fail(reason, nil)) compare reasons.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Reason == e.Reason
}
