package settings

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// NoteKind says what is wrong in a settings file.
type NoteKind string

// The kinds of note.
const (
	NoteUnreadable NoteKind = "unreadable" // the file cannot be read
	NoteBroken     NoteKind = "broken"     // the file is not TOML; nothing of it counts
	NoteUnknown    NoteKind = "unknown"    // it names a setting that this version does not know
	NoteValue      NoteKind = "value"      // it gives a setting a value that it cannot have
)

// Note is something that is wrong in a settings file, and does not count.
type Note struct {
	Kind         NoteKind
	Path         string // of the file
	Key          string // of the setting: NoteUnknown, NoteValue
	Line, Column int    // from 1; 0 if not known: NoteBroken
	Problem      string // what the system or the decoder says, in English: NoteUnreadable, NoteBroken
}

// String is the note as an English sentence.
func (n Note) String() string {
	switch n.Kind {
	case NoteUnreadable:
		return fmt.Sprintf("The settings file %s cannot be read: %s.", n.Path, n.Problem)
	case NoteBroken:
		return (&BrokenError{n.Path, n.Line, n.Column, n.Problem}).Error()
	case NoteUnknown:
		return fmt.Sprintf("The settings file %s has %q, which this version does not know; it is ignored.", n.Path, n.Key)
	}
	return fmt.Sprintf("The settings file %s has %q with a value that it cannot have; it is ignored.", n.Path, n.Key)
}

// noteOf is the note about a file that cannot be used.
func noteOf(path string, err error) Note {
	var b *BrokenError
	if errors.As(err, &b) {
		return Note{Kind: NoteBroken, Path: path, Line: b.Line, Column: b.Column, Problem: b.Problem}
	}
	return Note{Kind: NoteUnreadable, Path: path, Problem: err.Error()}
}

// inOrder puts notes about settings into the order of their names.
func inOrder(notes []Note) {
	slices.SortFunc(notes, func(a, b Note) int { return cmp.Compare(a.Key, b.Key) })
}
