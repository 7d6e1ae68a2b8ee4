package customer

import (
	"net/url"
	"time"

	"handrail/session"
	"handrail/session/link"
	"handrail/session/secure"
	"handrail/session/wire"
)

// rejoining is how this session comes back after a broken link.
func (s *Session) rejoining(l *link.Link, channel *secure.Channel, relay *url.URL, token string) session.Rejoin {
	return session.Rejoin{
		Relay: relay, Channel: channel, Link: l, Log: s.config.Log,
		Hello: wire.Hello{
			Version: wire.Version, Role: wire.Customer, Program: s.config.Program, Session: l.Session(), Resume: token,
		},
		Broken: s.broken,
		Lost:   s.lost,
		Back:   s.back,
	}
}

// broken lets go of what is held down, which an operator who is not there cannot do, and sees to it that nothing more is pressed.
func (s *Session) broken(error) {
	s.away.broke(time.Now())
	s.settle()
}

func (s *Session) lost(reason wire.Reason) {
	if state, _ := s.State(); state != session.Active {
		return
	}
	until := time.Now().Add(wire.Grace)
	s.SetState(session.Reconnecting, reason, func(e *session.Event) { e.Until = &until })
}

func (s *Session) back() {
	s.away.came(time.Now())
	if state, _ := s.State(); state == session.Reconnecting {
		s.SetState(session.Active, "", func(e *session.Event) { e.Peer = &s.operator })
	}
}

// restartPicture makes the next picture a whole one, after the channel on which updates were on their way broke.
func (s *Session) restartPicture() {
	s.acks.reset()
	s.full.Store(true)
	s.poke()
}
