package settings

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
)

// Kind is what a setting's value may be.
type Kind int

// The kinds of setting.
const (
	Switch Kind = iota // true or false
	Choice             // one of Setting.Choices
	Text               // any text, "" for none
	Folder             // the path of a folder, "" for the usual one
)

// Setting is one thing that can be set, under the same name in the user's file and in the policy.
type Setting struct {
	Key     string
	Kind    Kind
	Choices []string // of a Choice
	Default string   // as Values.Get gives it; "true" or "false" for a Switch
	About   string   // a sentence for the file's comment
	Restart bool     // counts from the program's next start on
}

// Source is who has set a value.
type Source int

// The sources, each stronger than those before.
const (
	FromDefault Source = iota
	FromUser           // the user's file
	FromPolicy         // the computer's policy: cannot be changed here
)

// Errors of Values.Set, for errors.Is.
var (
	ErrLocked  = errors.New("this computer's policy has set this")
	ErrUnknown = errors.New("there is no such setting")
	ErrValue   = errors.New("the setting cannot have this value")
)

// Values are the settings in force. All methods are safe for concurrent use; several programs may have the same file open.
//
//	values, notes := settings.Open(settings.Operator, userFile, policyFile)
//	dark := values.Get("appearance") == "dark"
//	err := values.Set("appearance", "light")     // writes the user's file
type Values struct {
	known  []Setting
	path   string // of the user's file; "": nothing is kept
	policy map[string]string

	writing sync.Mutex        // held while the file is changed, which may take a while
	own     map[string]string // what has been set here and is not yet in the file; guarded by writing

	mu      sync.Mutex
	user    map[string]string
	others  map[string]any // what the file has of other versions
	changed []func(key string)
}

// Broken is added to the name of a file that could not be used when a new one takes its place.
const Broken = ".broken"

// Open reads the user's file and the computer's policy, either of which may be missing. Notes say what is wrong in
// them; it does not count.
func Open(known []Setting, user, policy string) (v *Values, notes []Note) {
	v = &Values{known: known, path: user, user: map[string]string{}, policy: map[string]string{}, own: map[string]string{}, others: map[string]any{}}
	if policy != "" {
		found, _, said, _ := v.load(policy)
		v.policy, notes = found, append(notes, said...)
	}
	if user != "" {
		found, others, said, _ := v.load(user)
		v.user, v.others, notes = found, others, append(notes, said...)
	}
	return v, notes
}

// load reads one file. A missing one is empty and nothing to note.
func (v *Values) load(path string) (found map[string]string, others map[string]any, notes []Note, err error) {
	found, others = map[string]string{}, map[string]any{}
	data, err := read(path)
	if errors.Is(err, os.ErrNotExist) {
		return found, others, nil, err
	}
	if err != nil {
		return found, others, []Note{noteOf(path, err)}, err
	}
	content := map[string]any{}
	if _, err := toml.Decode(string(data), &content); err != nil {
		err = broken(path, err)
		return found, others, []Note{noteOf(path, err)}, err
	}
	for key, value := range content {
		s, ok := v.Setting(key)
		if !ok {
			others[key] = value
			notes = append(notes, Note{Kind: NoteUnknown, Path: path, Key: key})
			continue
		}
		text, ok := asText(s, value)
		if !ok {
			notes = append(notes, Note{Kind: NoteValue, Path: path, Key: key})
			continue
		}
		found[key] = text
	}
	inOrder(notes)
	return found, others, notes, nil
}

// asText is a value of a file as Get gives it.
func asText(s Setting, value any) (string, bool) {
	switch value := value.(type) {
	case bool:
		return fmt.Sprint(value), s.Kind == Switch
	case string:
		return value, s.Kind != Switch && s.allows(value)
	}
	return "", false
}

// maxText is the longest text in bytes.
const maxText = 1024

func (s Setting) allows(value string) bool {
	switch s.Kind {
	case Switch:
		return value == "true" || value == "false"
	case Choice:
		return slices.Contains(s.Choices, value)
	}
	return len(value) <= maxText && !strings.ContainsAny(value, "\n\r\x00")
}

// Known lists the settings in the order in which they are shown.
func (v *Values) Known() []Setting { return v.known }

// Setting finds a setting by its key.
func (v *Values) Setting(key string) (Setting, bool) {
	for _, s := range v.known {
		if s.Key == key {
			return s, true
		}
	}
	return Setting{}, false
}

// Get is the value in force; "" for a setting that does not exist.
func (v *Values) Get(key string) string {
	value, _ := v.look(key)
	return value
}

// On is Get for a Switch.
func (v *Values) On(key string) bool { return v.Get(key) == "true" }

// Source is who has set the value in force.
func (v *Values) Source(key string) Source {
	_, source := v.look(key)
	return source
}

