package transfer

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// item is an entry at its source.
type item struct {
	entry
	at    string // path in the source's tree
	tries int
}

// source is a file or folder that is sent: where it is, and what is in it.
type source struct {
	tree *tree // of the folder that it is in
	name string
	path string // of it, for people

	folder  bool
	items   []item
	files   int
	bytes   int64
	leftOut int // links and special files
	lost    int // what could not be read
}

// openSource opens a path that the person at this computer has chosen. A link is followed since that is what they
// chose; links in the folder are not.
func openSource(chosen string) (*source, error) {
	full, err := filepath.Abs(chosen)
	if err == nil {
		full, err = filepath.EvalSymlinks(full)
	}
	if err != nil {
		return nil, problemOf(err, Unreadable)
	}
	folder, name := filepath.Split(full)
	if name == "" { // the root of a disk
		return nil, Special
	}
	t, err := openTree(folder)
	if err != nil {
		return nil, problemOf(err, Unreadable)
	}
	return newSource(t, name, full)
}

// newSource takes over the tree.
func newSource(t *tree, at, full string) (*source, error) {
	_, name := split(at)
	s := &source{tree: t, name: strings.ToValidUTF8(name, "_"), path: full}
	parent, last := split(at)
	d, err := t.dir(parent, false)
	if err != nil {
		t.close()
		return nil, problemOf(err, Unreadable)
	}
	defer d.release()
	info, err := d.root.Lstat(last)
	switch {
	case err != nil:
		err = problemOf(err, Unreadable)
	case info.IsDir():
		s.folder = true
		s.items = []item{{entry: entry{Path: s.name, Folder: true}, at: at}}
	case info.Mode().IsRegular():
		s.add(s.name, at, info)
	default:
		err = Special
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return s, nil
}

func (s *source) add(sent, at string, info os.FileInfo) {
	s.items = append(s.items, item{entry: entry{
		Path: sent, Size: info.Size(), Time: info.ModTime().UTC().Truncate(time.Microsecond), Exec: info.Mode()&0o111 != 0,
	}, at: at})
	s.files++
	s.bytes += info.Size()
}

// scan lists what is in the folder. Folders come before what is in them.
func (s *source) scan(ctx context.Context) error {
	if !s.folder {
		return nil
	}
	waiting := []item{s.items[0]}
	for len(waiting) > 0 {
		this := waiting[0]
		waiting = waiting[1:]
		found, err := s.scanFolder(ctx, this)
		if err != nil {
			return err
		}
		waiting = append(found, waiting...) // depth first: what is in one folder stays together
		if len(s.items)+len(waiting) > MaxEntries {
			return TooMany
		}
		if len(waiting) > 0 {
			s.items = append(s.items, waiting[0])
		}
	}
	return nil
}

// scanFolder adds a folder's files and gives its folders.
func (s *source) scanFolder(ctx context.Context, this item) (folders []item, err error) {
	if ctx.Err() != nil {
		return nil, Cancelled
	}
	infos, err := s.tree.list(ctx, this.at, MaxEntries-len(s.items))
	if err != nil {
		if errors.Is(err, TooMany) || ctx.Err() != nil || this.at == s.items[0].at {
			return nil, problemOf(err, Unreadable)
		}
		s.lost++
		return nil, nil
	}
	for _, info := range infos {
		name := info.Name()
		sent := path.Join(this.Path, strings.ToValidUTF8(name, "_"))
		if _, err := splitPath(sent); err != nil {
			return nil, TooDeep
		}
		switch at := this.at + "/" + name; {
		case strings.HasPrefix(name, partPrefix) && strings.HasSuffix(name, ".part"): // something that arrives
		case info.IsDir():
			folders = append(folders, item{entry: entry{Path: sent, Folder: true}, at: at})
		case info.Mode().IsRegular():
			s.add(sent, at, info)
		default:
			s.leftOut++
		}
	}
	return folders, nil
}

// list gives what is in a folder, by name; more than limit is an error, and so is that ctx has ended.
func (t *tree) list(ctx context.Context, at string, limit int) ([]os.FileInfo, error) {
	d, err := t.dir(at, false)
	if err != nil {
		return nil, err
	}
	defer d.release()
	file, err := d.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var infos []os.FileInfo
	for {
		if ctx.Err() != nil {
			return nil, Cancelled
		}
		names, err := file.Readdirnames(1024)
		for _, name := range names {
			if info, err := d.root.Lstat(name); err == nil { // else it has gone meanwhile
				infos = append(infos, info)
			}
		}
		if len(infos) > limit {
			return infos, TooMany
		}
		if errors.Is(err, io.EOF) || err == nil && len(names) == 0 {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(infos, func(a, b os.FileInfo) int { return strings.Compare(a.Name(), b.Name()) })
	return infos, nil
}

// open opens a file of the source; it fails with Changed if it is not the one that was listed.
func (s *source) open(it *item) (*os.File, error) {
	folder, name := split(it.at)
	d, err := s.tree.dir(folder, false)
	if err != nil {
		return nil, err
	}
	defer d.release()
	file, info, err := d.regular(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	if it.differs(info) {
		file.Close()
		return nil, Changed
	}
	return file, nil
}

func (it *item) differs(info os.FileInfo) bool {
	return info.Size() != it.Size || !info.ModTime().UTC().Truncate(time.Microsecond).Equal(it.Time)
}

// renew takes over what the file is now.
func (s *source) renew(it item) (item, error) {
	folder, name := split(it.at)
	d, err := s.tree.dir(folder, false)
	if err != nil {
		return it, err
	}
	defer d.release()
	info, err := d.root.Lstat(name)
	if err != nil {
		return it, err
	}
	if !info.Mode().IsRegular() {
		return it, Special
	}
	it.Size, it.Time, it.Exec = info.Size(), info.ModTime().UTC().Truncate(time.Microsecond), info.Mode()&0o111 != 0
	it.tries++
	return it, nil
}
