package transfer

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Bounds of a path as a peer may give it. They are those of the narrowest of the systems, with room for " (2)".
const (
	maxPath      = 1024 // bytes of a whole path
	maxDepth     = 48   // folders within each other
	maxComponent = 200  // bytes of one name; longer ones are shortened
)

// partPrefix begins the names of files that are not complete. Nothing that arrives may be called so.
const partPrefix = ".handrail-"

// splitPath takes apart a path of a peer, "folder/file". What no honest program sends is an error: absolute
// paths, ways upwards, empty names, and anything above the bounds.
func splitPath(p string) ([]string, error) {
	if p == "" || len(p) > maxPath || !utf8.ValidString(p) || strings.ContainsRune(p, 0) {
		return nil, fmt.Errorf("%w: path of %d bytes", ErrProtocol, len(p))
	}
	parts := strings.Split(p, "/")
	if len(parts) > maxDepth {
		return nil, fmt.Errorf("%w: %d folders within each other", ErrProtocol, len(parts))
	}
	for _, part := range parts {
		if part == "" || part == "." || part == ".." {
			return nil, fmt.Errorf("%w: path %q", ErrProtocol, p)
		}
	}
	return parts, nil
}

// SafeName makes one name fit for every system, on every system, so that what arrives can be copied on: without
// signs that some system forbids or that deceive the eye, without Windows' devices, trailing dots and spaces, and
// not too long. It never gives "", "." or "..", and never a separator.
func SafeName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, "_"))
	name = strings.Map(func(r rune) rune {
		switch {
		case deceptive(r):
			return -1
		case unicode.IsControl(r), strings.ContainsRune(`<>:"/\|?*`, r), r == utf8.RuneError:
			return '_'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, name)
	name = strings.TrimRight(shorten(strings.TrimSpace(name)), ". ")
	if name == "" {
		return "_"
	}
	if isDevice(name) || strings.HasPrefix(strings.ToLower(name), partPrefix) {
		return strings.TrimRight(shorten("_"+strings.TrimPrefix(name, ".")), ". ")
	}
	return name
}

// deceptive tells signs that are not seen, or that turn the direction of others: "exe.txt" for "txt.exe".
func deceptive(r rune) bool {
	return unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' ||
		unicode.Is(unicode.Variation_Selector, r) && r != '\uFE0F' || r >= 0xE0000 && r <= 0xE007F
}

// shorten cuts a name in its middle, before the extension, without cutting a sign in two.
func shorten(name string) string {
	if len(name) <= maxComponent {
		return name
	}
	extension := path.Ext(name)
	if len(extension) > 20 || strings.ContainsRune(extension, ' ') {
		extension = ""
	}
	end := maxComponent - len(extension)
	for end > 0 && !utf8.RuneStart(name[end]) {
		end--
	}
	return strings.TrimRight(name[:end], ". ") + extension
}

var devices = map[string]bool{"CON": true, "PRN": true, "AUX": true, "NUL": true, "CONIN$": true, "CONOUT$": true, "CLOCK$": true}

// isDevice tells whether Windows takes a name for a device, whatever extension it has.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	if devices[base] {
		return true
	}
	if rest, ok := strings.CutPrefix(base, "COM"); ok || strings.HasPrefix(base, "LPT") {
		if !ok {
			rest = base[3:]
		}
		return len([]rune(rest)) == 1 && strings.ContainsAny(rest, "0123456789¹²³")
	}
	return false
}

var folder = cases.Fold()

// fold is a name as systems that do not tell capitals from small letters compare it.
func fold(name string) string { return norm.NFC.String(folder.String(name)) }

// numbered is a name for the n-th file of the same name: "report (2).pdf".
func numbered(name string, n int) string {
	if n <= 1 {
		return name
	}
	extension := path.Ext(name)
	if extension == name {
		extension = ""
	}
	return strings.TrimSuffix(name, extension) + " (" + strconv.Itoa(n) + ")" + extension
}

// namer turns the paths of one transfer into safe local ones, so that two different paths stay different even
// where capitals do not count. Its memory is bounded by the entries that a transfer may have.
type namer struct {
	folders map[string]string // path as sent → local path
	taken   map[string]string // folded local path → path as sent
	numbers map[string]int    // folded local path → the last number that was tried for it
}

func newNamer() *namer {
	return &namer{folders: map[string]string{}, taken: map[string]string{}, numbers: map[string]int{}}
}

// local is the safe local path for a path as sent, its names joined by slashes.
func (n *namer) local(sent string) (string, error) {
	parts, err := splitPath(sent)
	if err != nil {
		return "", err
	}
	local, so := "", ""
	for _, part := range parts {
		so = path.Join(so, part)
		if known, ok := n.folders[so]; ok {
			local = known
			continue
		}
		local = n.free(local, SafeName(part), so)
		n.folders[so] = local
	}
	return local, nil
}

// free takes the first free name in a folder for the path as sent.
func (n *namer) free(dir, name, sent string) string {
	key := fold(path.Join(dir, name))
	for { // it goes on where it stopped: else many names that become one would take forever
		n.numbers[key]++
		candidate := path.Join(dir, numbered(name, n.numbers[key]))
		folded := fold(candidate)
		if _, used := n.taken[folded]; !used {
			n.taken[folded] = sent
			return candidate
		}
	}
}
