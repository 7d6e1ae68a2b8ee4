package transfer

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// renameNew renames within a folder, but never onto something that is there.
func renameNew(root *os.Root, folder *os.File, from, to string) error {
	fd := int(folder.Fd())
	err := unix.Renameat2(fd, from, fd, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOSYS) { // a file system that cannot
		return renameChecked(root, from, to)
	}
	return err
}

// trickle hands the last writeBehind bytes before written to the disk, waits for those before them, and lets the
// system forget those: their memory is used again for what comes next, which takes a third of the time of fresh memory.
// An error of the disk is told here and may not be told again by the sync at the end.
func trickle(f *os.File, written int64) error {
	fd, before := int(f.Fd()), written-2*writeBehind
	err := unix.SyncFileRange(fd, written-writeBehind, writeBehind, unix.SYNC_FILE_RANGE_WRITE)
	if err == nil && before >= 0 {
		const all = unix.SYNC_FILE_RANGE_WAIT_BEFORE | unix.SYNC_FILE_RANGE_WRITE | unix.SYNC_FILE_RANGE_WAIT_AFTER
		if err = unix.SyncFileRange(fd, before, writeBehind, all); err == nil {
			_ = unix.Fadvise(fd, before, writeBehind, unix.FADV_DONTNEED)
		}
	}
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.ESPIPE) { // a file system that cannot
		return nil
	}
	return err
}

func markOrigin(*os.File) error { return nil }
