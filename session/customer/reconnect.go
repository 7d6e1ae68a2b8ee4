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
		// An operator who is not there cannot let go of what is held down.
		Broken: func(error) { s.release() },
		Lost:   s.lost,
		Back:   s.back,
	}
}

func (s *Session) lost(reason wire.Reason) {
	if state, _ := s.State(); state != session.Active {
		return
	}
	until := time.Now().Add(wire.Grace)
	s.SetState(session.Reconnecting, reason, func(e *session.Event) { e.Until = &until })
}

func (s *Session) back() {
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
