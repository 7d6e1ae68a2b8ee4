package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// leastCode is the size in bytes from which a library's code is worth giving back.
const leastCode = 16 << 20

// giveBackCode gives back the memory that holds the code of large libraries: above all the compiler with which software
// OpenGL begins, which takes 50 MB and is hardly used once the windows are drawn. The system reads from the file again
// what is needed after all, so nothing can go wrong, and errors do not matter.
func giveBackCode() {
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer f.Close()
	own, _ := os.Executable()
	for _, m := range codeMappings(f, filepath.Base(own)) {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED)
	}
}

// mapping is a part of the address space.
type mapping struct{ start, end uintptr }

// codeMappings finds, in the kernel's list of mappings, those that hold code of files other than the program's own and
// have not been written to: those are in the file as they are in memory.
func codeMappings(smaps io.Reader, own string) (list []mapping) {
	var m mapping
	candidate := false
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) >= 2 && fields[0] == "Anonymous:" {
			if candidate && fields[1] == "0" {
				list = append(list, m)
			}
			candidate = false
		}
		if len(fields) < 6 || !strings.Contains(fields[0], "-") {
			continue
		}
		var err error
		m, err = parseRange(fields[0])
		candidate = err == nil && fields[1] == "r-xp" && filepath.IsAbs(fields[5]) && filepath.Base(fields[5]) != own &&
			m.end-m.start >= leastCode
	}
	return list
}

// parseRange reads START-END in hexadecimal.
func parseRange(s string) (m mapping, err error) {
	from, to, _ := strings.Cut(s, "-")
	start, err := strconv.ParseUint(from, 16, 64)
	if err != nil {
		return m, fmt.Errorf("mapping: %w", err)
	}
	end, err := strconv.ParseUint(to, 16, 64)
	if err != nil || end < start {
		return m, fmt.Errorf("mapping %q", s)
	}
	return mapping{uintptr(start), uintptr(end)}, nil
}
