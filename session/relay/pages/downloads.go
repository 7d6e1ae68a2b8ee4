package pages

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// maxPrograms bounds what is listed of the folder.
	maxPrograms = 64
	// maxDownloading bounds the downloads at a time.
	maxDownloading = 256
	// chunkPatience is how long a visitor may take for one piece of a download (32 KiB).
	chunkPatience = time.Minute
)

// program is a file that is offered.
type program struct {
	Name      string // of the file
	Size      int64
	SHA256    string // hexadecimal
	System    system // "" when the name does not tell
	Customer  bool   // the customer's program; else the operator's
	Signature string // name of a file with a detached signature, or ""
	Suffix    string // of the name under which a browser saves it: ".exe"
}

// Label is what people call it.
func (p program) Label() string {
	if p.System == "" {
		return p.Name
	}
	return p.System.Name()
}

// downloads is the folder of programs. It is read through an os.Root, which nothing can lead out of.
type downloads struct {
	folder string
	places chan struct{} // one element for each download that is running

	mu   sync.Mutex
	sums map[string]sum // by name, guarded by mu
}

// sum is the checksum of a file that has not changed since.
type sum struct {
	size     int64
	modified time.Time
	hex      string
}

func newDownloads(folder string) *downloads {
	return &downloads{folder: folder, places: make(chan struct{}, maxDownloading), sums: map[string]sum{}}
}

// signatures are the endings of files with a detached signature.
var signatures = []string{".minisig", ".asc", ".sig"}

// offered says whether a file of this name may be given out at all.
func offered(name string) bool {
	if name == "" || len(name) > 128 || strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
		return false
	}
	for _, r := range name {
		if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._+-", r)) {
			return false
		}
	}
	return true
}

// list is what the folder offers, customers' programs first.
func (d *downloads) list(ctx context.Context) []program {
	if d.folder == "" {
		return nil
	}
	root, err := os.OpenRoot(d.folder)
	if err != nil {
		return nil // it may come later
	}
	defer root.Close()
	files, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil
	}
	there := map[string]bool{}
	for _, f := range files {
		there[f.Name()] = true
	}
	var all []program
	for _, f := range files {
		if len(all) == maxPrograms || ctx.Err() != nil {
			break
		}
		if !offered(f.Name()) || !f.Type().IsRegular() || slices.Contains(signatures, path.Ext(f.Name())) {
			continue
		}
		info, err := f.Info()
		if err != nil {
			continue
		}
		p := describe(f.Name())
		p.Size = info.Size()
		if p.SHA256, err = d.sum(root, f.Name(), info); err != nil {
			continue
		}
		for _, ending := range signatures {
			if there[p.Name+ending] {
				p.Signature = p.Name + ending
			}
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b program) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Name, b.Name))
	})
	return all
}

func rank(p program) int {
	r := slices.Index([]system{windows, macOS, linux, ""}, p.System)
	if !p.Customer {
		r += 10
	}
	return r
}

// describe tells from a file's name what it is.
func describe(name string) program {
	p := program{Name: name}
	lower := strings.ToLower(name)
	p.Customer = strings.Contains(lower, "client") || strings.Contains(lower, "customer")
	for _, ending := range []string{".exe", ".msi", ".dmg", ".zip", ".appimage", ".tar.gz", ".deb", ".rpm"} {
		if strings.HasSuffix(lower, ending) {
			p.Suffix = name[len(name)-len(ending):]
		}
	}
	switch {
	case p.Suffix == ".exe" || p.Suffix == ".msi" || strings.Contains(lower, "windows"):
		p.System = windows
	case p.Suffix == ".dmg" || strings.Contains(lower, "macos") || strings.Contains(lower, "darwin"):
		p.System = macOS
	case strings.Contains(lower, "linux") || slices.Contains([]string{"", ".appimage", ".AppImage", ".deb", ".rpm"}, p.Suffix):
		p.System = linux
	}
	return p
}

// sum is the checksum of a file; it is computed once for each version of the file.
func (d *downloads) sum(root *os.Root, name string, info fs.FileInfo) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, ok := d.sums[name]; ok && s.size == info.Size() && s.modified.Equal(info.ModTime()) {
		return s.hex, nil
	}
	f, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	if len(d.sums) >= 4*maxPrograms { // of files that are gone
		clear(d.sums)
	}
	text := hex.EncodeToString(hash.Sum(nil))
	d.sums[name] = sum{info.Size(), info.ModTime(), text}
	return text, nil
}

// open opens an offered file.
func (d *downloads) open(name string) (*os.File, fs.FileInfo, error) {
	if d.folder == "" || !offered(name) {
		return nil, nil, fs.ErrNotExist
	}
	root, err := os.OpenRoot(d.folder)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	// Opening a pipe would wait for its other end, and a link may be somebody's mistake.
	if info, err := root.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return nil, nil, cmp.Or(err, error(fs.ErrNotExist))
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

func (p *Pages) getDownloads(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, http.StatusOK, "downloads", p.downloads.list(r.Context()))
}

func (p *Pages) getDownload(w http.ResponseWriter, r *http.Request) {
	f, info, err := p.downloads.open(r.PathValue("name"))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			p.log.Error("program cannot be read", "error", err)
		}
		p.show(w, r, http.StatusNotFound, "missing", nil)
		return
	}
	defer f.Close()
	select {
	case p.downloads.places <- struct{}{}:
		defer func() { <-p.downloads.places }()
	default:
		w.Header().Set("Retry-After", "30")
		p.show(w, r, http.StatusServiceUnavailable, "busy", nil)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	// Without a name here, so that the one that the page has chosen in the browser counts.
	h.Set("Content-Disposition", "attachment")
	h.Set("Cache-Control", "no-cache")
	http.ServeContent(&patient{ResponseWriter: w, control: http.NewResponseController(w)}, r, "", info.ModTime(), f)
}

// patient gives each piece of a download its own time, since a whole program over a slow line takes longer than any
// page may.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (p *patient) Write(data []byte) (int, error) {
	// Where deadlines are not to be had, the server's own counts.
	_ = p.control.SetWriteDeadline(time.Now().Add(chunkPatience))
	return p.ResponseWriter.Write(data)
}
