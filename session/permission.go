package session

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Permission is one thing that a customer may allow an operator.
type Permission string

// The permissions, in the order in which people are shown them.
const (
	View       Permission = "view"
	Control    Permission = "control"
	Files      Permission = "files"
	Clipboard  Permission = "clipboard"
	SysInfo    Permission = "sysinfo"
	Whiteboard Permission = "whiteboard"
)

// AllPermissions lists every permission in the order in which people are shown them.
var AllPermissions = []Permission{View, Control, Files, Clipboard, SysInfo, Whiteboard}

// DefaultPermissions is what an operator asks for when nothing else was said.
func DefaultPermissions() Permissions {
	return Permissions{}.With(View).With(Control).With(Files).With(Clipboard).With(Whiteboard)
}

// Allowed is what an organisation lets customers be asked for, by the names that its relay says; nil is everything. To see
// the screen is always allowed, since nothing goes without it, and names of newer relays are left out.
func Allowed(names []string) Permissions {
	s := Permissions{}.With(View)
	for _, p := range AllPermissions {
		if names == nil || slices.Contains(names, string(p)) {
			s = s.With(p)
		}
	}
	return s
}

// Permissions is a set of permissions; the zero value is none. In JSON it is a list of names; unknown names
// of newer programs are left out.
type Permissions struct{ bits uint8 }

func (p Permission) bit() uint8 {
	for i, known := range AllPermissions {
		if known == p {
			return 1 << i
		}
	}
	return 0
}

// Valid tells whether p is a permission that exists.
func (p Permission) Valid() bool { return p.bit() != 0 }

// Has tells whether p is in the set.
func (s Permissions) Has(p Permission) bool { return s.bits&p.bit() != 0 }

// With is the set and p.
func (s Permissions) With(p Permission) Permissions { return Permissions{s.bits | p.bit()} }

// Without is the set without p.
func (s Permissions) Without(p Permission) Permissions { return Permissions{s.bits &^ p.bit()} }

// Only is what both sets have.
func (s Permissions) Only(other Permissions) Permissions { return Permissions{s.bits & other.bits} }

// List is the set's members in the order of AllPermissions.
func (s Permissions) List() []Permission {
	list := []Permission{}
	for _, p := range AllPermissions {
		if s.Has(p) {
			list = append(list, p)
		}
	}
	return list
}

func (s Permissions) String() string {
	names := []string{}
	for _, p := range s.List() {
		names = append(names, string(p))
	}
	return strings.Join(names, ", ")
}

// MarshalJSON writes the set as a list of names.
func (s Permissions) MarshalJSON() ([]byte, error) { return json.Marshal(s.List()) }

// UnmarshalJSON reads a list of names and leaves out unknown ones.
func (s *Permissions) UnmarshalJSON(data []byte) error {
	var names []Permission
	if err := json.Unmarshal(data, &names); err != nil {
		return fmt.Errorf("permissions: %w", err)
	}
	*s = Permissions{}
	for _, name := range names {
		*s = s.With(name)
	}
	return nil
}
