//go:build !windows

package scheme

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"handrail/app"
)

// TestBundle puts the applications for macOS together as far as that goes on this system, and reads their property lists as macOS
// would: what they say must be there, and the scheme must be ours.
func TestBundle(t *testing.T) {
	programs, out := t.TempDir(), t.TempDir()
	for _, name := range []string{"handrail", "handrail-client"} {
		if err := os.WriteFile(filepath.Join(programs, name), []byte("#!/bin/sh\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if said, err := exec.Command("../../packaging/macos/bundle.sh", programs, out).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, said)
	}
	seen := map[string]bool{}
	for _, bundle := range []string{"Handrail.app", "Handrail Client.app", "Handrail.app/Contents/Helpers/Handrail Links.app"} {
		info := readPlist(t, filepath.Join(out, bundle, "Contents", "Info.plist"))
		for key, want := range map[string]any{
			"CFBundleName": strings.TrimSuffix(filepath.Base(bundle), ".app"), "CFBundlePackageType": "APPL",
			"CFBundleVersion": app.Version, "CFBundleShortVersionString": app.Version,
		} {
			if info[key] != want {
				t.Errorf("%s: %s is %v, not %v", bundle, key, info[key], want)
			}
		}
		id, _ := info["CFBundleIdentifier"].(string)
		if !strings.HasPrefix(id, "org.handrail.Handrail") || seen[id] {
			t.Errorf("%s: identifier %q", bundle, id)
		}
		seen[id] = true
		types, _ := info["CFBundleURLTypes"].([]any)
		if !strings.Contains(bundle, "Links") {
			executable := filepath.Join(out, bundle, "Contents", "MacOS", info["CFBundleExecutable"].(string))
			if file, err := os.Stat(executable); err != nil || file.Mode().Perm()&0o111 == 0 {
				t.Errorf("%s: %v %v", executable, file, err)
			}
			if len(types) > 0 {
				t.Errorf("%s takes addresses, which it would not hear of", bundle)
			}
			continue
		}
		if len(types) != 1 || info["LSUIElement"] != true {
			t.Fatalf("%s: %v", bundle, info)
		}
		schemes, _ := types[0].(map[string]any)["CFBundleURLSchemes"].([]any)
		if len(schemes) != 1 || schemes[0] != Name {
			t.Errorf("%s takes addresses that begin with %v", bundle, schemes)
		}
	}
	// The links that are for customers are passed on to the program beside the operator's.
	if _, err := os.Stat(filepath.Join(out, "Handrail.app/Contents/MacOS/handrail-client")); err != nil {
		t.Error(err)
	}
}

// readPlist reads a property list whose outermost value is a dictionary, and refuses what Apple's document type does not allow.
func readPlist(t *testing.T, path string) map[string]any {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := &plist{Decoder: xml.NewDecoder(f)}
	value, err := d.value("plist")
	for err == nil {
		if _, err = d.Token(); err == io.EOF {
			all, ok := value.(map[string]any)
			if !ok {
				t.Fatalf("%s: %v", path, value)
			}
			return all
		}
	}
	t.Fatalf("%s: %v", path, err)
	return nil
}

type plist struct{ *xml.Decoder }

// next is the next element that opens, or nil at the end of the one around it.
func (p *plist) next() (*xml.StartElement, error) {
	for {
		token, err := p.Token()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			return &token, nil
		case xml.EndElement:
			return nil, nil
		case xml.CharData:
			if strings.TrimSpace(string(token)) != "" {
				return nil, errors.New("text outside of a value: " + string(token))
			}
		}
	}
}

// value reads the only value of the element with this name, which comes next.
func (p *plist) value(within string) (any, error) {
	start, err := p.next()
	if err != nil || start == nil || start.Name.Local != within {
		return nil, errors.Join(err, errors.New("no "+within))
	}
	if start, err = p.next(); err != nil || start == nil {
		return nil, errors.Join(err, errors.New("nothing in "+within))
	}
	return p.of(start)
}

// of is the value of an element that has just opened.
func (p *plist) of(start *xml.StartElement) (any, error) {
	switch start.Name.Local {
	case "string":
		var text string
		err := p.DecodeElement(&text, start)
		return text, err
	case "true", "false":
		return start.Name.Local == "true", p.Skip()
	case "array":
		all := []any{}
		for {
			item, err := p.next()
			if err != nil || item == nil {
				return all, err
			}
			value, err := p.of(item)
			if err != nil {
				return nil, err
			}
			all = append(all, value)
		}
	case "dict":
		return p.dict()
	}
	return nil, errors.New("an element that is no value: " + start.Name.Local)
}

func (p *plist) dict() (any, error) {
	all := map[string]any{}
	for {
		start, err := p.next()
		if err != nil || start == nil {
			return all, err
		}
		var key string
		if start.Name.Local != "key" {
			return nil, errors.New("no key but " + start.Name.Local)
		}
		if err := p.DecodeElement(&key, start); err != nil {
			return nil, err
		}
		if start, err = p.next(); err != nil || start == nil {
			return nil, errors.Join(err, errors.New("nothing for "+key))
		}
		if _, twice := all[key]; twice {
			return nil, errors.New("twice: " + key)
		}
		if all[key], err = p.of(start); err != nil {
			return nil, err
		}
	}
}
