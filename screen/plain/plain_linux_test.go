package plain

import (
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"handrail/screen/screentest"
)

// desktop starts a display with a wallpaper that feh puts up, for this test and the processes that it starts.
func desktop(t *testing.T) *screentest.Display {
	t.Helper()
	d := screentest.Start(t, 640, 400)
	for _, v := range d.Env() {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	t.Setenv("XDG_CURRENT_DESKTOP", "")
	return d
}

func feh(t *testing.T, d *screentest.Display, blue uint8) *image.RGBA {
	t.Helper()
	d.Wallpaper(blue)
	var shown *image.RGBA
	screentest.WaitFor(t, "the wallpaper is seen", func() bool { // a compositor may take a moment
		shown = d.Pixels()
		return shown.RGBAAt(100, 50) == color.RGBA{100, 50, blue, 255}
	})
	return shown
}

// same says whether a display shows a picture.
func same(d *screentest.Display, want *image.RGBA) bool {
	now := d.Pixels()
	return string(now.Pix) == string(want.Pix)
}

// plainly says whether nothing but the plain colour is on a display.
func plainly(d *screentest.Display) bool {
	now := d.Pixels()
	for y := range now.Rect.Dy() {
		for x := range now.Rect.Dx() {
			if now.RGBAAt(x, y) != (color.RGBA{plainColor >> 16, plainColor >> 8 & 0xff, plainColor & 0xff, 255}) {
				return false
			}
		}
	}
	return true
}

func take(t *testing.T) *Desktop {
	t.Helper()
	d, err := Take()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestAWallpaperGoesAndComesBack(t *testing.T) {
	d := desktop(t)
	before := feh(t, d, 7)
	named := d.Do("xprop", "-root", "_XROOTPMAP_ID", "ESETROOT_PMAP_ID")
	for range 2 {
		p := take(t)
		if !plainly(d) {
			t.Error("the wallpaper is still there")
		}
		if left := p.Left(); len(left) > 0 {
			t.Errorf("left: %v, where nothing has effects", left)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if !same(d, before) {
			t.Error("the wallpaper is not as it was")
		}
	}
	if now := d.Do("xprop", "-root", "_XROOTPMAP_ID", "ESETROOT_PMAP_ID"); now != named {
		t.Errorf("the wallpaper's name was %s and is %s", named, now)
	}
}

func TestAKilledProgramsWallpaperComesBack(t *testing.T) {
	d := desktop(t)
	before := feh(t, d, 70)
	killed, _ := taker(t)
	if !plainly(d) {
		t.Error("the wallpaper is still there")
	}
	if err := killed.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the wallpaper is back", func() bool { return same(d, before) })
}

func TestAKilledGuardsWallpaperComesBack(t *testing.T) {
	d := desktop(t)
	before := feh(t, d, 80)
	p := take(t)
	if err := p.guard.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.done
	if err := p.Close(); err != nil || !same(d, before) {
		t.Errorf("the wallpaper is not as it was: %v", err)
	}
}

func TestAWallpaperOfTheMeantimeStays(t *testing.T) {
	d := desktop(t)
	feh(t, d, 90)
	p := take(t)
	chosen := feh(t, d, 200)
	if err := p.Close(); err != nil || !same(d, chosen) {
		t.Errorf("what was chosen in the meantime is gone: %v", err)
	}
}

func TestWithoutAWallpaperNothingHappens(t *testing.T) {
	d := desktop(t)
	d.Do("xsetroot", "-solid", "#336699")
	before := d.Pixels()
	p := take(t)
	if !same(d, before) || len(p.Left()) > 0 {
		t.Errorf("something has changed; left: %v", p.Left())
	}
	if err := p.Close(); err != nil || !same(d, before) {
		t.Errorf("something has changed: %v", err)
	}
}

func TestACompositorShowsIt(t *testing.T) {
	d := desktop(t)
	d.Compositor(color.RGBA{200, 30, 30, 255})
	before := feh(t, d, 100)
	p := take(t)
	screentest.WaitFor(t, "the compositor shows the plain desktop", func() bool { return plainly(d) })
	if left := strings.Join(p.Left(), " "); left != Effects {
		t.Errorf("left: %q; a compositor's effects stay", left)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	screentest.WaitFor(t, "the compositor shows the wallpaper", func() bool { return same(d, before) })
}

func TestADesktopOfAFileManagerStays(t *testing.T) {
	d := desktop(t)
	before := feh(t, d, 110)
	d.Openbox()
	d.Run("xterm", "-title", "desktop")
	id := d.WaitWindow("^desktop$")
	d.Do("xprop", "-id", id, "-f", "_NET_WM_WINDOW_TYPE", "32a", "-set", "_NET_WM_WINDOW_TYPE", "_NET_WM_WINDOW_TYPE_DESKTOP")
	p := take(t)
	if left := strings.Join(p.Left(), " "); left != Wallpaper {
		t.Errorf("left: %q", left)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if now := d.Pixels().RGBAAt(639, 399); now != before.RGBAAt(639, 399) {
		t.Errorf("the root has become %v", now)
	}
}

// bus starts a session bus for this test, and a desktop's name.
func bus(t *testing.T, name string) *screentest.Display {
	t.Helper()
	d := desktop(t)
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	t.Setenv("XDG_RUNTIME_DIR", home)
	t.Setenv("XDG_CURRENT_DESKTOP", name)
	address := "unix:path=" + filepath.Join(home, "bus")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	cmd := exec.Command("dbus-daemon", "--session", "--nofork", "--nopidfile", "--nosyslog", "--address="+address)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM} // with what it starts
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	screentest.WaitFor(t, "there is a session bus", func() bool {
		_, err := os.Stat(filepath.Join(home, "bus"))
		return err == nil
	})
	return d
}

func do(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestSettingsOfGNOME(t *testing.T) {
	bus(t, "ubuntu:GNOME")
	const background, face = "org.gnome.desktop.background", "org.gnome.desktop.interface"
	do(t, "gsettings", "set", background, "picture-options", "spanned")
	animations := do(t, "gsettings", "get", face, "enable-animations") // the default
	killed, _ := taker(t)
	if got := do(t, "gsettings", "get", background, "picture-options"); got != "'none'" {
		t.Errorf("picture-options is %s", got)
	}
	if got := do(t, "gsettings", "get", face, "enable-animations"); got != "false" {
		t.Errorf("enable-animations is %s", got)
	}
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	screentest.WaitFor(t, "the settings are as they were", func() bool {
		return do(t, "gsettings", "get", background, "picture-options") == "'spanned'" && do(t, "gsettings", "get", face, "enable-animations") == animations
	})
}

func TestSettingsOfXfce(t *testing.T) {
	bus(t, "XFCE")
	const backdrop, compositing = "/backdrop/screen0/monitorVirtual1/workspace0/image-style", "/general/use_compositing"
	do(t, "xfconf-query", "-c", "xfce4-desktop", "-p", backdrop, "-n", "-t", "int", "-s", "5")
	do(t, "xfconf-query", "-c", "xfwm4", "-p", compositing, "-n", "-t", "bool", "-s", "true")
	p := take(t)
	style := func() string { return do(t, "xfconf-query", "-c", "xfce4-desktop", "-p", backdrop) }
	effects := func() string { return do(t, "xfconf-query", "-c", "xfwm4", "-p", compositing) }
	if style() != "0" || effects() != "false" || len(p.Left()) > 0 {
		t.Errorf("image-style is %s, use_compositing %s, left: %v", style(), effects(), p.Left())
	}
	if err := p.Close(); err != nil || style() != "5" || effects() != "true" {
		t.Errorf("image-style is %s, use_compositing %s: %v", style(), effects(), err)
	}
}

func TestDesktopsThatAreNotKnown(t *testing.T) {
	d := desktop(t)
	before := feh(t, d, 120)
	t.Setenv("XDG_CURRENT_DESKTOP", "KDE")
	p := take(t)
	if left := strings.Join(p.Left(), " "); left != Wallpaper+" "+Effects || !same(d, before) {
		t.Errorf("left: %q", left)
	}
}
