package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// both opens a file in two programs.
func both(t *testing.T, path string) (a, b *Values) {
	t.Helper()
	a, _ = Open(Operator, path, "")
	b, _ = Open(Operator, path, "")
	return a, b
}

func set(t *testing.T, v *Values, key, value string) {
	t.Helper()
	if err := v.Set(key, value); err != nil {
		t.Fatal(err)
	}
}

// kept checks what a program that starts now finds.
func kept(t *testing.T, path string, want map[string]string) {
	t.Helper()
	v, notes := Open(Operator, path, "")
	if len(notes) > 0 {
		t.Error(notes)
	}
	for key, value := range want {
		if got := v.Get(key); got != value {
			t.Errorf("%s is %q, want %q", key, got, value)
		}
	}
}

// TestTwoProgramsKeepEachOthersChanges: each changes only what it was asked to, and what the other has changed counts from then on.
func TestTwoProgramsKeepEachOthersChanges(t *testing.T) {
	path := write(t, "settings.toml", "user = 'desk1'\n")
	a, b := both(t, path)
	var heard []string
	b.OnChange(func(key string) { heard = append(heard, key) })
	set(t, a, "appearance", "dark")
	if err := a.Reset("user"); err != nil {
		t.Fatal(err)
	}
	set(t, b, "language", "sl")
	kept(t, path, map[string]string{"appearance": "dark", "user": "", "language": "sl"})
	if b.Get("appearance") != "dark" || b.Get("user") != "" {
		t.Errorf("the other program has appearance %q and user %q", b.Get("appearance"), b.Get("user"))
	}
	if slices.Sort(heard); !slices.Equal(heard, []string{"appearance", "language", "user"}) {
		t.Errorf("it has heard of %q", heard)
	}
}

// TestTwoProgramsAtTheSameMoment: one waits for the other.
func TestTwoProgramsAtTheSameMoment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	a, b := both(t, path)
	var wg sync.WaitGroup
	for key, v := range map[string]*Values{"user": a, "relay": b} {
		wg.Go(func() {
			for n := range 50 {
				if err := v.Set(key, fmt.Sprint(n)); err != nil {
					t.Errorf("%s: %v", key, err)
				}
			}
		})
	}
	wg.Wait()
	kept(t, path, map[string]string{"user": "49", "relay": "49"})
}

// TestNobodyWaitsForTheFile but who changes it, and not for ever: a program may have been stopped.
func TestNobodyWaitsForTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	v, _ := Open(Operator, path, "")
	release, err := lock(path)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- v.Set("appearance", "dark") }()
	for limit := time.Now().Add(time.Minute); v.Get("appearance") != "dark"; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("it does not count yet")
		}
	}
	select {
	case err := <-done:
		t.Fatalf("it did not wait: %v", err)
	default:
	}
	release()
	if err := <-done; err != nil {
		t.Fatal(err)
	}

	if release, err = lock(path); err != nil {
		t.Fatal(err)
	}
	defer func(before time.Duration) { patience = before }(patience)
	patience = 20 * time.Millisecond
	if err := v.Set("language", "sl"); err == nil {
		t.Error("it was written while another program had the file")
	}
	release()
	kept(t, path, map[string]string{"appearance": "dark", "language": "auto"})
}

// TestWhatCannotBeWrittenCountsNevertheless, and is written with the next change.
func TestWhatCannotBeWrittenCountsNevertheless(t *testing.T) {
	path := write(t, "settings.toml", "user = 'desk1'\n")
	v, _ := Open(Operator, path, "")
	inTheWay := path + ".new"
	if err := os.Mkdir(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{"appearance": "dark", "user": ""} {
		if err := v.Set(key, value); err == nil {
			t.Error("nothing is said of it")
		}
	}
	if v.Get("appearance") != "dark" || v.Get("user") != "" {
		t.Errorf("appearance is %q, the user %q", v.Get("appearance"), v.Get("user"))
	}
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	set(t, v, "language", "sl")
	kept(t, path, map[string]string{"appearance": "dark", "user": "", "language": "sl"})
}

// TestAFileIsKeptThatBreaksMeanwhile, once: a program that found it broken as well does not put the new one in its place.
func TestAFileIsKeptThatBreaksMeanwhile(t *testing.T) {
	path := write(t, "settings.toml", "user = 'desk1'\n")
	v, _ := Open(Operator, path, "")
	const mistake = "appearance = \n"
	if err := os.WriteFile(path, []byte(mistake), 0o600); err != nil {
		t.Fatal(err)
	}
	a, b := both(t, path)
	set(t, v, "language", "sl")
	set(t, a, "text_size", "large")
	set(t, b, "quality", "speed")
	kept(t, path, map[string]string{"user": "desk1", "language": "sl", "text_size": "large", "quality": "speed"})
	if data, err := os.ReadFile(path + Broken); err != nil || !strings.HasPrefix(string(data), mistake) {
		t.Errorf("kept: %q, %v", data, err)
	}
}
