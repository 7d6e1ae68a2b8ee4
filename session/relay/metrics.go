package relay

import (
	"fmt"
	"net/http"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"handrail/session/wire"
)

// metrics counts what a relay does, for Prometheus. There is no name, address or code in it.
type metrics struct {
	links, packets, bytes, joins, resumes, signIns atomic.Int64

	mu      sync.Mutex
	refused map[wire.Reason]int64
	ended   map[wire.Reason]int64
}

func newMetrics() *metrics {
	return &metrics{refused: map[wire.Reason]int64{}, ended: map[wire.Reason]int64{}}
}

func (m *metrics) count(kind wire.NoticeType, reason wire.Reason) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if kind == wire.Refused {
		m.refused[reason]++
	} else {
		m.ended[reason]++
	}
}

// Metrics serves the relay's counters in Prometheus's text format. They are for the administrator: serve them where
// only he can reach them.
func (s *Server) Metrics() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		states := s.dir.states()
		s.linksMu.Lock()
		open := s.entered
		s.linksMu.Unlock()
		var b strings.Builder
		head := func(name, kind, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
		head("handrail_sessions", "gauge", "Sessions by state.")
		for _, st := range []string{"waiting", "active", "reconnecting"} {
			fmt.Fprintf(&b, "handrail_sessions{state=%q} %d\n", st, states[st])
		}
		head("handrail_links", "gauge", "Open links.")
		fmt.Fprintf(&b, "handrail_links %d\n", open)
		for _, c := range []struct {
			name, help string
			value      *atomic.Int64
		}{
			{"handrail_links_opened_total", "Links that were opened.", &s.metrics.links},
			{"handrail_packets_total", "Packets forwarded.", &s.metrics.packets},
			{"handrail_bytes_total", "Bytes of packets forwarded.", &s.metrics.bytes},
			{"handrail_joins_total", "Customers who came with a code, right or wrong.", &s.metrics.joins},
			{"handrail_resumes_total", "Links of peers who came back to their session.", &s.metrics.resumes},
			{"handrail_sign_ins_total", "Operators who signed in.", &s.metrics.signIns},
		} {
			head(c.name, "counter", c.help)
			fmt.Fprintf(&b, "%s %d\n", c.name, c.value.Load())
		}
		s.metrics.mu.Lock()
		head("handrail_links_refused_total", "counter", "Links that were refused, by reason.")
		byReason(&b, "handrail_links_refused_total", s.metrics.refused)
		head("handrail_links_ended_total", "counter", "Links that the relay has ended, by reason.")
		byReason(&b, "handrail_links_ended_total", s.metrics.ended)
		s.metrics.mu.Unlock()
		_, _ = w.Write([]byte(b.String()))
	})
}

func byReason(b *strings.Builder, name string, counts map[wire.Reason]int64) {
	var reasons []string
	for r := range counts {
		reasons = append(reasons, string(r))
	}
	sort.Strings(reasons)
	for _, r := range reasons {
		fmt.Fprintf(b, "%s{reason=%q} %d\n", name, r, counts[wire.Reason(r)])
	}
}

// states is how many sessions are in which state.
func (d *directory) states() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	counts := map[string]int{}
	for _, s := range d.sessions {
		switch {
		case s.state != active:
			counts["waiting"]++
		case s.joined:
			counts["active"]++
		default:
			counts["reconnecting"]++
		}
	}
	return counts
}
