package main

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestReportsHaveNoCodes(t *testing.T) {
	log := &recent{}
	l := slog.New(slog.NewTextHandler(log, nil))
	l.Info("waiting for an operator", "id", "4821739", "code", "4821739205", "shown", "4821 739 205", "secret", "205311")
	for i := range 2 * recentLines {
		l.Info("line", "n", i, "long", strings.Repeat("x", 1000))
	}
	got := report(log)
	if strings.Contains(got, "4821") || strings.Contains(got, "205311") {
		t.Errorf("the report has a code: %.400s", got)
	}
	if !strings.Contains(got, fmt.Sprint("n=", 2*recentLines-1)) || len(got) > (recentLines+20)*(recentLine+4) {
		t.Errorf("the report has %d bytes, or not the last line", len(got))
	}
	l.Info("code 4821739205 is not right")
	if strings.Contains(report(log), "4821739205") {
		t.Error("the report has a code")
	}
}
