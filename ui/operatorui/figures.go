package operatorui

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"handrail/session"
	"handrail/ui/kit"
	"handrail/ui/text"
)

// meter counts what a session's picture costs. Count is called on the engine's goroutine for every update,
// all others on Fyne's thread.
type meter struct {
	bytes, updates atomic.Int64

	since   time.Time
	mbit    float64
	perSec  int
	latency time.Duration // 0: not known
	asking  bool
}

// count takes an update.
func (m *meter) count(e session.Event) {
	m.bytes.Add(int64(e.Bytes))
	m.updates.Add(1)
}

// measureEvery is the time over which figures are taken: longer ones lag behind, shorter ones jump.
const measureEvery = time.Second

// measure takes the figures anew when it is time.
func (m *meter) measure(now time.Time) {
	past := now.Sub(m.since)
	if past < measureEvery {
		return
	}
	bytes, updates := m.bytes.Swap(0), m.updates.Swap(0)
	if !m.since.IsZero() {
		m.mbit = float64(bytes) * 8 / 1e6 / past.Seconds()
		m.perSec = int(float64(updates)/past.Seconds() + 0.5)
	}
	m.since = now
}

// ask has the latency measured in the background, if that is not under way.
func (m *meter) ask(s Session) {
	if m.asking {
		return
	}
	m.asking = true
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		took, err := s.Ping(ctx)
		kit.Do(func() {
			m.asking, m.latency = false, took
			if err != nil {
				m.latency = 0
			}
		})
	}()
}

// String is the figures as the status line shows them.
func (m *meter) String() string {
	figures := text.T("viewer.figures", "Mbit", text.Decimal(m.mbit, 1), "Updates", strconv.Itoa(m.perSec))
	if m.latency > 0 {
		figures += " · " + text.T("viewer.latency", "N", max(1, int(m.latency/time.Millisecond)))
	}
	return figures
}
