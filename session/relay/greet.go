package relay

import (
	"context"
	"time"

	"github.com/coder/websocket"

	"handrail/session/relay/store"
	"handrail/session/wire"
)

// greet reads a new link's Hello and brings the link to its session, or says why not.
func (s *Server) greet(l *link) wire.Reason {
	late := time.AfterFunc(s.cfg.Times.Hello, func() { l.finish(wire.Refused, wire.ReasonTimeout) })
	m, reason := l.read()
	if !late.Stop() {
		m.free()
		return wire.ReasonTimeout
	}
	if reason != "" {
		return reason
	}
	defer m.free()
	if m.kind != websocket.MessageText {
		return wire.ReasonMalformed
	}
	hello, reason := parseHello(m.data)
	if reason != "" {
		return reason
	}
	l.identity.Store(&identity{
		role: hello.Role,
		log:  l.log().With("role", string(hello.Role), "program", hello.Program),
	})
	if hello.Offer {
		return s.greetOffer(l, hello)
	}
	if hello.Resume != "" {
		s.metrics.resumes.Add(1)
	}
	if hello.Role == wire.Customer && hello.Resume != "" {
		l.log().Info("customer comes back", "session", printable(hello.Session))
		return s.nodes.elsewhere(l, hello.Session, "", s.orEnded(s.dir.resumeCustomer(l, hello.Session, hello.Resume), hello.Session,
			func(r store.SessionRecord) bool {
				return r.CustomerResume != "" && sameHash(r.CustomerResume, hello.Resume)
			}))
	}
	if hello.Role == wire.Customer {
		return s.greetCustomer(l, hello)
	}
	return s.greetOperator(l, hello)
}

func (s *Server) greetCustomer(l *link, hello wire.Hello) wire.Reason {
	if !s.limits.joins.take(addressKey(l.address)) {
		return wire.ReasonTooManyTries
	}
	s.metrics.joins.Add(1)
	l.log().Info("customer joins", "routing", shortened(hello.Routing))
	if s.slow.left("") { // somebody is trying numbers, perhaps from many addresses: everybody joins more slowly for now
		return s.join(l, hello.Routing)
	}
	select {
	case <-time.After(s.cfg.Times.Slow):
	case <-l.gone:
	}
	return s.join(l, hello.Routing)
}

func (s *Server) greetOffer(l *link, hello wire.Hello) wire.Reason {
	if !s.limits.joins.take(addressKey(l.address)) {
		return wire.ReasonTooManyTries
	}
	l.log().Info("customer shows an ID")
	reason := s.dir.joinOffer(l, hello.Routing, hello.Resume)
	if reason != wire.ReasonNotFound {
		return reason
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Times.Hello)
	defer cancel()
	if l.elsewhere = s.nodes.offerAt(ctx, hello.Routing); l.elsewhere != "" {
		return wire.ReasonElsewhere
	}
	return reason
}

// takeOverPause is how long a customer waits between two looks at who has the session of a relay that died.
const takeOverPause = 250 * time.Millisecond

// join brings a customer to the session of a code, and counts the codes that do not exist, of all addresses together.
func (s *Server) join(l *link, routing string) wire.Reason {
	var reason wire.Reason
	for waited := time.Duration(0); ; waited += takeOverPause {
		reason = s.nodes.elsewhere(l, "", routing, s.dir.joinCustomer(l, routing))
		if reason != wire.ReasonElsewhere || l.elsewhere != "" || waited >= s.nodes.cfg.Silent {
			break
		}
		time.Sleep(takeOverPause) // its relay has just died: in a moment another one has it
	}
	if reason == wire.ReasonUnknownCode {
		s.slow.take("")
	}
	return reason
}

func (s *Server) greetOperator(l *link, hello wire.Hello) wire.Reason {
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Times.Hello)
	defer cancel()
	account, reason := s.whose(ctx, hello.Token)
	if reason != "" {
		return reason
	}
	organisation, err := s.cfg.Store.Organisation(ctx)
	if err != nil {
		l.log().Error("organisation could not be read", "error", err)
	}
	l.account, l.organisation, l.allowed = account, organisation, s.allowed(ctx)
	l.log().Info("operator's link", "user", account.User, "session", printable(hello.Session))
	if hello.Resume != "" {
		reason = s.dir.resumeOperator(l, hello.Session, account, hello.Resume)
	} else {
		reason = s.dir.joinOperator(l, hello.Session, account)
	}
	reason = s.orEnded(reason, hello.Session, func(r store.SessionRecord) bool { return r.Account == account.ID })
	return s.nodes.elsewhere(l, hello.Session, "", reason)
}

// orEnded is why a session that this relay does not have has ended at another one, for its peers.
func (s *Server) orEnded(reason wire.Reason, id string, peer func(store.SessionRecord) bool) wire.Reason {
	if reason == wire.ReasonNotFound {
		if why := s.nodes.ended(id, peer); why != "" {
			return why
		}
	}
	return reason
}
