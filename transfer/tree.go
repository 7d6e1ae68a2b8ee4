package transfer

import (
	"fmt"
	"os"
	"path"
	"strings"
	"sync"
)

// tree is a folder on disk below which a transfer reads or writes, and nowhere else. Paths in it are joined by
// slashes. Links are neither followed nor made: every folder on the way is opened by itself and must be the very
// folder that is there under that name.
type tree struct {
	root *os.Root
	gate *gate // that folders are made through

	mu    sync.Mutex
	last  *dir                            // kept open, since files of one folder come one after the other
	parts map[pathKey]map[string][]string // by folder: names of incomplete files by the path that they are for
}

// dir is an open folder of a tree. It is shared: every user releases it.
type dir struct {
	tree *tree
	root *os.Root
	path string // within the tree; "" is the tree itself
	file *os.File

	mu    sync.Mutex
	users int
}

func openTree(folder string) (*tree, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	return &tree{root: root, gate: &gate{}, parts: map[pathKey]map[string][]string{}}, nil
}

func (t *tree) close() {
	t.mu.Lock()
	last := t.last
	t.last = nil
	t.mu.Unlock()
	if last != nil {
		last.release()
	}
	t.root.Close()
}

// dir opens a folder, with make also one that is not there yet. Release it.
func (t *tree) dir(p string, create bool) (*dir, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last != nil && t.last.path == p {
		return t.last.use(), nil
	}
	d, err := t.open(p, create)
	if err != nil {
		return nil, err
	}
	if t.last != nil {
		t.last.release()
	}
	t.last = d.use()
	return d, nil
}

func (t *tree) open(p string, create bool) (*dir, error) {
	root, err := t.root.OpenRoot(".")
	if err != nil {
		return nil, err
	}
	if p != "" {
		for name := range strings.SplitSeq(p, "/") {
			next, err := t.step(root, name, create)
			root.Close()
			if err != nil {
				return nil, err
			}
			root = next
		}
	}
	file, err := root.Open(".")
	if err != nil {
		root.Close()
		return nil, err
	}
	return &dir{tree: t, root: root, path: p, file: file, users: 1}, nil
}

// step opens the folder of this name in another one.
func (t *tree) step(root *os.Root, name string, create bool) (*os.Root, error) {
	before, err := root.Lstat(name)
	if create && os.IsNotExist(err) {
		if err := t.gate.through(func() error { return root.Mkdir(name, 0o777) }); err != nil && !os.IsExist(err) {
			return nil, err
		}
		if err := syncFolder(root); err != nil {
			return nil, err
		}
		before, err = root.Lstat(name)
	}
	if err != nil {
		return nil, err
	}
	if !before.IsDir() {
		return nil, fmt.Errorf("%w: %s is no folder", Special, name)
	}
	next, err := root.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	after, err := next.Stat(".")
	if err != nil || !os.SameFile(before, after) {
		next.Close()
		return nil, fmt.Errorf("%w: %s was exchanged", Special, name)
	}
	return next, nil
}

func syncFolder(root *os.Root) error {
	file, err := root.Open(".")
	if err != nil {
		return err
	}
	defer file.Close()
	return syncDir(file)
}

func (d *dir) use() *dir {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.users++
	return d
}

func (d *dir) release() {
	d.mu.Lock()
	d.users--
	unused := d.users == 0
	d.mu.Unlock()
	if unused {
		d.file.Close()
		d.root.Close()
	}
}

// regular opens a file for reading that is really a file, under this name, and not a link to one.
func (d *dir) regular(name string, flags int) (*os.File, os.FileInfo, error) {
	before, err := d.root.Lstat(name)
	if err != nil {
		return nil, nil, err
	}
	if !before.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%w: %s is no file", Special, name)
	}
	file, err := d.root.OpenFile(name, flags|openNonblock, 0)
	if err != nil {
		return nil, nil, err
	}
	after, err := file.Stat()
	if err != nil || !os.SameFile(before, after) || !after.Mode().IsRegular() {
		file.Close()
		return nil, nil, fmt.Errorf("%w: %s was exchanged", Special, name)
	}
	return file, after, nil
}

// split cuts a path into its folder and its name.
func split(p string) (folder, name string) {
	folder, name = path.Split(p)
	return strings.TrimSuffix(folder, "/"), name
}
