package plain

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// environment is a desktop environment that keeps its wallpaper and effects in settings.
type environment struct {
	names []string // in $XDG_CURRENT_DESKTOP, in lower case
	knobs func() []knob
}

// environments are those whose settings are known. LXQt's are not.
var environments = []environment{
	{[]string{"gnome", "unity", "ubuntu", "budgie", "pantheon"}, func() []knob {
		return []knob{
			gsetting(Wallpaper, "org.gnome.desktop.background", "picture-options", "'none'"),
			gsetting(Effects, "org.gnome.desktop.interface", "enable-animations", "false"),
		}
	}},
	{[]string{"x-cinnamon", "cinnamon"}, func() []knob {
		return []knob{
			gsetting(Wallpaper, "org.cinnamon.desktop.background", "picture-options", "'none'"),
			gsetting(Effects, "org.cinnamon", "desktop-effects", "false"),
			gsetting(Effects, "org.cinnamon", "desktop-effects-workspace", "false"), // the same, since Cinnamon 5.4
		}
	}},
	{[]string{"mate"}, func() []knob {
		return []knob{
			gsetting(Wallpaper, "org.mate.background", "picture-filename", "''"),
			gsetting(Effects, "org.mate.Marco.general", "compositing-manager", "false"),
		}
	}},
	{[]string{"xfce"}, func() []knob {
		return append(xfceBackdrops(), xfconf(Effects, "xfwm4", "/general/use_compositing", "false"))
	}},
	{[]string{"kde"}, func() []knob { return append(plasmaWallpapers(), kwinEffects()) }},
}

// unknown are desktop environments that draw the desktop themselves and whose settings are not known here.
var unknown = []string{"lxqt", "lxde", "deepin", "enlightenment", "cosmic"}

// open gives the knobs of the desktop environment that runs; without one, the wallpaper of the X server.
func open() (*bench, error) {
	running := strings.Split(strings.ToLower(os.Getenv("XDG_CURRENT_DESKTOP")), ":")
	is := func(names []string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(running, name) })
	}
	for _, e := range environments {
		if is(e.names) {
			b := &bench{knobs: e.knobs(), close: func() {}}
			b.leaveMissing()
			return b, nil
		}
	}
	if is(unknown) {
		return &bench{left: []string{Wallpaper, Effects}, close: func() {}}, nil
	}
	return openRoot("")
}

// leaveMissing notes the kinds for which there is no knob at all.
func (b *bench) leaveMissing() {
	for _, kind := range []string{Wallpaper, Effects} {
		if !slices.ContainsFunc(b.knobs, func(k knob) bool { return k.kind == kind }) {
			b.leave(kind)
		}
	}
}

// patience is how long one of the programs below may take; they answer within milliseconds.
const patience = 5 * time.Second

// run runs a program of the desktop and gives what it prints.
func run(env []string, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// gsetting is a key of GNOME's settings and of those made after them. A value that is the default is put back by resetting, so
// that it follows the default later, as it did.
func gsetting(kind, schema, key, plain string) knob {
	return knob{
		name: schema + " " + key, kind: kind, plain: plain,
		read: func() (string, error) { return run(nil, "gsettings", "get", schema, key) },
		write: func(value string) error {
			// The settings in memory of a program that has just begun are the defaults.
			if preset, err := run([]string{"GSETTINGS_BACKEND=memory"}, "gsettings", "get", schema, key); err == nil && preset == value {
				_, err := run(nil, "gsettings", "reset", schema, key)
				return err
			}
			_, err := run(nil, "gsettings", "set", schema, key, value)
			return err
		},
	}
}

// xfconf is a property of Xfce's settings.
func xfconf(kind, channel, property, plain string) knob {
	return knob{
		name: channel + " " + property, kind: kind, plain: plain,
		read: func() (string, error) { return run(nil, "xfconf-query", "-c", channel, "-p", property) },
		write: func(value string) error {
			_, err := run(nil, "xfconf-query", "-c", channel, "-p", property, "-s", value)
			return err
		},
	}
}

// maxBackdrops is how many monitors and workspaces of Xfce are looked at.
const maxBackdrops = 64

// xfceBackdrops are the wallpapers of all monitors and workspaces.
func xfceBackdrops() (knobs []knob) {
	const channel, none = "xfce4-desktop", "0"
	list, err := run(nil, "xfconf-query", "-c", channel, "-l")
	if err != nil {
		return nil
	}
	for _, property := range strings.Fields(list) {
		if strings.HasPrefix(property, "/backdrop/") && strings.HasSuffix(property, "/image-style") && len(knobs) < maxBackdrops {
			knobs = append(knobs, xfconf(Wallpaper, channel, property, none))
		}
	}
	return knobs
}

// plasma has Plasma's shell run a script, and gives what it prints.
// See https://develop.kde.org/docs/plasma/scripting/ for what scripts can do.
func plasma(script string) (string, error) {
	return run(nil, "dbus-send", "--session", "--print-reply=literal", "--dest=org.kde.plasmashell", "/PlasmaShell",
		"org.kde.PlasmaShell.evaluateScript", "string:"+script)
}

// plasmaWallpapers are those of all monitors and activities. A wallpaper's settings stay while another kind of it is chosen.
func plasmaWallpapers() (knobs []knob) {
	const plainKind = "org.kde.color"
	list, err := plasma("print(desktops().map(function(d) { return d.id }).join(' '))")
	if err != nil {
		return nil
	}
	for _, id := range strings.Fields(list) {
		if _, err := strconv.Atoi(id); err != nil || len(knobs) == maxBackdrops {
			break
		}
		kind := "desktopById(" + id + ").wallpaperPlugin"
		knobs = append(knobs, knob{
			name: "plasma desktop " + id, kind: Wallpaper, plain: plainKind,
			read: func() (string, error) { return plasma("print(" + kind + ")") },
			write: func(value string) error {
				_, err := plasma(kind + " = " + strconv.Quote(value))
				return err
			},
		})
	}
	return knobs
}

// kwinEffects is whether KWin draws windows with effects. On Wayland it cannot do without.
func kwinEffects() knob {
	ask := func(method string, args ...string) (string, error) {
		return run(nil, "dbus-send", append([]string{"--session", "--print-reply=literal", "--dest=org.kde.KWin", "/Compositor", method}, args...)...)
	}
	return knob{
		name: "kwin compositing", kind: Effects, plain: "false",
		read: func() (string, error) {
			active, err := ask("org.freedesktop.DBus.Properties.Get", "string:org.kde.kwin.Compositing", "string:active")
			return active[strings.LastIndexByte(active, ' ')+1:], err // "variant boolean true"
		},
		write: func(value string) error {
			method := "org.kde.kwin.Compositing.suspend"
			if value == "true" {
				method = "org.kde.kwin.Compositing.resume"
			}
			_, err := ask(method)
			return err
		},
	}
}
