package relay

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"handrail/session/wire"
)

// maxReports is how many error reports are kept; the oldest go first.
const maxReports = 200

// postReport keeps an error report that somebody has read and sent, as a file for the administrator.
func (s *Server) postReport(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Reports == "" {
		s.fail(w, r, wire.ReasonNotFound, 0)
		return
	}
	if !s.limits.joins.take(addressKey(r.RemoteAddr)) {
		s.fail(w, r, wire.ReasonTooManyTries, 0)
		return
	}
	var report wire.Report
	if !s.body(w, r, &report) {
		return
	}
	number := strings.ToLower(rand.Text()[:6])
	if err := s.keepReport(number, report.Text); err != nil {
		s.log.Error("an error report could not be kept", "error", err)
		s.fail(w, r, wire.ReasonInternal, 0)
		return
	}
	s.log.Info("error report", "number", number, "address", r.RemoteAddr)
	s.answer(w, http.StatusCreated, wire.Reported{Number: number})
}

// keepReport writes a report and removes the oldest ones. Names begin with the time.
func (s *Server) keepReport(number, text string) error {
	s.reporting.Lock()
	defer s.reporting.Unlock()
	if err := os.MkdirAll(s.cfg.Reports, 0o700); err != nil {
		return fmt.Errorf("error report: %w", err)
	}
	name := fmt.Sprintf("%s-%s.txt", s.cfg.Now().UTC().Format("20060102-150405"), number)
	if err := os.WriteFile(filepath.Join(s.cfg.Reports, name), []byte(text), 0o600); err != nil {
		return fmt.Errorf("error report: %w", err)
	}
	kept, err := filepath.Glob(filepath.Join(s.cfg.Reports, "*-*.txt"))
	if err != nil {
		return fmt.Errorf("error report: %w", err)
	}
	slices.Sort(kept)
	for _, old := range kept[:max(0, len(kept)-maxReports)] {
		if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("error report: %w", err)
		}
	}
	return nil
}
