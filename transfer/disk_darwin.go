package transfer

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// renameNew renames within a folder, but never onto something that is there.
func renameNew(root *os.Root, folder *os.File, from, to string) error {
	fd := int(folder.Fd())
	err := unix.RenameatxNp(fd, from, fd, to, unix.RENAME_EXCL)
	if errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EINVAL) { // a file system that cannot
		return renameChecked(root, from, to)
	}
	return err
}

func trickle(*os.File, int64) error { return nil } // macOS writes behind by itself

// markOrigin gives a file the quarantine attribute, so that the system asks before it is opened.
func markOrigin(f *os.File) error {
	value := fmt.Sprintf("0081;%08x;Handrail;", time.Now().Unix())
	err := unix.Fsetxattr(int(f.Fd()), "com.apple.quarantine", []byte(value), 0)
	if errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.EPERM) { // a file system without attributes
		return nil
	}
	return err
}
