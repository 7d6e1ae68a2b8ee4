package transfer

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

const openNonblock = 0

func isNoSpace(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) || errors.Is(err, windows.ERROR_FILE_TOO_LARGE)
}

func linked(os.FileInfo) bool { return false }

// lockFile locks a byte far beyond the end, since on Windows a lock keeps others from the bytes themselves.
func lockFile(f *os.File) error {
	far := &windows.Overlapped{OffsetHigh: 1 << 30}
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, far)
}

func syncDir(*os.File) error { return nil } // Windows has no such thing: NTFS keeps its journal itself

func setTime(_, f *os.File, _ string, t time.Time) error {
	ft := windows.NsecToFiletime(t.UnixNano())
	return windows.SetFileTime(windows.Handle(f.Fd()), nil, nil, &ft)
}

func trickle(*os.File, int64) error { return nil } // Windows writes behind by itself

// renameNew renames within a folder, but never onto something that is there.
func renameNew(root *os.Root, _ *os.File, from, to string) error {
	return renameChecked(root, from, to)
}

// markOrigin gives a file the Mark of the Web, so that the system asks before it is opened.
func markOrigin(root *os.Root, _ *os.File, name string) error {
	stream, err := root.OpenFile(name+":Zone.Identifier", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o666)
	if err != nil {
		return nil // FAT has no streams
	}
	_, err = stream.WriteString("[ZoneTransfer]\r\nZoneId=3\r\n")
	return errors.Join(err, stream.Close())
}

func freeSpace(f *os.File) int64 {
	path, err := syscall.UTF16PtrFromString(f.Name())
	if err != nil {
		return -1
	}
	var free uint64
	if windows.GetDiskFreeSpaceEx(path, &free, nil, nil) != nil {
		return -1
	}
	return int64(min(free, 1<<62))
}
