package transfer

import (
	"errors"
	"fmt"
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

// markOrigin gives a file the Mark of the Web, so that the system asks before it is opened. It is a stream of the file,
// which goes along when the file is renamed. os.Root opens no streams, so this one is opened by the path at which the
// open file is now, and written only if it is this very file's.
func markOrigin(f *os.File) error {
	flags, unknown := volumeFlags(f)
	if unknown == nil && flags&windows.FILE_NAMED_STREAMS == 0 {
		return nil // FAT, for example
	}
	path, err := finalPath(f)
	if err != nil { // some drives that programs make have no path of their own
		path = f.Name()
	}
	stream, err := os.OpenFile(path+":Zone.Identifier", os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		if unknown != nil {
			return nil // a volume that does not tell whether it has streams, and has none
		}
		return err
	}
	return errors.Join(writeMark(f, stream), stream.Close())
}

const zoneOfTheInternet = "[ZoneTransfer]\r\nZoneId=3\r\n"

func writeMark(f, stream *os.File) error {
	of, err := f.Stat()
	if err != nil {
		return err
	}
	info, err := stream.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(of, info) {
		return fmt.Errorf("%w: %s was exchanged", Special, f.Name())
	}
	if err := stream.Truncate(0); err != nil {
		return err
	}
	if _, err := stream.WriteString(zoneOfTheInternet); err != nil {
		return err
	}
	return stream.Sync()
}

// volumeFlags tells what the volume that a file is on can do.
func volumeFlags(f *os.File) (flags uint32, err error) {
	err = windows.GetVolumeInformationByHandle(windows.Handle(f.Fd()), nil, 0, nil, nil, &flags, nil, 0)
	return flags, err
}

// finalPath is where an open file is now, whatever it was opened by.
func finalPath(f *os.File) (string, error) {
	buffer := make([]uint16, 512)
	for {
		n, err := windows.GetFinalPathNameByHandle(windows.Handle(f.Fd()), &buffer[0], uint32(len(buffer)), 0)
		if err != nil {
			return "", err
		}
		if int(n) < len(buffer) {
			return windows.UTF16ToString(buffer[:n]), nil
		}
		buffer = make([]uint16, n+1)
	}
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
