package clipboard

import (
	"errors"

	"handrail/screen"
)

// OpenFiles watches the clipboard for files and folders that people copy in their file manager. on is called with
// their full paths for each new content from now on, and with nothing when what was copied are no files; it runs on
// one goroutine, and Close waits until it does not run any more. What SetFiles sets does not come back. An error is a
// sentence for a person.
func OpenFiles(o Options, on func(paths []string)) (screen.FileClipboard, error) {
	return openFiles(o, on)
}

var (
	errTooMany = errors.New("these are too many files for the clipboard")
	errNoFiles = errors.New("there are no files to put on the clipboard")
)
