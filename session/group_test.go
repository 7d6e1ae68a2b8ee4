package session

import "testing"

func TestDigitsAreGroupedWhileTheyAreTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"": "", " ": "", "4": "4", "4821": "4821", "4821 ": "4821", "48217": "4821 7", "4821 7392": "4821 739 2",
		"4821739205": "4821 739 205", "48217392051": "48217 392 051", "4821-7": "4821-7", "48a": "48a",
	} {
		if got := GroupCode(typed); got != want {
			t.Errorf("code %q: %q, want %q", typed, got, want)
		}
	}
	for typed, want := range map[string]string{"482": "482", "4821": "482 1", "4821739": "482 17 39", "48217390": "482 17 390"} {
		if got := GroupID(typed); got != want {
			t.Errorf("ID %q: %q, want %q", typed, got, want)
		}
	}
	if got := GroupPassword("739205"); got != "739 205" {
		t.Errorf("password: %q", got)
	}
}

func TestGroupsAgreeWithWhatIsShown(t *testing.T) {
	code := Code{Routing: "4821739", Secret: "205311"}
	for typed, pair := range map[string][2]string{
		code.Digits(): {GroupCode(code.Digits()), code.String()},
		code.Routing:  {GroupID(code.Routing), code.ID()},
		code.Secret:   {GroupPassword(code.Secret), code.Password()},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, shown as %q", typed, pair[0], pair[1])
		}
	}
}
