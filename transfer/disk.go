package transfer

import "os"

// renameChecked is for systems and file systems that cannot rename without replacing: it looks first. Between the
// look and the renaming another program could make a file of that name, which would be lost.
func renameChecked(root *os.Root, from, to string) error {
	if _, err := root.Lstat(to); err == nil {
		return os.ErrExist
	}
	return root.Rename(from, to)
}
