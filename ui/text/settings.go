package text

import (
	"strconv"

	"handrail/session/settings"
)

// Settings is a note about a settings file in the language of the window.
func Settings(n settings.Note) string {
	switch {
	case n.Kind == settings.NoteUnreadable || n.Kind == settings.NoteBroken && n.Line == 0:
		return T("settings.unreadable", "Path", n.Path)
	case n.Kind == settings.NoteBroken:
		sentence := T("settings.broken", "Path", n.Path, "Line", strconv.Itoa(n.Line), "Column", strconv.Itoa(n.Column))
		if n.Path == settings.PolicyFile() { // which only administrators change
			return sentence
		}
		return sentence + " " + T("settings.mend", "Kept", n.Path+settings.Broken)
	case n.Kind == settings.NoteUnknown:
		return T("settings.unknown", "Path", n.Path, "Key", n.Key)
	}
	return T("settings.value", "Path", n.Path, "Key", n.Key)
}
