package console

import (
	"os"
	"os/signal"
	"syscall"
)

// OutliveReaders lets the program go on when nobody reads its output any more, be it a log or events: otherwise the system would end it
// with the next line, in the middle of sessions and with whatever an operator holds down.
func OutliveReaders() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // not Ignore: programs that are started would inherit that
}
