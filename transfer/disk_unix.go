//go:build unix

package transfer

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// openNonblock keeps opening from waiting if a file has become a pipe meanwhile.
const openNonblock = syscall.O_NONBLOCK

func isNoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// linked tells whether a file has another name somewhere.
func linked(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink > 1
}

func lockFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

func syncDir(f *os.File) error {
	err := f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) { // file systems that cannot
		return nil
	}
	return err
}

func setTime(folder, _ *os.File, name string, t time.Time) error {
	ts, err := unix.TimeToTimespec(t)
	if err != nil {
		return nil // a time that this system cannot write down
	}
	return unix.UtimesNanoAt(int(folder.Fd()), name, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW)
}

// freeSpace is how many bytes this user may still write to the folder's disk, or -1 where that is not known.
func freeSpace(f *os.File) int64 {
	var stat unix.Statfs_t
	if unix.Fstatfs(int(f.Fd()), &stat) != nil {
		return -1
	}
	return int64(stat.Bavail) * int64(stat.Bsize)
}
