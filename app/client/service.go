package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"

	"handrail/app"
	"handrail/session/link"
	"handrail/transfer"
	"handrail/ui/customerui"
)

// service is what the window's menu does beyond the window.
func service(log *recent, proxy string) customerui.Service {
	return customerui.Service{
		Version: app.Version, Proxy: proxy, UseProxy: link.UseProxy,
		Report:     func() string { return report(log) },
		SaveReport: saveReport,
		SaveJournal: func(journal []byte) (string, error) {
			path := filepath.Join(transfer.Downloads(), "handrail-session-"+time.Now().Format("20060102-150405")+".txt")
			return path, os.WriteFile(path, journal, 0o600)
		},
		SendReport: func(ctx context.Context, relay *url.URL, report string) (string, error) {
			api, err := link.NewAPI(relay)
			if err != nil {
				return "", err
			}
			defer api.Close()
			return api.Report(ctx, report)
		},
		Newest: func(ctx context.Context, relay *url.URL) (string, error) {
			api, err := link.NewAPI(relay)
			if err != nil {
				return "", err
			}
			defer api.Close()
			return api.Release(ctx)
		},
	}
}

// report is everything that an error report says.
func report(log *recent) string {
	desktop := []string{}
	for _, name := range []string{"XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "LANG"} {
		if value := os.Getenv(name); value != "" {
			desktop = append(desktop, name+"="+value)
		}
	}
	lines := []string{
		"Handrail error report, " + time.Now().Format(time.RFC3339),
		"Program: handrail-client " + app.Version + ", " + runtime.Version(),
		fmt.Sprintf("Computer: %s, %s, %d processors", app.System(), runtime.GOARCH, runtime.NumCPU()),
	}
	if len(desktop) > 0 {
		lines = append(lines, "Desktop: "+strings.Join(desktop, ", "))
	}
	return strings.Join(append(lines, "", log.String()), "\n")
}

// saveReport writes a report into the folder for downloads.
func saveReport(report string) (path string, err error) {
	path = filepath.Join(transfer.Downloads(), "handrail-report-"+time.Now().Format("20060102-150405")+".txt")
	return path, os.WriteFile(path, []byte(report), 0o600)
}

// recent keeps the last lines of the log in memory, for error reports. It is safe for concurrent use.
type recent struct {
	mu    sync.Mutex
	lines []string
}

// recentLines is how many lines are kept, and recentLine how long one may be, in bytes.
const (
	recentLines = 200
	recentLine  = 300
)

// codes are what may be a code, an ID or a password: they do not belong into a report.
var codes = regexp.MustCompile(`\d{4,7} ?\d{3} ?\d{3}|\b\d{6}\b`)

// Write takes one line, as slog's handlers write them.
func (r *recent) Write(line []byte) (int, error) {
	text := codes.ReplaceAllString(strings.TrimSpace(string(line[:min(len(line), recentLine)])), "…")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, text)
	if len(r.lines) > recentLines {
		r.lines = append(r.lines[:0], r.lines[len(r.lines)-recentLines:]...)
	}
	return len(line), nil
}

// String is what is kept.
func (r *recent) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}
