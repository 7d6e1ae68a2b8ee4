package transfer

import (
	"errors"
	"io/fs"
	"os"
)

// Problem says in one word why a transfer failed. The words are stable: programs and translations use them.
type Problem string

// The problems.
const (
	NotAllowed  Problem = "not_allowed"  // the customer has not allowed files, or not any more
	Declined    Problem = "declined"     // the customer said no
	Chooses     Problem = "chooses"      // the person there chooses what to send
	NoSpace     Problem = "space"        // the disk there is full, or would be
	Disk        Problem = "disk"         // writing there failed
	Unreadable  Problem = "unreadable"   // the file cannot be read
	Changed     Problem = "changed"      // the file keeps changing while it is being sent
	Damaged     Problem = "damaged"      // what arrived is not what was sent
	Special     Problem = "special"      // a link, a device, or something else that is no file and no folder
	TooMany     Problem = "too_many"     // more entries than a transfer may have
	TooDeep     Problem = "too_deep"     // a path that is too long
	NotFound    Problem = "not_found"    // there is no such file or folder
	Gone        Problem = "gone"         // the session ended before it was complete
	Cancelled   Problem = "cancelled"    // somebody cancelled it
	Busy        Problem = "busy"         // too many transfers wait already
	NoClipboard Problem = "no_clipboard" // the clipboard there cannot take files, or is not allowed
	NoFolder    Problem = "no_folder"    // the folder for received files cannot be used
)

var sentences = map[Problem]string{
	NotAllowed:  "The customer has not allowed files. Ask them to switch files on.",
	Declined:    "The customer does not want their files to be looked at. Ask them to send the files.",
	Chooses:     "The customer chooses the files themselves. They arrive without anything to do here.",
	NoSpace:     "There is not enough free space on the disk there. Free some and send it again; it goes on from where it stopped.",
	Disk:        "The file could not be written there. Check the folder for received files and try again.",
	Unreadable:  "The file cannot be read. Check that it may be opened and try again.",
	Changed:     "The file keeps changing while it is being sent. Close the program that writes to it and try again.",
	Damaged:     "What arrived is not what was sent, so it was thrown away. Send it again.",
	Special:     "Links, devices and other special files are not sent.",
	TooMany:     "The folder has too many files for one transfer. Pack it into one file first.",
	TooDeep:     "A path in the folder is too long. Pack it into one file first.",
	NotFound:    "There is no such file or folder.",
	Gone:        "The connection ended before it was complete. Send it again; it goes on from where it stopped.",
	Cancelled:   "Cancelled.",
	Busy:        "Too many transfers are waiting. Wait for some to finish.",
	NoClipboard: "The files have arrived, but could not be put on the clipboard there. They are in the folder for received files.",
	NoFolder:    "The folder for received files cannot be used. Choose another one.",
}

// Sentence is the problem as one English sentence for a person, with a next step.
func (p Problem) Sentence() string {
	if s, ok := sentences[p]; ok {
		return s
	}
	return "The transfer failed (" + string(p) + ")."
}

// Error makes a Problem an error.
func (p Problem) Error() string { return p.Sentence() }

// known is a problem of a peer's as far as this version knows it.
func known(p Problem) Problem {
	if _, ok := sentences[p]; ok {
		return p
	}
	return Disk
}

// Errors that callers test for.
var (
	// ErrProtocol says that the peer sent something which the protocol forbids; the session should end.
	ErrProtocol = errors.New("transfer: the peer broke the protocol")
	// ErrEnded says that the session is over, or has not begun.
	ErrEnded = errors.New("transfer: no session is running")
)

// problemOf is what people are told for an error of reading or writing files; other is for the rest.
func problemOf(err error, other Problem) Problem {
	var p Problem
	switch {
	case errors.As(err, &p):
		return p
	case isNoSpace(err):
		return NoSpace
	case errors.Is(err, fs.ErrNotExist) && other == Unreadable:
		return NotFound
	case errors.Is(err, os.ErrClosed):
		return Gone
	}
	return other
}
