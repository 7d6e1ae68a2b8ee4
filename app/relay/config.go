package main

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

// A relay's settings can stand in a file instead of on the command line: TOML, with the names of the flags of "serve".
// The file is read by every command, so that they all find the relay's data.

// configPath is where the file is looked for when no command names one.
const configPath = "/etc/handrail/relay.toml"

// settingsFile gives flags that are not on the command line the values of a file.
type settingsFile struct{ values map[string]any }

var _ kong.Resolver = (*settingsFile)(nil)

func readSettings(r io.Reader) (kong.Resolver, error) {
	s := &settingsFile{values: map[string]any{}}
	if _, err := toml.NewDecoder(r).Decode(&s.values); err != nil {
		return nil, usageError(fmt.Sprintf("the settings file cannot be read: %v", err))
	}
	for name, value := range s.values {
		switch value.(type) {
		case string, bool, []any:
		default:
			return nil, usageError(fmt.Sprintf("%s in the settings file is no text, list, true or false", name))
		}
		if !slices.Contains(settingNames(), name) {
			return nil, usageError(fmt.Sprintf("%s in the settings file is not known; there are %s", name, strings.Join(settingNames(), ", ")))
		}
	}
	return s, nil
}

// settingNames are the names that may stand in the file: the flags of serve.
func settingNames() []string {
	var names []string
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Anonymous {
				walk(f.Type)
				continue
			}
			names = append(names, flagName(f))
		}
	}
	walk(reflect.TypeFor[serveCmd]())
	sort.Strings(names)
	return names
}

// flagName is a field's name as kong makes it.
func flagName(f reflect.StructField) string {
	if name := f.Tag.Get("name"); name != "" {
		return name
	}
	var b strings.Builder
	for i, r := range f.Name {
		if upper := r >= 'A' && r <= 'Z'; upper && i > 0 && !(f.Name[i-1] >= 'A' && f.Name[i-1] <= 'Z') {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// Validate has nothing left to do: readSettings has seen every name.
func (s *settingsFile) Validate(*kong.Application) error { return nil }

// Resolve gives a flag its value.
func (s *settingsFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if v, ok := s.values[flag.Name]; ok {
		return v, nil
	}
	return nil, nil
}
