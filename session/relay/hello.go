package relay

import (
	"encoding/json"
	"unicode"

	"handrail/session/wire"
)

// maxProgram bounds what a program may call itself in the log, in bytes.
const maxProgram = 200

// parseHello reads the first message of a link, and says with which reason to refuse it; "" is none.
func parseHello(data []byte) (wire.Hello, wire.Reason) {
	// The version alone first: another version's Hello may look different in everything else.
	var v struct {
		Version *int `json:"version"`
	}
	if len(data) > wire.MaxText {
		return wire.Hello{}, wire.ReasonTooLarge
	}
	if err := json.Unmarshal(data, &v); err != nil || v.Version == nil {
		return wire.Hello{}, wire.ReasonMalformed
	}
	if *v.Version != wire.Version {
		return wire.Hello{}, wire.ReasonVersion
	}
	var h wire.Hello
	if err := json.Unmarshal(data, &h); err != nil {
		return wire.Hello{}, wire.ReasonMalformed
	}
	ok := len(h.Program) <= maxProgram && (h.Role == wire.Customer || !h.Offer)
	switch h.Role {
	case wire.Customer:
		if h.Offer {
			ok = ok && h.Session == "" && h.Token == "" && len(h.Resume) <= 64 &&
				(h.Routing == "" && h.Resume == "" || len(h.Routing) == offerDigits && digits(h.Routing) && h.Resume != "")
			break
		}
		if h.Resume != "" {
			ok = ok && h.Session != "" && len(h.Session) <= 64 && len(h.Resume) <= 64 && h.Routing == "" && h.Token == ""
			break
		}
		ok = ok && digits(h.Routing) && len(h.Routing) >= minRouting && len(h.Routing) <= maxRouting &&
			h.Session == "" && h.Token == ""
	case wire.Operator:
		ok = ok && h.Session != "" && len(h.Session) <= 64 && h.Token != "" && len(h.Token) <= 256 && h.Routing == "" && len(h.Resume) <= 64
	default:
		ok = false
	}
	if !ok {
		return wire.Hello{}, wire.ReasonMalformed
	}
	h.Program = printable(h.Program)
	return h, ""
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

func printable(s string) string {
	r := []rune(s)
	for i := range r {
		if !unicode.IsPrint(r[i]) {
			r[i] = '?'
		}
	}
	return string(r)
}
