package autostart

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

// TestLaunchAgent reads macOS' file as XML: a program's path may have any character.
func TestLaunchAgent(t *testing.T) {
	text := launchAgent("/Applications/R&D <1>/handrail", []string{"--background"})
	var strs []string
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := token.(xml.StartElement); ok && s.Name.Local == "string" {
			var value string
			if err := d.DecodeElement(&value, &s); err != nil {
				t.Fatal(err)
			}
			strs = append(strs, value)
		}
	}
	if got := strings.Join(strs, "|"); got != "org.handrail.operator|/Applications/R&D <1>/handrail|--background|Aqua" {
		t.Errorf("%s", got)
	}
}
