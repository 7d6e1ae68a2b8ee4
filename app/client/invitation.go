package main

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"handrail/session"
	"handrail/session/settings"
)

// invitation is what the program learns from the name of its own file, or from a link that opened it. Both come from
// whoever gave the person the file or link, so nothing of it is trusted: see unfamiliar in windowOptions.
type invitation struct {
	Relay *url.URL // nil: none was named
	Code  string   // as for the field: a whole code, its routing digits alone, or empty
}

// scheme is what links begin with that open the installed program:
//
//	handrail:join?relay=https%3A%2F%2Frelay.example.org&code=4821739205
const scheme = "handrail"

// maxInvitation bounds a name or a link, in bytes.
const maxInvitation = 1024

// fromLink reads a link. What cannot be read in it is left for the person to type.
func fromLink(text string) invitation {
	u, err := url.Parse(text)
	if len(text) > maxInvitation || err != nil || !strings.EqualFold(u.Scheme, scheme) {
		return invitation{}
	}
	q := u.Query()
	var i invitation
	if relay, err := settings.ParseRelay(q.Get("relay")); err == nil {
		i.Relay = relay
	}
	i.Code = codeOf(q.Get("code"))
	return i
}

// codeOf is a whole code or routing digits, as the field shows them; empty when it is neither.
func codeOf(digits string) string {
	if code, err := session.ParseCode(digits); err == nil {
		return code.String()
	}
	if routingOnly.MatchString(digits) {
		return digits + " "
	}
	return ""
}

// The join page makes the browser save the program under a name that says what the link said:
//
//	Handrail-4821-739205-relay.example.org.exe
//	Handrail-4821-relay.example.org_8443 (1).exe      a port follows "_"; browsers count equal names
//	Handrail-relay.example.org.exe
//
// Parts are read from the left as far as they go: a name that people or programs have changed still gives what is
// left of it.
var (
	namePrefix  = regexp.MustCompile(`(?i)^handrail(?:-client)?[-_ ]+`)
	nameCode    = regexp.MustCompile(`^(\d{4,7})(?:[-_ ]+(\d{3})[-_ ]?(\d{3}))?(?:[-_ ]+|$)`)
	nameHost    = regexp.MustCompile(`(?i)^((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?|localhost)(?:_(\d{1,5}))?(?:[^a-z0-9.]|$)`)
	nameEnding  = regexp.MustCompile(`(?i)(?:\.(?:exe|appimage|app|dmg|bin|run|part|crdownload|download))+$`)
	nameCounted = regexp.MustCompile(`(?i)(?:\s*\(\d{1,3}\)|-\d{1,2}|\s+-\s+(?:copy|kopie|kopija|kopi|복사본).*|\s+copy.*)$`)
	routingOnly = regexp.MustCompile(`^\d{4,7}$`)
)

// fromName reads the name of the program's own file. On macOS the file that was saved is a folder above the program.
func fromName(path string) invitation {
	path = filepath.ToSlash(path)
	parts := strings.Split(path, "/")
	for n := len(parts) - 1; n >= max(0, len(parts)-4); n-- {
		if n == len(parts)-1 || strings.HasSuffix(strings.ToLower(parts[n]), ".app") {
			if i := fromFileName(parts[n]); i != (invitation{}) {
				return i
			}
		}
	}
	return invitation{}
}

func fromFileName(name string) (i invitation) {
	if len(name) > maxInvitation || !namePrefix.MatchString(name) {
		return i
	}
	rest := namePrefix.ReplaceAllString(name, "")
	for { // "x.exe (1).exe" has both twice
		bare := nameCounted.ReplaceAllString(nameEnding.ReplaceAllString(rest, ""), "")
		if bare == rest {
			break
		}
		rest = bare
	}
	if m := nameCode.FindStringSubmatch(rest); m != nil {
		i.Code = codeOf(m[1] + m[2] + m[3])
		rest = rest[len(m[0]):]
	}
	if m := nameHost.FindStringSubmatch(rest); m != nil {
		address := m[1]
		if m[2] != "" {
			address += ":" + m[2]
		}
		i.Relay = relayOfName(address)
	}
	return i
}

// relayOfName makes an address of a name, which has no place for http or https. Only a relay on this computer may do
// without TLS, and there it usually does.
func relayOfName(address string) *url.URL {
	if relay, err := settings.ParseRelay("http://" + address); err == nil {
		return relay
	}
	relay, err := settings.ParseRelay(address)
	if err != nil {
		return nil
	}
	return relay
}
