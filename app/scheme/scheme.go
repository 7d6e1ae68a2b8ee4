// Package scheme makes the system open addresses that begin with "handrail:" with one of our programs, for the person who
// is signed in to the computer. Web pages of relays have such addresses: to start a session, and to join one.
//
//	err := scheme.Register(program, "--link")    // program --link "handrail:operate?…"
//	err = scheme.Remove()
//
// On Linux that is a desktop entry in the person's data folder and a line of mimeapps.list; on Windows a key below
// HKEY_CURRENT_USER\Software\Classes. On macOS only an application's bundle can do it: packaging/macos makes one.
package scheme

import "errors"

// Name is what the addresses begin with.
const Name = "handrail"

// ErrUnsupported is the error on systems where this cannot be done.
var ErrUnsupported = errors.New("on this system only an installed application can open links of web pages")
