package relay

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"handrail/session/wire"
)

func TestReportsAreKeptWithinBounds(t *testing.T) {
	dir := t.TempDir()
	clock := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := &Server{cfg: Config{Reports: dir, Now: func() time.Time { clock = clock.Add(time.Second); return clock }}}
	for i := range maxReports + 5 {
		if err := s.keepReport(fmt.Sprintf("n%05d", i), "text"); err != nil {
			t.Fatal(err)
		}
	}
	kept, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(kept) != maxReports || !strings.Contains(kept[0], "n00005") {
		t.Errorf("%d are kept, the oldest is %s", len(kept), kept[0])
	}
	if info, err := os.Stat(kept[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v %v", info.Mode(), err)
	}
}

func TestReportBodies(t *testing.T) {
	for _, c := range []struct {
		body string
		want int
	}{
		{`{"text":"` + strings.Repeat("x", 30_000) + `"}`, http.StatusCreated},
		{`{"text":"` + strings.Repeat("x", wire.MaxReport) + `"}`, http.StatusRequestEntityTooLarge},
		{`nothing`, http.StatusBadRequest},
	} {
		r := newRig(t, func(cfg *Config) { cfg.Reports = t.TempDir() })
		answer, err := http.Post(r.web.URL+wire.ReportsPath, "application/json", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != c.want {
			t.Errorf("%.20s: %s, want %d", c.body, answer.Status, c.want)
		}
	}
}
