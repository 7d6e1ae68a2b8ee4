package session

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

var errStopped = errors.New("nobody waits for it any more")

// hashPath is the SHA-256 of a file or folder in hexadecimal, or "" for what cannot be read, or when stop is closed first. A
// file's is as sha256sum prints it. A folder's is that of the lines that sha256sum prints for its files, by names below
// the folder with slashes, in the order of their bytes:
//
//	cd FOLDER && find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
func hashPath(path string, stop <-chan struct{}) string {
	info, err := os.Lstat(path)
	if err != nil {
		return ""
	}
	var sum []byte
	switch {
	case info.Mode().IsRegular():
		sum, err = hashFile(path, stop)
	case info.IsDir():
		sum, err = hashFolder(path, stop)
	}
	if err != nil {
		return ""
	}
	return hex.EncodeToString(sum)
}

func hashFile(path string, stop <-chan struct{}) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	sum := sha256.New()
	_, err = io.CopyBuffer(sum, stoppable{f, stop}, make([]byte, 256<<10))
	return sum.Sum(nil), err
}

func hashFolder(folder string, stop <-chan struct{}) ([]byte, error) {
	var names []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	below := func(path string) string {
		return filepath.ToSlash(strings.TrimPrefix(path[len(folder):], string(filepath.Separator)))
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(below(a), below(b)) })
	all := sha256.New()
	for _, name := range names {
		sum, err := hashFile(name, stop)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(all, "%x  %s\n", sum, below(name))
	}
	return all.Sum(nil), nil
}

// stoppable reads until stop is closed.
type stoppable struct {
	io.Reader
	stop <-chan struct{}
}

func (s stoppable) Read(p []byte) (int, error) {
	select {
	case <-s.stop:
		return 0, errStopped
	default:
		return s.Reader.Read(p)
	}
}
