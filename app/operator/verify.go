package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"handrail/session"
)

// verifyCommand is "handrail verify".
type verifyCommand struct {
	File  string `arg:"" help:"A journal, or its readable copy." type:"existingfile"`
	Other string `arg:"" optional:"" help:"The other side's, to compare with." type:"existingfile"`
}

// maxJournal bounds the size of a journal that is read, in bytes.
const maxJournal = 256 << 20

// run says on out that a journal is in order, or returns what is wrong with it.
func (c verifyCommand) run(out io.Writer) error {
	report, err := verifyFile(c.File, out)
	if err != nil || c.Other == "" {
		return err
	}
	other, err := verifyFile(c.Other, out)
	if err != nil {
		return err
	}
	if err := session.SameJournal(report, other); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Both tell the same, as far as both go (%d and %d entries).\n", report.Entries, other.Entries)
	return err
}

func verifyFile(path string, out io.Writer) (report session.JournalReport, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return report, err
	}
	if info.Size() > maxJournal {
		return report, errors.New(path + " is too large to be a journal")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return report, err
	}
	if report, err = session.VerifyJournal(data); err != nil {
		return report, fmt.Errorf("%s: %w", path, err)
	}
	_, err = fmt.Fprintf(out, "%s is in order: session %s, %d entries, %d of them signed by both sides.\n", path, report.Session, report.Entries, report.Signed)
	return report, err
}

// journals is the folder for journals: the one given, or one in the user's data folder.
func journals(given string) string {
	switch {
	case given == "-":
		return ""
	case given != "":
		return given
	}
	if data := os.Getenv("XDG_DATA_HOME"); data != "" {
		return filepath.Join(data, "handrail", "journals")
	}
	if config, err := os.UserConfigDir(); err == nil && runtime.GOOS != "linux" {
		return filepath.Join(config, "Handrail", "journals")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "share", "handrail", "journals")
	}
	return ""
}
