package relay

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"

	"handrail/session/relay/mail"
	"handrail/session/relay/store"
	"handrail/session/wire"
)

// Mailer sends mails; *mail.Mailer is one.
type Mailer interface {
	Invite(ctx context.Context, to string, i mail.Invitation) error
	Welcome(ctx context.Context, to string, w mail.Welcome) error
}

// postInvitation sends a customer the way to a session of the account's.
func (s *Server) postInvitation(w http.ResponseWriter, r *http.Request, a store.Account) {
	var ask wire.Invite
	if !s.body(w, r, &ask) {
		return
	}
	err := s.invite(r.Context(), a, r.PathValue("id"), ask, s.address(r))
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	reason := wire.ReasonInternal
	var failure *wire.Error
	if errors.As(err, &failure) {
		reason = failure.Reason
	}
	if reason == wire.ReasonInternal {
		gaveUp(r.Context(), err)
	}
	s.fail(w, r, reason, 0)
}

// invite sends the mail of postInvitation. Its errors are *wire.Error, with the mail server's words as cause.
//
// The link has the routing digits only. The secret ones never reach a relay, and a mail with both would let in whoever
// reads it on its way.
func (s *Server) invite(ctx context.Context, a store.Account, id string, ask wire.Invite, base *url.URL) error {
	if s.cfg.Mail == nil {
		return wire.Fail(wire.ReasonNoMail, nil)
	}
	to, err := mail.CleanAddress(ask.To)
	if err != nil {
		return wire.Fail(wire.ReasonMailAddress, err)
	}
	session, err := s.waiting(ctx, a.ID, id)
	if err != nil {
		return err
	}
	if !s.limits.mails.take(a.ID) {
		return wire.Fail(wire.ReasonTooManyTries, nil)
	}
	organisation, err := s.cfg.Store.Organisation(ctx)
	if err != nil {
		s.log.Error("organisation could not be read", "error", err)
	}
	link := base.JoinPath("join", session.Routing)
	link.RawQuery = url.Values{"lang": {mail.Language(ask.Language)}}.Encode()
	defer unhurried(ctx)()
	err = s.cfg.Mail.Invite(ctx, to, mail.Invitation{
		Language: ask.Language, Organisation: organisation, Operator: a.Name, Link: link.String(), Routing: session.Routing,
		Left: session.Expires.Sub(s.cfg.Now()),
	})
	return s.mailed(err, "invitation", "session", id, "user", a.User)
}

// waiting is a session of an account's that waits for its customer, at whichever relay. Its errors are *wire.Error.
func (s *Server) waiting(ctx context.Context, account, id string) (wire.Session, error) {
	found, ok := s.dir.find(account, id)
	if !ok && s.nodes != nil {
		ctx, cancel := context.WithTimeout(ctx, storePatience)
		defer cancel()
		r, err := s.cfg.Store.Session(ctx, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return wire.Session{}, wire.Fail(wire.ReasonInternal, err)
		}
		found, ok = describeRecord(r), err == nil && r.Account == account && r.Ended.IsZero() && s.cfg.Now().Before(r.Created.Add(wire.CodeLife))
	}
	if !ok || found.State != wire.SessionWaiting {
		return wire.Session{}, wire.Fail(wire.ReasonNotFound, nil)
	}
	return found, nil
}

// mailed says in the log what became of a mail, without the address, and makes an error of it that people understand.
func (s *Server) mailed(err error, what string, about ...any) error {
	if err == nil {
		s.log.Info(what+" sent by mail", about...)
		return nil
	}
	s.log.Warn(what+" could not be sent by mail", append(about, "error", err)...)
	var failed *mail.Error
	if errors.As(err, &failed) && failed.Kind == mail.Refused {
		return wire.Fail(wire.ReasonMailAddress, err)
	}
	return wire.Fail(wire.ReasonMail, err)
}

// address is where people reach this relay: as configured, or else as this request has come.
func (s *Server) address(r *http.Request) *url.URL {
	if s.cfg.URL != nil {
		return s.cfg.URL
	}
	u := &url.URL{Scheme: "https", Host: r.Host}
	host := u.Hostname()
	if ip := net.ParseIP(host); r.TLS == nil && (host == "localhost" || ip != nil && ip.IsLoopback()) {
		u.Scheme = "http"
	}
	return u
}
