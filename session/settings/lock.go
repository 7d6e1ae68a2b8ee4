package settings

import (
	"errors"
	"os"
	"time"
)

// lockName is added to a settings file's name for the file that programs lock while they change it. That one is empty and stays: one
// that is removed could be locked twice.
const lockName = ".lock"

// How long a change waits for another program, which takes a moment, and how often it looks.
var patience = 3 * time.Second // tests have less

const lockStep = 5 * time.Millisecond

// lock keeps other programs from changing the file at path until release is called. Where there can be no lock, as on some network
// drives, nobody is kept from anything.
func lock(path string) (release func(), err error) {
	f, err := os.OpenFile(path+lockName, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return func() {}, nil // writing will say why
	}
	for begun := time.Now(); ; time.Sleep(lockStep) {
		err := tryLock(f)
		switch {
		case err == nil:
			return func() {
				_ = unlock(f)
				_ = f.Close()
			}, nil
		case !isHeld(err):
			return func() { _ = f.Close() }, nil
		case time.Since(begun) > patience:
			_ = f.Close()
			return nil, errors.New("another program has not finished changing the file")
		}
	}
}
