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
	// maxDownloading bounds the downloads at a time, maxDownloadingEach those of one address.
	maxDownloading     = 256
	maxDownloadingEach = 8
	// A download may take firstPatience, and one second more for each leastRate bytes: as long as over the slowest line that
	// people still use. One that is cut off goes on where it was, when the browser asks for the rest.
	firstPatience = time.Minute
	leastRate     = 8 << 10
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
	folder   string
	patience time.Duration // firstPatience
	rate     int64         // leastRate

	mu   sync.Mutex
	sums map[string]sum // by name, guarded by mu

	placesMu sync.Mutex
	places   map[string]int // downloads that are running, by address, guarded by placesMu
	running  int            // all of them, guarded by placesMu
}

// enter takes a place for a download; false when there is none for this address. Each enter that returned true needs a leave.
func (d *downloads) enter(address string) bool {
	d.placesMu.Lock()
	defer d.placesMu.Unlock()
	if d.running >= maxDownloading || d.places[address] >= maxDownloadingEach {
		return false
	}
	d.running++
	d.places[address]++
	return true
}

func (d *downloads) leave(address string) {
	d.placesMu.Lock()
	defer d.placesMu.Unlock()
	d.running--
	if d.places[address]--; d.places[address] == 0 {
		delete(d.places, address)
	}
}

// sum is the checksum of a file that has not changed since.
type sum struct {
	size     int64
	modified time.Time
	hex      string
}

func newDownloads(folder string) *downloads {
	return &downloads{
		folder: folder, patience: firstPatience, rate: leastRate, sums: map[string]sum{}, places: map[string]int{},
	}
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
	address := p.cfg.Address(r.RemoteAddr)
	if !p.downloads.enter(address) {
		w.Header().Set("Retry-After", "30")
		p.show(w, r, http.StatusServiceUnavailable, "busy", nil)
		return
	}
	defer p.downloads.leave(address)
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	// Without a name here, so that the one that the page has chosen in the browser counts.
	h.Set("Content-Disposition", "attachment")
	h.Set("Cache-Control", "no-cache")
	http.ServeContent(&patient{
		ResponseWriter: w, control: http.NewResponseController(w), until: time.Now().Add(p.downloads.patience), rate: p.downloads.rate,
	}, r, "", info.ModTime(), f)
}

// patient gives each piece of a download more time, since a whole program over a slow line takes longer than any page may.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
	until   time.Time // for what was sent so far
	rate    int64     // bytes for which there is a second more
}

func (p *patient) Write(data []byte) (int, error) {
	p.until = p.until.Add(time.Duration(int64(len(data)) * int64(time.Second) / p.rate))
	// Where deadlines are not to be had, the server's own counts.
	_ = p.control.SetWriteDeadline(p.until)
	return p.ResponseWriter.Write(data)
}
