package control

import (
	"fmt"
	"slices"
	"strings"

	"handrail/screen"
	"handrail/session"
	"handrail/session/operator"
)

// setResolution changes the resolution of one of the customer's monitors: WIDTHxHEIGHT of the primary one,
// MONITOR:WIDTHxHEIGHT, or "original".
func setResolution(s *operator.Session, value string) error {
	info := s.Info()
	if !info.Permissions.Has(session.Control) {
		return fmt.Errorf("the customer has not given control, so the resolution cannot be changed")
	}
	if value == "original" {
		return s.SetMode(screen.Mode{})
	}
	m, err := parseMode(info.Desktop, value)
	if err != nil {
		return err
	}
	return s.SetMode(m)
}

func parseMode(d screen.Desktop, value string) (m screen.Mode, err error) {
	size := value
	if at := strings.LastIndexByte(value, ':'); at >= 0 {
		m.Monitor, size = value[:at], value[at+1:]
	} else {
		for _, monitor := range d.Monitors {
			if m.Monitor == "" || monitor.Primary {
				m.Monitor = monitor.Name
			}
		}
	}
	if _, err := fmt.Sscanf(size, "%dx%d", &m.Width, &m.Height); err != nil {
		return m, fmt.Errorf("a resolution is WIDTHxHEIGHT, MONITOR:WIDTHxHEIGHT or original, not %q", value)
	}
	if !slices.Contains(d.Modes, m) {
		return m, fmt.Errorf("the monitor %q has no resolution of %dx%d; \"session show\" lists them", m.Monitor, m.Width, m.Height)
	}
	return m, nil
}
