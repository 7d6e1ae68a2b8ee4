package text

import (
	"strings"
	"testing"

	"handrail/assets"
	"handrail/screen"
	"handrail/session"
	"handrail/session/wire"
)

func TestWarnings(t *testing.T) {
	for _, what := range []string{"view", "control", "hand", "clipboard", "position", "elevated", "plain", "wallpaper", "effects"} {
		for _, role := range []wire.Role{wire.Operator, wire.Customer} {
			if got := Warning(role, session.Event{About: "limit." + what, Text: "as it came"}); got == "as it came" {
				t.Errorf("%s has no words for the %s", what, role)
			}
		}
	}
	for _, problem := range []string{screen.ObstacleWayland, screen.ObstacleHeadless, screen.ObstacleXTest, screen.ObstacleMacScreen, screen.ObstacleMacHands, screen.ObstacleMacWatch} {
		if !known("obstacle." + problem) {
			t.Errorf("%s has no words", problem)
		}
	}
	for _, what := range []string{"control", "files", "clipboard", "whiteboard", "sysinfo", "resolution"} {
		if got := Warning(wire.Operator, session.Event{About: "refused." + what, Text: "as it came"}); got == "as it came" {
			t.Errorf("a refusal of %s has no words", what)
		}
	}
	wayland := session.Limit{What: "view", Problem: screen.ObstacleWayland, Why: "The customer's screen cannot be shown: wayland"}
	if got := Limit(wayland); !strings.Contains(got, "Wayland") || !strings.Contains(got, "Xorg") {
		t.Errorf("Wayland is told as %q", got)
	}
	if got := Limit(session.Limit{What: "clipboard", Why: "It is not shared: the reason"}); !strings.HasSuffix(got, "(the reason)") {
		t.Errorf("an unknown reason is told as %q", got)
	}
	if got := Warning(wire.Operator, session.Event{About: "limit.of a later version", Text: "as it came"}); got != "as it came" {
		t.Errorf("what is not known is told as %q", got)
	}
	for _, language := range assets.Languages() {
		messages, err := assets.Messages(language)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(messages["obstacle.wayland"]["other"], "Xorg") {
			t.Errorf("%s: Wayland's way out is not said", language)
		}
	}
}
