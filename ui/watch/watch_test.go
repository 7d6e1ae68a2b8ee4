package watch

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"handrail/ui/kit"
	"handrail/ui/uitest"
)

// TestWaitsAreMeasured has the thread come late, and wants to read by how much and with which stack.
func TestWaitsAreMeasured(t *testing.T) {
	uitest.App(t)
	file := filepath.Join(t.TempDir(), "waits")
	t.Setenv(Variable, file)
	end := Begin()
	slow := func() bool {
		for _, w := range read(t, file) {
			if w.For >= Slow && len(w.Stacks) > 0 && strings.HasPrefix(w.Stacks[0], "goroutine 1 ") {
				return true
			}
		}
		return false
	}
	for range 10 {
		kit.RunCollected()
		time.Sleep(2 * Slow) // that is what is measured
	}
	uitest.Wait(t, slow)
	for _, w := range read(t, file) {
		if w.At.IsZero() || w.For <= 0 || len(w.Stacks) > int(w.For/Slow) {
			t.Errorf("measured: %+v", w)
		}
	}
	end()
	before := len(read(t, file))
	kit.RunCollected()
	if now := len(read(t, file)); now != before {
		t.Errorf("after its end it goes on: %d lines were %d", now, before)
	}
}

func read(t *testing.T, path string) (waits []Wait) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var w Wait
		if err := json.Unmarshal(lines.Bytes(), &w); err != nil {
			t.Fatal(err)
		}
		waits = append(waits, w)
	}
	return waits
}
