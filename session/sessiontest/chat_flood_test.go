package sessiontest

import (
	"strings"
	"testing"

	"handrail/screen/screentest"
	"handrail/session"
	"handrail/session/wire"
)

// TestALongTextInTheChat: what is too long for one line comes as several, whole, and the session goes on.
func TestALongTextInTheChat(t *testing.T) {
	relay := StartRelay(t, false)
	o, c, _ := through(t, relay.URL, relay.URL)
	said := strings.Repeat("Prosim, preberite to: čšž 한국어 😀. ", 500) // 20 KB and more
	answered := strings.Repeat("<&>\"\t\n", 20<<10/6)                  // JSON could write each in six letters
	if err := o.Chat(said); err != nil {
		t.Fatal(err)
	}
	if err := c.Chat(answered); err != nil {
		t.Fatal(err)
	}
	whole := func(lines []session.ChatLine, from wire.Role) string {
		var b strings.Builder
		for _, line := range lines {
			if line.From == from {
				b.WriteString(line.Text)
			}
		}
		return b.String()
	}
	for name, s := range map[string]*session.Status{"operator": &o.Status, "customer": &c.Status} {
		screentest.WaitFor(t, "the "+name+" has both texts", func() bool {
			lines := s.Transcript()
			return len(whole(lines, wire.Operator)) >= len(said) && len(whole(lines, wire.Customer)) >= len(answered)
		})
		lines := s.Transcript()
		if whole(lines, wire.Operator) != said || whole(lines, wire.Customer) != answered {
			t.Errorf("the %s has other texts than were sent", name)
		}
		if state, reason := s.State(); state != session.Active {
			t.Errorf("for the %s the session is %s %s", name, state, reason)
		}
	}
}
