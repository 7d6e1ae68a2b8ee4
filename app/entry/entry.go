// Package entry writes the command lines of desktop entries, the files in which Linux desktops keep what can be started.
//
//	line := entry.Exec("/opt/handrail", "--link", "%u")   // "/opt/handrail" --link %u
package entry

import "strings"

// escaped is how the characters of a path are written in the Exec line of a desktop entry: quoted, and once more because
// the line is a text of the entry (Desktop Entry Specification, "The Exec key").
var escaped = strings.NewReplacer(`\`, `\\\\`, `"`, `\\"`, "`", "\\\\`", "$", `\\$`, "%", "%%")

// Exec is the value of an Exec line: a program by its path, and arguments as they are.
func Exec(program string, args ...string) string {
	return strings.Join(append([]string{`"` + escaped.Replace(program) + `"`}, args...), " ")
}
