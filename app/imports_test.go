package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// module is the path that all our packages begin with.
const module = "handrail/"

// rules says what each of our packages may import of our own. A rule counts for what is below its package as
// well, unless that has one of its own; "x/..." means x and everything below it. Deciding on a rule is part of
// adding a package at the top, and the test fails until it is there.
var rules = map[string][]string{
	"app": {"app/...", "assets/...", "screen/...", "session/...", "transfer/...", "ui/...", "whiteboard/..."},

	"ui/rest":  {"ui/kit"},
	"ui/watch": {"ui/kit"},

	"ui": {
		"ui/...", "assets/...", "screen", "screen/recording", "session", "session/customer", "session/operator",
		"session/settings", "session/wire", "transfer", "whiteboard", "internal/xext",
	},
	"assets": {},

	"internal/again": {},
	"internal/xext":  {},

	"session":             {"screen", "session/journal", "session/link", "session/mux", "session/secure", "session/wire", "transfer", "whiteboard"},
	"session/control":     {"screen", "session", "session/operator", "session/wire", "transfer", "whiteboard"},
	"session/customer":    roles,
	"session/operator":    roles,
	"session/link":        {"session/wire"},
	"session/mux":         {},
	"session/relay":       {"session/relay/...", "session/wire"},
	"session/secure":      {"session/secure/...", "session/wire"},
	"session/sessiontest": {"screen/...", "session/...", "transfer", "whiteboard/..."},
	"session/settings":    {},
	"session/journal":     {},
	"session/sysinfo":     {},
	"session/wire":        {},

	"screen":             {},
	"screen/capture":     {"screen", "screen/internal/...", "internal/again", "internal/xext"},
	"screen/input":       {"screen", "screen/internal/...", "internal/xext"},
	"screen/plain":       {"internal/again", "internal/xext"},
	"screen/clipboard":   {"screen", "screen/internal/...", "internal/xext"},
	"screen/internal":    {"screen", "internal/xext"},
	"screen/recording":   {"screen"},
	"screen/screentest":  {"screen", "screen/internal/..."},
	"screen/turbojpeg":   {"screen"},
	"whiteboard":         {},
	"whiteboard/overlay": {"whiteboard", "internal/xext"},
	"transfer":           {},
}

// roles is what the operator's and the customer's side may import.
var roles = []string{
	"screen", "session", "session/link", "session/mux", "session/secure", "session/sysinfo", "session/wire", "transfer", "whiteboard",
}

// TestImportDirections checks what our packages import, tests left out, against rules.
func TestImportDirections(t *testing.T) {
	for _, p := range packages(t) {
		allowed, ok := ruleFor(p.name())
		if !ok {
			t.Errorf("no rule says what %s may import", p.name())
			continue
		}
		for _, imported := range p.Imports {
			own, ok := strings.CutPrefix(imported, module)
			if ok && !slices.ContainsFunc(allowed, func(pattern string) bool { return matches(own, pattern) }) {
				t.Errorf("%s imports %s (%s)", p.name(), own, p.system)
			}
		}
	}
}

// ruleFor is the rule of the package or of the nearest one above it.
func ruleFor(name string) (allowed []string, ok bool) {
	for ; name != "."; name = path.Dir(name) {
		if allowed, ok = rules[name]; ok {
			return allowed, true
		}
	}
	return nil, false
}

func matches(name, pattern string) bool {
	if place, ok := strings.CutSuffix(pattern, "/..."); ok {
		return within(name, place)
	}
	return name == pattern
}

// TestRelayCannotDecrypt checks that the relay's program does not even contain the end-to-end channel.
func TestRelayCannotDecrypt(t *testing.T) {
	for _, p := range packages(t) {
		if !within(p.name(), "session/relay") && p.name() != "app/relay" {
			continue
		}
		for _, far := range p.Deps {
			if within(far, module+"session/secure") || within(far, module+"screen") || within(far, "fyne.io/fyne") {
				t.Errorf("%s reaches %s (%s)", p.name(), far, p.system)
			}
		}
	}
}

