package relay

import (
	"strings"
	"testing"

	"handrail/session/wire"
)

var helloSeeds = []struct {
	data string
	want wire.Reason
}{
	{`{"version":1,"role":"customer","routing":"4821"}`, ""},
	{`{"version":1,"role":"customer","routing":"4821000","program":"handrail-client 1.0","new":{"field":1}}`, ""},
	{`{"version":1,"role":"operator","session":"abc","token":"def"}`, ""},
	{`{"version":1,"role":"customer","offer":true}`, ""},
	{`{"version":1,"role":"customer","offer":true,"routing":"4821739","resume":"x"}`, ""},
	{`{"version":1,"role":"customer","offer":true,"routing":"4821739"}`, wire.ReasonMalformed},
	{`{"version":1,"role":"customer","offer":true,"routing":"4821","resume":"x"}`, wire.ReasonMalformed},
	{`{"version":1,"role":"customer","offer":true,"session":"x"}`, wire.ReasonMalformed},
	{`{"version":1,"role":"operator","offer":true,"session":"abc","token":"def"}`, wire.ReasonMalformed},
	{`{"version":2}`, wire.ReasonVersion},
	{`{"version":-1,"role":5}`, wire.ReasonVersion},
	{``, wire.ReasonMalformed},
	{`null`, wire.ReasonMalformed},
	{`[]`, wire.ReasonMalformed},
	{`{}`, wire.ReasonMalformed},
	{`{"version":"1"}`, wire.ReasonMalformed},
	{`{"version":1}`, wire.ReasonMalformed},
	{`{"version":1,"role":"customer"}`, wire.ReasonMalformed},
	{`{"version":1,"role":"customer","routing":"482"}`, wire.ReasonMalformed},
	{`{"version":1,"role":"customer","routing":"48210000"}`, wire.ReasonMalformed},
	{`{"version":1,"role":"customer","routing":"48 1"}`, wire.ReasonMalformed},
	{`{"version":1,"role":"customer","routing":"４８２１"}`, wire.ReasonMalformed},
	{`{"version":1,"role":"customer","routing":4821}`, wire.ReasonMalformed},
	{`{"version":1,"role":"customer","routing":"4821","token":"x"}`, wire.ReasonMalformed},
	{`{"version":1,"role":"operator","session":"abc"}`, wire.ReasonMalformed},
	{`{"version":1,"role":"operator","token":"abc"}`, wire.ReasonMalformed},
	{`{"version":1,"role":"operator","session":"a","token":"b","routing":"4821"}`, wire.ReasonMalformed},
	{`{"version":1,"role":"relay","routing":"4821"}`, wire.ReasonMalformed},
	{`{"version":1,"role":"customer","routing":"4821"} {}`, wire.ReasonMalformed},
	{`{"version":1,"role":"customer","routing":"4821","program":"` + strings.Repeat("x", maxProgram+1) + `"}`, wire.ReasonMalformed},
	{strings.Repeat("[", wire.MaxText), wire.ReasonMalformed},
	{strings.Repeat(" ", wire.MaxText+1), wire.ReasonTooLarge},
}

func TestParseHello(t *testing.T) {
	for _, c := range helloSeeds {
		if _, got := parseHello([]byte(c.data)); got != c.want {
			t.Errorf("%.100s: %q, want %q", c.data, got, c.want)
		}
	}
	h, _ := parseHello([]byte(`{"version":1,"role":"customer","routing":"4821","program":"a\nlevel=ERROR"}`))
	if h.Program != "a?level=ERROR" {
		t.Errorf("program for the log: %q", h.Program)
	}
}

func FuzzParseHello(f *testing.F) {
	for _, c := range helloSeeds {
		f.Add([]byte(c.data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, reason := parseHello(data)
		if reason != "" {
			if h != (wire.Hello{}) {
				t.Errorf("refused, yet %+v", h)
			}
			return
		}
		if h.Version != wire.Version || strings.ContainsAny(h.Program, "\r\n\x00") ||
			h.Role == wire.Customer && !(h.Offer && h.Routing == "" && h.Resume == "") && (!digits(h.Routing) || len(h.Routing) < minRouting || len(h.Routing) > maxRouting) ||
			h.Role == wire.Operator && (h.Token == "" || h.Session == "") {
			t.Errorf("let through: %+v", h)
		}
	})
}