func (v *Values) look(key string) (string, Source) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.lookLocked(key)
}

func (v *Values) lookLocked(key string) (string, Source) {
	if value, ok := v.policy[key]; ok {
		return value, FromPolicy
	}
	if value, ok := v.user[key]; ok {
		return value, FromUser
	}
	s, _ := v.Setting(key)
	return s.Default, FromDefault
}

// Path is the user's file.
func (v *Values) Path() string { return v.path }

// Set changes a value and writes the user's file. A value that is the default is left out of it.
func (v *Values) Set(key, value string) error {
	s, ok := v.Setting(key)
	switch {
	case !ok:
		return ErrUnknown
	case v.Source(key) == FromPolicy:
		return ErrLocked
	case !s.allows(value):
		return ErrValue
	}
	return v.change(key, value)
}

// Reset gives a setting its default again.
func (v *Values) Reset(key string) error {
	s, ok := v.Setting(key)
	switch {
	case !ok:
		return ErrUnknown
	case v.Source(key) == FromPolicy:
		return ErrLocked
	}
	return v.change(key, s.Default)
}

// change sets a value, and tells of all that are others now: with it comes what another program has changed in the file.
func (v *Values) change(key, value string) error {
	v.writing.Lock()
	before := v.inForce()
	err := v.keep(key, value)
	after := v.inForce()
	v.writing.Unlock()
	v.mu.Lock()
	listeners := slices.Clone(v.changed)
	v.mu.Unlock()
	for _, s := range v.known {
		if s.Key != key && before[s.Key] == after[s.Key] {
			continue
		}
		for _, fn := range listeners {
			fn(s.Key)
		}
	}
	return err
}

func (v *Values) inForce() map[string]string {
	v.mu.Lock()
	defer v.mu.Unlock()
	values := map[string]string{}
	for _, s := range v.known {
		values[s.Key], _ = v.lookLocked(s.Key)
	}
	return values
}

// OnChange calls fn after every change, on the goroutine that made it: also for what another program has changed, which is found then.
func (v *Values) OnChange(fn func(key string)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.changed = append(v.changed, fn)
}

// keep sets a value and writes it into what the user's file says now; the file is written as a whole or not at all. What cannot be
// written counts nevertheless, and is written with the next change. A file that cannot be used is kept beside the new one.
func (v *Values) keep(key, value string) error {
	v.own[key] = value
	v.mu.Lock()
	v.setOwnLocked()
	v.mu.Unlock()
	if v.path == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(v.path), 0o700); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	release, err := lock(v.path)
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	defer release()
	found, others, _, err := v.load(v.path)
	switch {
	case err == nil:
		v.mu.Lock()
		v.user, v.others = found, others
		v.setOwnLocked()
		v.mu.Unlock()
	case !errors.Is(err, os.ErrNotExist):
		if err := os.Rename(v.path, v.path+Broken); err != nil {
			return fmt.Errorf("settings: keeping the file with the mistake: %w", err)
		}
	}
	if err := v.write(); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	clear(v.own)
	return nil
}

// setOwnLocked puts what has been set here over what the file says. A value that is the default is left out.
func (v *Values) setOwnLocked() {
	for key, value := range v.own {
		if s, _ := v.Setting(key); value == s.Default {
			delete(v.user, key)
		} else {
			v.user[key] = value
		}
	}
}

func (v *Values) write() error {
	v.mu.Lock()
	data := v.fileLocked()
	v.mu.Unlock()
	next := v.path + ".new"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	if err := os.Rename(next, v.path); err != nil {
		os.Remove(next)
		return err
	}
	return nil
}

// fileLocked is the whole file: every setting with what it does, those at their default as comments.
func (v *Values) fileLocked() []byte {
	var b bytes.Buffer
	b.WriteString("# Settings of Handrail for this user. A line that begins with # does not count: it shows the default.\n")
	for _, s := range v.known {
		fmt.Fprintf(&b, "\n# %s\n", s.About)
		if s.Kind == Choice {
			fmt.Fprintf(&b, "# One of: %s.\n", strings.Join(s.Choices, ", "))
		}
		mark, value := "", v.user[s.Key]
		if _, set := v.user[s.Key]; !set {
			mark, value = "# ", s.Default
		}
		fmt.Fprintf(&b, "%s%s = %s\n", mark, s.Key, s.written(value))
	}
	if len(v.others) > 0 {
		b.WriteString("\n# Not known to this version.\n")
		_ = toml.NewEncoder(&b).Encode(v.others) // it came from a file
	}
	return b.Bytes()
}

func (s Setting) written(value string) string {
	if s.Kind == Switch {
		return value
	}
	var b bytes.Buffer
	_ = toml.NewEncoder(&b).Encode(map[string]string{"v": value})
	return strings.TrimSpace(strings.TrimPrefix(b.String(), "v = "))
}