// TestPlatformLibraries checks that each of the libraries which tie a program to a platform has its one place.
func TestPlatformLibraries(t *testing.T) {
	places := map[string][]string{
		"github.com/go-vgo/robotgo":     {"screen/input"},
		"github.com/kbinani/screenshot": {"screen/capture"},
		"github.com/ebitengine/purego":  {"screen/turbojpeg", "screen/capture", "screen/clipboard", "screen/input", "screen/plain", "ui/bar"},
		"fyne.io/fyne/v2":               {"app/client", "app/operator", "assets", "ui"},
	}
	for _, p := range packages(t) {
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			for library, here := range places {
				if within(imported, library) && !slices.ContainsFunc(here, func(place string) bool { return within(p.name(), place) }) {
					t.Errorf("%s imports %s (%s)", p.name(), imported, p.system)
				}
			}
		}
	}
}

// TestCgo checks that only what draws, captures, injects or loads a library needs a C compiler, so that everything else, the
// relay above all, builds anywhere with Go alone.
func TestCgo(t *testing.T) {
	may := []string{"app/client", "app/operator", "assets", "screen/capture", "screen/input", "screen/turbojpeg", "ui", "whiteboard/overlay"}
	all := packages(t)
	cgo := map[string]string{} // the packages that have C in them, and on which system
	for _, p := range dependencies(t) {
		if len(p.CgoFiles) > 0 && !p.Standard {
			cgo[p.system+" "+p.ImportPath] = p.ImportPath
		}
	}
	for _, p := range all {
		if slices.ContainsFunc(may, func(place string) bool { return within(p.name(), place) }) {
			continue
		}
		for _, far := range append(p.Deps, p.ImportPath) {
			if cgo[p.system+" "+far] != "" {
				t.Errorf("%s needs cgo for %s (%s)", p.name(), far, p.system)
			}
		}
	}
}

// within tells whether a package is this one or below it.
func within(name, place string) bool { return name == place || strings.HasPrefix(name, place+"/") }

// listed is what "go list -json" tells of a package on one system.
type listed struct {
	ImportPath, Dir                    string
	Standard                           bool
	CgoFiles                           []string
	Imports, TestImports, XTestImports []string
	Deps                               []string
	Error                              *struct{ Err string }

	system string
}

// name is the package's path below the module.
func (p listed) name() string { return strings.TrimPrefix(p.ImportPath, module) }

// cached keeps what was listed: several tests ask for the same.
var cached []listed

// dependencies lists our packages on each of the systems, and everything they need.
func dependencies(t *testing.T) []listed {
	t.Helper()
	if cached != nil {
		return cached
	}
	for _, system := range []string{"linux", "windows", "darwin"} {
		cmd := exec.Command("go", "list", "-e", "-deps", "-tags", "gles,x11",
			"-json=ImportPath,Dir,Standard,CgoFiles,Imports,TestImports,XTestImports,Deps,Error", "./...")
		cmd.Dir = ".."
		cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH=amd64", "CGO_ENABLED=1")
		cmd.Stderr = os.Stderr
		output, err := cmd.Output()
		if err != nil {
			t.Fatal("go list: ", err)
		}
		cached = append(cached, decode(t, system, output)...)
	}
	return cached
}

func decode(t *testing.T, system string, output []byte) (list []listed) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(output))
	for {
		p := listed{system: system}
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return list
		case err != nil:
			t.Fatal("go list: ", err)
		}
		list = append(list, p)
	}
}

// packages lists our own packages, once for each system.
func packages(t *testing.T) (list []listed) {
	t.Helper()
	for _, p := range dependencies(t) {
		if strings.HasPrefix(p.ImportPath, module) {
			list = append(list, p)
		}
	}
	if len(list) < 30 {
		t.Fatalf("go list found only %d packages", len(list))
	}
	return list
}
