package plain

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"
)

// values are what Windows has at the moment. A process of its own asks for them: Wine tells each process what that has heard first.
func values(t *testing.T) (now map[string]string) {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(own)
	cmd.Env = append(os.Environ(), asks+"=1")
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &now)
	}
	if b, _ := open(); err != nil || len(now) != len(b.knobs) {
		t.Fatalf("read: %s %v", out, err)
	}
	return now
}

// wallpaper puts a wallpaper up, and takes it away at the end.
func wallpaper(t *testing.T) {
	t.Helper()
	before := values(t)["wallpaper"]
	if err := writeWallpaper(`C:\windows\handrail-test.bmp`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = writeWallpaper(before) })
}

func TestWindowsIsAsItWas(t *testing.T) {
	wallpaper(t)
	before := values(t)
	d, err := Take()
	if err != nil {
		t.Fatal(err)
	}
	b, _ := open()
	for i, value := range values(t) {
		for _, k := range b.knobs {
			if k.name == i && value != k.plain {
				t.Errorf("%s is %q while the desktop is plain", i, value)
			}
		}
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	for name, value := range values(t) {
		if value != before[name] {
			t.Errorf("%s was %q and is %q", name, before[name], value)
		}
	}
}

func TestAKilledProgramsWallpaperComesBackToWindows(t *testing.T) {
	wallpaper(t)
	before := values(t)
	killed, _ := taker(t)
	if values(t)["wallpaper"] != "" {
		t.Error("the wallpaper is still there")
	}
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		now := values(t)
		if now["wallpaper"] == before["wallpaper"] && now["effects"] == before["effects"] {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("it was %v and is %v", before, now)
		}
	}
}
