package transfer

import (
	"crypto/sha256"
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
// where capitals do not count. Folders are told before what is in them, so it knows no more names than the transfer has
// entries, and of each it keeps a few hundred bytes at most, however long the path.
type namer struct {
	known   map[pathKey]named // by the path as sent
	taken   map[pathKey]bool  // by the folded local path
	numbers map[pathKey]int   // by the folded local path without a number: the last number that was tried for it
}

// named is what an entry is called here, in its folder.
type named struct {
	local  string
	place  pathKey // of the folded local path
	folder bool
}

// pathKey stands for a path: it is made of its names, one after the other.
type pathKey [16]byte

func (k pathKey) in(name string) pathKey {
	sum := sha256.Sum256(append(k[:], name...))
	return pathKey(sum[:16])
}

func newNamer() *namer {
	return &namer{known: map[pathKey]named{}, taken: map[pathKey]bool{}, numbers: map[pathKey]int{}}
}

// local is the safe local path for the path of an entry as sent, its names joined by slashes. A folder on the way that
// has not been told is an error.
func (n *namer) local(sent string, folder bool) (string, error) {
	parts, err := splitPath(sent)
	if err != nil {
		return "", err
	}
	var so, place pathKey
	for i, part := range parts {
		so = so.in(part)
		this, ok := n.known[so]
		switch last := i == len(parts)-1; {
		case !last && !this.folder:
			return "", fmt.Errorf("%w: %q in a folder that is not there", ErrProtocol, sent)
		case !ok:
			this = n.free(place, SafeName(part))
			this.folder = folder
			n.known[so] = this
		case last && folder && !this.folder:
			this.folder = true
			n.known[so] = this
		}
		parts[i], place = this.local, this.place
	}
	return strings.Join(parts, "/"), nil
}

// free takes the first free name in a folder.
func (n *namer) free(folder pathKey, name string) named {
	key := folder.in(fold(name))
	for { // it goes on where it stopped: else many names that become one would take forever
		n.numbers[key]++
		this := named{local: numbered(name, n.numbers[key])}
		this.place = folder.in(fold(this.local))
		if !n.taken[this.place] {
			n.taken[this.place] = true
			return this
		}
	}
}

// fix gives a folder at the top its local name.
func (n *namer) fix(sent, local string) {
	var top pathKey
	this := named{local: local, place: top.in(fold(local)), folder: true}
	n.known[top.in(sent)] = this
	n.taken[this.place] = true
}
